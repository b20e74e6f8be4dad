/** The exact test of a share, against sums of the distribution that were written for clarity. */
import { describe, expect, it } from 'vitest';
import { fewestSeeds, judgeShare } from '../../src/base/binomial.ts';

function chanceOf(count: number, runs: number, share: number): number {
  let ways = 1;
  for (let index = 0; index < count; index++) ways = (ways * (runs - index)) / (index + 1);
  return ways * share ** count * (1 - share) ** (runs - count);
}

describe('the test of a share', () => {
  it('has both tails exactly', () => {
    for (const share of [0.05, 0.5, 0.95])
      for (const runs of [1, 7, 40])
        for (let held = 0; held <= runs; held++) {
          let atLeast = 0;
          for (let count = held; count <= runs; count++) atLeast += chanceOf(count, runs, share);
          const answer = judgeShare({ runs, held, share, confidence: 0.99 });
          expect(answer.atLeast).toBeCloseTo(atLeast, 12);
          expect(answer.atMost).toBeCloseTo(1 - atLeast + chanceOf(held, runs, share), 12);
        }
  });

  it('does not lose its sums to underflow', () => {
    const answer = judgeShare({ runs: 10_000, held: 5000, share: 0.5, confidence: 0.95 });
    expect(answer.atLeast).toBeCloseTo(0.504, 3);
    expect(answer.verdict).toBe('undecided');
  });

  it('holds, breaks, or leaves it open', () => {
    const verdict = (held: number, runs: number): string =>
      judgeShare({ runs, held, share: 0.95, confidence: 0.99 }).verdict;
    expect(verdict(20, 20)).toBe('undecided');
    expect([verdict(89, 89), verdict(90, 90)]).toEqual(['undecided', 'held']);
    expect([verdict(16, 20), verdict(15, 20)]).toEqual(['undecided', 'violated']);
  });

  it('knows how many seeds it takes', () => {
    expect(fewestSeeds(0.95, 0.99)).toBe(90);
    expect(fewestSeeds(0.9, 0.9)).toBe(22);
    // 0.5 × 0.5 is 1 − 0.75 exactly; a last bit must not ask for one more.
    expect(fewestSeeds(0.5, 0.75)).toBe(2);
  });
});
