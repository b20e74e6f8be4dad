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
