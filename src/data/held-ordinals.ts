/**
 * Which partitions a node holds, and a run of it, as ordinals: segments, first and last, how many lie in an interval.
 * Derived from immutable data only, so what is kept between calls (by layout and node) cannot make two runs of a
 * simulation differ.
 */
import { normalizeIntervals, ordinalOfSlot, ordinalsInRange, rangesHeldBy } from './build-layout.ts';
import type { OrdinalInterval } from './build-layout.ts';
import type { TableLayout } from './layout.ts';
import type { Run } from './run.ts';

export interface HeldSegment extends OrdinalInterval {
  /** Partitions of the node below `from`. */
  readonly rank: number;
}

type Segments = WeakMap<TableLayout, Map<number, readonly HeldSegment[]>>;

const segmentsOfNodes: Segments = new WeakMap();
const segmentsOfMembers: Segments = new WeakMap();

/** First and last partition of a run on a node; null for an empty run. */
export function boundsOfRun(layout: TableLayout, node: number, run: Run): { first: number; last: number } | null {
  if (run.base) {
    const segments = heldSegments(layout, node);
    return segments.length === 0 ? null : { first: segments[0].from, last: segments[segments.length - 1].to - 1 };
  }
  const { slots } = run;
  if (slots.length === 0) return null;
  return { first: ordinalOfSlot(layout, slots[0]), last: ordinalOfSlot(layout, slots[slots.length - 1]) };
}

/** What the node holds when the run begins or comes to hold by changes of placement; ascending, without overlap. */
export function segmentsEverHeld(layout: TableLayout, node: number): readonly HeldSegment[] {
  if (layout.epochs === undefined) return heldSegments(layout, node);
  const { copies, replicas } = layout;
  const isMember = (index: number): boolean => replicas.subarray(index * copies, (index + 1) * copies).includes(node);
  return kept(segmentsOfMembers, layout, node, () => ranked(layout, isMember));
}

/** Partitions of the interval of which the node holds a copy. */
export function countHeld(layout: TableLayout, node: number, interval: OrdinalInterval): number {
  const segments = heldSegments(layout, node);
  return rankOf(segments, interval.to) - rankOf(segments, interval.from);
}

/** Partitions of the node below the ordinal. */
export function rankOf(segments: readonly HeldSegment[], ordinal: number): number {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (segments[middle].from <= ordinal) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return 0;
  const { from, to, rank } = segments[low - 1];
  return rank + Math.min(ordinal, to) - from;
}

/** What the node holds when the run begins; ascending, without overlap. */
export function heldSegments(layout: TableLayout, node: number): readonly HeldSegment[] {
  return kept(segmentsOfNodes, layout, node, () => {
    const held = rangesHeldBy(layout, node);
    return ranked(layout, (index) => held[index] === 1);
  });
}

function kept(
  cache: Segments,
  layout: TableLayout,
  node: number,
  find: () => readonly HeldSegment[],
): readonly HeldSegment[] {
  let byNode = cache.get(layout);
  if (byNode === undefined) cache.set(layout, (byNode = new Map()));
  let segments = byNode.get(node);
  if (segments === undefined) byNode.set(node, (segments = find()));
  return segments;
}

function ranked(layout: TableLayout, isHeld: (range: number) => boolean): HeldSegment[] {
  const intervals = layout.ranges.flatMap((range, index) => (isHeld(index) ? ordinalsInRange(layout, range) : []));
  let rank = 0;
  return normalizeIntervals(intervals).map(({ from, to }) => {
    const segment = { from, to, rank };
    rank += to - from;
    return segment;
  });
}
