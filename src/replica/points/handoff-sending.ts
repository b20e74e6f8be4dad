/**
 * How a node empties its queues (influxdb.3.5-draining): it tries, waits longer after every failure, and sends round after round
 * while it succeeds. Up to so many requests are under way to one target, of whatever shards; a round fails as one.
 */
import { CAUSE, STATE, VIA } from '../../data/causes.ts';
import { HINTS_DROPPED, PART_TROUBLE, RECORD } from '../../data/records.ts';
import { EVENT } from '../event-kinds.ts';
import { DIRECTION } from '../links.ts';
import type { HandoffCounts, HandoffOptions, Queue } from './handoff-types.ts';
import type { QueueBook } from './queue-book.ts';
import type { Block } from './segment-queue.ts';
import type { PartWay } from './ways.ts';

const EPOCH_MASK = 0xffffff;
/** Reading a segment that cannot be read takes no time to speak of. */
const UNREADABLE_MICROS = 1000;

export class HandoffSending {
  readonly #o: HandoffOptions;
  readonly #book: QueueBook;
  readonly #counts: HandoffCounts;
  /** Told of each round that has ended, well or not. */
  onRoundEnded: ((queue: Queue) => void) | null = null;

  constructor(options: HandoffOptions, book: QueueBook, counts: HandoffCounts) {
    this.#o = options;
    this.#book = book;
    this.#counts = counts;
  }

  tryAfter(queue: Queue, micros: number): void {
    const { kernel } = this.#o;
    kernel.schedule(kernel.now + micros, EVENT.handoffTry, this.#book.numberFor(queue), queue.epoch);
  }

  /** Handler: the wait is over. */
  tryDue(number: number, epoch: number): void {
    const queue = this.#book.all[number];
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
    const { timeoutMicros, dialMicros } = settings[queue.node];
    rules.mark('influxdb.3.5-draining');
    if (queue.isStuck) {
      queue.underWay = 1;
      this.#failAfter(number, queue, UNREADABLE_MICROS);
      return;
    }
    const blocks = this.#roundOf(queue);
    if (blocks.length === 0) {
      queue.isWaiting = true;
      return;
    }
    queue.isWaiting = false;
    queue.underWay = blocks.length;
    queue.rounds += 1;
    const way = this.#wayOf(number, queue);
    const bytes = blocks.reduce((sum, block) => sum + block.bytes, 0);
    queue.statistics.writeNodeReq += queue.requests;
    queue.statistics.writeNodeReqPoints += pointsOf(blocks);
    queue.statistics.bytesRead += bytes;
    const lost = ways.lossFate(way, DIRECTION.write) || ways.lossFate(way, DIRECTION.ack);
    const { target } = queue;
    if (lost !== 0 || cluster.paused[target] === 1) this.#failAfter(number, queue, timeoutMicros);
    else if (cluster.running[target] === 0)
      this.#failAfter(number, queue, isOff(target) ? dialMicros : ways.micros(way, DIRECTION.ack, kernel.now));
    else {
      this.#move(number, queue, bytes);
    }
  }

  /** Its bytes share disks and links with all others; what takes too long fails, however much of it is there (influxdb.2-remote). */
  #move(number: number, queue: Queue, bytes: number): void {
    const { kernel, devices, settings, resourcesBetween } = this.#o;
    const { rateLimit, timeoutMicros } = settings[queue.node];
    const heldBackMicros = rateLimit > 0 ? Math.ceil((bytes * 1e6) / rateLimit) : 0;
    queue.untilMicros = kernel.now + heldBackMicros + timeoutMicros;
    kernel.schedule(queue.untilMicros, EVENT.handoffFails, number, queue.epoch);
    queue.job = devices.start({
      ...{ resources: resourcesBetween(queue.node, queue.target), bytes },
      ...(rateLimit > 0 ? { cap: rateLimit } : {}),
      completion: { kind: EVENT.handoffSent, a: number, b: queue.epoch },
    });
  }

  /** Handler: the bytes of a round have passed; the last of them is still on the line. */
  sent(number: number, epoch: number): void {
    const queue = this.#book.all[number];
    if (queue.epoch !== epoch) return;
    const { kernel, ways } = this.#o;
    queue.job = 0;
    const takes = ways.micros(this.#wayOf(number, queue), DIRECTION.write, kernel.now);
    kernel.schedule(kernel.now + takes, EVENT.handoffArrives, number, epoch);
  }

  /** As many of its oldest blocks as may go out now, in requests of batch-size; none where the target has enough under way. */
  #roundOf(queue: Queue): Block[] {
    const { concurrency, batchBytes } = this.#o.settings[queue.node];
    const busy = this.#book.between(queue.node, queue.target).reduce((sum, { requests }) => sum + requests, 0);
    const free = concurrency - busy;
    let requests = 0;
    let room = 0;
    const blocks = queue.store.takeWhile(({ bytes }) => {
      if (bytes > room) {
        if (requests >= free) return false;
        requests += 1;
        room = Math.max(batchBytes, bytes);
      }
      room -= bytes;
      return true;
    });
    queue.requests = requests;
    return blocks;
  }

  #failAfter(number: number, queue: Queue, micros: number): void {
    const { kernel } = this.#o;
    queue.isFailing = true;
    kernel.schedule(kernel.now + micros, EVENT.handoffFails, number, queue.epoch);
  }

  /** Handler: a round reaches its target, which stores it. */
  arrives(number: number, epoch: number): void {
    const queue = this.#book.all[number];
    const { cluster, kernel, ways, disks, refusals } = this.#o;
    const { target, table, node } = queue;
    // Who sent it waits no longer than for any answer.
    if (queue.epoch !== epoch || cluster.running[target] === 0 || cluster.paused[target] === 1) return;
    const back = ways.micros(this.#wayOf(number, queue), DIRECTION.ack, kernel.now);
    const blocks = this.#underWay(queue);
    // influxdb.3.5-poison: one that is refused again and again holds up all behind it.
    const isHeldUp = this.#holdsUp(node) && blocks.some((block) => this.#isPoison(queue, block));
    const isFull = refusals.ofRoom(target, table, pointsOf(blocks)) !== 0;
    if (isFull || isHeldUp) {
      if (isHeldUp) this.#o.rules.mark('influxdb.3.5-poison');
      // Only the count of a round is all or nothing: what stands beside the refused block has arrived.
      if (!isFull && !this.#o.ends.isGone(table)) this.#storeAll(queue, blocks);
      this.#failAfter(number, queue, back);
      return;
    }
    if (this.#o.ends.isGone(table)) this.#dropGone(queue, pointsOf(blocks));
    else this.#storeAll(queue, blocks);
    const takes = disks.fsyncMicros(target, kernel.now) + back;
    kernel.schedule(kernel.now + takes, EVENT.handoffDone, number, epoch);
  }

  /** influxdb.3.5-gone: the request is no longer valid; its sender takes it for done. */
  #dropGone({ target, table }: Queue, points: number): void {
    const { rules, trace, kernel } = this.#o;
    rules.mark('influxdb.3.5-gone');
    this.#counts.of_gone_shards += points;
    trace.record(kernel.now, RECORD.partTroubled, target, target, table, points, PART_TROUBLE.shardGone);
  }

  #storeAll(queue: Queue, blocks: readonly Block[]): void {
    if (!this.#isOwned(queue)) {
      this.#passBy(queue, blocks);
      return;
    }
    for (const block of blocks) this.#store(queue, block);
    this.#o.caches.written(queue.target, queue.table);
  }

  #isOwned({ target, table }: Queue): boolean {
    return this.#o.ownership.owns(table, this.#o.tables[table].replicas.indexOf(target));
  }

  /** influxdb.7-remove: it arrives where nobody will ask for it; a copy that was taken away has none of it. */
  #passBy({ target, table }: Queue, blocks: readonly Block[]): void {
    const { copies, tables, ownership } = this.#o;
    const copy = tables[table].replicas.indexOf(target);
    if (!ownership.counts(table, copy)) return;
    const fate = CAUSE.bootstrapMissed | (STATE.latent << 6) | (ownership.removedBy(table, copy) << 8);
    for (const { from, to } of blocks)
      for (let version = from; version < to; version += 1) copies.miss(version, copy, fate);
  }

  #store(queue: Queue, block: Block): void {
    const { copies, tables, types, versions } = this.#o;
    if (this.#isPoison(queue, block)) return;
    const { target, table } = queue;
    types.stored(target, table, versions.arrays.workload[block.from]);
    const copy = tables[table].replicas.indexOf(target);
    for (let version = block.from; version < block.to; version += 1) copies.apply(target, version, copy, VIA.hint);
  }

  #holdsUp(node: number): boolean {
    return this.#o.settings[node].poisonBlocks || this.#o.rules.isOff('influxdb.3.5-poison');
  }

  #isPoison({ target, table }: Queue, { from }: Block): boolean {
    const { types, versions } = this.#o;
    return types.refuses(target, table, versions.arrays.workload[from]);
  }

  #underWay(queue: Queue): Block[] {
    return queue.store.waiting(queue.underWay);
  }

  /** Handler: the target has stored the round. */
  done(number: number, epoch: number): void {
    const queue = this.#book.all[number];
    const { cluster, kernel, settings } = this.#o;
    if (queue.epoch !== epoch) return;
    if (cluster.paused[queue.node] === 1) {
      kernel.schedule(cluster.pausedUntil[queue.node], EVENT.handoffDone, number, epoch);
      return;
    }
    const blocks = this.#underWay(queue);
    const poison = blocks.filter((block) => this.#isPoison(queue, block));
    const delivered = pointsOf(blocks) - pointsOf(poison);
    queue.store.advance(queue.underWay, kernel.now);
    this.#ended(queue);
    this.#counts.delivered += delivered;
    this.#counts.delivered_bytes += bytesOf(blocks) - bytesOf(poison);
    this.tell(RECORD.hintsDelivered, queue, delivered);
    if (poison.length > 0) this.#dropPoison(queue, poison);
    queue.waitMicros = settings[queue.node].retryMicros;
    // Back to back until nothing is left or an error; who waits for room comes first.
    this.#letOthersGo(queue);
    if (!queue.store.isEmpty) this.#send(number, queue);
  }

  /** influxdb.3.5-poison: what the target will never take is skipped. */
  #dropPoison(queue: Queue, blocks: readonly Block[]): void {
    const { rules, copies, tables } = this.#o;
    rules.mark('influxdb.3.5-poison');
    const copy = tables[queue.table].replicas.indexOf(queue.target);
    for (const { from, to, fate } of blocks)
      for (let version = from; version < to; version += 1)
        copies.miss(version, copy, CAUSE.poisonWriteDropped | (STATE.latent << 6) | ((fate >> 8) << 8));
    const count = pointsOf(blocks);
    this.#counts.poison += count;
    this.#counts.lost += count;
    queue.statistics.writeDropped += blocks.length;
    this.tell(RECORD.hintsDropped, queue, count, HINTS_DROPPED.poison);
  }

  /** Handler: a round has failed. */
  fails(number: number, epoch: number): void {
    const queue = this.#book.all[number];
    if (queue.epoch !== epoch) return;
    const { cluster, kernel } = this.#o;
    if (cluster.paused[queue.node] === 1) {
      kernel.schedule(cluster.pausedUntil[queue.node], EVENT.handoffFails, number, epoch);
      return;
    }
    queue.statistics.writeNodeReqFail += queue.requests;
    this.#ended(queue);
    this.#counts.failed_rounds += 1;
    const { retryMaxMicros } = this.#o.settings[queue.node];
    if (!queue.store.isEmpty) this.tryAfter(queue, queue.waitMicros);
    queue.waitMicros = Math.min(queue.waitMicros * 2, retryMaxMicros);
    this.#letOthersGo(queue);
  }

  /** A process has ended to which rounds were under way: they fail, as after an error or where nothing comes back. */
  targetEnded(target: number): void {
    const { kernel, ways, isOff } = this.#o;
    for (const [number, queue] of this.#book.all.entries()) {
      if (queue.target !== target || queue.underWay === 0 || queue.isFailing) continue;
      this.#stops(queue);
      const silent = Math.max(0, queue.untilMicros - kernel.now);
      const reset = ways.micros(this.#wayOf(number, queue), DIRECTION.ack, kernel.now);
      this.#failAfter(number, queue, isOff(target) ? silent : Math.min(silent, reset));
    }
  }

  /** What was due for it is void, and nothing of it moves. */
  #stops(queue: Queue): void {
    queue.epoch = (queue.epoch + 1) & EPOCH_MASK;
    if (queue.job !== 0) this.#o.devices.cancel(queue.job);
    queue.job = 0;
  }

  /** Nothing is under way, or due, for it. */
  void(queue: Queue): void {
    this.#stops(queue);
    queue.underWay = 0;
    queue.requests = 0;
    queue.isFailing = false;
    queue.isWaiting = false;
  }

  #ended(queue: Queue): void {
    this.#stops(queue);
    queue.underWay = 0;
    queue.requests = 0;
    queue.isFailing = false;
    this.onRoundEnded?.(queue);
  }

  /** Queues of the same target that had to wait, from the next one on. */
  #letOthersGo({ node, target, table }: Queue): void {
    const others = this.#book.between(node, target).filter(({ isWaiting }) => isWaiting);
    const next = others.findIndex((other) => other.table > table);
    const inTurn = next < 0 ? others : [...others.slice(next), ...others.slice(0, next)];
    for (const other of inTurn) if (!other.store.isEmpty) this.#send(this.#book.numberFor(other), other);
  }

  /** `why` tells what was dropped apart. */
  tell(kind: number, { node, target }: Queue, count: number, why = 0): void {
    const { trace, kernel } = this.#o;
    if (count > 0) trace.record(kernel.now, kind, node, 0, count, target, why);
  }

  #wayOf(number: number, { node, target, rounds }: Queue): PartWay {
    return { coordinator: node, target, address: number * 65_536 + (rounds & 0xffff), attempt: 63 };
  }
}

/** Of blocks: the writes in them. */
export function pointsOf(blocks: readonly Block[]): number {
  return blocks.reduce((sum, { from, to }) => sum + to - from, 0);
}

function bytesOf(blocks: readonly Block[]): number {
  return blocks.reduce((sum, { bytes }) => sum + bytes, 0);
}
