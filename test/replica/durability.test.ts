/** What of a log survives: the loss table of cassandra.f3, against counting by hand. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PeriodicLog, SyncedLog, type Durability } from '../../src/replica/durability.ts';
import { SyncSchedule } from '../../src/replica/sync-schedule.ts';
import { Memtable } from '../../src/replica/memtable.ts';
import { plainPlan, plainWorkload, seconds } from '../run/plain-plan.ts';
import { runs } from '../run/plans.ts';
import { tell } from '../run/reading.ts';

const MARKER = seconds(0.1);
const SYNC = seconds(10);
const FSYNC = 2000;

function periodic(phaseMicros = 0, syncMicros = SYNC): PeriodicLog {
  const schedule = new SyncSchedule({ periodMicros: syncMicros, fsyncMicros: FSYNC, phaseMicros, slow: [] });
  return new PeriodicLog({ schedule, phaseMicros, markerMicros: MARKER });
}

function filled(log: Durability, times: readonly number[]): Memtable {
  const memtable = new Memtable(log);
  times.forEach((micros, index) => memtable.append(micros, index, index + 2));
  return memtable;
}

/** One append every 10 ms. */
const steady = (until: number): number[] =>
  Array.from({ length: until / seconds(0.01) }, (_none, index) => index * seconds(0.01));

describe('the loss table (cassandra.f3)', () => {
  test('a process crash takes what no marker closed, at most 100 ms', () => {
    // At 12.345 s the last marker was written at 12.3 s.
    expect(filled(periodic(), steady(seconds(12.35))).durableCount(seconds(12.345), false)).toBe(1230);
  });

  test('a power loss takes what no sync covered, at most 10 s', () => {
    expect(filled(periodic(), steady(seconds(12.35))).durableCount(seconds(12.345), true)).toBe(1000);
    expect(filled(periodic(), steady(seconds(20))).durableCount(seconds(19.995), true)).toBe(1000);
  });

  test('a sync that is under way has not covered anything yet', () => {
    const times = steady(seconds(20.01));
    expect(filled(periodic(), times).durableCount(seconds(20) + FSYNC - 1, true)).toBe(1000);
    expect(filled(periodic(), times).durableCount(seconds(20) + FSYNC, true)).toBe(2000);
  });

  test('a log that is synced before each answer loses nothing', () => {
    const memtable = filled(new SyncedLog(), steady(seconds(1)));
    expect([memtable.durableCount(seconds(1), false), memtable.durableCount(seconds(1), true)]).toEqual([100, 100]);
  });

  test('what a replay gave back is safe', () => {
    const memtable = filled(periodic(), [0, 1]);
    memtable.replaceWith(Int32Array.of(7), Int32Array.of(8), 1);
    memtable.append(seconds(3), 9, 10);
    expect(memtable.durableCount(seconds(3) + 1, true)).toBe(1);
  });
});

/** Counting by hand. */
function counted(
  times: readonly number[],
  crash: number,
  options: { powerLoss: boolean; phase: number; sync: number },
): number {
  const { powerLoss, phase, sync } = options;
  const edge = (period: number, at: number): number => Math.floor((at - phase) / period) * period + phase;
  const before = (moment: number): number => times.filter((micros) => micros < moment).length;
  const synced = before(edge(sync, crash - FSYNC));
  return powerLoss ? synced : Math.max(synced, before(edge(MARKER, crash)), before(edge(sync, crash)));
}

test('any appends, any crash: as counted by hand', () => {
  const scene = fc.record({
    gaps: fc.array(
      fc.oneof(
        fc.integer({ min: 0, max: seconds(0.2) }),
        fc.integer({ min: 0, max: seconds(30) }),
        fc.constant(MARKER),
      ),
      { maxLength: 30 },
    ),
    wait: fc.oneof(fc.integer({ min: 0, max: seconds(0.3) }), fc.integer({ min: 0, max: seconds(25) })),
    phase: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: SYNC - 1 })),
    sync: fc.constantFrom(SYNC, seconds(3), seconds(0.25)),
    powerLoss: fc.boolean(),
  });
  fc.assert(
    fc.property(scene, ({ gaps, wait, phase, sync, powerLoss }) => {
      let at = 0;
      const times = gaps.map((gap) => (at += gap));
      const crash = at + wait;
      const memtable = filled(periodic(phase, sync), times);
      expect(memtable.durableCount(crash, powerLoss)).toBe(counted(times, crash, { powerLoss, phase, sync }));
    }),
    { numRuns: runs(300) },
  );
});

describe('in a whole run', () => {
  /** Ten rows a second at ALL; n3 goes at 45.05 s. */
  const reverted = (mode: 'process' | 'power-loss', sync: string): number => {
    const plan = plainPlan({
      workload: {
        w: plainWorkload({
          keys: { kind: 'sequential', from: 0, to: 20 },
          arrivals: { kind: 'fixed', per_second: 50 },
        }),
      },
      entries: [
        { id: 'faults.f', at_micros: seconds(45.0505), kind: 'crashNode', nodes: ['n3'], mode, for_micros: null },
      ],
      settings: { commitlog_sync: sync },
    });
    return tell(plan).of('reverted').length;
  };

  test('a power loss reverts up to ten seconds of rows, a process crash up to 100 ms, a synced log none', () => {
    // Every row is written again within 0.4 s, so all 20 are among what is lost, but for a sync within that time.
    expect(reverted('power-loss', 'periodic')).toBe(20);
    expect(reverted('process', 'periodic')).toBeLessThanOrEqual(5);
    expect(reverted('power-loss', 'batch')).toBe(0);
  });
});
