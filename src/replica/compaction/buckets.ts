/**
 * Buckets of runs of similar size, as size-tiered compaction makes them (cassandra.g-compaction): the others use them for
 * a level, a window or a tier. Pure functions over runs of one silo.
 */
import type { Run } from '../../data/run.ts';
import type { CompactionSettings } from './strategy.ts';

export type BucketSettings = Pick<
  CompactionSettings,
  'minThreshold' | 'maxThreshold' | 'minSstableBytes' | 'bucketLow' | 'bucketHigh'
>;

/** The bucket to compact: at least the minimum, the one of the smallest runs first, its smallest up to the maximum; empty
 * where there is none. */
export function smallestBucket(runs: readonly Run[], settings: BucketSettings): Run[] {
  let best: Run[] = [];
  for (const bucket of bucketsOf(runs, settings)) {
    if (bucket.length < settings.minThreshold) continue;
    if (best.length === 0 || averageBytes(bucket) < averageBytes(best)) best = bucket;
  }
  return best.slice(0, settings.maxThreshold);
}

export function bucketsOf(runs: readonly Run[], settings: BucketSettings): Run[][] {
  const buckets: Run[][] = [];
  for (const run of bySize(runs)) {
    const home = buckets.find((bucket) => belongs(run.bytes, averageBytes(bucket), settings));
    if (home === undefined) buckets.push([run]);
    else home.push(run);
  }
  return buckets;
}

export function bySize(runs: readonly Run[]): Run[] {
  return [...runs].sort((left, right) => left.bytes - right.bytes || left.id - right.id);
}

export function bytesOfRuns(runs: readonly Run[]): number {
  let bytes = 0;
  for (const run of runs) bytes += run.bytes;
  return bytes;
}

export function averageBytes(runs: readonly Run[]): number {
  return bytesOfRuns(runs) / runs.length;
}

function belongs(bytes: number, average: number, settings: BucketSettings): boolean {
  const { minSstableBytes, bucketLow, bucketHigh } = settings;
  return (
    (bytes > average * bucketLow && bytes < average * bucketHigh) ||
    (bytes < minSstableBytes && average < minSstableBytes)
  );
}
