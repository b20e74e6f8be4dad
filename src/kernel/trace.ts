/**
 * The trace: what a model says has happened, as fixed-width integer records in a block. A full block is folded into the
 * fingerprint and handed to the observers, then reused: the trace stores nothing. Which kinds there are and what their
 * operands mean is not the kernel's business (src/data/records.ts).
 *
 * The fingerprint covers effects only, so it is the same however a run was driven (batched or event by event) and
 * wherever blocks happened to end. It is the sum of a 64-bit hash of each record: a record carries its time, and order
 * within a microsecond follows from what the records are, so their order says nothing more (docs/decisions/0006). A loop
 * that nobody observes may therefore hash records in any order (`addHashed`).
 */
import { Bug } from '../base/assert.ts';
import { hex32, mix32 } from '../base/mix.ts';

/** Words of a record; equals RECORD_STRIDE of src/data/records.ts (a test holds them together). */
export const TRACE_STRIDE = 6;

const TIME_SPLIT = 1_048_576;
const TIME_MASK = 0xfffff;

export interface TraceObserver {
  /** `count` records of TRACE_STRIDE words each, valid during the call only. */
  fold(words: Int32Array, count: number): void;
}

export interface TraceOptions {
  observers?: readonly TraceObserver[];
  /** Records of a block. */
  blockRecords?: number;
}

/** Plain data, cloneable. Observers save their own state. */
export interface TraceState {
  recorded: number;
  low: number;
  high: number;
}

export class Trace {
  readonly #observers: readonly TraceObserver[];
  /** The open block, where it ends, and where the next record goes, in words. A loop that writes many records may write
   * them itself, as `record` does: it sets `at`, and calls `flush` whenever `at` reaches `blockEnd`. */
  readonly block: Int32Array;
  readonly blockEnd: number;
  at = 0;
  /** Records folded before the block. */
  #folded = 0;
  #low = FIRST_LOW;
  #high = FIRST_HIGH;

  constructor(options: TraceOptions = {}) {
    this.#observers = options.observers ?? [];
    this.blockEnd = (options.blockRecords ?? 8192) * TRACE_STRIDE;
    this.block = new Int32Array(this.blockEnd);
  }

  /** Does nobody see the records? Then only their hashes count. */
  get isUnobserved(): boolean {
    return this.#observers.length === 0;
  }

  /** Takes over `count` records that the caller has hashed as `HASH` says, summed, instead of writing them. */
  addHashed(low: number, high: number, count: number): void {
    if (!this.isUnobserved) throw new Bug('an observer must see every record');
    this.#low = (this.#low + low) | 0;
    this.#high = (this.#high + high) | 0;
    this.#folded += count;
  }

  /** Records so far. */
  get recorded(): number {
    return this.#folded + this.at / TRACE_STRIDE;
  }

  /** Adds a record. `node` and `copy` have 16 bits, `kind` 12, the operands are int32. */
  record(micros: number, kind: number, node: number, copy: number, a: number, b: number, c: number): void {
    const words = this.block;
    const at = this.at;
    words[at] = micros / TIME_SPLIT;
    words[at + 1] = (micros & TIME_MASK) | (kind << 20);
    words[at + 2] = (node & 0xffff) | (copy << 16);
    words[at + 3] = a;
    words[at + 4] = b;
    words[at + 5] = c;
    this.at = at + TRACE_STRIDE;
    if (this.at === this.blockEnd) this.flush();
  }

  /** Folds what is pending: into the fingerprint, then into each observer in order. */
  flush(): void {
    const count = this.at / TRACE_STRIDE;
    if (count === 0) return;
    this.#hash(count);
    this.#folded += count;
    // Emptied first, so that an observer that asks for the fingerprint gets it.
    this.at = 0;
    for (const observer of this.#observers) observer.fold(this.block, count);
  }

  /** 16 hexadecimal digits over all records so far. */
  fingerprint(): string {
    this.flush();
    const count = this.#folded;
    const low = mix32(this.#low ^ mix32(count | 0));
    const high = mix32(this.#high ^ mix32(low ^ (count / 4_294_967_296)));
    return hex32(high) + hex32(low);
  }

  save(): TraceState {
    this.flush();
    return { recorded: this.#folded, low: this.#low, high: this.#high };
  }

  load(state: TraceState): void {
    this.at = 0;
    this.#folded = state.recorded;
    this.#low = state.low;
    this.#high = state.high;
  }

  /** See `HASH`. */
  #hash(count: number): void {
    const words = this.block;
    let low = this.#low;
    let high = this.#high;
    for (let at = 0, end = count * TRACE_STRIDE; at < end; at += TRACE_STRIDE) {
      const w0 = mixWord(words[at], 0x85ebca6b);
      const w1 = mixWord(words[at + 1], 0xc2b2ae35);
      const w2 = mixWord(words[at + 2], 0x27d4eb2f);
      const w3 = mixWord(words[at + 3], 0x165667b1);
      const w4 = mixWord(words[at + 4], 0x9e3779b1);
      const w5 = mixWord(words[at + 5], 0x2c1b3c6d);
      const sum = ((((w0 + w1) | 0) + ((w2 + w3) | 0)) | 0) + ((w4 + w5) | 0);
      const one = (Math.imul(w0, 0x297a2d39) + Math.imul(w1, 0x1b56c4e9)) | 0;
      const two = (Math.imul(w2, 0x7feb352d) + Math.imul(w3, 0x846ca68b)) | 0;
      const three = (Math.imul(w4, 0x6c8e9cf5) + Math.imul(w5, 0x3243f6a9)) | 0;
      const weighed = (((one + two) | 0) + three) | 0;
      const first = Math.imul(sum ^ (sum >>> 16), 0xcc9e2d51);
      const second = Math.imul(weighed ^ (weighed >>> 15), 0x1b873593);
      low = (low + (first ^ (first >>> 15))) | 0;
      high = (high + (second ^ (second >>> 16))) | 0;
    }
    this.#low = low;
    this.#high = high;
  }
}

const FIRST_LOW = 0x6a09e667;
const FIRST_HIGH = 0x3c6ef372;

/**
 * The hash of a record, for whoever writes it out. Each word is mixed on its own, by the constant of its place. The two
 * lanes sum the mixed words, the second one with the weights of their places; each sum is stirred once more, so that no
 * exchange of words between records can cancel, and added to its lane.
 */
export const HASH = {
  mix: [0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f, 0x165667b1, 0x9e3779b1, 0x2c1b3c6d],
  weight: [0x297a2d39, 0x1b56c4e9, 0x7feb352d, 0x846ca68b, 0x6c8e9cf5, 0x3243f6a9],
  stirLow: 0xcc9e2d51,
  stirHigh: 0x1b873593,
} as const;

/** A bijection of int32, another for each odd constant. */
export function mixWord(word: number, constant: number): number {
  const mixed = Math.imul(word ^ (word >>> 15), constant);
  return mixed ^ (mixed >>> 14);
}

/** Virtual time of the record whose first word is `words[base]`. */
export function timeOf(words: Int32Array, base: number): number {
  return words[base] * TIME_SPLIT + (words[base + 1] & TIME_MASK);
}

export function kindOf(words: Int32Array, base: number): number {
  return words[base + 1] >>> 20;
}

export function nodeOf(words: Int32Array, base: number): number {
  return words[base + 2] & 0xffff;
}

export function copyOf(words: Int32Array, base: number): number {
  return words[base + 2] >>> 16;
}

export function operandA(words: Int32Array, base: number): number {
  return words[base + 3];
}

export function operandB(words: Int32Array, base: number): number {
  return words[base + 4];
}

export function operandC(words: Int32Array, base: number): number {
  return words[base + 5];
}
