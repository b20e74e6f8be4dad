/** What is left of a shard's metadata when it, its points or its owners go: flags, jobs, bytes, types, indicators. */
import { describe, expect, it } from 'vitest';
import type { Result } from '../../src/observe/result.ts';
import { PointWorld } from '../../src/run/point-world.ts';
import { run } from '../../src/run/run.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan, PlanEntry, PlanPoints, SettingValue } from '../../src/scenario/plan.ts';
import { seconds } from './plain-plan.ts';
import { pointPlan } from './point-plan.ts';

const SETTINGS: Record<string, SettingValue> = {
  'data.cache-snapshot-write-cold-duration': seconds(20),
  'data.compact-full-write-cold-duration': seconds(60),
  'anti-entropy.enabled': true,
  'anti-entropy.check-interval': seconds(20),
  'retention.check-interval': seconds(5),
  'hinted-handoff.enabled': false,
};

interface Story {
  entries?: PlanEntry[];
  points?: Record<string, Partial<PlanPoints>>;
  /** After the end of its time. */
  keepSeconds?: number;
  link?: number;
  probes?: Plan['probes'];
}

/** One shard of two copies. */
function planOf({ entries = [], points, keepSeconds, link, probes = {} }: Story): Plan {
  const plan = pointPlan(
    { duration_micros: seconds(600), settle_micros: seconds(120), entries, settings: SETTINGS, probes },
    points ?? { agents: { until_micros: seconds(150) } },
    { nodes: 2, replication: 2 },
  );
  const keep = keepSeconds === undefined ? {} : { until_micros: seconds(200), keep_micros: seconds(keepSeconds) };
  const tables = plan.tables.map((table) =>
    table.shard === undefined ? table : { ...table, shard: { ...table.shard, ...keep } },
  );
  const devices = link === undefined ? plan.devices : { ...plan.devices, link_bytes_per_second: link };
  return { ...plan, tables, devices };
}

const tell = (story: Story): Result => run(planOf(story)).result;

function worldAt(story: Story, at: number): PointWorld {
  const simulation = new Simulation(planOf(story), { batched: true });
  simulation.runTo(seconds(at));
  if (!(simulation.world instanceof PointWorld)) throw new Error('a world of points is wanted');
  return simulation.world;
}

const away: PlanEntry = {
  ...{ id: 'faults.away', kind: 'crashNode', nodes: ['n2'], mode: 'power-loss' },
  ...{ at_micros: seconds(50), for_micros: seconds(50) },
};
const repair = (at: number): PlanEntry => ({
  ...{ id: 'repairs.ae', kind: 'repairShards', nodes: ['n1'], at_micros: seconds(at), shards: null },
  command: 'entropy repair',
});
const removeFrom = (node: string, at: number): PlanEntry => ({
  ...{ id: `repairs.${node}`, kind: 'repairByHand', nodes: ['n1'], at_micros: seconds(at) },
  ...{ steps: [{ do: 'removeShard', node, table: 'shop.s1' }], command: 'influxd-ctl' },
});

describe('a shard that was flagged', () => {
  it('leaves the list when it is equal, and when it is gone', () => {
    const flagged = (story: Story, at: number): number[] => worldAt(story, at).entropy.flaggedTables();
    expect(flagged({ entries: [away] }, 700)).toEqual([0]);
    expect(flagged({ entries: [away, repair(400)] }, 399)).toEqual([0]);
    expect(flagged({ entries: [away, repair(400)] }, 700)).toEqual([]);
    // Its policy keeps it until 500.
    expect(flagged({ entries: [away], keepSeconds: 300 }, 499)).toEqual([0]);
    expect(flagged({ entries: [away], keepSeconds: 300 }, 510)).toEqual([]);
  });

  it('takes the repair along that is under way, and its bytes', () => {
    const story: Story = { entries: [away, repair(480)], keepSeconds: 300, link: 100 };
    const { repairs, storage } = tell(story);
    expect(repairs['repairs.ae'].finished_micros).toBeGreaterThan(seconds(499));
    expect(repairs['repairs.ae'].finished_micros).toBeLessThan(seconds(511));
    expect(repairs['repairs.ae'].healed_copies).toBe(0);
    expect(storage['sstable_bytes'] ?? 0).toBe(0);
    expect(worldAt(story, 511).devices.devices.runningCount).toBe(0);
  });
});

describe('the type of a measurement', () => {
  const ints: Partial<PlanPoints> = { value: 'integer', series_key: 'cpu,host=a-{n}', until_micros: seconds(150) };
  const floats: Partial<PlanPoints> = {
    ...{ value: 'float', series_key: 'cpu,host=b-{n}' },
    ...{ from_micros: seconds(400), until_micros: seconds(500) },
  };
  const points = { ints, floats };
  const drop = (to: number): PlanEntry => ({
    ...{ id: 'operations.drop', kind: 'deletePoints', nodes: ['n1'], at_micros: seconds(200) },
    ...{ series: [{ writer: 'ints', from: 0, to }], from_micros: null, until_micros: null, command: 'DROP' },
  });
  const refused = (story: Story): number => tell({ points, ...story }).final.by_cause['field_type_conflict']?.born ?? 0;

  it('goes with its last series', () => {
    const all = refused({});
    expect(all).toBeGreaterThan(0);
    expect(refused({ entries: [drop(30)] })).toBe(0);
    expect(refused({ entries: [drop(29)] })).toBe(all);
  });

  it('stays on a node that missed the delete', () => {
    const down: PlanEntry = { ...away, at_micros: seconds(190) };
    expect(refused({ entries: [down, drop(30)] })).toBeGreaterThan(0);
  });

  it('comes along with what anti-entropy brings', () => {
    const lost: PlanEntry = { ...away, mode: 'disk-lost', at_micros: seconds(250) } as PlanEntry;
    const through = { ints, floats: { ...floats, through: 'n2' } };
    const types = worldAt({ entries: [lost], points: through }, 399).types;
    // Writers go by their ids, so the floats are the first.
    expect([0, 1].map((node) => types.refuses(node, 0, 0))).toEqual([true, true]);
    // Refused on both alike, so nothing differs.
    expect(tell({ entries: [lost], points: through }).final.divergent_copies).toBe(0);
  });
});

describe('a copy that remove-shard took away', () => {
  const probes: Plan['probes'] = { sizes: { kind: 'size', every_micros: seconds(10) } };

  it('is asked no more by indicators, though a copy is missing', () => {
    const result = tell({ entries: [removeFrom('n2', 400)], probes });
    const sizes = result.probes['sizes'];
    if (!('owners' in sizes)) throw new Error('a probe of owners is wanted');
    expect(Object.keys(sizes.owners['shop.s1'])).toEqual(['n1']);
    expect(result.final.by_cause['sstable_lost']?.left).toBeGreaterThan(0);
  });

  it('leaves no owner where it was the last', () => {
    const world = worldAt({ entries: [removeFrom('n1', 400), removeFrom('n2', 410)] }, 420);
    expect(world.ownership.ownersOf(0)).toEqual([]);
  });
});
