/** Generated entries that repair by a foreign algorithm, on any plan: small trees and short ticks, so that much meets. */
import fc from 'fast-check';
import type { PlanAlgorithm, Plan, PlanEntry } from '../../src/scenario/plan.ts';
import { repairEntry, seconds } from './plain-plan.ts';

const LEVELS: Record<PlanAlgorithm['name'], readonly number[][]> = {
  dynamo: [
    [1, 2, 4, 8],
    [1, 16],
    [1, 16, 256],
  ],
  'riak-aae': [
    [1, 4, 16],
    [1, 1024, 1024 * 1024],
  ],
  tictac: [
    [4, 16],
    [16, 256],
  ],
};

export const algorithm = fc.record({
  name: fc.constantFrom<PlanAlgorithm['name']>('dynamo', 'riak-aae', 'tictac'),
  levels: fc.nat(2),
  tick: fc.constantFrom(seconds(0.7), seconds(3), seconds(11)),
  concurrency: fc.constantFrom(1, 2, null),
  built: fc.constantFrom(true, true, false),
  buildEvery: fc.constantFrom(0, seconds(10)),
  buildPause: fc.constantFrom(0, seconds(0.1)),
  expiry: fc.constantFrom(null, null, seconds(25)),
  spread: fc.constantFrom(0, seconds(15)),
  keyPause: fc.constantFrom(0, 0, seconds(0.2)),
  results: fc.constantFrom(null, 1, 3),
});

export type AlgorithmRecipe = typeof algorithm extends fc.Arbitrary<infer R> ? R : never;

export function algorithmEntry(
  plan: Plan,
  recipe: AlgorithmRecipe,
  times: { id: string; at: number; until: number },
): PlanEntry {
  const nodes = plan.nodes.map(({ id }) => id);
  const tables = plan.tables.map(({ id }) => id);
  const entry = repairEntry({ id: times.id, at: times.at, nodes, tables, strategy: recipe.name });
  const isExact = recipe.name === 'tictac';
  const how: PlanAlgorithm = {
    name: recipe.name,
    until_micros: times.until,
    levels: LEVELS[recipe.name][recipe.levels % LEVELS[recipe.name].length],
    hash_bytes: { dynamo: 16, 'riak-aae': 20, tictac: 4 }[recipe.name],
    tick_micros: recipe.tick,
    concurrency: recipe.concurrency,
    lock_timeout_micros: seconds(5),
    answer_timeout_micros: seconds(30),
    built: recipe.built,
    build_every_micros: recipe.buildEvery,
    build_pause_micros: recipe.buildPause,
    expiry_micros: recipe.expiry,
    expiry_spread_micros: recipe.spread,
    key_pause_micros: recipe.keyPause,
    results_max: isExact ? recipe.results : null,
    loops_max: isExact ? 2 : 0,
    results_boost: 2,
    passes: isExact ? 2 : 1,
    pause_micros: isExact ? seconds(0.5) : 0,
  };
  return { ...entry, command: `${recipe.name} shop`, algorithm: how } as PlanEntry;
}
