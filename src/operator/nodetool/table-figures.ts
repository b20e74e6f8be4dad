/**
 * Figures that a table's SSTables and memtables give, as Cassandra derives them: the number of partitions, each counted once
 * over all SSTables and once more in memory (`metrics/TableMetrics`, `SSTableReader#getApproximateKeyCount`), and the share of
 * cells that a compaction could drop (`ColumnFamilyStore#getDroppableTombstoneRatio`). Exact here, estimates there.
 */
import { rangesHeldBy } from '../../data/build-layout.ts';
import type { TableLayout } from '../../data/layout.ts';
import type { Run } from '../../data/run.ts';
import type { NodeTable } from '../../replica/node-table.ts';
import type { World } from '../../run/world.ts';

export function sumBytes(runs: readonly Pick<Run, 'bytes'>[]): number {
  return runs.reduce((sum, { bytes }) => sum + bytes, 0);
}

export function partitionsEstimate(layout: TableLayout, { runs, memtable }: NodeTable, node: number): number {
  const held = new Uint8Array(layout.partitions);
  if (runs.some(({ base }) => base)) {
    const ranges = rangesHeldBy(layout, node);
    for (let ordinal = 0; ordinal < layout.partitions; ordinal += 1)
      held[ordinal] = ranges[layout.rangeOfOrdinal[ordinal]];
  }
  for (const { slots } of runs) mark(held, layout, slots, slots.length);
  let count = 0;
  for (let ordinal = 0; ordinal < layout.partitions; ordinal += 1) count += held[ordinal];
  held.fill(0);
  mark(held, layout, memtable.slots, memtable.count);
  for (let ordinal = 0; ordinal < layout.partitions; ordinal += 1) count += held[ordinal];
  return count;
}

function mark(held: Uint8Array, { slotBase, slotsPerPartition }: TableLayout, slots: Int32Array, count: number): void {
  for (let entry = 0; entry < count; entry += 1) held[Math.floor((slots[entry] - slotBase) / slotsPerPartition)] = 1;
}

/** Tombstones and expired cells that are older than gc_grace, of all cells. */
export function droppableRatio({ versions }: World, { table, runs }: NodeTable, nowMicros: number): number {
  let all = 0;
  let droppable = 0;
  for (const run of runs) {
    all += run.slots.length;
    if (run.base) all += run.partitions * table.slotsPerPartition - run.removed.length;
    if (!run.purgeable) continue;
    for (let entry = 0; entry < run.versions.length; entry += 1)
      if (versions.purgeableAt(run.versions[entry], table.gcGraceMicros) < nowMicros) droppable += 1;
  }
  return all === 0 ? 0 : droppable / all;
}
