/** Strategies row by row: counted and chosen as one would who looks at all rows of each strategy run alone. */
import { describe, expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan, PlanEntry } from '../../src/scenario/plan.ts';
import { runSeed } from '../../src/studies/compare/compare.ts';
import type { StrategyRun } from '../../src/studies/compare/compare.ts';
import { compareRows } from '../../src/studies/compare/rows-compared.ts';
import { rowHash, rowsLeft } from '../../src/studies/compare/rows-left.ts';

const SCENARIO = `
format: 1
name: rows that one healed
database: cassandra@4.1
seed: 7
duration: 30m
cluster: { nodes: { dc1: { r1: 2, r2: 1, r3: 1 } }, settings: { max_hint_window: 1m } }
data:
  keyspaces: { shop: { replication: { dc1: 3 } } }
  tables:
    shop.orders: { partitions: 8_000, row: 1kB, loaded: equal }
    shop.items: { partitions: 200, row: 1kB, rows: 3, loaded: equal }
workload:
  orders: { table: shop.orders, rate: { poisson: 4/s }, keys: uniform, consistency: QUORUM }
  items: { table: shop.items, rate: { poisson: 2/s }, keys: uniform, consistency: QUORUM }
faults: { n3-away: { fault: crash, node: n3, mode: process, at: 2m, for: 8m }, n4-away: { fault: crash, node: n4, mode: process, at: 12m, for: 6m } }
repairs:
  both: { repair: nodetool, node: n3, run: "nodetool repair -full shop", at: 19m }
`;

const BASE = load(SCENARIO);

function withRepair(run: string | null): Plan {
  const isRepair = ({ kind }: PlanEntry): boolean => kind === 'repair';
  const other = run === null ? [] : load(SCENARIO.replace('nodetool repair -full shop', run)).entries.filter(isRepair);
  return { ...BASE, entries: [...BASE.entries.filter((entry) => !isRepair(entry)), ...other] };
}

const STRATEGIES = [
  { id: 'both', plan: BASE },
  { id: 'orders-only', plan: withRepair('nodetool repair -full shop orders') },
  { id: 'none', plan: withRepair(null) },
];

function ended(strategies: { id: string; plan: Plan }[], rows: boolean): StrategyRun[] {
  const steps = runSeed('7', strategies, { rows });
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function alone(plan: Plan): Simulation {
  const simulation = new Simulation(plan, { batched: true });
  simulation.runTo(simulation.world.endMicros);
  simulation.finish();
  return simulation;
}

describe('strategies row by row', () => {
  const compared = ended(STRATEGIES, true)[0].rows;
  if (compared === undefined) throw new Error('no rows');

  it('counts what each left, as it leaves it when it is run alone, and by which of them left it', () => {
    const sets = STRATEGIES.map(({ plan }) => {
      const rows = new Set<number>();
      alone(plan)
        .oracle.census()
        .forEach(({ row }) => void rows.add(row));
      return rows;
    });
    const counts = new Map<string, number>();
    for (const row of new Set(sets.flatMap((set) => [...set]))) {
      const left = STRATEGIES.flatMap(({ id }, at) => (sets[at].has(row) ? [id] : [])).join();
      counts.set(left, (counts.get(left) ?? 0) + 1);
    }
    expect(compared.left).toEqual(Object.fromEntries(STRATEGIES.map(({ id }, at) => [id, sets[at].size])));
    expect(new Map(compared.patterns.map(({ left, rows }) => [left.join(), rows]))).toEqual(
      new Map([...counts].filter(([left]) => left !== 'both,orders-only,none')),
    );
    expect(compared.left_by_all).toBe(counts.get('both,orders-only,none') ?? 0);
    expect(compared.differing + compared.left_by_all).toBe([...counts.values()].reduce((sum, rows) => sum + rows, 0));
    expect(compared.patterns.length).toBeGreaterThan(1);
  });

  it('chooses rows of every kind, each with the copies that a strategy left, why and whose fault', () => {
    expect(compared.rows.length).toBe(60);
    for (const { left } of compared.patterns)
      expect(compared.rows.some((row) => Object.keys(row.left).join() === left.join())).toBe(true);
    expect(new Set(compared.rows.map(({ table }) => table))).toEqual(new Set(['shop.orders', 'shop.items']));
    const copies = compared.rows.flatMap(({ left }) => Object.values(left).flat());
    expect(new Set(copies.map(({ node }) => node))).toEqual(new Set(['n3', 'n4']));
    expect(copies.find(({ cause, state }) => cause === 'hint_window_passed' && state === 'latent')?.origin).toMatch(
      /^faults\.n[34]-away$/,
    );
  });

  it('keeps an even sample of the rows where there are many: those of the smallest hashes', () => {
    const simulation = alone(STRATEGIES[2].plan);
    const all = rowsLeft(simulation);
    const few = rowsLeft(simulation, 10);
    expect(all.complete).toBe(Infinity);
    expect(few.sample).toEqual(all.sample.slice(0, 10));
    expect(few.complete).toBe(rowHash(all.sample[10].slot));
    // A row that the sample of one strategy does not reach is not told of another, which would look as if the first had healed it.
    const told = compareRows('7', [
      { id: 'few', rows: few },
      { id: 'all', rows: { ...all, bits: all.bits.map(() => 0) } },
    ]);
    expect(told.rows).toEqual([]);
  });

  it('tells nothing of a strategy whose tables are others, and nothing where nobody asks', () => {
    const other = load(SCENARIO.replace('partitions: 8_000', 'partitions: 8_001'));
    const rows = ended([...STRATEGIES.slice(0, 2), { id: 'other', plan: other }], true)[0].rows;
    expect(rows?.strategies).toEqual(['both', 'orders-only']);
    expect(ended(STRATEGIES, false).some((run) => run.rows !== undefined)).toBe(false);
  });
});
