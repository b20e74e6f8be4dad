/** Length of a shard group where the policy says nothing (influxdb.1-shard-groups). */

const HOUR_MICROS = 3_600_000_000;
const DAY_MICROS = 24 * HOUR_MICROS;

/** `durationMicros`: how long data is kept; null: for ever. */
export function shardDuration(durationMicros: number | null): number {
  if (durationMicros === null || durationMicros >= 180 * DAY_MICROS) return 7 * DAY_MICROS;
  return durationMicros >= 2 * DAY_MICROS ? DAY_MICROS : HOUR_MICROS;
}
