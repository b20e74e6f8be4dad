/**
 * All that a node holds of a table, as SSTables that a snapshot keeps, and other SSTables in the place of all that it
 * holds: for files that are lost and for old ones that are put back. Says which slots show something else after it.
 */
import { slotsOn } from '../data/build-layout.ts';
import type { TableLayout } from '../data/layout.ts';
import type { Run } from '../data/run.ts';
import type { RunWriter } from './run-writer.ts';
import type { NodeTable } from './node-table.ts';
import type { Storage } from './storage.ts';

/** Runs and, as nodetool snapshot would flush it, what is in memory. */
export function contentAsRuns(place: NodeTable, runs: RunWriter): Run[] {
  const memtables = [...place.flushes.map(({ memtable }) => memtable), place.memtable];
  const flushed = memtables
    .filter((memtable) => memtable.count > 0)
    .map((memtable) => runs.fromEntries(place.node, place.table, memtable));
  // What belonged to a session then belongs to none when it is put back.
  return [...place.runs, ...flushed].map((run) => (run.pendingRepair === 0 ? run : { ...run, pendingRepair: 0 }));
}

export interface NewContent {
  node: number;
  table: TableLayout;
  runs: readonly Run[];
  keepsMemory: boolean;
}

/** Calls `reverted(slot, version held now)` for every slot that shows something else, in ascending order. */
export function replaceContent(
  storage: Storage,
  { node, table, runs, keepsMemory }: NewContent,
  reverted: (slot: number, version: number) => void,
): void {
  const place = storage.of(node, table.index);
  const gone = place.runs.filter((run) => !runs.includes(run));
  const fresh = runs.filter((run) => !place.runs.includes(run));
  const memory = keepsMemory ? [] : [...place.flushes.map(({ memtable }) => memtable), place.memtable];
  const slots = touchedSlots(table, node, [...gone, ...fresh], memory);
  const before = storage.heldVersions(node, table.index, slots);
  storage.putInPlace(node, table.index, runs, keepsMemory);
  const after = storage.heldVersions(node, table.index, slots);
  for (let index = 0; index < slots.length; index += 1)
    if (before[index] !== after[index]) reverted(slots[index], after[index]);
}

function touchedSlots(
  table: TableLayout,
  node: number,
  runs: readonly Run[],
  memory: readonly { slots: Int32Array; count: number }[],
): Int32Array {
  if (runs.some(({ base }) => base)) return slotsOn(table, node);
  const slots = new Set<number>();
  for (const run of runs) for (let index = 0; index < run.slots.length; index += 1) slots.add(run.slots[index]);
  for (const memtable of memory)
    for (let index = 0; index < memtable.count; index += 1) slots.add(memtable.slots[index]);
  return Int32Array.from(slots).sort((low, high) => low - high);
}
