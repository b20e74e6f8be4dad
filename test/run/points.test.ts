/** Small worlds of points by shards, by hand: requests, queues of segments, ages and sizes, coordinators that die. */
import { describe, expect, it } from 'vitest';
import type { CauseName } from '../../src/data/causes.ts';
import type { Plan, PlanEntry, PlanPoints, SettingValue } from '../../src/scenario/plan.ts';
import type { Result } from '../../src/observe/result.ts';
import { PointWorld } from '../../src/run/point-world.ts';
import { run } from '../../src/run/run.ts';
import { Simulation } from '../../src/run/simulation.ts';
import { assertHeldEqualsStorage, oracleOf } from './held.ts';
import { seconds } from './plain-plan.ts';
import { pointPlan, type PointShape } from './point-plan.ts';

interface Story {
  entries?: PlanEntry[];
  settings?: Record<string, SettingValue>;
  points?: Record<string, Partial<PlanPoints>>;
  shape?: PointShape;
  off?: string[];
}

function planOf({ entries = [], settings = {}, points, shape, off = [] }: Story): Plan {
  return pointPlan(
    { duration_micros: seconds(600), settle_micros: seconds(120), entries, settings, model: { off } },
    points,
    shape,
  );
}

const tell = (story: Story): Result => run(planOf(story)).result;

const away = (from: number, until: number, mode: 'process' | 'power-loss' = 'power-loss'): PlanEntry => ({
  id: 'faults.away',
  kind: 'crashNode',
  nodes: ['n3'],
  mode,
  at_micros: seconds(from),
  for_micros: seconds(until - from),
});

const cause = (result: Result, name: CauseName): { born: number; left: number } =>
  result.final.by_cause[name] ?? { born: 0, left: 0 };

describe('copies of points', () => {
  it('lie on as many nodes as the policy says, and converge by themselves while nothing fails', () => {
    const result = tell({});
    expect(result.writes).toMatchObject({ issued: 1800, acknowledged: 1800 });
    // influxdb: at no instant are copies exact copies.
    expect(cause(result, 'in_flight').born).toBeGreaterThan(0);
    expect(result.final.divergent_copies).toBe(0);
    expect(result.hints.enqueued).toBe(0);
  });

  it('are the whole of the shard on each owner', () => {
    const simulation = new Simulation(planOf({}), { batched: true, observed: false });
    simulation.runTo(simulation.world.endMicros);
    const { tables, storage } = simulation.world;
    for (const table of tables) {
      expect(table.copies).toBe(2);
      for (let slot = table.slotBase; slot < table.slotBase + table.slotCount; slot += 1) {
        const held = [...table.replicas].map((node) => storage.heldVersion(node, slot));
        expect(held[0]).toBe(held[1]);
        expect(held[0]).toBeGreaterThan(0);
      }
    }
  });
});

describe('the queue of a node that is away', () => {
  it('keeps what it misses and is drained when it is back', () => {
    const result = tell({ entries: [away(100, 300)] });
    expect(result.hints.enqueued).toBeGreaterThan(0);
    expect(result.hints.delivered).toBe(result.hints.enqueued);
    expect(cause(result, 'node_down')).toMatchObject({ left: 0 });
    expect(result.final.divergent_copies).toBe(0);
    expect(result.writes.acknowledged).toBe(1800);
  });

  it('is tried after waits that double, so that the last may come long after the node', () => {
    const slow = tell({ entries: [away(100, 300)], settings: { 'hinted-handoff.retry-max-interval': seconds(400) } });
    const quick = tell({ entries: [away(100, 300)], settings: { 'hinted-handoff.retry-max-interval': seconds(1) } });
    expect(slow.hints.failed_rounds).toBeLessThan(quick.hints.failed_rounds / 4);
    expect(slow.totals.divergent_row_hours).toBeGreaterThan(quick.totals.divergent_row_hours);
  });

  it('loses what is too old, by segment', () => {
    const settings = { 'hinted-handoff.max-age': seconds(60), 'hinted-handoff.purge-interval': seconds(10) };
    const kept = tell({ entries: [away(100, 300)], settings });
    // Its segment is appended to all the time, so nothing of it is old.
    expect(kept.hints.expired).toBe(0);
    const points = { agents: { until_micros: seconds(200) } };
    const result = tell({ entries: [away(100, 400)], settings, points });
    const { enqueued, expired, delivered, pending, lost } = result.hints;
    expect(expired).toBeGreaterThan(0);
    expect(enqueued).toBe(delivered + expired + pending + lost);
    expect(cause(result, 'hint_expired').left).toBe(expired);
    expect(result.final.latent_copies).toBe(expired);
    const off = tell({ entries: [away(100, 400)], settings, points, off: ['influxdb.3.4-max-age'] });
    expect(off.final.divergent_copies).toBe(0);
  });

  it('takes no more than its size, and keeps what it has', () => {
    const settings = { 'hinted-handoff.max-size': 2000 };
    const result = tell({ entries: [away(100, 300)], settings });
    expect(result.hints.refused_size).toBeGreaterThan(0);
    expect(result.hints.delivered).toBe(result.hints.enqueued);
    expect(cause(result, 'hint_queue_full').left).toBe(result.hints.refused_size);
    expect(result.final.latent_copies).toBe(result.hints.refused_size);
  });

  it('is not there where hinted handoff is off', () => {
    const result = tell({ entries: [away(100, 300)], settings: { 'hinted-handoff.enabled': false } });
    expect(result.hints).toMatchObject({ enqueued: 0 });
    expect(cause(result, 'hints_off').left).toBe(result.hints.refused_off);
    expect(result.final.latent_copies).toBeGreaterThan(0);
  });

  it('goes with the disk of the node that keeps it', () => {
    const lost: PlanEntry = { id: 'faults.store', kind: 'loseHints', nodes: ['n1', 'n2'], at_micros: seconds(200) };
    const result = tell({ entries: [away(100, 300), lost] });
    expect(result.hints.lost).toBeGreaterThan(0);
    expect(cause(result, 'hint_lost').left).toBe(result.hints.lost);
  });
});

describe('what clients are told', () => {
  it('depends on the level: one copy of two is no quorum of two', () => {
    const of = (consistency: PlanPoints['consistency']): Result =>
      tell({ entries: [away(100, 300, 'process')], points: { agents: { consistency } } });
    expect(of('one').writes.failed).toBe(0);
    expect(of('quorum').writes.failed).toBeGreaterThan(0);
    expect(of('all').writes.failed).toBe(of('quorum').writes.failed);
    // A hint counts for any.
    expect(of('any').writes.failed).toBe(0);
  });

  it('is an error behind a queue that is not empty, though both copies are safe', () => {
    // n1 owns the first and the second shard only with others; its client hears of an error for what it must queue.
    const through = { agents: { through: 'n1', consistency: 'all' as const } };
    const result = tell({ entries: [away(100, 110, 'process')], points: through });
    expect(result.writes.failed).toBeGreaterThan(0);
    expect(result.final.divergent_copies).toBe(0);
  });
});

describe('a coordinator that dies', () => {
  const paused: PlanEntry = {
    id: 'faults.slow',
    kind: 'pauseNode',
    nodes: ['n3'],
    at_micros: seconds(100),
    for_micros: seconds(4),
  };
  const panic: PlanEntry = {
    ...{ id: 'faults.panic', kind: 'crashNode', nodes: ['n1'], mode: 'process' },
    ...{ at_micros: seconds(103), for_micros: seconds(60) },
  };

  it('takes along what it had told its client and not yet handed on', () => {
    const link: PlanEntry = {
      ...{ id: 'faults.cut', kind: 'cutLink', from: ['n1'], to: ['n3'], two_way: true },
      ...{ at_micros: seconds(100), for_micros: seconds(10) },
    };
    const points = { agents: { series: 300 } };
    const result = tell({ entries: [link, panic], points });
    expect(cause(result, 'coordinator_lost').left).toBeGreaterThan(0);
    expect(result.final.by_origin['faults.panic']).toBeDefined();
    // Without the crash the error comes, and with it the queue.
    expect(tell({ entries: [link], points }).final.divergent_copies).toBe(0);
  });

  it('but what lies in a process that only stands still arrives', () => {
    const result = tell({ entries: [paused, panic], points: { agents: { series: 300 } } });
    expect(cause(result, 'coordinator_lost').left).toBe(0);
    expect(result.final.divergent_copies).toBe(0);
  });
});

describe('a dropped series', () => {
  const drop = (at: number): PlanEntry => ({
    ...{ id: 'operations.drop', kind: 'deletePoints', nodes: ['n1'], at_micros: seconds(at) },
    ...{ series: [{ writer: 'agents', from: 0, to: 10 }], from_micros: 0, until_micros: null, command: 'DROP SERIES' },
  });
  /** Its agents have stopped by then. */
  const points = { agents: { until_micros: seconds(150) } };

  it('is gone from all copies where every node hears of it', () => {
    const result = tell({ entries: [drop(200)], points });
    expect(result.final).toMatchObject({ divergent_copies: 0, wrong_copies: 0, zombie_copies: 0 });
    expect(result.rules_exercised).toContain('influxdb.4-everywhere');
  });

  it('stays on a node that was down, for good', () => {
    const result = tell({ entries: [away(180, 220), drop(200)], points });
    expect(cause(result, 'delete_missed').left).toBeGreaterThan(0);
    expect(result.final.zombie_copies).toBe(cause(result, 'delete_missed').left);
    expect(result.final.by_origin['faults.away'].copies).toBe(result.final.zombie_copies);
  });

  it('comes back with a write that was queued before it', () => {
    // n3 is back when the series is dropped; what was queued for it before comes afterwards.
    const result = tell({
      entries: [away(100, 190), drop(195)],
      settings: { 'hinted-handoff.retry-interval': seconds(60) },
      points,
    });
    expect(result.final.zombie_copies).toBeGreaterThan(0);
    expect(cause(result, 'hint_after_delete').left).toBe(result.final.zombie_copies);
    expect(result.final.by_origin['faults.away'].copies).toBe(result.final.zombie_copies);
    expect(cause(result, 'delete_missed').born).toBe(0);
  });

  it('is written again by agents that go on', () => {
    const result = tell({ entries: [drop(200)], points: { agents: { until_micros: seconds(400) } } });
    expect(result.final).toMatchObject({ divergent_copies: 0, wrong_copies: 0 });
  });
});

describe('anti-entropy', () => {
  const points = { agents: { until_micros: seconds(150) } };
  const settings: Record<string, SettingValue> = {
    'data.cache-snapshot-write-cold-duration': seconds(20),
    'data.compact-full-write-cold-duration': seconds(60),
    'anti-entropy.enabled': true,
    'anti-entropy.check-interval': seconds(20),
    'hinted-handoff.enabled': false,
  };
  const repair = (at: number, shards: string[] | null = null): PlanEntry => ({
    ...{ id: 'repairs.ae', kind: 'repairShards', nodes: ['n1'], at_micros: seconds(at), shards },
    command: 'entropy repair',
  });

  it('flags what differs and leaves it alone', () => {
    const flagged = (entries: PlanEntry[]): { tables: number[]; latent: number } => {
      const simulation = new Simulation(planOf({ entries, points, settings }), { batched: true });
      simulation.runTo(simulation.world.endMicros);
      const { world } = simulation;
      if (!(world instanceof PointWorld)) throw new Error('a world of points is wanted');
      return { tables: world.entropy.flaggedTables(), latent: simulation.finish().result.final.latent_copies };
    };
    // n3 owns the second shard and the third.
    const { tables, latent } = flagged([away(100, 160)]);
    expect(tables).toEqual([1, 2]);
    expect(latent).toBeGreaterThan(0);
    expect(flagged([])).toEqual({ tables: [], latent: 0 });
  });

  it('makes copies equal where an operator asks for it', () => {
    const missed = tell({ entries: [away(100, 160)], points, settings }).final.latent_copies;
    const result = tell({ entries: [away(100, 160), repair(400)], points, settings });
    expect(result.final).toMatchObject({ divergent_copies: 0, wrong_copies: 0 });
    const { outcome, healed_copies: healed, sent_rows: sent } = result.repairs['repairs.ae'];
    expect(outcome).toBe('finished');
    expect(healed).toBe(missed);
    expect(sent).toBeGreaterThanOrEqual(healed);
    expect(result.final.by_cause.hints_off?.healed_by).toEqual({ 'repairs.ae': missed });
  });

  it('waits for a shard that is hot', () => {
    const late = tell({ entries: [away(100, 160), repair(165, ['shop.s1'])], points, settings });
    // In memory until nobody has written for 20 s.
    expect(late.repairs['repairs.ae'].finished_micros).toBeGreaterThan(seconds(169));
    const cold = tell({ entries: [away(100, 160), repair(200, ['shop.s1'])], points, settings });
    expect(cold.repairs['repairs.ae'].finished_micros).toBeLessThan(seconds(201));
  });

  it('brings back everywhere what one copy did not drop', () => {
    const drop: PlanEntry = {
      ...{ id: 'operations.drop', kind: 'deletePoints', nodes: ['n1'], at_micros: seconds(200) },
      ...{
        series: [{ writer: 'agents', from: 0, to: 10 }],
        from_micros: 0,
        until_micros: null,
        command: 'DROP SERIES',
      },
    };
    const before = tell({ entries: [away(180, 220), drop], points, settings });
    const after = tell({ entries: [away(180, 220), drop, repair(400)], points, settings });
    expect(before.final.divergent_copies).toBeGreaterThan(0);
    // All copies agree, on zombies: twice as many as there were.
    expect(after.final.zombie_copies).toBe(2 * before.final.zombie_copies);
  });

  it('copies a shard that an owner lacks, without being asked', () => {
    const lost: PlanEntry = {
      ...{ id: 'faults.disk', kind: 'crashNode', nodes: ['n3'], mode: 'disk-lost' },
      ...{ at_micros: seconds(200), for_micros: seconds(60) },
    };
    const result = tell({ entries: [lost], points, settings });
    expect(result.final.divergent_copies).toBe(0);
    expect(result.rules_exercised).toContain('influxdb.6.2-missing');
    const left = tell({
      entries: [lost],
      points,
      settings: { ...settings, 'anti-entropy.auto-repair-missing': false },
    });
    expect(left.final.latent_copies).toBeGreaterThan(0);
  });

  it('does nothing where it is off', () => {
    const off = { ...settings, 'anti-entropy.enabled': false };
    const result = tell({ entries: [away(100, 160), repair(400)], points, settings: off });
    expect(result.repairs['repairs.ae']).toMatchObject({
      outcome: 'failed',
      failures: ['anti-entropy is not enabled on node 1'],
    });
    expect(result.final.latent_copies).toBeGreaterThan(0);
  });
});

describe('a world of points', () => {
  const story: Story = {
    entries: [
      away(100, 300),
      {
        ...{ id: 'repairs.ae', kind: 'repairShards', nodes: ['n1'], at_micros: seconds(640) },
        ...{ shards: null, command: 'entropy repair' },
      },
      {
        ...{ id: 'operations.drop', kind: 'deletePoints', nodes: ['n1'], at_micros: seconds(290) },
        ...{
          series: [{ writer: 'agents', from: 5, to: 9 }],
          from_micros: 0,
          until_micros: null,
          command: 'DROP SERIES',
        },
      },
      { id: 'faults.slow', kind: 'pauseNode', nodes: ['n2'], at_micros: seconds(150), for_micros: seconds(20) },
      {
        ...{ id: 'faults.lossy', kind: 'loseMessages', from: ['n1'], to: ['n2'], two_way: true, share: 0.3 },
        ...{ at_micros: seconds(350), for_micros: seconds(60) },
      },
    ],
    points: { agents: { consistency: 'quorum', retry: { attempts: 2, on_timeout: true, on_error: true } } },
    shape: { groups: 3, groupSeconds: 200 },
    settings: {
      'data.cache-snapshot-write-cold-duration': seconds(20),
      'data.compact-full-write-cold-duration': seconds(40),
      'anti-entropy.enabled': true,
      'anti-entropy.check-interval': seconds(20),
    },
  };

  it('says in its records what its storage holds', () => {
    const simulation = new Simulation(planOf(story), {
      batched: true,
      observers: [{ fold: (words, count) => oracle.fold(words, count) }],
    });
    const oracle = oracleOf(simulation.world, 'arrival');
    for (let at = 50; at <= 720; at += 50) {
      simulation.runTo(seconds(at));
      simulation.world.trace.flush();
      assertHeldEqualsStorage(simulation.world, oracle);
    }
  });

  it('goes on from a saved state as if nothing had been', () => {
    const straight = run(planOf(story)).result;
    for (const at of [0.5, 120, 155, 301, 370]) {
      const first = new Simulation(planOf(story), { batched: true });
      first.runTo(seconds(at));
      const second = new Simulation(planOf(story), { batched: true });
      second.load(first.save());
      second.runTo(second.world.endMicros);
      expect(second.finish().result).toEqual(straight);
    }
  });

  it('is the same in both modes, and another with another seed', () => {
    const plan = planOf(story);
    const { fingerprint } = run(plan).result;
    expect(run(plan, { mode: 'events' }).result.fingerprint).toBe(fingerprint);
    expect(run({ ...plan, seed: 'another' }).result.fingerprint).not.toBe(fingerprint);
  });
});
