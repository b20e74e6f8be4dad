/**
 * DateTieredCompactionStrategy, to 4.1 (cassandra.g-dtcs): windows that grow with age, counted back from the newest write.
 * The newest is `base_time` long; as many windows as `min_threshold` make one of the next size, up to the maximum. A run
 * belongs to the window of its oldest timestamp. Within a window runs are merged by size, two being enough in all but the
 * newest.
 */
import type { Run } from '../../data/run.ts';
import { smallestBucket } from './buckets.ts';
import { inGroupsOf, ONE_RUN, WITHOUT_LEVELS, type CompactionSettings, type CompactionStrategy } from './strategy.ts';

export function dateTiered(settings: CompactionSettings): CompactionStrategy {
  return {
    name: 'DateTieredCompactionStrategy',
    description: 'Merges runs of windows of time that grow with age.',
    isTimed: true,
    ...WITHOUT_LEVELS,
    next: (silo) => {
      const expired = silo.expired();
      const chosen = expired.length > 0 ? expired : newestTier(silo.runs, settings);
      return chosen.length === 0 ? null : { runs: chosen, level: 0, cut: ONE_RUN };
    },
    major: ({ runs }) => (runs.length === 0 ? [] : [{ runs, level: 0, cut: ONE_RUN }]),
    groups: (runs) => inGroupsOf(1, runs),
  };
}

/** Times in [position × size, (position + 1) × size). */
interface Window {
  readonly size: number;
  readonly position: number;
}

function newestTier(runs: readonly Run[], settings: CompactionSettings): Run[] {
  const now = runs.reduce((newest, { maxTimestamp }) => Math.max(newest, maxTimestamp), 0);
  const young = runs.filter(({ maxTimestamp }) => maxTimestamp >= now - settings.maxAgeMicros);
  const first: Window = {
    size: settings.baseTimeMicros,
    position: Math.floor(now / settings.baseTimeMicros),
  };
  for (const bucket of tiersOf(young, first, settings)) {
    const isNewest = positionIn(first, bucket[0]) === 0;
    const minThreshold = isNewest ? settings.minThreshold : 2;
    if (bucket.length < minThreshold) continue;
    const chosen = smallestBucket(bucket, { ...settings, minThreshold });
    if (chosen.length > 0) return chosen;
  }
  return [];
}

/** Runs by window, newest first; those newer than the window are in none. */
function tiersOf(runs: readonly Run[], first: Window, settings: CompactionSettings): Run[][] {
  const newestFirst = [...runs].sort((left, right) => right.minTimestamp - left.minTimestamp || left.id - right.id);
  const tiers: Run[][] = [];
  let window = first;
  let tier: Run[] = [];
  for (const run of newestFirst) {
    if (positionIn(window, run) > 0) continue;
    if (positionIn(window, run) < 0 && tier.length > 0) {
      tiers.push(tier);
      tier = [];
    }
    while (positionIn(window, run) < 0) window = before(window, settings);
    tier.push(run);
  }
  if (tier.length > 0) tiers.push(tier);
  return tiers;
}

/** 0 in the window, below 0 before it, above 0 after it. */
function positionIn({ size, position }: Window, { minTimestamp }: Run): number {
  return Math.floor(minTimestamp / size) - position;
}

/** The window before: of the next size where one begins there. */
function before({ size, position }: Window, { minThreshold, maxWindowMicros }: CompactionSettings): Window {
  if (position % minThreshold !== 0 || size * minThreshold > maxWindowMicros) return { size, position: position - 1 };
  return { size: size * minThreshold, position: position / minThreshold - 1 };
}
