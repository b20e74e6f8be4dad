/**
 * Key numbers in the order of their tokens: two radix passes over the top 24 bits, then insertion where those are
 * equal. Tokens are hashes, so at ten million keys hardly any two share 24 bits and the last step is short; equal tokens
 * keep the order of their key numbers. Only for arrays of (signed high, unsigned low) halves.
 */

const DIGIT_BITS = 12;
const DIGITS = 1 << DIGIT_BITS;

/** A permutation of 0 … high.length − 1, ascending by (high, low, number). */
export function keysInTokenOrder(high: Int32Array, low: Uint32Array): Int32Array {
  const count = high.length;
  const lowerDigit = 32 - 2 * DIGIT_BITS;
  const first = { keys: new Int32Array(count), highs: new Int32Array(count) };
  const keys = new Int32Array(count);
  const highs = new Int32Array(count);
  for (let key = 0; key < count; key += 1) keys[key] = key;
  radixPass({ keys, highs: high }, first, lowerDigit);
  radixPass(first, { keys, highs }, lowerDigit + DIGIT_BITS);
  insertionPass(keys, highs, low);
  return keys;
}

interface Column {
  readonly keys: Int32Array;
  readonly highs: Int32Array;
}

/** Stable distribution by the digit at `shift`. */
function radixPass(from: Column, to: Column, shift: number): void {
  const positions = new Int32Array(DIGITS);
  const count = from.keys.length;
  for (let index = 0; index < count; index += 1) positions[digitOf(from.highs[index], shift)] += 1;
  let sum = 0;
  for (let digit = 0; digit < DIGITS; digit += 1) {
    const size = positions[digit];
    positions[digit] = sum;
    sum += size;
  }
  for (let index = 0; index < count; index += 1) {
    const high = from.highs[index];
    const position = positions[digitOf(high, shift)]++;
    to.keys[position] = from.keys[index];
    to.highs[position] = high;
  }
}

/** With the sign bit flipped, signed order is unsigned order. */
function digitOf(high: number, shift: number): number {
  return ((high ^ 0x80000000) >>> shift) & (DIGITS - 1);
}

function insertionPass(keys: Int32Array, highs: Int32Array, low: Uint32Array): void {
  for (let index = 1; index < keys.length; index += 1) {
    const high = highs[index];
    if (highs[index - 1] < high) continue;
    const key = keys[index];
    let hole = index;
    while (hole > 0 && (highs[hole - 1] > high || (highs[hole - 1] === high && low[keys[hole - 1]] > low[key]))) {
      keys[hole] = keys[hole - 1];
      highs[hole] = highs[hole - 1];
      hole -= 1;
    }
    keys[hole] = key;
    highs[hole] = high;
  }
}
