/** What holds back the compactions of a node of points: so many at once, bursts before the throughput holds, and queues of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bursts } from '../../src/replica/points/compaction-limits.ts';
import { PointWorld } from '../../src/run/point-world.ts';
import { run } from '../../src/run/run.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan, SettingValue } from '../../src/scenario/plan.ts';
import { seconds } from './plain-plan.ts';
import { pointPlan } from './point-plan.ts';

/** Four shards, of which each node owns three that go cold at the same time; a compaction takes some ten seconds. */
function planOf(given: Record<string, SettingValue>): Plan {
  const settings = {
    ...{ 'data.cache-snapshot-memory-size': 3000, 'data.cache-snapshot-write-cold-duration': seconds(20) },
    ...{ 'data.compact-full-write-cold-duration': seconds(60), 'data.compact-throughput': 500 },
    ...given,
  };
  const until = { interval_micros: seconds(5), until_micros: seconds(300) };
  return pointPlan(
    { duration_micros: seconds(600), settle_micros: seconds(120), entries: [], settings },
    { agents: until },
    { nodes: 4, replication: 3 },
  );
}

/** Most compactions of the first node at once, and when its last copy was one file. */
function watch(given: Record<string, SettingValue>): { most: number; doneAt: number } {
  const simulation = new Simulation(planOf(given), { batched: true, observed: false });
  const { world } = simulation;
  if (!(world instanceof PointWorld)) throw new Error('a world of points is wanted');
  let most = 0;
  let doneAt = 0;
  for (let at = 1; at < 720; at += 1) {
    simulation.runTo(seconds(at));
    const underWay = world.tables.filter(({ index }) => world.compaction.isUnderWay(0, index)).length;
    most = Math.max(most, underWay);
    if (world.tables.some(({ index }) => world.storage.of(0, index).runs.length > 1)) doneAt = at;
  }
  return { most, doneAt };
}

describe('compactions of a node', () => {
  it('are so many at once, and all of them are done in the end', () => {
    const free = watch({ 'data.max-concurrent-compactions': 100 });
    const one = watch({ 'data.max-concurrent-compactions': 1 });
    expect(free.most).toBeGreaterThan(2);
    expect(one.most).toBe(1);
    expect(one.doneAt).toBeLessThan(700);
    // Half as many as there are cores.
    expect(watch({ 'model.cores': 4 }).most).toBe(2);
    expect(watch({ 'model.cores': 1 }).most).toBe(1);
  });

  it('pass as fast as the disk lets them up to the burst', () => {
    const held = watch({});
    const burst = watch({ 'data.compact-throughput-burst': 100_000 });
    expect(burst.doneAt).toBeLessThan(held.doneAt - 5);
    // Nothing more than they need: no burst makes them faster than no limit.
    expect(burst.doneAt).toBeGreaterThanOrEqual(watch({ 'data.compact-throughput': 0 }).doneAt);
  });

  it('go on from a saved state, with those that wait and what is left of a burst', () => {
    const plan = planOf({ 'data.max-concurrent-compactions': 1, 'data.compact-throughput-burst': 4000 });
    const straight = run(plan).result;
    for (const at of [205, 361, 370, 383, 402]) {
      const first = new Simulation(plan, { batched: true });
      first.runTo(seconds(at));
      const second = new Simulation(plan, { batched: true });
      second.load(first.save());
      second.runTo(second.world.endMicros);
      expect(second.finish().result).toEqual(straight);
    }
  });
});

describe('bursts', () => {
  it('let pass no more than came, whatever is asked for and when', () => {
    const step = fc.record({ after: fc.nat(5_000_000), wanted: fc.nat(3000), held: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40 }),
        fc.nat(2000),
        fc.nat(2000),
        (steps, bytesPerSecond, burstBytes) => {
          const limits = [{ atOnce: 1, bytesPerSecond: bytesPerSecond + 1, burstBytes }];
          const bursts = new Bursts(limits);
          let micros = 0;
          let came = 0;
          let passed = 0;
          for (const { after, wanted, held } of steps) {
            if (held) bursts.holds(0, 1, micros);
            else came += (after * (bytesPerSecond + 1)) / 1e6;
            micros += after;
            if (held) bursts.holds(0, -1, micros);
            const taken = bursts.take(0, wanted, micros);
            expect(taken).toBeLessThanOrEqual(Math.min(wanted, burstBytes));
            passed += taken;
            expect(passed).toBeLessThanOrEqual(came + 1e-6);
          }
        },
      ),
    );
  });
});
