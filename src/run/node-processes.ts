/**
 * What happens to a node, told to the parts that live on it. `faults.ts` knows which nodes run, which links are cut and
 * who is to blame; what a database loses and begins anew when a process ends or starts is said by an implementation of
 * `NodeProcesses`, in that database's own order. `EntryWork` is the other half: entries of a plan that are no faults.
 */
import type { CrashMode, PlanEntry } from '../scenario/plan.ts';

/** How a process ended without a word. */
export interface Crash {
  mode: CrashMode;
  /** When it last did anything: now, or when it was paused. */
  actedUntil: number;
  /** Entry behind it. */
  origin: number;
}

export interface NodeProcesses {
  /** It has ended; `cluster.running` says so already. */
  crashed(node: number, crash: Crash): void;
  /** A stop in good order. */
  stopped(node: number, origin: number): void;
  /** It runs again, or for the first time. */
  started(node: number): void;
  paused(node: number): void;
  resumed(node: number): void;
  /** Who can reach whom is not as before. */
  reachChanged(): void;
  /** What it keeps for others, or for these only, is gone from its disk; how many writes that were. */
  loseHints(node: number, origin: number, targets?: readonly number[]): number;
}

export interface EntryWork {
  /** True where the entry is its affair; it schedules the end itself. */
  begins(index: number, entry: PlanEntry, origin: number): boolean;
  ends(index: number, entry: PlanEntry, origin: number): boolean;
}
