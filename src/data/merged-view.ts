/**
 * What a copy holds after merging its runs, slot by slot, for an interval of partitions; and the hashes that a
 * validation makes of it. Dense arrays and plain loops: this is where a repair spends its time. What goes into a hash in
 * reality is cassandra.a18; here the versions' ids stand for the content (see `versions.ts`).
 */
import { mix32 } from '../base/mix.ts';
import { firstSlotOfOrdinal, rangesHeldBy } from './build-layout.ts';
import type { TableLayout } from './layout.ts';
import type { MergeOrder } from './merge-order.ts';
import { removedFromBase } from './merge-runs.ts';
import type { Run } from './run.ts';
import { lowerBound } from './runs.ts';
import { BASE, FIRST_VERSION, NOTHING, type Versions } from './versions.ts';

export interface MergedViewOptions {
  readonly layout: TableLayout;
  readonly order: MergeOrder;
  /** Oldest first: a run's position is its generation. All of one node and table. */
  readonly runs: readonly Run[];
  /** Whose runs they are: a base run covers the partitions that this node replicates. */
  readonly node: number;
  readonly fromOrdinal: number;
  /** Exclusive. */
  readonly toOrdinal: number;
  /** Drop what may be purged at this time, whatever compaction has done (cassandra.a19). */
  readonly purge?: { readonly versions: Versions; readonly atMicros: number };
}

export interface MergedView {
  readonly layout: TableLayout;
  readonly fromOrdinal: number;
  readonly toOrdinal: number;
  /** The winning version of each slot, from the interval's first slot on; NOTHING where no run has one. */
  readonly content: Int32Array;
}

/** Work that a validation did. */
export interface HashedCounts {
  partitions: number;
  rows: number;
}

export function mergedView(options: MergedViewOptions): MergedView {
  const { layout, runs, fromOrdinal, toOrdinal, purge } = options;
  const content = new Int32Array((toOrdinal - fromOrdinal) * layout.slotsPerPartition);
  fillBase(options, content);
  runs.forEach((run, generation) => overlay(options, run, generation, content));
  if (purge !== undefined && runs.some(({ purgeable }) => purgeable)) {
    dropPurgeable(layout, purge.versions, purge.atMicros, content);
  }
  return { layout, fromOrdinal, toOrdinal, content };
}

/**
 * Hashes each partition of a view into `hashes`, two 32-bit lanes a partition, both 0 where it has no content
 * (cassandra.a19: such a partition contributes nothing). Returns how many partitions and rows have some.
 */
export function hashPartitions(view: MergedView, hashes: Int32Array): HashedCounts {
  const counts = { partitions: 0, rows: 0 };
  // In chunks, because one long call would stay in the slow tier of a just-in-time compiler.
  const count = view.toOrdinal - view.fromOrdinal;
  for (let start = 0; start < count; start += 4096) {
    hashChunk(view, start, Math.min(count, start + 4096), hashes, counts);
  }
  return counts;
}

/** Is it a tombstone or an expired cell that a purge at this time drops? (cassandra.a19: older than now − gc_grace.) */
export function isPurgeable(layout: TableLayout, versions: Versions, version: number, nowMicros: number): boolean {
  return version >= FIRST_VERSION && versions.purgeableAt(version, layout.gcGraceMicros) < nowMicros;
}

function fillBase({ layout, runs, node, fromOrdinal, toOrdinal }: MergedViewOptions, content: Int32Array): void {
  const removed = removedFromBase(runs);
  if (removed === null) return;
  const held = rangesHeldBy(layout, node);
  const { slotsPerPartition, rangeOfOrdinal } = layout;
  let start = fromOrdinal;
  while (start < toOrdinal) {
    const range = rangeOfOrdinal[start];
    let end = start + 1;
    while (end < toOrdinal && rangeOfOrdinal[end] === range) end += 1;
    if (held[range] === 1) {
      content.fill(BASE, (start - fromOrdinal) * slotsPerPartition, (end - fromOrdinal) * slotsPerPartition);
    }
    start = end;
  }
  const first = firstSlotOfOrdinal(layout, fromOrdinal);
  const last = first + content.length;
  for (let index = lowerBound(removed, first); index < removed.length && removed[index] < last; index += 1) {
    content[removed[index] - first] = NOTHING;
  }
}

function overlay(
  { layout, order, fromOrdinal }: MergedViewOptions,
  run: Run,
  generation: number,
  content: Int32Array,
): void {
  const first = firstSlotOfOrdinal(layout, fromOrdinal);
  const start = lowerBound(run.slots, first);
  const end = lowerBound(run.slots, first + content.length, start);
  for (let from = start; from < end; from += 16384) {
    overlayChunk(order, run, generation, { content, first, from, to: Math.min(end, from + 16384) });
  }
}

interface Chunk {
  readonly content: Int32Array;
  /** Slot of the content's first element. */
  readonly first: number;
  /** Entries of the run. */
  readonly from: number;
  readonly to: number;
}

function overlayChunk(order: MergeOrder, run: Run, generation: number, { content, first, from, to }: Chunk): void {
  const { slots, versions } = run;
  for (let index = from; index < to; index += 1) {
    const at = slots[index] - first;
    const version = versions[index];
    const current = content[at];
    // What is there came from an older run, whichever it was.
    if (current === NOTHING || order.wins(version, generation, current, generation - 1)) content[at] = version;
  }
}

function dropPurgeable(layout: TableLayout, versions: Versions, atMicros: number, content: Int32Array): void {
  for (let index = 0; index < content.length; index += 1) {
    if (isPurgeable(layout, versions, content[index], atMicros)) content[index] = NOTHING;
  }
}

function hashChunk(view: MergedView, from: number, to: number, hashes: Int32Array, counts: HashedCounts): void {
  const { content, fromOrdinal } = view;
  const { slotsPerPartition, slotsPerRow } = view.layout;
  let rowsTotal = 0;
  let partitions = 0;
  for (let partition = from; partition < to; partition += 1) {
    let slot = partition * slotsPerPartition;
    let first = 0x243f6a88;
    let second = 0x13198a2e;
    let rows = 0;
    for (let offset = 0; offset < slotsPerPartition;) {
      let seen = 0;
      for (const rowEnd = offset + slotsPerRow; offset < rowEnd; offset += 1) {
        const version = content[slot++];
        if (version === NOTHING) continue;
        seen = 1;
        const word = Math.imul(version, 0x9e3779b1) + Math.imul(offset + 1, 0x85ebca77);
        first = Math.imul(first ^ word, 0xcc9e2d51);
        first ^= first >>> 15;
        second = (Math.imul(second, 0x1b873593) + word) | 0;
      }
      rows += seen;
    }
    const seed = Math.imul(fromOrdinal + partition + 1, 0xc2b2ae35);
    hashes[2 * partition] = rows === 0 ? 0 : mix32(first ^ seed);
    hashes[2 * partition + 1] = rows === 0 ? 0 : mix32((second + seed) ^ (seed >>> 16));
    rowsTotal += rows;
    partitions += rows === 0 ? 0 : 1;
  }
  counts.rows += rowsTotal;
  counts.partitions += partitions;
}
