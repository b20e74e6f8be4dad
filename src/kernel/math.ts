/**
 * ln, exp and pow with the same bits on every engine: ECMAScript does not specify the last bits of Math.log and its
 * kin, so draws that went through them would differ between engines. Here only + - x /, which IEEE 754 fixes, and views
 * of a double's bits. Within one unit in the last place of the true value.
 *
 * Method: ln splits x = 2^k m with m near 1 and sums the series of atanh; exp takes off multiples of ln 2 and sums the
 * Taylor series; pow carries the logarithm as an unevaluated sum of two doubles, since its error is multiplied by y.
 */

/** ln 2 in two parts; the first has 21 trailing zero bits, so that k x LN2_HIGH is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const INVERSE_LN2 = 1.4426950408889634;

const view = new DataView(new ArrayBuffer(8));

/** Natural logarithm. */
export function ln(x: number): number {
  if (!(x > 0) || x === Infinity) return x === 0 ? -Infinity : x === Infinity ? Infinity : NaN;
  const k = split(x);
  const f = view.getFloat64(0) - 1;
  const s = f / (2 + f);
  const half = 0.5 * f * f;
  // ln(1+f) = f - f²/2 + s (f²/2 + R): the large terms are exact, only the small ones round.
  return k * LN2_HIGH - (half - (s * (half + atanhRest(s * s)) + k * LN2_LOW) - f);
}

/** e to the power x. */
export function exp(x: number): number {
  if (!(x <= 709.782712893384)) return x > 0 ? Infinity : NaN;
  if (x < -745.1332191019412) return 0;
  const k = Math.floor(x * INVERSE_LN2 + 0.5);
  const high = x - k * LN2_HIGH;
  return scale(expReduced(high, -k * LN2_LOW), k);
}

/** x to the power y, for x >= 0. */
export function pow(x: number, y: number): number {
  if (y === 0 || x === 1) return 1;
  // No double but 1 has a logarithm so small that such a power is neither 0 nor infinite.
  if (!(x > 0) || x === Infinity || !(Math.abs(y) < 1e20)) return powSpecial(x, y);
  const product = lnTimes(x, y);
  if (!(Math.abs(product.high) < 800)) return product.high > 0 ? Infinity : 0;
  const k = Math.floor(product.high * INVERSE_LN2 + 0.5);
  return scale(expReduced(product.high - k * LN2_HIGH, product.low - k * LN2_LOW), k);
}

/** ln of the gamma function for x >= 1, by Stirling's series; the relative error is below 1e-13. */
export function lnGamma(x: number): number {
  let shift = 1;
  let at = x;
  // The series is good from 12 on; below, use gamma(x) = gamma(x + 1) / x.
  while (at < 12) {
    shift *= at;
    at += 1;
  }
  const inverse = 1 / at;
  const square = inverse * inverse;
  const series =
    inverse *
    (1 / 12 -
      square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square * (1 / 1188 - square * (691 / 360360))))));
  return (at - 0.5) * ln(at) - at + 0.9189385332046728 + series - ln(shift);
}

/** 2^k for whole k from -1022 to 1023. */
export function powerOfTwo(k: number): number {
  view.setFloat64(0, 1);
  view.setInt32(0, (k + 1023) << 20);
  return view.getFloat64(0);
}

/** Splits a positive x into 2^k, k returned, and a significand from about sqrt(1/2) to sqrt(2), left in the view. */
function split(x: number): number {
  const isNormal = x >= 2.2250738585072014e-308;
  view.setFloat64(0, isNormal ? x : x * 18_014_398_509_481_984);
  const top = view.getInt32(0);
  const fraction = top & 0xfffff;
  // The upper half of the octave belongs to the next power; 0x6a09e are the first bits of sqrt(2).
  const carry = fraction > 0x6a09e ? 1 : 0;
  view.setInt32(0, fraction | ((1023 - carry) << 20));
  return (top >>> 20) - 1023 - (isNormal ? 0 : 54) + carry;
}

/** x 2^k, rounded once where the result is subnormal. */
function scale(x: number, k: number): number {
  if (k >= -1021 && k <= 1022) return x * powerOfTwo(k);
  if (k > 0) return x * powerOfTwo(1022) * powerOfTwo(k - 1022);
  return x * powerOfTwo(-1022 + 54) * powerOfTwo(Math.max(k + 1022 - 54, -1022));
}

/** With z = s² <= 0.0295: 2 (atanh(s) / s - 1), from the series 2 (z/3 + z²/5 + ...). */
function atanhRest(z: number): number {
  const tail = 2 / 15 + z * (2 / 17 + z * (2 / 19 + z * (2 / 21 + z * (2 / 23))));
  return z * (2 / 3 + z * (2 / 5 + z * (2 / 7 + z * (2 / 9 + z * (2 / 11 + z * (2 / 13 + z * tail))))));
}

/** e^(high + low) for |high| <= ln 2 / 2 and a tiny low. */
function expReduced(high: number, low: number): number {
  const r = high + low;
  const lost = high - r + low;
  const upper =
    1 / 40320 + r * (1 / 362880 + r * (1 / 3628800 + r * (1 / 39916800 + r * (1 / 479001600 + r * (1 / 6227020800)))));
  const middle = 1 / 24 + r * (1 / 120 + r * (1 / 720 + r * (1 / 5040 + r * upper)));
  const rest = r * r * (0.5 + r * (1 / 6 + r * middle));
  return 1 + (r + (rest + lost * (1 + r)));
}

interface Pair {
  high: number;
  low: number;
}

/** y ln x with some 100 bits, as a sum of two doubles. */
function lnTimes(x: number, y: number): Pair {
  const k = split(x);
  const m = view.getFloat64(0);
  // s = (m - 1) / (m + 1) with its remainder; m - 1 is exact, m + 1 = sum + sumLow.
  const f = m - 1;
  const sum = m + 1;
  const sumLow = m - (sum - 1);
  const s = f / sum;
  const back = product(s, sum);
  const sLow = (f - back.high - back.low - s * sumLow) / sum;
  const square = product(s, s);
  const z = square.high;
  const cube = product(square.high, s);
  const cubeLow = cube.low + square.low * s + 3 * z * sLow;
  // ln m = 2 s + (2/3) s³ + 2 s⁵ (1/5 + z/7 + ...)
  const third = product(cube.high, 2 / 3);
  const thirdLow = third.low + cube.high * 3.700743415417188e-17 + cubeLow * (2 / 3);
  const tail = z * cube.high * fifthRest(z);
  const first = add(k * LN2_HIGH, 2 * s);
  const second = add(first.high, third.high);
  const low = first.low + second.low + (2 * sLow + thirdLow + tail) + k * LN2_LOW;
  const whole = add(second.high, low);
  const times = product(whole.high, y);
  return add(times.high, times.low + whole.low * y);
}

/** 2/5 + 2z/7 + 2z²/9 + ... */
function fifthRest(z: number): number {
  const tail = 2 / 15 + z * (2 / 17 + z * (2 / 19 + z * (2 / 21 + z * (2 / 23))));
  return 2 / 5 + z * (2 / 7 + z * (2 / 9 + z * (2 / 11 + z * (2 / 13 + z * tail))));
}

/** a + b exactly, for any two doubles (Knuth). */
function add(a: number, b: number): Pair {
  const high = a + b;
  const part = high - a;
  return { high, low: a - (high - part) + (b - part) };
}

/** a x b exactly, where nothing overflows (Dekker; the factors are split into halves of 26 bits). */
function product(a: number, b: number): Pair {
  const high = a * b;
  const aHigh = upperHalf(a);
  const bHigh = upperHalf(b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  return { high, low: aLow * bLow - (high - aHigh * bHigh - aLow * bHigh - aHigh * bLow) };
}

function upperHalf(a: number): number {
  const wide = a * 134_217_729;
  return wide - (wide - a);
}

function powSpecial(x: number, y: number): number {
  if (x !== x || y !== y || x < 0) return NaN;
  if (x === 0 || x === Infinity) return (x === 0) === y > 0 ? 0 : Infinity;
  return x > 1 === y > 0 ? Infinity : 0;
}
