/**
 * What a copy holds in a slot: the winner over the memtables and the runs of one table on one node. Memtables are looked
 * up in an index that is made when somebody asks and kept up to date from then on; runs are searched. The oracle has its
 * own answer and the tests hold the two together (docs/decisions/0004).
 */
import { ordinalOfSlot } from '../data/build-layout.ts';
import { holdsAtStart } from '../data/epochs.ts';
import type { TableLayout } from '../data/layout.ts';
import type { MergeOrder } from '../data/merge-order.ts';
import type { Run } from '../data/run.ts';
import { lowerBound, versionInRun } from '../data/runs.ts';
import { NOTHING } from '../data/versions.ts';
import type { Memtable } from './memtable.ts';

/** Up to so many entries a slot are walked along; beyond that they are searched. */
const WALKED_PER_SLOT = 8;

/** The part of a node's table that this needs to know. */
export interface Held {
  readonly node: number;
  readonly table: TableLayout;
  memtable: Memtable;
  readonly flushes: readonly { memtable: Memtable }[];
  readonly runs: readonly Run[];
  /** Slot to winning version of the memtables, null until asked for; how far the active memtable is in it. */
  index: Map<number, number> | null;
  indexed: number;
}

export class HeldContent {
  readonly #order: MergeOrder;

  constructor(order: MergeOrder) {
    this.#order = order;
  }

  heldVersion(place: Held, slot: number): number {
    this.catchUp(place);
    const isHeld = replicates(place, slot);
    let held: number = NOTHING;
    for (const run of place.runs) held = this.newer(versionInRun(run, slot, isHeld), held);
    return this.newer(place.index?.get(slot) ?? NOTHING, held);
  }

  /** For slots that ascend: one walk along each run. */
  heldVersions(place: Held, slots: Int32Array): Int32Array {
    this.catchUp(place);
    const held = new Int32Array(slots.length);
    for (const run of place.runs) this.#takeNewer(place, run, slots, held);
    const { index } = place;
    if (index === null) return held;
    for (let at = 0; at < slots.length; at += 1) held[at] = this.newer(index.get(slots[at]) ?? NOTHING, held[at]);
    return held;
  }

  /** Of a version and one of an earlier generation: what a merge keeps. */
  newer(later: number, earlier: number): number {
    if (later === earlier || later === NOTHING) return earlier;
    return earlier === NOTHING || this.#order.wins(later, 1, earlier, 0) ? later : earlier;
  }

  /** Brings the index of the memtables up to date. */
  catchUp(place: Held): void {
    if (place.index === null && place.memtable.count === 0 && place.flushes.length === 0) return;
    if (place.index === null) {
      place.index = new Map();
      for (const flush of place.flushes) this.#indexEntries(place.index, flush.memtable, 0);
      place.indexed = 0;
    }
    this.#indexEntries(place.index, place.memtable, place.indexed);
    place.indexed = place.memtable.count;
  }

  /** The memtables are not what they were. */
  forget(place: Held): void {
    place.index = null;
    place.indexed = 0;
  }

  #indexEntries(index: Map<number, number>, memtable: Memtable, from: number): void {
    for (let entry = from; entry < memtable.count; entry += 1) {
      const slot = memtable.slots[entry];
      index.set(slot, this.newer(memtable.versions[entry], index.get(slot) ?? NOTHING));
    }
  }

  /** Puts what the run has in the slots where it wins over what stands there. */
  #takeNewer(place: Held, run: Run, slots: Int32Array, held: Int32Array): void {
    const isDense = run.slots.length < slots.length * WALKED_PER_SLOT;
    let entry = 0;
    for (let at = 0; at < slots.length; at += 1) {
      const slot = slots[at];
      if (!isDense) entry = lowerBound(run.slots, slot, entry);
      else while (entry < run.slots.length && run.slots[entry] < slot) entry += 1;
      if (entry < run.slots.length && run.slots[entry] === slot) held[at] = this.newer(run.versions[entry], held[at]);
      else if (run.base && held[at] === NOTHING) held[at] = versionInRun(run, slot, replicates(place, slot));
    }
  }
}

/** Has the node the initial content of the slot's partition? */
function replicates({ table, node }: Held, slot: number): boolean {
  return holdsAtStart(table, table.rangeOfOrdinal[ordinalOfSlot(table, slot)], node);
}
