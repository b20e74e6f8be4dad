/** Size-tiered buckets, and when a compaction may drop a tombstone (cassandra.h1). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Run } from '../../src/data/run.ts';
import { nextTask } from '../../src/replica/compaction/silos.ts';
import { sizeTiered } from '../../src/replica/compaction/size-tiered.ts';
import type { CompactionSettings } from '../../src/replica/compaction/strategy.ts';
import type { Plan, PlanWorkload } from '../../src/scenario/plan.ts';
import { plainPlan, plainTable, plainWorkload, seconds } from '../run/plain-plan.ts';
import { runs as runsOf } from '../run/plans.ts';
import { tell, type Story } from '../run/reading.ts';
import { MIB, SETTINGS, silo, sized } from '../support/silo.ts';

/** What is chosen of all silos, in the order in which it is live. */
function chooseBucket(runs: readonly Run[], settings: Partial<CompactionSettings> = {}): Run[] {
  const repaired = (run: Run): number => (run.pendingRepair > 0 ? run.pendingRepair + 1 : run.repairedAt > 0 ? 1 : 0);
  const keys = [...new Set(runs.map(repaired))];
  const silos = keys.map((key) => silo(runs.filter((run) => repaired(run) === key)));
  const chosen = new Set(nextTask(sizeTiered({ ...SETTINGS, ...settings }), silos)?.runs ?? []);
  return runs.filter((run) => chosen.has(run));
}

const chosenOf = (runs: readonly Run[], settings: Partial<CompactionSettings> = {}): number[] =>
  chooseBucket(runs, settings).map(({ id }) => id);

describe('buckets', () => {
  test('four of similar size are compacted, three are not', () => {
    expect(chosenOf(sized([100, 110, 90, 105]))).toEqual([1, 2, 3, 4]);
    expect(chosenOf(sized([100, 110, 90]))).toEqual([]);
  });

  test('similar means within half and one and a half times the mean of the bucket', () => {
    expect(chosenOf(sized([100, 100, 100, 149]))).toEqual([1, 2, 3, 4]);
    expect(chosenOf(sized([100, 100, 100, 151]))).toEqual([]);
    expect(chosenOf(sized([100, 200, 400, 800]))).toEqual([]);
  });

  test('small ones are all alike', () => {
    expect(chosenOf(sized([1, 7, 30, 49]))).toEqual([1, 2, 3, 4]);
    expect(chosenOf(sized([1, 7, 30, 49]), { minSstableBytes: 0 })).toEqual([]);
  });

  test('the bucket of the smallest goes first', () => {
    expect(chosenOf(sized([1000, 100, 1000, 100, 1000, 100, 1000, 100]))).toEqual([2, 4, 6, 8]);
  });

  test('no more than the maximum at once', () => {
    expect(chosenOf(sized(Array<number>(40).fill(100)))).toHaveLength(32);
  });

  test('repaired, pending and unrepaired runs are never mixed (cassandra.c1)', () => {
    const mixed = [
      ...sized([100, 100, 100]),
      ...sized([100, 100, 100], { repairedAt: 5 }),
      ...sized([100, 100], { pendingRepair: 9 }),
    ];
    expect(chooseBucket(mixed)).toEqual([]);
  });

  test('what is chosen is one silo, at least the minimum, in the order in which it is live', () => {
    const run = fc.record({ size: fc.integer({ min: 1, max: 300 }), repaired: fc.boolean() });
    fc.assert(
      fc.property(fc.array(run, { maxLength: 12 }), (list) => {
        const all = list.flatMap(({ size, repaired }, index) =>
          sized([size], { id: index + 1, repairedAt: repaired ? 7 : 0 }),
        );
        const chosen = chooseBucket(all);
        if (chosen.length === 0) return;
        expect(chosen.length).toBeGreaterThanOrEqual(4);
        expect(new Set(chosen.map(({ repairedAt }) => repairedAt)).size).toBe(1);
        expect(chosen.map(({ id }) => id)).toEqual([...chosen.map(({ id }) => id)].sort((left, right) => left - right));
        const sizes = chosen.map(({ bytes }) => bytes);
        const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
        expect(most < 50 * MIB || most < least * 3).toBe(true);
      }),
      { numRuns: runsOf(200) },
    );
  });
});

describe('purge (cassandra.h1)', () => {
  const GC_GRACE = seconds(10);
  /** So large that each write is flushed by itself; tombstones are tiny and make their own bucket. */
  const table = plainTable({ row_bytes: 800_000_000, gc_grace_micros: GC_GRACE, partitions: 2 });

  const writes = (at: number, count: number, key: number, deletes: boolean): PlanWorkload =>
    plainWorkload({
      arrivals: { kind: 'fixed', per_second: 1 },
      from_micros: seconds(at),
      count,
      keys: { kind: 'sequential', from: key, to: key + 1 },
      mix: {
        insert: deletes ? 0 : 1,
        update: 0,
        delete_cell: deletes ? 1 : 0,
        delete_row: 0,
        delete_range: 0,
        delete_partition: 0,
      },
    });

  function story(workload: Record<string, PlanWorkload>, given: Partial<Plan> = {}): Story {
    const devices = {
      disk_read_bytes_per_second: 1e13,
      disk_write_bytes_per_second: 1e13,
      fsync_micros: 2000,
      link_bytes_per_second: 1e9,
    };
    return tell(plainPlan({ tables: [table], workload, devices, ...given }));
  }

  /** Key 0 is deleted four times, which are compacted at once; three deletes of key 1 make the next compaction, at `later`. */
  const deletes = (later: number): Record<string, PlanWorkload> => ({
    d0: writes(5, 4, 0, true),
    d1: writes(later, 3, 1, true),
  });

  test('a tombstone goes when it is older than gc_grace and nothing older of its partition lies elsewhere', () => {
    const purged = story(deletes(30)).of('purged');
    // Of key 0, on each of three nodes; of key 1 nothing: it is young.
    expect(purged.map(({ node, c }) => [node, c])).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
    ]);
    expect(new Set(purged.map(({ b }) => b)).size).toBe(1);
    expect(purged[0].micros).toBeGreaterThanOrEqual(seconds(32));
  });

  test('what a compaction read is counted when it has finished, and never of one that was cut off', () => {
    const bytes = story(deletes(30)).result.storage;
    expect(bytes.compactions).toBe(6);
    expect(bytes.compacted_bytes).toBeGreaterThan(0);
    // A disk on which no compaction ends before the node does.
    const slow = {
      disk_read_bytes_per_second: 1,
      disk_write_bytes_per_second: 1e13,
      fsync_micros: 2000,
      link_bytes_per_second: 1e9,
    };
    const cut = story(deletes(30), { devices: slow });
    expect(cut.of('compactionStarted').length).toBeGreaterThan(0);
    expect(cut.result.storage).toMatchObject({ compactions: 0, compacted_bytes: 0 });
  });

  test('not before', () => {
    expect(story(deletes(12)).of('compactionFinished').length).toBeGreaterThan(3);
    expect(story(deletes(12)).of('purged')).toEqual([]);
  });

  test('an older run of the partition outside the compaction keeps it', () => {
    expect(story({ i: writes(1, 1, 0, false), ...deletes(30) }).of('purged')).toEqual([]);
    // A run of another partition does not.
    expect(story({ i: writes(1, 1, 1, false), ...deletes(30) }).of('purged')).toHaveLength(3);
    // Nor does a newer run of the same one.
    expect(story({ i: writes(20, 1, 0, false), ...deletes(30) }).of('purged')).toHaveLength(3);
  });

  test('content that a table was loaded with is older than any tombstone', () => {
    expect(story(deletes(30), { tables: [{ ...table, loaded: 'equal' }] }).of('purged')).toEqual([]);
  });

  test('with the rule off nothing is ever dropped', () => {
    expect(story(deletes(30), { model: { off: ['cassandra.h1'] } }).of('purged')).toEqual([]);
  });
});
