/**
 * Two strategies on the same histories, seed by seed: what is the difference, how sure is it, and which of several
 * differences can be told from none. Paired, because the histories differ far more than the strategies do. Says nothing
 * below five seeds: an interval over fewer is no evidence.
 */
import { draw32, streamKey } from '../../kernel/random.ts';
import { criticalT, twoSidedP } from './student.ts';

/** Fewer pairs get no interval. */
export const PAIRS_MIN = 5;
/** Resamples of a bootstrap: the ends of a 95 % interval then lie within about 0.2 % of probability. */
const RESAMPLES = 10_000;
const TO_UNIT = 1 / 4_294_967_296;

export interface Interval {
  low: number;
  high: number;
}

export interface PairedDifference {
  pairs: number;
  /** Of treatment - base. */
  mean: number;
  /** Standard deviation of the differences (n - 1); NaN for one pair. */
  deviation: number;
  /** Of the mean, by Student's t; null below PAIRS_MIN pairs. */
  t: Interval | null;
  /** Of the mean, percentiles of resampled means; null below PAIRS_MIN pairs. */
  bootstrap: Interval | null;
  /** Two-sided, that the mean is zero; null below PAIRS_MIN pairs, and where nothing varies. */
  p: number | null;
  /** Is the difference the same in all pairs, but for rounding, or do the seeds hardly vary either side? Then nothing that
   * matters was drawn: they are one observation, however many they are, and have neither interval nor p. */
  isSame: boolean;
}

export interface PairedOptions {
  /** Such as 0.95. */
  confidence: number;
  /** Seed of the resampling: the same figures at every repetition. */
  seed: string;
}

/** `base[i]` and `treatment[i]` come from the same history. */
export function pairedDifference(
  base: readonly number[],
  treatment: readonly number[],
  { confidence, seed }: PairedOptions,
): PairedDifference {
  const differences = treatment.map((value, pair) => value - base[pair]);
  const pairs = differences.length;
  const mean = meanOf(differences);
  const deviation = deviationOf(differences, mean);
  const scale = Math.max(...base.map(Math.abs), ...treatment.map(Math.abs));
  const areAlike = Math.max(spreadOf(base), spreadOf(treatment)) <= ALIKE_SHARE * scale;
  const isSame = pairs > 1 && (areAlike || spreadOf(differences) <= ROUNDING_SHARE * scale);
  if (pairs < PAIRS_MIN || isSame) return { pairs, mean, deviation, t: null, bootstrap: null, p: null, isSame };
  const error = deviation / Math.sqrt(pairs);
  const half = criticalT(confidence, pairs - 1) * error;
  return {
    pairs,
    mean,
    deviation,
    t: { low: mean - half, high: mean + half },
    bootstrap: bootstrapMean(differences, { confidence, seed }),
    p: twoSidedP(mean / error, pairs - 1),
    isSame,
  };
}

/** Sums of many products of times agree to about this share of what they are the difference of. */
const ROUNDING_SHARE = 1e-9;

/**
 * Runs whose seeds move both sides by less than this share of the larger are alike to every digit that is shown: what varies
 * are delays of messages. Differences of sides that do vary are no matter of it, however small they are.
 */
const ALIKE_SHARE = 1e-4;

function spreadOf(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values);
}

/**
 * Holm's step-down: which of a family of hypotheses are refuted so that the chance of any false refutation stays below
 * `alpha`. Answers the adjusted p of each, in the order given; refuted where it is at most alpha.
 */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, index) => index).sort((left, right) => ps[left] - ps[right] || left - right);
  const adjusted = new Array<number>(ps.length);
  let least = 0;
  order.forEach((index, rank) => {
    least = Math.max(least, Math.min(1, ps[index] * (ps.length - rank)));
    adjusted[index] = least;
  });
  return adjusted;
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Standard deviation (n - 1). */
export function deviationOf(values: readonly number[], mean: number): number {
  const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  return Math.sqrt(squares / (values.length - 1));
}

function bootstrapMean(values: readonly number[], { confidence, seed }: PairedOptions): Interval {
  const { k0, k1 } = streamKey(seed, 'bootstrap');
  const count = values.length;
  const means = new Float64Array(RESAMPLES);
  for (let resample = 0; resample < RESAMPLES; resample += 1) {
    let sum = 0;
    for (let pick = 0; pick < count; pick += 1) {
      sum += values[Math.floor(draw32(k0, k1, resample * count + pick) * TO_UNIT * count)];
    }
    means[resample] = sum / count;
  }
  means.sort();
  const tail = Math.round(((1 - confidence) / 2) * RESAMPLES);
  return { low: means[tail], high: means[RESAMPLES - 1 - tail] };
}
