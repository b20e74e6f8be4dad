/** What hinted handoff of requests' parts is given, what it counts, and what one of its queues is. Plain data. */
import type { Rules } from '../../base/rules.ts';
import type { TableLayout } from '../../data/layout.ts';
import type { Versions } from '../../data/versions.ts';
import type { FluidDevices } from '../../device/fluid.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Trace } from '../../kernel/trace.ts';
import type { Cluster } from '../cluster.ts';
import type { Copies } from '../copies.ts';
import type { Caches } from './caches.ts';
import type { Disks } from './disks.ts';
import type { FieldTypes } from './field-types.ts';
import type { Ownership } from './ownership.ts';
import type { ShardEnds } from './shard-ends.ts';
import type { Segment, SegmentQueue } from './segment-queue.ts';
import type { Refusals } from './refusals.ts';
import type { ThrottleSettings, ThrottleState } from './throttle.ts';
import type { PartWays } from './ways.ts';

export interface QueueSettings {
  enabled: boolean;
  /** Bytes on disk for one target node; also for one shard of it where `sizeOf` says so. */
  maxBytes: number;
  /** Before 1.5.3 each shard of a target has the whole size for itself (influxdb.3.1). */
  sizeOf: 'node' | 'shard';
  maxAgeMicros: number;
  purgeMicros: number;
  /** The first wait, doubled at every failure up to the most (influxdb.3.5-draining). */
  retryMicros: number;
  retryMaxMicros: number;
  /** Requests under way at once to one target, and bytes of each. */
  concurrency: number;
  batchBytes: number;
  /** Bytes per second; 0: no limit. */
  rateLimit: number;
  segmentBytes: number;
  /** Appends to one queue that may wait for their fsync at once (max-writes-pending). */
  pendingMax: number;
  /** May a write go past a queue that is not empty? (allow-out-of-order-writes) */
  outOfOrder: boolean;
  /** What is left of a segment whose append a power loss interrupted (influxdb.3.7-torn). */
  tornSegment: 'segment' | 'block' | 'stuck';
  /** Do appends fail after a purge has taken the only segment (influxdb.3.4-short-purge)? */
  losesAfterPurge: boolean;
  /** Is a block that the target refuses sent again for ever (influxdb.3.5-poison)? */
  poisonBlocks: boolean;
  /** How long writes go straight to the queue after an error (influxdb.2-throttle). */
  throttle: ThrottleSettings;
  /** From the sending of a request to the error that nobody answers; and to that of a machine that is off. */
  timeoutMicros: number;
  dialMicros: number;
}

export interface HandoffOptions {
  kernel: Kernel;
  trace: Trace;
  rules: Rules;
  tables: readonly TableLayout[];
  versions: Versions;
  cluster: Cluster;
  copies: Copies;
  ways: PartWays;
  caches: Caches;
  ends: ShardEnds;
  ownership: Ownership;
  types: FieldTypes;
  disks: Disks;
  refusals: Refusals;
  settings: readonly QueueSettings[];
  /** Is the machine of the node off, so that nothing refuses a connection? */
  isOff: (node: number) => boolean;
  devices: FluidDevices;
  /** What a round from one node to another moves its bytes through: disks, links, and what lies between them. */
  resourcesBetween: (from: number, to: number) => number[];
}

export interface HandoffCounts {
  enqueued: number;
  delivered: number;
  /** Of these: dropped by their target because their shard was gone. */
  of_gone_shards: number;
  expired: number;
  /** In all; of these: with a torn segment, because their target was removed, because their target refused them. */
  lost: number;
  torn: number;
  discarded: number;
  poison: number;
  refused_size: number;
  refused_off: number;
  /** Too many appends waited. */
  refused_blocked: number;
  /** The queue's only segment had just been purged. */
  refused_closed: number;
  /** No room on the disk of the node that keeps them. */
  refused_disk: number;
  delivered_bytes: number;
  expired_bytes: number;
  /** Rounds of sending that failed. */
  failed_rounds: number;
}

export const NO_COUNTS: Readonly<HandoffCounts> = {
  ...{ enqueued: 0, delivered: 0, of_gone_shards: 0, expired: 0, lost: 0, torn: 0, discarded: 0, poison: 0 },
  ...{ refused_size: 0, refused_off: 0, refused_blocked: 0, refused_closed: 0, refused_disk: 0 },
  ...{ delivered_bytes: 0, expired_bytes: 0, failed_rounds: 0 },
};

/** As a node counts them for one queue, since its process began (hh_processor). */
export interface QueueStatistics {
  bytesRead: number;
  bytesWritten: number;
  writeBlocked: number;
  writeDropped: number;
  writeNodeReq: number;
  writeNodeReqFail: number;
  writeNodeReqPoints: number;
  writeShardReq: number;
  writeShardReqPoints: number;
}

export function noStatistics(): QueueStatistics {
  return {
    ...{ bytesRead: 0, bytesWritten: 0, writeBlocked: 0, writeDropped: 0, writeNodeReq: 0, writeNodeReqFail: 0 },
    ...{ writeNodeReqPoints: 0, writeShardReq: 0, writeShardReqPoints: 0 },
  };
}

export interface Queue {
  node: number;
  target: number;
  table: number;
  store: SegmentQueue;
  /** The present wait between tries, µs. */
  waitMicros: number;
  /** Rises when what was due is void. */
  epoch: number;
  /** Blocks of the round under way, and requests in which they are sent; 0 = none. */
  underWay: number;
  requests: number;
  rounds: number;
  /** Of the round under way: when its node gives it up, the job that moves its bytes (0: none); is it lost already? */
  untilMicros: number;
  job: number;
  isFailing: boolean;
  /** It could go on, but as many requests are under way to its target as may be. */
  isWaiting: boolean;
  /** A purge waits for the round that is under way. */
  isPurgeDue: boolean;
  /** A purge has taken its only segment: appends fail until the next purge. */
  isClosed: boolean;
  /** A torn segment that cannot be read lies at its head. */
  isStuck: boolean;
  statistics: QueueStatistics;
}

export type SavedQueue = Omit<Queue, 'store'> & { segments: Segment[] };

export interface HandoffState {
  queues: SavedQueue[];
  purging: number[];
  removed: number[];
  throttle: ThrottleState;
  counts: HandoffCounts;
}

/** Versions [from, to) of one shard. */
export interface Part {
  table: number;
  from: number;
  to: number;
}
