/** Each compaction strategy against small cases whose answer follows from the facts (cassandra.g, c7, c20). */
import { describe, expect, test } from 'vitest';
import type { Run } from '../../src/data/run.ts';
import { dateTiered } from '../../src/replica/compaction/date-tiered.ts';
import { leveled } from '../../src/replica/compaction/leveled.ts';
import { COMPACTION_STRATEGIES } from '../../src/replica/compaction/registry.ts';
import { sizeTiered } from '../../src/replica/compaction/size-tiered.ts';
import type { CompactionTask } from '../../src/replica/compaction/strategy.ts';
import { timeWindow } from '../../src/replica/compaction/time-window.ts';
import { shardsFor, unified } from '../../src/replica/compaction/unified.ts';
import { MIB, SETTINGS, runOfSize, silo, sized } from '../support/silo.ts';

const idsOf = (task: CompactionTask | null): number[] =>
  (task?.runs ?? []).map(({ id }) => id).sort((left, right) => left - right);

const DAY = 86_400e6;
const MINUTE = 60e6;

describe('size-tiered', () => {
  const strategy = sizeTiered(SETTINGS);

  test('a major compaction makes one run of a silo, with -s halves of it', () => {
    const [task, ...more] = strategy.major(silo(sized([1, 200, 3000])), false);
    expect(more).toEqual([]);
    expect([idsOf(task), task.cut.maxBytes, task.cut.halves]).toEqual([[1, 2, 3], Infinity, false]);
    expect(strategy.major(silo(sized([1])), true)[0].cut.halves).toBe(true);
  });
});

describe('leveled', () => {
  const strategy = leveled(SETTINGS);

  test('level 0 goes to level 1 with what it overlaps there, once it is more than one run of 160 MiB', () => {
    const places = new Map([
      [11, [0, 499] as const],
      [12, [500, 999] as const],
      [1, [0, 400] as const],
      [2, [100, 450] as const],
    ]);
    const level1 = [runOfSize(11, 160, { level: 1 }), runOfSize(12, 160, { level: 1 })];
    const task = strategy.next(silo([...level1, runOfSize(1, 100), runOfSize(2, 100)], { places }));
    expect([idsOf(task), task?.level, task?.cut.maxBytes]).toEqual([[1, 2, 11], 1, 160 * MIB]);
  });

  test('less than one run of level 0 stays there', () => {
    const task = strategy.next(silo(sized([50, 60])));
    expect([idsOf(task), task?.level]).toEqual([[1, 2], 0]);
    expect(strategy.next(silo(sized([150])))).toBeNull();
  });

  test('a level holds ten to the n runs; what is too much goes up, merged with what it overlaps', () => {
    const places = new Map(
      Array.from({ length: 11 }, (_none, at) => [at + 1, [at * 90, at * 90 + 89] as const] as const),
    );
    const full = Array.from({ length: 10 }, (_none, at) => runOfSize(at + 1, 160, { level: 1 }));
    expect(strategy.next(silo(full, { places }))).toBeNull();
    const above = runOfSize(20, 160, { level: 2 });
    const overfull = [...full, runOfSize(11, 160, { level: 1 }), above];
    const task = strategy.next(silo(overfull, { places: new Map([...places, [20, [0, 50] as const]]) }));
    expect([idsOf(task), task?.level]).toEqual([[1, 20], 2]);
  });

  test('more than 32 in level 0 are first merged by size, where a level is too full or level 1 is busy', () => {
    const flushed = sized(Array<number>(33).fill(100));
    const busy = [runOfSize(99, 160, { level: 1 })];
    const task = strategy.next(silo(flushed, { busy }));
    expect([task?.runs.length, task?.level, task?.cut.maxBytes]).toEqual([32, 0, Infinity]);
    expect(strategy.next(silo(flushed.slice(0, 32), { busy }))).toBeNull();
  });

  test('runs that come into a silo and overlap their level there begin in level 0', () => {
    const places = new Map([
      [1, [0, 499] as const],
      [2, [400, 600] as const],
      [3, [700, 800] as const],
    ]);
    const runs = [1, 2, 3].map((id) => runOfSize(id, 160, { level: 1, repairedAt: 5 }));
    expect(strategy.misplaced(silo(runs, { places })).map(({ id }) => id)).toEqual([2]);
  });

  test('a major compaction fills the levels from the first on', () => {
    const [task] = strategy.major(silo(sized([1000, 2000])), false);
    expect([task.level, task.cut.maxBytes, task.cut.levelBytes.slice(0, 2)]).toEqual([
      1,
      160 * MIB,
      [1600 * MIB, 16_000 * MIB],
    ]);
  });

  test('anticompaction takes two of one level together (cassandra.c7)', () => {
    const runs = [0, 1, 0, 1, 1].map((level, at) => runOfSize(at + 1, 10, { level }));
    expect(strategy.groups(runs).map((group) => group.map(({ id }) => id))).toEqual([[1, 3], [2, 4], [5]]);
  });

  test('as in 2.1.0: what is unrepaired has no levels', () => {
    const early = leveled({ ...SETTINGS, levelsUnrepaired: false });
    expect(idsOf(early.next(silo(sized([100, 100, 100]))))).toEqual([]);
    const task = early.next(silo(sized([100, 100, 100, 100])));
    expect([idsOf(task), task?.level, task?.cut.maxBytes]).toEqual([[1, 2, 3, 4], 0, Infinity]);
    expect(early.next(silo(sized([100, 100], { repairedAt: 7 })))?.level).toBe(1);
  });
});

/** Runs of one size by the day of their newest write. */
const onDays = (days: readonly number[]): Run[] =>
  days.map((day, at) => runOfSize(at + 1, 100, { minTimestamp: day * DAY, maxTimestamp: day * DAY + 1 }));

describe('time window', () => {
  const strategy = timeWindow(SETTINGS);

  test('two of an older window are enough, the newest one needs four of a size', () => {
    expect(idsOf(strategy.next(silo(onDays([3, 3, 3]))))).toEqual([]);
    expect(idsOf(strategy.next(silo(onDays([3, 3, 3, 3]))))).toEqual([1, 2, 3, 4]);
    expect(idsOf(strategy.next(silo(onDays([1, 2, 3, 3]))))).toEqual([]);
    expect(idsOf(strategy.next(silo(onDays([1, 2, 1, 3]))))).toEqual([1, 3]);
    // The newest of the older windows first.
    expect(idsOf(strategy.next(silo(onDays([1, 2, 1, 2, 3]))))).toEqual([2, 4]);
  });

  test('a run belongs to the window of its newest write', () => {
    const late = runOfSize(9, 100, { minTimestamp: 1 * DAY, maxTimestamp: 2 * DAY + 5 });
    expect(idsOf(strategy.next(silo([...onDays([1, 2, 3]), late])))).toEqual([2, 9]);
  });

  test('what has expired goes first', () => {
    const runs = onDays([1, 2, 2, 3]);
    expect(idsOf(strategy.next(silo(runs, { expired: [runs[0]] })))).toEqual([1]);
  });
});

describe('date tiered', () => {
  const strategy = dateTiered(SETTINGS);
  const at = (id: number, minutes: number): Run =>
    runOfSize(id, 100, { minTimestamp: minutes * MINUTE, maxTimestamp: minutes * MINUTE });

  test('the newest window is a minute long and needs four', () => {
    expect(idsOf(strategy.next(silo([at(1, 4.1), at(2, 4.2), at(3, 4.3)])))).toEqual([]);
    expect(idsOf(strategy.next(silo([at(1, 4.1), at(2, 4.2), at(3, 4.3), at(4, 4.4)])))).toEqual([1, 2, 3, 4]);
  });

  test('four windows make one of the next size, where two are enough', () => {
    // Minute 4 begins a window of four minutes: 0 to 3 are one window now.
    expect(idsOf(strategy.next(silo([at(1, 0.5), at(2, 3.5), at(3, 4.5)])))).toEqual([1, 2]);
    // Minute 3 is in the same four minutes as minute 1, but each is a window of its own still.
    expect(idsOf(strategy.next(silo([at(1, 1.5), at(2, 2.5), at(3, 3.5)])))).toEqual([]);
  });

  test('a run belongs to the window of its oldest write', () => {
    const wide = runOfSize(9, 100, { minTimestamp: 0.1 * MINUTE, maxTimestamp: 4.6 * MINUTE });
    expect(idsOf(strategy.next(silo([at(1, 0.5), at(3, 4.5), wide])))).toEqual([1, 9]);
  });
});

describe('unified', () => {
  const strategy = unified(SETTINGS);

  test('T4: four that overlap in a level are merged, three are not', () => {
    expect(idsOf(strategy.next(silo(sized([60, 60, 60]))))).toEqual([]);
    expect(idsOf(strategy.next(silo(sized([60, 60, 60, 60]))))).toEqual([1, 2, 3, 4]);
  });

  test('levels lie a factor of four apart, from the size of a flush on', () => {
    // The first level ends at 64 MiB x (1 - 0.9 / 4) x 4 = 198.4 MiB.
    expect(idsOf(strategy.next(silo(sized([60, 60, 60, 199]))))).toEqual([]);
    expect(idsOf(strategy.next(silo(sized([60, 60, 60, 198]))))).toEqual([1, 2, 3, 4]);
  });

  test('a quarter of the partitions with a quarter of the bytes is as dense as the whole', () => {
    const places = new Map([
      [1, [0, 249] as const],
      [2, [250, 499] as const],
    ]);
    expect(idsOf(strategy.next(silo(sized([60, 60, 60, 60]), { places })))).toEqual([]);
    const above = [1, 2, 3, 4].map((id) => runOfSize(id, 60));
    const quarter = new Map(above.map(({ id }) => [id, [0, 249] as const]));
    expect(idsOf(strategy.next(silo([...above, runOfSize(5, 240)], { places: quarter })))).toEqual([1, 2, 3, 4, 5]);
  });

  test('shards: one below 200 MiB, four from 400 MiB on, more when 1 GiB each is passed by far', () => {
    const shards = (mib: number): number => shardsFor(mib * MIB, { ...SETTINGS, minSstableBytes: 100 * MIB });
    expect([99, 199, 200, 399, 400, 4096].map(shards)).toEqual([1, 1, 2, 2, 4, 4]);
    // (density / 4 GiB) to the power of 0.667, rounded on the scale of logarithms.
    expect([8, 16, 64].map((times) => shards(4096 * times))).toEqual([16, 32, 64].map((count) => count * 1));
  });
});

test('the registry names each strategy by its class', () => {
  for (const [name, make] of COMPACTION_STRATEGIES) expect(make(SETTINGS).name).toBe(name);
  expect(COMPACTION_STRATEGIES.size).toBe(5);
});
