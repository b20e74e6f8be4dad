/**
 * SizeTieredCompactionStrategy: runs of similar size are merged when there are enough (cassandra.g-compaction). A major
 * compaction makes one run of each silo, or with -s runs of a half, a quarter, an eighth of it.
 */
import { smallestBucket } from './buckets.ts';
import { inGroupsOf, ONE_RUN, WITHOUT_LEVELS, type CompactionSettings, type CompactionStrategy } from './strategy.ts';

export function sizeTiered(settings: CompactionSettings): CompactionStrategy {
  return {
    name: 'SizeTieredCompactionStrategy',
    description: 'Merges runs of similar size.',
    isTimed: false,
    ...WITHOUT_LEVELS,
    next: ({ runs }) => {
      const chosen = smallestBucket(runs, settings);
      return chosen.length === 0 ? null : { runs: chosen, level: 0, cut: ONE_RUN };
    },
    major: ({ runs }, halves) => (runs.length === 0 ? [] : [{ runs, level: 0, cut: { ...ONE_RUN, halves } }]),
    groups: (runs) => inGroupsOf(2, runs),
  };
}
