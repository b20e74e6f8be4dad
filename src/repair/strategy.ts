/**
 * What a repair strategy is: one value for each of the choices that real systems differ in, so that each can be swept
 * alone. An eighth, the trigger, is the plan's (when and on which nodes a repair entry starts). A strategy holds no state
 * and sends nothing: the machinery of this folder asks it at the points where the choices matter, keeps all state in
 * plain data and charges one ledger.
 *
 *   what is asked for -> unitOfWork -> sessions -> summary (built from `residence`, in the order of `asking`)
 *                     -> comparison of pairs -> payload, merged at the receiver by `conflict`
 */
import type { OrdinalInterval } from '../data/build-layout.ts';
import type { RangeHolders, TableLayout } from '../data/layout.ts';
import type { Run } from '../data/run.ts';
import type { TokenRange } from '../data/tokens.ts';
import type { Versions } from '../data/versions.ts';
import type { Rules } from '../base/rules.ts';
import type { TreeDepthRule } from '../data/tree-depth.ts';
import type { RepairBehaviour } from './behaviour.ts';

export interface RepairStrategy {
  /** Its name in plans and registry, such as `full-parallel`. */
  readonly name: string;
  /** One sentence for people. */
  readonly description: string;
  readonly unitOfWork: UnitOfWork;
  readonly residence: SummaryResidence;
  /** Which runs are compared and sent: all, or those that no repair has marked. */
  readonly scope: 'all' | 'unrepaired';
  readonly asking: AskingOrder;
  readonly summary: SummaryMethod;
  readonly payload: PayloadMethod;
  /** Are all pairs of replicas compared and do they exchange at once, or one pair after the other? */
  readonly exchanging: 'together' | 'in_turn';
  readonly conflict: ConflictRule;
  readonly marking: MarkingMethod;
}

/** What was asked for, of one keyspace, with the tables' common placement. */
export interface RepairRequest {
  readonly keyspace: string;
  /** Who holds which range, as placement is when it is asked. */
  readonly layout: RangeHolders;
  /** The node that coordinates. */
  readonly node: number;
  readonly primaryRange: boolean;
  readonly startToken: bigint | null;
  readonly endToken: bigint | null;
  /** Exactly these, instead of what the members above say. */
  readonly ranges?: readonly TokenRange[];
  /** Data centres whose replicas take part; null = all. */
  readonly dataCenters: readonly string[] | null;
  /** Nodes that take part; null = all. */
  readonly hosts: readonly number[] | null;
  /** Are ranges that nobody else holds left out? Otherwise they are an error. */
  readonly ignoreUnreplicated: boolean;
  /** What the version makes of the request. */
  readonly behaviour: Pick<
    RepairBehaviour,
    'sessionPer' | 'refusesUnknownDataCenters' | 'refusesUnreplicatedRanges' | 'refusesEqualTokens'
  >;
  /** By number of the node. */
  readonly nameOfNode: readonly string[];
  readonly dcOfNode: readonly string[];
}

/** The work of one session: ranges that the same replicas hold. */
export interface SessionPlan {
  readonly ranges: readonly TokenRange[];
  /** The other replicas, in the order in which they are asked; the coordinator comes after them. */
  readonly neighbours: readonly number[];
}

/** An empty list of sessions is a repair with nothing to do. */
export type UnitPlan = { readonly sessions: readonly SessionPlan[] } | { readonly error: string };

/** How the work is cut: whole token ranges by neighbours, segments, chunks of partitions, … */
export interface UnitOfWork {
  readonly name: string;
  divide(request: RepairRequest, rules: Rules): UnitPlan;
}

/** Where a summary lives: built anew from the data each time, or kept with marks or exactly up to date. */
export interface SummaryResidence {
  readonly kind: 'rebuilt' | 'persistent_dirty' | 'persistent_exact';
  /** Are the runs that it is built from pinned by a snapshot on every replica before the first is read? */
  readonly pinned: boolean;
}

/** How far the replicas of one session and table are. Indices count in the order of `replicas`. */
export interface AskingProgress {
  readonly replicas: readonly number[];
  readonly dcOfReplica: readonly number[];
  readonly isAsked: (index: number) => boolean;
  readonly isAnswered: (index: number) => boolean;
}

/** Which replicas build their summary at the same time. */
export interface AskingOrder {
  readonly name: string;
  /** Indices to ask now; called at the beginning and after every answer. */
  next(progress: AskingProgress): number[];
}

/** What a replica builds its summary from. */
export interface SummaryInput {
  readonly layout: TableLayout;
  readonly versions: Versions;
  readonly rules: Rules;
  readonly node: number;
  readonly ranges: readonly TokenRange[];
  readonly runs: readonly Run[];
  /** Moment, µs, at which it is judged what has expired. */
  readonly nowMicros: number;
  /** How deep this version makes a tree. */
  readonly tree: TreeDepthRule;
  /** A resolved setting of the replica; null = unset. */
  setting(name: string): number | null;
}

/** What every summary tells of itself; the rest is known to its method alone. Immutable once built. */
export interface Summary {
  /** Bytes sent to whoever compares. */
  readonly wireBytes: number;
  /** Bytes that the replica builds it in. */
  readonly builtBytes: number;
  /** Bytes that the one who compares holds it in. */
  readonly heldBytes: number;
  /** Number of its parts that are counted as trees; 0 for other kinds. */
  readonly trees: number;
  readonly depthMax: number;
  readonly hashedRows: number;
  readonly hashedPartitions: number;
}

export interface DifferingRange extends TokenRange {
  /** The partitions of the table that lie in it. */
  readonly intervals: readonly OrdinalInterval[];
}

export interface Comparison {
  /** In the order in which they were found. */
  readonly ranges: readonly DifferingRange[];
  /** Pairs of nodes looked at. */
  readonly nodesVisited: number;
}

/** One checksum, a hash tree, a sketch, …: how to learn what differs without moving the data. */
export interface SummaryMethod<S extends Summary = Summary> {
  readonly kind: 'none' | 'checksum' | 'hash_tree' | 'fingerprints' | 'sketch';
  build(input: SummaryInput): S;
  compare(left: S, right: S, input: { layout: TableLayout; rules: Rules }): Comparison;
}

/** What may be sent of one run for the partitions that differ. */
export interface PayloadInput {
  readonly layout: TableLayout;
  readonly versions: Versions;
  readonly rules: Rules;
  /** Ascending, without overlap. */
  readonly intervals: readonly OrdinalInterval[];
  readonly senderRuns: readonly Run[];
  readonly receiverRuns: readonly Run[];
  readonly sender: number;
  readonly receiver: number;
}

/** Entries of one run that are sent together and become one run at the receiver. */
export interface PayloadSection {
  readonly slots: Int32Array;
  readonly versions: Int32Array;
  /** Stamp of the new run, µs; 0 = unrepaired. */
  readonly repairedAt: number;
}

/** Who pays for what the summary does not resolve: the whole differing range, exact rows, a read per key. */
export interface PayloadMethod {
  readonly name: string;
  readonly sends: 'differing_ranges' | 'exact_rows' | 'read_per_key';
  /** Does data flow both ways between two replicas that differ? */
  readonly bothWays: boolean;
  select(input: PayloadInput): PayloadSection[];
}

/**
 * What becomes of the runs that were compared. `none`: they stay what they are (full repair, cassandra.c10). `two_phase`:
 * what is unrepaired is set apart before, only that is compared and exchanged, and all replicas mark it as repaired or
 * none does (incremental repair since 4.0, cassandra.c1-c4). `after_repair`: each replica notes what is unrepaired when it
 * validates, and at the end marks of that what it still has (before 4.0, cassandra.c15, c16).
 */
export type MarkingMethod = 'none' | 'two_phase' | 'after_repair';

/** Which content wins where two copies differ. */
export type ConflictRule = 'newest_timestamp' | 'version_vector' | 'leader_is_right' | 'alarm_only';
