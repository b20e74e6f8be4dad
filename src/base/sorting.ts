/**
 * Sorting of (key, payload) pairs of int32 by key, stable: what brings the writes of a memory into slot order. Radix sort
 * from the least digit, with as few passes as the span of keys allows; short inputs by insertion. The source is read and
 * not changed; the scratch is shared by the process and keeps nothing between calls.
 */
import { Bug } from './assert.ts';

const INSERTION_MAX = 32;
/** Digits of this many bits at most: 2^11 counters and as many write streams still fit the nearest caches. */
const DIGIT_BITS_MAX = 11;

export interface Pairs {
  keys: Int32Array;
  values: Int32Array;
}

let scratch: Pairs = { keys: new Int32Array(0), values: new Int32Array(0) };
const places = new Int32Array(1 << DIGIT_BITS_MAX);

/** The first `count` pairs in order of key, equal keys staying in order, in new arrays. Keys lie in [from, to). */
export function sortedPairs(
  { keys, values, count }: Readonly<Pairs> & { readonly count: number },
  { from, to }: { readonly from: number; readonly to: number },
): Pairs {
  const span = to - from - 1;
  if (count > 1 && !(span >= 0 && span <= 0x7fffffff)) throw new Bug(`keys of [${from}, ${to}) cannot be sorted`);
  const bits = count > 1 ? 32 - Math.clz32(span) : 0;
  if (count <= INSERTION_MAX || bits === 0) return insertionSorted(keys, values, count);
  const passes = Math.ceil(bits / digitBitsFor(count));
  const digitBits = Math.ceil(bits / passes);
  const mask = (1 << digitBits) - 1;
  const sorted: Pairs = { keys: new Int32Array(count), values: new Int32Array(count) };
  if (passes > 1) reserve(count);
  let source: Readonly<Pairs> = { keys, values };
  for (let pass = 0; pass < passes; pass += 1) {
    // The last pass must end in the new arrays.
    const target = (passes - pass) % 2 === 1 ? sorted : scratch;
    const digit = { from, shift: pass * digitBits, mask };
    countDigits(source.keys, count, digit);
    scatter(source, target, count, digit);
    source = target;
  }
  return sorted;
}

interface Digit {
  from: number;
  shift: number;
  mask: number;
}

/** Turns the counters into the place where each digit's first pair goes. */
function countDigits(keys: Int32Array, count: number, { from, shift, mask }: Digit): void {
  places.fill(0, 0, mask + 1);
  for (let index = 0; index < count; index += 1) places[((keys[index] - from) >>> shift) & mask] += 1;
  let place = 0;
  for (let digit = 0; digit <= mask; digit += 1) {
    const here = places[digit];
    places[digit] = place;
    place += here;
  }
}

function scatter(source: Readonly<Pairs>, target: Pairs, count: number, { from, shift, mask }: Digit): void {
  const { keys, values } = source;
  const { keys: toKeys, values: toValues } = target;
  for (let index = 0; index < count; index += 1) {
    const key = keys[index];
    const digit = ((key - from) >>> shift) & mask;
    const place = places[digit];
    places[digit] = place + 1;
    toKeys[place] = key;
    toValues[place] = values[index];
  }
}

function reserve(count: number): void {
  if (scratch.keys.length >= count) return;
  const length = count + (count >> 2);
  scratch = { keys: new Int32Array(length), values: new Int32Array(length) };
}

/** Short inputs take narrower digits, so that clearing and summing the counters does not cost more than the pairs. */
function digitBitsFor(count: number): number {
  return count < 512 ? 7 : count < 4096 ? 9 : DIGIT_BITS_MAX;
}

function insertionSorted(fromKeys: Int32Array, fromValues: Int32Array, count: number): Pairs {
  const keys = fromKeys.slice(0, count);
  const values = fromValues.slice(0, count);
  for (let index = 1; index < count; index += 1) {
    const key = keys[index];
    const value = values[index];
    let at = index;
    while (at > 0 && keys[at - 1] > key) {
      keys[at] = keys[at - 1];
      values[at] = values[at - 1];
      at -= 1;
    }
    keys[at] = key;
    values[at] = value;
  }
  return { keys, values };
}

/** Index of the first of ascending values that is `value` or more; of the last where all are less. */
export function firstAtLeast(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
