/**
 * The verdict of one expectation over the runs of its seeds. Without a share each seed must hold; with one an exact binomial
 * test of the declared number of seeds decides, and says what it counted. Seeds without a verdict may have been either.
 */
import { formatShare } from '../../base/human.ts';
import { judgeShare } from '../../base/binomial.ts';
import type { ExpectationVerdict } from '../../observe/result.ts';
import type { PlanSeeds } from '../../scenario/plan.ts';

export interface SeedVerdict {
  seed: string;
  verdict: ExpectationVerdict;
}

export interface VerdictOverSeeds {
  verdict: ExpectationVerdict['verdict'];
  /** The run that shows it: the first that broke, else the first that did not hold, else the first. */
  shown: SeedVerdict;
  /** `19 of 20 seeds broke it`; empty where one seed was asked and no share. */
  said: string;
}

export function verdictOverSeeds(verdicts: readonly SeedVerdict[], over: PlanSeeds | undefined): VerdictOverSeeds {
  const of = (wanted: string): SeedVerdict[] => verdicts.filter(({ verdict }) => verdict.verdict === wanted);
  const [held, violated, undecided] = [of('held').length, of('violated'), of('undecided')];
  const shown = violated[0] ?? undecided[0] ?? verdicts[0];
  if (typeof over?.share === 'number' && over.confidence !== null)
    return {
      shown,
      ...shareOver(over.share, over.confidence, { runs: verdicts.length, held, open: undecided.length }),
    };
  const verdict = violated.length > 0 ? 'violated' : undecided.length > 0 ? 'undecided' : 'held';
  const count = verdict === 'violated' ? violated.length : undecided.length;
  const words = verdict === 'violated' ? 'seeds broke it' : 'seeds left it undecided';
  const said = verdicts.length < 2 || verdict === 'held' ? '' : `${count} of ${verdicts.length} ${words}`;
  return { verdict, shown, said };
}

interface Counts {
  runs: number;
  held: number;
  /** Runs without a verdict. */
  open: number;
}

function shareOver(
  share: number,
  confidence: number,
  { runs, held, open }: Counts,
): Pick<VerdictOverSeeds, 'verdict' | 'said'> {
  const worst = judgeShare({ runs, held, share, confidence });
  const best = judgeShare({ runs, held: held + open, share, confidence });
  const verdict = worst.verdict === 'held' ? 'held' : best.verdict === 'violated' ? 'violated' : 'undecided';
  const counted = `held in ${held} of ${runs} seeds${open === 0 ? '' : `, undecided in ${open}`}`;
  const asked = `asked ${formatShare(share)} at ${formatShare(confidence)} confidence`;
  const test =
    verdict === 'violated'
      ? `so few by chance ${formatShare(best.atMost)}`
      : `so many by chance ${formatShare(worst.atLeast)}`;
  const level = `exact binomial test: ${test}, ${verdict === 'undecided' ? 'more' : 'not more'} than ${formatShare(1 - confidence)}`;
  return { verdict, said: `${counted}; ${asked}; ${level}` };
}
