/**
 * `run(plan)`: the pure function at the centre. Builds a world from a plan, drives it to the end, returns the answer.
 */
import type { RunOutput } from '../observe/result.ts';
import type { Plan } from '../scenario/plan.ts';

export interface RunOptions {
  /** `batched` (default) merges writes from a sorted source; `events` pushes every message through the queue. Same fingerprint. */
  mode?: 'batched' | 'events';
  /** Called now and then with virtual time, µs; must not influence the run. */
  onProgress?: (micros: number) => void;
}

export declare function run(plan: Plan, options?: RunOptions): RunOutput;
