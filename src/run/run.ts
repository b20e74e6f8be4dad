/**
 * `run(plan)`: the pure function at the centre. Builds a world from a plan, drives it to the end, returns the answer.
 */
import type { TableLayout } from '../data/layout.ts';
import type { RunOutput, Series } from '../observe/result.ts';
import type { TraceObserver } from '../kernel/trace.ts';
import type { Plan } from '../scenario/plan.ts';
import { Simulation } from './simulation.ts';
import type { SimulationOptions } from './simulation.ts';

export interface RunOptions {
  /** `batched` (default) merges writes from a sorted source; `events` pushes every message through the queue. Same fingerprint. */
  mode?: 'batched' | 'events';
  /** Called now and then with virtual time, µs; must not influence the run. */
  onProgress?: (micros: number) => void;
  /** Called at each pause of `runInSteps`, with what gives the series until then. */
  onPause?: (series: () => Series) => void;
  /** Further observers of the trace; they must not influence the run. */
  observers?: readonly TraceObserver[];
  /** Is shown the oracle at moments of the series (each interval, and the end); must not influence the run. */
  onSample?: SimulationOptions['onSample'];
  /** Is shown the tables of the world when the run is over: which slot is which row. */
  atEnd?: (tables: readonly TableLayout[]) => void;
}

/** Runs a plan to its end. Throws a Bug where an assertion fails; never a Mistake (plans are checked before). */
export function run(plan: Plan, options: RunOptions = {}): RunOutput {
  const simulation = simulationOf(plan, options);
  simulation.runTo(simulation.world.endMicros, options.onProgress ?? null);
  return finished(simulation, options);
}

/** Like `run`, but pauses after each of `steps` parts of virtual time and yields it, µs; the same answer to the last event. */
export function* runInSteps(plan: Plan, steps: number, options: RunOptions = {}): Generator<number, RunOutput, void> {
  const simulation = simulationOf(plan, options);
  const { endMicros } = simulation.world;
  for (let step = 1; step < steps; step++) {
    const micros = Math.floor((endMicros / steps) * step);
    simulation.runTo(micros);
    options.onPause?.(() => simulation.recorder.series());
    yield micros;
  }
  simulation.runTo(endMicros);
  return finished(simulation, options);
}

function finished(simulation: Simulation, { atEnd }: RunOptions): RunOutput {
  const output = simulation.finish();
  atEnd?.(simulation.world.tables);
  return output;
}

function simulationOf(plan: Plan, options: RunOptions): Simulation {
  return new Simulation(plan, {
    batched: options.mode !== 'events',
    ...(options.observers === undefined ? {} : { observers: options.observers }),
    ...(options.onSample === undefined ? {} : { onSample: options.onSample }),
  });
}
