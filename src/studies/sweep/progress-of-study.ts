/**
 * How far a study is: which runs are to be done before the next look, whether a look says that it is enough, and what each
 * cell measures by now. A function of the manifest and of the runs that ended, so that a study that goes on, one in parts
 * and one in a stretch do the same runs.
 */
import { meanInterval } from '../statistics/mean-interval.ts';
import type { Study, StopRule } from './study.ts';

/** One run that ended: a line of the journal. */
export interface RunRecord {
  run_id: string;
  cell: number;
  seed: string;
  outcome: 'done' | 'failed';
  plan_hash: string;
  /** Empty where it failed. */
  fingerprint: string;
  /** In the order of the measures; null: no value. */
  values: (number | null)[];
  /** Why it failed, and how to run it again. */
  message?: string;
  replay?: string;
  /** Of a failed one: was it the input's fault? */
  is_mistake?: boolean;
}

/** Runs by cell and seed. */
export type Records = ReadonlyMap<string, RunRecord>;

export interface Address {
  cell: number;
  seed: string;
}

export function addressOf({ cell, seed }: Address): string {
  return `${cell} ${seed}`;
}

export interface Look {
  /** Seeds a cell. */
  seeds: number;
  /** Of the intervals that it judges: the study's, shared among its looks (Bonferroni). */
  confidence: number;
  /** Cells whose interval is too wide or has too few values. */
  wide: number;
  isEnough: boolean;
}

/** All looks that could be taken so far, and the seeds a cell that are to be done now; null: the study has ended. */
export function looksOf(study: Study, records: Records): { looks: Look[]; due: number | null } {
  const stages = study.stop?.looks ?? [study.seeds.length];
  const looks: Look[] = [];
  for (const seeds of stages) {
    if (!isComplete(study, seeds, records)) return { looks, due: seeds };
    if (study.stop === null) continue;
    const look = lookAfter(study, study.stop, { seeds, records });
    looks.push(look);
    if (look.isEnough) return { looks, due: null };
  }
  return { looks, due: null };
}

function isComplete({ cells, seeds }: Study, upTo: number, records: Records): boolean {
  return seeds.slice(0, upTo).every((seed) => cells.every(({ cell }) => records.has(addressOf({ cell, seed }))));
}

function lookAfter(
  study: Study,
  { measure, halfWidth, isShare, confidence, looks }: StopRule,
  { seeds, records }: { seeds: number; records: Records },
): Look {
  const shared = 1 - (1 - confidence) / looks.length;
  const wide = study.cells.filter(({ cell }) => {
    const values = valuesOfCell(study, { cell, measure, seeds }, records);
    const interval = values.length === 0 ? null : meanInterval(values, shared);
    if (interval === null || interval.halfWidth === null) return true;
    return interval.halfWidth > (isShare ? halfWidth * Math.abs(interval.mean) : halfWidth);
  }).length;
  return { seeds, confidence: shared, wide, isEnough: wide === 0 };
}

/** Of the first seeds. */
export function valuesOfCell(
  study: Study,
  { cell, measure, seeds }: { cell: number; measure: number; seeds: number },
  records: Records,
): number[] {
  return study.seeds.slice(0, seeds).flatMap((seed) => {
    const value = records.get(addressOf({ cell, seed }))?.values[measure] ?? null;
    return value === null ? [] : [value];
  });
}

/** Runs in the order in which they are done: all cells of a seed, then those of the next. */
export function runsUpTo({ cells, seeds }: Study, upTo: number): Address[] {
  return seeds.slice(0, upTo).flatMap((seed) => cells.map(({ cell }) => ({ cell, seed })));
}
