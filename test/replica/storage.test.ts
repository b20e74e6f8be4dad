/** What a node keeps in memory and on disk: when a memtable is flushed, what a stop leaves. */
import { describe, expect, test } from 'vitest';
import type { PlanMix } from '../../src/scenario/plan.ts';
import { plainPlan, plainTable, plainWorkload, seconds } from '../run/plain-plan.ts';
import { tell } from '../run/reading.ts';

const INSERTS: PlanMix = { insert: 1, update: 0, delete_cell: 0, delete_row: 0, delete_range: 0, delete_partition: 0 };
const DELETES: PlanMix = { ...INSERTS, insert: 0, delete_cell: 1 };

describe('when a memtable is flushed', () => {
  /** Rows of 100 MB: seven fit into a third of two GiB. */
  const flushedCounts = (mixes: PlanMix[]): number[] => {
    const workload = Object.fromEntries(
      mixes.map((mix, index) => [
        `w${index}`,
        plainWorkload({
          arrivals: { kind: 'fixed', per_second: 1 },
          from_micros: seconds(1 + index * 20),
          count: 14,
          mix,
        }),
      ]),
    );
    const story = tell(plainPlan({ tables: [plainTable({ row_bytes: 100_000_000 })], workload }));
    return story
      .of('flushStarted')
      .filter(({ node }) => node === 0)
      .map(({ c }) => c);
  };

  test('when one more row would not fit', () => {
    expect(flushedCounts([INSERTS])).toEqual([7, 7]);
  });

  test('tombstones weigh next to nothing', () => {
    expect(flushedCounts([DELETES])).toEqual([]);
    // Fourteen deletes ride with the rows of the second workload.
    expect(flushedCounts([DELETES, INSERTS])).toEqual([14 + 7, 7]);
  });
});
