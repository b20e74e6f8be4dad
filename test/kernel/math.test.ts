/** Our ln, exp and pow against known values, against Math, and bit by bit against themselves on other engines. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex32, mixInto } from '../../src/base/mix.ts';
import { exp, ln, lnGamma, pow, powerOfTwo } from '../../src/kernel/math.ts';
import { normalQuantile } from '../../src/kernel/normal.ts';
import { draw32, drawUnit } from '../../src/kernel/random.ts';

/** Distance in units of the last place of `right`. */
function ulps(left: number, right: number): number {
  if (left === right) return 0;
  const exponent = Math.max(-1022, Math.floor(Math.log2(Math.abs(right))));
  return Math.abs(left - right) / 2 ** (exponent - 52);
}

const positive = fc.double({ min: 5e-324, max: 1.7e308, noNaN: true });

describe('ln, exp and pow', () => {
  it('agree with Math to an ulp or two', () => {
    fc.assert(
      fc.property(
        positive,
        fc.double({ min: -745, max: 709, noNaN: true }),
        fc.double({ min: -20, max: 20 }),
        (x, y, z) => {
          expect(ulps(ln(x), Math.log(x))).toBeLessThan(2);
          if (Math.exp(y) > 1e-307) expect(ulps(exp(y), Math.exp(y))).toBeLessThan(2);
          const power = Math.pow(x, z);
          if (power > 1e-307 && power < 1e308) expect(ulps(pow(x, z), power)).toBeLessThan(2);
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('are right where it is known', () => {
    expect([ln(1), ln(Math.E), ln(2 ** 40) / ln(2)]).toEqual([0, 1, 40]);
    expect([exp(0), exp(1), exp(-0)]).toEqual([1, Math.E, 1]);
    expect([pow(2, 10), pow(10, 15), pow(4, 0.5), pow(2, -1074), pow(7, 0), pow(1, 99), pow(3, 1)]).toEqual([
      1024, 1e15, 2, 5e-324, 1, 1, 3,
    ]);
    expect([powerOfTwo(0), powerOfTwo(-1022), powerOfTwo(1023)]).toEqual([1, 2 ** -1022, 2 ** 1023]);
  });

  it('keep to the rules at the edges', () => {
    expect([ln(NaN), exp(NaN), pow(NaN, 1), pow(1.5, NaN), ln(-1), pow(-1, 2)].every(Number.isNaN)).toBe(true);
    const edges = [-Infinity, -1, 0, 5e-324, 1e-310, 0.5, 1, 2, 1.7e308, Infinity];
    for (const x of edges) {
      if (x >= 0) expect(ulps(ln(x), Math.log(x)), `ln(${x})`).toBeLessThan(2);
      expect(exp(x), `exp(${x})`).toBe(Math.exp(x));
      if (x < 0) continue;
      for (const y of edges) {
        const known = Math.pow(x, y);
        if (x === 1 || known === 0 || !Number.isFinite(known))
          expect(pow(x, y), `pow(${x}, ${y})`).toBe(x === 1 ? 1 : known);
        else expect(ulps(pow(x, y), known), `pow(${x}, ${y})`).toBeLessThan(2);
      }
    }
    expect(exp(709.782712893384)).toBeLessThan(Infinity);
    expect(exp(-745.13)).toBe(5e-324);
  });

  it('have the same bits for ever', () => {
    const view = new DataView(new ArrayBuffer(8));
    let hash = 0;
    const fold = (value: number): void => {
      view.setFloat64(0, value);
      hash = mixInto(mixInto(hash, view.getInt32(0)), view.getInt32(4));
    };
    for (let index = 0; index < 30_000; index++) {
      const unit = drawUnit(11, 13, index);
      const wide = (draw32(17, 19, index) - 2_147_483_648) / 3_100_000;
      fold(ln(unit));
      fold(ln(unit * 1e6));
      fold(exp(wide));
      fold(pow(unit * 100, wide / 40));
      fold(lnGamma(1 + unit * 1000));
      fold(normalQuantile(unit));
    }
    expect(hex32(hash)).toMatchInlineSnapshot(`"e1f7b23b"`);
  });
});

describe('lnGamma', () => {
  it('is ln of the factorial', () => {
    let sum = 0;
    for (let n = 1; n < 400; n++) {
      expect(Math.abs(lnGamma(n) - sum)).toBeLessThan(1e-14 * Math.max(1, sum));
      sum += Math.log(n);
    }
    expect(lnGamma(1.5)).toBeCloseTo(-0.12078223763524522, 14);
  });
});

describe('normalQuantile', () => {
  it('has the tabled values', () => {
    // Of these doubles, by arithmetic of 200 bits.
    const known: [number, number][] = [
      [0.5, 0],
      [0.75, 0.67448975019608174],
      [0.975, 1.9599639845400539],
      [0.999, 3.0902323061678133],
      [0.999999, 4.7534243088170878],
      [1e-10, -6.3613409024040562],
      [1e-20, -9.2623400897984076],
    ];
    for (const [unit, value] of known)
      expect(Math.abs(normalQuantile(unit) - value)).toBeLessThan(2e-14 * (1 + Math.abs(value)));
  });

  it('is odd and rises', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-9, max: 0.5, noNaN: true }),
        fc.double({ min: 1e-9, max: 0.5, noNaN: true }),
        (p, q) => {
          expect(normalQuantile(1 - p) + normalQuantile(p)).toBeCloseTo(0, 6);
          if (p < q) expect(normalQuantile(p)).toBeLessThanOrEqual(normalQuantile(q));
        },
      ),
    );
  });
});
