/**
 * What the scenario reader needs to know of a database, handed in by whoever assembles the program: the scenario layer
 * never imports a dialect.
 */
import type { CauseName } from '../data/causes.ts';
import type { RangeHolders } from '../data/layout.ts';
import type { Mistake } from '../base/mistake.ts';
import type {
  CompactionClass,
  ConsistencyLevel,
  Plan,
  PlanLatencies,
  PlanNode,
  PlanOperation,
  PlanRepairOptions,
  PlanStatementOperation,
  PlanSpeculation,
  PointLevel,
  SettingValue,
} from './plan.ts';
import type { UnitProblem } from './units.ts';

export type SettingType = 'duration' | 'size' | 'rate' | 'integer' | 'number' | 'boolean' | 'text' | 'texts';

export interface SettingSpec {
  type: SettingType;
  /** In base units (µs, bytes, bytes/s); null = unset by default. */
  fallback: SettingValue;
  /** Old names of the same setting in this version's line, such as `max_hint_window_in_ms` (then `scale` converts a bare number to base units). */
  aliases: { name: string; scale: number }[];
  min?: number;
  max?: number;
  /** Words that a text setting takes; absent = any. */
  values?: readonly string[];
  /** The ledger's rule ids it matters for; empty = read but changes nothing yet. */
  rules: string[];
  /** Reads a value of a scenario as the database writes it; absent, or undefined given: by the type alone. */
  read?: (value: unknown) => SettingValue | UnitProblem | undefined;
}

/** A mistake without its place: the scenario reader adds file, line and column. */
export type PlacelessMistake = Pick<Mistake, 'code' | 'message'> &
  Partial<Pick<Mistake, 'expected' | 'found' | 'suggestion' | 'notes' | 'severity'>> & {
    /** The part of a command's text that it is about; absent: all of it. */
    within?: TextPart;
  };

/** Characters of a text, from 0. */
export interface TextPart {
  start: number;
  length: number;
}

export interface SettingsFile {
  values: Record<string, SettingValue>;
  notModelled: string[];
  mistakes: Mistake[];
}

export interface TopologyFiles {
  nodes: PlanNode[];
  assumptions: string[];
  mistakes: Mistake[];
  /** Of a database that stores points: shards that there are, with their owners (node ids). */
  shards?: ImportedShard[];
}

/** A shard as the operator's tools list it; times are µs since 1970. */
export interface ImportedShard {
  number: number;
  group: number;
  database: string;
  policy: string;
  /** Copies that the policy wants. */
  replication: number;
  fromMicros: number;
  /** Exclusive; of a truncated shard the moment of its truncation. */
  untilMicros: number;
  isTruncated: boolean;
  /** Null: kept for ever. */
  expiresMicros: number | null;
  owners: string[];
}

/** What is particular to a database that stores points by shards. */
export interface PointRules {
  levels: readonly PointLevel[];
  /** Length of a shard group where the policy says nothing, by how long data is kept (null: for ever), µs. */
  shardDuration(durationMicros: number | null): number;
  leastShardDurationMicros: number;
  /** A command of an operator that changes shards or nodes. */
  /** Without this rule truncate-shards ends nothing. */
  truncationRule: string;
  readCtl(command: string): { step: CtlStep } | { mistakes: PlacelessMistake[] };
  /** A statement of an operator that takes points away. */
  readQuery(text: string): { query: PointQuery } | { mistakes: PlacelessMistake[] };
  readStatement(text: string): { statement: PointStatement } | { mistakes: PlacelessMistake[] };
}

/** Nodes as they are typed, shards by their numbers. */
export type CtlStep =
  | { kind: 'truncateShards'; delayMicros: number }
  | { kind: 'copyShard'; from: string; to: string; shard: number }
  | { kind: 'killCopyShard'; from: string; to: string; shard: number }
  | { kind: 'removeShard'; node: string; shard: number }
  | { kind: 'updateData'; node: string; by: string }
  | { kind: 'removeData'; node: string }
  | { kind: 'killRepair'; shard: number }
  | { kind: 'entropyRepair'; shard: number }
  | { kind: 'entropyShow' };

/** What a dashboard asks for. */
export interface PointQuery {
  aggregate: 'count' | 'sum' | 'mean' | 'min' | 'max';
  matches(seriesKey: string): boolean;
}

/** µs from the moment of the statement, or since 1970. */
export interface PointTime {
  fromNow: boolean;
  micros: number;
}

export type PointStatement =
  | {
      kind: 'deletePoints';
      /** Is this series meant? By its key, as line protocol has it. */
      matches(seriesKey: string): boolean;
      /** Null: from the first point, to the last (exclusive). */
      from: PointTime | null;
      until: PointTime | null;
    }
  | { kind: 'dropShard'; number: number }
  /** Null: all policies of the database, and it itself. */
  | { kind: 'dropPolicy'; database: string; policy: string | null };

export interface ImportedFile {
  path: string;
  text: string;
}

export interface RepairCommandContext {
  database: string;
  /** Node that runs the command. */
  node: string;
  nodes: readonly PlanNode[];
  tables: readonly { id: string; keyspace: string; name: string }[];
  /** Who holds which range of a table; null where there is no ring. Absent: it is not judged. */
  holdersOf?: (table: string) => RangeHolders | null;
}

/** What a scheduler asks for; the version says how that is written. */
export interface ScheduledRepair {
  by: 'reaper' | 'auto_repair';
  keyspace: string;
  /** Without the keyspace; empty: all. */
  tables: readonly string[];
  kind: 'full' | 'incremental' | 'preview_repaired';
  parallelism: 'sequential' | 'parallel' | 'dc_parallel';
}

export interface OperationContext {
  database: string;
  tables: readonly { id: string; keyspace: string; name: string }[];
  nodes?: readonly PlanNode[];
  dcs?: readonly string[];
}

export interface StatementContext {
  database: string;
  tables: readonly {
    id: string;
    keyspace: string;
    partitions: number;
    rowsPerPartition: number;
    columnGroups: number;
    keyTexts?: readonly string[] | undefined;
  }[];
}

/** A statement of an operator, its row as numbers; `groups`: column groups, a bit each. */
export type Statement =
  | {
      kind: 'write';
      operation: PlanStatementOperation;
      table: string;
      key: number;
      row: number;
      groups: number;
      /** Null: the table's own. */
      ttlSeconds: number | null;
    }
  | { kind: 'alter'; table: string; gcGraceSeconds: number }
  | {
      kind: 'alterKeyspace';
      keyspace: string;
      /** A number of copies, or one for each data centre. */
      replication: number | Readonly<Record<string, number>>;
      /** Where they stand in the text. */
      parts: { keyspace: TextPart; replication: TextPart; factors: Readonly<Record<string, TextPart>> };
    };

export type StatementResult = { statement: Statement } | { mistakes: PlacelessMistake[] };

/** A command of nodetool that changes who replicates what; `name`: the node as it was typed. */
export type TopologyCommand = { kind: 'decommissionNode' } | { kind: 'removeNode'; name: string; assassinate: boolean };

export type OperationResult =
  { operation: PlanOperation } | { topology: TopologyCommand } | { mistakes: PlacelessMistake[] };

/** What a table may say of its reads, and what holds where it says nothing. */
export interface ReadOptions {
  names: readonly ReadOptionName[];
  speculation: PlanSpeculation;
}

export type ReadOptionName = 'read_repair' | 'read_repair_chance' | 'dclocal_read_repair_chance' | 'speculative_retry';

export interface DialectRules {
  /** Before the `@`: `cassandra`. */
  name: string;
  /** `cassandra@4.1` → `cassandra@4.1.7`. */
  resolve(requested: string): { database: string } | { mistake: PlacelessMistake };
  /** Absent: the database keeps tables in a ring of tokens. */
  points?: PointRules;
  settings(database: string): Readonly<Record<string, SettingSpec>>;
  /** Settings that the version has and Reconverge does not model. */
  isKnownUnmodelled(database: string, name: string): boolean;
  /** Is there a version that has a setting of this name and under which the model reads nothing? */
  isOfAnyVersion(name: string): boolean;
  readSettings(database: string, file: ImportedFile): SettingsFile;
  /** Is this text one of the topology outputs this dialect reads (by content)? */
  readTopology(files: readonly ImportedFile[]): TopologyFiles;
  readRepairCommand(
    command: string,
    context: RepairCommandContext,
  ): { options: PlanRepairOptions; assumptions: string[] } | { mistakes: PlacelessMistake[] };
  /** A command that an operator runs on a node, other than a repair. */
  readOperation(command: string, context: OperationContext): OperationResult;
  /** A statement that an operator runs. */
  readStatement(text: string, context: StatementContext): StatementResult;
  /** By what the setting is changed while a node runs; null where nothing does. */
  settingCommand(database: string, setting: string): string | null;
  /** Settings that the model can change in a run, by command or restart. */
  changeableSettings(): readonly string[];
  /** Compaction strategies that the version has. */
  compactionClasses(database: string): readonly CompactionClass[];
  /** The command by which whoever repairs by itself asks for a repair, as an operator would type it. */
  scheduledCommand(database: string, asked: ScheduledRepair): { command: string } | { mistake: PlacelessMistake };
  /** Does a new node with virtual nodes choose its tokens by what the others own? */
  allocatesTokens(database: string): boolean;
  /** Is a decommission refused that leaves fewer nodes than a keyspace wants copies? */
  refusesDecommissionBelowRf(database: string): boolean;
  consistencyLevels(database: string): readonly ConsistencyLevel[];
  /** Levels that a read may have. */
  readLevels(database: string): readonly ConsistencyLevel[];
  /** Options of a table that are about its reads, as far as the version has them. */
  readOptions(database: string): ReadOptions;
  defaultLatencies(): { local: PlanLatencies; rack: PlanLatencies; dc: PlanLatencies; wan: PlanLatencies };
  /** Rule ids of the fidelity ledger that `model.off` may name. */
  ruleIds(): readonly string[];
  /** Ids that have an effect when turned off. */
  switchableRuleIds(): readonly string[];
  /** Causes that settings and rules of this plan exclude, with the reason; `hint_pending` stands for the state. Only what is certain. */
  impossibleCauses?(plan: Omit<Plan, 'source'>): Readonly<Record<string, string>>;
  /** Ids of the rules that are at work where a copy differs for this cause. */
  rulesOfCause?(cause: CauseName): readonly string[];
  /** Sentences shown beside every result. */
  notModelled(database: string): readonly string[];
}
