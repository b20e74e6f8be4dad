/** Poisson counts and Zipf ranks against their theory. */
import { describe, expect, it } from 'vitest';
import { Bug } from '../../src/base/assert.ts';
import { poissonCount } from '../../src/kernel/poisson.ts';
import { streamKey } from '../../src/kernel/random.ts';
import { Zipf } from '../../src/kernel/zipf.ts';
import { chiSquared, chiSquaredLimit, momentsOf } from './statistics.ts';

const { k0, k1 } = streamKey('counts', 'test');

/** Chances of counts 0 .. last, from the logarithm so that large means do not vanish. */
function poissonChances(lambda: number, last: number): Float64Array {
  const chances = new Float64Array(last + 1);
  let logarithm = -lambda;
  for (let count = 0; count <= last; count++) {
    if (count > 0) logarithm += Math.log(lambda / count);
    chances[count] = Math.exp(logarithm);
  }
  return chances;
}

describe('poissonCount', () => {
  it.each([0.01, 0.7, 3, 9.99, 10, 11.5, 40, 300, 5000])('follows the distribution of mean %d', (lambda) => {
    const draws = 60_000;
    const last = Math.ceil(lambda + 8 * Math.sqrt(lambda) + 8);
    const counts = new Float64Array(last + 1);
    for (let index = 0; index < draws; index++) counts[Math.min(last, poissonCount(lambda, k0, k1, index))]++;
    const { observed, expected } = grouped(counts, poissonChances(lambda, last), draws);
    expect(chiSquared(observed, (cell) => expected[cell])).toBeLessThan(chiSquaredLimit(observed.length - 1));
  });

  it('has mean and variance also where they are large', () => {
    for (const lambda of [1e5, 3e8]) {
      const draws = 20_000;
      const moments = momentsOf(draws, (index) => poissonCount(lambda, k0, k1, index));
      expect(Math.abs(moments.mean - lambda) / Math.sqrt(lambda / draws)).toBeLessThan(4);
      expect(Math.abs(moments.variance / lambda - 1)).toBeLessThan(4 * Math.sqrt(2 / draws));
    }
  });

  it('is the same for ever', () => {
    expect([0, 0.5, 8, 25, 1e4, 1e9].map((lambda) => poissonCount(lambda, k0, k1, 3))).toMatchInlineSnapshot(`
      [
        0,
        2,
        14,
        29,
        10079,
        1000024853,
      ]
    `);
    expect(() => poissonCount(-1, k0, k1, 0)).toThrow(Bug);
    expect(() => poissonCount(NaN, k0, k1, 0)).toThrow(Bug);
  });
});

describe('Zipf', () => {
  it.each([
    [1, 1],
    [2, 0.5],
    [50, 0],
    [60, 0.3],
    [500, 0.99],
    [500, 1],
    [300, 2.5],
    [100_000, 0.8],
    [100_000, 1.2],
  ])('over %d ranks with exponent %d follows the law', (n, exponent) => {
    const draws = 200_000;
    const zipf = new Zipf(n, exponent);
    const counts = new Float64Array(n);
    for (let index = 0; index < draws; index++) counts[zipf.at(k0, k1, index)]++;
    const weights = Float64Array.from({ length: n }, (_, rank) => Math.pow(rank + 1, -exponent));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const { observed, expected } = grouped(
      counts,
      weights.map((weight) => weight / total),
      draws,
    );
    expect(chiSquared(observed, (cell) => expected[cell])).toBeLessThan(
      chiSquaredLimit(Math.max(1, observed.length - 1)),
    );
  });

  it('reaches the whole range of a billion ranks', () => {
    const zipf = new Zipf(1_000_000_000, 0.99);
    let tail = 0;
    const draws = 100_000;
    for (let index = 0; index < draws; index++) {
      const rank = zipf.at(k0, k1, index);
      if (!(rank >= 0 && rank < 1_000_000_000 && Number.isInteger(rank))) expect.fail(`rank ${rank}`);
      if (rank >= 500_000_000) tail++;
    }
    // Integral of x^-0.99 from 5e8 to 1e9 over that from 0.5 to 1e9, the latter within 1 %.
    const share = (1e9 ** 0.01 - 5e8 ** 0.01) / (1e9 ** 0.01 - 0.5 ** 0.01);
    expect(tail / draws / share).toBeGreaterThan(0.93);
    expect(tail / draws / share).toBeLessThan(1.07);
  });

  it('is the same for ever', () => {
    const ranks = (exponent: number): number[] => {
      const zipf = new Zipf(10_000_000, exponent);
      return [0, 1, 2, 3, 4].map((index) => zipf.at(k0, k1, index));
    };
    expect([0, 0.5, 0.99, 1, 2].map(ranks)).toMatchInlineSnapshot(`
      [
        [
          7865808,
          3907677,
          1192578,
          3115816,
          4111425,
        ],
        [
          532809,
          5892891,
          1709805,
          4530096,
          6166013,
        ],
        [
          12,
          2386,
          0,
          814,
          3094,
        ],
        [
          9,
          2386,
          0,
          814,
          3094,
        ],
        [
          1,
          0,
          0,
          0,
          0,
        ],
      ]
    `);
    expect(() => new Zipf(0, 1)).toThrow(Bug);
    expect(() => new Zipf(10, -1)).toThrow(Bug);
    expect(() => new Zipf(2 ** 31, 1)).toThrow(Bug);
  });
});

/** Joins neighbouring cells until each is expected ten times. */
function grouped(
  counts: Float64Array,
  chances: Float64Array,
  draws: number,
): { observed: number[]; expected: number[] } {
  const observed: number[] = [];
  const expected: number[] = [];
  let count = 0;
  let chance = 0;
  for (let cell = 0; cell < counts.length; cell++) {
    count += counts[cell];
    chance += chances[cell];
    if (chance * draws < 10) continue;
    observed.push(count);
    expected.push(chance * draws);
    count = 0;
    chance = 0;
  }
  observed[observed.length - 1] += count;
  expected[expected.length - 1] += chance * draws;
  return { observed, expected };
}
