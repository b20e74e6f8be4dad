/**
 * Which runs of a replica a validation or snapshot uses, and how much of them it reads: runs whose [first, last] token
 * bounds meet the ranges (cassandra.a21), and of those the part that lies in the ranges.
 */
import { ordinalsInRange, tokenOfOrdinal } from '../data/build-layout.ts';
import type { OrdinalInterval } from '../data/build-layout.ts';
import type { TableLayout } from '../data/layout.ts';
import type { Run } from '../data/run.ts';
import { lowerBound } from '../data/runs.ts';
import type { TokenRange } from '../data/tokens.ts';
import { boundsOfRun, countHeld } from './held-partitions.ts';
import type { RepairHost } from './host.ts';

export interface RunsAndRanges {
  readonly runs: readonly Run[];
  readonly ranges: readonly TokenRange[];
}

/** The runs that may hold something of the ranges, in their order. */
export function runsInRanges(layout: TableLayout, node: number, { runs, ranges }: RunsAndRanges): Run[] {
  return runs.filter((run) => {
    const bounds = boundsOfRun(layout, node, run);
    if (bounds === null) return false;
    const first = tokenOfOrdinal(layout, bounds.first);
    const last = tokenOfOrdinal(layout, bounds.last);
    return ranges.some((range) => boundsMeetRange(first, last, range));
  });
}

/** Bytes of the sections of the runs that lie in the ranges, in proportion to what a run holds there; whole bytes. */
export function bytesInRanges(host: RepairHost, node: number, options: RunsAndRanges & { table: number }): number {
  const layout = host.tables[options.table];
  const intervals = options.ranges.flatMap((range) => ordinalsInRange(layout, range));
  return options.runs.reduce((bytes, run) => bytes + bytesInside(layout, node, run, intervals), 0);
}

function bytesInside(layout: TableLayout, node: number, run: Run, intervals: readonly OrdinalInterval[]): number {
  let inside = 0;
  for (const interval of intervals)
    inside += run.base ? countHeld(layout, node, interval) : entriesIn(layout, run, interval);
  const all = run.base ? run.partitions : run.slots.length;
  // The product of two counts below 2^31 may leave the exact integers; the quotient is at most 1, so this one does not.
  return all === 0 ? 0 : Math.floor(run.bytes * (inside / all));
}

function entriesIn(layout: TableLayout, { slots }: Run, { from, to }: OrdinalInterval): number {
  const start = lowerBound(slots, layout.slotBase + from * layout.slotsPerPartition);
  return lowerBound(slots, layout.slotBase + to * layout.slotsPerPartition, start) - start;
}

/** Does [first, last] share a token with (left, right]? */
function boundsMeetRange(first: bigint, last: bigint, { left, right }: TokenRange): boolean {
  if (left < right) return first <= right && last > left;
  return left === right || last > left || first <= right;
}
