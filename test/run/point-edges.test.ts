/** Where mechanisms of points meet: nodes that leave with queues, shards without owners, repairs that end early, refused rounds. */
import { describe, expect, it } from 'vitest';
import { impossibleCauses } from '../../src/dialect/influxdb/impossible-causes.ts';
import { dialects } from '../../src/dialect/index.ts';
import type { CauseName } from '../../src/data/causes.ts';
import type { Result } from '../../src/observe/result.ts';
import { run } from '../../src/run/run.ts';
import { loadPlan } from '../../src/scenario/load.ts';
import { VERSION } from '../../src/index.ts';
import type { PlanEntry, PlanPoints, SettingValue } from '../../src/scenario/plan.ts';
import type { PlanShardStep } from '../../src/scenario/plan-shards.ts';
import { seconds } from './plain-plan.ts';
import { pointPlan, type PointShape } from './point-plan.ts';

interface Story {
  entries: PlanEntry[];
  settings?: Record<string, SettingValue>;
  points?: Record<string, Partial<PlanPoints>>;
  shape?: PointShape;
  off?: string[];
}

/** All own all: three nodes, three copies, one shard. */
const EVERYWHERE: PointShape = { nodes: 3, replication: 3 };
const COLD_SOON: Record<string, SettingValue> = {
  'data.cache-snapshot-write-cold-duration': seconds(20),
  'data.compact-full-write-cold-duration': seconds(60),
  'anti-entropy.enabled': true,
  'anti-entropy.check-interval': seconds(20),
  'hinted-handoff.enabled': false,
};

function planOf({ entries, settings = {}, points, shape = EVERYWHERE, off = [] }: Story): ReturnType<typeof pointPlan> {
  const times = { duration_micros: seconds(600), settle_micros: seconds(120) };
  return pointPlan({ ...times, entries, settings, model: { off } }, points, shape);
}

const tell = (story: Story): Result => run(planOf(story)).result;
const left = ({ final }: Result, name: CauseName): number => final.by_cause[name]?.left ?? 0;

const away = (from: number, until: number, node = 'n3'): PlanEntry => ({
  ...{ id: `faults.away-${node}`, kind: 'crashNode', nodes: [node], mode: 'process' },
  ...{ at_micros: seconds(from), for_micros: seconds(until - from) },
});
const cut = (from: number, until: number, to: string): PlanEntry => ({
  ...{ id: `faults.cut-${from}`, kind: 'cutLink', from: ['n1'], to: [to], two_way: true },
  ...{ at_micros: seconds(from), for_micros: seconds(until - from) },
});
const byHand = (at: number, ...steps: PlanShardStep[]): PlanEntry => ({
  ...{ id: 'repairs.by-hand', kind: 'repairByHand', nodes: ['n1'], at_micros: seconds(at), steps },
  command: 'influxd-ctl',
});
const repair = (at: number, shards: string[] | null): PlanEntry => ({
  ...{
    id: 'repairs.ae',
    kind: 'repairShards',
    nodes: ['n1'],
    at_micros: seconds(at),
    shards,
    command: 'entropy repair',
  },
});

describe('a node that is removed', () => {
  it('takes with it what it kept for others', () => {
    const story = { entries: [away(100, 400), byHand(200, { do: 'removeData', node: 'n1' })] };
    const result = tell({ ...story, points: { agents: { through: 'n1', until_micros: seconds(190) } } });
    expect(result.hints.enqueued).toBeGreaterThan(0);
    expect(result.hints.pending).toBe(0);
    expect(result.final.hint_pending_copies).toBe(0);
    expect(left(result, 'hint_lost')).toBe(result.hints.enqueued);
  });
});

describe('a shard without owners', () => {
  it('takes no write at any level', () => {
    const points = { agents: { consistency: 'all' as const, through: 'n1' } };
    const remove: PlanShardStep = { do: 'removeShard', node: 'n2', table: 'shop.s2' };
    const story = { points, shape: { nodes: 2, replication: 1 } };
    expect(tell({ ...story, entries: [] }).writes.failed).toBe(0);
    const result = tell({ ...story, entries: [byHand(200, remove)] });
    expect(result.writes.failed).toBeGreaterThan(0);
    expect(result.writes.acknowledged).toBe(result.writes.issued - result.writes.failed);
  });
});

describe('a repair', () => {
  const points = { agents: { until_micros: seconds(150) } };

  it('that is taken out of the queue has failed', () => {
    const kill = { ...byHand(450, { do: 'killRepair', table: 'shop.s1' }), id: 'operations.kill' };
    const entries = [away(100, 140), cut(350, 600, 'n2'), repair(400, ['shop.s1']), kill];
    const shape = { nodes: 2, replication: 2 };
    const result = tell({ entries, settings: COLD_SOON, points, shape });
    const { outcome, failures } = result.repairs['repairs.ae'];
    expect([outcome, failures.join()]).toEqual(['failed', expect.stringContaining('kill-repair')]);
  });

  it('is refused where contents are not compared', () => {
    const settings = { ...COLD_SOON, 'model.compares-content': false };
    const result = tell({ entries: [away(100, 140), repair(400, ['shop.s1'])], settings, points });
    expect(result.repairs['repairs.ae'].outcome).toBe('failed');
    expect(result.final.latent_copies).toBeGreaterThan(0);
  });

  it('ends before 1.8.5 at an owner that has nothing to send', () => {
    // n1 and n2 are alike, n3 lacks forty seconds.
    const story = { entries: [away(100, 140), repair(400, ['shop.s1'])], points };
    const old = tell({ ...story, settings: { ...COLD_SOON, 'model.forwards-repairs': false } });
    expect(old.final.latent_copies).toBeGreaterThan(0);
    expect(tell({ ...story, settings: COLD_SOON }).final.latent_copies).toBe(0);
  });
});

describe('a round with a write that is refused again and again', () => {
  it('brings what stands beside it', () => {
    const common = { series: 10, batch: 10, until_micros: seconds(100) };
    const points: Record<string, Partial<PlanPoints>> = {
      agents: { ...common, through: 'n1', series_key: 'cpu,host=web-{n}' },
      beside: { ...common, through: 'n1', series_key: 'mem,host=web-{n}' },
      integers: {
        ...{ ...common, through: 'n2', series_key: 'cpu,host=db-{n}', value: 'integer' as const },
        from_micros: seconds(60),
      },
    };
    // n3 has the integers first: the queue of n1 is tried after a minute only.
    const entries = [away(1, 55), away(55, 65, 'n1')];
    const settings = { 'hinted-handoff.retry-interval': seconds(60), 'model.poison-blocks-queue': true };
    const result = tell({ entries, points, settings });
    expect(result.hints.delivered).toBe(0);
    expect(result.hints.pending).toBeGreaterThan(0);
    // Still in the queue, and nobody lacks them.
    expect(result.final.by_node['n3'].copies).toBeLessThan(result.hints.pending);
  });
});

/** Of all that was written. */
const DROP: PlanEntry = {
  ...{ id: 'operations.drop', kind: 'deletePoints', nodes: ['n1'], at_micros: seconds(200) },
  ...{ series: [{ writer: 'agents', from: 0, to: 10 }], from_micros: 0, until_micros: null, command: 'DROP SERIES' },
};

describe('with the rule off that a delete is handed to nobody', () => {
  it('who was cut off hears of it when the way is whole again', () => {
    const story = { entries: [cut(180, 220, 'n3'), DROP], points: { agents: { until_micros: seconds(150) } } };
    expect(tell(story).final.zombie_copies).toBeGreaterThan(0);
    const off = tell({ ...story, off: ['influxdb.4-no-hand-off'] });
    expect(off.final).toMatchObject({ zombie_copies: 0, divergent_copies: 0 });
  });
});

describe('a copy that was taken away', () => {
  it('is healed by no hint that comes for it', () => {
    const remove: PlanShardStep = { do: 'removeShard', node: 'n3', table: 'shop.s1' };
    // n3 is back at 140 s; what n1 keeps for it comes at 200 s, when the copy is gone.
    const settings = {
      'hinted-handoff.retry-interval': seconds(100),
      'hinted-handoff.retry-max-interval': seconds(100),
    };
    const points = { agents: { through: 'n1', until_micros: seconds(150) } };
    const result = tell({ entries: [away(100, 140), byHand(150, remove)], settings, points });
    expect(result.hints.delivered).toBeGreaterThan(0);
    expect(result.final.by_cause.node_down?.healed_by.hint ?? 0).toBe(0);
    expect(result.final).toMatchObject({ hint_pending_copies: 0 });
    // Of all that was written it has nothing.
    expect(result.final.by_node['n3'].copies).toBe(result.writes.acknowledged);
  });
});

describe('a machine in the place of another', () => {
  const points = { agents: { until_micros: seconds(150) } };
  const replace: PlanShardStep = { do: 'updateData', node: 'n3' };

  it('gets the shards that it lacks from anti-entropy, unasked', () => {
    const result = tell({ entries: [byHand(300, replace)], settings: COLD_SOON, points });
    expect(result.final).toMatchObject({ divergent_copies: 0, wrong_copies: 0 });
    expect(result.storage.shards_copied).toBe(1);
    expect(result.repairs['anti-entropy'].healed_copies).toBe(result.writes.acknowledged);
    const alone = tell({
      entries: [byHand(300, replace)],
      settings: { ...COLD_SOON, 'anti-entropy.enabled': false },
      points,
    });
    expect(alone.final.by_node['n3'].copies).toBe(alone.writes.acknowledged);
  });
});

describe('entropy repair as a step by hand', () => {
  it('says what it made worse, as the same repair by itself does', () => {
    const points = { agents: { until_micros: seconds(150) } };
    const by = (asked: PlanEntry): number =>
      tell({ entries: [away(180, 220), DROP, asked], settings: COLD_SOON, points }).repairs[asked.id].reverted_copies ??
      0;
    const alone = by(repair(400, ['shop.s1']));
    expect(alone).toBeGreaterThan(0);
    expect(by(byHand(400, { do: 'entropyRepair', table: 'shop.s1' }))).toBe(alone);
  });
});

describe('a cause is excluded', () => {
  it('only where none of the rules that bring it about is on', () => {
    const excluded = (...off: string[]): boolean => 'hint_queue_full' in impossibleCauses(planOf({ entries: [], off }));
    // A queue that is blocked, or has no room on its disk, takes nothing more either.
    expect(excluded('influxdb.3.3-max-size')).toBe(false);
    expect(excluded('influxdb.3.3-max-size', 'influxdb.3.1-pending', 'influxdb.3.2-no-room')).toBe(true);
  });
});

describe('a plan in which queues are lost for all targets', () => {
  it('is read again', () => {
    const lost: PlanEntry = { id: 'faults.lost', kind: 'loseHints', nodes: ['n1'], at_micros: seconds(200) };
    const plan = planOf({ entries: [lost] });
    const { mistakes } = loadPlan('plan.json', JSON.stringify(plan), { dialects, version: VERSION });
    expect(
      mistakes.map(({ path, message }) => `${path} ${message}`).filter((text) => text.includes('targets')),
    ).toEqual([]);
  });
});
