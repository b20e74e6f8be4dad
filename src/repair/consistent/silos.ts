/**
 * What a participant sets apart for an incremental repair (cassandra.c5-c7): which runs are candidates, whether another
 * session has them, which need only a mark because they lie in one range as a whole, and which are rewritten together.
 * Pure functions; the waiting and the state are in `local-sessions.ts`, the work is the host's.
 */
import { ordinalsInRange, normalizeIntervals, tokenOfOrdinal } from '../../data/build-layout.ts';
import type { OrdinalInterval } from '../../data/build-layout.ts';
import type { TableLayout } from '../../data/layout.ts';
import type { Run } from '../../data/run.ts';
import { isFullRing, isWrapAround } from '../../data/tokens.ts';
import type { TokenRange } from '../../data/tokens.ts';
import { boundsOfRun } from '../held-partitions.ts';
import { runsInRanges } from '../run-choice.ts';

/** cassandra.c7: two sstables a group for size-tiered compaction. */
const GROUP_SIZE = 2;

/** Unrepaired live runs that meet the ranges, those of other sessions included. */
export function unrepairedInRanges(
  layout: TableLayout,
  node: number,
  options: { runs: readonly Run[]; ranges: readonly TokenRange[] },
): Run[] {
  return runsInRanges(layout, node, options).filter((run) => run.repairedAt === 0);
}

export function intervalsOf(layout: TableLayout, ranges: readonly TokenRange[]): OrdinalInterval[] {
  return normalizeIntervals(ranges.flatMap((range) => ordinalsInRange(layout, range)));
}

/** Splits runs into those that lie in one (normalized) range and the rest, in groups by their first token. */
export function planSilo(
  layout: TableLayout,
  node: number,
  { runs, ranges, groupSize = GROUP_SIZE }: { runs: readonly Run[]; ranges: readonly TokenRange[]; groupSize?: number },
): { whole: Run[]; groups: Run[][] } {
  const normalized = normalizeRanges(ranges);
  const whole: Run[] = [];
  const partial: { run: Run; first: number }[] = [];
  for (const run of runs) {
    const bounds = boundsOfRun(layout, node, run);
    if (bounds === null) continue;
    const first = tokenOfOrdinal(layout, bounds.first);
    const last = tokenOfOrdinal(layout, bounds.last);
    if (normalized.some(({ left, right }) => left < first && last <= right)) whole.push(run);
    else partial.push({ run, first: bounds.first });
  }
  partial.sort((one, other) => one.first - other.first || one.run.id - other.run.id);
  const groups: Run[][] = [];
  for (let at = 0; at < partial.length; at += groupSize)
    groups.push(partial.slice(at, at + groupSize).map(({ run }) => run));
  return { whole, groups };
}

interface Span {
  left: bigint;
  right: bigint;
}

/** Beyond all tokens. */
const BELOW_ALL = -(1n << 64n);
const ABOVE_ALL = 1n << 64n;

/** Ranges that do not wrap around, ascending, those that touch as one. */
function normalizeRanges(ranges: readonly TokenRange[]): Span[] {
  const spans = ranges.flatMap((range): Span[] => {
    if (isFullRing(range)) return [{ left: BELOW_ALL, right: ABOVE_ALL }];
    if (!isWrapAround(range)) return [{ left: range.left, right: range.right }];
    return [
      { left: BELOW_ALL, right: range.right },
      { left: range.left, right: ABOVE_ALL },
    ];
  });
  spans.sort((one, other) => (one.left < other.left ? -1 : one.left > other.left ? 1 : 0));
  const merged: Span[] = [];
  for (const span of spans) {
    const last = merged.at(-1);
    if (last === undefined || span.left > last.right) merged.push({ ...span });
    else if (span.right > last.right) last.right = span.right;
  }
  return merged;
}
