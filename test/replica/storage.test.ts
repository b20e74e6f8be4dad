/** What a node keeps in memory and on disk: when a memtable is flushed, what a stop leaves. */
import { describe, expect, test } from 'vitest';
import { SyncedLog } from '../../src/replica/durability.ts';
import { Memtable } from '../../src/replica/memtable.ts';
import { Epochs } from '../../src/run/build-epochs.ts';
import { buildTables } from '../../src/run/build-tables.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan, PlanEntry, PlanMix } from '../../src/scenario/plan.ts';
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

test('the lowest timestamp of a memtable keeps the tombstones of all its partitions (cassandra.h1)', () => {
  const plan = plainPlan();
  const [table] = buildTables(plan, new Epochs(plan));
  const memtable = new Memtable(new SyncedLog());
  const timestamps = Float64Array.of(0, 0, 50, 10, 90);
  const keeps = (partition: number, timestamp: number): boolean =>
    memtable.overlapsOlder(table, table.slotBase + partition * table.slotsPerPartition, timestamp, timestamps);
  expect(keeps(0, 100)).toBe(false);
  memtable.append(1, table.slotBase, 2);
  expect([keeps(0, 49), keeps(0, 50)]).toEqual([false, true]);
  // Something old of another partition: the memtable is as old as that.
  memtable.append(2, table.slotBase + table.slotsPerPartition, 3);
  memtable.append(3, table.slotBase, 4);
  expect([keeps(0, 9), keeps(0, 10), keeps(2, 100)]).toEqual([false, true, false]);
  memtable.replaceWith(Int32Array.of(table.slotBase), Int32Array.of(4), 1);
  expect([keeps(0, 89), keeps(1, 100)]).toEqual([false, false]);
});

describe('a graceful stop drains (cassandra.f-drain)', () => {
  const stopped = (entries: PlanEntry[]): Plan =>
    plainPlan({ workload: { w: plainWorkload({ consistency: 'ALL' }) }, entries });
  const stop: PlanEntry = {
    id: 'faults.s',
    at_micros: seconds(30),
    kind: 'stopNode',
    nodes: ['n1'],
    for_micros: seconds(2),
  };

  test('what was in memory lies in one run', () => {
    const simulation = new Simulation(stopped([stop]), { batched: true, observers: [] });
    simulation.runTo(seconds(30) + 1);
    const [own, other] = [0, 1].map((node) => simulation.world.storage.of(node, 0));
    expect([own.memtable.count, own.runs.length]).toEqual([0, 1]);
    expect([other.memtable.count > 0, other.runs.length]).toEqual([true, 0]);
  });

  test('and a power loss after it takes nothing of that', () => {
    // At 32.5 s the last sync of some node may be as old as 22.5 s.
    const loss: PlanEntry = {
      ...stop,
      id: 'faults.p',
      at_micros: seconds(32.000001),
      kind: 'crashNode',
      mode: 'power-loss',
    };
    expect(
      tell(stopped([stop, loss]))
        .of('reverted')
        .filter(({ node }) => node === 0),
    ).toEqual([]);
    expect(tell(stopped([loss])).of('reverted').length).toBeGreaterThan(0);
  });
});
