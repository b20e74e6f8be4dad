/** What befalls requests and queues of points, by hand: each mechanism, and the same with its rule off. */
import { describe, expect, it } from 'vitest';
import type { CauseName } from '../../src/data/causes.ts';
import type { Result } from '../../src/observe/result.ts';
import { run } from '../../src/run/run.ts';
import { PointWorld } from '../../src/run/point-world.ts';
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
  fsync?: number;
}

/** All own all: three nodes, three copies, one shard. */
const EVERYWHERE: PointShape = { nodes: 3, replication: 3 };

function planOf({ entries = [], settings = {}, points, shape, off = [], fsync }: Story): Plan {
  const plan = pointPlan(
    { duration_micros: seconds(600), settle_micros: seconds(120), entries, settings, model: { off } },
    points,
    shape,
  );
  return fsync === undefined ? plan : { ...plan, devices: { ...plan.devices, fsync_micros: fsync } };
}

const tell = (story: Story): Result => run(planOf(story)).result;
const left = (result: Result, name: CauseName): number => result.final.by_cause[name]?.left ?? 0;
const born = (result: Result, name: CauseName): number => result.final.by_cause[name]?.born ?? 0;

const away = (
  from: number,
  until: number,
  nodes = ['n3'],
  mode: 'process' | 'power-loss' = 'power-loss',
): PlanEntry => ({
  ...{ id: `faults.away-${nodes.join('')}-${from}`, kind: 'crashNode', nodes, mode },
  ...{ at_micros: seconds(from), for_micros: seconds(until - from) },
});

const conserved = ({ hints }: Result): void =>
  expect(hints.enqueued).toBe(hints.delivered + hints.expired + hints.lost + hints.pending);

describe('a panic before the remote write', () => {
  const panic: PlanEntry = {
    ...{ id: 'faults.panic', kind: 'panicNode', nodes: ['n1'], before: 'remote-write' },
    ...{ at_micros: seconds(100), for_micros: seconds(30) },
  };

  it('leaves on one copy what its client was told is stored', () => {
    const result = tell({ entries: [panic], shape: EVERYWHERE });
    expect(left(result, 'coordinator_lost')).toBe(20);
    expect(result.final.by_origin['faults.panic'].copies).toBe(20);
    expect(result.rules_exercised).toContain('influxdb.2-panic');
    // One request of ten points: all were acknowledged.
    expect(result.writes.unknown).toBe(0);
  });

  it('is told to nobody at a level that needs the others', () => {
    const result = tell({ entries: [panic], shape: EVERYWHERE, points: { agents: { consistency: 'quorum' } } });
    expect(result.writes.unknown).toBe(10);
    expect(left(result, 'coordinator_lost')).toBe(20);
  });

  it('takes nothing where the others were sent their part', () => {
    const result = tell({ entries: [panic], shape: EVERYWHERE, off: ['influxdb.2-panic'] });
    expect(result.final.divergent_copies).toBe(0);
  });
});

describe('a request that is cut off', () => {
  const cut = (mutations: number, copies: number): PlanEntry => ({
    ...{ id: 'faults.cut', kind: 'cutBatch', workload: 'agents', batch: 30, mutations, copies },
    ...{ at_micros: 0, mode: 'process', for_micros: seconds(30) },
  });
  const points = { agents: { batch: 30, consistency: 'quorum' as const } };

  it('leaves some of its parts, and one of them on some of its owners', () => {
    const result = tell({ entries: [cut(1, 1)], points });
    expect(left(result, 'partial_batch')).toBeGreaterThan(0);
    expect(result.writes.unknown).toBe(30);
    expect(result.final.by_origin['faults.cut']).toBeDefined();
  });

  it('is whole where all of it is sent first', () => {
    const result = tell({ entries: [cut(1, 1)], points, off: ['influxdb.2-cut'] });
    expect(left(result, 'partial_batch')).toBe(0);
  });
});

describe('a disk that acknowledges before it writes', () => {
  const early: PlanEntry = {
    ...{ id: 'faults.early', kind: 'fakeSyncs', nodes: ['n3'], lag_micros: seconds(20) },
    ...{ at_micros: seconds(50), for_micros: null },
  };

  it('loses what it had not written when power goes, and nobody knows', () => {
    const result = tell({ entries: [early, away(119, 121)] });
    expect(left(result, 'lost_before_fsync')).toBeGreaterThan(0);
    // What was lost is at most what came in twenty seconds.
    expect(left(result, 'lost_before_fsync')).toBeLessThanOrEqual(60);
    expect(tell({ entries: [away(119, 121)] }).final.divergent_copies).toBe(0);
    expect(tell({ entries: [early, away(119, 121)], off: ['influxdb.5-early'] }).final.divergent_copies).toBe(0);
  });

  it('loses nothing in a crash of the process alone', () => {
    const result = tell({ entries: [early, away(119, 121, ['n3'], 'process')] });
    expect(result.final.divergent_copies).toBe(0);
  });

  it('loses what it kept for others, too', () => {
    const result = tell({
      entries: [{ ...early, nodes: ['n1'] } as PlanEntry, away(100, 300), away(119, 121, ['n1'])],
    });
    expect(result.hints.torn).toBeGreaterThan(0);
    expect(left(result, 'hint_lost')).toBeGreaterThan(0);
    conserved(result);
  });
});

describe('a node that ends before the fsync of what it has stored', () => {
  // A request every 3.3 s, an fsync of 2 s: at 150.5 s one is under way.
  const story = (nodes: string[], mode: 'process' | 'power-loss'): Story => ({
    ...{ entries: [away(150.5, 200, nodes, mode)], shape: EVERYWHERE, fsync: 2_000_000 },
    points: { agents: { through: 'n1', consistency: 'all', until_micros: seconds(150) } },
  });

  it('loses it, and who had sent it keeps it for the node', () => {
    for (const mode of ['power-loss', 'process'] as const) {
      const result = tell(story(['n3'], mode));
      const kept = tell({ ...story(['n3'], mode), off: ['influxdb.5-wal'] });
      expect(result.hints).toMatchObject({ enqueued: 10, delivered: 10 });
      expect(kept.hints.enqueued).toBe(0);
      expect(kept.writes.acknowledged - result.writes.acknowledged).toBe(10);
      expect(result.final.divergent_copies).toBe(0);
      expect(result.hints.delivered).toBe(result.hints.enqueued);
      conserved(result);
    }
  });

  it('leaves it nowhere where all end, and nobody was told that it is stored', () => {
    const heldOf = (off: string[]): { held: number; result: Result } => {
      const simulation = new Simulation(planOf({ ...story(['n1', 'n2', 'n3'], 'power-loss'), off }), {
        ...{ batched: true, observed: true },
      });
      const { world } = simulation;
      simulation.runTo(world.endMicros);
      let held = 0;
      for (const { slotBase, slotCount } of world.tables)
        for (let slot = slotBase; slot < slotBase + slotCount; slot += 1)
          if ([0, 1, 2].some((node) => world.storage.heldVersion(node, slot) > 0)) held += 1;
      return { held, result: simulation.finish().result };
    };
    const { held, result } = heldOf([]);
    expect(result.writes.unknown).toBe(10);
    expect(held).toBe(result.writes.acknowledged);
    expect(result.final.divergent_copies).toBe(0);
    expect(heldOf(['influxdb.5-wal']).held).toBe(held + 10);
  });

  it('loses nothing that it had acknowledged', () => {
    const result = tell({ ...story(['n3'], 'power-loss'), entries: [away(152.5, 200, ['n3'])] });
    expect(born(result, 'lost_before_fsync')).toBe(0);
  });

  it('keeps no queued write of which it has not said that it is on disk', () => {
    // n3 comes back and goes again while the round that it has stored is not on its disk.
    const entries = [away(100, 200), away(201.5, 260)];
    const result = tell({ ...story(['n3'], 'power-loss'), entries, points: { agents: { through: 'n1' } } });
    expect(born(result, 'lost_before_fsync')).toBeGreaterThan(0);
    expect(result.hints.failed_rounds).toBeGreaterThan(0);
    expect(result.final.divergent_copies).toBe(0);
    conserved(result);
  });
});

describe('a full disk', () => {
  const full = (nodes: string[]): PlanEntry => ({
    ...{ id: 'faults.full', kind: 'fillDisk', nodes, at_micros: seconds(100), for_micros: seconds(100) },
  });

  it('is queued for by others, and not by the node itself', () => {
    const through = (node: string): Result =>
      tell({ entries: [full(['n3'])], shape: EVERYWHERE, points: { agents: { through: node } } });
    const others = through('n1');
    expect(others.hints.delivered).toBeGreaterThan(0);
    expect(others.final.divergent_copies).toBe(0);
    const itself = through('n3');
    expect(left(itself, 'rejected_locally')).toBe(300);
    expect(itself.hints.enqueued).toBe(0);
    expect(itself.rules_exercised).toContain('influxdb.2-local-error');
  });

  it('takes no queues', () => {
    const points = { agents: { through: 'n1' } };
    const result = tell({ entries: [full(['n1']), away(90, 300)], shape: EVERYWHERE, points });
    expect(result.hints.refused_disk).toBeGreaterThan(0);
    // What the queue had no room for is missing by the full disk; nobody says that the node away refused it.
    expect(left(result, 'rejected_locally')).toBe(300);
    expect(left(result, 'hint_queue_full')).toBe(result.hints.refused_disk);
    expect(result.final.by_origin['faults.full'].copies).toBe(300 + result.hints.refused_disk);
    expect(result.rules_exercised).toContain('influxdb.3.2-no-room');
    const off = tell({
      entries: [full(['n1']), away(90, 300)],
      shape: EVERYWHERE,
      points,
      off: ['influxdb.3.2-no-room'],
    });
    expect(off.hints.refused_disk).toBe(0);
  });
});

describe('an append that power cuts short', () => {
  // An fsync of half a second: at any moment one is under way.
  const entries = [away(100, 300), away(150, 200, ['n1', 'n2'])];

  it('takes the block, or all of its segment before 1.8.2', () => {
    const of = (torn: string, off: string[] = []): Result =>
      tell({ entries, settings: { 'model.torn-segment': torn }, fsync: 700_000, off });
    const block = of('block');
    const segment = of('segment');
    expect(block.hints.torn).toBeGreaterThan(0);
    expect(segment.hints.torn).toBeGreaterThan(5 * block.hints.torn);
    // Of what was under way just then no copy is on any disk.
    expect(left(segment, 'hint_lost')).toBeLessThanOrEqual(segment.hints.torn);
    expect(left(segment, 'hint_lost')).toBeGreaterThan(5 * block.hints.torn);
    conserved(block);
    conserved(segment);
    expect(of('segment', ['influxdb.3.7-torn']).hints.torn).toBe(0);
  });

  it('takes all that was not on disk, in however many segments it lies', () => {
    const early: PlanEntry = {
      ...{ id: 'faults.early', kind: 'fakeSyncs', nodes: ['n1'], lag_micros: seconds(60) },
      ...{ at_micros: seconds(50), for_micros: null },
    };
    const tornOf = (rowBytes: number, torn: string): number => {
      const settings = { 'model.torn-segment': torn };
      const plan = planOf({ entries: [early, away(100, 400), away(169, 200, ['n1'])], settings });
      const tables = plan.tables.map((table) => ({ ...table, row_bytes: rowBytes }));
      return run({ ...plan, tables }).result.hints.torn;
    };
    // Points of 1.5 MB: a segment takes a request's part or two.
    expect(tornOf(50, 'block')).toBeGreaterThan(20);
    expect(tornOf(1_500_000, 'block')).toBe(tornOf(50, 'block'));
    expect(tornOf(50, 'stuck')).toBe(tornOf(50, 'block'));
  });

  it('makes a queue that never drains until it is too old', () => {
    const settings = {
      ...{ 'model.torn-segment': 'stuck', 'hinted-handoff.max-age': seconds(200) },
      'hinted-handoff.purge-interval': seconds(10),
    };
    const result = tell({ entries, settings, fsync: 700_000, points: { agents: { until_micros: seconds(320) } } });
    expect(result.hints.expired).toBeGreaterThan(0);
    expect(result.hints.failed_rounds).toBeGreaterThan(20);
    conserved(result);
  });

  it('may be told by a fault of its own', () => {
    const tear: PlanEntry = {
      ...{ id: 'faults.torn', kind: 'tearQueues', nodes: ['n1'], targets: ['n3'], at_micros: seconds(250) },
    };
    const result = tell({ entries: [away(100, 300), tear], settings: { 'model.torn-segment': 'segment' } });
    expect(result.hints.torn).toBeGreaterThan(0);
    expect(result.final.by_origin['faults.torn'].copies).toBe(result.hints.torn);
    conserved(result);
  });
});

describe('a queue', () => {
  it('loses what comes after the purge of its only segment, before 1.9.5', () => {
    const settings = {
      ...{ 'hinted-handoff.max-age': seconds(60), 'hinted-handoff.purge-interval': seconds(30) },
      'model.loses-after-purge': true,
    };
    const points = {
      agents: { until_micros: seconds(120) },
      late: { from_micros: seconds(180), until_micros: seconds(600), series_key: 'mem,host=web-{n}', series: 30 },
    };
    const story = { entries: [away(100, 300)], points, settings };
    const result = tell(story);
    expect(result.hints.refused_closed).toBeGreaterThan(0);
    expect(left(result, 'hint_lost')).toBe(result.hints.refused_closed);
    expect(tell({ ...story, off: ['influxdb.3.4-short-purge'] }).hints.refused_closed).toBe(0);
    expect(tell({ ...story, settings: { ...settings, 'model.loses-after-purge': false } }).hints.refused_closed).toBe(
      0,
    );
  });

  it('becomes too old whatever its tries are doing when a purge is due', () => {
    // Five seconds without an answer and ten of waiting: a purge each minute meets the same phase for ever.
    for (let second = 0; second < 15; second += 3) {
      const pause: PlanEntry = {
        ...{ id: 'faults.pause', kind: 'pauseNode', nodes: ['n3'], at_micros: seconds(60 + second) },
        for_micros: seconds(520 - second),
      };
      const result = tell({
        ...{ entries: [pause], settings: { 'hinted-handoff.max-age': seconds(120) } },
        points: { agents: { from_micros: seconds(70 + second), until_micros: seconds(90 + second), through: 'n1' } },
      });
      expect(result.hints.expired).toBeGreaterThan(0);
      expect(result.hints).toMatchObject({ enqueued: result.hints.expired, delivered: 0 });
    }
  });

  it('is blocked while too many appends wait for a slow disk', () => {
    const story = {
      ...{ entries: [away(100, 300)], fsync: 4_000_000, settings: { 'hinted-handoff.max-writes-pending': 2 } },
      points: { agents: { through: 'n1' } },
    };
    const result = tell(story);
    expect(result.hints.refused_blocked).toBeGreaterThan(0);
    expect(left(result, 'hint_queue_full')).toBe(result.hints.refused_blocked);
    expect(tell({ ...story, off: ['influxdb.3.1-pending'] }).hints.refused_blocked).toBe(0);
  });

  it('is lost alone where a fault says for whom it is', () => {
    const lost: PlanEntry = {
      ...{ id: 'faults.lost', kind: 'loseHints', nodes: ['n1'], targets: ['n2'], at_micros: seconds(200) },
    };
    const result = tell({ entries: [away(100, 300, ['n2', 'n3']), lost], shape: { nodes: 4, replication: 2 } });
    expect(result.hints.lost).toBeGreaterThan(0);
    expect(result.final.by_node['n3']?.copies ?? 0).toBe(0);
    conserved(result);
    const off = tell({ entries: [away(100, 300), { ...lost, targets: ['n3'] }], off: ['influxdb.3-queue-lost'] });
    expect(off.hints.lost).toBe(0);
  });

  it('shares the requests that may be under way to its target with the other queues for it', () => {
    const settings = { 'hinted-handoff.retry-concurrency': 1, 'hinted-handoff.batch-size': 2000 };
    const result = tell({ entries: [away(100, 300)], settings, points: { agents: { through: 'n1' } } });
    expect(result.hints.delivered).toBe(result.hints.enqueued);
    expect(result.final.divergent_copies).toBe(0);
  });

  it('shares the link of its target with other nodes’ queues for it', () => {
    // Three nodes with hints of 5 kB a point for a fourth, whose link takes 60 kB in a second.
    const of = (nodes: string[]): { bytes: number; micros: number } => {
      const series = (index: number): string => `m${index},host=web-{n}`;
      const own = nodes.map((through, index): [string, Partial<PlanPoints>] => [
        through,
        { through, series_key: series(index), series: 10, until_micros: seconds(200) },
      ]);
      const plan = pointPlan(
        { duration_micros: seconds(600), settle_micros: seconds(10), entries: [away(100, 250, ['n4'])] },
        Object.fromEntries(own),
        { nodes: 4, replication: 4 },
      );
      const tables = plan.tables.map((table) => ({ ...table, row_bytes: 5000 }));
      const settings = { 'hinted-handoff.retry-concurrency': 1, 'hinted-handoff.batch-size': 50_000 };
      const devices = { ...plan.devices, link_bytes_per_second: 60_000 };
      const simulation = new Simulation({ ...plan, tables, devices, settings }, { batched: true, observed: false });
      let micros = seconds(250);
      const { hints } = simulation.world as PointWorld;
      do simulation.runTo((micros += seconds(0.5)));
      while (hints.pendingCount() > 0 && micros < seconds(600));
      return { bytes: hints.counts.delivered_bytes, micros: micros - seconds(250) };
    };
    const alone = of(['n1']);
    const three = of(['n1', 'n2', 'n3']);
    expect(three.bytes).toBe(3 * alone.bytes);
    expect(alone.bytes).toBeGreaterThan(400_000);
    expect((three.bytes * 1e6) / three.micros).toBeLessThanOrEqual(60_000);
    expect(three.micros).toBeGreaterThan(2 * alone.micros);
  });

  it('fails a round that takes longer than any request may, or whose target ends meanwhile', () => {
    const of = (linkRate: number, entries: PlanEntry[] = [away(100, 250)]): Result => {
      const plan = planOf({
        ...{ entries, settings: { 'hinted-handoff.batch-size': 50_000 } },
        points: { agents: { through: 'n1', until_micros: seconds(200) } },
      });
      const tables = plan.tables.map((table) => ({ ...table, row_bytes: 5000 }));
      return run({ ...plan, tables, devices: { ...plan.devices, link_bytes_per_second: linkRate } }).result;
    };
    // A round of a queue has all that waits in it, some 500 kB.
    expect(of(500_000).hints).toMatchObject({ pending: 0 });
    const slow = of(50_000);
    expect(slow.hints.delivered).toBe(0);
    expect(slow.hints.pending).toBe(slow.hints.enqueued);
    const once = of(300_000).hints.failed_rounds;
    const again = [251, 253, 255, 257, 259].map((at) =>
      of(300_000, [away(100, 250), away(at, at + 0.5, ['n3'], 'process')]),
    );
    for (const { hints, final } of again) {
      expect(hints.pending).toBe(0);
      expect(final.divergent_copies).toBe(0);
    }
    expect(Math.max(...again.map(({ hints }) => hints.failed_rounds))).toBeGreaterThan(once);
  });

  it('is longer where clients send again what is stored already', () => {
    const of = (retry: PlanPoints['retry']): Result =>
      tell({ entries: [away(100, 300)], points: { agents: { consistency: 'all', retry } } });
    const patient = of(null);
    const eager = of({ attempts: 3, on_timeout: true, on_error: true });
    expect(eager.hints.enqueued).toBeGreaterThan(3 * patient.hints.enqueued);
    expect(eager.final.divergent_copies).toBe(0);
    expect(eager.writes.partial).toBe(eager.writes.failed);
    conserved(eager);
  });
});

describe('a client that has waited long enough', () => {
  const slow: PlanEntry = {
    ...{ id: 'faults.pause', kind: 'pauseNode', nodes: ['n2', 'n3'], at_micros: seconds(100), for_micros: seconds(20) },
  };
  const points = { agents: { through: 'n1', consistency: 'all' as const } };

  it('is told of a timeout, and its points land all the same', () => {
    const settings = { 'cluster.write-timeout': seconds(2) };
    const result = tell({ entries: [slow], points, settings });
    expect(result.writes.timed_out).toBeGreaterThan(0);
    expect(result.final.divergent_copies).toBe(0);
    expect(tell({ entries: [slow], points, settings, off: ['influxdb.2-write-timeout'] }).writes.timed_out).toBe(0);
  });
});

describe('values of two types', () => {
  // Integers come first on n3, which was away when the floats began; on the others floats do.
  const points = {
    floats: { until_micros: seconds(300), series_key: 'cpu,host=web-{n}', through: 'n1' },
    integers: {
      ...{
        from_micros: seconds(60),
        until_micros: seconds(300),
        series_key: 'cpu,host=db-{n}',
        value: 'integer' as const,
      },
      through: 'n2',
    },
  };
  const story: Story = {
    ...{ points, shape: EVERYWHERE, entries: [away(0.5, 50), away(51, 59, ['n1'])] },
    settings: { 'hinted-handoff.retry-interval': seconds(30), 'hinted-handoff.retry-max-interval': seconds(30) },
  };

  it('are refused by copies that know another, and queued for nobody', () => {
    const result = tell(story);
    expect(born(result, 'field_type_conflict')).toBeGreaterThan(0);
    expect(result.rules_exercised).toContain('influxdb.2-field-type');
    expect(tell({ ...story, off: ['influxdb.2-field-type'] }).final.divergent_copies).toBe(0);
  });

  it('are dropped from a queue whose target will never take them', () => {
    const result = tell(story);
    expect(result.hints.poison).toBeGreaterThan(0);
    expect(born(result, 'poison_write_dropped')).toBe(result.hints.poison);
    conserved(result);
  });

  it('hold up the queue for ever in 1.9.7', () => {
    const blocked = tell({ ...story, settings: { ...story.settings, 'model.poison-blocks-queue': true } });
    expect(blocked.hints.poison).toBe(0);
    expect(blocked.hints.pending).toBeGreaterThan(0);
    conserved(blocked);
  });
});

describe('all of it', () => {
  const story: Story = {
    entries: [
      away(100, 300),
      away(150, 160, ['n1']),
      {
        ...{ id: 'faults.panic', kind: 'panicNode', nodes: ['n2'], before: 'remote-write' },
        ...{ at_micros: seconds(320), for_micros: seconds(30) },
      },
      {
        ...{ id: 'faults.cut', kind: 'cutBatch', workload: 'agents', batch: 120, mutations: 1, copies: 1 },
        ...{ at_micros: 0, mode: 'process', for_micros: seconds(30) },
      },
      { id: 'faults.full', kind: 'fillDisk', nodes: ['n2'], at_micros: seconds(200), for_micros: seconds(40) },
      { id: 'faults.torn', kind: 'tearQueues', nodes: ['n2'], targets: ['n3'], at_micros: seconds(250) },
      {
        ...{ id: 'faults.early', kind: 'fakeSyncs', nodes: ['n1'], lag_micros: seconds(20) },
        ...{ at_micros: seconds(110), for_micros: seconds(100) },
      },
    ],
    points: {
      agents: { consistency: 'quorum', retry: { attempts: 2, on_timeout: true, on_error: true } },
      others: { series_key: 'cpu,host=db-{n}', value: 'integer', from_micros: seconds(30) },
    },
    fsync: 300_000,
  };

  it('stands in the records as storage holds it', () => {
    const simulation = new Simulation(planOf(story), {
      batched: true,
      observers: [{ fold: (words, count) => oracle.fold(words, count) }],
    });
    if (!(simulation.world instanceof PointWorld)) throw new Error('a world of points is wanted');
    const oracle = oracleOf(simulation.world, 'arrival');
    for (let at = 50; at <= 720; at += 50) {
      simulation.runTo(seconds(at));
      simulation.world.trace.flush();
      assertHeldEqualsStorage(simulation.world, oracle);
    }
  });

  it('goes on from a saved state as if nothing had been', () => {
    const straight = run(planOf(story)).result;
    conserved(straight);
    for (const at of [101, 155, 205, 251, 321]) {
      const first = new Simulation(planOf(story), { batched: true });
      first.runTo(seconds(at));
      const second = new Simulation(planOf(story), { batched: true });
      second.load(first.save());
      second.runTo(second.world.endMicros);
      expect(second.finish().result).toEqual(straight);
    }
  });
});
