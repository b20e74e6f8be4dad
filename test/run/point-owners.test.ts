/** Owners of shards that change in the run: new ones by copy-shard, old ones that go, and who follows: writes, queues, anti-entropy, indicators. */
import { describe, expect, it } from 'vitest';
import type { CauseName } from '../../src/data/causes.ts';
import type { Result } from '../../src/observe/result.ts';
import { PointWorld } from '../../src/run/point-world.ts';
import { run } from '../../src/run/run.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan, PlanEntry, PlanPoints, SettingValue } from '../../src/scenario/plan.ts';
import type { PlanShardStep } from '../../src/scenario/plan-shards.ts';
import { assertHeldEqualsStorage, oracleOf } from './held.ts';
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
  /** Bytes per second of a link: how long a copy takes. */
  link?: number;
  more?: Partial<Plan>;
}

function planOf({ entries = [], settings = {}, agents = {}, shape, link, more = {} }: Story): Plan {
  const given = { duration_micros: seconds(600), settle_micros: seconds(120), entries, model: { off: [] }, ...more };
  const all = { ...given, settings: { ...SETTINGS, ...settings } };
  const plan = pointPlan(all, { agents: { until_micros: seconds(150), ...agents } }, shape);
  return link === undefined ? plan : { ...plan, devices: { ...plan.devices, link_bytes_per_second: link } };
}

const tell = (story: Story): Result => run(planOf(story)).result;
const left = (result: Result, name: CauseName): number => result.final.by_cause[name]?.left ?? 0;

function worldAt(plan: Plan, at: number): PointWorld {
  const { world } = simulationAt(plan, at);
  if (!(world instanceof PointWorld)) throw new Error('a world of points is wanted');
  return world;
}

function simulationAt(plan: Plan, at: number): Simulation {
  const simulation = new Simulation(plan, { batched: true });
  simulation.runTo(seconds(at));
  return simulation;
}

const held = ({ storage, tables }: PointWorld, node: number, table = 0): number =>
  storage.heldVersions(
    node,
    table,
    Int32Array.from({ length: tables[table].slotCount }, (_slot, at) => tables[table].slotBase + at),
  ).length === 0
    ? 0
    : storage.of(node, table).memtable.count +
      storage.of(node, table).runs.reduce((sum, { slots }) => sum + slots.length, 0);

const byHand = (at: number, steps: PlanShardStep[], id = 'repairs.by-hand'): PlanEntry => ({
  ...{ id, kind: 'repairByHand', nodes: ['n1'], at_micros: seconds(at), steps, command: 'influxd-ctl' },
});
// s1 is owned by n1 and n2, s2 by n3 and n1, s3 by n2 and n3.
const copy: PlanShardStep = { do: 'copyShard', from: 'n1', to: 'n3', table: 'shop.s1' };
const remove: PlanShardStep = { do: 'removeShard', node: 'n1', table: 'shop.s1' };
const away = (node: string, from: number, until: number): PlanEntry => ({
  ...{ id: `faults.${node}`, kind: 'crashNode', nodes: [node], mode: 'power-loss' },
  ...{ at_micros: seconds(from), for_micros: seconds(until - from) },
});

describe('copy-shard to a node that is no owner', () => {
  it('makes it one, with all that the source had', () => {
    const plan = planOf({ entries: [byHand(400, [copy])] });
    const before = worldAt(plan, 399);
    const world = worldAt(plan, 410);
    expect(held(before, 2)).toBe(0);
    expect(held(world, 2)).toBe(held(world, 0));
    expect([before.ownership.ownersOf(0), world.ownership.ownersOf(0)]).toEqual([
      [0, 1],
      [0, 1, 2],
    ]);
    const { result } = run(plan);
    expect(result.final).toMatchObject({ divergent_copies: 0, wrong_copies: 0, lost_acknowledged: 0 });
    const ledger = result.repairs['repairs.by-hand'];
    // Nothing was amiss, so nothing is healed.
    expect(ledger).toMatchObject({ outcome: 'finished', healed_copies: 0, sent_for_nothing_rows: 0 });
    expect(ledger.sent_rows).toBe(held(world, 2));
  });

  it('misses what is written while its files are under way, and gets what comes later', () => {
    const agents = { until_micros: seconds(600) };
    const slow = { agents, entries: [byHand(300, [copy])], link: 400 };
    const hot = tell(slow);
    expect(left(hot, 'bootstrap_missed')).toBeGreaterThan(0);
    expect(hot.final.by_node.n3.copies).toBe(left(hot, 'bootstrap_missed'));
    expect(hot.final.by_origin['repairs.by-hand'].copies).toBe(left(hot, 'bootstrap_missed'));
    // Over half of the run came after it.
    const world = worldAt(planOf(slow), 719);
    expect(held(world, 2)).toBe(held(world, 0) - left(hot, 'bootstrap_missed'));
    expect(left(tell({ ...slow, entries: [byHand(610, [copy])] }), 'bootstrap_missed')).toBe(0);
  });

  it('brings back what is deleted while its files are under way', () => {
    const drop: PlanEntry = {
      ...{ id: 'operations.drop', kind: 'deletePoints', nodes: ['n1'], at_micros: seconds(401.5) },
      ...{ series: [{ writer: 'agents', from: 0, to: 30 }], from_micros: null, until_micros: null, command: 'DROP' },
    };
    const result = tell({ entries: [byHand(400, [copy]), drop], link: 2000 });
    expect(result.final.zombie_copies).toBeGreaterThan(0);
    expect(tell({ entries: [byHand(400, [copy]), drop] }).final.zombie_copies).toBe(0);
  });

  it('fails where the shard is gone, or the source is no owner any more', () => {
    const dropShard: PlanEntry = {
      ...{ id: 'operations.drop', kind: 'dropShard', nodes: ['n1'], at_micros: seconds(300) },
      ...{ shard: 'shop.s1', command: 'DROP SHARD 1' },
    };
    const gone = tell({ entries: [dropShard, byHand(400, [copy])] });
    expect(gone.repairs['repairs.by-hand'].failures).toEqual(['copy-shard: there is no such shard any more']);
    const twice = tell({ entries: [byHand(400, [copy, remove, remove])] });
    expect(twice.repairs['repairs.by-hand'].failures).toEqual(['remove-shard: node 1 does not own the shard']);
    const bare = tell({ entries: [byHand(400, [copy, remove, { ...copy, to: 'n2' }])] });
    expect(bare.repairs['repairs.by-hand'].failures).toEqual(['copy-shard: the source does not have the shard']);
  });
});

describe('rebalancing: copy-shard, then remove-shard of the old owner', () => {
  it('moves a shard that nobody writes into, and nothing differs or is missing', () => {
    const plan = planOf({ entries: [byHand(400, [copy, remove])] });
    const world = worldAt(plan, 420);
    expect([0, 1, 2].map((node) => held(world, node) > 0)).toEqual([false, true, true]);
    expect(world.ownership.ownersOf(0)).toEqual([1, 2]);
    expect(run(plan).result.final).toMatchObject({ divergent_copies: 0, wrong_copies: 0, lost_acknowledged: 0 });
  });

  it('loses what only the old owner got while the copy ran', () => {
    const agents = { until_micros: seconds(600), through: 'n1' };
    const settings = { 'hinted-handoff.enabled': false };
    const story = { agents, settings, entries: [away('n2', 295, 350), byHand(300, [copy, remove])], link: 400 };
    const result = tell(story);
    expect(result.final.lost_acknowledged).toBeGreaterThan(0);
    expect(tell({ ...story, entries: [byHand(300, [copy, remove])] }).final.lost_acknowledged).toBe(0);
    // With one copy it is all that was written meanwhile.
    const single = { agents, shape: { nodes: 3, replication: 1 }, entries: [byHand(300, [copy, remove])], link: 400 };
    expect(tell(single).final.lost_acknowledged).toBeGreaterThan(0);
    expect(tell({ ...single, agents: { through: 'n1' } }).final.lost_acknowledged).toBe(0);
  });

  it('counts a copy as missing for as long as nobody has taken its place', () => {
    const alone = tell({ entries: [byHand(400, [remove])] });
    expect(left(alone, 'sstable_lost')).toBeGreaterThan(0);
    const other: PlanShardStep = { do: 'copyShard', from: 'n2', to: 'n3', table: 'shop.s1' };
    const replaced = tell({ entries: [byHand(400, [remove, other])] });
    expect(replaced.final).toMatchObject({ divergent_copies: 0, wrong_copies: 0 });
    // A new owner that goes again leaves the two old ones.
    const back = tell({ entries: [byHand(400, [copy, { ...remove, node: 'n3' }])] });
    expect(back.final).toMatchObject({ divergent_copies: 0, wrong_copies: 0 });
  });

  it('turns levels, queues and reads to the owners there are', () => {
    const agents = { until_micros: seconds(600), consistency: 'all' as const };
    const entries = [byHand(300, [copy, remove]), away('n3', 450, 500)];
    const result = tell({ agents, entries });
    expect(result.hints.enqueued).toBeGreaterThan(0);
    expect(result.hints.delivered).toBe(result.hints.enqueued);
    expect(left(result, 'hint_lost')).toBe(0);
    // n1 is away later: it has still s2, and of s1 nothing is queued for it.
    const plan = planOf({ agents, entries: [byHand(300, [copy, remove]), away('n1', 450, 700)] });
    const { hints } = worldAt(plan, 600);
    expect(hints.book.find(1, 0, 0)).toBeNull();
    expect(hints.book.find(1, 0, 1) === null && hints.book.find(2, 0, 1) === null).toBe(false);
  });

  it('leaves anti-entropy with the ring of the owners there are', () => {
    const agents = { until_micros: seconds(400) };
    const settings = { 'anti-entropy.enabled': true };
    const repair: PlanEntry = {
      ...{ id: 'repairs.ae', kind: 'repairShards', nodes: ['n1'], at_micros: seconds(600), shards: null },
      command: 'entropy repair',
    };
    const story = { agents, settings, link: 400 };
    const moved = [byHand(300, [copy, remove])];
    const differs = tell({ ...story, entries: moved });
    expect(differs.final.divergent_copies).toBeGreaterThan(0);
    expect(worldAt(planOf({ ...story, entries: moved }), 590).entropy.flaggedTables()).toEqual([0]);
    const repaired = tell({ ...story, entries: [...moved, repair] });
    expect(repaired.final.divergent_copies).toBe(0);
    // n2 has what n3 lacks; n1, which is no owner any more, gets nothing.
    expect(repaired.repairs['repairs.ae']).toMatchObject({
      healed_copies: differs.final.divergent_copies,
      comparisons: 2,
    });
    expect(held(worldAt(planOf({ ...story, entries: [...moved, repair] }), 719), 0)).toBe(0);
  });

  it('shows indicators of the owners there are', () => {
    const probes: Plan['probes'] = {
      sizes: { kind: 'size', every_micros: seconds(10) },
      counts: {
        kind: 'count',
        every_micros: seconds(10),
        query: {
          aggregate: 'count',
          series: [{ writer: 'agents', from: 0, to: 30 }],
          window: { from_micros: 0, until_micros: seconds(600), now: false },
        },
      },
    };
    const owners = (entries: PlanEntry[], probe: string): string[] => {
      const result = tell({ entries, more: { probes } }).probes[probe];
      if (!('owners' in result)) throw new Error('a probe of owners is wanted');
      return Object.keys(result.owners['shop.s1']).sort((one, other) => one.localeCompare(other));
    };
    for (const probe of ['sizes', 'counts']) {
      expect(owners([], probe)).toEqual(['n1', 'n2']);
      expect(owners([byHand(400, [copy])], probe)).toEqual(['n1', 'n2', 'n3']);
      expect(owners([byHand(400, [copy, remove])], probe)).toEqual(['n2', 'n3']);
    }
  });
});

describe('owners that change', () => {
  const entries = [
    away('n2', 200, 260),
    byHand(250, [copy, remove, { ...copy, from: 'n3', to: 'n1' }]),
    byHand(330, [{ do: 'removeShard', node: 'n2', table: 'shop.s1' }], 'repairs.later'),
  ];
  const story = {
    entries,
    agents: { until_micros: seconds(400) },
    settings: { 'anti-entropy.enabled': true },
    link: 1500,
  };

  it('stand in the records as storage holds them', () => {
    const simulation = new Simulation(planOf(story), {
      batched: true,
      observers: [{ fold: (words, count) => oracle.fold(words, count) }],
    });
    const oracle = oracleOf(simulation.world, 'arrival');
    for (let at = 50; at <= 720; at += 10) {
      simulation.runTo(seconds(at));
      simulation.world.trace.flush();
      assertHeldEqualsStorage(simulation.world, oracle);
      oracle.check();
    }
  });

  it('go on from a saved state as if nothing had been', () => {
    const straight = run(planOf(story)).result;
    for (const at of [250.5, 252, 256, 300, 340]) {
      const second = new Simulation(planOf(story), { batched: true });
      second.load(simulationAt(planOf(story), at).save());
      second.runTo(second.world.endMicros);
      expect(second.finish().result).toEqual(straight);
    }
  });
});
