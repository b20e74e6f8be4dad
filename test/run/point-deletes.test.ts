/** Deletes of points: the ways on which deleted points come back, shards that end, points that come late or from the future. */
import { describe, expect, it } from 'vitest';
import type { CauseName } from '../../src/data/causes.ts';
import type { Result } from '../../src/observe/result.ts';
import { run } from '../../src/run/run.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan, PlanEntry, PlanPoints, PlanTable, SettingValue } from '../../src/scenario/plan.ts';
import { assertHeldEqualsStorage, oracleOf } from './held.ts';
import { seconds } from './plain-plan.ts';
import { pointPlan, type PointShape } from './point-plan.ts';

interface Story {
  entries?: PlanEntry[];
  settings?: Record<string, SettingValue>;
  points?: Record<string, Partial<PlanPoints>>;
  shape?: PointShape;
  /** Changes of the shards, by index. */
  shard?: (index: number) => Partial<PlanTable['shard']>;
}

/** Agents write for 150 s; 600 s in all. */
function planOf({ entries = [], settings = {}, points, shape, shard = () => ({}) }: Story): Plan {
  const plan = pointPlan(
    { duration_micros: seconds(600), settle_micros: seconds(120), entries, settings },
    points ?? { agents: { until_micros: seconds(150) } },
    shape,
  );
  const tables = plan.tables.map((table, index) => ({
    ...table,
    ...(table.shard === undefined ? {} : { shard: { ...table.shard, ...shard(index) } }),
  }));
  return { ...plan, tables };
}

const tell = (story: Story): Result => run(planOf(story)).result;

const QUICK: Record<string, SettingValue> = {
  'data.cache-snapshot-write-cold-duration': seconds(20),
  'data.compact-full-write-cold-duration': seconds(60),
  'anti-entropy.enabled': true,
  'anti-entropy.check-interval': seconds(20),
};

const away = (from: number, until: number, more: Partial<PlanEntry & { kind: 'crashNode' }> = {}): PlanEntry => ({
  ...{ id: 'faults.away', kind: 'crashNode', nodes: ['n3'], mode: 'power-loss' },
  ...{ at_micros: seconds(from), for_micros: seconds(until - from), ...more },
});

const drop = (at: number, node = 'n1'): PlanEntry => ({
  ...{ id: 'operations.drop', kind: 'deletePoints', nodes: [node], at_micros: seconds(at) },
  ...{ series: [{ writer: 'agents', from: 0, to: 10 }], from_micros: null, until_micros: null, command: 'DROP SERIES' },
});

const repair: PlanEntry = {
  ...{ id: 'repairs.ae', kind: 'repairShards', nodes: ['n1'], at_micros: seconds(400), shards: null },
  command: 'entropy repair',
};

const cause = (result: Result, name: CauseName): { born: number; left: number } =>
  result.final.by_cause[name] ?? { born: 0, left: 0 };

/**
 * The six ways (influxdb.4), each with a control in which nothing comes back. As scenarios: 1 and 2 in claims/i12 and
 * incidents/influxdb/dropped-while-a-node-was-away.yaml, 4 in influxdb/a-copy-brings-a-dropped-series-back.yaml.
 */
describe('deleted points come back', () => {
  it('1: on a node that was down when they were deleted', () => {
    const result = tell({ entries: [away(180, 220), drop(200)] });
    expect(result.final.zombie_copies).toBeGreaterThan(0);
    expect(result.final.by_node.n3.copies).toBe(result.final.zombie_copies);
    expect(tell({ entries: [away(180, 220), drop(230)] }).final.zombie_copies).toBe(0);
  });

  it('2: everywhere, by a repair that only adds', () => {
    const before = tell({ entries: [away(180, 220), drop(200)], settings: QUICK });
    const after = tell({ entries: [away(180, 220), drop(200), repair], settings: QUICK });
    expect(after.final.divergent_copies).toBe(0);
    expect(after.final.zombie_copies).toBe(2 * before.final.zombie_copies);
    // The cure: the statement again while all are up, before the repair.
    const again: PlanEntry = { ...drop(300), id: 'operations.again' };
    const cured = tell({ entries: [away(180, 220), drop(200), again, repair], settings: QUICK });
    expect(cured.final).toMatchObject({ divergent_copies: 0, zombie_copies: 0 });
  });

  it('3: with queued writes that are delivered afterwards, and by a repair on all', () => {
    // n3 is down while points are queued for it, and back when the statement comes; the queue is tried again later.
    const settings = { ...QUICK, 'hinted-handoff.retry-interval': seconds(60) };
    const result = tell({ entries: [away(100, 190), drop(195)], settings });
    expect(cause(result, 'delete_missed').born).toBe(0);
    const { zombie_copies: zombies } = result.final;
    expect(zombies).toBeGreaterThan(0);
    // They stay the doing of the queue on the copy that took them, also when the others have compacted the deletion away.
    expect(cause(result, 'hint_after_delete').left).toBe(zombies);
    expect(result.final.by_cause.tombstone_purged).toBeUndefined();
    expect(result.final.by_node).toMatchObject({ n1: { copies: 0 }, n3: { copies: zombies } });
    expect(result.final.by_origin['faults.away']).toMatchObject({ copies: zombies });
    expect(tell({ entries: [away(100, 190), drop(195), repair], settings }).final.zombie_copies).toBe(2 * zombies);
    // Once the queue is empty the same statement takes all.
    expect(tell({ entries: [away(100, 190), drop(260)], settings }).final.zombie_copies).toBe(0);
  });

  it('4: on a node that gets its copy of the shard from one that missed the statement', () => {
    const lost = away(300, 320, { id: 'faults.disk', nodes: ['n1'], mode: 'disk-lost' });
    const left = tell({ entries: [away(180, 220), drop(200)], settings: QUICK }).final;
    const copied = tell({ entries: [away(180, 220), drop(200), lost], settings: QUICK });
    expect(copied.rules_exercised).toContain('influxdb.6.2-missing');
    expect(copied.final.by_node.n1?.copies ?? 0).toBe(0);
    expect(copied.final.zombie_copies).toBeGreaterThan(left.zombie_copies);
  });

  it('4: with a copy-shard from a node that missed the statement, not with one to it', () => {
    const copied = (from: string, to: string): PlanEntry => ({
      ...{ id: 'repairs.copy', kind: 'repairByHand', nodes: ['n1'], at_micros: seconds(400), command: 'copy-shard' },
      steps: [{ do: 'copyShard', from, to, table: 'shop.s2' }],
    });
    const entries = [away(180, 220), drop(200)];
    const left = tell({ entries, settings: QUICK }).final;
    const wrong = tell({ entries: [...entries, copied('n3', 'n1')], settings: QUICK });
    expect(left.zombie_copies).toBeGreaterThan(0);
    expect(wrong.final.zombie_copies).toBeGreaterThan(left.zombie_copies);
    const right = tell({ entries: [...entries, copied('n1', 'n3')], settings: QUICK });
    expect(right.final.zombie_copies).toBeLessThan(left.zombie_copies);
  });

  it('5: on the owner that a racing write reaches after the statement', () => {
    // n1's messages to n3 take two seconds, n2's statement overtakes them.
    const slow: PlanEntry = {
      ...{ id: 'faults.slow', kind: 'slowLink', from: ['n1'], to: ['n3'], two_way: false, latency_times: 2000 },
      ...{ bytes_per_second: null, at_micros: seconds(100), for_micros: seconds(100) },
    };
    const points = { agents: { until_micros: seconds(150), through: 'n1' } };
    const at = drop(144, 'n2');
    const result = tell({ entries: [slow, at], points });
    expect(cause(result, 'arrival_order').left).toBeGreaterThan(0);
    expect(result.final.zombie_copies).toBeGreaterThan(0);
    expect(result.hints.enqueued).toBe(0);
    expect(tell({ entries: [at], points }).final.zombie_copies).toBe(0);
  });

  it('6: with what a coordinator has under way until its time is out', () => {
    const cut: PlanEntry = {
      ...{ id: 'faults.cut', kind: 'cutLink', from: ['n1'], to: ['n3'], two_way: false },
      ...{ at_micros: seconds(140), for_micros: seconds(3) },
    };
    const points = { agents: { until_micros: seconds(142), through: 'n1' } };
    const result = tell({ entries: [cut, drop(143, 'n2')], points });
    expect(result.hints.delivered).toBeGreaterThan(0);
    expect(cause(result, 'delete_missed').born).toBe(0);
    expect(result.final.zombie_copies).toBeGreaterThan(0);
    expect(result.final.by_node.n3.copies).toBe(result.final.zombie_copies);
  });
});

describe('a shard that ends', () => {
  const settings = { ...QUICK, 'retention.check-interval': seconds(30) };
  /** Three groups of 200 s, kept for 200 s more. */
  const shape = { groups: 3, groupSeconds: 200 };
  const points = { agents: { until_micros: seconds(600) } };
  const kept = (index: number): Partial<PlanTable['shard']> => (index < 3 ? { keep_micros: seconds(200) } : {});

  it('goes at each node’s check after its policy’s duration, and nothing brings it back', () => {
    const result = tell({ settings, shape, points, shard: kept });
    expect(result.rules_exercised).toContain('influxdb.4-retention');
    expect(result.final).toMatchObject({ divergent_copies: 0, wrong_copies: 0 });
    // A node that is away keeps it until a check after its return.
    const late = planOf({ settings, shape, points, shard: kept, entries: [away(410, 500)] });
    const simulation = new Simulation(late, { batched: true, observers: [{ fold: (w, c) => oracle.fold(w, c) }] });
    const oracle = oracleOf(simulation.world, 'arrival');
    simulation.runTo(seconds(510));
    simulation.world.trace.flush();
    assertHeldEqualsStorage(simulation.world, oracle);
    const { storage, versions } = simulation.world;
    const bytesOf = (node: number, table: number): number =>
      storage
        .of(node, table)
        .runs.reduce((sum, run_) => sum + run_.versions.filter((v) => !versions.isTombstone(v)).length, 0);
    expect(bytesOf(2, 1)).toBeGreaterThan(0);
    expect(bytesOf(1, 1) + bytesOf(0, 0)).toBe(0);
    simulation.runTo(seconds(540));
    simulation.world.trace.flush();
    assertHeldEqualsStorage(simulation.world, oracle);
    expect(bytesOf(2, 1)).toBe(0);
  });

  it('takes along what is queued for it', () => {
    const aged = { ...settings, 'hinted-handoff.retry-interval': seconds(300), 'anti-entropy.enabled': false };
    const result = tell({ settings: aged, shape, points, shard: kept, entries: [away(150, 260)] });
    expect(result.hints.delivered).toBeGreaterThan(0);
    expect(result.final).toMatchObject({ divergent_copies: 0, zombie_copies: 0 });
  });

  const dropShard: PlanEntry = {
    ...{ id: 'operations.drop', kind: 'dropShard', nodes: ['n1'], at_micros: seconds(300) },
    ...{ shard: 'shop.s2', command: 'DROP SHARD 2' },
  };

  it('by DROP SHARD goes everywhere, but for a node that does not hear of it', () => {
    const all = tell({ settings, shape, entries: [dropShard] });
    expect(all.final).toMatchObject({ divergent_copies: 0, wrong_copies: 0 });
    expect(all.rules_exercised).toContain('influxdb.4-drop-shard');
    // The second shard is of n3 and n1.
    const missed = tell({ settings, shape, entries: [away(290, 310), dropShard] });
    expect(missed.final.zombie_copies).toBeGreaterThan(0);
    expect(missed.final.by_node.n3.copies).toBe(cause(missed, 'delete_missed').left);
    // It is in no metadata, so no repair spreads it.
    const repaired = tell({ settings, shape, entries: [away(290, 310), dropShard, repair] });
    expect(repaired.final.zombie_copies).toBe(missed.final.zombie_copies);
  });

  const dropPolicy: PlanEntry = {
    ...{ id: 'operations.policy', kind: 'dropPolicy', nodes: ['n1'], at_micros: seconds(300) },
    ...{ shards: ['shop.s1', 'shop.s2', 'shop.s3'], command: 'DROP RETENTION POLICY month ON telegraf' },
  };

  it('with its policy goes everywhere, also from a node that sees the metadata only later', () => {
    const all = tell({ settings, entries: [dropPolicy] });
    expect(all.final).toMatchObject({ divergent_copies: 0, zombie_copies: 0 });
    expect(all.rules_exercised).toContain('influxdb.4-drop-policy');
    const back = tell({ settings, entries: [away(290, 310), dropPolicy] });
    expect(back.final).toMatchObject({ divergent_copies: 0, zombie_copies: 0 });
    expect(cause(back, 'delete_missed').born).toBe(0);
    // Until it is back it has them.
    const plan = planOf({ settings, entries: [away(290, 400), dropPolicy] });
    const simulation = new Simulation(plan, { batched: true });
    const held = (at: number): number => {
      simulation.runTo(seconds(at));
      const { storage, tables } = simulation.world;
      const slots = Int32Array.from({ length: tables[1].slotCount }, (_slot, place) => tables[1].slotBase + place);
      return storage.heldVersions(2, 1, slots).filter((v) => v > 1 && !simulation.world.versions.isTombstone(v)).length;
    };
    expect(held(399)).toBeGreaterThan(0);
    expect(held(401)).toBe(0);
    expect(simulation.world.storage.of(2, 1).runs).toHaveLength(1);
  });

  it('with its policy goes at the next check of a node that was cut off', () => {
    const cut: PlanEntry = {
      ...{ id: 'faults.cut', kind: 'cutLink', from: ['n1'], to: ['n3'], two_way: true },
      ...{ at_micros: seconds(290), for_micros: seconds(20) },
    };
    const zombies = (retention: Record<string, SettingValue>): number =>
      tell({ settings: { ...settings, ...retention }, entries: [cut, dropPolicy] }).final.zombie_copies;
    expect(zombies({ 'retention.check-interval': seconds(110) })).toBe(0);
    expect(zombies({ 'retention.check-interval': seconds(1000) })).toBeGreaterThan(0);
    expect(zombies({ 'retention.enabled': false })).toBeGreaterThan(0);
  });

  it('with its policy drops what is queued for it when it arrives', () => {
    const late = { ...settings, 'hinted-handoff.retry-interval': seconds(400), 'anti-entropy.enabled': false };
    const result = tell({ settings: late, entries: [away(100, 200), dropPolicy] });
    expect(result.hints.of_gone_shards).toBeGreaterThan(0);
    expect(result.hints.delivered).toBe(result.hints.enqueued);
    expect(result.final).toMatchObject({ divergent_copies: 0, zombie_copies: 0 });
    expect(result.rules_exercised).toContain('influxdb.3.5-gone');
    expect(tell({ settings: late, entries: [away(100, 200)] }).hints.of_gone_shards).toBe(0);
  });

  it('goes on from a saved state after its policy was dropped', () => {
    const plan = planOf({ settings, entries: [away(290, 400), dropPolicy] });
    const straight = run(plan).result;
    const first = new Simulation(plan, { batched: true });
    first.runTo(seconds(350));
    const second = new Simulation(plan, { batched: true });
    second.load(first.save());
    second.runTo(second.world.endMicros);
    expect(second.finish().result).toEqual(straight);
  });

  it('goes on from a saved state', () => {
    const plan = planOf({ settings, shape, points, shard: kept, entries: [away(410, 500)] });
    const straight = run(plan).result;
    const first = new Simulation(plan, { batched: true });
    first.runTo(seconds(450));
    const second = new Simulation(plan, { batched: true });
    second.load(first.save());
    second.runTo(second.world.endMicros);
    expect(second.finish().result).toEqual(straight);
  });
});

describe('points whose time is not now', () => {
  const shape = { groups: 3, groupSeconds: 200 };

  it('come late into old shards, which are hot again', () => {
    // A third of the series is 100 s late.
    const shifted = [{ from: 20, to: 30, by_micros: seconds(-100) }];
    const points = { agents: { until_micros: seconds(600), shifted } };
    const plan = planOf({ points, shape });
    const simulation = new Simulation(plan, { batched: true, observed: false });
    simulation.runTo(simulation.world.endMicros);
    const { tables, storage } = simulation.world;
    const held = (table: number): number =>
      storage.of(tables[table].replicas[0], table).runs.reduce((sum, { slots }) => sum + slots.length, 0) +
      storage.of(tables[table].replicas[0], table).memtable.count;
    const sum = (group: number): number => [0, 1, 2].reduce((all, index) => all + held(group * 3 + index), 0);
    expect([sum(0), sum(1), sum(2)]).toEqual([600, 600, 500]);
    expect(tell({ points, shape }).final.divergent_copies).toBe(0);
  });

  it('are refused where they are older than the policy keeps', () => {
    const shifted = [{ from: 0, to: 10, by_micros: seconds(-100) }];
    const points = { agents: { until_micros: seconds(150), shifted } };
    const result = tell({ points, shape, shard: () => ({ keep_micros: seconds(90) }) });
    // 5 of 15 points of ten series fall into the first group; all are too old.
    expect(result.writes.beyond_policy).toBe(50);
    expect(result.writes.issued).toBe(20 * 15);
  });

  it('from the future outlive a DELETE, and not a DROP', () => {
    const shifted = [{ from: 0, to: 10, by_micros: seconds(300) }];
    const points = { agents: { until_micros: seconds(150), shifted } };
    const left = (until: number | null): number => {
      const entry = { ...drop(200), until_micros: until } as PlanEntry;
      const simulation = new Simulation(planOf({ points, shape, entries: [entry] }), { batched: true });
      simulation.runTo(simulation.world.endMicros);
      const { tables, storage } = simulation.world;
      let count = 0;
      for (const table of tables)
        for (let slot = table.slotBase; slot < table.slotBase + table.slotCount; slot += 1) {
          const version = storage.heldVersion(table.replicas[0], slot);
          if (version > 1 && !simulation.world.versions.isTombstone(version)) count += 1;
        }
      return count;
    };
    expect(left(seconds(200))).toBe(30 * 15);
    expect(left(null)).toBe(20 * 15);
  });

  it('lie in the shard that took them, whatever its group’s end became', () => {
    // Truncated at 100 s, after points of 200 to 400 s have come into the first groups: there are two shards for one time.
    const shifted = [{ from: 0, to: 10, by_micros: seconds(100) }];
    const points = { agents: { until_micros: seconds(200), shifted } };
    const times = (index: number): Partial<PlanTable['shard']> =>
      index < 3
        ? { truncated: { at_micros: seconds(100), until_micros: seconds(110) }, until_micros: seconds(400) }
        : { from_micros: seconds(110), until_micros: seconds(510), since_micros: seconds(100) };
    const plan = planOf({ points, shape: { groups: 2, groupSeconds: 400 }, shard: times });
    const simulation = new Simulation(plan, { batched: true });
    simulation.runTo(simulation.world.endMicros);
    const { tables, storage } = simulation.world;
    const count = (from: number): number =>
      [0, 1, 2].reduce((sum, index) => {
        const { replicas, index: table } = tables[from + index];
        const { memtable, runs } = storage.of(replicas[0], table);
        return sum + memtable.count + runs.reduce((all, { slots }) => all + slots.length, 0);
      }, 0);
    // Twenty series of the present up to 110 s (11 steps), ten of the future sent before 100 s (steps 0 to 9, for 100 to 190 s).
    expect(count(0)).toBe(20 * 11 + 10 * 10);
    expect(count(3)).toBe(20 * 9 + 10 * 10);
    expect(simulation.finish().result.final.divergent_copies).toBe(0);
  });

  it('stand where they stood when they are sent once more, or twice where shards overlap', () => {
    const shifted = [{ from: 0, to: 30, by_micros: seconds(200) }];
    const points = { agents: { until_micros: seconds(100), shifted, repeat_after_micros: seconds(200) } };
    const times = (index: number): Partial<PlanTable['shard']> =>
      index < 3
        ? { truncated: { at_micros: seconds(150), until_micros: seconds(160) }, until_micros: seconds(400) }
        : { from_micros: seconds(160), until_micros: seconds(560), since_micros: seconds(150) };
    const held = (cuts: boolean): number => {
      const plan = planOf({ points, shape: { groups: 2, groupSeconds: 400 }, ...(cuts ? { shard: times } : {}) });
      const simulation = new Simulation(plan, { batched: true });
      simulation.runTo(simulation.world.endMicros);
      const { writes, final } = simulation.finish().result;
      // Thirty series, ten steps, twice.
      expect(writes).toMatchObject({ issued: 600, acknowledged: 600 });
      expect(final.divergent_copies).toBe(0);
      const { tables, storage } = simulation.world;
      return tables.reduce((sum, { replicas, index, slotBase, slotCount }) => {
        const slots = Int32Array.from({ length: slotCount }, (_slot, at) => slotBase + at);
        return sum + storage.heldVersions(replicas[0], index, slots).filter((version) => version > 0).length;
      }, 0);
    };
    expect(held(false)).toBe(300);
    expect(held(true)).toBe(600);
  });
});
