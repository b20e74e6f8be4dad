/** The mean of independent runs and how sure it is: Student's t. Says nothing below five runs, as paired.ts. */
import { deviationOf, meanOf, PAIRS_MIN } from './paired.ts';
import { criticalT } from './student.ts';

export interface MeanInterval {
  runs: number;
  mean: number;
  /** Standard deviation (n - 1); NaN for one run. */
  deviation: number;
  /** The interval is mean ± this; null below five runs. */
  halfWidth: number | null;
}

/** At least one value. */
export function meanInterval(values: readonly number[], confidence: number): MeanInterval {
  const runs = values.length;
  const mean = meanOf(values);
  const deviation = deviationOf(values, mean);
  const halfWidth = runs < PAIRS_MIN ? null : (criticalT(confidence, runs - 1) * deviation) / Math.sqrt(runs);
  return { runs, mean, deviation, halfWidth };
}
