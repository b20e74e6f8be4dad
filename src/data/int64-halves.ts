/**
 * Exact 64-bit integers as two 32-bit halves, for hot paths where BigInt is too slow. A function per half and no
 * allocation: `multiplyHigh` goes with `Math.imul(aLow, bLow)`, `addHigh` with `(aLow + bLow) | 0`. Halves are 32-bit
 * patterns; whether they mean signed or unsigned values is the caller's matter. Not a general integer library.
 */

/** Upper 32 bits of the unsigned 64-bit product of two 32-bit patterns. */
function multiplyWide(a: number, b: number): number {
  const aTop = a >>> 16;
  const aBottom = a & 0xffff;
  const bTop = b >>> 16;
  const bBottom = b & 0xffff;
  // Both sums are below 2^32: reduced to 32-bit patterns they lose nothing, and `>>>` reads them unsigned.
  const middle = (Math.imul(aTop, bBottom) + (Math.imul(aBottom, bBottom) >>> 16)) | 0;
  const other = (Math.imul(aBottom, bTop) + (middle & 0xffff)) | 0;
  return (Math.imul(aTop, bTop) + (middle >>> 16) + (other >>> 16)) | 0;
}

/** High half of a × b modulo 2^64; the low half is `Math.imul(aLow, bLow)`. */
export function multiplyHigh(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  return (multiplyWide(aLow, bLow) + Math.imul(aHigh, bLow) + Math.imul(aLow, bHigh)) | 0;
}

/** High half of a + b modulo 2^64; the low half is `(aLow + bLow) | 0`. */
export function addHigh(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const carries = (aLow + bLow) >>> 0 < aLow >>> 0;
  return (aHigh + bHigh + (carries ? 1 : 0)) | 0;
}

/** One half after a rotation to the left by 1 to 31 bits: give (high, low) for the high half, (low, high) for the low. */
export function rotateHalf(half: number, other: number, bits: number): number {
  return (half << bits) | (other >>> (32 - bits));
}

/** The signed 64-bit integer of a pair. */
export function int64(high: number, low: number): bigint {
  return (BigInt(high | 0) << 32n) | BigInt(low >>> 0);
}

/** Signed high half of a 64-bit integer. */
export function highHalf(value: bigint): number {
  return Number(BigInt.asIntN(32, value >> 32n));
}

/** Unsigned low half of a 64-bit integer. */
export function lowHalf(value: bigint): number {
  return Number(BigInt.asUintN(32, value));
}
