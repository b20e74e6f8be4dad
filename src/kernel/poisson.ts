/**
 * Poisson counts by address: how many arrivals fall into slot `index`. Exact samplers, not a normal approximation:
 * inversion for small means, for large ones transformed rejection (Hörmann, "The transformed rejection method for
 * generating Poisson random variables", 1993, algorithm PTRS). Uniforms have 53 bits.
 */
import { Bug } from '../base/assert.ts';
import { exp, ln, lnGamma } from './math.ts';
import { deriveFirst, deriveSecond, draw32 } from './random.ts';

const INVERSION_MAX = 10;
const LAMBDA_MAX = 1_000_000_000_000;

/** A Poisson count of mean `lambda` (0 to 1e12) for member `index` of the stream. */
export function poissonCount(lambda: number, k0: number, k1: number, index: number): number {
  if (!(lambda >= 0 && lambda <= LAMBDA_MAX)) throw new Bug(`not a mean of a count: ${lambda}`);
  if (lambda === 0) return 0;
  const first = deriveFirst(k0, k1, index);
  const second = deriveSecond(k0, k1, index);
  return lambda < INVERSION_MAX ? byInversion(lambda, unit53(first, second, 0)) : byRejection(lambda, first, second);
}

/** Number `pair` of the uniforms of 53 bits in (0, 1) of a stream; each takes two draws. */
function unit53(k0: number, k1: number, pair: number): number {
  const high = draw32(k0, k1, 2 * pair) >>> 5;
  const low = draw32(k0, k1, 2 * pair + 1) >>> 6;
  return (high * 67_108_864 + low + 0.5) / 9_007_199_254_740_992;
}

function byInversion(lambda: number, unit: number): number {
  let chance = exp(-lambda);
  let below = chance;
  let count = 0;
  // The chances vanish before 200 for means below 10: rounding of the sum must not make an endless loop.
  while (unit > below && count < 200) {
    count++;
    chance *= lambda / count;
    below += chance;
  }
  return count;
}

function byRejection(lambda: number, k0: number, k1: number): number {
  const root = Math.sqrt(lambda);
  const b = 0.931 + 2.53 * root;
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const accepted = 0.9277 - 3.6224 / (b - 2);
  const lnLambda = ln(lambda);
  for (let attempt = 0; ; attempt++) {
    const u = unit53(k0, k1, 2 * attempt) - 0.5;
    const v = unit53(k0, k1, 2 * attempt + 1);
    const us = 0.5 - Math.abs(u);
    const count = Math.floor(((2 * a) / us + b) * u + lambda + 0.43);
    if (us >= 0.07 && v <= accepted) return count;
    if (count < 0 || (us < 0.013 && v > us)) continue;
    const height = ln((v * inverseAlpha) / (a / (us * us) + b));
    if (height <= count * lnLambda - lambda - lnGamma(count + 1)) return count;
  }
}
