/**
 * The compaction options of a table as strategies want them. A plan names those of its class; the others, which no strategy
 * of that class reads, and those of plans made before there was a choice have the defaults of cassandra.g.
 */
import type { Rules } from '../base/rules.ts';
import { parseInstant } from '../base/virtual-clock.ts';
import type { CompactionSettings } from '../replica/compaction/strategy.ts';
import type { PlanTable } from '../scenario/plan.ts';

const MIB = 1024 * 1024;
const SECOND = 1_000_000;
const DAY = 86_400 * SECOND;

export function compactionSettings(
  { compaction }: PlanTable,
  { rules, flushBytes, start }: { rules: Rules; flushBytes: number; start: string | null },
): CompactionSettings {
  return {
    className: compaction.class,
    enabled: compaction.enabled,
    onlyPurgeRepaired: compaction.only_purge_repaired_tombstones ?? false,
    minThreshold: compaction.min_threshold,
    maxThreshold: compaction.max_threshold,
    minSstableBytes: compaction.min_sstable_bytes,
    bucketLow: compaction.bucket_low,
    bucketHigh: compaction.bucket_high,
    sstableBytes: compaction.sstable_bytes ?? 160 * MIB,
    fanout: compaction.fanout_size ?? 10,
    levelsUnrepaired: !rules.isOff('cassandra.g-lcs'),
    windowMicros: compaction.window_micros ?? DAY,
    epochMicros: epochOf(start),
    expiresBlindly: compaction.unsafe_aggressive_sstable_expiration ?? false,
    baseTimeMicros: compaction.base_time_micros ?? 60 * SECOND,
    maxWindowMicros: compaction.max_window_micros ?? DAY,
    maxAgeMicros: compaction.max_age_micros ?? 365 * DAY,
    scaling: compaction.scaling ?? [2],
    baseShards: compaction.base_shard_count ?? 4,
    targetBytes: compaction.target_bytes ?? 1024 * MIB,
    growth: compaction.sstable_growth ?? 0.333,
    flushBytes: compaction.flush_size_bytes ?? flushBytes,
  };
}

/** A run without a clock begins on a whole window of any length. */
function epochOf(start: string | null): number {
  return start === null ? 0 : (parseInstant(start) ?? 0);
}
