/** Work on whole shards that meets other work or a fault: compactions, partitions, machines that are down, disks without room. */
import { describe, expect, it } from 'vitest';
import type { Result } from '../../src/observe/result.ts';
import { PointWorld } from '../../src/run/point-world.ts';
import { run } from '../../src/run/run.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan, PlanEntry, PlanPoints, SettingValue } from '../../src/scenario/plan.ts';
import type { PlanShardStep } from '../../src/scenario/plan-shards.ts';
import { seconds } from './plain-plan.ts';
import { pointPlan, type PointShape } from './point-plan.ts';

const SETTINGS: Record<string, SettingValue> = {
  'data.cache-snapshot-write-cold-duration': seconds(20),
  'data.compact-full-write-cold-duration': seconds(60),
  'anti-entropy.check-interval': seconds(20),
};

interface Story {
  entries?: PlanEntry[];
  settings?: Record<string, SettingValue>;
  agents?: Partial<PlanPoints>;
  shape?: PointShape;
  devices?: Partial<Plan['devices']>;
  more?: Partial<Plan>;
}

function planOf({ entries = [], settings = {}, agents = {}, shape, devices = {}, more = {} }: Story): Plan {
  const given = { duration_micros: seconds(600), settle_micros: seconds(120), entries, model: { off: [] }, ...more };
  const all = { ...given, settings: { ...SETTINGS, ...settings } };
  const plan = pointPlan(all, { agents: { until_micros: seconds(150), ...agents } }, shape);
  return { ...plan, devices: { ...plan.devices, ...devices } };
}

const tell = (story: Story): Result => run(planOf(story)).result;

function worldAt(story: Story, at: number): PointWorld {
  const simulation = new Simulation(planOf(story), { batched: true });
  simulation.runTo(seconds(at));
  if (!(simulation.world instanceof PointWorld)) throw new Error('a world of points is wanted');
  return simulation.world;
}

const byHand = (at: number, ...steps: PlanShardStep[]): PlanEntry => ({
  ...{ id: 'repairs.by-hand', kind: 'repairByHand', nodes: ['n1'], at_micros: seconds(at), steps },
  command: 'influxd-ctl',
});
// s1 is owned by n1 and n2, s2 by n3 and n1, s3 by n2 and n3.
const copy: PlanShardStep = { do: 'copyShard', from: 'n1', to: 'n2', table: 'shop.s1' };
const remove: PlanShardStep = { do: 'removeShard', node: 'n2', table: 'shop.s1' };

describe('a copy that is replaced while it is compacted', () => {
  // Many files, and a compaction that takes minutes.
  const settings = { 'data.cache-snapshot-memory-size': 400, 'data.compact-throughput': 10 };

  it('ends the compaction, and a new one begins of the files there are', () => {
    for (const steps of [[remove], [copy], [remove, copy]]) {
      const story = { settings, entries: [byHand(300, ...steps)] };
      expect(worldAt(story, 299).compaction.isUnderWay(1, 0)).toBe(true);
      const after = worldAt(story, 302);
      expect(after.compaction.isUnderWay(1, 0)).toBe(steps.includes(copy));
      expect(tell(story).repairs['repairs.by-hand'].outcome).toBe('finished');
    }
  });
});

describe('anti-entropy among the owners that remain', () => {
  const shape = { nodes: 3, replication: 3 };
  const lost: PlanEntry = {
    ...{ id: 'faults.disk', kind: 'crashNode', nodes: ['n3'], mode: 'disk-lost' },
    ...{ at_micros: seconds(350), for_micros: seconds(20) },
  };

  it('copies a missing shard past an owner that was taken away', () => {
    const settings = { 'anti-entropy.enabled': true };
    const story = { shape, settings, agents: { through: 'n1' }, entries: [byHand(300, remove), lost] };
    const world = worldAt(story, 719);
    expect(world.compaction.isIdle(2, 0)).toBe(true);
    expect(world.storage.of(2, 0).runs[0]?.slots.length).toBe(world.storage.of(0, 0).runs[0].slots.length);
    expect(world.storage.of(1, 0).runs).toEqual([]);
    expect(tell({ ...story, settings: {} }).final.by_node.n3.copies).toBeGreaterThan(0);
  });
});

// s1 is owned by n1 and n2.
const split = (from: number, until: number): PlanEntry => ({
  ...{ id: 'faults.split', kind: 'cutLink', from: ['n1'], to: ['n2'], two_way: true },
  ...{ at_micros: seconds(from), for_micros: seconds(until - from) },
});
const full = (node: string, from: number, until: number): PlanEntry => ({
  ...{ id: 'faults.full', kind: 'fillDisk', nodes: [node] },
  ...{ at_micros: seconds(from), for_micros: seconds(until - from) },
});
const away = (node: string, from: number, until: number): PlanEntry => ({
  ...{ id: `faults.${node}`, kind: 'crashNode', nodes: [node], mode: 'power-loss' },
  ...{ at_micros: seconds(from), for_micros: seconds(until - from) },
});
const repair = (at: number): PlanEntry => ({
  ...{ id: 'repairs.ae', kind: 'repairShards', nodes: ['n1'], at_micros: seconds(at), shards: ['shop.s1'] },
  command: 'entropy repair',
});
// n2 misses what came while it was away.
const differing: Story = { settings: { 'anti-entropy.enabled': true, 'hinted-handoff.enabled': false } };
const missed = away('n2', 50, 100);
const failuresOf = (story: Story, id = 'repairs.by-hand'): readonly string[] => tell(story).repairs[id].failures;

describe('a way that is cut', () => {
  const slow = { link_bytes_per_second: 400 };

  it('lets no copy begin, and ends the one that is on it', () => {
    const cut = 'copy-shard: node 1 and node 2 do not reach each other';
    expect(failuresOf({ entries: [split(295, 400), byHand(300, copy)] })).toEqual([cut]);
    expect(failuresOf({ entries: [split(302, 400), byHand(300, copy)], devices: slow })).toEqual([cut]);
    expect(failuresOf({ entries: [byHand(300, copy)], devices: slow })).toEqual([]);
  });

  it('holds a repair up until it is whole again', () => {
    const entries = [missed, repair(400)];
    const through = tell({ ...differing, entries, devices: slow });
    const held = tell({ ...differing, entries: [...entries, split(405, 500)], devices: slow });
    const finished = (result: Result): number => result.repairs['repairs.ae'].finished_micros ?? Infinity;
    expect(finished(through)).toBeLessThan(seconds(500));
    expect(finished(held)).toBeGreaterThan(seconds(500));
    // What was under way is sent once more.
    expect(held.repairs['repairs.ae'].sent_bytes).toBeGreaterThan(through.repairs['repairs.ae'].sent_bytes);
    const never = tell({ ...differing, entries: [...entries, split(405, 900)], devices: slow });
    expect(never.repairs['repairs.ae']).toMatchObject({ outcome: 'running', healed_copies: 0 });
  });
});

describe('a disk without room', () => {
  it('takes no copies, neither from their beginning nor in the middle', () => {
    const none = ['copy-shard: no space left on device of node 2'];
    expect(failuresOf({ entries: [full('n2', 295, 400), byHand(300, copy)] })).toEqual(none);
    const slow = { link_bytes_per_second: 400 };
    expect(failuresOf({ entries: [full('n2', 302, 400), byHand(300, copy)], devices: slow })).toEqual(none);
    expect(failuresOf({ entries: [full('n3', 295, 400), byHand(300, copy)] })).toEqual([]);
  });

  it('takes no patches: a repair waits for room', () => {
    const story = { ...differing, entries: [missed, repair(400), full('n2', 390, 500)] };
    const { started_micros: started, finished_micros: finished, outcome } = tell(story).repairs['repairs.ae'];
    expect([started, outcome]).toEqual([seconds(400), 'finished']);
    expect(finished).toBeGreaterThan(seconds(500));
    const kept = tell({ ...story, entries: [missed, repair(400), full('n2', 390, 900)] });
    expect(kept.repairs['repairs.ae']).toMatchObject({ outcome: 'running', sent_rows: 0 });
  });

  it('has neither snapshots of memory nor compactions, until there is room', () => {
    const filesAt = (at: number, entries: PlanEntry[], settings: Record<string, SettingValue> = {}): number =>
      worldAt({ entries, settings }, at).storage.of(1, 0).runs.length;
    expect(filesAt(300, [])).toBe(1);
    // The cache is cold at 170.
    expect(filesAt(300, [full('n2', 160, 350)])).toBe(0);
    expect(filesAt(400, [full('n2', 160, 350)])).toBe(1);
    // Compacted at 210, and slowly so that it is broken off in the other.
    const many = { 'data.cache-snapshot-memory-size': 400 };
    expect(filesAt(300, [], many)).toBe(1);
    for (const from of [205, 215]) {
      const settings = { ...many, 'data.compact-throughput': 100, 'data.compact-throughput-burst': 100 };
      const entries = [full('n2', from, 350)];
      expect(filesAt(349, entries, settings)).toBeGreaterThan(1);
      expect(filesAt(600, entries, settings)).toBe(1);
    }
  });
});

describe('remove-shard', () => {
  it('destroys nothing on a machine that is away', () => {
    const story = { entries: [away('n2', 290, 400), byHand(300, remove)] };
    expect(failuresOf(story)).toEqual(['remove-shard: node 2 does not answer']);
    const world = worldAt(story, 719);
    expect(world.ownership.ownersOf(0)).toEqual([0, 1]);
    expect(world.storage.of(1, 0).runs).not.toEqual([]);
  });
});
