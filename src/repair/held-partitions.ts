/**
 * The index samples that an SSTable keeps of its partitions, without listing those of a base run. Derived from immutable data only, so what is kept between
 * calls (by run, by layout and node) cannot make two runs of a simulation differ.
 */
import { ordinalOfSlot } from '../data/build-layout.ts';
import type { OrdinalInterval } from '../data/build-layout.ts';
import { heldSegments, rankOf } from '../data/held-ordinals.ts';
import type { TableLayout } from '../data/layout.ts';
import type { Run } from '../data/run.ts';

export { boundsOfRun, countHeld } from '../data/held-ordinals.ts';

/** cassandra.a12: min_index_interval, at full sampling. */
export const INDEX_INTERVAL = 128;

const samplesOfRuns = new WeakMap<Int32Array, Int32Array>();

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
