/**
 * Exact sums of count x microseconds, such as divergent row-hours: a product can pass 2^53, and sums of doubles that
 * have lost bits would depend on the order of adding. Two limbs: total = high x 2^52 + low, 0 <= low < 2^52.
 */
import { Bug } from './assert.ts';
import { MICROS_PER_HOUR } from './units.ts';

const LIMB = 4_503_599_627_370_496;
const HALF = 67_108_864;

export interface AccumulatorState {
  high: number;
  low: number;
}

export class Accumulator {
  #high = 0;
  #low = 0;

  /** Adds count x micros, both whole, 0 or more and below 2^52. */
  add(count: number, micros: number): void {
    const product = count * micros;
    if (product < LIMB) this.#addLow(product);
    else this.#addLong(count, micros);
  }

  /** The sum as the nearest double or the one beside it; exact below 2^53. */
  value(): number {
    return this.#high * LIMB + this.#low;
  }

  /** The sum of count x hours. */
  toHours(): number {
    return this.value() / MICROS_PER_HOUR;
  }

  equals(other: Accumulator): boolean {
    return this.#high === other.#high && this.#low === other.#low;
  }

  save(): AccumulatorState {
    return { high: this.#high, low: this.#low };
  }

  load(state: AccumulatorState): void {
    this.#high = state.high;
    this.#low = state.low;
  }

  #addLow(amount: number): void {
    if (!(amount >= 0) || Math.floor(amount) !== amount) throw new Bug(`cannot accumulate ${amount}`);
    this.#low += amount;
    if (this.#low < LIMB) return;
    this.#low -= LIMB;
    this.#high++;
  }

  /** Long multiplication in halves of 26 bits: no partial product or sum passes 2^53. */
  #addLong(count: number, micros: number): void {
    if (!(count < LIMB && micros < LIMB)) throw new Bug(`cannot accumulate ${count} x ${micros}`);
    const countHigh = Math.floor(count / HALF);
    const countLow = count - countHigh * HALF;
    const microsHigh = Math.floor(micros / HALF);
    const microsLow = micros - microsHigh * HALF;
    const middle = countLow * microsHigh + countHigh * microsLow;
    const middleHigh = Math.floor(middle / HALF);
    this.#addLow(countLow * microsLow);
    this.#addLow((middle - middleHigh * HALF) * HALF);
    this.#high += middleHigh + countHigh * microsHigh;
  }
}
