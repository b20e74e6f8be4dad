/**
 * The strategies by name. Adding one touches its own file, this list and its test.
 */
import type { PlanAlgorithm } from '../scenario/plan.ts';
import type { RepairStrategy } from './strategy.ts';
import { fullDcParallel } from './strategies/full-dc-parallel.ts';
import { fullParallel } from './strategies/full-parallel.ts';
import { fullSequential } from './strategies/full-sequential.ts';
import { fullSequentialInTurn } from './strategies/full-sequential-in-turn.ts';
import { fullThenMarkParallel } from './strategies/full-then-mark-parallel.ts';
import { fullThenMarkSequential } from './strategies/full-then-mark-sequential.ts';
import { fullThenMarkDcParallel } from './strategies/full-then-mark-dc-parallel.ts';
import { incrementalThenMarkParallel } from './strategies/incremental-then-mark-parallel.ts';
import { incrementalThenMarkSequential } from './strategies/incremental-then-mark-sequential.ts';
import { incrementalThenMarkDcParallel } from './strategies/incremental-then-mark-dc-parallel.ts';
import { incrementalDcParallel } from './strategies/incremental-dc-parallel.ts';
import { incrementalParallel } from './strategies/incremental-parallel.ts';
import { incrementalSequential } from './strategies/incremental-sequential.ts';

export type StrategyRegistry = ReadonlyMap<string, RepairStrategy>;

export const REPAIR_STRATEGIES: StrategyRegistry = registryOf([
  fullParallel,
  fullSequential,
  fullDcParallel,
  incrementalParallel,
  incrementalSequential,
  incrementalDcParallel,
  fullSequentialInTurn,
  fullThenMarkParallel,
  fullThenMarkSequential,
  fullThenMarkDcParallel,
  incrementalThenMarkParallel,
  incrementalThenMarkSequential,
  incrementalThenMarkDcParallel,
]);

/** What repairs with trees of its own, beside the commands of the database (`algorithms/`). */
export const ALGORITHM_NAMES: readonly PlanAlgorithm['name'][] = ['dynamo', 'riak-aae', 'tictac'];

/** A registry of these strategies; names must differ. */
export function registryOf(strategies: readonly RepairStrategy[]): StrategyRegistry {
  const registry = new Map(strategies.map((strategy) => [strategy.name, strategy]));
  if (registry.size !== strategies.length) throw new RangeError('two repair strategies have the same name');
  return registry;
}
