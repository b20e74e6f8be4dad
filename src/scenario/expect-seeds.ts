/**
 * Over which seeds an expectation is judged, and the share of them that must hold. A share of all or of none is refused: the
 * first is what stands without it, the second always holds; seeds that could never show the share are warned of.
 */
import { fewestSeeds } from '../base/binomial.ts';
import type { Drafting } from './drafting.ts';
import type { Path } from './places.ts';
import type { PlanSeeds } from './plan.ts';
import type { ScenarioExpectation } from './schema/scenario.ts';

const CONFIDENCE = 0.95;

interface Input {
  expectation: ScenarioExpectation;
  path: Path;
}

/** Nothing where it names no seeds; null after a mistake. */
export function draftSeeds(drafting: Drafting, { expectation, path }: Input): { over?: PlanSeeds } | null {
  const { seeds, share, confidence } = expectation;
  const refuse = (key: string, message: string, expected: string): null => {
    drafting.list.add([...path, key], { code: 'S191', message, expected });
    return null;
  };
  if (share !== undefined && seeds === undefined)
    return refuse('share', 'a share of which seeds?', 'seeds: 1..100 beside it');
  if (confidence !== undefined && share === undefined)
    return refuse('confidence', 'a confidence in which share?', 'share: 95% beside it');
  if (seeds === undefined) return {};
  const twice = seeds.find((seed, index) => seeds.indexOf(seed) < index);
  if (twice !== undefined) return refuse('seeds', `the seed ${twice} stands twice`, 'each seed once');
  if (share === undefined) return { over: { seeds, share: null, confidence: null } };
  if (share === 0 || share === 1)
    return refuse(
      'share',
      share === 0 ? 'no seed has to hold' : 'all seeds must hold',
      'a share between 0 and 1, or none for all',
    );
  const wanted = confidence ?? CONFIDENCE;
  if (wanted < 0.5 || wanted === 1)
    return refuse('confidence', 'no number of seeds gives this confidence', 'at least 50% and below 100%');
  warnOfFew(drafting, { seeds: seeds.length, share, confidence: wanted }, [...path, 'seeds']);
  return { over: { seeds, share, confidence: wanted } };
}

function warnOfFew(
  { list }: Drafting,
  { seeds, share, confidence }: { seeds: number; share: number; confidence: number },
  path: Path,
): void {
  const fewest = fewestSeeds(share, confidence);
  if (seeds >= fewest) return;
  list.warn(path, {
    code: 'S192',
    message: `${seeds} seeds cannot show this share: even if all hold it stays undecided`,
    expected: `at least ${fewest} seeds`,
  });
}
