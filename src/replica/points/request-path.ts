/**
 * A request of many points from the client's call to the coordinator's last word (influxdb.2): it is split by shard, each part
 * goes to all owners at once, and each part succeeds or fails by itself; there is no atomicity. The coordinator writes its
 * own copy, sends the others theirs, queues what could not be delivered, and answers as soon as every part has as many
 * copies as the level wants. What it had still to do when its process ends, nobody does.
 */
import { CAUSE, OUTCOME, VIA } from '../../data/causes.ts';
import { latentFate } from '../../data/fate.ts';
import { PART_TROUBLE, RECORD } from '../../data/records.ts';
import { EVENT } from '../event-kinds.ts';
import { DIRECTION } from '../links.ts';
import { coordinatorOf } from './balancer.ts';
import { judged, RequestAnswers, SILENT_BIT, troubleOf } from './request-answers.ts';
import { isOfCache } from './refusals.ts';
import { isBefore } from './request-cuts.ts';
import { copyOfRequest, isUndecided, OpenRequests, openParts, TASK } from './open-requests.ts';
import type { OpenRequest, RequestPart, Sent } from './open-requests.ts';
import type { PointWriter } from './point-writer.ts';
import type { PartWay } from './ways.ts';
import type { Answering, RequestPathOptions, SavedRequests } from './request-options.ts';

const COPY_BITS = 6;
const COPY_MASK = 63;
/** An owner has ended before what it had stored was on its disk: it does not answer. */
const UNANSWERED = -1;
/** A client tries again so long after it was told. */
const CLIENT_TURN_MICROS = 1_000_000;

export class RequestPath {
  readonly answers: RequestAnswers;
  readonly #o: RequestPathOptions;
  readonly #open = new OpenRequests();
  /** Requests that will be tried again, by number. */
  #again = new Map<number, OpenRequest>();

  constructor(options: RequestPathOptions) {
    this.#o = options;
    this.answers = new RequestAnswers(options);
  }

  start(): void {
    for (const writer of this.#o.writers) this.#next(writer);
  }

  #next(writer: PointWriter): void {
    const at = writer.peek();
    if (at < this.#o.untilMicros) this.#o.kernel.schedule(at, EVENT.requestArrival, writer.o.index, 0);
  }

  /** Handler: a writer's next request. */
  arrival(index: number): void {
    const { writers, versions, kernel } = this.#o;
    const writer = writers[index];
    const number = writer.next;
    writer.next += 1;
    const { parts, beyond } = writer.fill(versions, number, kernel.now);
    if (beyond > 0) {
      // influxdb.4-retention: the others are written, and the client is told of these.
      this.#o.rules.mark('influxdb.4-retention');
    }
    const coordinator = coordinatorOf(this.#o.cluster, writer, number);
    if (beyond > 0) this.answers.beyondPolicy(coordinator, beyond, parts.length === 0);
    const at = { writer: index, index: number, attempt: 0, sentMicros: kernel.now };
    const open = openParts(parts, this.#o.tables);
    const request: Sent = { ...at, coordinator: Math.max(0, coordinator), parts: open, beyond };
    for (const part of parts) {
      for (let version = part.from; version < part.to; version += 1) {
        versions.arrays.issuedAt[version] = kernel.now;
        versions.arrays.coordinator[version] = Math.max(0, coordinator);
      }
    }
    if (coordinator < 0) this.#refuse(this.#open.add(request));
    else if (parts.length > 0) this.#send(this.#open.add(request));
    this.#next(writer);
  }

  /** Handler: the client sends a request again: the same points. */
  again(id: number): void {
    const { kernel, writers } = this.#o;
    const before = this.#again.get(id);
    if (before === undefined) return;
    this.#again.delete(id);
    const attempt = before.attempt + 1;
    const coordinator = coordinatorOf(this.#o.cluster, writers[before.writer], before.index + attempt);
    const parts = openParts(before.parts, this.#o.tables);
    const { writer, index, beyond } = before;
    const sent = { writer, index, attempt, coordinator: Math.max(0, coordinator), sentMicros: kernel.now };
    const request = this.#open.add({ ...sent, parts, beyond });
    for (const { from, to } of parts) this.answers.counts.retried += to - from;
    if (coordinator < 0) this.#refuse(request);
    else this.#send(request);
  }

  /** Handler: a part reaches an owner. */
  arrives(id: number, b: number): void {
    const { cluster, kernel, tables, ways, isOff, dialMicros } = this.#o;
    const request = this.#open.get(id);
    if (request === undefined) return;
    const part = request.parts[b >> COPY_BITS];
    const copy = b & COPY_MASK;
    const target = tables[part.table].replicas[copy];
    const way = this.#way(request, b >> COPY_BITS, target);
    if (request.waiting > 0 && part.waits[copy] === 1) {
      request.waiting -= 1;
      part.waits[copy] = 0;
    }
    if (cluster.running[target] === 0) {
      const silent = isOff(target) ? SILENT_BIT : 0;
      part.fates[copy] = CAUSE.nodeDown | silent | (cluster.downOrigin[target] << 8);
      const takes = isOff(target) ? dialMicros : ways.micros(way, DIRECTION.ack, kernel.now);
      kernel.schedule(kernel.now + takes, EVENT.partFails, id, b);
      return;
    }
    if (cluster.paused[target] === 1) {
      // It waits in the process that stands still; who sent it does not wait so long.
      if (part.fates[copy] === 0) {
        part.fates[copy] = CAUSE.nodeDown | SILENT_BIT | (cluster.downOrigin[target] << 8);
        this.#failAfterSilence(request, b);
      }
      part.waits[copy] = 1;
      request.waiting += 1;
      kernel.schedule(cluster.pausedUntil[target], EVENT.partArrives, id, b);
      return;
    }
    const back = target === request.coordinator ? 0 : ways.micros(way, DIRECTION.ack, kernel.now);
    const refused = this.#o.refusals.of(target, part, request.writer);
    if (refused !== 0 && part.tasks[copy] === TASK.open) {
      part.fates[copy] = refused;
      kernel.schedule(kernel.now + back, EVENT.partFails, id, b);
      return;
    }
    // Of a shard that is gone nothing is written, and nobody is told (influxdb.3.5-draining).
    if (refused === 0 && !this.#o.ends.isGone(part.table)) this.#store(request, part, copy);
    if (part.tasks[copy] !== TASK.open) {
      // It lay in a paused process until nobody waited for it any more.
      this.#forgetDone(request);
      return;
    }
    this.#answer(request, b, { target, way, backMicros: back });
  }

  /** It is stored: what the coordinator hears of that. */
  #answer(request: OpenRequest, b: number, { target, way, backMicros }: Answering): void {
    const { kernel, ways, disks, remoteTimeoutMicros } = this.#o;
    const syncedAt = kernel.now + disks.fsyncMicros(target, kernel.now);
    const answeredAt = syncedAt + backMicros;
    const part = request.parts[b >> COPY_BITS];
    const copy = b & COPY_MASK;
    let lost = ways.lossFate(way, DIRECTION.ack);
    // influxdb.2-remote: it is there, but nobody waits so long for a slow disk.
    if (lost === 0 && target !== request.coordinator && answeredAt > request.sentMicros + remoteTimeoutMicros)
      lost = CAUSE.timeout | (disks.slowBy(target, kernel.now) << 8);
    if (lost === 0) {
      part.syncs[copy] = syncedAt;
      kernel.schedule(answeredAt, EVENT.partAnswered, request.id, b);
      return;
    }
    part.fates[copy] = lost;
    this.#failAfterSilence(request, b);
  }

  #store({ writer, attempt }: OpenRequest, part: RequestPart, copy: number): void {
    const { copies, caches, types, tables } = this.#o;
    const target = tables[part.table].replicas[copy];
    const via = attempt === 0 ? VIA.delivery : VIA.retry;
    types.stored(target, part.table, writer);
    for (let version = part.from; version < part.to; version += 1) copies.apply(target, version, copy, via);
    caches.written(target, part.table);
  }

  /** Handler: an owner has stored the part, and its coordinator knows. */
  answered(id: number, b: number): void {
    const request = this.#open.get(id);
    if (request === undefined) return;
    if (this.#waitsForCoordinator(request, EVENT.partAnswered, b)) return;
    const part = request.parts[b >> COPY_BITS];
    if (part.tasks[b & COPY_MASK] !== TASK.open || part.syncs[b & COPY_MASK] === UNANSWERED) return;
    part.tasks[b & COPY_MASK] = TASK.stored;
    this.#o.handoff.throttle.succeeded(request.coordinator, this.#o.tables[part.table].replicas[b & COPY_MASK]);
    this.#judge(request);
    this.#panicIfDone(request);
  }

  /** Handler: an append to a queue is on disk. */
  queued(id: number, b: number): void {
    const request = this.#open.get(id);
    if (request === undefined) return;
    if (this.#waitsForCoordinator(request, EVENT.partQueued, b)) return;
    const part = request.parts[b >> COPY_BITS];
    if (part.tasks[b & COPY_MASK] !== TASK.queueing) return;
    part.tasks[b & COPY_MASK] = TASK.queued;
    this.#judge(request);
  }

  /** Handler: the coordinator learns that a part was not delivered: it queues it for the owner (influxdb.2, step 5). */
  fails(id: number, b: number): void {
    const request = this.#open.get(id);
    if (request === undefined) return;
    if (this.#waitsForCoordinator(request, EVENT.partFails, b)) return;
    const part = request.parts[b >> COPY_BITS];
    const copy = b & COPY_MASK;
    if (part.tasks[copy] !== TASK.open) {
      this.#forgetDone(request);
      return;
    }
    this.#settleFailed(request, b);
    this.#judge(request);
    this.#panicIfDone(request);
  }

  #settleFailed(request: OpenRequest, b: number): void {
    const part = request.parts[b >> COPY_BITS];
    const copy = b & COPY_MASK;
    const fate = part.fates[copy];
    const target = this.#o.tables[part.table].replicas[copy];
    part.tasks[copy] = TASK.failed;
    const removedBy = this.#o.handoff.removedBy(target);
    if (removedBy > 0) {
      this.#missPart(part, copy, latentFate(CAUSE.nodeRemoved, removedBy));
    } else if (request.isOrphan) {
      this.#missPart(part, copy, latentFate(CAUSE.coordinatorLost, request.endedBy));
    } else if ((fate & 63) === CAUSE.fieldTypeConflict) {
      // What the owner will never take is queued nowhere (influxdb.2-field-type).
      part.error ||= PART_TROUBLE.fieldTypeConflict;
      this.answers.trouble(request, part, { target, trouble: PART_TROUBLE.fieldTypeConflict });
      this.answers.statistics.add(request.coordinator, 'writeDrop', part.to - part.from);
      this.#missPart(part, copy, latentFate(CAUSE.fieldTypeConflict));
    } else if (target === request.coordinator && !this.#o.rules.isOff('influxdb.2-local-error')) {
      // There is no queue to oneself (influxdb.2, step 4).
      this.#o.rules.mark('influxdb.2-local-error');
      const trouble = isOfCache(fate) ? PART_TROUBLE.cacheFull : PART_TROUBLE.noSpace;
      part.error ||= trouble;
      this.answers.trouble(request, part, { target, trouble });
      this.#missPart(part, copy, latentFate(CAUSE.rejectedLocally, fate >> 8));
    } else {
      const trouble = troubleOf(fate);
      this.#o.rules.mark('influxdb.2-remote');
      this.answers.trouble(request, part, { target, trouble });
      this.#o.handoff.throttle.failed(request.coordinator, target, { fate, micros: this.#o.kernel.now });
      this.#queue(request, b, { fate, trouble });
    }
  }

  /** Into the coordinator's queue for the owner; it counts when the append is on disk. */
  #queue(request: OpenRequest, b: number, { fate, trouble }: { fate: number; trouble: number }): void {
    const { handoff, kernel, tables } = this.#o;
    const { coordinator } = request;
    const part = request.parts[b >> COPY_BITS];
    const target = tables[part.table].replicas[b & COPY_MASK];
    const durableMicros = handoff.offer(coordinator, target, part, fate);
    part.error ||= durableMicros === null ? handoff.lastRefusal : trouble;
    if (durableMicros === null) part.tasks[b & COPY_MASK] = TASK.failed;
    else {
      this.answers.statistics.add(coordinator, 'pointReqHH', part.to - part.from);
      part.tasks[b & COPY_MASK] = TASK.queueing;
      kernel.schedule(durableMicros, EVENT.partQueued, request.id, b);
    }
  }

  /** Handler: the client has waited long enough; what is under way goes on (influxdb.2, step 6). */
  timeout(id: number): void {
    const request = this.#open.get(id);
    if (request === undefined || request.isTold || this.#o.rules.isOff('influxdb.2-write-timeout')) return;
    if (this.#waitsForCoordinator(request, EVENT.requestTimeout, 0)) return;
    this.#o.rules.mark('influxdb.2-write-timeout');
    this.#tell(request, OUTCOME.timedOut);
    this.#forgetDone(request);
  }

  /** The process of a coordinator ends: what it had not handed on is in nobody's queue (influxdb.2, coordinator crash). */
  nodeEnded(node: number, origin: number): void {
    const { rules, tables, cuts } = this.#o;
    cuts.disarm(node);
    this.answers.statistics.nodeEnded(node);
    for (const request of this.#open.ofCoordinator(node)) {
      request.isOrphan = true;
      request.endedBy = origin;
      for (const part of request.parts) {
        part.tasks.forEach((task, copy) => {
          if (task === TASK.queueing) part.tasks[copy] = TASK.queued;
          if (task !== TASK.open) return;
          // Of a part that is still under way to a node that runs nothing is lost yet.
          if (part.fates[copy] === 0 && tables[part.table].replicas[copy] !== node) return;
          if (this.#isSaved(request, part, copy)) return;
          part.tasks[copy] = TASK.failed;
          rules.mark('influxdb.2-coordinator-crash');
          this.#missPart(part, copy, latentFate(CAUSE.coordinatorLost, origin));
        });
      }
      if (!request.isTold) this.#tell(request, OUTCOME.unknown);
      this.#forgetDone(request);
    }
  }

  /** An owner's process ends: what was not on its disk is gone and was not acknowledged (influxdb.5-wal), so it is as good as not
   * delivered. */
  ownerEnded(node: number): void {
    const { kernel, tables, rules } = this.#o;
    if (rules.isOff('influxdb.5-wal')) return;
    const copyOf = (table: number): number => tables[table].replicas.indexOf(node);
    for (const { request, place, copy } of this.#open.unsynced(kernel.now, copyOf)) {
      request.parts[place].syncs[copy] = UNANSWERED;
      this.#losesOwner(request, (place << COPY_BITS) | copy);
    }
  }

  /** A process that ends closes its connections; a machine that is off says nothing. */
  #losesOwner(request: OpenRequest, b: number): void {
    const { kernel, tables, ways, isOff, cluster } = this.#o;
    const part = request.parts[b >> COPY_BITS];
    const target = tables[part.table].replicas[b & COPY_MASK];
    part.fates[b & COPY_MASK] = CAUSE.nodeDown | (cluster.downOrigin[target] << 8);
    if (isOff(target)) return this.#failAfterSilence(request, b);
    const takes = ways.micros(this.#way(request, b >> COPY_BITS, target), DIRECTION.ack, kernel.now);
    kernel.schedule(kernel.now + takes, EVENT.partFails, request.id, b);
  }

  /** With influxdb.2-coordinator-crash off it had queued what it could not deliver. */
  #isSaved({ coordinator }: OpenRequest, part: RequestPart, copy: number): boolean {
    const { rules, handoff, tables } = this.#o;
    const target = tables[part.table].replicas[copy];
    if (!rules.isOff('influxdb.2-coordinator-crash') || target === coordinator) return false;
    if (handoff.removedBy(target) > 0 || handoff.offer(coordinator, target, part, part.fates[copy]) === null)
      return false;
    part.tasks[copy] = TASK.queued;
    return true;
  }

  save(): SavedRequests {
    return {
      ...{ open: this.#open.save(), again: [...this.#again.values()].map((request) => copyOfRequest(request)) },
      ...{ next: this.#o.writers.map(({ next }) => next), answers: this.answers.save() },
    };
  }

  load({ open, again, next, answers }: SavedRequests): void {
    this.#open.load(open);
    this.#again = new Map(again.map((request) => [request.id, copyOfRequest(request)]));
    this.#o.writers.forEach((writer, index) => (writer.next = next[index]));
    this.answers.load(answers);
  }

  // ---------------------------------------------------------------- inside

  #refuse(request: OpenRequest): void {
    const { kernel, copies } = this.#o;
    for (const { from, to } of request.parts) {
      for (let version = from; version < to; version += 1)
        copies.recordRows(kernel.now, RECORD.rejected, 0, 0, version, OUTCOME.unavailable | (request.attempt << 8));
      this.answers.counts.unavailable += to - from;
    }
    request.isTold = true;
    this.#retry(request, false);
    this.#open.remove(request.id);
  }

  #send(request: OpenRequest): void {
    const { kernel, copies, writeTimeoutMicros, cuts, rules, ownership } = this.#o;
    for (const { from, to } of request.parts)
      for (let version = from; version < to; version += 1)
        copies.recordRows(kernel.now, RECORD.issued, request.coordinator, 0, version, request.attempt);
    kernel.schedule(kernel.now + writeTimeoutMicros, EVENT.requestTimeout, request.id, 0);
    this.answers.sent(request);
    const cut = request.attempt === 0 ? cuts.cutOf(request.writer, request.index) : null;
    request.panics = cuts.takePanic(request.coordinator);
    request.parts.forEach((part, place) => {
      part.tasks.forEach((_task, copy) => {
        const isSent = cut === null || rules.isOff('influxdb.2-cut') || isBefore(cut, place, copy);
        // influxdb.7-remove: nobody writes to it, and nobody keeps anything for it.
        if (!ownership.owns(part.table, copy)) this.#passOver(part, copy);
        else if (isSent) this.#sendTo(request, place, copy);
        else this.#leaveOut(part, copy, latentFate(CAUSE.partialBatch, cut.origin));
      });
    });
    if (cut !== null) {
      rules.mark('influxdb.2-cut');
      cuts.die(request.coordinator, cut.origin);
      return;
    }
    this.#judge(request);
    this.#panicIfDone(request);
  }

  #leaveOut(part: RequestPart, copy: number, fate: number): void {
    part.tasks[copy] = TASK.failed;
    this.#missPart(part, copy, fate);
  }

  /** Of a node that is no owner: nothing is missing there, unless nobody has taken its place. */
  #passOver(part: RequestPart, copy: number): void {
    const { ownership } = this.#o;
    part.tasks[copy] = TASK.absent;
    if (!ownership.counts(part.table, copy)) return;
    this.#missPart(part, copy, latentFate(CAUSE.bootstrapMissed, ownership.removedBy(part.table, copy)));
  }

  /** influxdb.2-panic: its own copies are written, and nobody else's. */
  #panicIfDone({ panics, coordinator, parts, isOrphan }: OpenRequest): void {
    const { tables, cuts, rules } = this.#o;
    if (panics === 0 || isOrphan) return;
    const isOpen = parts.some(({ table, tasks }) =>
      tasks.some((task, copy) => task === TASK.open && tables[table].replicas[copy] === coordinator),
    );
    if (isOpen) return;
    rules.mark('influxdb.2-panic');
    cuts.die(coordinator, panics);
  }

  #sendTo(request: OpenRequest, place: number, copy: number): void {
    const { kernel, tables, handoff, ways, rules, anyBehindQueue } = this.#o;
    const part = request.parts[place];
    const target = tables[part.table].replicas[copy];
    const b = (place << COPY_BITS) | copy;
    const way = this.#way(request, place, target);
    const removedBy = handoff.removedBy(target);
    if (removedBy > 0) {
      // The shard is still of that node (influxdb.3.6), but nobody knows where it is.
      this.#leaveOut(part, copy, latentFate(CAUSE.nodeRemoved, removedBy));
      return;
    }
    if (target !== request.coordinator && request.panics > 0 && !rules.isOff('influxdb.2-panic')) {
      part.fates[copy] = CAUSE.coordinatorLost;
      return;
    }
    const untried = target === request.coordinator ? null : handoff.untried(request.coordinator, target, part.table);
    if (untried !== null) {
      const { fate, isBehind } = untried;
      rules.mark(isBehind ? 'influxdb.2-queue-first' : 'influxdb.2-throttle');
      if (!isBehind) this.answers.counts.throttled += part.to - part.from;
      const trouble = isBehind ? PART_TROUBLE.queueNotEmpty : troubleOf(fate);
      this.answers.trouble(request, part, { target, trouble });
      this.#queue(request, b, { fate, trouble });
      if (!anyBehindQueue) part.tasks[copy] = TASK.failed;
      return;
    }
    const lost = ways.lossFate(way, DIRECTION.write);
    if (lost !== 0) {
      part.fates[copy] = lost;
      this.#failAfterSilence(request, b);
      return;
    }
    kernel.schedule(kernel.now + ways.micros(way, DIRECTION.write, kernel.now), EVENT.partArrives, request.id, b);
  }

  #failAfterSilence(request: OpenRequest, b: number): void {
    const { kernel, remoteTimeoutMicros } = this.#o;
    kernel.schedule(Math.max(kernel.now, request.sentMicros + remoteTimeoutMicros), EVENT.partFails, request.id, b);
  }

  /** Has the level been met, or missed, and is anything left to do? */
  #judge(request: OpenRequest): void {
    if (!request.isTold && !request.isOrphan) {
      const { consistency } = this.#o.writers[request.writer].o;
      const states = request.parts.map((part) => judged(part, consistency));
      if (states.every((state) => state === 'met')) this.#tell(request, OUTCOME.success);
      else if (states.includes('missed')) this.#tell(request, OUTCOME.failed);
    }
    this.#forgetDone(request);
  }

  #forgetDone(request: OpenRequest): void {
    const { isTold, waiting, parts } = request;
    if (isTold && waiting === 0 && parts.every(({ tasks }) => !tasks.some(isUndecided))) this.#open.remove(request.id);
  }

  #tell(request: OpenRequest, outcome: number): void {
    this.answers.tell(request, outcome);
    if (outcome !== OUTCOME.success) this.#retry(request, outcome === OUTCOME.timedOut);
  }

  #retry(request: OpenRequest, isTimeout: boolean): void {
    const { writers, kernel } = this.#o;
    const { retry } = writers[request.writer].o;
    if (retry === null || request.attempt >= retry.attempts) return;
    if (isTimeout ? !retry.onTimeout : !retry.onError) return;
    this.#again.set(request.id, copyOfRequest(request));
    kernel.schedule(kernel.now + CLIENT_TURN_MICROS, EVENT.requestAgain, request.id, 0);
  }

  /** A coordinator that stands still does nothing until it goes on. */
  #waitsForCoordinator(request: OpenRequest, event: number, b: number): boolean {
    const { cluster, kernel } = this.#o;
    const { coordinator } = request;
    if (request.isOrphan || cluster.paused[coordinator] === 0) return false;
    kernel.schedule(cluster.pausedUntil[coordinator], event, request.id, b);
    return true;
  }

  #missPart({ from, to }: RequestPart, copy: number, detail: number): void {
    for (let version = from; version < to; version += 1) this.#o.copies.miss(version, copy, detail);
  }

  #way(request: OpenRequest, place: number, target: number): PartWay {
    const address = (request.index * 64 + place) * 16 + request.writer;
    return { coordinator: request.coordinator, target, address, attempt: request.attempt };
  }
}
