/** Nodes that are too slow or too full for what they get, by hand: caches at their limit, answers that come too late, periods
 * without an attempt; and rules of repair and deletes that are off. */
import { describe, expect, it } from 'vitest';
import type { CauseName } from '../../src/data/causes.ts';
import type { Result } from '../../src/observe/result.ts';
import { run } from '../../src/run/run.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan, PlanEntry, PlanPoints, SettingValue } from '../../src/scenario/plan.ts';
import { assertHeldEqualsStorage, oracleOf } from './held.ts';
import { seconds } from './plain-plan.ts';
import { pointPlan, type PointShape } from './point-plan.ts';

interface Story {
  entries?: PlanEntry[];
  settings?: Record<string, SettingValue>;
  points?: Record<string, Partial<PlanPoints>>;
  shape?: PointShape;
  off?: string[];
  diskBytesPerSecond?: number;
}

/** All own all: three nodes, three copies, one shard. */
const EVERYWHERE: PointShape = { nodes: 3, replication: 3 };

function planOf({
  entries = [],
  settings = {},
  points,
  shape = EVERYWHERE,
  off = [],
  diskBytesPerSecond,
}: Story): Plan {
  const plan = pointPlan(
    { duration_micros: seconds(600), settle_micros: seconds(120), entries, settings, model: { off } },
    points,
    shape,
  );
  if (diskBytesPerSecond === undefined) return plan;
  return { ...plan, devices: { ...plan.devices, disk_write_bytes_per_second: diskBytesPerSecond } };
}

const tell = (story: Story): Result => run(planOf(story)).result;
const left = (result: Result, name: CauseName): number => result.final.by_cause[name]?.left ?? 0;
const born = (result: Result, name: CauseName): number => result.final.by_cause[name]?.born ?? 0;

const slow = (node: string, given: { fsync?: number; speed?: number; from?: number; until?: number }): PlanEntry => ({
  ...{ id: `faults.slow-${node}`, kind: 'slowDisk', nodes: [node] },
  ...{ speed_share: given.speed ?? 1, fsync_micros: given.fsync ?? null },
  ...{ at_micros: seconds(given.from ?? 100), for_micros: seconds((given.until ?? 200) - (given.from ?? 100)) },
});
const away = (from: number, until: number, node = 'n3'): PlanEntry => ({
  ...{ id: `faults.away-${node}`, kind: 'crashNode', nodes: [node], mode: 'power-loss' },
  ...{ at_micros: seconds(from), for_micros: seconds(until - from) },
});

/** Its cache goes to a file every 4 kB, which a disk of 20 bytes a second does not keep up with. */
const crawling: Story = {
  entries: [slow('n3', { speed: 0.0002 })],
  settings: {
    ...{ 'data.cache-snapshot-memory-size': 4000, 'data.cache-max-memory-size': 6000 },
    ...{ 'hinted-handoff.batch-size': 2000, 'hinted-handoff.retry-concurrency': 1 },
  },
  diskBytesPerSecond: 100_000,
};

describe('a cache at its limit', () => {
  it('refuses what others send, who queue it and deliver it later', () => {
    const result = tell({ ...crawling, points: { agents: { through: 'n1' } } });
    // Only the first ones are: what follows waits behind them.
    expect(result.writes.refused_cache).toBeGreaterThan(10);
    expect(born(result, 'rejected_locally')).toBeGreaterThan(100);
    expect(result.final.by_cause.rejected_locally?.left).toBe(0);
    expect(result.final.divergent_copies).toBe(0);
    expect(result.rules_exercised).toContain('influxdb.1-cache-full');
  });

  it('loses for good what its node coordinates itself, and says by what', () => {
    const result = tell({ ...crawling, points: { agents: { through: 'n3' } } });
    expect(left(result, 'rejected_locally')).toBeGreaterThan(100);
    expect(result.final.by_origin['faults.slow-n3']?.copies).toBe(left(result, 'rejected_locally'));
    expect(result.hints.enqueued).toBe(0);
  });

  it('is none without a limit, with a larger one, or with its rule off', () => {
    const through = { points: { agents: { through: 'n3' } } };
    const larger = { ...crawling.settings, 'data.cache-max-memory-size': 1_000_000 };
    const none = { ...crawling.settings, 'data.cache-max-memory-size': 0 };
    for (const story of [{ settings: larger }, { settings: none }, { off: ['influxdb.1-cache-full'] }])
      expect(tell({ ...crawling, ...through, ...story }).writes.refused_cache).toBe(0);
  });

  it('is queued for by the node itself where a rule is off', () => {
    const result = tell({ ...crawling, points: { agents: { through: 'n3' } }, off: ['influxdb.2-local-error'] });
    expect(result.hints.delivered).toBeGreaterThan(100);
    expect(result.final.divergent_copies).toBe(0);
  });
});

describe('a disk that syncs slower than others wait', () => {
  const points = { agents: { through: 'n1' } };

  it('has what its sender takes for lost, and gets all of it again', () => {
    const result = tell({ entries: [slow('n3', { fsync: seconds(6) })], points });
    expect(result.hints.enqueued).toBeGreaterThan(200);
    expect(result.hints.delivered).toBe(result.hints.enqueued);
    expect(result.hints.failed_rounds).toBeGreaterThan(3);
    expect(result.final.divergent_copies).toBe(0);
    // The first was there all the time; what came behind it in the queue was not, and for the same cause.
    expect(born(result, 'timeout')).toBeGreaterThan(200);
    expect(born(result, 'node_down')).toBe(0);
    expect(result.final.by_cause.timeout?.left).toBe(0);
  });

  it('troubles nobody who waits longer', () => {
    const settings = { 'model.remote-timeout': seconds(8) };
    expect(tell({ entries: [slow('n3', { fsync: seconds(6) })], points, settings }).hints.enqueued).toBe(0);
  });
});

describe('after an error', () => {
  /** Six shards, so that a queue for one says nothing of the others. */
  const shape: PointShape = { nodes: 6, replication: 5 };
  const story: Story = {
    ...{ shape, entries: [away(100, 200, 'n6')] },
    points: {
      agents: { through: 'n1', interval_micros: seconds(1), series: 30, batch: 1, until_micros: seconds(150) },
    },
    settings: { 'model.throttle-interval': seconds(4), 'model.throttle-max-interval': seconds(20) },
  };

  it('writes of other shards go straight to their queue for a while', () => {
    const result = tell(story);
    expect(result.writes.throttled).toBeGreaterThan(0);
    expect(result.rules_exercised).toContain('influxdb.2-throttle');
    expect(result.final.divergent_copies).toBe(0);
    const { 'model.throttle-interval': _none, ...settings } = story.settings ?? {};
    for (const other of [{ settings }, { off: ['influxdb.2-throttle'] }])
      expect(tell({ ...story, ...other }).writes.throttled).toBe(0);
  });

  it('also those that may go past a queue', () => {
    const of = (first: number): Result =>
      tell({
        ...story,
        settings: {
          ...{ 'cluster.allow-out-of-order-writes': true, 'hinted-handoff.retry-interval': seconds(60) },
          ...{ 'model.throttle-interval': seconds(first), 'model.throttle-max-interval': seconds(64) },
        },
      });
    expect(of(4).writes.throttled).toBeGreaterThan(1000);
    expect(of(0).writes.throttled).toBe(0);
    // Twice as long after each failure: a first period that is longer tries less often.
    expect(of(16).writes.throttled ?? 0).toBeGreaterThan(of(4).writes.throttled ?? 0);
  });
});

describe('a rule that is off', () => {
  const drop: PlanEntry = {
    ...{ id: 'operations.drop', kind: 'deletePoints', nodes: ['n1'], at_micros: seconds(200) },
    ...{ series: [{ writer: 'agents', from: 0, to: 10 }], from_micros: 0, until_micros: null, command: 'DROP SERIES' },
  };

  it('hands a delete to a node that was down', () => {
    const story = { entries: [away(180, 220), drop], points: { agents: { until_micros: seconds(150) } } };
    expect(tell(story).final.zombie_copies).toBeGreaterThan(0);
    const off = tell({ ...story, off: ['influxdb.4-no-hand-off'] });
    expect(born(off, 'delete_missed')).toBeGreaterThan(0);
    expect(off.final).toMatchObject({ zombie_copies: 0, divergent_copies: 0 });
  });

  it('leaves files of levels alone', () => {
    const story = {
      settings: { 'data.cache-snapshot-memory-size': 500, 'data.compact-full-write-cold-duration': seconds(3600) },
    };
    expect(tell(story).storage.compactions).toBeGreaterThan(5);
    expect(tell({ ...story, off: ['influxdb.1-compaction'] }).storage.compactions).toBe(0);
  });
});

describe('a node that is too slow', () => {
  const story: Story = {
    ...crawling,
    entries: [
      slow('n3', { speed: 0.0002 }),
      slow('n2', { fsync: seconds(6), from: 150, until: 320 }),
      away(330, 400, 'n1'),
    ],
    settings: {
      ...crawling.settings,
      ...{ 'model.throttle-interval': seconds(30), 'model.throttle-max-interval': seconds(60) },
      'cluster.allow-out-of-order-writes': true,
    },
    shape: { nodes: 4, replication: 3, groups: 2, groupSeconds: 300 },
  };

  it('stands in the records as storage holds it', () => {
    const simulation = new Simulation(planOf(story), {
      batched: true,
      observers: [{ fold: (words, count) => oracle.fold(words, count) }],
    });
    const oracle = oracleOf(simulation.world, 'arrival');
    for (let at = 60; at <= 720; at += 60) {
      simulation.runTo(seconds(at));
      simulation.world.trace.flush();
      assertHeldEqualsStorage(simulation.world, oracle);
    }
  });

  it('goes on from a saved state as if nothing had been', () => {
    const straight = run(planOf(story)).result;
    expect(straight.writes.throttled).toBeGreaterThan(0);
    for (const at of [103, 161, 335]) {
      const first = new Simulation(planOf(story), { batched: true });
      first.runTo(seconds(at));
      const second = new Simulation(planOf(story), { batched: true });
      second.load(first.save());
      second.runTo(second.world.endMicros);
      expect(second.finish().result).toEqual(straight);
    }
  });
});
