/**
 * The store of pending events: records threaded into the slots of a hierarchical timing wheel. It orders ticks, not the
 * events of one tick (event-order.ts), and knows no handlers (kernel.ts).
 *
 * A tick has 52 bits: 22 low and 30 high. Level 0 has 1024 slots of one tick each (256 µs x 4 classes), level 1 has 4096
 * slots, levels 2 to 4 have 1024, each slot as wide as the whole level below. An event sits at the level of the highest digit in which it
 * differs from the base, so all of a lower level is earlier than all of a higher one, and slots are numbered so that the
 * lowest occupied number is the earliest slot. Only a cascade moves the base: into the earliest slot, to spread its
 * events over the levels below. A slot with few events need not be spread: its earliest is found by looking.
 *
 * All of it lies in one Int32Array, addressed by words: first a head per slot, then bitmaps of the occupied slots, then
 * records. A head and a record's NEXT are both "the word that holds the address of what follows"; 0 is the end.
 * Cancelling only blanks a record; it is freed when its slot is next walked.
 */
import { Bug } from '../base/assert.ts';

/** Words of a record. The second holds kind << 22 | low bits of the tick; kind 0 is a blank. */
export const NEXT = 0;
export const KIND_LOW = 1;
export const HIGH = 2;
export const OPERAND_A = 3;
export const OPERAND_B = 4;
export const GENERATION = 5;
const RECORD = 6;

export const LOW_BITS = 22;
export const LOW_MASK = 0x3fffff;
const LOW_TICKS = 4_194_304;
const FINE_BITS = 10;
const FINE_MASK = 1023;
const COARSE_MASK = 1023;

/** First slot of each level, and one past the last. */
const LEVEL_1 = 1024;
const LEVEL_2 = 5120;
const LEVEL_3 = 6144;
const LEVEL_4 = 7168;
const SLOTS = 8192;
/** A bit per slot, then a bit per word of those. A bit per word of these is the field `#top`. */
const OCCUPIED = SLOTS;
const SUMMARY = OCCUPIED + SLOTS / 32;
const RECORDS = SUMMARY + SLOTS / 1024;

/** Handles have 29 bits for an address. */
const RECORDS_MAX = 67_108_864;
/** A slot with more events is spread. Looking through eight costs less than moving them. */
const LOOK_MAX = 8;

/** Answers of `takeEarliest` that are not addresses. */
export const SPREAD = 0;
export const LATER = -1;

export class Wheel {
  memory: Int32Array;
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

  /** Takes a record for an event that is not before the base, and threads it in. Returns its address. */
  insert(low: number, high: number, kind: number, a: number, b: number): number {
    let at = this.#free;
    if (at === 0) {
      at = this.#end;
      if (at === this.memory.length) this.#grow();
      this.#end += RECORD;
    } else {
      this.#free = this.memory[at];
    }
    const memory = this.memory;
    memory[at + KIND_LOW] = (kind << LOW_BITS) | low;
    memory[at + HIGH] = high;
    memory[at + OPERAND_A] = a;
    memory[at + OPERAND_B] = b;
    this.#thread(at, this.#slotOf(low, high));
    return at;
  }

  /** Frees a record that is in no slot; handles to it become void. */
  release(at: number): void {
    const memory = this.memory;
    memory[at + KIND_LOW] = 0;
    memory[at + GENERATION]++;
    memory[at] = this.#free;
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

  isFine(slot: number): boolean {
    return slot < LEVEL_1;
  }

  /** First tick of a slot. */
  startOf(slot: number): number {
    if (slot < LEVEL_1) return this.#baseHigh * LOW_TICKS + ((this.#baseLow & ~FINE_MASK) | slot);
    if (slot < LEVEL_2) return this.#baseHigh * LOW_TICKS + ((slot - LEVEL_1) << FINE_BITS);
    return this.#highOfSlot(slot) * LOW_TICKS;
  }

  tickOf(at: number): number {
    return this.memory[at + HIGH] * LOW_TICKS + (this.memory[at + KIND_LOW] & LOW_MASK);
  }

  /** The earliest tick of a slot, Infinity if it has but blanks. */
  earliestOf(slot: number): number {
    const memory = this.memory;
    let earliest = Infinity;
    for (let at = memory[slot]; at !== 0; at = memory[at]) {
      if (memory[at + KIND_LOW] >>> LOW_BITS !== 0) earliest = Math.min(earliest, this.tickOf(at));
    }
    return earliest;
  }

  /** Empties a slot; its records are chained from the address returned. */
  detach(slot: number): number {
    const head = this.memory[slot];
    this.memory[slot] = 0;
    this.#vacate(slot);
    return head;
  }

  /**
   * Takes the earliest event out of a slot of few events that is the earliest slot, if it is alone at its tick. SPREAD
   * if there are too many, blanks, or several at that tick; LATER if it does not lie before `limit`.
   */
  takeEarliest(slot: number, limit: number): number {
    const memory = this.memory;
    let earliest = memory[slot];
    if (memory[earliest + KIND_LOW] >>> LOW_BITS === 0) return SPREAD;
    let before = slot;
    if (memory[earliest] !== 0) {
      before = this.#beforeEarliest(slot);
      if (before === 0) return SPREAD;
      earliest = memory[before];
    }
    if (limit !== Infinity && this.tickOf(earliest) >= limit) return LATER;
    memory[before] = memory[earliest];
    if (memory[slot] === 0) this.#vacate(slot);
    return earliest;
  }

  /** What points to the earliest event of a slot; 0 if that is not to be decided by looking. */
  #beforeEarliest(slot: number): number {
    const memory = this.memory;
    let before = slot;
    let low = LOW_MASK + 1;
    let high = LOW_MASK << 8;
    let left = LOOK_MAX;
    let shared = false;
    for (let previous = slot, at = memory[slot]; at !== 0; previous = at, at = memory[at]) {
      const kindLow = memory[at + KIND_LOW];
      if (left-- === 0 || kindLow >>> LOW_BITS === 0) return 0;
      const lowBits = kindLow & LOW_MASK;
      const difference = memory[at + HIGH] - high || lowBits - low;
      if (difference < 0) {
        high = memory[at + HIGH];
        low = lowBits;
        before = previous;
        shared = false;
      } else if (difference === 0) {
        shared = true;
      }
    }
    return shared ? 0 : before;
  }

  /** Moves the base into the earliest slot, a coarse one, and its events down; blanks are freed. */
  spread(slot: number): void {
    let at = this.#firstEvent(this.detach(slot));
    // A slot of blanks may lie in the future of a clock that has no event to run: the base stays behind it.
    if (at === 0) return;
    if (slot < LEVEL_2) {
      this.#baseLow = (slot - LEVEL_1) << FINE_BITS;
    } else {
      this.#baseHigh = this.#highOfSlot(slot);
      this.#baseLow = 0;
    }
    const memory = this.memory;
    while (at !== 0) {
      const next = memory[at];
      const kindLow = memory[at + KIND_LOW];
      if (kindLow >>> LOW_BITS === 0) this.release(at);
      else this.#thread(at, this.#slotOf(kindLow & LOW_MASK, memory[at + HIGH]));
      at = next;
    }
  }

  /** Frees the blanks of a slot. */
  sweep(slot: number): void {
    let at = this.detach(slot);
    while (at !== 0) {
      const next = this.memory[at];
      if (this.memory[at + KIND_LOW] >>> LOW_BITS === 0) this.release(at);
      else this.#thread(at, slot);
      at = next;
    }
  }

  /** Addresses of all events, in no order. */
  addresses(): number[] {
    const found: number[] = [];
    for (let at = RECORDS; at < this.#end; at += RECORD) {
      if (this.memory[at + KIND_LOW] >>> LOW_BITS !== 0) found.push(at);
    }
    return found;
  }

  /** The records, free ones included: handles stay good. */
  save(): Int32Array {
    return this.memory.slice(RECORDS, this.#end);
  }

  /** Threads all events anew; `baseTick` is a tick before which there is none. */
  load(records: Int32Array, baseTick: number): void {
    const end = RECORDS + records.length;
    if (this.memory.length < end) this.memory = new Int32Array(end);
    // Heads and bitmaps are empty then, and records not taken in this state count their generations from 0.
    this.memory.fill(0);
    this.memory.set(records, RECORDS);
    this.#baseHigh = Math.floor(baseTick / LOW_TICKS);
    this.#baseLow = baseTick - this.#baseHigh * LOW_TICKS;
    this.#top = 0;
    this.#free = 0;
    this.#end = end;
    for (let at = end - RECORD; at >= RECORDS; at -= RECORD) {
      const kindLow = this.memory[at + KIND_LOW];
      if (kindLow >>> LOW_BITS !== 0) {
        this.#thread(at, this.#slotOf(kindLow & LOW_MASK, this.memory[at + HIGH]));
      } else {
        this.memory[at] = this.#free;
        this.#free = at;
      }
    }
  }

  #thread(at: number, slot: number): void {
    const memory = this.memory;
    const head = memory[slot];
    memory[at] = head;
    memory[slot] = at;
    if (head === 0) this.#occupy(slot);
  }

  #slotOf(low: number, high: number): number {
    const differs = high ^ this.#baseHigh;
    if (differs === 0)
      return ((low ^ this.#baseLow) & ~FINE_MASK) === 0 ? low & FINE_MASK : LEVEL_1 + (low >>> FINE_BITS);
    if (differs <= COARSE_MASK) return LEVEL_2 + (high & COARSE_MASK);
    if (differs < 1_048_576) return LEVEL_3 + ((high >>> 10) & COARSE_MASK);
    return LEVEL_4 + (high >>> 20);
  }

  /** High bits of the first tick of a slot of levels 2 to 4. */
  #highOfSlot(slot: number): number {
    const digit = slot & COARSE_MASK;
    if (slot < LEVEL_3) return (this.#baseHigh & ~COARSE_MASK) | digit;
    if (slot < LEVEL_4) return (this.#baseHigh & ~0xfffff) | (digit << 10);
    return digit << 20;
  }

  /** Frees the blanks at the front of a chain that is in no slot; returns the first event, 0 if there is none. */
  #firstEvent(head: number): number {
    let at = head;
    while (at !== 0 && this.memory[at + KIND_LOW] >>> LOW_BITS === 0) {
      const next = this.memory[at];
      this.release(at);
      at = next;
    }
    return at;
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

  /** By a quarter: a queue that has grown to its size never holds more than 30 bytes an event. */
  #grow(): void {
    const capacity = (this.memory.length - RECORDS) / RECORD;
    const wanted = Math.min(RECORDS_MAX, capacity + Math.max(1024, capacity >> 2));
    if (wanted === capacity) throw new Bug(`more than ${RECORDS_MAX} events are pending`);
    const grown = new Int32Array(RECORDS + wanted * RECORD);
    grown.set(this.memory);
    this.memory = grown;
  }
}
