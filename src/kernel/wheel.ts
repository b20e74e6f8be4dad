/**
 * The store of pending events: records of eight words in one Int32Array, threaded into the slots of a hierarchical
 * timing wheel. It orders ticks, not events of one tick (event-order.ts), and knows no handlers (kernel.ts).
 *
 * A tick has 52 bits: 22 low and 30 high. Level 0 has 4096 slots of one tick (1024 µs x 4 classes); levels 1 to 4 have
 * 1024 slots, each as wide as the whole level below. An event sits at the level of the highest digit in which it
 * differs from `base`, so all of a lower level is earlier than all of a higher one, and slots are numbered so that the
 * lowest occupied number is the earliest slot. When the base enters a slot, its events move down (they cascade).
 */
import { Bug } from '../base/assert.ts';

/** Words of a record. */
export const NEXT = 0;
export const PREVIOUS = 1;
export const LOW = 2;
export const HIGH = 3;
export const KIND = 4;
export const OPERAND_A = 5;
export const OPERAND_B = 6;
export const GENERATION = 7;

export const LOW_TICKS = 4_194_304;
const FINE_SLOTS = 4096;
const FINE_MASK = 4095;
const COARSE_MASK = 1023;
const SLOTS = FINE_SLOTS + 4 * 1024;
/** First slot of each coarse level. */
const LEVEL_1 = 4096;
const LEVEL_2 = 5120;
const LEVEL_3 = 6144;
const LEVEL_4 = 7168;

/** The record is in the batch that is being run: in no slot. */
const DETACHED = -0x80000000;
export const NONE = -1;
/** Handles hold the index in their low 26 bits. */
const CAPACITY_MAX = 67_108_864;

export interface WheelState {
  words: Int32Array;
  free: number;
  baseLow: number;
  baseHigh: number;
}

export class Wheel {
  words: Int32Array;
  /** The earliest tick that may still be inserted; every event is at it or later. */
  baseLow = 0;
  baseHigh = 0;
  readonly #heads = new Int32Array(SLOTS).fill(NONE);
  /** A bit per slot, a bit per word of those, a bit per word of these. */
  readonly #occupied = new Int32Array(SLOTS / 32);
  readonly #summary = new Int32Array(SLOTS / 1024);
  #top = 0;
  #free = NONE;
  /** Records ever taken; those from here on are untouched. */
  #used = 0;

  constructor(capacity: number) {
    this.words = new Int32Array(Math.max(capacity, 16) * 8);
  }

  /** Takes a record and threads it in; the tick must not lie before the base. Returns its index. */
  insert(low: number, high: number, kind: number, a: number, b: number): number {
    let index = this.#free;
    if (index === NONE) {
      index = this.#used++;
      if (index << 3 === this.words.length) this.#grow();
    } else {
      this.#free = this.words[(index << 3) + NEXT];
    }
    const words = this.words;
    const at = index << 3;
    words[at + LOW] = low;
    words[at + HIGH] = high;
    words[at + KIND] = kind;
    words[at + OPERAND_A] = a;
    words[at + OPERAND_B] = b;
    this.#thread(index, low, high);
    return index;
  }

  /** Gives the record back; handles to it become void. */
  release(index: number): void {
    const at = index << 3;
    this.words[at + KIND] = 0;
    this.words[at + GENERATION]++;
    this.words[at + NEXT] = this.#free;
    this.#free = index;
  }

  /** Takes an event out of its slot. A detached one stays in its batch, as a blank to be skipped there: then true. */
  remove(index: number): boolean {
    const words = this.words;
    const at = index << 3;
    const previous = words[at + PREVIOUS];
    if (previous === DETACHED) {
      words[at + KIND] = 0;
      words[at + GENERATION]++;
      return true;
    }
    const next = words[at + NEXT];
    if (next !== NONE) words[(next << 3) + PREVIOUS] = previous;
    if (previous >= 0) words[(previous << 3) + NEXT] = next;
    else this.#setHead(~previous, next);
    this.release(index);
    return false;
  }

  /** The earliest occupied slot, NONE if there is no event. */
  firstSlot(): number {
    const top = this.#top;
    if (top === 0) return NONE;
    const block = 31 - Math.clz32(top & -top);
    const summary = this.#summary[block];
    const word = (block << 5) + 31 - Math.clz32(summary & -summary);
    const bits = this.#occupied[word];
    return (word << 5) + 31 - Math.clz32(bits & -bits);
  }

  isFine(slot: number): boolean {
    return slot < FINE_SLOTS;
  }

  /** The slot of the base's own tick. */
  fineSlotOfBase(): number {
    return this.baseLow & FINE_MASK;
  }

  head(slot: number): number {
    return this.#heads[slot];
  }

  /** Empties a slot; its events are chained through NEXT from the index returned, which must be walked at once. */
  detach(slot: number): number {
    const head = this.#heads[slot];
    this.#setHead(slot, NONE);
    return head;
  }

  markDetached(index: number): void {
    this.words[(index << 3) + PREVIOUS] = DETACHED;
  }

  /** First tick of a slot, as seen from the base. */
  startOf(slot: number): number {
    if (slot < LEVEL_1) return this.#baseHighTicks() + ((this.baseLow & ~FINE_MASK) | slot);
    if (slot < LEVEL_2) return this.#baseHighTicks() + ((slot - LEVEL_1) << 12);
    return this.#highOfSlot(slot) * LOW_TICKS;
  }

  /** The earliest tick of a slot that is not empty. */
  earliestOf(slot: number): number {
    if (slot < FINE_SLOTS) return this.startOf(slot);
    let earliest = Infinity;
    for (let index = this.#heads[slot]; index !== NONE; index = this.words[(index << 3) + NEXT]) {
      const tick = this.tickOf(index);
      if (tick < earliest) earliest = tick;
    }
    return earliest;
  }

  tickOf(index: number): number {
    const at = index << 3;
    return this.words[at + HIGH] * LOW_TICKS + this.words[at + LOW];
  }

  /** Moves the base into the earliest slot, which is a coarse one, and its events down. */
  cascade(slot: number): void {
    if (slot < LEVEL_2) {
      this.baseLow = (slot - LEVEL_1) << 12;
    } else {
      this.baseHigh = this.#highOfSlot(slot);
      this.baseLow = 0;
    }
    let index = this.detach(slot);
    while (index !== NONE) {
      const at = index << 3;
      const next = this.words[at + NEXT];
      this.#thread(index, this.words[at + LOW], this.words[at + HIGH]);
      index = next;
    }
  }

  /** Moves the base on to a tick before which there is no event. */
  moveBase(low: number, high: number): void {
    const same = high === this.baseHigh;
    if (same && ((low ^ this.baseLow) & ~FINE_MASK) === 0) {
      this.baseLow = low;
      return;
    }
    // Levels below the highest digit that changes are empty: their events would lie before the new base.
    const entered = this.#slotOf(low, high);
    this.baseLow = low;
    this.baseHigh = high;
    if (this.#heads[entered] === NONE) return;
    let index = this.detach(entered);
    while (index !== NONE) {
      const at = index << 3;
      const next = this.words[at + NEXT];
      this.#thread(index, this.words[at + LOW], this.words[at + HIGH]);
      index = next;
    }
  }

  /** Indices of all pending events, in no order. */
  indices(): Int32Array {
    const found = new Int32Array(this.#used);
    let count = 0;
    for (let index = 0; index < this.#used; index++) {
      if (this.words[(index << 3) + KIND] !== 0) found[count++] = index;
    }
    return found.subarray(0, count);
  }

  save(): WheelState {
    return {
      words: this.words.slice(0, this.#used << 3),
      free: this.#free,
      baseLow: this.baseLow,
      baseHigh: this.baseHigh,
    };
  }

  load(state: WheelState): void {
    this.#used = state.words.length >> 3;
    if (this.words.length < state.words.length) this.words = new Int32Array(state.words.length);
    // Records beyond were never taken in this state: their generations count from 0 again.
    this.words.fill(0, state.words.length);
    this.words.set(state.words);
    this.#free = state.free;
    this.baseLow = state.baseLow;
    this.baseHigh = state.baseHigh;
    this.#heads.fill(NONE);
    this.#occupied.fill(0);
    this.#summary.fill(0);
    this.#top = 0;
    for (const index of this.indices()) {
      this.#thread(index, this.words[(index << 3) + LOW], this.words[(index << 3) + HIGH]);
    }
  }

  #thread(index: number, low: number, high: number): void {
    const words = this.words;
    const slot = this.#slotOf(low, high);
    const head = this.#heads[slot];
    words[(index << 3) + NEXT] = head;
    words[(index << 3) + PREVIOUS] = ~slot;
    this.#heads[slot] = index;
    if (head === NONE) this.#occupy(slot);
    else words[(head << 3) + PREVIOUS] = index;
  }

  #slotOf(low: number, high: number): number {
    const differs = high ^ this.baseHigh;
    if (differs === 0) return ((low ^ this.baseLow) & ~FINE_MASK) === 0 ? low & FINE_MASK : LEVEL_1 + (low >>> 12);
    if (differs <= COARSE_MASK) return LEVEL_2 + (high & COARSE_MASK);
    if (differs < 1_048_576) return LEVEL_3 + ((high >>> 10) & COARSE_MASK);
    return LEVEL_4 + (high >>> 20);
  }

  #highOfSlot(slot: number): number {
    const digit = slot & COARSE_MASK;
    if (slot < LEVEL_3) return (this.baseHigh & ~COARSE_MASK) | digit;
    if (slot < LEVEL_4) return (this.baseHigh & ~0xfffff) | (digit << 10);
    return digit << 20;
  }

  #baseHighTicks(): number {
    return this.baseHigh * LOW_TICKS;
  }

  #setHead(slot: number, index: number): void {
    this.#heads[slot] = index;
    if (index !== NONE) {
      this.words[(index << 3) + PREVIOUS] = ~slot;
      return;
    }
    const word = slot >>> 5;
    if ((this.#occupied[word] &= ~(1 << (slot & 31))) !== 0) return;
    if ((this.#summary[word >>> 5] &= ~(1 << (word & 31))) === 0) this.#top &= ~(1 << (word >>> 5));
  }

  #occupy(slot: number): void {
    const word = slot >>> 5;
    this.#occupied[word] |= 1 << (slot & 31);
    this.#summary[word >>> 5] |= 1 << (word & 31);
    this.#top |= 1 << (word >>> 5);
  }

  /** By a quarter, so that a full wheel never holds more than 40 bytes an event. */
  #grow(): void {
    const capacity = this.words.length >> 3;
    const wanted = Math.min(CAPACITY_MAX, capacity + Math.max(1024, capacity >> 2));
    if (wanted === capacity) throw new Bug(`more than ${CAPACITY_MAX} events are pending`);
    const grown = new Int32Array(wanted << 3);
    grown.set(this.words);
    this.words = grown;
  }
}
