/** Opens the world that a plan is of, with what depends on which it is: how it is driven, and what it tells at the end. */
import type { MergeOrder } from '../data/merge-order.ts';
import type { Plan } from '../scenario/plan.ts';
import { drive, driveQueue, type Progress } from './drive.ts';
import { pointResult } from './point-result.ts';
import { PointWorld } from './point-world.ts';
import { replicaResult } from './replica-result.ts';
import type { RunnableWorld, WorldResult } from './runnable-world.ts';
import { World, type WorldOptions } from './world.ts';

export interface OpenWorld {
  readonly world: RunnableWorld;
  /** The same, where it is one of tables in a ring. */
  readonly replicas: World | null;
  /** Which of two versions in one place a copy shows. */
  readonly order: MergeOrder['kind'];
  /** Everything before `micros` happens. */
  drive(micros: number, progress: Progress | null): void;
  result(): WorldResult;
}

export function openWorld(plan: Plan, options: WorldOptions): OpenWorld {
  if (plan.points !== undefined) {
    const world = new PointWorld(plan, options);
    return {
      world,
      replicas: null,
      order: 'arrival',
      drive: (micros, progress) => driveQueue(world, micros, progress),
      result: () => pointResult(world),
    };
  }
  const world = new World(plan, options);
  return {
    world,
    replicas: world,
    order: 'timestamp',
    drive: (micros, progress) => drive(world, micros, progress),
    result: () => replicaResult(plan, world),
  };
}
