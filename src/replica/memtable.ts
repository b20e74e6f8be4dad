/**
 * One table's memtable on one node together with its stretch of the commit log: entries (slot, version) in order of
 * arrival. The log holds exactly what the memtable holds, so what survives a crash is a prefix (`durability.ts`).
 * Merging and sorting happen when it is sealed into a run, not here.
 */
import type { TableLayout } from '../data/layout.ts';
import { includesSlot } from '../data/runs.ts';
import type { Durability, DurabilityState } from './durability.ts';

const FIRST_CAPACITY = 1024;
/** Large, because copying costs and pages that are not touched do not. */
const GROWTH = 4;

export interface MemtableState {
  slots: Int32Array;
  versions: Int32Array;
  log: DurabilityState;
}

export class Memtable {
  slots: Int32Array = new Int32Array(FIRST_CAPACITY);
  versions: Int32Array = new Int32Array(FIRST_CAPACITY);
  count = 0;
  readonly log: Durability;
  /** Of the first `lookedAt` entries, as far as a purge has asked: their partitions, and their lowest timestamp. */
  #partitions = new Set<number>();
  #minTimestamp = Infinity;
  #lookedAt = 0;

  constructor(log: Durability) {
    this.log = log;
  }

  append(micros: number, slot: number, version: number): void {
    if (micros >= this.log.nextEdge) this.log.settle(micros, this.count);
    const count = this.count;
    if (count === this.slots.length) this.#grow();
    this.slots[count] = slot;
    this.versions[count] = version;
    this.count = count + 1;
  }

  /** Room for so many entries in all. */
  reserve(entries: number): void {
    while (this.slots.length < entries) this.#grow();
  }

  durableCount(micros: number, powerLoss: boolean): number {
    return this.log.durableCount(micros, powerLoss, this.count);
  }

  /** Does it keep a tombstone of the partition with this timestamp from being purged? It does if it has anything of the
   * partition and anything, of whatever partition, that is not newer (cassandra.h1). */
  overlapsOlder(layout: TableLayout, slot: number, timestamp: number, timestamps: Float64Array): boolean {
    const { slotBase, slotsPerPartition } = layout;
    for (; this.#lookedAt < this.count; this.#lookedAt += 1) {
      const entry = this.#lookedAt;
      this.#partitions.add(Math.floor((this.slots[entry] - slotBase) / slotsPerPartition));
      this.#minTimestamp = Math.min(this.#minTimestamp, timestamps[this.versions[entry]]);
    }
    return this.#minTimestamp <= timestamp && this.#partitions.has(Math.floor((slot - slotBase) / slotsPerPartition));
  }

  /** Forget the entries of these slots, which ascend; what is left counts as durable. */
  remove(slots: Int32Array): void {
    const keep: number[] = [];
    for (let entry = 0; entry < this.count; entry += 1) if (!includesSlot(slots, this.slots[entry])) keep.push(entry);
    if (keep.length === this.count) return;
    this.replaceWith(
      Int32Array.from(keep, (entry) => this.slots[entry]),
      Int32Array.from(keep, (entry) => this.versions[entry]),
      keep.length,
    );
  }

  /** Hold exactly these entries, all from the durable log (replay). */
  replaceWith(slots: Int32Array, versions: Int32Array, count: number): void {
    this.slots = new Int32Array(Math.max(FIRST_CAPACITY, count));
    this.versions = new Int32Array(this.slots.length);
    this.slots.set(slots.subarray(0, count));
    this.versions.set(versions.subarray(0, count));
    this.count = count;
    this.#partitions.clear();
    this.#minTimestamp = Infinity;
    this.#lookedAt = 0;
    this.log.reset(count);
  }

  save(): MemtableState {
    return {
      slots: this.slots.slice(0, this.count),
      versions: this.versions.slice(0, this.count),
      log: this.log.save(),
    };
  }

  load(state: MemtableState): void {
    this.replaceWith(state.slots, state.versions, state.slots.length);
    this.log.load(state.log);
  }

  #grow(): void {
    const length = this.slots.length * GROWTH;
    const slots = new Int32Array(length);
    slots.set(this.slots);
    this.slots = slots;
    const versions = new Int32Array(length);
    versions.set(this.versions);
    this.versions = versions;
  }
}
