/**
 * How many bytes entries take on disk and on the wire: a column group has its even share of the row, a tombstone a fixed
 * few bytes. A model of sizes, not of an SSTable's format: compression, indexes and filters are not in it.
 */
import type { TableLayout } from './layout.ts';
import { BASE, type Versions } from './versions.ts';

/** Header, timestamp and local deletion time of a deletion, without a value. */
export const TOMBSTONE_BYTES = 24;

/** Bytes of one entry; the initial content (BASE) is sized like a write. */
export function bytesOfEntry(layout: TableLayout, versions: Versions, slot: number, version: number): number {
  if (version !== BASE && versions.isTombstone(version)) return TOMBSTONE_BYTES;
  return groupBytes(layout, (slot - layout.slotBase) % layout.slotsPerRow);
}

/** Bytes of entries `from` to `to` of two parallel arrays. */
export function bytesOfEntries(
  layout: TableLayout,
  versions: Versions,
  entries: { readonly slots: Int32Array; readonly versions: Int32Array },
): number {
  let bytes = 0;
  for (let index = 0; index < entries.slots.length; index += 1) {
    bytes += bytesOfEntry(layout, versions, entries.slots[index], entries.versions[index]);
  }
  return bytes;
}

/** Bytes of the whole initial content of one partition. */
export function basePartitionBytes(layout: TableLayout): number {
  return layout.rowBytes * layout.rowsPerPartition;
}

/** Bytes of one slot's initial content. */
export function baseSlotBytes(layout: TableLayout, slot: number): number {
  return groupBytes(layout, (slot - layout.slotBase) % layout.slotsPerRow);
}

/** Bytes of a value in each slot of a row. */
export function groupSizes(layout: TableLayout): Int32Array {
  return Int32Array.from({ length: layout.slotsPerRow }, (_unused, group) => groupBytes(layout, group));
}

/** The first groups take the remainder, so that the groups of a row sum to it. A deletion slot holds no value. */
function groupBytes(layout: TableLayout, group: number): number {
  if (group >= layout.groups) return 0;
  const share = Math.floor(layout.rowBytes / layout.groups);
  return share + (group < layout.rowBytes - share * layout.groups ? 1 : 0);
}
