import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holm, pairedDifference } from '../../src/studies/statistics/paired.ts';
import { criticalT, twoSidedP } from '../../src/studies/statistics/student.ts';

describe("Student's t", () => {
  // Printed tables (two-sided), to the digits that they give.
  it.each([
    [0.95, 1, 12.7062],
    [0.95, 4, 2.77645],
    [0.95, 9, 2.26216],
    [0.95, 29, 2.04523],
    [0.99, 10, 3.16927],
    [0.9, 2, 2.91999],
    [0.95, 1000, 1.96234],
  ])('the critical value of %d with %d degrees of freedom is %d', (confidence, freedom, t) => {
    expect(criticalT(confidence, freedom)).toBeCloseTo(t, 4);
  });

  it('has closed forms for one and two degrees of freedom', () => {
    // One: Cauchy, P(|T| >= 1) = 1/2. Two: P(|T| >= t) = 1 - t / sqrt(2 + t²).
    expect(twoSidedP(1, 1)).toBeCloseTo(0.5, 12);
    for (const t of [0, 0.3, 1, 4, 50]) expect(twoSidedP(t, 2)).toBeCloseTo(1 - t / Math.sqrt(2 + t * t), 12);
  });

  it('critical value and p undo each other', () => {
    const confidence = fc.double({ min: 0.01, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(confidence, fc.integer({ min: 1, max: 5000 }), (share, freedom) => {
        expect(twoSidedP(criticalT(share, freedom), freedom)).toBeCloseTo(1 - share, 9);
      }),
      { seed: 1 },
    );
  });
});

describe('paired differences', () => {
  const options = { confidence: 0.95, seed: 's' };

  it('takes the textbook example: means, interval and p by hand', () => {
    const before = [10, 12, 9, 11, 14, 13];
    const after = [8, 11, 9, 8, 11, 12];
    // Differences -2 -1 0 -3 -3 -1: mean -10/6, squares about it sum 22/3, s = sqrt(22/15).
    const { mean, deviation, t, p } = pairedDifference(before, after, options);
    expect(mean).toBeCloseTo(-10 / 6, 12);
    expect(deviation).toBeCloseTo(Math.sqrt(22 / 15), 12);
    const half = (2.570582 * Math.sqrt(22 / 15)) / Math.sqrt(6);
    expect(t?.low).toBeCloseTo(-10 / 6 - half, 5);
    expect(t?.high).toBeCloseTo(-10 / 6 + half, 5);
    expect(p).toBeGreaterThan(0.01);
    expect(p).toBeLessThan(0.03);
  });

  it('gives no interval under five seeds', () => {
    const few = pairedDifference([1, 2, 3, 4], [2, 3, 4, 6], options);
    expect([few.t, few.bootstrap, few.p]).toEqual([null, null, null]);
    expect(few.mean).toBe(1.25);
  });

  it('differences that are all the same are one observation: no interval, no p', () => {
    const same = pairedDifference([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], options);
    expect(same).toMatchObject({ mean: 0, p: null, t: null, bootstrap: null, isSame: true });
    // Equal but for rounding: 0.1 + 0.2 is not 0.3.
    const base = [0.1, 1.1, 2.1, 3.1, 4.1];
    const shifted = pairedDifference(
      base,
      base.map((value) => value + 0.2),
      options,
    );
    expect(new Set(base.map((value) => value + 0.2 - value)).size).toBeGreaterThan(1);
    expect(shifted).toMatchObject({ p: null, t: null, bootstrap: null, isSame: true });
    expect(shifted.mean).toBeCloseTo(0.2, 12);
    const hardly = pairedDifference([1, 2, 3, 4, 5], [3, 4, 5, 6, 7.0001], options);
    expect(hardly.isSame).toBe(false);
    expect(hardly.p).toBeLessThan(0.001);
  });

  it('runs that the seeds hardly vary are one observation', () => {
    // Of one key written while a node is away: only delays of messages are drawn.
    const base = [0.06685028694, 0.06685099361, 0.06684918917, 0.06685468778, 0.06685205361];
    const none = [0.16684927222, 0.16685005528, 0.1668483425, 0.16685385722, 0.16685123417];
    const alike = pairedDifference(base, none, options);
    expect(alike).toMatchObject({ p: null, t: null, bootstrap: null, isSame: true });
    expect(alike.mean).toBeCloseTo(0.1, 5);
    // Small differences of histories that do differ are told.
    const varied = [28_000, 31_000, 25_500, 29_300, 30_100];
    const little = [1.1, 0.9, 1.2, 1, 0.8].map((more, seed) => varied[seed] + more);
    expect(pairedDifference(varied, little, options)).toMatchObject({ isSame: false, p: expect.any(Number) });
  });

  it('covers a true mean about as often as it says', () => {
    // 400 samples of 12 uniform differences of mean 0: 95 % ± three standard errors.
    let covered = 0;
    let word = 12345;
    const next = (): number => {
      word = (Math.imul(word, 1664525) + 1013904223) | 0;
      return (word >>> 0) / 4294967296 - 0.5;
    };
    for (let sample = 0; sample < 400; sample += 1) {
      const differences = Array.from({ length: 12 }, next);
      const { t } = pairedDifference(new Array<number>(12).fill(0), differences, options);
      if (t !== null && t.low <= 0 && t.high >= 0) covered += 1;
    }
    expect(covered / 400).toBeGreaterThan(0.95 - 0.033);
    expect(covered / 400).toBeLessThan(0.95 + 0.033);
  });

  it('says the same at every call', () => {
    const call = (): unknown => pairedDifference([5, 1, 4, 2, 8, 3], [1, 2, 2, 2, 2, 2], options);
    expect(call()).toEqual(call());
  });
});

describe('Holm', () => {
  it('steps down: the least p times the family, the next times one less', () => {
    const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
    [0.03, 0.06, 0.06, 0.02].forEach((p, index) => expect(adjusted[index]).toBeCloseTo(p, 12));
  });

  it('never refutes more than the unadjusted test, never less than Bonferroni', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 }), (ps) => {
        holm(ps).forEach((p, index) => {
          expect(p).toBeGreaterThanOrEqual(Math.min(1, ps[index]));
          expect(p).toBeLessThanOrEqual(Math.min(1, ps[index] * ps.length));
        });
      }),
      { seed: 1 },
    );
  });
});
