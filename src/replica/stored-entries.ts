/** Small questions about entries in memory and in runs, of which storage.ts is full. */
import { TOMBSTONE_BYTES } from '../data/entry-bytes.ts';
import type { TableLayout } from '../data/layout.ts';
import type { Run } from '../data/run.ts';
import { lowerBound } from '../data/runs.ts';
import type { Memtable } from './memtable.ts';

/** Full entries of a table that fit into so many bytes for certain. */
export function entriesIn(bytes: number, table: TableLayout): number {
  return Math.floor(bytes / Math.max(TOMBSTONE_BYTES, Math.ceil(table.rowBytes / table.groups)));
}

/** Has the run an entry in [from, to)? */
export function holdsAny(run: Run, from: number, to: number): boolean {
  const entry = lowerBound(run.slots, from);
  return entry < run.slots.length && run.slots[entry] < to;
}

export function joined(
  memtables: readonly Memtable[],
  counts: readonly number[],
): { slots: Int32Array; versions: Int32Array } {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const slots = new Int32Array(total);
  const versions = new Int32Array(total);
  let at = 0;
  memtables.forEach((memtable, order) => {
    slots.set(memtable.slots.subarray(0, counts[order]), at);
    versions.set(memtable.versions.subarray(0, counts[order]), at);
    at += counts[order];
  });
  return { slots, versions };
}
