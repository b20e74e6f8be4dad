/**
 * `run(plan)`: the pure function at the centre. Builds a world from a plan, drives it to the end, returns the answer.
 */
import type { TraceObserver } from '../kernel/trace.ts';
import type { RunOutput } from '../observe/result.ts';
import type { Plan } from '../scenario/plan.ts';

export interface RunOptions {
  /** `batched` (default) merges writes from a sorted source; `events` pushes every message through the queue. Same fingerprint. */
  mode?: 'batched' | 'events';
  /** Called now and then with virtual time, µs; must not influence the run. */
  onProgress?: (micros: number) => void;
  /** See the records too, after the oracle; must not influence the run. */
  observers?: readonly TraceObserver[];
}

export declare function run(plan: Plan, options?: RunOptions): RunOutput;
