/**
 * What a run gives: the result document (`result.json`) and the series behind it. Plain data, snake_case, one format
 * number. Counts are of copies (one node's copy of one row) and rows; bits are entropy in bits.
 */
import type { CauseName } from '../data/causes.ts';

/** One line of the ledger by cause: born = healed + left, exactly. */
export interface CauseLedger {
  /** Copies that differ now because of it, and their share of the entropy. */
  copies: number;
  bits: number;
  born: number;
  healed: number;
  left: number;
  /** healed, by what healed it: late_delivery, hint, repair id, overwritten, … */
  healed_by: Record<string, number>;
  /** left, by state: in_flight and hint_pending heal by themselves. */
  left_by_state?: Record<string, number>;
}

export interface FinalState {
  divergent_rows: number;
  divergent_copies: number;
  visible_divergent_copies: number;
  wrong_copies: number;
  stale_copies: number;
  missing_copies: number;
  zombie_copies: number;
  lost_copies: number;
  in_flight_copies: number;
  hint_pending_copies: number;
  latent_copies: number;
  /** Rows whose newest acknowledged version can no longer spread from anywhere. */
  lost_acknowledged: number;
  entropy_bits: number;
  by_cause: Partial<Record<CauseName, CauseLedger>>;
  /** Tables of which a copy has missed a deletion: the time left until the first of these may be purged where it is (negative:
   * it has passed), and the rows concerned. */
  resurrection: Record<string, { margin_micros: number; rows: number }>;
  /** Divergent copies by the plan entry behind them ('' is never a key; writes in flight are under 'workload'). */
  by_origin: Record<string, { copies: number; bits: number }>;
  by_node: Record<string, { copies: number; bits: number }>;
  by_state: Record<string, { copies: number; bits: number }>;
}

/** The cost of one repair, in one currency for every strategy. Bytes; times in µs. */
export interface RepairLedger {
  id: string;
  strategy: string;
  command: string;
  outcome: 'finished' | 'failed' | 'running' | 'not_started';
  started_micros: number;
  finished_micros: number | null;
  failures: string[];
  sessions: number;
  ranges: number;
  trees: number;
  comparisons: number;
  /** Nodes of trees visited while comparing. */
  nodes_visited: number;
  differing_ranges: number;
  /** The same by pair of nodes 'n1|n2' (ids ascending by cluster order). */
  differing_ranges_by_pair: Record<string, number>;
  read_bytes: number;
  hashed_rows: number;
  hashed_partitions: number;
  hashed_rows_by_node: Record<string, number>;
  tree_bytes: number;
  peak_tree_bytes: number;
  tree_depth_max: number;
  sent_bytes: number;
  sent_rows: number;
  sent_partitions: number;
  /** Distinct partitions among those sent. */
  distinct_partitions: number;
  /** Of the sent, what changed nothing at the receiver. */
  sent_for_nothing_bytes: number;
  sent_for_nothing_rows: number;
  /** Least bytes that any strategy would have had to send: one copy of each version that healed a copy. */
  floor_bytes: number;
  healed_copies: number;
  /** Copies that it left with something older than they had, with nothing, or with what had been deleted; absent: none. */
  reverted_copies?: number;
  cross_dc_bytes: number;
  sstables_written: number;
  /** Of those set apart for an incremental repair: only marked; rewritten because they lie in its ranges in part, and
   * their bytes, read and written once each. */
  sstables_marked: number;
  sstables_anticompacted: number;
  anticompacted_bytes: number;
  /** What a preview would have streamed, summed over both directions of every pair; 0 for a repair. */
  estimated_ranges: number;
  estimated_sstables: number;
  estimated_bytes: number;
  snapshot_bytes: number;
  snapshots_taken: number;
  snapshots_removed: number;
  phases: RepairPhase[];
  rounds: number;
  /** Of an entry that repeats or is repaired in segments: its runs, in order. */
  runs?: RepairRun[];
  /** Of an entry that a foreign algorithm repairs. */
  algorithm?: AlgorithmCosts;
}

/** What exchanges of persistent trees came to, beside what every repair costs. */
export interface AlgorithmCosts {
  /** That got their locks; of these, those that found no difference, and those that did not come to an end. */
  exchanges: number;
  exchanges_in_sync: number;
  exchanges_failed: number;
  /** Attempts for which a tree, a node or a place was not free. */
  exchanges_put_off: number;
  /** Segments of trees that were scanned again because of writes. */
  segments_rescanned: number;
  /** Keys whose hashes differed, each time counted; of these, those of which no copy lacked anything when it was asked, and
   * those of which the replica that was compared with gave no answer in time. */
  keys_differing: number;
  keys_alike: number;
  keys_unanswered: number;
  /** Bytes that writes have cost in the index or in the cells of trees. */
  index_write_bytes: number;
}

/** One run of a schedule: how far it came, and its share of the costs of the entry. */
export interface RepairRun {
  started_micros: number;
  finished_micros: number | null;
  outcome: 'finished' | 'failed' | 'running';
  /** Commands that belong to it; 0 where it is not cut into segments. */
  segments: number;
  segments_done: number;
  segments_retried: number;
  segments_postponed: number;
  segments_timed_out: number;
  sessions: number;
  read_bytes: number;
  hashed_rows: number;
  tree_bytes: number;
  sent_bytes: number;
  sent_for_nothing_bytes: number;
  floor_bytes: number;
  healed_copies: number;
}

export interface RepairPhase {
  phase: 'prepare' | 'flush' | 'snapshot' | 'anticompact' | 'validate' | 'compare' | 'stream' | 'finalize' | 'cleanup';
  session: number;
  table: string;
  node: string | null;
  peer: string | null;
  start_micros: number;
  end_micros: number;
}

/** What became of one change of topology, and what it cost. Bytes; times in µs. */
export interface TopologyChange {
  kind: 'alter' | 'add' | 'replace' | 'decommission' | 'remove';
  command: string;
  /** Who joins or leaves; null where a keyspace is altered. */
  node: string | null;
  /** failed: it stopped half-way and stays so; refused: all is as before. */
  outcome: 'finished' | 'failed' | 'refused' | 'running' | 'not_started';
  started_micros: number | null;
  /** When it had finished, failed or was refused. */
  finished_micros: number | null;
  failures: string[];
  streams: number;
  streamed_bytes: number;
  streamed_rows: number;
  /** Of the bytes, those of streams that never became whole. */
  streamed_in_vain_bytes: number;
  /** The same bytes and rows by the node that sent them. */
  sources: Record<string, { bytes: number; rows: number }>;
  /** By a node that left, to another. */
  hints_handed_over: number;
  hints_dropped: number;
  /** While this was the last change done: hints that came to a node which replicated their row no more, written anew. */
  hints_rehinted: number;
}

/** A copy took a version that is wrong and that nothing newer puts right: the first ones of each bringer. */
export interface ZombieAlarm {
  at_micros: number;
  table: string;
  /** Key number of the partition, and the row in it. */
  key: number;
  row: number;
  /** The copy that took it, and those that held it. */
  node: string;
  from: string[];
  /** The mechanism that brought it, or the id of the repair. */
  by: string;
  /** zombie: deleted, and the deletion may be purged; lost: nobody has what replaced it any more. */
  wrong: 'zombie' | 'lost';
  /** Why the copy that held it lacks the deletion or the newer version: cause and plan entry, where they are known. */
  cause: string | null;
  origin: string | null;
  written_micros: number;
  /** When what should be there was written. */
  promised_micros: number;
}

export interface ZombiesSpread {
  copies: number;
  by: Record<string, number>;
  alarms: ZombieAlarm[];
}

export interface ExpectationVerdict {
  /** undecided: the metric never had a value, such as the cost of a repair that did not run. */
  verdict: 'held' | 'violated' | 'undecided';
  /** verdict is held. */
  held: boolean;
  /** What was expected, such as `always latent_copies below 1 000`. */
  expected: string;
  /** One sentence: what was measured, and where it broke or held. */
  detail: string;
  measured: number | null;
  at_micros: number | null;
  line: number;
  column: number;
  /** Where that is another file than the scenario's own. */
  file?: string;
}

/** Columns of equal length, one row per sample; `time_micros` rises (several rows at one time at a change of regime). */
export interface Series {
  time_micros: number[];
  /** Column name (metric, or metric{cause=…}) to values. */
  columns: Record<string, number[]>;
  /** The interval really used; longer than `observe.every_micros` where that would give too many rows. */
  every_micros?: number;
  /** Sentences about what was left out to keep the series bounded. */
  notes?: string[];
}

export interface TimelineEvent {
  at_micros: number;
  /** Name of the trace record, or of the entry's start/end. */
  name: string;
  node: string | null;
  entry: string | null;
  detail: string;
}

export interface Result {
  format: 1;
  version: string;
  plan_hash: string;
  fingerprint: string;
  seed: string;
  database: string;
  virtual_micros: number;
  /** Logical events, the same batched or one by one. */
  events: number;
  writes: {
    issued: number;
    acknowledged: number;
    timed_out: number;
    unavailable: number;
    failed: number;
    unknown: number;
    retried: number;
    /** Of those that failed: points of requests of which something was kept; absent where requests are not split. */
    partial?: number;
    /** Points left out, never issued, because they are older than their policy keeps; absent where there are no policies. */
    beyond_policy?: number;
    /** Points that an owner whose cache was full did not take, each time counted; absent where there are no such caches. */
    refused_cache?: number;
    /** Points queued for an owner that was not tried because of an error a short while ago; absent likewise. */
    throttled?: number;
  };
  /** By workload; absent where nothing reads. */
  reads?: Record<string, ReadResult>;
  final: FinalState;
  zombies_spread: ZombiesSpread;
  peak: { divergent_copies: number; at_micros: number };
  totals: { divergent_row_hours: number; wrong_row_hours: number };
  hints: Record<string, number>;
  storage: Record<string, number>;
  repairs: Record<string, RepairLedger>;
  /** Changes of topology by plan entry; absent where the plan has none. */
  topology?: Record<string, TopologyChange>;
  probes: Record<string, ProbeResult>;
  expectations: Record<string, ExpectationVerdict>;
  assumptions: string[];
  not_modelled: string[];
  rules_exercised: string[];
}

export type ProbeResult = ReadProbeResult | VisibilityResult | StalenessResult | PointProbeResult;

/** Indicators of operators of a database of points. */
export type PointProbeResult =
  | {
      kind: 'dashboard';
      answers: number;
      /** No owner of some shard answered. */
      failed: number;
      /** Answers that differ from the one before by more than the tolerance, in all and most in one minute. */
      flaps: number;
      flaps_per_minute_most: number;
      values: { least: number; most: number } | null;
      latency_micros: PercentileResult | null;
    }
  | { kind: 'alert'; fired: number; cleared: number; firing_micros: number }
  | ({ kind: 'count' } & OwnersResult)
  | ({ kind: 'size' } & OwnersResult);

interface OwnersResult {
  /** Times that an owner told another value. */
  changes: number;
  /** The most by which an owner of a shard had less than another, as a share of the larger. */
  most_spread: number;
  /** Last points, or bytes, by shard and node. */
  owners: Record<string, Record<string, number>>;
}

export interface ReadProbeResult {
  samples: number;
  reads: number;
  stale_reads: number;
  unavailable_reads?: number;
}

/** What probes of writes have in common. A read that was not answered with success has failed. */
interface WriteProbeResult {
  workload: string;
  consistency: string;
  /** Writes. */
  samples: number;
  reads: number;
  failed_reads: number;
  /** Whole µs, nearest rank, of one read for each write; null where nothing was sampled. */
  read_latency_micros: PercentileResult | null;
  write_latency_micros: PercentileResult | null;
}

export interface PercentileResult {
  p50: number;
  p95: number;
  p99: number;
  p999: number;
}

export interface VisibilityResult extends WriteProbeResult {
  kind: 't-visibility';
  /** Of the reads that began so long after the acknowledgement, the share that showed the write or a newer one. */
  current: { t_micros: number; reads: number; share: number | null }[];
  /** From when on 99.9 % did; null where none of the times was late enough. */
  t_visible_p999_micros: number | null;
}

export interface StalenessResult extends WriteProbeResult {
  kind: 'k-staleness';
  /** Share of the reads that showed one of the k newest acknowledged versions. */
  within: { k: number; share: number | null }[];
}

/** What the clients of one workload got from their reads. Latencies of those answered, whole µs; null where none was. */
export interface ReadResult {
  answered: number;
  timed_out: number;
  unavailable: number;
  unknown: number;
  digest_mismatches: number;
  background_mismatches: number;
  read_repairs: number;
  read_repair_writes: number;
  speculative_retries: number;
  /** Answers that broke a promise that a client had before the read began, and those older than an answer before. */
  stale: number;
  missing: number;
  zombie: number;
  backward: number;
  latency_micros: { mean: number; p50: number; p99: number; p999: number; max: number } | null;
}

/** A run's whole answer in memory; files are written from it. */
export interface RunOutput {
  result: Result;
  series: Series;
  timeline: TimelineEvent[];
}
