/**
 * `run(plan)`: the pure function at the centre. Builds a world from a plan, drives it to the end, returns the answer.
 */
import type { RunOutput } from '../observe/result.ts';
import type { TraceObserver } from '../kernel/trace.ts';
import type { Plan } from '../scenario/plan.ts';
import { Simulation } from './simulation.ts';

export interface RunOptions {
  /** `batched` (default) merges writes from a sorted source; `events` pushes every message through the queue. Same fingerprint. */
  mode?: 'batched' | 'events';
  /** Called now and then with virtual time, µs; must not influence the run. */
  onProgress?: (micros: number) => void;
  /** Further observers of the trace; they must not influence the run. */
  observers?: readonly TraceObserver[];
}

/** Runs a plan to its end. Throws a Bug where an assertion fails; never a Mistake (plans are checked before). */
export function run(plan: Plan, options: RunOptions = {}): RunOutput {
  const simulation = new Simulation(plan, {
    batched: options.mode !== 'events',
    ...(options.observers === undefined ? {} : { observers: options.observers }),
  });
  simulation.runTo(simulation.world.endMicros, options.onProgress ?? null);
  return simulation.finish();
}
