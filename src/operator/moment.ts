/**
 * A run of a plan up to a moment, kept so that it can be looked at as an operator would: the world as it is then, what the
 * logs say until then, and beside it the oracle, which no operator has. A run is a pure function of its plan, so a moment is
 * got by running the plan again: models know nothing of operators.
 */
import { versionOf } from '../dialect/cassandra/versions.ts';
import type { CassandraLine } from '../dialect/cassandra/versions.ts';
import type { TraceObserver } from '../kernel/trace.ts';
import type { Oracle } from '../observe/oracle.ts';
import { Simulation } from '../run/simulation.ts';
import type { World } from '../run/world.ts';
import type { Plan } from '../scenario/plan.ts';
import { Journal } from './journal.ts';
import { FIRST_RARE_KIND } from './journal-types.ts';
import { Names } from './names.ts';
import { OperatorClock } from './operator-clock.ts';

export interface Moment {
  readonly plan: Plan;
  readonly micros: number;
  readonly line: CassandraLine;
  readonly clock: OperatorClock;
  readonly names: Names;
  readonly world: World;
  readonly oracle: Oracle;
  readonly journal: Journal;
}

/** Everything before `micros` has happened, and what happens at that microsecond. */
export function momentOf(plan: Plan, micros: number): Moment {
  const line = versionOf(plan.database)?.line ?? '4.1';
  const clock = new OperatorClock(plan.start);
  const names = new Names(plan, line, clock);
  const journal = new Journal({ plan, line, clock, names });
  // The recorder keeps the last instant back, since more of it may come; here nothing more comes.
  const feed: TraceObserver = { fold: (words, count) => simulation.oracle.fold(words, count) };
  const observers = [journal, feed];
  const simulation = new Simulation(plan, { batched: true, observers, observed: false, promptFrom: FIRST_RARE_KIND });
  const { replicas: world, oracle } = simulation;
  journal.world = world;
  simulation.runTo(Math.min(micros + 1, world.endMicros));
  world.trace.flush();
  journal.finish();
  return { plan, micros, line, clock, names, world, oracle, journal };
}

/** Keyspaces of the plan in the order of its tables. */
export function keyspacesOf(plan: Plan): string[] {
  return [...new Set(plan.tables.map(({ keyspace }) => keyspace))];
}
