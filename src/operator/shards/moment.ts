/** A run of points by shards up to a moment: the world as it is then, what its data nodes have logged, and the oracle. */
import { RECORD } from '../../data/records.ts';
import type { TraceObserver } from '../../kernel/trace.ts';
import type { Oracle } from '../../observe/oracle.ts';
import { PointWorld } from '../../run/point-world.ts';
import { Simulation } from '../../run/simulation.ts';
import type { Plan } from '../../scenario/plan.ts';
import { assert } from '../../base/assert.ts';
import { FIRST_RARE_KIND } from '../journal-types.ts';
import { OperatorClock } from '../operator-clock.ts';
import { PartJournal } from './part-journal.ts';

export interface ShardMoment {
  readonly plan: Plan;
  readonly micros: number;
  readonly clock: OperatorClock;
  readonly world: PointWorld;
  readonly oracle: Oracle;
  readonly journal: PartJournal;
}

/** Everything before `micros` has happened, and what happens at that microsecond. */
export function shardMomentOf(plan: Plan, micros: number): ShardMoment {
  const journal = new PartJournal(RECORD.partTroubled);
  const feed: TraceObserver = { fold: (words, count) => simulation.oracle.fold(words, count) };
  const observers = [journal, feed];
  const simulation = new Simulation(plan, { batched: true, observers, observed: false, promptFrom: FIRST_RARE_KIND });
  const { world, oracle } = simulation;
  assert(world instanceof PointWorld, 'a plan of points makes a world of points');
  simulation.runTo(Math.min(micros + 1, world.endMicros));
  world.trace.flush();
  return { plan, micros, clock: new OperatorClock(plan.start), world, oracle, journal };
}

const USUAL_META_NODES = 3;

export function metaNodes({ meta_nodes: count = USUAL_META_NODES }: Plan): number {
  return count;
}

/** As tables number the nodes: after the meta nodes. */
export function nodeNumber(plan: Plan, node: number): number {
  return metaNodes(plan) + 1 + node;
}

/** As an operator names it. */
export function addressOf(plan: Plan, node: number): string {
  const { id, address } = plan.nodes[node];
  return address ?? `${id}:8088`;
}
