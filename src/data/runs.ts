/**
 * Makes sorted runs and reads parts of them: sealing a memory's unsorted writes, the run of a table's initial content,
 * the entries that lie in some partitions, what a run weighs. Merging several runs: `merge-runs.ts`; the winning version
 * of every slot: `merged-view.ts`. The type itself is in `run.ts`.
 */
import { sortedPairs } from '../base/sorting.ts';
import { firstSlotOfOrdinal, normalizeIntervals, rangesHeldBy, type OrdinalInterval } from './build-layout.ts';
import type { TableLayout } from './layout.ts';
import type { MergeOrder } from './merge-order.ts';
import type { Run } from './run.ts';
import { summarizeRun } from './run-summary.ts';
import { BASE, type Versions } from './versions.ts';

/** Slots ascending, each once, with the version in it. */
export interface Entries {
  readonly slots: Int32Array;
  readonly versions: Int32Array;
}

/** What a run holds: entries, and the initial content of its node but for some slots. */
export interface RunContent extends Entries {
  readonly base: boolean;
  readonly removed: Int32Array;
}

/** Whose run it is, and where it stands in repair. */
export interface RunHeader {
  readonly id: number;
  readonly layout: TableLayout;
  readonly versions: Versions;
  /** Which partitions the base content covers depends on the node. */
  readonly node: number;
  readonly repairedAt?: number;
  readonly pendingRepair?: number;
  readonly level?: number;
}

const NONE = new Int32Array(0);

/** From one entry for so many slots on, a word for every slot is cheaper than sorting. */
const DENSE_SHARE = 4;
/** Versions by slot; all zero between calls. */
let newest = new Int32Array(0);

/** Sorts pairs by slot and keeps the winner of each slot. Pairs lie in order of arrival; the arrays are not changed. */
export function sealEntries(
  layout: TableLayout,
  order: MergeOrder,
  pairs: { readonly slots: Int32Array; readonly versions: Int32Array; readonly count: number },
): Entries {
  if (order.risesWithId && pairs.count * DENSE_SHARE >= layout.slotCount) return sealDense(layout, pairs);
  const { keys: slots, values: versions } = sortedPairs(
    { keys: pairs.slots, values: pairs.versions, count: pairs.count },
    { from: layout.slotBase, to: layout.slotBase + layout.slotCount },
  );
  const kept = keepWinners(slots, versions, order);
  if (kept === slots.length) return { slots, versions };
  return { slots: slots.slice(0, kept), versions: versions.slice(0, kept) };
}

/** A run of unsorted pairs, as a flush makes it. */
export function sealRun(
  header: RunHeader,
  order: MergeOrder,
  pairs: { readonly slots: Int32Array; readonly versions: Int32Array; readonly count: number },
): Run {
  return runOf(header, { ...sealEntries(header.layout, order, pairs), base: false, removed: NONE });
}

/** The run with which a table that starts `loaded: equal` lies on a node. */
export function baseRun(header: RunHeader): Run {
  return runOf(header, { slots: NONE, versions: NONE, base: true, removed: NONE });
}

/** A sealed run of the given content, which must not be changed any more. */
export function runOf(header: RunHeader, content: RunContent): Run {
  const { layout, versions, node } = header;
  return {
    id: header.id,
    table: layout.index,
    slots: content.slots,
    versions: content.versions,
    base: content.base,
    removed: content.removed,
    ...summarizeRun(layout, versions, node, content),
    level: header.level ?? 0,
    repairedAt: header.repairedAt ?? 0,
    pendingRepair: header.pendingRepair ?? 0,
  };
}

/** The entries of a run in these partitions; initial content appears as entries of version BASE. */
export function sectionOfRun(header: RunHeader, run: Run, intervals: readonly OrdinalInterval[]): Entries {
  const { layout } = header;
  const parts = normalizeIntervals(intervals);
  if (!run.base) return copySections(layout, run, parts);
  const held = rangesHeldBy(layout, header.node);
  let capacity = 0;
  for (const { from, to } of parts) capacity += (to - from) * layout.slotsPerPartition;
  const collected = { slots: new Int32Array(capacity), versions: new Int32Array(capacity), count: 0 };
  for (const part of parts) appendBaseSection(layout, run, held, part, collected);
  return { slots: collected.slots.slice(0, collected.count), versions: collected.versions.slice(0, collected.count) };
}

/** First index with a slot of at least `slot`; the length if there is none. */
export function lowerBound(slots: Int32Array, slot: number, from = 0): number {
  let start = from;
  let end = slots.length;
  while (start < end) {
    const middle = (start + end) >>> 1;
    if (slots[middle] < slot) start = middle + 1;
    else end = middle;
  }
  return start;
}

/** Does the sorted list have the slot? */
export function includesSlot(slots: Int32Array, slot: number): boolean {
  const index = lowerBound(slots, slot);
  return index < slots.length && slots[index] === slot;
}

/** The version that a run has in a slot: NOTHING (0) if none. `isHeld`: does the run's node hold the slot's partition? */
export function versionInRun(run: Run, slot: number, isHeld: boolean): number {
  const index = lowerBound(run.slots, slot);
  if (index < run.slots.length && run.slots[index] === slot) return run.versions[index];
  return run.base && isHeld && !includesSlot(run.removed, slot) ? BASE : 0;
}

/** The same where the larger id wins, by a table of all slots. */
function sealDense(
  { slotBase, slotCount }: TableLayout,
  pairs: { readonly slots: Int32Array; readonly versions: Int32Array; readonly count: number },
): Entries {
  if (newest.length < slotCount) newest = new Int32Array(slotCount);
  const held = newest;
  let kept = 0;
  for (let index = 0; index < pairs.count; index += 1) {
    const offset = pairs.slots[index] - slotBase;
    const version = pairs.versions[index];
    const before = held[offset];
    if (before === 0) kept += 1;
    if (version > before) held[offset] = version;
  }
  const slots = new Int32Array(kept);
  const versions = new Int32Array(kept);
  let at = 0;
  for (let offset = 0; at < kept; offset += 1) {
    const version = held[offset];
    if (version === 0) continue;
    held[offset] = 0;
    slots[at] = slotBase + offset;
    versions[at] = version;
    at += 1;
  }
  return { slots, versions };
}

function keepWinners(slots: Int32Array, versions: Int32Array, order: MergeOrder): number {
  let kept = 0;
  // Equal slots lie in order of arrival, so a later index is a later generation.
  for (let index = 0; index < slots.length; index += 1) {
    const last = kept - 1;
    if (kept === 0 || slots[last] !== slots[index]) {
      slots[kept] = slots[index];
      versions[kept] = versions[index];
      kept += 1;
    } else if (order.wins(versions[index], index, versions[last], index - 1)) {
      versions[last] = versions[index];
    }
  }
  return kept;
}

function copySections(layout: TableLayout, run: Run, parts: readonly OrdinalInterval[]): Entries {
  const bounds = parts.map(({ from, to }) => {
    const start = lowerBound(run.slots, firstSlotOfOrdinal(layout, from));
    return { start, end: lowerBound(run.slots, firstSlotOfOrdinal(layout, to), start) };
  });
  const count = bounds.reduce((total, { start, end }) => total + end - start, 0);
  const slots = new Int32Array(count);
  const versions = new Int32Array(count);
  let at = 0;
  for (const { start, end } of bounds) {
    slots.set(run.slots.subarray(start, end), at);
    versions.set(run.versions.subarray(start, end), at);
    at += end - start;
  }
  return { slots, versions };
}

interface Collected {
  readonly slots: Int32Array;
  readonly versions: Int32Array;
  count: number;
}

function appendBaseSection(
  layout: TableLayout,
  run: Run,
  held: Uint8Array,
  part: OrdinalInterval,
  into: Collected,
): void {
  const first = firstSlotOfOrdinal(layout, part.from);
  let entry = lowerBound(run.slots, first);
  let gap = lowerBound(run.removed, first);
  let count = into.count;
  for (let ordinal = part.from; ordinal < part.to; ordinal += 1) {
    const isHeld = held[layout.rangeOfOrdinal[ordinal]] === 1;
    const start = firstSlotOfOrdinal(layout, ordinal);
    for (let slot = start; slot < start + layout.slotsPerPartition; slot += 1) {
      const isRemoved = gap < run.removed.length && run.removed[gap] === slot;
      if (isRemoved) gap += 1;
      const hasEntry = entry < run.slots.length && run.slots[entry] === slot;
      if (!hasEntry && (isRemoved || !isHeld)) continue;
      into.slots[count] = slot;
      into.versions[count] = hasEntry ? run.versions[entry] : BASE;
      if (hasEntry) entry += 1;
      count += 1;
    }
  }
  into.count = count;
}
