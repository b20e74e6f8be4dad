/**
 * Which partitions a run holds, as ordinals, without listing those of a base run: first and last, how many lie below an
 * ordinal, and the index samples that an SSTable keeps of them. Derived from immutable data only, so what is kept between
 * calls (by run, by layout and node) cannot make two runs of a simulation differ.
 */
import { normalizeIntervals, ordinalOfSlot, ordinalsInRange, rangesHeldBy } from '../data/build-layout.ts';
import type { OrdinalInterval } from '../data/build-layout.ts';
import type { TableLayout } from '../data/layout.ts';
import type { Run } from '../data/run.ts';

/** cassandra.a12: min_index_interval, at full sampling. */
export const INDEX_INTERVAL = 128;

interface HeldSegment extends OrdinalInterval {
  /** Partitions of the node below `from`. */
  readonly rank: number;
}

const segmentsOfNodes = new WeakMap<TableLayout, Map<number, readonly HeldSegment[]>>();
const samplesOfRuns = new WeakMap<Int32Array, Int32Array>();

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

/** Partitions of the interval of which the node holds a copy. */
export function countHeld(layout: TableLayout, node: number, interval: OrdinalInterval): number {
  const segments = heldSegments(layout, node);
  return rankOf(segments, interval.to) - rankOf(segments, interval.from);
}

/** Index samples of a run that lie in the interval: every 128th partition of the run has one, the first included. */
export function countSamples(layout: TableLayout, node: number, run: Run, interval: OrdinalInterval): number {
  if (run.base) {
    const segments = heldSegments(layout, node);
    return samplesBelow(rankOf(segments, interval.to)) - samplesBelow(rankOf(segments, interval.from));
  }
  const samples = samplesOf(layout, run);
  let count = 0;
  for (let index = 0; index < samples.length; index += 1) {
    if (samples[index] >= interval.from && samples[index] < interval.to) count += 1;
  }
  return count;
}

/** Samples among the first `rank` partitions. */
function samplesBelow(rank: number): number {
  return Math.ceil(rank / INDEX_INTERVAL);
}

function rankOf(segments: readonly HeldSegment[], ordinal: number): number {
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

function heldSegments(layout: TableLayout, node: number): readonly HeldSegment[] {
  let byNode = segmentsOfNodes.get(layout);
  if (byNode === undefined) segmentsOfNodes.set(layout, (byNode = new Map()));
  let segments = byNode.get(node);
  if (segments === undefined) byNode.set(node, (segments = findSegments(layout, node)));
  return segments;
}

function findSegments(layout: TableLayout, node: number): HeldSegment[] {
  const held = rangesHeldBy(layout, node);
  const intervals = layout.ranges.flatMap((range, index) => (held[index] === 1 ? ordinalsInRange(layout, range) : []));
  let rank = 0;
  return normalizeIntervals(intervals).map(({ from, to }) => {
    const segment = { from, to, rank };
    rank += to - from;
    return segment;
  });
}

function samplesOf(layout: TableLayout, run: Run): Int32Array {
  let samples = samplesOfRuns.get(run.slots);
  if (samples === undefined) samplesOfRuns.set(run.slots, (samples = findSamples(layout, run.slots)));
  return samples;
}

function findSamples(layout: TableLayout, slots: Int32Array): Int32Array {
  const samples: number[] = [];
  let last = -1;
  let partitions = 0;
  for (let index = 0; index < slots.length; index += 1) {
    const ordinal = ordinalOfSlot(layout, slots[index]);
    if (ordinal === last) continue;
    if (partitions % INDEX_INTERVAL === 0) samples.push(ordinal);
    partitions += 1;
    last = ordinal;
  }
  return Int32Array.from(samples);
}
