/**
 * A request of many points from the client's call to the coordinator's last word (influxdb.2): it is split by shard, each part
 * goes to all owners at once, and each part succeeds or fails by itself; there is no atomicity. The coordinator writes its
 * own copy, sends the others theirs, queues what could not be delivered, and answers as soon as every part has as many
 * copies as the level wants. What it had still to do when its process ends, nobody does.
 */
import type { Rules } from '../../base/rules.ts';
import { CAUSE, OUTCOME, STATE, VIA } from '../../data/causes.ts';
import type { TableLayout } from '../../data/layout.ts';
import { RECORD } from '../../data/records.ts';
import type { Versions } from '../../data/versions.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Cluster } from '../cluster.ts';
import type { Copies } from '../copies.ts';
import { EVENT } from '../event-kinds.ts';
import { DIRECTION } from '../links.ts';
import type { Handoff } from './handoff.ts';
import type { Caches } from './caches.ts';
import { copyOfRequest, OpenRequests, TASK, type OpenRequest, type RequestPart } from './open-requests.ts';
import type { PointConsistency, PointWriter } from './point-writer.ts';
import type { ShardEnds } from './shard-ends.ts';
import type { PartWay, PartWays } from './ways.ts';

export interface RequestPathOptions {
  kernel: Kernel;
  rules: Rules;
  versions: Versions;
  tables: readonly TableLayout[];
  cluster: Cluster;
  copies: Copies;
  handoff: Handoff;
  caches: Caches;
  ways: PartWays;
  writers: readonly PointWriter[];
  ends: ShardEnds;
  /** How long a client waits for the coordinator's word (write-timeout). */
  writeTimeoutMicros: number;
  /** From sending a part to the error that nobody answers, and to that of a machine that is off. */
  remoteTimeoutMicros: number;
  dialMicros: number;
  /** What an fsync takes: a part is acknowledged after it (influxdb.5). */
  fsyncMicros: (node: number) => number;
  isOff: (node: number) => boolean;
  untilMicros: number;
}

export interface RequestCounts {
  acknowledged: number;
  timed_out: number;
  unavailable: number;
  failed: number;
  unknown: number;
  retried: number;
  /** Left out because their time is before what the policy keeps; no writes. */
  beyond_policy: number;
}

const COPY_BITS = 6;
const COPY_MASK = 63;
/** A client tries again so long after it was told. */
const CLIENT_TURN_MICROS = 1_000_000;

export class RequestPath {
  /** Of points. */
  readonly counts: RequestCounts = {
    ...{ acknowledged: 0, timed_out: 0, unavailable: 0, failed: 0, unknown: 0, retried: 0, beyond_policy: 0 },
  };
  readonly #o: RequestPathOptions;
  readonly #open = new OpenRequests();
  /** Requests that will be tried again, by number. */
  #again = new Map<number, OpenRequest>();

  constructor(options: RequestPathOptions) {
    this.#o = options;
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
      this.counts.beyond_policy += beyond;
    }
    const coordinator = this.#coordinatorOf(writer, number, 0);
    const request = {
      ...{ writer: index, index: number, attempt: 0, coordinator: Math.max(0, coordinator), sentMicros: kernel.now },
      parts: parts.map((part): RequestPart => ({ ...part, ...this.#noTasks(part) })),
      ...{ isTold: false, waiting: 0, endedBy: 0, isOrphan: false },
    };
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
    const coordinator = this.#coordinatorOf(writers[before.writer], before.index, attempt);
    const parts = before.parts.map((part) => ({ ...part, ...this.#noTasks(part) }));
    const { writer, index } = before;
    const request = this.#open.add({
      ...{ writer, index, attempt, coordinator: Math.max(0, coordinator), sentMicros: kernel.now, parts },
      ...{ isTold: false, waiting: 0, endedBy: 0, isOrphan: false },
    });
    for (const { from, to } of parts) this.counts.retried += to - from;
    if (coordinator < 0) this.#refuse(request);
    else this.#send(request);
  }

  /** Handler: a part reaches an owner. */
  arrives(id: number, b: number): void {
    const { cluster, kernel, tables, copies, ways, fsyncMicros, isOff, dialMicros } = this.#o;
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
      part.fates[copy] = CAUSE.nodeDown | (cluster.downOrigin[target] << 8);
      const takes = isOff(target) ? dialMicros : ways.micros(way, DIRECTION.ack, kernel.now);
      kernel.schedule(kernel.now + takes, EVENT.partFails, id, b);
      return;
    }
    if (cluster.paused[target] === 1) {
      // It waits in the process that stands still; who sent it does not wait so long.
      if (part.fates[copy] === 0) {
        part.fates[copy] = CAUSE.nodeDown | (cluster.downOrigin[target] << 8);
        this.#failAfterSilence(request, b);
      }
      part.waits[copy] = 1;
      request.waiting += 1;
      kernel.schedule(cluster.pausedUntil[target], EVENT.partArrives, id, b);
      return;
    }
    const via = request.attempt === 0 ? VIA.delivery : VIA.retry;
    // Of a shard that is gone nothing is written, and nobody is told (influxdb.3.5-draining).
    if (!this.#o.ends.isGone(part.table)) {
      for (let version = part.from; version < part.to; version += 1) copies.apply(target, version, copy, via);
      this.#o.caches.written(target, part.table);
    }
    if (part.tasks[copy] !== TASK.open) {
      // It lay in a paused process until nobody waited for it any more.
      this.#forgetDone(request);
      return;
    }
    const lost = ways.lossFate(way, DIRECTION.ack);
    if (lost !== 0) {
      part.fates[copy] = lost;
      this.#failAfterSilence(request, b);
      return;
    }
    const back = target === request.coordinator ? 0 : ways.micros(way, DIRECTION.ack, kernel.now);
    kernel.schedule(kernel.now + fsyncMicros(target) + back, EVENT.partAnswered, id, b);
  }

  /** Handler: an owner has stored the part, and its coordinator knows. */
  answered(id: number, b: number): void {
    const request = this.#open.get(id);
    if (request === undefined) return;
    if (this.#waitsForCoordinator(request, EVENT.partAnswered, b)) return;
    const part = request.parts[b >> COPY_BITS];
    if (part.tasks[b & COPY_MASK] !== TASK.open) return;
    part.tasks[b & COPY_MASK] = TASK.stored;
    this.#judge(request);
  }

  /** Handler: the coordinator learns that a part was not delivered: it queues it for the owner (influxdb.2, step 5). */
  fails(id: number, b: number): void {
    const { tables, handoff } = this.#o;
    const request = this.#open.get(id);
    if (request === undefined) return;
    if (this.#waitsForCoordinator(request, EVENT.partFails, b)) return;
    const part = request.parts[b >> COPY_BITS];
    const copy = b & COPY_MASK;
    if (part.tasks[copy] !== TASK.open) {
      this.#forgetDone(request);
      return;
    }
    const target = tables[part.table].replicas[copy];
    if (request.isOrphan) {
      part.tasks[copy] = TASK.failed;
      this.#missPart(part, copy, CAUSE.coordinatorLost | (STATE.latent << 6) | (request.endedBy << 8));
    } else if (target === request.coordinator) {
      // There is no queue to oneself (influxdb.2, step 4).
      part.tasks[copy] = TASK.failed;
      this.#missPart(part, copy, CAUSE.rejectedLocally | (STATE.latent << 6));
    } else {
      const isKept = handoff.offer(request.coordinator, target, part, part.fates[copy]);
      part.tasks[copy] = isKept ? TASK.queued : TASK.failed;
    }
    this.#judge(request);
  }

  /** Handler: the client has waited long enough; what is under way goes on (influxdb.2, step 6). */
  timeout(id: number): void {
    const request = this.#open.get(id);
    if (request === undefined || request.isTold) return;
    if (this.#waitsForCoordinator(request, EVENT.requestTimeout, 0)) return;
    this.#o.rules.mark('influxdb.2-write-timeout');
    this.#tell(request, OUTCOME.timedOut);
    this.#forgetDone(request);
  }

  /** The process of a coordinator ends: what it had not handed on is in nobody's queue (influxdb.2, coordinator crash). */
  nodeEnded(node: number, origin: number): void {
    const { rules, tables } = this.#o;
    for (const request of this.#open.ofCoordinator(node)) {
      request.isOrphan = true;
      request.endedBy = origin;
      for (const part of request.parts) {
        part.tasks.forEach((task, copy) => {
          if (task !== TASK.open) return;
          // Of a part that is still under way to a node that runs nothing is lost yet.
          if (part.fates[copy] === 0 && tables[part.table].replicas[copy] !== node) return;
          part.tasks[copy] = TASK.failed;
          rules.mark('influxdb.2-coordinator-crash');
          this.#missPart(part, copy, CAUSE.coordinatorLost | (STATE.latent << 6) | (origin << 8));
        });
      }
      if (!request.isTold) this.#tell(request, OUTCOME.unknown);
      this.#forgetDone(request);
    }
  }

  save(): RequestPathState {
    return {
      open: this.#open.save(),
      again: [...this.#again.values()].map((request) => copyOfRequest(request)),
      next: this.#o.writers.map(({ next }) => next),
      counts: { ...this.counts },
    };
  }

  load({ open, again, next, counts }: RequestPathState): void {
    this.#open.load(open);
    this.#again = new Map(again.map((request) => [request.id, copyOfRequest(request)]));
    this.#o.writers.forEach((writer, index) => (writer.next = next[index]));
    Object.assign(this.counts, counts);
  }

  // ---------------------------------------------------------------- inside

  /** A balancer passes on in turn, and by nodes that do not answer; −1 where nobody does. */
  #coordinatorOf(writer: PointWriter, index: number, attempt: number): number {
    const { cluster } = this.#o;
    const { through } = writer.o;
    if (through !== null) return cluster.coordinates(through) ? through : -1;
    for (let step = 0; step < cluster.count; step += 1) {
      const node = (index + attempt + step) % cluster.count;
      if (cluster.coordinates(node)) return node;
    }
    return -1;
  }

  #noTasks({ table }: { table: number }): Pick<RequestPart, 'tasks' | 'fates' | 'waits'> {
    const zeros = (): number[] => Array.from({ length: this.#o.tables[table].copies }, () => 0);
    return { tasks: zeros(), fates: zeros(), waits: zeros() };
  }

  #refuse(request: OpenRequest): void {
    const { kernel, copies } = this.#o;
    for (const { from, to } of request.parts) {
      for (let version = from; version < to; version += 1)
        copies.recordRows(kernel.now, RECORD.rejected, 0, 0, version, OUTCOME.unavailable | (request.attempt << 8));
      this.counts.unavailable += to - from;
    }
    request.isTold = true;
    this.#retry(request, false);
    this.#open.remove(request.id);
  }

  #send(request: OpenRequest): void {
    const { kernel, copies, writeTimeoutMicros } = this.#o;
    for (const { from, to } of request.parts)
      for (let version = from; version < to; version += 1)
        copies.recordRows(kernel.now, RECORD.issued, request.coordinator, 0, version, request.attempt);
    kernel.schedule(kernel.now + writeTimeoutMicros, EVENT.requestTimeout, request.id, 0);
    request.parts.forEach((part, place) => {
      part.tasks.forEach((_task, copy) => this.#sendTo(request, place, copy));
    });
    this.#judge(request);
  }

  #sendTo(request: OpenRequest, place: number, copy: number): void {
    const { kernel, tables, handoff, ways, rules } = this.#o;
    const part = request.parts[place];
    const target = tables[part.table].replicas[copy];
    const b = (place << COPY_BITS) | copy;
    const way = this.#way(request, place, target);
    if (target !== request.coordinator && handoff.isAhead(request.coordinator, target, part.table)) {
      rules.mark('influxdb.2-queue-first');
      const isKept = handoff.offer(request.coordinator, target, part, this.#queueFate(target));
      part.tasks[copy] = isKept ? TASK.queued : TASK.failed;
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

  /** Why what is ahead in the queue is there: the target is down, or was. */
  #queueFate(target: number): number {
    const { cluster } = this.#o;
    return CAUSE.nodeDown | (cluster.downOrigin[target] << 8);
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
    if (isTold && waiting === 0 && parts.every(({ tasks }) => tasks.every((task) => task !== TASK.open)))
      this.#open.remove(request.id);
  }

  #tell(request: OpenRequest, outcome: number): void {
    const { kernel, copies, versions } = this.#o;
    request.isTold = true;
    for (const { from, to } of request.parts) {
      for (let version = from; version < to; version += 1) {
        if (versions.arrays.outcome[version] !== OUTCOME.success) versions.arrays.outcome[version] = outcome;
        const detail = outcome | (request.attempt << 8);
        copies.recordRows(kernel.now, RECORD.answered, request.coordinator, 0, version, detail);
      }
      this.counts[COUNTED[outcome] ?? 'unknown'] += to - from;
    }
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

export interface RequestPathState {
  open: ReturnType<OpenRequests['save']>;
  again: OpenRequest[];
  next: number[];
  counts: RequestCounts;
}

const COUNTED: Readonly<Record<number, keyof RequestCounts>> = {
  [OUTCOME.success]: 'acknowledged',
  [OUTCOME.timedOut]: 'timed_out',
  [OUTCOME.failed]: 'failed',
  [OUTCOME.unavailable]: 'unavailable',
};

/** Is the level met for this part, can it not be any more, or is that open? */
function judged({ tasks }: RequestPart, consistency: PointConsistency): 'met' | 'missed' | 'open' {
  const wanted = wantedOf(consistency, tasks.length);
  const stored = tasks.filter((task) => task === TASK.stored || (consistency === 'any' && task === TASK.queued)).length;
  if (stored >= wanted) return 'met';
  return tasks.includes(TASK.open) ? 'open' : 'missed';
}

/** influxdb.2, step 3. */
function wantedOf(consistency: PointConsistency, owners: number): number {
  if (consistency === 'all') return owners;
  return consistency === 'quorum' ? Math.floor(owners / 2) + 1 : 1;
}
