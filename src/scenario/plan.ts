/**
 * The plan: plain data from which a run is a pure function. A scenario is what a person writes; a plan has every
 * default filled in, every import embedded and everything that is drawn once (tokens, fault times) drawn. Keys are
 * snake_case because a plan is a file (`plan.json`). Times are integer microseconds from the run's start, sizes
 * bytes, rates per second. Maps are keyed by the ids that the scenario gave.
 */

import type { PlanExpectation } from './plan-expectation.ts';
import type { PlanAlgorithm, PlanSegments } from './plan-repairs.ts';
import type { PlanPointEntry, PlanPointProbe, PlanPoints, PlanShard } from './plan-points.ts';
import type { PlanManualRepair, PlanPointFault } from './plan-shards.ts';
import type { SeedsByPurpose } from './seed-purposes.ts';

export type { PlanShardStep } from './plan-shards.ts';
export type { PlanPointEntry, PlanPoints, PlanSeries, PlanShard, PointLevel } from './plan-points.ts';
export type { PlanPointProbe, PlanQuery } from './plan-points.ts';
export type { PlanAlgorithm, PlanSegments } from './plan-repairs.ts';
export type { PlanBounds, PlanExpectation, PlanSeeds, PlanWhere } from './plan-expectation.ts';

/** A distribution of a duration, µs. `scale` members are µs too. Drawn by address on the hot path. */
export type PlanDistribution =
  | { kind: 'constant'; value: number }
  | { kind: 'uniform'; min: number; max: number }
  /** offset + Exp(mean) */
  | { kind: 'exponential'; offset: number; mean: number }
  /** Pareto with scale x_m and shape alpha */
  | { kind: 'pareto'; scale: number; shape: number }
  | { kind: 'normal'; mean: number; deviation: number }
  /** equally likely values, or quantiles: linear between them */
  | { kind: 'empirical'; values: number[] }
  | { kind: 'mixture'; offset?: number | undefined; parts: { share: number; of: PlanDistribution }[] };

/** The four latencies of one class of links: coordinator to replica (write, read) and back (ack, response). */
export interface PlanLatencies {
  write: PlanDistribution;
  ack: PlanDistribution;
  read: PlanDistribution;
  response: PlanDistribution;
}

export interface PlanNode {
  id: string;
  dc: string;
  rack: string;
  /** Murmur3 tokens as decimal text, ascending. */
  tokens: string[];
  address?: string;
  /** It is no part of the cluster when the run begins: the entry (id) that brings it. */
  joins?: string;
  /** Settings that differ from the cluster's, resolved like them. */
  settings?: Record<string, SettingValue>;
}

/** A resolved setting: durations in µs, sizes in bytes, rates in bytes per second; null = unset. */
export type SettingValue = number | string | boolean | string[] | null;

export type PlanReplication =
  | { strategy: 'SimpleStrategy'; factor: number }
  | { strategy: 'NetworkTopologyStrategy'; factors: Record<string, number> };

export interface PlanTable {
  /** `keyspace.table` */
  id: string;
  keyspace: string;
  name: string;
  replication: PlanReplication;
  partitions: number;
  rows_per_partition: number;
  /** Column groups, 1 to 8. */
  column_groups: number;
  /** Bytes of one whole row on disk. */
  row_bytes: number;
  loaded: 'empty' | 'equal';
  gc_grace_micros: number;
  default_ttl_seconds: number;
  compaction: PlanCompaction;
  /** Read repair on mismatch, BLOCKING where it is left out (4.0 on; before, always). */
  read_repair?: 'BLOCKING' | 'NONE' | undefined;
  /** Share of reads that ask all replicas, and all of the coordinator's data centre (before 4.0); 0 and 0.1 where left out. */
  read_repair_chance?: number | undefined;
  dclocal_read_repair_chance?: number | undefined;
  /** When one more replica is asked; by the version where it is left out. */
  speculative_retry?: PlanSpeculation | undefined;
  /** Does any mutation of this plan delete rows, ranges or partitions? (Then each row carries a deletion slot.) */
  deletes_rows: boolean;
  /** Of a table that is a shard: the nodes that own it, instead of a place in the ring. */
  owners?: string[];
  shard?: PlanShard;
  /** Key texts of partitions that a trace or statement names, by key number; generated keys are the 8-byte bigint of their number. */
  key_texts?: string[];
}

export type PlanSpeculation =
  { kind: 'never' } | { kind: 'always' } | { kind: 'after'; micros: number } | { kind: 'percentile'; share: number };

export type CompactionClass =
  | 'SizeTieredCompactionStrategy'
  | 'LeveledCompactionStrategy'
  | 'TimeWindowCompactionStrategy'
  | 'DateTieredCompactionStrategy'
  | 'UnifiedCompactionStrategy';

/** The first ones of every class (buckets serve levels and windows too); the optional ones of the class that reads them. */
export interface PlanCompaction {
  class: CompactionClass;
  min_threshold: number;
  max_threshold: number;
  min_sstable_bytes: number;
  bucket_low: number;
  bucket_high: number;
  enabled: boolean;
  only_purge_repaired_tombstones?: boolean | undefined;
  sstable_bytes?: number | undefined;
  fanout_size?: number | undefined;
  window_micros?: number | undefined;
  unsafe_aggressive_sstable_expiration?: boolean | undefined;
  base_time_micros?: number | undefined;
  max_window_micros?: number | undefined;
  max_age_micros?: number | undefined;
  /** w of each level: T4 = 2, N = 0, L4 = -2. */
  scaling?: number[] | undefined;
  base_shard_count?: number | undefined;
  target_bytes?: number | undefined;
  sstable_growth?: number | undefined;
  flush_size_bytes?: number | undefined;
}

export type ConsistencyLevel =
  'ANY' | 'ONE' | 'TWO' | 'THREE' | 'QUORUM' | 'LOCAL_ONE' | 'LOCAL_QUORUM' | 'EACH_QUORUM' | 'ALL';

/** What fraction of a workload's operations are what. Shares sum to 1. */
export interface PlanMix {
  /** Reads of one row. */
  read?: number | undefined;
  insert: number;
  update: number;
  delete_cell: number;
  delete_row: number;
  delete_range: number;
  delete_partition: number;
}

/** Key numbers `from` to `to`, the latter exclusive. */
export type PlanKeys =
  | { kind: 'uniform'; from: number; to: number }
  | { kind: 'zipf'; exponent: number; from: number; to: number }
  | { kind: 'sequential'; from: number; to: number };

export type PlanArrivals =
  | { kind: 'fixed'; per_second: number }
  | { kind: 'poisson'; per_second: number }
  /** Rows of a CSV trace, embedded column by column; `key` is a key number of the table. */
  | {
      kind: 'trace';
      times_micros: number[];
      operations: PlanStatementOperation[];
      keys: number[];
      bytes: number[];
      /** Of each write the row in its partition and its column groups, a bit each; absent: drawn, and all. */
      rows?: number[] | undefined;
      groups?: number[] | undefined;
    };

export type PlanStatementOperation = 'insert' | 'update' | 'delete' | 'delete_cell' | 'delete_partition';

export interface PlanWorkload {
  /** Table id. */
  table: string;
  arrivals: PlanArrivals;
  from_micros: number;
  /** Exclusive. */
  until_micros: number;
  /** At most this many arrivals (null: as many as fit). */
  count: number | null;
  keys: PlanKeys;
  mix: PlanMix;
  /** Groups that one update writes. */
  update_groups: number;
  ttl_seconds: number;
  consistency: ConsistencyLevel;
  /** Level of the reads; where the mix has some. */
  read_consistency?: ConsistencyLevel | undefined;
  /** Share of arrivals by data centre of the coordinator, in the order of `nodes`' DCs; sums to 1. */
  clients: Record<string, number>;
  /** `timeout_micros`: the client's patience, never less than the coordinator takes to answer. */
  retry: { attempts: number; timeout_micros: number } | null;
  /** The one node that its clients use; absent: drawn among those of their data centre. */
  coordinator?: string | undefined;
  /** Null: single mutations. Else every arrival is a batch of `size` mutations on distinct partitions. */
  batch: { size: number; logged: boolean } | null;
}

/** Entries are what happens at a time: faults, operations, repairs. Imperative kinds; `id` is the path in the scenario. */
interface EntryBase {
  /** `faults.rack-r2`, `repairs.by-hand`: unique, the origin that results name. Several entries may share a `group` id
   * when one scenario entry names several nodes; `id` is then the same for each (origin is the scenario's entry). */
  id: string;
  at_micros: number;
}

/** What an operator's command does once: a major compaction, or a flush, of these tables (ids). */
export type PlanTableOperation =
  { kind: 'compactTables'; tables: string[]; split_output: boolean } | { kind: 'flushTables'; tables: string[] };

/** What changes who replicates what. */
export type PlanTopologyChange =
  /** ALTER KEYSPACE: the new replicas count at once, their data comes by repair. `through`: the node that is told; absent: any. */
  | { kind: 'alterKeyspace'; keyspace: string; replication: PlanReplication; through?: string }
  /** A node joins: it streams its ranges from those who have them. */
  | { kind: 'addNode'; node: string }
  /** `with` takes the tokens of a node that is down. */
  | { kind: 'replaceNode'; node: string; with: string }
  /** A node that is up leaves: it streams its ranges to those who will have them. */
  | { kind: 'decommissionNode'; node: string }
  /** The others drop a node that is down: its ranges are streamed among those left; `assassinate` streams nothing. */
  | { kind: 'removeNode'; node: string; assassinate: boolean };
/** What it changes until something changes it back, or the process ends. */
export type PlanSwitch =
  | {
      kind: 'changeSettings';
      settings: Record<string, SettingValue>;
      dc_hints: { dc: string; stored: boolean } | null;
    }
  | { kind: 'pauseHandoff' }
  | { kind: 'switchCompaction'; tables: string[]; enabled: boolean };

export type PlanOperation =
  PlanTableOperation | PlanSwitch | { kind: 'resumeHandoff' } | { kind: 'truncateHints'; targets: string[] };

/** What is gone: the process's memory; also what was not synced; also all that the disk held: data, log and hints. */
export type CrashMode = 'process' | 'power-loss' | 'disk-lost';

export type PlanEntry =
  | (EntryBase & { kind: 'crashNode'; nodes: string[]; mode: CrashMode; for_micros: number | null })
  | (EntryBase & { kind: 'stopNode'; nodes: string[]; for_micros: number | null })
  | (EntryBase & { kind: 'pauseNode'; nodes: string[]; for_micros: number })
  /** Messages sent from a node of `from` to a node of `to` while it holds are lost; two-way: also back. */
  | (EntryBase & { kind: 'cutLink'; from: string[]; to: string[]; two_way: boolean; for_micros: number | null })
  | (EntryBase & {
      kind: 'loseMessages';
      from: string[];
      to: string[];
      two_way: boolean;
      share: number;
      for_micros: number | null;
    })
  /** Small messages from a node of `from` to a node of `to` take so many times as long; all transfers one way between the
   * sides have together so many bytes per second (null: as many as ever). */
  | (EntryBase & {
      kind: 'slowLink';
      from: string[];
      to: string[];
      two_way: boolean;
      latency_times: number;
      bytes_per_second: number | null;
      for_micros: number | null;
    })
  /** The disk has this share of its read and write speed; one fsync takes so long (null: as ever). */
  | (EntryBase & {
      kind: 'slowDisk';
      nodes: string[];
      speed_share: number;
      fsync_micros: number | null;
      for_micros: number | null;
    })
  /** All hints that the node keeps for others, or for these, are gone from its disk. */
  | (EntryBase & { kind: 'loseHints'; nodes: string[]; targets?: string[] })
  | (EntryBase & { kind: 'skewClock'; nodes: string[]; by_micros: number; for_micros: number | null })
  /** Fires when `workload`'s batch number `batch` has sent `mutations` of its mutations, and the next one to `copies` of its replicas. */
  | (EntryBase & {
      kind: 'cutBatch';
      workload: string;
      batch: number;
      mutations: number;
      copies: number;
      mode: CrashMode;
      for_micros: number | null;
    })
  | (EntryBase & {
      kind: 'damageCopy';
      node: string;
      table: string;
      what: 'missing' | 'corrupt';
      /** key numbers */ keys: number[];
    })
  | (EntryBase & PlanTopologyChange & { command: string })
  | (EntryBase & PlanTableOperation & { nodes: string[]; every_micros: number | null; command: string })
  | (EntryBase & PlanSwitch & { nodes: string[]; for_micros: number | null; command: string })
  | (EntryBase & { kind: 'resumeHandoff'; nodes: string[]; command: string })
  | (EntryBase & { kind: 'truncateHints'; nodes: string[]; targets: string[]; command: string })
  /** Its writes are those of the workload with the entry's id. */
  | (EntryBase & { kind: 'runStatement'; nodes: string[]; table: string; command: string })
  | (EntryBase & PlanPointEntry)
  | (EntryBase & PlanPointFault)
  | (EntryBase & PlanManualRepair)
  | (EntryBase & { kind: 'alterTable'; nodes: string[]; table: string; gc_grace_micros: number; command: string })
  /** Drained, stopped, and started again with these settings in its file. */
  | (EntryBase & { kind: 'restartNode'; nodes: string[]; settings: Record<string, SettingValue>; for_micros: number })
  /** Files of SSTables are gone, and with them what lay nowhere else on the node. */
  | (EntryBase & { kind: 'loseSstables'; node: string; table: string; count: number; which: SstableChoice })
  /** The table of the node is as it was then. */
  | (EntryBase & { kind: 'restoreSnapshot'; node: string; table: string; taken_micros: number })
  /** At time 0: this share of the loaded rows of a table is missing or older on one drawn copy, or on those of these nodes. */
  | (EntryBase & {
      kind: 'divergeLoaded';
      table: string;
      share: number;
      nodes: string[] | null;
      copy: 'missing' | 'older';
    })
  | (EntryBase & {
      kind: 'repair';
      nodes: string[];
      one_after_another: boolean;
      every_micros: number | null;
      /** Further times, ascending, at which it begins: those of a calendar. */
      again_micros?: number[];
      options: PlanRepairOptions;
      command: string;
      /** Somebody asks for it segment by segment; absent: `nodes` run the command themselves. */
      segments?: PlanSegments;
      /** A foreign algorithm repairs it, on all nodes that hold its tables; `nodes` are these. */
      algorithm?: PlanAlgorithm;
      /** What is drawn for it is drawn for the entry of this id: it stands in the place of that one. Absent: for itself. */
      draws_of?: string;
    });

export type SstableChoice = 'drawn' | 'oldest' | 'newest' | 'largest';

export type PlanEntryKind = PlanEntry['kind'];

export interface PlanRepairOptions {
  keyspace: string;
  /** Table ids; all of the keyspace where the operator named none. */
  tables: string[];
  /** Registered name of the RepairStrategy: 'full-parallel', 'full-sequential', … */
  strategy: string;
  primary_range: boolean;
  start_token: string | null;
  end_token: string | null;
  /** Only replicas in the data centre of the node that runs it; goes before `data_centers`. */
  local_dc: boolean;
  /** Only replicas in these data centres; empty: in all. */
  data_centers: string[];
  /** Only replicas on these nodes; empty: on all. */
  hosts: string[];
  /** Replicas that are down are left out. */
  force: boolean;
  /** Data flows to the node that runs it only. */
  pull: boolean;
  optimise_streams: boolean;
  /** Streams nothing, and compares these sstables; none: a repair. */
  preview: RepairPreview;
  /** Ranges that no other replica has are left out, instead of ending the command. */
  ignore_unreplicated: boolean;
  /** Repaired in turn after `keyspace`, each when the one before has ended well. */
  further_keyspaces: { keyspace: string; tables: string[] }[];
  /** Tables that are repaired at the same time, in versions where it matters; 1 where it is left out. */
  job_threads?: number;
}

export type RepairPreview = 'none' | 'unrepaired' | 'all' | 'repaired';

export type PlanProbe = PlanReadProbe | PlanVisibilityProbe | PlanStalenessProbe | PlanPointProbe;

/** Readers that look on: they take part in nothing. */
export interface PlanReadProbe {
  kind: 'read';
  table: string;
  consistency: ConsistencyLevel;
  every_micros: number;
  /** Rows read at each sample. */
  reads: number;
}

/** Reads each sampled write of a workload at each of these times after its acknowledgement. */
export interface PlanVisibilityProbe {
  kind: 't-visibility';
  workload: string;
  consistency: ConsistencyLevel;
  /** Ascending. */
  times_micros: number[];
  /** Of the writes. */
  share: number;
}

/** Reads the row of each sampled write of a workload once, so long after its acknowledgement. */
export interface PlanStalenessProbe {
  kind: 'k-staleness';
  workload: string;
  consistency: ConsistencyLevel;
  after_micros: number;
  /** Versions of a row that are told apart. */
  versions: number;
  share: number;
}

export interface PlanDevices {
  disk_read_bytes_per_second: number;
  disk_write_bytes_per_second: number;
  fsync_micros: number;
  link_bytes_per_second: number;
  /** What a node hashes and merges at most; absent: the processor limits nothing. */
  processor_bytes_per_second?: number | undefined;
}

export interface PlanLink {
  latencies: PlanLatencies;
}

export interface Plan {
  format: 1;
  /** Version of Reconverge that drew it. */
  version: string;
  name: string;
  story: string;
  tags: string[];
  /** Resolved, `cassandra@4.1.7`; `requested_database` is as written. */
  database: string;
  requested_database: string;
  seed: string;
  /** Of single purposes, instead of `seed`; absent where the scenario says nothing of it. */
  seeds?: SeedsByPurpose;
  /** ISO instant of time 0, for display only. */
  start: string | null;
  duration_micros: number;
  settle_micros: number;
  settings: Record<string, SettingValue>;
  nodes: PlanNode[];
  devices: PlanDevices;
  /** Latencies by link class; `wan` may be overridden for a pair of DCs, key `dc1-dc2` with names ascending. */
  links: {
    local: PlanLatencies;
    rack: PlanLatencies;
    dc: PlanLatencies;
    wan: PlanLatencies;
    between: Record<string, PlanLatencies>;
  };
  tables: PlanTable[];
  workload: Record<string, PlanWorkload>;
  /** What agents write, where the database stores points by shards. */
  points?: Record<string, PlanPoints>;
  /** How many nodes hold the metadata of shards, where it is not the usual three; they are told only. */
  meta_nodes?: number;
  entries: PlanEntry[];
  probes: Record<string, PlanProbe>;
  observe: { every_micros: number; keys: string[] };
  expect: Record<string, PlanExpectation>;
  model: { off: string[] };
  /** Sentences: what the planner had to assume, shown beside the result. */
  assumptions: string[];
  /** Sentences or setting names that this version does not model, shown beside the result. */
  not_modelled: string[];
  /** The scenario as plain data, its imports as text, so that an edit can be applied and drawn again. */
  source: {
    file: string;
    scenario: unknown;
    imports: Record<string, string>;
    variants: Record<string, PlanVariant>;
    /** What of `scenario` is not as its file says, because it was edited before this was drawn; null: not there. */
    edits?: PlanEdit[];
    /** Times, µs, of entries that an edit removed and that others still refer to, by `faults.id`. */
    kept?: Record<string, { start: number | null; end: number | null }>;
  };
}

/** A value that an edit changed, as text. */
export interface PlanEdit {
  path: string;
  before: string | null;
  after: string | null;
}

export interface PlanVariant {
  edit: Record<string, unknown>;
  must_break: string[];
  line: number;
  /** Where that is another file than the scenario's own. */
  file?: string;
}
