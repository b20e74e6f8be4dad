/**
 * Schema of a table's `compaction:`: the database's own option names. Which class reads which options is checked where the
 * plan is drawn (../draft-compaction.ts).
 */
import { z } from 'zod';
import { count, seedText, size } from './leaves.ts';

export const COMPACTION_CLASSES = [
  'SizeTieredCompactionStrategy',
  'LeveledCompactionStrategy',
  'TimeWindowCompactionStrategy',
  'DateTieredCompactionStrategy',
  'UnifiedCompactionStrategy',
] as const;

/** DESCRIBE of before 4.0 writes a class with its package. */
export const CLASS_PACKAGE = 'org.apache.cassandra.db.compaction.';

const packaged = COMPACTION_CLASSES.map((name) => `${CLASS_PACKAGE}${name}` as const);
const className = z
  .enum([...COMPACTION_CLASSES, ...packaged])
  .transform((name) => COMPACTION_CLASSES.find((short) => name.endsWith(short)) ?? COMPACTION_CLASSES[0]);

/** CQL quotes its values, also these. */
const flag = z
  .union([z.boolean(), z.enum(['true', 'false'])])
  .transform((value) => value === true || value === 'true')
  .describe('true or false');

/** Options of CQL that are not modelled: refused as that, not as unknown. */
export const LATER_OPTIONS: readonly string[] = [
  'tombstone_threshold',
  'tombstone_compaction_interval',
  'unchecked_tombstone_compaction',
  'log_all',
  'single_sstable_uplevel',
  'timestamp_resolution',
  'expired_sstable_check_frequency_seconds',
  'overlap_inclusion_method',
  'parallelize_output_shards',
];

const positive = z.number().positive();

export const compaction = z.strictObject({
  class: className.optional(),
  enabled: flag.optional(),
  only_purge_repaired_tombstones: flag.optional(),
  min_threshold: count.optional(),
  max_threshold: count.optional(),
  min_sstable_size: size.optional(),
  bucket_low: positive.optional(),
  bucket_high: positive.optional(),
  sstable_size_in_mb: count.optional(),
  fanout_size: count.optional(),
  compaction_window_unit: z.enum(['MINUTES', 'HOURS', 'DAYS']).optional(),
  compaction_window_size: count.optional(),
  unsafe_aggressive_sstable_expiration: flag.optional(),
  base_time_seconds: count.optional(),
  max_window_size_seconds: count.optional(),
  max_sstable_age_days: positive.optional(),
  scaling_parameters: seedText.describe('of each level, such as "T4", "L10" or "T8, T4, N"').optional(),
  base_shard_count: count.optional(),
  target_sstable_size: size.optional(),
  sstable_growth: z.number().min(0).max(1).optional(),
  flush_size_override: size.optional(),
});
