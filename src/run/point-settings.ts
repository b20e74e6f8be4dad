/** What a node's configuration says of hinted handoff and anti-entropy, in the form in which those parts ask. */
import type { AntiEntropySettings } from '../repair/entropy/anti-entropy.ts';
import type { RetentionSettings } from '../replica/points/shard-ends.ts';
import type { QueueSettings } from '../replica/points/handoff.ts';
import type { Plan, PlanNode } from '../scenario/plan.ts';
import { Settings } from './settings.ts';

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
    outOfOrder: settings.flag('cluster.allow-out-of-order-writes', false),
    timeoutMicros: settings.number('model.remote-timeout', 5 * SECOND),
    dialMicros: settings.number('cluster.dial-timeout', SECOND),
  };
}

function tornOf(text: string): QueueSettings['tornSegment'] {
  return text === 'segment' || text === 'stuck' ? text : 'block';
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
    repairsMissing: settings.flag('anti-entropy.auto-repair-missing', true),
    comparesContent: settings.flag('model.compares-content', true),
  };
}
