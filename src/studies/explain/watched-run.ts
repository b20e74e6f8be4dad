/**
 * A run that is looked at on the way: driven to a moment, with the oracle brought there, and on from it. The oracle folds
 * the trace without the recorder's samples, so nothing is measured but what somebody asks for.
 */
import type { TraceObserver } from '../../kernel/trace.ts';
import type { Census } from '../../observe/census.ts';
import { namesOf } from '../../observe/counters-reader.ts';
import type { PlanNames } from '../../observe/counters-reader.ts';
import type { Oracle } from '../../observe/oracle.ts';
import type { FinalState } from '../../observe/result.ts';
import { Simulation } from '../../run/simulation.ts';
import type { RunnableWorld } from '../../run/runnable-world.ts';
import type { Plan } from '../../scenario/plan.ts';

/** Called now and then with the share of the way that is done, 0 to 1. */
export type OnProgress = (share: number) => void;

/** The moment that is looked at, the end where none is asked for; and what a run to it has to go to: its microsecond is part of it. */
export function momentAsked(plan: Plan, atMicros: number | null): { at: number; until: number } {
  const end = plan.duration_micros + plan.settle_micros;
  const at = atMicros ?? end;
  return { at, until: at < end ? at + 1 : at };
}

export class WatchedRun {
  readonly plan: Plan;
  readonly names: PlanNames;
  readonly world: RunnableWorld;
  readonly oracle: Oracle;
  readonly census: Census;
  readonly #simulation: Simulation;
  readonly #onProgress: OnProgress | null;
  #now = 0;

  constructor(plan: Plan, observers: readonly TraceObserver[], onProgress: OnProgress | null = null) {
    const feed: TraceObserver = { fold: (words, count) => this.#simulation.oracle.fold(words, count) };
    this.#simulation = new Simulation(plan, { batched: true, observers: [...observers, feed], observed: false });
    this.#onProgress = onProgress;
    this.plan = plan;
    this.names = namesOf(plan);
    this.world = this.#simulation.world;
    this.oracle = this.#simulation.oracle;
    this.census = this.oracle.census();
  }

  get now(): number {
    return this.#now;
  }

  get endMicros(): number {
    return this.world.endMicros;
  }

  /** Everything before `micros` happens, also beyond the end of the plan: then without clients. */
  runTo(micros: number): void {
    const from = this.#now;
    const report = this.#onProgress;
    const progress = report === null ? null : (at: number): void => report((at - from) / Math.max(1, micros - from));
    this.#simulation.runTo(micros, progress);
    this.world.trace.flush();
    this.oracle.advance(micros);
    this.#now = micros;
  }

  final(): FinalState {
    return this.oracle.snapshotFinal(this.names);
  }
}
