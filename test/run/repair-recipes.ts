/**
 * Generated repairs of `plans.ts`: every strategy with every option of `nodetool repair`, also in combinations that nodetool
 * would refuse but a plan may hold.
 */
import fc from 'fast-check';
import { REPAIR_STRATEGIES } from '../../src/repair/registry.ts';
import type { PlanEntry, PlanNode, PlanRepairOptions, RepairPreview } from '../../src/scenario/plan.ts';
import { KEYSPACE, repairEntry, seconds } from './plain-plan.ts';

export const GRID = seconds(0.5);

export const pick = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
export const times = (from: number, to: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc.integer({ min: Math.ceil(from / GRID), max: Math.floor(to / GRID) }).map((step) => step * GRID),
    fc.integer({ min: from, max: to }),
  );

export const someNodes = fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 2 });

export const repair = fc.record({
  at: times(seconds(5), seconds(65)),
  nodes: fc.oneof(fc.constant([0, 1, 2, 3, 4, 5]), someNodes),
  oneAfterAnother: fc.boolean(),
  every: pick(null, null, seconds(15)),
  strategy: pick(...REPAIR_STRATEGIES.keys()),
  primary: fc.boolean(),
  among: pick('all', 'all', 'all', 'local', 'dcs', 'hosts'),
  force: pick(false, false, true),
  pull: pick(false, false, false, true),
  optimise: pick(false, false, true),
  preview: pick<RepairPreview>('none', 'none', 'none', 'none', 'all', 'unrepaired', 'repaired'),
  /** Repair only the middle of the node's first range. */
  slice: pick(false, false, true),
});

export type RepairRecipe = typeof repair extends fc.Arbitrary<infer R> ? R : never;

/** What a recipe of a plan says of its cluster. */
interface Given {
  readonly nodes: readonly PlanNode[];
  readonly tables: readonly unknown[];
}

export function repairOf(of: RepairRecipe, index: number, given: Given): PlanEntry {
  const numbers: readonly number[] = of.nodes;
  const ids = [...new Set(numbers.map((number) => given.nodes[number % given.nodes.length].id))];
  const slice = of.slice ? middleOfARange(given.nodes) : null;
  return repairEntry({
    id: `repairs.r${index}`,
    at: of.at,
    nodes: ids,
    // All nodes at once, and each stream doubles the sstables: true of the real system, too, and slow.
    oneAfterAnother: of.oneAfterAnother || ids.length > 2,
    everyMicros: of.every,
    tables: given.tables.map((_none, place) => `${KEYSPACE}.${place === 0 ? 'orders' : 'carts'}`),
    strategy: of.strategy,
    primary_range: of.primary && slice === null,
    start_token: slice?.start ?? null,
    end_token: slice?.end ?? null,
    ...limitsOf(of, ids, given),
    // A pull repair is of two hosts; of more it is what a plan may say and nodetool does not.
    pull: of.pull,
    force: of.force,
    optimise_streams: of.optimise,
    ...(of.preview === 'none' ? {} : { preview: of.preview, strategy: of.strategy.replace('incremental', 'full') }),
  });
}

/** Hosts: the nodes that run it and one more. Ranges that nobody else holds are left out, or nearly all would fail. */
function limitsOf(of: RepairRecipe, ids: readonly string[], given: Given): Partial<PlanRepairOptions> {
  const { nodes } = given;
  if (of.among === 'local') return { local_dc: true, ignore_unreplicated: true };
  if (of.among === 'dcs') return { data_centers: [...new Set(nodes.map(({ dc }) => dc))] };
  if (of.among === 'hosts') return { hosts: [...new Set([...ids, nodes[0].id, nodes[1].id])] };
  return {};
}

/** Two tokens within one range of the ring. */
function middleOfARange(nodes: readonly PlanNode[]): { start: string; end: string } {
  const tokens = nodes.flatMap(({ tokens: own }) => own.map(BigInt)).sort((left, right) => (left < right ? -1 : 1));
  const quarter = (tokens[1] - tokens[0]) / 4n;
  return { start: String(tokens[0] + quarter), end: String(tokens[0] + 3n * quarter) };
}
