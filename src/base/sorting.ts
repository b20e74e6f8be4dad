/**
 * Sorting of (key, payload) pairs of int32 by key, stable: what brings a block of deliveries into arrival order. Radix
 * sort from the least digit, with as few passes as the largest key allows; short inputs by insertion. The scratch is
 * kept by the sorter and reused.
 */
import { Bug } from './assert.ts';

const INSERTION_MAX = 32;
/** Digits of this many bits at most: 2^11 counters and as many write streams still fit the nearest caches. */
const DIGIT_BITS_MAX = 11;

interface Pairs {
  keys: Int32Array;
  values: Int32Array;
}

export class PairSorter {
  #keys = new Int32Array(0);
  #values = new Int32Array(0);
  readonly #counts = new Int32Array(1 << DIGIT_BITS_MAX);

  /** Sorts the first `count` pairs in place by key, equal keys staying in order. Keys are in 0 .. maxKey. */
  sortPairs(keys: Int32Array, values: Int32Array, count: number, maxKey: number): void {
    if (count <= INSERTION_MAX) {
      insertionSort(keys, values, count);
      return;
    }
    if (!(maxKey >= 0 && maxKey <= 0x7fffffff)) throw new Bug(`keys up to ${maxKey} cannot be sorted`);
    const bits = 32 - Math.clz32(maxKey);
    if (bits === 0) return;
    this.#reserve(count);
    const passes = Math.ceil(bits / digitBitsFor(count));
    const digitBits = Math.ceil(bits / passes);
    let from: Pairs = { keys, values };
    let to: Pairs = { keys: this.#keys, values: this.#values };
    for (let pass = 0; pass < passes; pass++) {
      this.#countDigits(from.keys, count, pass * digitBits, (1 << digitBits) - 1);
      this.#scatter(from, to, count, pass * digitBits, (1 << digitBits) - 1);
      [from, to] = [to, from];
    }
    if (from.keys === keys) return;
    keys.set(from.keys.subarray(0, count));
    values.set(from.values.subarray(0, count));
  }

  /** Turns the counters into the place where each digit's first pair goes. */
  #countDigits(keys: Int32Array, count: number, shift: number, mask: number): void {
    const counts = this.#counts;
    counts.fill(0, 0, mask + 1);
    for (let index = 0; index < count; index++) counts[(keys[index] >>> shift) & mask]++;
    let place = 0;
    for (let digit = 0; digit <= mask; digit++) {
      const here = counts[digit];
      counts[digit] = place;
      place += here;
    }
  }

  #scatter(from: Pairs, to: Pairs, count: number, shift: number, mask: number): void {
    const places = this.#counts;
    const { keys, values } = from;
    const { keys: toKeys, values: toValues } = to;
    for (let index = 0; index < count; index++) {
      const key = keys[index];
      const place = places[(key >>> shift) & mask]++;
      toKeys[place] = key;
      toValues[place] = values[index];
    }
  }

  #reserve(count: number): void {
    if (this.#keys.length >= count) return;
    this.#keys = new Int32Array(count + (count >> 2));
    this.#values = new Int32Array(count + (count >> 2));
  }
}

/** Short inputs take narrower digits, so that clearing and summing the counters does not cost more than the pairs. */
function digitBitsFor(count: number): number {
  return count < 512 ? 7 : count < 4096 ? 9 : DIGIT_BITS_MAX;
}

function insertionSort(keys: Int32Array, values: Int32Array, count: number): void {
  for (let index = 1; index < count; index++) {
    const key = keys[index];
    const value = values[index];
    let at = index;
    while (at > 0 && keys[at - 1] > key) {
      keys[at] = keys[at - 1];
      values[at] = values[at - 1];
      at--;
    }
    keys[at] = key;
    values[at] = value;
  }
}

const shared = new PairSorter();

/** `PairSorter.sortPairs` with a scratch shared by the process; it keeps nothing between calls. */
export function sortPairs(keys: Int32Array, values: Int32Array, count: number, maxKey: number): void {
  shared.sortPairs(keys, values, count, maxKey);
}
