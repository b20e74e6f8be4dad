/** What a node's configuration says of hinted handoff and anti-entropy, in the form in which those parts ask. */
import type { AntiEntropySettings } from '../repair/entropy/options.ts';
import type { CompactionLimits } from '../replica/points/compaction-limits.ts';
import type { RetentionSettings } from '../replica/points/shard-ends.ts';
import type { QueueSettings } from '../replica/points/handoff.ts';
import type { Plan, PlanNode } from '../scenario/plan.ts';
import { Settings, type Throttles } from './settings.ts';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const SECOND = 1_000_000;
const HOUR = 3600 * SECOND;

/** Names are those of influxdb.conf, section and key. Defaults of the version are in the plan (influxdb.3.1). */
export function queueSettings(plan: Plan, node: PlanNode): QueueSettings {
  const settings = new Settings(plan, node);
  const own = (key: string, fallback: number): number => settings.number(`hinted-handoff.${key}`, fallback);
  return {
    enabled: settings.flag('hinted-handoff.enabled', true),
    maxBytes: own('max-size', 10 * GIB),
    sizeOf: settings.flag('model.size-per-shard', false) ? 'shard' : 'node',
    maxAgeMicros: own('max-age', 168 * HOUR),
    purgeMicros: own('purge-interval', 60 * SECOND),
    retryMicros: own('retry-interval', SECOND),
    retryMaxMicros: own('retry-max-interval', 10 * SECOND),
    concurrency: own('retry-concurrency', 20),
    batchBytes: own('batch-size', 512_000),
    rateLimit: own('retry-rate-limit', 0),
    segmentBytes: 10 * MIB,
    pendingMax: settings.number('hinted-handoff.max-writes-pending', 1024),
    tornSegment: tornOf(settings.text('model.torn-segment', 'block')),
    losesAfterPurge: settings.flag('model.loses-after-purge', false),
    poisonBlocks: settings.flag('model.poison-blocks-queue', false),
    throttle: {
      firstMicros: settings.number('model.throttle-interval', 0),
      mostMicros: settings.number('model.throttle-max-interval', 10 * SECOND),
    },
    outOfOrder: settings.flag('cluster.allow-out-of-order-writes', false),
    timeoutMicros: settings.number('model.remote-timeout', 5 * SECOND),
    dialMicros: settings.number('cluster.dial-timeout', SECOND),
  };
}

function tornOf(text: string): QueueSettings['tornSegment'] {
  return text === 'segment' || text === 'stuck' ? text : 'block';
}

/** What background work may have at most (influxdb.1-compaction); copies and repairs have no limit of their own. */
export function pointThrottles(plan: Plan, node: PlanNode): Throttles {
  const bytesPerSecond = new Settings(plan, node).number('data.compact-throughput', 48 * MIB);
  const none = { name: 'no throttle', bytesPerSecond: 0 };
  return { compaction: { name: 'compact-throughput', bytesPerSecond }, stream: none, interDc: none };
}

/** influxdb.1-compaction. */
export function compactionLimits(plan: Plan, node: PlanNode): CompactionLimits {
  const settings = new Settings(plan, node);
  const wanted = settings.number('data.max-concurrent-compactions', 0);
  return {
    atOnce: wanted > 0 ? wanted : Math.max(1, Math.floor(settings.number('model.cores', 8) / 2)),
    bytesPerSecond: settings.number('data.compact-throughput', 48 * MIB),
    burstBytes: settings.number('data.compact-throughput-burst', 0),
  };
}

/** influxdb.4-retention. */
export function retentionSettings(plan: Plan, node: PlanNode): RetentionSettings {
  const settings = new Settings(plan, node);
  return {
    enabled: settings.flag('retention.enabled', true),
    checkMicros: settings.number('retention.check-interval', 1800 * SECOND),
  };
}

/** influxdb.6.1. */
export function entropySettings(plan: Plan, node: PlanNode): AntiEntropySettings {
  const settings = new Settings(plan, node);
  return {
    enabled: settings.flag('anti-entropy.enabled', false),
    checkMicros: settings.number('anti-entropy.check-interval', 300 * SECOND),
    maxFetch: settings.number('anti-entropy.max-fetch', 10),
    maxSync: settings.number('anti-entropy.max-sync', 1),
    repairsMissing: settings.flag('anti-entropy.auto-repair-missing', true),
    repairsUntilEqual: settings.flag('model.repair-until-equal', false),
    forwardsRepairs: settings.flag('model.forwards-repairs', true),
    copiesEmptyAgain: settings.flag('model.copies-empty-again', false),
    comparesContent: settings.flag('model.compares-content', true),
  };
}
