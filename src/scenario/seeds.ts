/** Lists of seeds: `1..20`, one seed, or several. A seed is text, so `007` and `7` are two. */
import { unitProblem } from './units.ts';
import type { UnitProblem } from './units.ts';

export const SEEDS_EXPECTED = 'seeds such as 1..20, or a list such as [1, 7, storm]';
export const SEEDS_MAX = 10_000;

/** A range `first..last` of whole numbers, or one seed. */
export function parseSeeds(value: string | number): string[] | UnitProblem {
  const problem = (message: string): UnitProblem => unitProblem('S190', message, SEEDS_EXPECTED);
  const text = String(value).trim();
  if (text === '') return problem('no seed');
  const range = /^(\d{1,15})\s*\.\.\s*(\d{1,15})$/.exec(text);
  if (range === null) return text.includes('..') ? problem(`"${text}" is not a range of seeds`) : [text];
  const [first, last] = [Number(range[1]), Number(range[2])];
  if (last < first) return problem(`the range ${text} ends before it begins`);
  if (last - first >= SEEDS_MAX) return problem(`${text} are more than ${SEEDS_MAX} seeds`);
  return Array.from({ length: last - first + 1 }, (_, index) => String(first + index));
}
