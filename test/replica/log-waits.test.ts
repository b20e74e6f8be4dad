/**
 * What a write waits for in its replica's commit log, and what a crash at any moment takes: the loss table of cassandra.f3
 * and the waits of f1 and f2, in small runs and against counting by hand.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PeriodicLog } from '../../src/replica/durability.ts';
import { LogWaits } from '../../src/replica/log-waits.ts';
import { Memtable } from '../../src/replica/memtable.ts';
import { SyncSchedule, type SlowSync } from '../../src/replica/sync-schedule.ts';
import type { PlanEntry, SettingValue } from '../../src/scenario/plan.ts';
import { plainNodes, plainPlan, plainTable, plainWorkload, seconds, traceArrivals } from '../run/plain-plan.ts';
import { runs } from '../run/plans.ts';
import { outcomeOf, tell, type Story } from '../run/reading.ts';

const FSYNC = 2000;

function schedule(slow: SlowSync[] = [], periodMicros = seconds(10), fsyncMicros = FSYNC): SyncSchedule {
  return new SyncSchedule({ periodMicros, phaseMicros: 0, fsyncMicros, slow });
}

describe('syncs', () => {
  const slow: SlowSync[] = [{ fromMicros: seconds(25), untilMicros: seconds(60), fsyncMicros: seconds(14) }];

  test('one a period, but not before the one before has ended; then in a new phase', () => {
    const syncs = schedule(slow);
    const starts: number[] = [];
    for (let at = syncs.startUpTo(0); at < seconds(100); at = syncs.startAfter(at)) starts.push(at / 1e6);
    // From 30 s on each takes 14 s; the first that begins after 60 s is fast again.
    expect(starts).toEqual([0, 10, 20, 30, 44, 58, 72, 82, 92]);
    expect([44, 58, 72].map((at) => syncs.fsyncOf(seconds(at)))).toEqual([seconds(14), seconds(14), FSYNC]);
    expect(syncs.syncedUpTo(seconds(57.9))).toBe(seconds(30));
    expect(syncs.syncedUpTo(seconds(58))).toBe(seconds(44));
  });

  test('a stretch that no sync begins in changes nothing', () => {
    const syncs = schedule([{ fromMicros: seconds(1), untilMicros: seconds(9), fsyncMicros: seconds(50) }]);
    expect([syncs.startUpTo(seconds(9)), syncs.startAfter(seconds(9)), syncs.lagMaxMicros]).toEqual([
      0,
      seconds(10),
      seconds(10) + FSYNC,
    ]);
  });
});

describe('waits (cassandra.f1, f2)', () => {
  test('batch: an fsync at once; whoever comes while one is under way shares the next', () => {
    const waits = new LogWaits([{ kind: 'batch', timing: { fsyncMicros: FSYNC, slow: [] } }]);
    const ready = [0, 500, 1999, 2000, 3999, 10_000].map((at) => waits.readyAt(0, at));
    expect(ready).toEqual([2000, 4000, 4000, 6000, 6000, 12_000]);
  });

  test('group: the end of the next sync of the window', () => {
    const waits = new LogWaits([{ kind: 'group', schedule: schedule([], 20_000) }]);
    expect([1, 19_999, 20_000].map((at) => waits.readyAt(0, at))).toEqual([22_000, 22_000, 42_000]);
  });

  test('periodic: only if the last sync that has ended began longer ago than the lag block', () => {
    const slow: SlowSync[] = [{ fromMicros: seconds(25), untilMicros: seconds(60), fsyncMicros: seconds(14) }];
    const waits = new LogWaits([{ kind: 'periodic', schedule: schedule(slow), lagBlockMicros: seconds(15) }]);
    const ready = (at: number): number => waits.readyAt(0, seconds(at)) / 1e6;
    // The sync of 20 s has ended, the next began at 30 s and ends at 44 s.
    expect([25, 35, 35.5, 43.9, 44.5].map(ready)).toEqual([25, 35, 44, 44, 44.5]);
    // Until 58 s only that of 30 s has ended.
    expect([45, 46].map(ready)).toEqual([45, 58]);
    const usual = new LogWaits([{ kind: 'periodic', schedule: schedule(), lagBlockMicros: seconds(15) }]);
    expect([1, 9.999, 10.001].map((at) => usual.readyAt(0, seconds(at)) / 1e6)).toEqual([1, 9.999, 10.001]);
  });
});

/** n1 alone coordinates; every message takes a millisecond; all three copies must answer. */
function story(settings: Record<string, SettingValue>, times: number[], entries: PlanEntry[] = [], nodes = 3): Story {
  return tell(
    plainPlan({
      nodes: plainNodes(nodes, { dcs: nodes }),
      tables: [plainTable({ factor: nodes })],
      settings,
      entries,
      workload: {
        w: plainWorkload({
          arrivals: traceArrivals(times.map((at, key) => ({ at, key: key % 20 }))),
          consistency: 'ALL',
        }),
      },
    }),
  );
}

const slowDisk = (at: number, lasts: number, fsync: number): PlanEntry => ({
  ...{ id: 'faults.slow', at_micros: seconds(at), kind: 'slowDisk', nodes: ['n2'], speed_share: 1 },
  ...{ fsync_micros: seconds(fsync), for_micros: seconds(lasts) },
});

describe('in a run', () => {
  const delays = ({ of }: Story): number[] => {
    const issued = new Map(of('issued').map(({ a, micros }) => [a, micros]));
    return of('answered').map(({ a, micros }) => micros - (issued.get(a) ?? 0));
  };

  test('the client hears after the fsync, and the copy shows the write only then', () => {
    const periodic = story({}, [seconds(30)]);
    const batch = story({ commitlog_sync: 'batch' }, [seconds(30)]);
    expect([delays(periodic), delays(batch)]).toEqual([[2000], [2000 + FSYNC]]);
    expect(batch.of('applied').map(({ micros }) => micros - seconds(30))).toEqual([3000, 3000, 3000]);
    const [group] = delays(story({ commitlog_sync: 'group', commitlog_sync_group_window: seconds(1) }, [seconds(30)]));
    expect(group).toBeGreaterThan(2000 + FSYNC);
    expect(group).toBeLessThanOrEqual(seconds(1) + 2000 + FSYNC);
  });

  test('off: no write waits', () => {
    const plan = plainPlan({
      settings: { commitlog_sync: 'batch' },
      workload: { w: plainWorkload({ consistency: 'ALL' }) },
      model: { off: ['cassandra.f1'] },
    });
    expect(new Set(delays(tell(plan)))).toEqual(new Set([2000]));
  });

  test('a slow disk makes batch slow, and a write that waits too long is hinted and comes all the same', () => {
    const slow = story({ commitlog_sync: 'batch' }, [seconds(12)], [slowDisk(10, 20, 1.5)]);
    expect(delays(slow)).toEqual([2000 + seconds(1.5)]);
    const late = story({ commitlog_sync: 'batch' }, [seconds(12)], [slowDisk(10, 20, 3)]);
    expect(late.of('answered').map(outcomeOf)).toEqual(['timed_out']);
    expect(late.result.hints.enqueued).toBe(1);
    expect(late.of('applied').filter(({ node }) => node === 1)[0].micros).toBe(seconds(15) + 1000);
    expect(late.result.final.divergent_copies).toBe(0);
  });

  test('what waits when the process ends is lost with its cause, and hinted by its coordinator', () => {
    const crash: PlanEntry = {
      ...{ id: 'faults.c', at_micros: seconds(13), kind: 'crashNode', nodes: ['n2'], mode: 'process' },
      for_micros: seconds(2),
    };
    const seen = story({ commitlog_sync: 'batch' }, [seconds(12)], [slowDisk(10, 20, 3), crash]);
    expect(seen.of('applied').filter(({ node }) => node === 1)[0].micros).toBeGreaterThan(seconds(15));
    expect(seen.result.final.by_cause.lost_before_fsync).toMatchObject({ born: 1, left: 0 });
    expect(seen.result.hints.delivered).toBe(1);
  });

  test('a stop in good order syncs first', () => {
    const stop: PlanEntry = {
      ...{ id: 'faults.s', at_micros: seconds(13), kind: 'stopNode', nodes: ['n2'], for_micros: seconds(2) },
    };
    const seen = story({ commitlog_sync: 'batch' }, [seconds(12)], [slowDisk(10, 20, 3), stop]);
    expect(seen.of('applied').find(({ node }) => node === 1)?.micros).toBe(seconds(13));
  });

  test('a periodic log that lags makes clients wait', () => {
    const times = [12, 35, 55].map(seconds);
    const seen = delays(story({}, times, [slowDisk(0, 70, 14)]));
    expect(Math.max(...seen)).toBeGreaterThan(2000);
    expect(delays(story({}, times, [slowDisk(0, 70, 4.9)]))).toEqual([2000, 2000, 2000]);
  });
});

interface Row {
  database: string;
  settings: Record<string, SettingValue>;
  mode: 'process' | 'power-loss';
  /** Most that an acknowledged write may lie before a crash that takes it, ms; 0 = none is taken. */
  lossMs: number;
}

const PERIOD = 10_000;
const TABLE: [string, Row][] = [
  ['periodic 4.1, process', { database: 'cassandra@4.1.7', settings: {}, mode: 'process', lossMs: 100 }],
  ['periodic 4.1, power', { database: 'cassandra@4.1.7', settings: {}, mode: 'power-loss', lossMs: PERIOD + 2 }],
  ['periodic 3.11, process', { database: 'cassandra@3.11.17', settings: {}, mode: 'process', lossMs: 100 }],
  ['periodic 2.2, process', { database: 'cassandra@2.2.19', settings: {}, mode: 'process', lossMs: PERIOD }],
  ['periodic 2.2, power', { database: 'cassandra@2.2.19', settings: {}, mode: 'power-loss', lossMs: PERIOD + 2 }],
  ...(['process', 'power-loss'] as const).flatMap((mode): [string, Row][] => {
    const lossMs = PERIOD + 2;
    return [
      [`compressed, ${mode}`, row('4.1.7', { commitlog_compression: 'LZ4Compressor' }, mode, lossMs)],
      [`encrypted, ${mode}`, row('4.1.7', { 'transparent_data_encryption_options.enabled': true }, mode, lossMs)],
      [`direct, ${mode}`, row('5.0.1', { commitlog_disk_access_mode: 'direct' }, mode, lossMs)],
      [`batch, ${mode}`, row('4.1.7', { commitlog_sync: 'batch' }, mode, 0)],
      [`batch 2.0, ${mode}`, row('2.0.17', { commitlog_sync: 'batch' }, mode, 0)],
      [`group, ${mode}`, row('4.1.7', { commitlog_sync: 'group' }, mode, 0)],
    ];
  }),
];

function row(patch: string, settings: Record<string, SettingValue>, mode: Row['mode'], lossMs: number): Row {
  return { database: `cassandra@${patch}`, settings, mode, lossMs };
}

test.each(TABLE)('the loss table (cassandra.f3): %s', (_name, { database, settings, mode, lossMs }) => {
  let longest = 0;
  fc.assert(
    fc.property(fc.integer({ min: seconds(25), max: seconds(45) }), (at) => {
      const crash: PlanEntry = {
        ...{ id: 'faults.c', at_micros: at, kind: 'crashNode', nodes: ['n1'], mode, for_micros: seconds(3) },
      };
      const { of } = tell(
        plainPlan({
          database,
          nodes: plainNodes(1),
          tables: [plainTable({ factor: 1, partitions: 2000 })],
          settings,
          entries: [crash],
          workload: {
            w: plainWorkload({
              arrivals: { kind: 'fixed', per_second: 40 },
              keys: { kind: 'sequential', from: 0, to: 2000 },
            }),
          },
        }),
      );
      const told = new Map(of('answered').map(({ b, micros }) => [b, micros]));
      for (const { b } of of('reverted')) longest = Math.max(longest, at - (told.get(b) ?? at));
    }),
    { numRuns: runs(8) },
  );
  // 25 ms from write to write, and a millisecond back.
  if (lossMs === 0) expect(longest).toBe(0);
  else expect(longest / 1000).toBeGreaterThan(lossMs === 100 ? 20 : PERIOD / 3);
  expect(longest / 1000).toBeLessThanOrEqual(lossMs);
});

/** Counting by hand: which appends a marker or an ended sync has covered. */
function counted(times: readonly number[], crash: number, of: { syncs: number[][]; powerLoss: boolean }): number {
  const before = (moment: number): number => times.filter((micros) => micros < moment).length;
  const ended = of.syncs.filter(([start, end]) => end <= crash && start <= crash).map(([start]) => start);
  const synced = before(Math.max(-Infinity, ...ended));
  if (of.powerLoss) return synced;
  const begun = of.syncs.filter(([start]) => start <= crash);
  const [start, end] = begun[begun.length - 1];
  const isLong = end - start >= seconds(0.1);
  const marker = Math.floor(crash / seconds(0.1)) * seconds(0.1);
  const closed = isLong ? (crash < end ? start : Math.max(end, marker)) : Math.max(start, marker);
  return Math.max(synced, before(closed));
}

test('any appends, any crash, any slow disk: as counted by hand', () => {
  const scene = fc.record({
    gaps: fc.array(fc.integer({ min: 1, max: seconds(6) }), { minLength: 1, maxLength: 40 }),
    slowFrom: fc.integer({ min: 0, max: seconds(60) }),
    lasts: fc.integer({ min: 1, max: seconds(60) }),
    fsync: fc.constantFrom(FSYNC, seconds(0.1), seconds(3), seconds(9), seconds(10), seconds(25)),
    after: fc.integer({ min: 1, max: seconds(12) }),
    powerLoss: fc.boolean(),
  });
  fc.assert(
    fc.property(scene, ({ gaps, slowFrom, lasts, fsync, after, powerLoss }) => {
      const times = gaps.map((_gap, index) => gaps.slice(0, index + 1).reduce((sum, gap) => sum + gap, 0));
      const crash = times[times.length - 1] + after;
      const slow = { fromMicros: slowFrom, untilMicros: slowFrom + lasts, fsyncMicros: fsync };
      const syncs: number[][] = [[-seconds(10), -seconds(10) + FSYNC]];
      for (let start = 0; start <= crash;) {
        const isSlow = start >= slow.fromMicros && start < slow.untilMicros;
        const end = start + (isSlow ? Math.max(FSYNC, fsync) : FSYNC);
        syncs.push([start, end]);
        start = Math.max(start + seconds(10), end);
      }
      const log = new PeriodicLog({ schedule: schedule([slow]), phaseMicros: 0, markerMicros: seconds(0.1) });
      const memtable = new Memtable(log);
      times.forEach((micros, index) => memtable.append(micros, index, index + 2));
      expect(memtable.durableCount(crash, powerLoss)).toBe(counted(times, crash, { syncs, powerLoss }));
    }),
    { numRuns: runs(300) },
  );
});
