/**
 * Hinted handoff of requests' parts: one queue of segments for each (node, target, shard) (influxdb.3). What a queue takes and
 * refuses, and what age, crashes and operators take from it; how it is emptied is `handoff-sending.ts`. That a queue is not
 * empty is all that a node ever knows of its target: there is no failure detector (influxdb.3.5-draining).
 */
import { CAUSE, STATE } from '../../data/causes.ts';
import { HINTS_DROPPED, PART_TROUBLE, RECORD } from '../../data/records.ts';
import { EVENT } from '../event-kinds.ts';
import { HandoffSending, pointsOf } from './handoff-sending.ts';
import { NO_COUNTS, noStatistics } from './handoff-types.ts';
import type { HandoffCounts, HandoffOptions, HandoffState, Part, Queue } from './handoff-types.ts';
import { QueueBook } from './queue-book.ts';
import type { Block } from './segment-queue.ts';
import { Throttle } from './throttle.ts';

export type { HandoffOptions, HandoffState, QueueSettings } from './handoff-types.ts';

/** So many appends wait before one fsync is made for all that wait (influxdb.3.2). */
const GROUPED_FROM = 10;

type Refusal = 'refused_size' | 'refused_off' | 'refused_blocked' | 'refused_closed' | 'refused_disk';

/** Why it is refused: cause of the missing copy, what the log says, rule. */
const REFUSALS: Readonly<Record<Refusal, readonly [cause: number, trouble: number, rule: string]>> = {
  refused_size: [CAUSE.hintQueueFull, PART_TROUBLE.queueFull, 'influxdb.3.3-max-size'],
  refused_off: [CAUSE.hintsOff, PART_TROUBLE.handoffDisabled, 'influxdb.3.1-enabled'],
  refused_blocked: [CAUSE.hintQueueFull, PART_TROUBLE.queueBlocked, 'influxdb.3.1-pending'],
  refused_closed: [CAUSE.hintLost, PART_TROUBLE.queueNotOpen, 'influxdb.3.4-short-purge'],
  refused_disk: [CAUSE.hintQueueFull, PART_TROUBLE.noSpace, 'influxdb.3.2-no-room'],
};

export class Handoff {
  readonly counts: HandoffCounts = { ...NO_COUNTS };
  readonly book: QueueBook;
  readonly sending: HandoffSending;
  readonly throttle: Throttle;
  /** What the log said when it last refused (PART_TROUBLE). */
  lastRefusal = 0;
  readonly #o: HandoffOptions;
  /** By node, 1: its purge is due. */
  #purging: Uint8Array;
  /** By node: the entry by which it was removed from the cluster (influxdb.3.6-removed); 0: it is a member. */
  #removed: Int32Array;

  constructor(options: HandoffOptions) {
    this.#o = options;
    this.book = new QueueBook(options.cluster.count, options.tables.length);
    this.sending = new HandoffSending(options, this.book, this.counts);
    this.sending.onRoundEnded = (queue) => this.#purgeIfDue(queue);
    this.throttle = new Throttle(options.settings.map(({ throttle }) => throttle));
    this.#purging = new Uint8Array(options.cluster.count);
    this.#removed = new Int32Array(options.cluster.count);
  }

  /**
   * Why the node does not try the target: the fate of the last write of this shard that waits for it, behind which what comes next
   * must queue, or that of an error a short while ago. Null: it tries.
   */
  untried(node: number, target: number, table: number): { fate: number; isBehind: boolean } | null {
    const { settings, rules, kernel } = this.#o;
    const tail = this.book.find(node, target, table)?.store.tail;
    const mayPass = settings[node].outOfOrder || rules.isOff('influxdb.2-queue-first');
    if (tail !== undefined && !mayPass) return { fate: tail.fate, isBehind: true };
    const fate = rules.isOff('influxdb.2-throttle') ? 0 : this.throttle.fateOf(node, target, kernel.now);
    return fate === 0 ? null : { fate, isBehind: false };
  }

  /**
   * A part of a request that could not be delivered. Gives when it is safely kept, or null where it is not; the trace says of
   * every point why it is missing.
   */
  offer(node: number, target: number, part: Part, fate: number): number | null {
    const { kernel, settings, rules, cluster } = this.#o;
    const { segmentBytes, retryMicros } = settings[node];
    const bytes = (part.to - part.from) * this.#o.tables[part.table].rowBytes;
    const refusal = this.#refusalOf(node, target, part.table, bytes);
    if (refusal !== null) return this.#refuse(node, target, part, { refusal, fate });
    rules.mark('influxdb.3.2-segments');
    const queue = this.book.open(node, target, part.table, retryMicros);
    const wasEmpty = queue.store.isEmpty;
    const durableMicros = this.#durableAt(queue);
    const { from, to } = part;
    queue.store.append({ from, to, bytes, fate, durableMicros }, kernel.now, segmentBytes);
    queue.statistics.writeShardReq += 1;
    queue.statistics.writeShardReqPoints += to - from;
    queue.statistics.bytesWritten += bytes;
    this.counts.enqueued += to - from;
    this.#missAll(target, part, (fate & 63) | (STATE.hintPending << 6) | ((fate >> 8) << 8));
    if (wasEmpty && queue.underWay === 0 && cluster.running[node] === 1)
      this.sending.tryAfter(queue, (queue.waitMicros = retryMicros));
    this.#purgeLater(node);
    return durableMicros;
  }

  pendingCount(): number {
    return this.book.all.reduce((sum, { store }) => sum + store.pending, 0);
  }

  pendingBytes(): number {
    return this.book.all.reduce((sum, { store }) => sum + store.pendingBytes, 0);
  }

  /** What all queues of a node for a target take on its disk. */
  diskBytes(node: number, target: number): number {
    return this.book.between(node, target).reduce((sum, { store }) => sum + store.diskBytes, 0);
  }

  /** The entry by which an operator took the node out of the cluster (influxdb.3.6-removed); 0: it is a member. */
  removedBy(target: number): number {
    return this.#removed[target];
  }

  // ---------------------------------------------------------------- age

  /** Handler: old segments of a node's queues are taken away (influxdb.3.4-max-age), and queues that are empty. */
  purgeDue(node: number, incarnation: number): void {
    const { cluster } = this.#o;
    if (cluster.incarnation[node] !== incarnation || cluster.running[node] === 0) return;
    this.#purging[node] = 0;
    let waits = false;
    for (const queue of this.book.ofNode(node)) {
      queue.isClosed = false;
      queue.isPurgeDue = true;
      this.#purgeIfDue(queue);
      waits ||= queue.isClosed || queue.store.segments.length > 0;
    }
    if (waits) this.#purgeLater(node);
  }

  /** What sends a queue purges it, too: a round that is under way ends first. */
  #purgeIfDue(queue: Queue): void {
    const { kernel, settings, rules } = this.#o;
    if (!queue.isPurgeDue || queue.underWay > 0) return;
    queue.isPurgeDue = false;
    const { maxAgeMicros, losesAfterPurge } = settings[queue.node];
    if (!rules.isOff('influxdb.3.4-max-age'))
      this.#expire(queue, queue.store.purgeBefore(kernel.now - maxAgeMicros), losesAfterPurge);
    if (queue.store.isEmpty) queue.store.clear();
  }

  #expire(queue: Queue, blocks: readonly Block[], losesAfterPurge: boolean): void {
    const { rules } = this.#o;
    if (blocks.length === 0) return;
    rules.mark('influxdb.3.4-max-age');
    queue.isStuck = false;
    // Nothing is left to try; the next append begins anew.
    if (queue.store.isEmpty) this.sending.void(queue);
    // The queue goes on with a file that is not there any more.
    if (losesAfterPurge && queue.store.segments.length === 0 && !rules.isOff('influxdb.3.4-short-purge'))
      queue.isClosed = true;
    for (const { from, to, fate } of blocks)
      this.#missAll(
        queue.target,
        { table: queue.table, from, to },
        CAUSE.hintExpired | (STATE.latent << 6) | ((fate >> 8) << 8),
      );
    const count = pointsOf(blocks);
    this.counts.expired += count;
    this.counts.expired_bytes += blocks.reduce((sum, { bytes }) => sum + bytes, 0);
    this.sending.tell(RECORD.hintsPurged, queue, count);
  }

  // ---------------------------------------------------------------- crashes, disks, operators

  /** The process of the node ends: what it was sending is void; its queues lie on its disk. */
  nodeEnded(node: number): void {
    this.#purging[node] = 0;
    this.throttle.nodeEnded(node);
    for (const queue of this.book.ofNode(node)) {
      this.sending.void(queue);
      queue.isPurgeDue = false;
      queue.isClosed = false;
      queue.statistics = noStatistics();
    }
  }

  /** Its queues are opened again, and sent. */
  nodeStarted(node: number): void {
    const { settings } = this.#o;
    for (const queue of this.book.ofNode(node)) {
      if (queue.store.isEmpty) continue;
      queue.waitMicros = settings[node].retryMicros;
      this.sending.tryAfter(queue, queue.waitMicros);
      this.#purgeLater(node);
    }
  }

  /** What power took of appends that were not on disk, and of what an early disk only said was there. */
  powerLost(node: number, origin: number): void {
    const { now } = this.#o.kernel;
    const platter = Math.min(now, this.#o.disks.platterMicros(node, now));
    for (const queue of this.book.ofNode(node)) {
      if (queue.store.durableMicros <= platter) continue;
      this.#tear(queue, origin, (block) => block.durableMicros <= platter);
    }
  }

  /** The last append to each of the node's queues for these targets was cut short. */
  tearTails(node: number, targets: readonly number[], origin: number): number {
    const before = this.counts.torn;
    for (const queue of this.book.ofNode(node))
      if (targets.includes(queue.target) && !queue.store.isEmpty) this.#tear(queue, origin, () => true);
    return this.counts.torn - before;
  }

  /** influxdb.3.7-torn. */
  #tear(queue: Queue, origin: number, whole: (block: Block) => boolean): void {
    const { rules, settings } = this.#o;
    if (rules.isOff('influxdb.3.7-torn')) return;
    rules.mark('influxdb.3.7-torn');
    const { tornSegment } = settings[queue.node];
    this.sending.void(queue);
    if (tornSegment === 'stuck') queue.isStuck = true;
    // What was not written is gone in any case; what was may be there and not be readable.
    const gone = queue.store.tear(whole, tornSegment === 'segment');
    this.counts.torn += pointsOf(gone);
    this.#lose(queue, gone, { cause: CAUSE.hintLost, origin, why: HINTS_DROPPED.torn });
    if (this.#o.cluster.running[queue.node] === 1 && !queue.store.isEmpty)
      this.sending.tryAfter(queue, queue.waitMicros);
  }

  /** What the node keeps for these targets (null: for all) is gone from its disk. Gives how many writes that were. */
  storeLost(node: number, origin: number, targets: readonly number[] | null = null): number {
    const before = this.counts.lost;
    if (this.#o.rules.isOff('influxdb.3-queue-lost')) return 0;
    for (const queue of this.book.ofNode(node)) {
      if (targets !== null && !targets.includes(queue.target)) continue;
      this.sending.void(queue);
      this.#lose(queue, queue.store.clear(), { cause: CAUSE.hintLost, origin, why: HINTS_DROPPED.lost });
    }
    return this.counts.lost - before;
  }

  /** influxdb.3.6-removed: what all others keep for it is thrown away, and nothing is kept for it any more. */
  targetRemoved(target: number, origin: number): void {
    if (this.#o.rules.isOff('influxdb.3.6-removed')) return;
    this.#o.rules.mark('influxdb.3.6-removed');
    this.#removed[target] = origin;
    for (const queue of this.book.all) {
      if (queue.target !== target) continue;
      this.sending.void(queue);
      const gone = queue.store.clear();
      this.counts.discarded += pointsOf(gone);
      this.#lose(queue, gone, { cause: CAUSE.hintLost, origin, why: HINTS_DROPPED.removed });
    }
  }

  #lose(
    queue: Queue,
    blocks: readonly Block[],
    { cause, origin, why }: { cause: number; origin: number; why: number },
  ): void {
    queue.isStuck &&= !queue.store.isEmpty;
    for (const { from, to } of blocks)
      this.#missAll(queue.target, { table: queue.table, from, to }, cause | (STATE.latent << 6) | (origin << 8));
    const count = pointsOf(blocks);
    this.counts.lost += count;
    this.sending.tell(RECORD.hintsDropped, queue, count, why);
  }

  save(): HandoffState {
    return {
      queues: this.book.save(),
      purging: [...this.#purging],
      removed: [...this.#removed],
      throttle: this.throttle.save(),
      counts: { ...this.counts },
    };
  }

  load(state: HandoffState): void {
    this.book.load(state.queues);
    this.#purging = Uint8Array.from(state.purging);
    this.#removed = Int32Array.from(state.removed);
    this.throttle.load(state.throttle);
    Object.assign(this.counts, state.counts);
  }

  // ---------------------------------------------------------------- helpers

  #refusalOf(node: number, target: number, table: number, bytes: number): Refusal | null {
    const { settings, disks, kernel } = this.#o;
    const { enabled, pendingMax } = settings[node];
    if (!enabled) return 'refused_off';
    // Only with influxdb.2-local-error off does a node keep anything for itself.
    if (disks.isFull(node) && node !== target && !this.#o.rules.isOff('influxdb.3.2-no-room')) return 'refused_disk';
    const queue = this.book.find(node, target, table);
    if (queue?.isClosed === true) return 'refused_closed';
    const isBlocked = queue !== null && queue.store.appending(kernel.now) >= pendingMax;
    if (isBlocked && !this.#o.rules.isOff('influxdb.3.1-pending')) return 'refused_blocked';
    return this.#isFull(node, target, table, bytes) ? 'refused_size' : null;
  }

  #isFull(node: number, target: number, table: number, bytes: number): boolean {
    const { maxBytes, sizeOf } = this.#o.settings[node];
    if (this.#o.rules.isOff('influxdb.3.3-max-size')) return false;
    const used =
      sizeOf === 'node' ? this.diskBytes(node, target) : (this.book.find(node, target, table)?.store.diskBytes ?? 0);
    return used + bytes > maxBytes;
  }

  #refuse(node: number, target: number, part: Part, { refusal, fate }: { refusal: Refusal; fate: number }): null {
    const [cause, trouble, rule] = REFUSALS[refusal];
    this.lastRefusal = trouble;
    const { rules, trace, kernel, settings } = this.#o;
    rules.mark(rule);
    this.counts[refusal] += part.to - part.from;
    const { statistics } = this.book.open(node, target, part.table, settings[node].retryMicros);
    if (refusal === 'refused_blocked') statistics.writeBlocked += 1;
    else statistics.writeDropped += 1;
    trace.record(kernel.now, RECORD.partTroubled, node, target, part.table, part.to - part.from, trouble);
    // It is missing by what left no room, whatever keeps its target from being reached.
    const origin = refusal === 'refused_disk' ? this.#o.disks.fullBy(node) : fate >> 8;
    this.#missAll(target, part, cause | (STATE.latent << 6) | (origin << 8));
    return null;
  }

  /** When an append that is made now is on disk: after those before it; where many wait, together with them. */
  #durableAt({ node, store }: Queue): number {
    const { kernel, disks } = this.#o;
    const fsync = disks.fsyncMicros(node, kernel.now);
    const last = store.durableMicros;
    const isJoined = store.appending(kernel.now) >= GROUPED_FROM && last - fsync > kernel.now;
    return isJoined ? last : Math.max(kernel.now, last) + fsync;
  }

  #missAll(target: number, { table, from, to }: Part, detail: number): void {
    const copy = this.#o.tables[table].replicas.indexOf(target);
    for (let version = from; version < to; version += 1) this.#o.copies.miss(version, copy, detail);
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
}
