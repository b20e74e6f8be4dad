/**
 * Hinted handoff of requests' parts: one queue of segments for each (node, target, shard) (influxdb.3). What a queue takes and
 * refuses, when a node tries to send it, what age and crashes take from it. That a queue is not empty is all that a node
 * ever knows of its target: there is no failure detector (influxdb.3.5-draining).
 */
import type { Rules } from '../../base/rules.ts';
import { CAUSE, STATE, VIA } from '../../data/causes.ts';
import type { TableLayout } from '../../data/layout.ts';
import { RECORD } from '../../data/records.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Trace } from '../../kernel/trace.ts';
import type { Cluster } from '../cluster.ts';
import type { Copies } from '../copies.ts';
import { EVENT } from '../event-kinds.ts';
import { DIRECTION } from '../links.ts';
import type { Caches } from './caches.ts';
import type { ShardEnds } from './shard-ends.ts';
import { SegmentQueue, type Block, type Segment } from './segment-queue.ts';
import type { PartWay, PartWays } from './ways.ts';

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
  /** May a write go past a queue that is not empty? (allow-out-of-order-writes) */
  outOfOrder: boolean;
  /** From the sending of a request to the error that nobody answers; and to that of a machine that is off. */
  timeoutMicros: number;
  dialMicros: number;
}

export interface HandoffOptions {
  kernel: Kernel;
  trace: Trace;
  rules: Rules;
  tables: readonly TableLayout[];
  cluster: Cluster;
  copies: Copies;
  ways: PartWays;
  caches: Caches;
  ends: ShardEnds;
  settings: readonly QueueSettings[];
  /** Is the machine of the node off, so that nothing refuses a connection? */
  isOff: (node: number) => boolean;
  /** Bytes per second that pass from one node to another at most. */
  linkRate: (from: number, to: number) => number;
}

export interface HandoffCounts {
  enqueued: number;
  delivered: number;
  expired: number;
  lost: number;
  refused_size: number;
  refused_off: number;
  delivered_bytes: number;
  /** Rounds of sending that failed. */
  failed_rounds: number;
}

interface Queue {
  node: number;
  target: number;
  table: number;
  store: SegmentQueue;
  /** The present wait between tries, µs. */
  waitMicros: number;
  /** Rises when what was due is void. */
  epoch: number;
  /** Blocks of the round under way; 0 = none. */
  underWay: number;
  rounds: number;
}

export interface HandoffState {
  queues: (Omit<Queue, 'store'> & { segments: Segment[] })[];
  purging: number[];
  counts: HandoffCounts;
}

const EPOCH_MASK = 0xffffff;

export class Handoff {
  readonly counts: HandoffCounts = {
    enqueued: 0,
    delivered: 0,
    expired: 0,
    lost: 0,
    refused_size: 0,
    refused_off: 0,
    delivered_bytes: 0,
    failed_rounds: 0,
  };
  readonly #o: HandoffOptions;
  #queues: Queue[] = [];
  /** Number of the queue by (node * nodes + target) * tables + table. */
  readonly #numberOf = new Map<number, number>();
  /** By node, 1: its purge is due. */
  #purging: Uint8Array;

  constructor(options: HandoffOptions) {
    this.#o = options;
    this.#purging = new Uint8Array(options.cluster.count);
  }

  /** Do writes of this shard wait at the node for the target? Then what comes next must queue behind them, or may not. */
  isAhead(node: number, target: number, table: number): boolean {
    const { settings, rules } = this.#o;
    if (settings[node].outOfOrder || rules.isOff('influxdb.2-queue-first')) return false;
    const queue = this.#find(node, target, table);
    return queue !== null && !queue.store.isEmpty;
  }

  /** A part of a request that could not be delivered. True where it is kept; the trace says of every point why it is missing. */
  offer(
    node: number,
    target: number,
    { table, from, to }: { table: number; from: number; to: number },
    fate: number,
  ): boolean {
    const { kernel, settings, rules } = this.#o;
    const { enabled, segmentBytes, retryMicros } = settings[node];
    const bytes = this.#bytesOf(table, from, to);
    if (!enabled) return this.#refuse({ target, table, from, to }, 'refused_off', CAUSE.hintsOff, fate);
    if (this.#isFull(node, target, table, bytes))
      return this.#refuse({ target, table, from, to }, 'refused_size', CAUSE.hintQueueFull, fate);
    rules.mark('influxdb.3.2-segments');
    const queue = this.#queue(node, target, table);
    const wasEmpty = queue.store.isEmpty;
    queue.store.append({ from, to, bytes, fate }, kernel.now, segmentBytes);
    this.counts.enqueued += to - from;
    this.#missAll(target, { table, from, to }, (fate & 63) | (STATE.hintPending << 6) | ((fate >> 8) << 8));
    if (wasEmpty && queue.underWay === 0) this.#tryAfter(queue, (queue.waitMicros = retryMicros));
    this.#purgeLater(node);
    return true;
  }

  pendingCount(): number {
    return this.#queues.reduce((sum, { store }) => sum + store.pending, 0);
  }

  pendingBytes(): number {
    return this.#queues.reduce((sum, { store }) => sum + store.pendingBytes, 0);
  }

  /** What all queues of a node for a target take on its disk. */
  diskBytes(node: number, target: number): number {
    let bytes = 0;
    for (const queue of this.#queues)
      if (queue.node === node && queue.target === target) bytes += queue.store.diskBytes;
    return bytes;
  }

  // ---------------------------------------------------------------- sending

  /** Handler: the wait is over. */
  tryDue(number: number, epoch: number): void {
    const queue = this.#queues[number];
    const { cluster, kernel } = this.#o;
    if (queue.epoch !== epoch || queue.underWay > 0 || queue.store.isEmpty) return;
    if (cluster.paused[queue.node] === 1) {
      kernel.schedule(cluster.pausedUntil[queue.node], EVENT.handoffTry, number, epoch);
      return;
    }
    this.#send(number, queue);
  }

  #send(number: number, queue: Queue): void {
    const { kernel, cluster, settings, ways, rules, isOff } = this.#o;
    const { concurrency, batchBytes, rateLimit, timeoutMicros, dialMicros } = settings[queue.node];
    rules.mark('influxdb.3.5-draining');
    const blocks = queue.store.head(concurrency * batchBytes);
    queue.underWay = blocks.length;
    queue.rounds += 1;
    const way = this.#wayOf(number, queue);
    const bytes = blocks.reduce((sum, block) => sum + block.bytes, 0);
    const lost = ways.lossFate(way, DIRECTION.write) || ways.lossFate(way, DIRECTION.ack);
    const { target } = queue;
    if (lost !== 0 || cluster.paused[target] === 1) this.#failAfter(number, queue, timeoutMicros);
    else if (cluster.running[target] === 0)
      this.#failAfter(number, queue, isOff(target) ? dialMicros : ways.micros(way, DIRECTION.ack, kernel.now));
    else {
      const linkRate = this.#o.linkRate(queue.node, target);
      const rate = rateLimit > 0 ? Math.min(rateLimit, linkRate) : linkRate;
      const takes = ways.micros(way, DIRECTION.write, kernel.now) + Math.ceil((bytes * 1e6) / rate);
      kernel.schedule(kernel.now + takes, EVENT.handoffArrives, number, queue.epoch);
    }
  }

  #failAfter(number: number, queue: Queue, micros: number): void {
    const { kernel } = this.#o;
    kernel.schedule(kernel.now + micros, EVENT.handoffFails, number, queue.epoch);
  }

  /** Handler: a round reaches its target, which stores it. */
  arrives(number: number, epoch: number): void {
    const queue = this.#queues[number];
    const { cluster, kernel, ways, copies, tables } = this.#o;
    const { target, table } = queue;
    if (cluster.running[target] === 0 || cluster.paused[target] === 1) {
      if (queue.epoch === epoch) this.#failAfter(number, queue, this.#o.settings[queue.node].timeoutMicros);
      return;
    }
    if (queue.epoch !== epoch) return;
    const blocks = queue.store.head(Infinity).slice(0, queue.underWay);
    const copy = tables[table].replicas.indexOf(target);
    if (!this.#o.ends.isGone(table)) {
      for (const { from, to } of blocks) {
        for (let version = from; version < to; version += 1) copies.apply(target, version, copy, VIA.hint);
      }
      this.#o.caches.written(target, table);
    }
    kernel.schedule(
      kernel.now + ways.micros(this.#wayOf(number, queue), DIRECTION.ack, kernel.now),
      EVENT.handoffDone,
      number,
      epoch,
    );
  }

  /** Handler: the target has stored the round. */
  done(number: number, epoch: number): void {
    const queue = this.#queues[number];
    const { cluster, kernel, settings } = this.#o;
    if (queue.epoch !== epoch) return;
    if (cluster.paused[queue.node] === 1) {
      kernel.schedule(cluster.pausedUntil[queue.node], EVENT.handoffDone, number, epoch);
      return;
    }
    const blocks = queue.store.head(Infinity).slice(0, queue.underWay);
    const count = blocks.reduce((sum, { from, to }) => sum + to - from, 0);
    queue.store.advance(queue.underWay, kernel.now);
    queue.underWay = 0;
    this.counts.delivered += count;
    this.counts.delivered_bytes += blocks.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#tell(RECORD.hintsDelivered, queue, count);
    queue.waitMicros = settings[queue.node].retryMicros;
    // Back to back until nothing is left or an error.
    if (!queue.store.isEmpty) this.#send(number, queue);
  }

  /** Handler: a round has failed. */
  fails(number: number, epoch: number): void {
    const queue = this.#queues[number];
    if (queue.epoch !== epoch) return;
    queue.underWay = 0;
    this.counts.failed_rounds += 1;
    const { retryMaxMicros } = this.#o.settings[queue.node];
    this.#tryAfter(queue, queue.waitMicros);
    queue.waitMicros = Math.min(queue.waitMicros * 2, retryMaxMicros);
  }

  #tryAfter(queue: Queue, micros: number): void {
    const { kernel } = this.#o;
    kernel.schedule(kernel.now + micros, EVENT.handoffTry, this.#numberFor(queue), queue.epoch);
  }

  // ---------------------------------------------------------------- age, crashes

  /** Handler: old segments of a node's queues are taken away (influxdb.3.4-max-age). */
  purgeDue(node: number, incarnation: number): void {
    const { kernel, cluster, settings, rules } = this.#o;
    if (cluster.incarnation[node] !== incarnation || cluster.running[node] === 0) return;
    this.#purging[node] = 0;
    const { maxAgeMicros } = settings[node];
    let waits = false;
    for (const queue of this.#queues) {
      if (queue.node !== node) continue;
      if (!rules.isOff('influxdb.3.4-max-age') && queue.underWay === 0)
        this.#expire(queue, queue.store.purgeBefore(kernel.now - maxAgeMicros));
      waits ||= queue.store.segments.length > 0;
    }
    if (waits) this.#purgeLater(node);
  }

  #expire(queue: Queue, blocks: readonly Block[]): void {
    if (blocks.length === 0) return;
    this.#o.rules.mark('influxdb.3.4-max-age');
    let count = 0;
    for (const { from, to, fate } of blocks) {
      count += to - from;
      this.#missAll(
        queue.target,
        { table: queue.table, from, to },
        CAUSE.hintExpired | (STATE.latent << 6) | ((fate >> 8) << 8),
      );
    }
    this.counts.expired += count;
    this.#tell(RECORD.hintsPurged, queue, count);
  }

  /** The process of the node ends: what it was sending is void; its queues lie on its disk. */
  nodeEnded(node: number): void {
    this.#purging[node] = 0;
    for (const queue of this.#queues) {
      if (queue.node !== node) continue;
      queue.epoch = (queue.epoch + 1) & EPOCH_MASK;
      queue.underWay = 0;
    }
  }

  /** Its queues are opened again, and sent. */
  nodeStarted(node: number): void {
    const { settings } = this.#o;
    for (const queue of this.#queues) {
      if (queue.node !== node || queue.store.isEmpty) continue;
      queue.waitMicros = settings[node].retryMicros;
      this.#tryAfter(queue, queue.waitMicros);
      this.#purgeLater(node);
    }
  }

  /** All that the node keeps for others is gone from its disk. Gives how many writes that were. */
  storeLost(node: number, origin: number): number {
    let lost = 0;
    for (const queue of this.#queues) {
      if (queue.node !== node) continue;
      queue.epoch = (queue.epoch + 1) & EPOCH_MASK;
      queue.underWay = 0;
      const blocks = queue.store.waiting();
      queue.store.segments = [];
      let count = 0;
      for (const { from, to } of blocks) {
        count += to - from;
        this.#missAll(
          queue.target,
          { table: queue.table, from, to },
          CAUSE.hintLost | (STATE.latent << 6) | (origin << 8),
        );
      }
      this.#tell(RECORD.hintsDropped, queue, count);
      lost += count;
    }
    this.counts.lost += lost;
    return lost;
  }

  save(): HandoffState {
    return {
      queues: this.#queues.map(({ store, ...queue }) => ({ ...queue, segments: store.save() })),
      purging: [...this.#purging],
      counts: { ...this.counts },
    };
  }

  load(state: HandoffState): void {
    this.#numberOf.clear();
    this.#queues = state.queues.map(({ segments, ...queue }, number) => {
      const store = new SegmentQueue();
      store.load(segments);
      this.#numberOf.set(this.#keyOf(queue.node, queue.target, queue.table), number);
      return { ...queue, store };
    });
    this.#purging = Uint8Array.from(state.purging);
    Object.assign(this.counts, state.counts);
  }

  // ---------------------------------------------------------------- helpers

  #isFull(node: number, target: number, table: number, bytes: number): boolean {
    const { maxBytes, sizeOf } = this.#o.settings[node];
    if (this.#o.rules.isOff('influxdb.3.3-max-size')) return false;
    const used =
      sizeOf === 'node' ? this.diskBytes(node, target) : (this.#find(node, target, table)?.store.diskBytes ?? 0);
    return used + bytes > maxBytes;
  }

  #refuse(
    part: { target: number; table: number; from: number; to: number },
    count: 'refused_size' | 'refused_off',
    cause: number,
    fate: number,
  ): false {
    this.#o.rules.mark(count === 'refused_size' ? 'influxdb.3.3-max-size' : 'influxdb.3.1-enabled');
    this.counts[count] += part.to - part.from;
    this.#missAll(part.target, part, cause | (STATE.latent << 6) | ((fate >> 8) << 8));
    return false;
  }

  #missAll(target: number, { table, from, to }: { table: number; from: number; to: number }, detail: number): void {
    const copy = this.#o.tables[table].replicas.indexOf(target);
    for (let version = from; version < to; version += 1) this.#o.copies.miss(version, copy, detail);
  }

  #bytesOf(table: number, from: number, to: number): number {
    return (to - from) * this.#o.tables[table].rowBytes;
  }

  #tell(kind: number, { node, target }: Queue, count: number): void {
    const { trace, kernel } = this.#o;
    if (count > 0) trace.record(kernel.now, kind, node, 0, count, target, 0);
  }

  #purgeLater(node: number): void {
    const { kernel, cluster, settings } = this.#o;
    if (this.#purging[node] === 1) return;
    this.#purging[node] = 1;
    const { purgeMicros } = settings[node];
    const since = kernel.now - cluster.startedAt[node];
    const next = cluster.startedAt[node] + (Math.floor(since / purgeMicros) + 1) * purgeMicros;
    kernel.schedule(next, EVENT.handoffPurge, node, cluster.incarnation[node]);
  }

  #wayOf(number: number, { node, target, rounds }: Queue): PartWay {
    return { coordinator: node, target, address: number * 65_536 + (rounds & 0xffff), attempt: 63 };
  }

  #keyOf(node: number, target: number, table: number): number {
    return (node * this.#o.cluster.count + target) * this.#o.tables.length + table;
  }

  #numberFor({ node, target, table }: Queue): number {
    return this.#numberOf.get(this.#keyOf(node, target, table)) ?? 0;
  }

  #find(node: number, target: number, table: number): Queue | null {
    const number = this.#numberOf.get(this.#keyOf(node, target, table));
    return number === undefined ? null : this.#queues[number];
  }

  #queue(node: number, target: number, table: number): Queue {
    const known = this.#find(node, target, table);
    if (known !== null) return known;
    const { retryMicros } = this.#o.settings[node];
    const queue: Queue = {
      ...{ node, target, table, store: new SegmentQueue(), waitMicros: retryMicros },
      ...{ epoch: 0, underWay: 0, rounds: 0 },
    };
    this.#numberOf.set(this.#keyOf(node, target, table), this.#queues.length);
    this.#queues.push(queue);
    return queue;
  }
}
