/** The page of a study: what it found for each cell, the axes as numbers where they are, and a command for each cell. */
import { VERSION } from '../../base/version.ts';
import type { Study } from '../../studies/sweep/study.ts';
import type { StudySummary } from '../../studies/sweep/summary.ts';
import { PAGE_FORMAT } from './page-data.ts';
import type { SweepPage } from './page-data.ts';

export interface SweepPageOptions {
  database: string;
  notModelled: string[];
  replay: string;
  /** By cell. */
  replays: string[];
  /** A value of an axis as a number of one unit; null where it is none. */
  numberOf(value: unknown): number | null;
}

export function sweepPage(study: Study, summary: StudySummary, options: SweepPageOptions): SweepPage {
  const { database, notModelled, replay, replays, numberOf } = options;
  return {
    format: PAGE_FORMAT,
    kind: 'sweep',
    version: VERSION,
    title: summary.name,
    database,
    summary,
    scales: scalesOf(study, summary, numberOf),
    replays,
    replay,
    notModelled,
  };
}

/** By factor, of each cell; a factor of which one value is no number has no scale. */
function scalesOf(
  study: Study,
  { factors }: StudySummary,
  numberOf: SweepPageOptions['numberOf'],
): (number[] | null)[] {
  const ofRepairs = factors.length - study.axes.length;
  return factors.map((_, factor) => {
    if (factor < ofRepairs) return null;
    const numbers = study.cells.map(({ values }) => numberOf(values[factor - ofRepairs]));
    return numbers.some((value) => value === null) ? null : numbers.map(Number);
  });
}
