/**
 * The exact binomial test of a share: of n independent seeds k held, is the true share at least what was asked? One look
 * at a number of seeds that was declared before, no approximation. Not for looks in between, which would need wider bounds.
 */
import { assert } from './assert.ts';

/** Nobody runs so many; a share very near to 1 asks for more. */
const SEEDS_LOOKED_AT = 1_000_000;

export interface ShareQuestion {
  /** Seeds that were run, and those in which it held. */
  runs: number;
  held: number;
  /** Asked share, above 0 and below 1. */
  share: number;
  /** Wanted confidence, such as 0.99. */
  confidence: number;
}

export interface ShareAnswer {
  verdict: 'held' | 'violated' | 'undecided';
  /** Chance of so many or more held seeds if the true share were exactly the asked one. */
  atLeast: number;
  /** The same of so few or fewer. */
  atMost: number;
}

/**
 * Held: a true share below the asked one would give so many held seeds with a chance of 1 − confidence at most. Violated: a
 * share as asked would give so few only so rarely. Else the seeds are too few to tell.
 */
export function judgeShare({ runs, held, share, confidence }: ShareQuestion): ShareAnswer {
  assert(held >= 0 && held <= runs && share > 0 && share < 1, 'a share above 0 and below 1 of the seeds that were run');
  const { atLeast, atMost } = tails(runs, held, share);
  const level = 1 - confidence;
  const verdict = isWithin(atLeast, level) ? 'held' : isWithin(atMost, level) ? 'violated' : 'undecided';
  return { verdict, atLeast, atMost };
}

/** Decimal confidences leave a last bit of 1 − confidence; it must not decide. */
function isWithin(chance: number, level: number): boolean {
  return chance <= level * (1 + 1e-9);
}

/** The fewest seeds that can show the share, all of them held. */
export function fewestSeeds(share: number, confidence: number): number {
  assert(share > 0 && share < 1 && confidence > 0 && confidence < 1, 'shares between 0 and 1');
  let seeds = 0;
  for (let chance = 1; !isWithin(chance, 1 - confidence) && seeds < SEEDS_LOOKED_AT; seeds++) chance *= share;
  return Math.max(seeds, 1);
}

/** Both tails of the distribution, from weights relative to its highest: no power can underflow the sum. */
function tails(runs: number, held: number, share: number): { atLeast: number; atMost: number } {
  const odds = share / (1 - share);
  const mode = Math.min(runs, Math.floor((runs + 1) * share));
  const sums = { below: 0, at: 0, above: 0 };
  const add = (count: number, weight: number): void => {
    sums[count < held ? 'below' : count === held ? 'at' : 'above'] += weight;
  };
  let weight = 1;
  for (let count = mode; count <= runs; count++) {
    add(count, weight);
    weight *= ((runs - count) / (count + 1)) * odds;
  }
  weight = 1;
  for (let count = mode; count > 0; count--) {
    weight *= count / (runs - count + 1) / odds;
    add(count - 1, weight);
  }
  const whole = sums.below + sums.at + sums.above;
  return { atLeast: (sums.at + sums.above) / whole, atMost: (sums.below + sums.at) / whole };
}
