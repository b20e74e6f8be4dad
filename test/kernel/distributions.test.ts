import { describe, expect, it } from 'vitest';
import { Bug } from '../../src/base/assert.ts';
import { compileDistribution, DURATION_MAX_MICROS, unitExponential } from '../../src/kernel/distributions.ts';
import type { Distribution } from '../../src/kernel/distributions.ts';
import { LatencyTable } from '../../src/kernel/latency-table.ts';
import { streamKey } from '../../src/kernel/random.ts';
import { bitsOf, kolmogorov, momentsOf } from './statistics.ts';

const { k0, k1 } = streamKey('distributions', 'test');
const DRAWS = 200_000;

const drawer = (spec: Distribution): ((index: number) => number) => {
  const sampler = compileDistribution(spec);
  return (index) => sampler.at(k0, k1, index);
};

/** Normal distribution function from -9 in steps of 1/1000, by Simpson's rule: plain. */
const normalTable = ((): Float64Array => {
  const density = (z: number): number => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  const table = new Float64Array(18_001);
  for (let step = 1; step < table.length; step++) {
    const from = -9 + (step - 1) / 1000;
    const sum = density(from) + 4 * density(from + 0.0005) + density(from + 0.001);
    table[step] = table[step - 1] + sum / 6000;
  }
  return table;
})();

function normalBelow(z: number): number {
  const place = (z + 9) * 1000;
  const below = Math.floor(place);
  return normalTable[below] + (place - below) * (normalTable[below + 1] - normalTable[below]);
}

const exponentialBelow = (mean: number) => (value: number) => 1 - Math.exp(-value / mean);
const paretoBelow = (scale: number, shape: number) => (value: number) => 1 - Math.pow(scale / value, shape);

const examples: { spec: Distribution; below: (value: number) => number; mean: number; variance: number }[] = [
  { spec: { kind: 'uniform', min: 100, max: 300 }, below: (v) => (v - 100) / 200, mean: 200, variance: 200 ** 2 / 12 },
  {
    spec: { kind: 'exponential', offset: 50, mean: 700 },
    below: (v) => exponentialBelow(700)(v - 50),
    mean: 750,
    variance: 700 ** 2,
  },
  {
    spec: { kind: 'pareto', scale: 10, shape: 5 },
    below: paretoBelow(10, 5),
    mean: 12.5,
    variance: (100 * 5) / (16 * 3),
  },
  {
    spec: { kind: 'normal', mean: 1000, deviation: 100 },
    below: (v) => normalBelow((v - 1000) / 100),
    mean: 1000,
    variance: 100 ** 2,
  },
  {
    spec: { kind: 'empirical', values: [30, 10, 20] },
    below: (v) => (v - 10) / 20,
    mean: 20,
    variance: 20 ** 2 / 12,
  },
  {
    spec: {
      kind: 'mixture',
      parts: [
        { share: 3, of: { kind: 'exponential', offset: 0, mean: 100 } },
        { share: 0, of: { kind: 'constant', value: 9e9 } },
        { share: 1, of: { kind: 'uniform', min: 0, max: 1000 } },
      ],
    },
    below: (v) => 0.75 * exponentialBelow(100)(v) + 0.25 * Math.min(1, v / 1000),
    mean: 200,
    variance: 0.75 * 2 * 100 ** 2 + (0.25 * 1000 ** 2) / 3 - 200 ** 2,
  },
];

describe.each(examples)('$spec.kind', ({ spec, below, mean, variance }) => {
  it('follows its distribution', () => {
    expect(kolmogorov(DRAWS, drawer(spec), below)).toBeLessThan(2.2);
  });

  it('has its mean and variance', () => {
    const moments = momentsOf(DRAWS, drawer(spec));
    expect(Math.abs(moments.mean - mean) / Math.sqrt(variance / DRAWS)).toBeLessThan(4);
    expect(moments.variance / variance).toBeGreaterThan(0.97);
    expect(moments.variance / variance).toBeLessThan(1.03);
  });

  it('has the same bits for ever', () => {
    expect(bitsOf([0, 1, 2, 3].map(drawer(spec)))).toMatchSnapshot();
  });
});

describe('tails', () => {
  it('of the exponential are exact for every word at the ends', () => {
    const words = [0, 1, 2, 3, 100, 4095, 4096, 4097, 1_048_576, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1];
    for (let word = 0; word < 5000; word++) words.push(word, 2 ** 32 - 1 - word, word * 858_993);
    for (const word of words) {
      const theory =
        word < 2 ** 31 ? -Math.log((word + 0.5) / 2 ** 32) : -Math.log1p(-(2 ** 32 - word - 0.5) / 2 ** 32);
      expect(Math.abs(unitExponential(word) - theory)).toBeLessThan(1e-13);
      expect(unitExponential(word)).toBeGreaterThan(0);
    }
  });

  it('fall from word to word', () => {
    for (let word = 1; word < 2 ** 32; word += 500_009) {
      expect(unitExponential(word)).toBeLessThanOrEqual(unitExponential(word - 1));
    }
  });

  it('of Pareto are those of theory, however heavy, and end at the longest duration', () => {
    const sampler = compileDistribution({ kind: 'pareto', scale: 1000, shape: 1.1 });
    for (const word of [0, 7, 1000, 123_456, 2 ** 31]) {
      const theory = 1000 * Math.pow((word + 0.5) / 2 ** 32, -1 / 1.1);
      expect(Math.abs(sampler.ofWord(word) / theory - 1)).toBeLessThan(1e-12);
    }
    expect(compileDistribution({ kind: 'pareto', scale: 1000, shape: 0.01 }).ofWord(0)).toBe(DURATION_MAX_MICROS);
  });
});

describe('the others', () => {
  it('constant, one value, no deviation', () => {
    expect(drawer({ kind: 'constant', value: 12 })(5)).toBe(12);
    expect(drawer({ kind: 'empirical', values: [7] })(5)).toBe(7);
    expect(drawer({ kind: 'normal', mean: 5, deviation: 0 })(5)).toBe(5);
  });

  it('normal never below 0', () => {
    const draw = drawer({ kind: 'normal', mean: 1, deviation: 50 });
    const values = Array.from({ length: 1000 }, (_, index) => draw(index));
    expect(Math.min(...values)).toBe(0);
  });

  it('ratio is 1 as often as it says', () => {
    const never = drawer({ kind: 'ratio', numerator: 0, denominator: 3 });
    const always = drawer({ kind: 'ratio', numerator: 3, denominator: 3 });
    const third = drawer({ kind: 'ratio', numerator: 1, denominator: 3 });
    const mean = momentsOf(DRAWS, third).mean;
    expect(Math.abs(mean - 1 / 3) / Math.sqrt(2 / 9 / DRAWS)).toBeLessThan(4);
    for (let index = 0; index < 1000; index++) expect([never(index), always(index)]).toEqual([0, 1]);
  });

  it.each<Distribution>([
    { kind: 'constant', value: -1 },
    { kind: 'uniform', min: 2, max: 1 },
    { kind: 'exponential', offset: 0, mean: NaN },
    { kind: 'pareto', scale: 1, shape: 0 },
    { kind: 'normal', mean: Infinity, deviation: 1 },
    { kind: 'empirical', values: [] },
    { kind: 'mixture', parts: [] },
    { kind: 'ratio', numerator: 1, denominator: 0 },
    { kind: 'ratio', numerator: 0.5, denominator: 1 },
  ])('refuses %o', (spec) => {
    expect(() => compileDistribution(spec)).toThrow(Bug);
  });
});

describe('LatencyTable', () => {
  it('is within a microsecond, or a thousandth, of its sampler, at least 1, and exact in the tails', () => {
    for (const { spec } of examples) {
      const sampler = compileDistribution(spec);
      const table = new LatencyTable(sampler);
      for (let index = 0; index < 20_000; index++) {
        const exact = sampler.at(k0, k1, index);
        const quick = table.at(k0, k1, index);
        const distance = Math.abs(quick - Math.max(1, exact));
        if (distance > 0.51 + exact * 1e-3) expect.fail(`${spec.kind} ${index}: ${quick} for ${exact}`);
      }
    }
  });
});

it('the offset of a mixture comes on top of every draw', () => {
  const parts = [
    { share: 0.4, of: { kind: 'constant' as const, value: 10 } },
    { share: 0.6, of: { kind: 'exponential' as const, offset: 0, mean: 50 } },
  ];
  const plain = compileDistribution({ kind: 'mixture', parts });
  const moved = compileDistribution({ kind: 'mixture', offset: 75_000, parts });
  for (let index = 0; index < 100; index += 1) expect(moved.at(1, 2, index)).toBe(plain.at(1, 2, index) + 75_000);
});
