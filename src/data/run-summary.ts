/**
 * What a run says of its content beside the entries: bytes, partitions, span of timestamps, whether and until when it has
 * tombstones. Computed once when a run is sealed; a loop a question, because every flush of a busy node pays for it.
 */
import { rangesHeldBy } from './build-layout.ts';
import { TOMBSTONE_BYTES, basePartitionBytes, baseSlotBytes, groupSizes } from './entry-bytes.ts';
import type { TableLayout } from './layout.ts';
import type { Run } from './run.ts';
import { BASE, FIRST_VERSION, type Versions } from './versions.ts';

export type RunSummary = Pick<
  Run,
  'bytes' | 'partitions' | 'minTimestamp' | 'maxTimestamp' | 'maxDeletion' | 'purgeable' | 'expiresAt'
>;

export interface Summarized {
  readonly slots: Int32Array;
  readonly versions: Int32Array;
  readonly base: boolean;
  readonly removed: Int32Array;
}

export function summarizeRun(layout: TableLayout, versions: Versions, node: number, content: Summarized): RunSummary {
  const { slots, base } = content;
  const basePartitions = base ? partitionsHeldBy(layout, node) : 0;
  return {
    bytes: bytesOf(layout, versions, content) + (base ? baseBytes(layout, basePartitions, content.removed) : 0),
    // Where the run holds the initial content, that counts all its partitions.
    partitions: base ? basePartitions : partitionsOf(layout, slots),
    ...timestampsOf(versions, content),
    ...purgeabilityOf(versions, content.versions),
    expiresAt: expiryAt(layout, versions, content),
  };
}

/** The run as the table's gc_grace of now has it: that may have changed since it was summarized. */
export function expiringNow(layout: TableLayout, versions: Versions, run: Run): Run {
  const expiresAt = expiryAt(layout, versions, run);
  return expiresAt === run.expiresAt ? run : { ...run, expiresAt };
}

function expiryAt(layout: TableLayout, versions: Versions, content: Pick<Summarized, 'base' | 'versions'>): number {
  return content.base ? Infinity : expiryOf(versions, content.versions, layout.gcGraceMicros);
}

function bytesOf(layout: TableLayout, table: Versions, { slots, versions }: Summarized): number {
  const sizes = groupSizes(layout);
  const { slotBase, slotsPerRow } = layout;
  if (table.plain && slotsPerRow === 1) return slots.length * sizes[0];
  let bytes = 0;
  for (let index = 0; index < slots.length; index += 1) {
    if (table.isTombstone(versions[index])) {
      bytes += TOMBSTONE_BYTES;
    } else {
      // A remainder by way of a quotient: integer division is the dearest thing in this loop.
      const offset = slots[index] - slotBase;
      bytes += sizes[offset - Math.floor(offset / slotsPerRow) * slotsPerRow];
    }
  }
  return bytes;
}

function baseBytes(layout: TableLayout, partitions: number, removed: Int32Array): number {
  let bytes = partitions * basePartitionBytes(layout);
  for (let index = 0; index < removed.length; index += 1) bytes -= baseSlotBytes(layout, removed[index]);
  return bytes;
}

function partitionsHeldBy(layout: TableLayout, node: number): number {
  const held = rangesHeldBy(layout, node);
  let partitions = 0;
  for (let ordinal = 0; ordinal < layout.partitions; ordinal += 1) partitions += held[layout.rangeOfOrdinal[ordinal]];
  return partitions;
}

function partitionsOf({ slotBase, slotsPerPartition }: TableLayout, slots: Int32Array): number {
  if (slotsPerPartition === 1) return slots.length;
  let partitions = 0;
  let end = 0;
  for (let index = 0; index < slots.length; index += 1) {
    const offset = slots[index] - slotBase;
    if (offset < end) continue;
    partitions += 1;
    end = (Math.floor(offset / slotsPerPartition) + 1) * slotsPerPartition;
  }
  return partitions;
}

function timestampsOf(table: Versions, { versions, base }: Summarized): Pick<Run, 'minTimestamp' | 'maxTimestamp'> {
  const { timestamp } = table.arrays;
  if (versions.length === 0 && !base) return { minTimestamp: Infinity, maxTimestamp: -Infinity };
  let oldest = base ? BASE : versions[0];
  let newest = oldest;
  for (let index = 0; index < versions.length; index += 1) {
    const version = versions[index];
    // Without clock skew timestamps rise with ids, so that no timestamp need be fetched from memory.
    if (table.monotone) {
      oldest = version < oldest ? version : oldest;
      newest = version > newest ? version : newest;
    } else {
      oldest = timestamp[version] < timestamp[oldest] ? version : oldest;
      newest = timestamp[version] > timestamp[newest] ? version : newest;
    }
  }
  return { minTimestamp: timestamp[oldest], maxTimestamp: timestamp[newest] };
}

function purgeabilityOf(table: Versions, versions: Int32Array): Pick<Run, 'maxDeletion' | 'purgeable'> {
  if (table.plain) return { maxDeletion: -Infinity, purgeable: false };
  const { issuedAt, ttlSeconds } = table.arrays;
  let maxDeletion = -Infinity;
  let purgeable = false;
  for (let index = 0; index < versions.length; index += 1) {
    const version = versions[index];
    if (version < FIRST_VERSION) continue;
    if (table.isTombstone(version)) maxDeletion = Math.max(maxDeletion, issuedAt[version]);
    else if (ttlSeconds[version] > 0) purgeable = true;
  }
  return { maxDeletion, purgeable: purgeable || maxDeletion > -Infinity };
}

/** From when all of it may be purged. Stops at the first entry that lives for ever. */
export function expiryOf(table: Versions, versions: Int32Array, gcGraceMicros: number): number {
  if (table.plain || versions.length === 0) return Infinity;
  let last = -Infinity;
  for (let index = 0; index < versions.length; index += 1) {
    const at = table.purgeableAt(versions[index], gcGraceMicros);
    if (at === Infinity) return Infinity;
    if (at > last) last = at;
  }
  return last;
}
