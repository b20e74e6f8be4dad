/**
 * Schema of a table's `compaction:`: the database's own option names. Which class reads which options is checked where the
 * plan is drawn (../draft-compaction.ts).
 */
import { z } from 'zod';
import { count, size, text } from './leaves.ts';

export const COMPACTION_CLASSES = [
  'SizeTieredCompactionStrategy',
  'LeveledCompactionStrategy',
  'TimeWindowCompactionStrategy',
  'DateTieredCompactionStrategy',
  'UnifiedCompactionStrategy',
] as const;

const positive = z.number().positive();

export const compaction = z.strictObject({
  class: z.enum(COMPACTION_CLASSES).optional(),
  enabled: z.boolean().optional(),
  only_purge_repaired_tombstones: z.boolean().optional(),
  min_threshold: count.optional(),
  max_threshold: count.optional(),
  min_sstable_size: size.optional(),
  bucket_low: positive.optional(),
  bucket_high: positive.optional(),
  sstable_size_in_mb: count.optional(),
  fanout_size: count.optional(),
  compaction_window_unit: z.enum(['MINUTES', 'HOURS', 'DAYS']).optional(),
  compaction_window_size: count.optional(),
  unsafe_aggressive_sstable_expiration: z.boolean().optional(),
  base_time_seconds: count.optional(),
  max_window_size_seconds: count.optional(),
  max_sstable_age_days: positive.optional(),
  scaling_parameters: text.describe('of each level, such as "T4", "L10" or "T8, T4, N"').optional(),
  base_shard_count: count.optional(),
  target_sstable_size: size.optional(),
  sstable_growth: z.number().min(0).max(1).optional(),
  flush_size_override: size.optional(),
});
