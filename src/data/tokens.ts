/**
 * Arithmetic of Murmur3 tokens: the midpoint literally as the partitioner computes it (cassandra.a4) and ranges
 * (left, right] that wrap around (cassandra.a3). BigInt for everything that is shown or decided once, and the same
 * midpoint and order on (signed high, unsigned low) pairs for hot paths. Keys to tokens: `murmur3.ts`.
 */
import { MAX_TOKEN, MIN_TOKEN } from './murmur3.ts';

export { MAX_TOKEN, MIN_TOKEN };

/** (left, right]; left >= right wraps around, (x, x] is the whole ring. */
export interface TokenRange {
  readonly left: bigint;
  readonly right: bigint;
}

const WORD = 0x100000000;

/** The middle of (left, right]. It equals `left` where the range is too small to split ("no sane midpoint"). */
export function tokenMidpoint(left: bigint, right: bigint): bigint {
  if (left < right) return (left + right) >> 1n;
  const middle = (MAX_TOKEN - MIN_TOKEN + left + right) >> 1n;
  return middle > MAX_TOKEN ? MIN_TOKEN + (middle - MAX_TOKEN) : middle;
}

export function isWrapAround(range: TokenRange): boolean {
  return range.left >= range.right;
}

export function isFullRing(range: TokenRange): boolean {
  return range.left === range.right;
}

export function isSameRange(a: TokenRange, b: TokenRange): boolean {
  return a.left === b.left && a.right === b.right;
}

export function rangeContains(range: TokenRange, token: bigint): boolean {
  if (range.left < range.right) return token > range.left && token <= range.right;
  return token > range.left || token <= range.right;
}

/** Do the ranges share a token? Two arcs do iff the last token of one lies in the other. */
export function rangesIntersect(a: TokenRange, b: TokenRange): boolean {
  return rangeContains(a, b.right) || rangeContains(b, a.right);
}

/** Is every token of `inner` in `outer`? */
export function isFullyInside(inner: TokenRange, outer: TokenRange): boolean {
  if (isFullRing(outer)) return true;
  if (isWrapAround(inner) === isWrapAround(outer)) {
    return !isFullRing(inner) && outer.left <= inner.left && inner.right <= outer.right;
  }
  return isWrapAround(outer) && (outer.left <= inner.left || inner.right <= outer.right);
}

/** Negative, 0 or positive as the first token is smaller, equal or larger. */
export function compareTokens(one: bigint, other: bigint): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** `(left,right]`, as Cassandra prints it. */
export function rangeText(range: TokenRange): string {
  return `(${range.left},${range.right}]`;
}

/** Negative, 0 or positive as the first token is smaller, equal or larger. */
export function compareHalves(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  return aHigh !== bHigh ? aHigh - bHigh : aLow - bLow;
}

/** Signed high half of the midpoint of (left, right], on halves; exactly `tokenMidpoint`. */
export function midpointHigh(leftHigh: number, leftLow: number, rightHigh: number, rightLow: number): number {
  if (compareHalves(leftHigh, leftLow, rightHigh, rightLow) < 0) {
    const carry = leftLow + rightLow >= WORD ? 1 : 0;
    return Math.floor((leftHigh + rightHigh + carry) / 2);
  }
  const high = wrappedHigh(leftHigh, leftLow, rightHigh, rightLow);
  if (high <= 0x7fffffff) return high;
  const carriesOver = wrappedLow(leftHigh, leftLow, rightHigh, rightLow) === WORD - 1;
  return high - WORD + (carriesOver ? 1 : 0);
}

/** Unsigned low half of the midpoint of (left, right], on halves. */
export function midpointLow(leftHigh: number, leftLow: number, rightHigh: number, rightLow: number): number {
  if (compareHalves(leftHigh, leftLow, rightHigh, rightLow) < 0) {
    const lowSum = leftLow + rightLow;
    const highSum = leftHigh + rightHigh + (lowSum >= WORD ? 1 : 0);
    return Math.floor((lowSum % WORD) / 2) + (highSum & 1) * (WORD / 2);
  }
  const low = wrappedLow(leftHigh, leftLow, rightHigh, rightLow);
  // Above the maximum, MIN + (m − MAX) is m − 2^64 + 1: the low half rises by one.
  return wrappedHigh(leftHigh, leftLow, rightHigh, rightLow) > 0x7fffffff ? (low + 1) % WORD : low;
}

/** High half of floor((2^64 − 1 + left + right) / 2), unreduced: up to 2^32. All sums stay exact below 2^53. */
function wrappedHigh(leftHigh: number, leftLow: number, rightHigh: number, rightLow: number): number {
  const carry = Math.floor((leftLow + rightLow + WORD - 1) / WORD);
  return Math.floor((leftHigh + rightHigh + WORD - 1 + carry) / 2);
}

function wrappedLow(leftHigh: number, leftLow: number, rightHigh: number, rightLow: number): number {
  const lowSum = leftLow + rightLow + WORD - 1;
  const highSum = leftHigh + rightHigh + WORD - 1 + Math.floor(lowSum / WORD);
  const isOdd = highSum - 2 * Math.floor(highSum / 2);
  return Math.floor((lowSum % WORD) / 2) + isOdd * (WORD / 2);
}
