/**
 * TimeWindowCompactionStrategy (cassandra.g-twcs): a run belongs to the window of its newest timestamp. In the newest
 * window runs are merged by size; of an older one all that is in it becomes one run. What has expired as a whole is dropped
 * without being read (cassandra.h2). Windows count from the start of the run, not from midnight.
 */
import type { Run } from '../../data/run.ts';
import { bySize, smallestBucket } from './buckets.ts';
import { inGroupsOf, ONE_RUN, WITHOUT_LEVELS, type CompactionSettings, type CompactionStrategy } from './strategy.ts';

export function timeWindow(settings: CompactionSettings): CompactionStrategy {
  return {
    name: 'TimeWindowCompactionStrategy',
    description: 'Merges runs of one window of time, and drops those that have expired whole.',
    isTimed: true,
    ...WITHOUT_LEVELS,
    next: (silo) => {
      const expired = silo.expired();
      const chosen = expired.length > 0 ? expired : newestWindow(silo.runs, settings);
      return chosen.length === 0 ? null : { runs: chosen, level: 0, cut: ONE_RUN };
    },
    major: ({ runs }) => (runs.length === 0 ? [] : [{ runs, level: 0, cut: ONE_RUN }]),
    groups: (runs) => inGroupsOf(1, runs),
  };
}

function newestWindow(runs: readonly Run[], settings: CompactionSettings): Run[] {
  const windows = new Map<number, Run[]>();
  for (const run of runs) {
    const window = Math.floor(run.maxTimestamp / settings.windowMicros);
    windows.set(window, [...(windows.get(window) ?? []), run]);
  }
  const newestFirst = [...windows.keys()].sort((left, right) => right - left);
  for (const window of newestFirst) {
    const inside = windows.get(window) ?? [];
    const isNewest = window === newestFirst[0];
    if (isNewest) {
      const chosen = smallestBucket(inside, settings);
      if (chosen.length > 0) return chosen;
    } else if (inside.length >= 2) return bySize(inside).slice(0, settings.maxThreshold);
  }
  return [];
}
