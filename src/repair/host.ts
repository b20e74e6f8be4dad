/**
 * What repair may ask of the cluster it repairs: the narrow waist between `repair/` and the replicas. Strategies see a
 * session, the session sees this. Every asynchronous verb ends in an event (kind, a, b) of the kernel, so that a world
 * in the middle of a repair can be snapshotted: there are no callbacks.
 */
import type { Kernel } from '../kernel/kernel.ts';
import type { Trace } from '../kernel/trace.ts';
import type { Rules } from '../base/rules.ts';
import type { RangeHolders, TableLayout } from '../data/layout.ts';
import type { Run } from '../data/run.ts';
import type { Versions } from '../data/versions.ts';
import type { RepairBehaviour } from './behaviour.ts';
import type { RetryRule } from './retries.ts';
import type { AntiCompactionWork } from '../replica/anticompaction.ts';

/** The event by which an asynchronous verb answers. */
export interface Completion {
  kind: number;
  a: number;
  b: number;
}

export interface StreamJob {
  from: number;
  to: number;
  bytes: number;
}

export interface RepairHost {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly rules: Rules;
  readonly versions: Versions;
  readonly tables: readonly TableLayout[];
  readonly nodeCount: number;
  /** What the version of the database does where versions differ. */
  readonly behaviour: RepairBehaviour;
  nodeName(node: number): string;
  dcOf(node: number): number;
  /** Name of the node's data centre. */
  dcName(node: number): string;
  isRunning(node: number): boolean;
  /** Rises by one at every start of the node; a message or job of an older incarnation is void. */
  incarnation(node: number): number;
  /** Does `observer`'s failure detector hold `peer` for alive? */
  sees(observer: number, peer: number): boolean;
  /** Do packets pass between the two now, both ways? (Streams are connections: they stall while they do not.) */
  reaches(from: number, to: number): boolean;
  /** Who holds which range of the ring now. */
  holdersOf(table: number): RangeHolders;
  /** Compactions that the node has ahead of it, and those under way. */
  pendingCompactions(node: number): number;
  /** A resolved setting of a node: µs, bytes, bytes/s, 1 or 0 for a flag, or null when unset. */
  setting(node: number, name: string): number | null;
  /** A control message; the event fires at the receiver unless the message is lost on the way or the receiver is down.
   * `bytes` beyond a small message (trees) go through the link as a job. One that is lost is sent again by the rule.
   * Returns the number of the message. */
  send(from: number, to: number, completion: Completion, bytes?: number, retry?: RetryRule | null): number;
  /** Has the message neither arrived nor been lost? */
  isOnItsWay(message: number): boolean;
  /** Until when the node's process stands still, µs; 0 where it does not. */
  pausedUntil(node: number): number;
  /** Flush the memtable; fires when everything that was in memory at the call lies in runs (at once if nothing did). */
  flush(node: number, table: number, completion: Completion): void;
  /** The live runs of a node's table, oldest first; immutable. */
  liveRuns(node: number, table: number): readonly Run[];
  /** Take hard links / drop them: retained runs survive compaction until released. Returns a snapshot id. */
  snapshot(node: number, table: number, runs: readonly Run[]): number;
  release(node: number, snapshot: number): void;
  /** Bytes that only snapshots still hold (runs compacted away since). */
  snapshotOnlyBytes(node: number, snapshot: number): number;
  /** Background reading of `bytes` on the node's disk (validation); returns a job id. */
  readDisk(node: number, bytes: number, completion: Completion): number;
  /** A stream through the sender's throttles, the link and both disks; returns a job id. */
  stream(job: StreamJob, completion: Completion): number;
  /** Ends a job; gives the whole bytes that it had done. */
  cancelJob(job: number): number;
  /** Make a new run out of streamed entries (sorted by slot) and put it among the node's live runs. `base`: the slots
   * among them whose version is BASE are entries too. Emits the `applied` records with via = repair and the origin. */
  receiveRun(
    node: number,
    table: number,
    slots: Int32Array,
    versions: Int32Array,
    options: { repairedAt: number; pendingRepair: number; origin: number; bytes: number },
  ): Run;
  /** Compactions of these runs stop, and none takes them until they are given back or set apart (cassandra.c5). */
  holdRuns(node: number, table: number, runs: readonly Run[], session: number): void;
  /** Gives back what a session holds, and stops what sets its runs apart. */
  releaseRuns(node: number, session: number): void;
  /** Sets held runs apart for a session: `whole` ones are marked; of each of `groups` the part in the partitions becomes a
   * run of the session and the rest another. Waits for a compactor; fires when all is done (cassandra.c6-c8). */
  setApart(node: number, table: number, work: AntiCompactionWork, completion: Completion): void;
  /** Is a run of the node's table under anticompaction, and of which session? 0 = no. */
  heldBy(node: number, table: number, run: Run): number;
  /** Does a compaction of the node read the run now? */
  isCompacting(node: number, table: number, run: Run): boolean;
  /** An incremental session of the node has ended: its runs may be marked when a compactor is free (cassandra.c4). */
  sessionCompleted(node: number, tables: readonly number[]): void;
  /** Bytes of one entry of a run as it lies on disk and is streamed; a whole number. */
  bytesOfEntry(slot: number, version: number): number;
  /** The versions that the node's copies hold in these slots of a table, which ascend, now (memtable and runs merged;
   * NOTHING = none). Repair asks just before `receiveRun`, to tell what a stream healed from what it sent for nothing. */
  heldVersions(node: number, table: number, slots: Int32Array): Int32Array;
}
