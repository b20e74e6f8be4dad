/**
 * Merges the runs of one copy into the content of one run, as a compaction does: the winner of every slot, minus what the
 * caller allows to be purged. Which runs are merged, and when a tombstone may go (cassandra.h1), is the caller's rule.
 */
import type { MergeOrder } from './merge-order.ts';
import type { Run } from './run.ts';
import { includesSlot, type Entries, type RunContent } from './runs.ts';
import { BASE, FIRST_VERSION, type Versions } from './versions.ts';

/** Asked for tombstones and entries with a time to live, after the merge: may the winning entry be dropped? */
export type MayPurge = (slot: number, version: number) => boolean;

export interface MergeOptions {
  readonly versions: Versions;
  readonly order: MergeOrder;
  /** Oldest first: a run's position is its generation. All of one node and table. */
  readonly runs: readonly Run[];
  readonly mayPurge?: MayPurge;
}

export interface MergedRuns extends RunContent {
  /** Entries that were purged, ascending by slot. */
  readonly purged: Entries;
}

const NONE = new Int32Array(0);
const KEEP_EITHER: MergeOrder = { kind: 'arrival', risesWithId: false, wins: () => false };

export function mergeRuns({ versions, order, runs, mayPurge }: MergeOptions): MergedRuns {
  const base = removedFromBase(runs);
  const all = mergeFrom(runs, order, 0, runs.length);
  // Only damage can lose to initial content: it has its timestamp, and maybe a smaller value.
  const merged = base === null || versions.monotone ? all : withoutLosers(all, order, base);
  const canPurge = mayPurge !== undefined && runs.some(({ purgeable }) => purgeable);
  const { kept, purged } = canPurge ? purge(merged, versions, mayPurge) : { kept: merged, purged: noEntries() };
  if (base === null) return { ...compact(kept), base: false, removed: NONE, purged };
  // The initial content beneath a purged tombstone goes with it.
  return { ...compact(kept), base: true, removed: unite(base, purged.slots), purged };
}

/** Slots without initial content among runs of which at least one is a base run; null where none is. */
export function removedFromBase(runs: readonly Run[]): Int32Array | null {
  const bases = runs.filter(({ base }) => base);
  if (bases.length === 0) return null;
  const [first, ...others] = bases;
  if (others.length === 0) return first.removed;
  return first.removed.filter((slot) => others.every(({ removed }) => includesSlot(removed, slot)));
}

/** Pairs of neighbours are merged, then pairs of pairs: order by generation is kept at every step. */
function mergeFrom(runs: readonly Run[], order: MergeOrder, from: number, to: number): Entries {
  if (from === to) return noEntries();
  if (to - from === 1) return runs[from];
  const middle = (from + to) >>> 1;
  return mergeTwo(mergeFrom(runs, order, from, middle), mergeFrom(runs, order, middle, to), order);
}

function mergeTwo(older: Entries, newer: Entries, order: MergeOrder): Entries {
  if (older.slots.length === 0) return newer;
  if (newer.slots.length === 0) return older;
  const slots = new Int32Array(older.slots.length + newer.slots.length);
  const versions = new Int32Array(slots.length);
  const into = { slots, versions, count: 0, left: 0, right: 0 };
  while (into.left < older.slots.length && into.right < newer.slots.length) mergeChunk(older, newer, order, into);
  const rest = into.left < older.slots.length ? tail(older, into.left) : tail(newer, into.right);
  slots.set(rest.slots, into.count);
  versions.set(rest.versions, into.count);
  const count = into.count + rest.slots.length;
  return { slots: slots.subarray(0, count), versions: versions.subarray(0, count) };
}

interface Merging extends Entries {
  count: number;
  left: number;
  right: number;
}

/** Some thousand steps. Which side is next is hardly predictable, so masks choose instead of branches. */
function mergeChunk(older: Entries, newer: Entries, order: MergeOrder, into: Merging): void {
  const { slots, versions } = into;
  const leftSlots = older.slots;
  const rightSlots = newer.slots;
  const leftVersions = older.versions;
  const rightVersions = newer.versions;
  let { count, left, right } = into;
  for (let step = 0; step < 8192 && left < leftSlots.length && right < rightSlots.length; step += 1) {
    const leftSlot = leftSlots[left];
    const rightSlot = rightSlots[right];
    const leftVersion = leftVersions[left];
    const rightVersion = rightVersions[right];
    // Slots are not negative, so a difference has its sign bit set iff it is below 0.
    const takesLeft = (leftSlot - rightSlot) >>> 31;
    const takesRight = (rightSlot - leftSlot) >>> 31;
    slots[count] = rightSlot ^ ((leftSlot ^ rightSlot) & -takesLeft);
    versions[count] = rightVersion ^ ((leftVersion ^ rightVersion) & -takesLeft);
    if (leftSlot === rightSlot && !order.wins(rightVersion, 1, leftVersion, 0)) versions[count] = leftVersion;
    count += 1;
    left += 1 - takesRight;
    right += 1 - takesLeft;
  }
  into.count = count;
  into.left = left;
  into.right = right;
}

/** Without entries over which the initial content beneath them wins. */
function withoutLosers(entries: Entries, order: MergeOrder, removed: Int32Array): Entries {
  const loses = new Uint8Array(entries.slots.length);
  let losers = 0;
  for (let index = 0; index < loses.length; index += 1) {
    if (!order.wins(BASE, 0, entries.versions[index], 1) || includesSlot(removed, entries.slots[index])) continue;
    loses[index] = 1;
    losers += 1;
  }
  return losers === 0 ? entries : pick(entries, loses, 0, loses.length - losers);
}

function tail({ slots, versions }: Entries, from: number): Entries {
  return { slots: slots.subarray(from), versions: versions.subarray(from) };
}

function purge(entries: Entries, versions: Versions, mayPurge: MayPurge): { kept: Entries; purged: Entries } {
  const total = entries.slots.length;
  const isPurged = new Uint8Array(total);
  let purgedCount = 0;
  for (let index = 0; index < total; index += 1) {
    const version = entries.versions[index];
    if (!isCandidate(versions, version) || !mayPurge(entries.slots[index], version)) continue;
    isPurged[index] = 1;
    purgedCount += 1;
  }
  if (purgedCount === 0) return { kept: entries, purged: noEntries() };
  return { kept: pick(entries, isPurged, 0, total - purgedCount), purged: pick(entries, isPurged, 1, purgedCount) };
}

function isCandidate(versions: Versions, version: number): boolean {
  return version >= FIRST_VERSION && (versions.isTombstone(version) || versions.arrays.ttlSeconds[version] > 0);
}

function pick(entries: Entries, marks: Uint8Array, mark: number, count: number): Entries {
  const picked = { slots: new Int32Array(count), versions: new Int32Array(count) };
  let at = 0;
  for (let index = 0; index < marks.length; index += 1) {
    if (marks[index] !== mark) continue;
    picked.slots[at] = entries.slots[index];
    picked.versions[at++] = entries.versions[index];
  }
  return picked;
}

/** Both lists are ascending; so is the result, each slot once. */
function unite(a: Int32Array, b: Int32Array): Int32Array {
  if (b.length === 0) return a;
  const versions = { a: new Int32Array(a.length), b: new Int32Array(b.length) };
  return mergeTwo({ slots: a, versions: versions.a }, { slots: b, versions: versions.b }, KEEP_EITHER).slots.slice();
}

/** Merging leaves room at the end of its arrays; a sealed run keeps none. */
function compact(entries: Entries): Entries {
  const { slots, versions } = entries;
  if (slots.buffer.byteLength === slots.byteLength) return { slots, versions };
  return { slots: slots.slice(), versions: versions.slice() };
}

function noEntries(): Entries {
  return { slots: NONE, versions: NONE };
}
