/** Compaction strategies other than by size, major compaction, and what a table's options change (sections c, g, h). */
import type { LedgerRule } from './rule.ts';

export const COMPACTION_RULES: readonly LedgerRule[] = [
  {
    id: 'cassandra.g-lcs',
    revision: 1,
    title: 'Leveled compaction',
    fact: 'SSTables of 160 MiB; level n holds ten to the n of them and none overlap; a level that is too full gives one to the next, merged with what it overlaps there. Level 0 takes flushes and streams: its oldest, up to 32, are merged into level 1 once they are more than one SSTable; with more than 32 it falls back to buckets by size. A run that comes into a silo where it overlaps its level begins in level 0.',
    source:
      'db/compaction/LeveledManifest; db/compaction/LeveledGenerations; conf defaults of LeveledCompactionStrategy; CASSANDRA-8004',
    simplified:
      'The SSTable of a level that goes up next is the oldest, not the next by key; starved levels and droppable tombstones start nothing. Initial content is one SSTable in the level that can hold it.',
    off: 'unrepaired SSTables are compacted by size and only repaired ones in levels, as in 2.1.0 and 2.1.1',
  },
  {
    id: 'cassandra.g-twcs',
    revision: 1,
    title: 'Compaction by time window',
    fact: 'An SSTable belongs to the window (one day) of its newest timestamp. The newest window is compacted by size; all of an older one becomes one SSTable; what has expired whole is dropped.',
    source: 'db/compaction/TimeWindowCompactionStrategy',
    simplified: 'Windows count from the start of the run. Expired SSTables are looked for every minute.',
  },
  {
    id: 'cassandra.g-dtcs',
    revision: 1,
    title: 'Date-tiered compaction',
    fact: 'To 4.1. An SSTable belongs to the window of its oldest timestamp; the newest window is 60 s long, four of one size make one of the next, up to a day. Two of similar size in a window are merged, four in the newest.',
    source: 'db/compaction/DateTieredCompactionStrategy (4.1)',
  },
  {
    id: 'cassandra.g-ucs',
    revision: 1,
    title: 'Unified compaction',
    fact: '5.0. Levels by density (bytes over the share of the token space), a factor of the fan-out apart; T4: fan-out and threshold 4. As many overlapping SSTables of a level as the threshold are merged; outputs are cut at shard borders: 4 shards, fewer below 100 MiB each, more as density grows beyond 1 GiB (growth 0.333).',
    source:
      'db/compaction/UnifiedCompactionStrategy; db/compaction/unified/Controller#getNumShards; doc, "Unified Compaction Strategy"',
    simplified:
      'Shards have equal numbers of partitions instead of equal parts of the token space; among equal choices the lowest level goes first instead of a random one.',
  },
  {
    id: 'cassandra.g-major',
    revision: 1,
    title: 'Major compaction',
    fact: 'nodetool compact ends the compactions of the table and merges all of its SSTables, each silo for itself: into one by size, by date and by window; with -s into a half, a quarter, an eighth, down to 50 MB; leveled into levels filled from level 1 on; unified into shards. What is in memory is not flushed before.',
    source:
      'db/compaction/CompactionManager#submitMaximal; AbstractCompactionStrategy#getMaximalTask and overrides; writers/SplittingSizeTieredCompactionWriter, MajorLeveledCompactionWriter',
  },
  {
    id: 'cassandra.h8',
    revision: 1,
    title: 'only_purge_repaired_tombstones',
    fact: 'With this option of a table a compaction drops a tombstone only if all SSTables that it merges are repaired.',
    source: 'db/compaction/CompactionController#getPurgeEvaluator',
  },
];
