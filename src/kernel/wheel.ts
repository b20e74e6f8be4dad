/**
 * The store of pending events: a hierarchical timing wheel. It orders ticks, not the events of one tick
 * (event-order.ts), and knows no handlers (kernel.ts).
 *
 * A tick has 52 bits: 24 low and 28 high. Level 0 has 1024 slots of one tick each (256 µs x 4 classes), level 1 has
 * 16 384 slots, so most delays up to some seconds are filed but once; levels 2 to 4 have 1024 slots (256 of the last are
 * used). A slot is as wide as the whole level below. An event sits at the level of the highest
 * digit in which it differs from the base, so all of a lower level is earlier than all of a higher one, and slots are
 * numbered so that the lowest occupied number is the earliest slot. Only `spread` moves the base: into the earliest
 * slot, to share its events out to the levels below.
 *
 * `memory`, addressed by words, holds a word for each slot, bitmaps of the occupied slots, and records of events. A
 * slot's word is 0 (empty), the address of its only event, or minus a reference to a chunk of addresses (chunks.ts).
 * Cancelling only blanks a record; it is freed when its slot is next emptied.
 */
import { Bug } from '../base/assert.ts';
import { CHUNK_MASK, ChunkPool } from './chunks.ts';
import type { ChunkPoolState } from './chunks.ts';

/** Words of an event's record. The first holds kind << 24 | low bits of the tick; kind 0 is a blank. */
export const KIND_LOW = 0;
export const HIGH = 1;
export const OPERAND_A = 2;
export const OPERAND_B = 3;
export const GENERATION = 4;
const RECORD = 5;
/** In a free record, a blank: the address of the next free one, 0 at the end. */
const NEXT_FREE = HIGH;

export const LOW_BITS = 24;
export const LOW_MASK = 0xffffff;
export const LOW_TICKS = 16_777_216;
/** Above the high bits of every tick. */
const HIGH_NONE = 268_435_456;
const FINE_BITS = 10;
const FINE_MASK = 1023;
const COARSE_MASK = 1023;

/** First slot of each level, and one past the last. */
const LEVEL_1 = 1024;
const LEVEL_2 = 17_408;
const LEVEL_3 = 18_432;
const LEVEL_4 = 19_456;
const SLOTS = 20_480;
/** A bit per slot, then a bit per word of those. A bit per word of these is the field `#top`. */
const OCCUPIED = SLOTS;
const SUMMARY = OCCUPIED + SLOTS / 32;
const RECORDS = SUMMARY + SLOTS / 1024;

/** Handles have 29 bits for an address. */
const RECORDS_MAX = 67_108_864;
/** Up to so many events of a slot are looked through for the earliest; more are spread. */
const LOOK_MAX = 4;

/** An answer of `takeEarliest` that is no address. */
export const SPREAD = 0;

/** Plain data, cloneable. Free records are in it, so that handles stay good. */
export interface WheelState {
  memory: Int32Array;
  chunks: ChunkPoolState;
  free: number;
  top: number;
  baseLow: number;
  baseHigh: number;
}

export class Wheel {
  memory: Int32Array;
  readonly #chunks = new ChunkPool();
  readonly #targets = new Int32Array(CHUNK_MASK + 1);
  /** No event is earlier. */
  #baseLow = 0;
  #baseHigh = 0;
  #top = 0;
  #free = 0;
  /** Where the next record is taken if none is free. */
  #end = RECORDS;

  constructor(capacity: number) {
    this.memory = new Int32Array(RECORDS + Math.max(capacity, 16) * RECORD);
  }

  /** Stores an event that is not before the base. Returns the address of its record. */
  insert(low: number, high: number, kind: number, a: number, b: number): number {
    let at = this.#free;
    if (at === 0) {
      at = this.#end;
      if (at === this.memory.length) this.#grow();
      this.#end += RECORD;
    } else {
      this.#free = this.memory[at + NEXT_FREE];
    }
    const memory = this.memory;
    memory[at + KIND_LOW] = (kind << LOW_BITS) | low;
    memory[at + HIGH] = high;
    memory[at + OPERAND_A] = a;
    memory[at + OPERAND_B] = b;
    this.#put(at, this.#slotOf(low, high));
    return at;
  }

  /** Frees a record that is in no slot; handles to it become void. */
  release(at: number): void {
    const memory = this.memory;
    memory[at + KIND_LOW] = 0;
    memory[at + GENERATION]++;
    memory[at + NEXT_FREE] = this.#free;
    this.#free = at;
  }

  /** Is there a record at the address? For handles that may be anything. */
  isRecord(at: number): boolean {
    return at >= RECORDS && at < this.#end && (at - RECORDS) % RECORD === 0;
  }

  /** The earliest occupied slot; -1 if there is none. Its events may all be blanks. */
  firstSlot(): number {
    const top = this.#top;
    if (top === 0) return -1;
    const memory = this.memory;
    const block = 31 - Math.clz32(top & -top);
    const summary = memory[SUMMARY + block];
    const word = (block << 5) + 31 - Math.clz32(summary & -summary);
    const bits = memory[OCCUPIED + word];
    return (word << 5) + 31 - Math.clz32(bits & -bits);
  }

  /** Has the slot the width of a single tick? */
  isFine(slot: number): boolean {
    return slot < LEVEL_1;
  }

  /** Is an event of the slot, the earliest one, before `limit`? */
  isBefore(slot: number, limit: number): boolean {
    if (this.#startOf(slot) >= limit) return false;
    return slot < LEVEL_1 || this.#startOf(slot) + widthOf(slot) <= limit || this.earliestOf(slot) < limit;
  }

  tickOf(at: number): number {
    return this.memory[at + HIGH] * LOW_TICKS + (this.memory[at + KIND_LOW] & LOW_MASK);
  }

  isBlank(at: number): boolean {
    return this.memory[at + KIND_LOW] >>> LOW_BITS === 0;
  }

  /** The earliest tick of a slot, Infinity if it has but blanks. */
  earliestOf(slot: number): number {
    const { memory } = this;
    const word = memory[slot];
    if (word > 0) return this.isBlank(word) ? Infinity : this.tickOf(word);
    const { lists } = this.#chunks;
    let low = 0;
    let high = HIGH_NONE;
    for (let list = -word; list !== 0; list = this.#chunks.behind(list)) {
      for (let index = list; (index & CHUNK_MASK) !== 0; index--) {
        const at = lists[index];
        const kindLow = memory[at + KIND_LOW];
        const difference = memory[at + HIGH] - high || (kindLow & LOW_MASK) - low;
        if (difference >= 0 || kindLow >>> LOW_BITS === 0) continue;
        low = kindLow & LOW_MASK;
        high = memory[at + HIGH];
      }
    }
    return high === HIGH_NONE ? Infinity : high * LOW_TICKS + low;
  }

  /** Empties a slot and returns its word: the address of its only event, or minus a list of chunks. */
  detach(slot: number): number {
    const word = this.memory[slot];
    this.memory[slot] = 0;
    this.#vacate(slot);
    return word;
  }

  /** Appends the events of a detached list to `addresses`; frees its chunks and blanks. Returns how many there are now. */
  drain(detached: number, addresses: Int32Array): number {
    const { lists } = this.#chunks;
    let count = 0;
    for (let list = -detached; list !== 0; list = this.#chunks.free(list)) {
      for (let index = list; (index & CHUNK_MASK) !== 0; index--) {
        const at = lists[index];
        if (this.isBlank(at)) this.release(at);
        else addresses[count++] = at;
      }
    }
    return count;
  }

  /** At most how many events a detached list has. */
  lengthOf(detached: number): number {
    let length = 0;
    for (let list = -detached; list !== 0; list = this.#chunks.behind(list)) length += list & CHUNK_MASK;
    return length;
  }

  /** Takes the earliest event out of the earliest slot; SPREAD if there are many, or blanks, or several at that tick. */
  takeEarliest(slot: number): number {
    const memory = this.memory;
    const word = memory[slot];
    if (word < 0) return this.#takeOfFew(slot, -word);
    if (memory[word + KIND_LOW] >>> LOW_BITS === 0) return SPREAD;
    memory[slot] = 0;
    this.#vacate(slot);
    return word;
  }

  /** Moves the base into the earliest slot, a coarse one, and its events down; blanks are freed. */
  spread(slot: number): void {
    // A slot of blanks may lie in the future of a clock that has no event to run: the base stays behind it.
    const isEmpty = !this.#hasEvent(slot);
    const word = this.detach(slot);
    if (isEmpty) return this.#shareOut(word);
    if (slot < LEVEL_2) {
      this.#baseLow = (slot - LEVEL_1) << FINE_BITS;
    } else {
      this.#baseHigh = this.#highOfSlot(slot);
      this.#baseLow = 0;
    }
    this.#shareOut(word);
  }

  /** Frees the blanks of a slot. */
  sweep(slot: number): void {
    this.#shareOut(this.detach(slot));
  }

  /** Addresses of all events, in no order. */
  addresses(): number[] {
    const found: number[] = [];
    for (let at = RECORDS; at < this.#end; at += RECORD) if (!this.isBlank(at)) found.push(at);
    return found;
  }

  save(): WheelState {
    return {
      memory: this.memory.slice(0, this.#end),
      chunks: this.#chunks.save(),
      free: this.#free,
      top: this.#top,
      baseLow: this.#baseLow,
      baseHigh: this.#baseHigh,
    };
  }

  load(state: WheelState): void {
    this.#end = state.memory.length;
    if (this.memory.length < this.#end) this.memory = new Int32Array(this.#end);
    this.memory.set(state.memory);
    // Records that were not taken in this state count their generations from 0.
    this.memory.fill(0, this.#end);
    this.#chunks.load(state.chunks);
    this.#free = state.free;
    this.#top = state.top;
    this.#baseLow = state.baseLow;
    this.#baseHigh = state.baseHigh;
  }

  /** First tick of a slot. */
  #startOf(slot: number): number {
    if (slot < LEVEL_1) return this.#baseHigh * LOW_TICKS + ((this.#baseLow & ~FINE_MASK) | slot);
    if (slot < LEVEL_2) return this.#baseHigh * LOW_TICKS + ((slot - LEVEL_1) << FINE_BITS);
    return this.#highOfSlot(slot) * LOW_TICKS;
  }

  #hasEvent(slot: number): boolean {
    const word = this.memory[slot];
    if (word > 0) return !this.isBlank(word);
    const { lists } = this.#chunks;
    for (let list = -word; list !== 0; list = this.#chunks.behind(list)) {
      for (let index = list; (index & CHUNK_MASK) !== 0; index--) if (!this.isBlank(lists[index])) return true;
    }
    return false;
  }

  #takeOfFew(slot: number, list: number): number {
    const memory = this.memory;
    const { lists } = this.#chunks;
    if ((list & CHUNK_MASK) > LOOK_MAX || this.#chunks.behind(list) !== 0) return SPREAD;
    let earliest = list;
    let low = 0;
    let high = HIGH_NONE;
    let shared = false;
    for (let index = list; (index & CHUNK_MASK) !== 0; index--) {
      const at = lists[index];
      const kindLow = memory[at + KIND_LOW];
      if (kindLow >>> LOW_BITS === 0) return SPREAD;
      const lowBits = kindLow & LOW_MASK;
      const difference = memory[at + HIGH] - high || lowBits - low;
      if (difference < 0) {
        high = memory[at + HIGH];
        low = lowBits;
        earliest = index;
        shared = false;
      } else if (difference === 0) {
        shared = true;
      }
    }
    if (shared) return SPREAD;
    const at = lists[earliest];
    lists[earliest] = lists[list];
    memory[slot] = this.#chunks.shortened(list);
    return at;
  }

  #shareOut(word: number): void {
    const { lists } = this.#chunks;
    const targets = this.#targets;
    if (word > 0) return this.#place(word, this.#target(word));
    for (let list = -word; list !== 0; list = this.#chunks.free(list)) {
      // Apart from the placing, where what comes next is hard to foresee, the records are fetched all at once.
      for (let index = list; (index & CHUNK_MASK) !== 0; index--)
        targets[index & CHUNK_MASK] = this.#target(lists[index]);
      for (let index = list; (index & CHUNK_MASK) !== 0; index--)
        this.#place(lists[index], targets[index & CHUNK_MASK]);
    }
  }

  /** The slot of an event under the present base, -1 for a blank. */
  #target(at: number): number {
    const kindLow = this.memory[at + KIND_LOW];
    return kindLow >>> LOW_BITS === 0 ? -1 : this.#slotOf(kindLow & LOW_MASK, this.memory[at + HIGH]);
  }

  #place(at: number, slot: number): void {
    if (slot < 0) this.release(at);
    else this.#put(at, slot);
  }

  #put(at: number, slot: number): void {
    const memory = this.memory;
    const word = memory[slot];
    if (word === 0) {
      memory[slot] = at;
      this.#occupy(slot);
    } else {
      memory[slot] = word > 0 ? -this.#chunks.pair(word, at) : -this.#chunks.append(-word, at);
    }
  }

  #slotOf(low: number, high: number): number {
    const differs = high ^ this.#baseHigh;
    if (differs === 0) {
      return ((low ^ this.#baseLow) & ~FINE_MASK) === 0 ? low & FINE_MASK : LEVEL_1 + (low >>> FINE_BITS);
    }
    if (differs <= COARSE_MASK) return LEVEL_2 + (high & COARSE_MASK);
    if (differs < 1_048_576) return LEVEL_3 + ((high >>> 10) & COARSE_MASK);
    return LEVEL_4 + (high >>> 20);
  }

  /** High bits of the first tick of a slot of levels 2 to 4. */
  #highOfSlot(slot: number): number {
    const digit = (slot - LEVEL_2) & COARSE_MASK;
    if (slot < LEVEL_3) return (this.#baseHigh & ~COARSE_MASK) | digit;
    if (slot < LEVEL_4) return (this.#baseHigh & ~0xfffff) | (digit << 10);
    return digit << 20;
  }

  #occupy(slot: number): void {
    const memory = this.memory;
    const word = slot >>> 5;
    const block = slot >>> 10;
    memory[OCCUPIED + word] |= 1 << (slot & 31);
    memory[SUMMARY + block] |= 1 << (word & 31);
    this.#top |= 1 << block;
  }

  #vacate(slot: number): void {
    const memory = this.memory;
    const word = slot >>> 5;
    const bits = memory[OCCUPIED + word] & ~(1 << (slot & 31));
    memory[OCCUPIED + word] = bits;
    if (bits !== 0) return;
    const block = slot >>> 10;
    const summary = memory[SUMMARY + block] & ~(1 << (word & 31));
    memory[SUMMARY + block] = summary;
    if (summary === 0) this.#top &= ~(1 << block);
  }

  /** By a quarter: a queue that has grown to its size takes little more than it needs. */
  #grow(): void {
    const capacity = (this.memory.length - RECORDS) / RECORD;
    const wanted = Math.min(RECORDS_MAX, capacity + Math.max(1024, capacity >> 2));
    if (wanted === capacity) throw new Bug(`more than ${RECORDS_MAX} events are pending`);
    const grown = new Int32Array(RECORDS + wanted * RECORD);
    grown.set(this.memory);
    this.memory = grown;
  }
}

/** Ticks of a slot. */
function widthOf(slot: number): number {
  if (slot < LEVEL_1) return 1;
  if (slot < LEVEL_2) return FINE_MASK + 1;
  if (slot < LEVEL_3) return LOW_TICKS;
  return slot < LEVEL_4 ? LOW_TICKS * 1024 : LOW_TICKS * 1_048_576;
}
