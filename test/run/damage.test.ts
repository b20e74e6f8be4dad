/** Damage to the copies of one node: which value survives it, what it leaves on the disk; and clocks, which damage none. */
import { describe, expect, test } from 'vitest';
import { CAUSES } from '../../src/data/causes.ts';
import { OPERATION, Versions } from '../../src/data/versions.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan, PlanEntry } from '../../src/scenario/plan.ts';
import { plainPlan, plainTable, plainWorkload, repairEntry, seconds } from './plain-plan.ts';
import { tell } from './reading.ts';

const COUNT = 400;
const keys = Array.from({ length: COUNT }, (_none, index) => index);

const damage = (what: 'missing' | 'corrupt'): PlanEntry => ({
  id: 'faults.rot',
  at_micros: seconds(20),
  kind: 'damageCopy',
  node: 'n1',
  table: 'shop.orders',
  keys,
  what,
});

/** Some rows are in memory, the others in the first run. */
const plan = (what: 'missing' | 'corrupt', given: Partial<Plan> = {}): Plan =>
  plainPlan({
    tables: [plainTable({ partitions: 2 * COUNT, loaded: 'equal' })],
    workload: { w: plainWorkload({ until_micros: seconds(10), keys: { kind: 'uniform', from: 0, to: 2 * COUNT } }) },
    entries: [damage(what), repairEntry({ at: seconds(60), nodes: ['n2'] })],
    ...given,
  });

describe('many partitions of one copy', () => {
  test('are damaged in one go: one run less their slots, and one of the damaged values', () => {
    for (const [what, runs] of [
      ['missing', 1],
      ['corrupt', 2],
    ] as const) {
      const simulation = new Simulation(plan(what), { batched: true, observers: [] });
      simulation.runTo(seconds(21));
      const { storage, tables } = simulation.world;
      expect(storage.of(0, 0).runs).toHaveLength(runs);
      expect(storage.of(0, 0).runs[0].removed).toHaveLength(COUNT);
      const held = keys.map((key) => storage.heldVersion(0, tables[0].ordinalOfKey[key]));
      expect(held.filter((version) => version === 0)).toHaveLength(what === 'missing' ? COUNT : 0);
    }
  });

  test('each is told once, and what vanished comes back with repair', () => {
    const story = tell(plan('missing'));
    expect(new Set(story.of('reverted').map(({ b }) => b)).size).toBe(COUNT);
    expect(story.result.final.divergent_copies).toBe(0);
    expect(story.result.final.lost_acknowledged).toBe(0);
  });
});

describe('two values of one timestamp', () => {
  test('a damaged value is the larger one about half of the time, and only then lives on', () => {
    const { divergent_copies, lost_acknowledged } = tell(plan('corrupt')).result.final;
    expect(divergent_copies).toBe(0);
    // 400 even draws: mean 200, deviation 10.
    expect(lost_acknowledged).toBeGreaterThan(150);
    expect(lost_acknowledged).toBeLessThan(250);
  });

  test('the draws belong to the copy and its slot: the same whatever else is damaged', () => {
    const lost = (some: readonly number[]): number =>
      tell(
        plan('corrupt', {
          entries: [
            { ...damage('corrupt'), keys: [...some] } as PlanEntry,
            repairEntry({ at: seconds(60), nodes: ['n2'] }),
          ],
        }),
      ).result.final.lost_acknowledged;
    const half = COUNT / 2;
    expect(lost(keys.slice(0, half)) + lost(keys.slice(half))).toBe(lost(keys));
  });

  test('the order is total', () => {
    const versions = new Versions(4, { skewed: true });
    const { operation, index } = versions.arrays;
    operation.fill(OPERATION.corrupt, 4, 6);
    index[4] = 1;
    versions.arrays.timestamp.fill(7, 2, 6);
    const order = [4, 2, 3, 5];
    for (const [place, a] of order.entries())
      for (const [other, b] of order.entries()) expect(versions.wins(a, b)).toBe(place > other);
  });
});

test('a skewed clock loses writes of its clients on all copies alike: nothing differs, so nothing has it for a cause', () => {
  const story = tell(
    plainPlan({
      workload: { w: plainWorkload({ consistency: 'ALL', keys: { kind: 'uniform', from: 0, to: 5 } }) },
      entries: [
        {
          id: 'faults.skew',
          at_micros: seconds(20),
          kind: 'skewClock',
          nodes: ['n1'],
          by_micros: seconds(-10),
          for_micros: null,
        },
      ],
    }),
  );
  const { final } = story.result;
  expect(story.of('clockSkewed')).toHaveLength(1);
  expect([final.divergent_copies, final.wrong_copies, final.lost_acknowledged]).toEqual([0, 0, 0]);
  expect(Object.keys(final.by_cause)).toEqual(['in_flight']);
  expect(CAUSES.some((name) => name.includes('skew'))).toBe(false);
});
