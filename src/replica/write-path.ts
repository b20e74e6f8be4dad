/**
 * A mutation from the client's call to the coordinator's last word: issue, delivery, answer, expiry. The coordinator
 * sends to every replica it believes alive, hints for the others, answers at the consistency level, and offers a hint
 * for whoever did not acknowledge within write_request_timeout (cassandra.e2).
 *
 * Two ways through the same handlers: batched (records in the calendar, for first attempts) and event by event (records
 * in the kernel's queue). A healthy write has no state but its version: its deliveries, and the answer at the level's
 * k-th acknowledgement, are formulas of its address. State (`pending-writes.ts`) begins where something goes wrong.
 */
import type { Rules } from '../base/rules.ts';
import { CAUSE, OUTCOME, STATE, VIA } from '../data/causes.ts';
import type { TableLayout } from '../data/layout.ts';
import { RECORD } from '../data/records.ts';
import { FIRST_VERSION, OPERATION, type Versions } from '../data/versions.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { draw32, type StreamKey } from '../kernel/random.ts';
import type { Trace } from '../kernel/trace.ts';
import type { Calendar } from './calendar.ts';
import type { Cluster } from './cluster.ts';
import { nthDelay, NOT_ENOUGH } from './consistency.ts';
import { EVENT } from './event-kinds.ts';
import { DIRECTION, DIRECTIONS, type Links } from './links.ts';
import { NO_ENTRY, type PendingWrites } from './pending-writes.ts';
import type { Storage } from './storage.ts';
import type { Workload } from './workload.ts';

/** Codes of calendar records: kind << 6 | copy. */
const DELIVERY = 0;
const HINT_AT_ISSUE = 1 << 6;
const ANSWER = 2 << 6;
const EXPIRY = 3 << 6;
const CODE_KIND_SHIFT = 6;
const COPY_MASK = 63;
const EVENT_OF_CODE = [EVENT.delivery, EVENT.hintAtIssue, EVENT.answer, EVENT.expiry] as const;

/** A client that retries does so this long after it was told. */
const CLIENT_TURN_MICROS = 1000;
/** A client whose coordinator died learns it from the broken connection; one without a retry policy does not care when. */
export const NO_NODE = -1;

/** What stores hints; the write path only offers. */
export interface HintSink {
  /** A hint for `target` is due at `coordinator`: store it or not, and say so in the trace. True when stored. */
  offer(coordinator: number, target: number, version: number, copy: number, fate: number): boolean;
}

/** What learns how a batch's mutations fare. */
export interface BatchSink {
  mutationAcknowledged(batch: number, version: number): void;
  mutationExpired(batch: number, version: number): void;
}

export interface WritePathOptions {
  kernel: Kernel;
  trace: Trace;
  rules: Rules;
  versions: Versions;
  tables: readonly TableLayout[];
  cluster: Cluster;
  links: Links;
  storage: Storage;
  pending: PendingWrites;
  calendar: Calendar;
  workloads: readonly Workload[];
  writeTimeoutMicros: number;
  /** Key of the draws that lose messages. */
  lossKey: StreamKey;
  batched: boolean;
}

export class WritePath {
  hints: HintSink | null = null;
  batches: BatchSink | null = null;
  /** Records with a time before this one go to the kernel: the calendar's window up to it is sorted already. */
  sortedUntil = 0;
  readonly counts = { acknowledged: 0, timedOut: 0, unavailable: 0, unknown: 0, retried: 0 };
  readonly #o: WritePathOptions;
  readonly #delays: Float64Array;
  readonly #works: Float64Array;

  constructor(options: WritePathOptions) {
    this.#o = options;
    this.#delays = new Float64Array(options.pending.copies);
    this.#works = new Float64Array(options.pending.copies);
  }

  // ---------------------------------------------------------------- issue

  /** The coordinator that serves this attempt: the drawn one or, where it does not answer, the next of its data centre. */
  pickCoordinator(workload: Workload, address: number, attempt: number): number {
    const drawn = workload.coordinator(address, attempt);
    const { cluster } = this.#o;
    if (cluster.healthy || cluster.answers(drawn)) return drawn;
    const nodes = workload.coordinatorsOf(drawn);
    const start = nodes.indexOf(drawn);
    for (let step = 1; step < nodes.length; step += 1) {
      const node = nodes[(start + step) % nodes.length];
      if (cluster.answers(node)) return node;
    }
    return NO_NODE;
  }

  /** A single mutation of a workload arrives at `micros`; returns its version. */
  issue(workload: Workload, address: number, micros: number): number {
    const { versions, cluster } = this.#o;
    const version = versions.count;
    versions.count = version + 1;
    workload.fill(versions, version, address);
    const coordinator = this.pickCoordinator(workload, address, 0);
    this.stamp(version, coordinator, micros);
    if (coordinator === NO_NODE) versions.arrays.outcome[version] = OUTCOME.unavailable;
    else if (cluster.healthy && workload.consistency.attainable(cluster.dcOf[coordinator])) this.#sendHealthy(workload, version, coordinator, micros);
    else this.send(workload, version, 0, coordinator, micros, NO_ENTRY);
    return version;
  }

  stamp(version: number, coordinator: number, micros: number): void {
    const { arrays } = this.#o.versions;
    arrays.issuedAt[version] = micros;
    arrays.coordinator[version] = coordinator === NO_NODE ? 0 : coordinator;
    if (arrays.timestamp !== arrays.issuedAt) {
      arrays.timestamp[version] = micros + (coordinator === NO_NODE ? 0 : this.#o.cluster.skewMicros[coordinator]);
    }
  }

  /** Say in the trace what `issue` decided; called in order of time. */
  recordIssue(version: number, micros: number, attempt: number, coordinator: number): void {
    const refused = this.#o.versions.arrays.outcome[version] === OUTCOME.unavailable;
    if (!refused) {
      this.#recordRows(micros, RECORD.issued, coordinator, 0, version, attempt);
      return;
    }
    this.counts.unavailable += 1;
    this.#recordRows(micros, RECORD.rejected, coordinator, 0, version, OUTCOME.unavailable | (attempt << 8));
    this.#retryLater(version, attempt, micros);
  }

  /** All nodes up, all links open: every message arrives, the only doubt is whether all acknowledge in time. */
  #sendHealthy(workload: Workload, version: number, coordinator: number, micros: number): void {
    const { links, versions, writeTimeoutMicros } = this.#o;
    const { table } = workload;
    const copies = table.copies;
    const base = versions.arrays.replicaBase[version];
    const address = versions.arrays.index[version];
    const row = coordinator * links.count;
    const delays = this.#delays;
    let slowest = 0;
    for (let copy = 0; copy < copies; copy += 1) {
      const target = table.replicas[base + copy];
      const pairClass = links.classOf[row + target] * DIRECTIONS;
      const way = workload.latency(links.samplers[pairClass + DIRECTION.write], DIRECTION.write, address, 0, target);
      const back = workload.latency(links.samplers[pairClass + DIRECTION.ack], DIRECTION.ack, address, 0, target);
      delays[copy] = way + back;
      if (way + back > slowest) slowest = way + back;
      this.#push(micros + way, DELIVERY | copy, version);
    }
    if (slowest > writeTimeoutMicros) this.#trouble(workload, version, 0, coordinator, micros, NO_ENTRY);
    const delay = this.#answerDelay(workload, version, coordinator);
    if (delay !== NOT_ENOUGH && delay <= writeTimeoutMicros) this.#push(micros + delay, ANSWER, version);
  }

  /** The careful way: each replica by what the coordinator believes and what is true. False = refused as unavailable. */
  send(workload: Workload, version: number, attempt: number, coordinator: number, micros: number, batch: number): boolean {
    const { cluster, versions } = this.#o;
    const { table, consistency } = workload;
    const base = versions.arrays.replicaBase[version];
    const dc = cluster.dcOf[coordinator];
    let live = 0;
    for (let copy = 0; copy < table.copies; copy += 1) {
      const target = table.replicas[base + copy];
      if (this.#sees(coordinator, target) && consistency.counts(cluster.dcOf[target], dc)) live += 1;
    }
    if (live < consistency.required(dc) && !consistency.acceptsHint) {
      if (batch === NO_ENTRY) versions.arrays.outcome[version] = OUTCOME.unavailable;
      return false;
    }
    const entry = this.#trouble(workload, version, attempt, coordinator, micros, batch);
    this.sendCopies(workload, entry, table.copies, micros);
    this.scheduleAnswer(entry, micros);
    return true;
  }

  /** Send to the first `count` copies of the row. */
  sendCopies(workload: Workload, entry: number, count: number, micros: number): void {
    const { versions, pending } = this.#o;
    const version = pending.version[entry];
    const coordinator = pending.coordinator[entry];
    const base = versions.arrays.replicaBase[version];
    for (let copy = 0; copy < count; copy += 1) {
      const target = workload.table.replicas[base + copy];
      if (this.#sees(coordinator, target)) this.#sendCopy(entry, copy, coordinator, target, micros);
      else {
        pending.hintedMask[entry] |= 1 << copy;
        this.#pushAttempt(micros, HINT_AT_ISSUE | copy, version, pending.attempt[entry]);
      }
    }
  }

  #sendCopy(entry: number, copy: number, coordinator: number, target: number, micros: number): void {
    const { cluster, pending } = this.#o;
    const version = pending.version[entry];
    const attempt = pending.attempt[entry];
    pending.sentMask[entry] |= 1 << copy;
    const fate = this.lossFate(coordinator, target, version, attempt, DIRECTION.write);
    if (fate !== 0) {
      this.#lose(entry, copy, fate);
      return;
    }
    const way = this.wayMicros(version, attempt, coordinator, target, DIRECTION.write);
    const back = this.wayMicros(version, attempt, coordinator, target, DIRECTION.ack);
    const arrives = micros + way;
    this.#pushAttempt(arrives, DELIVERY | copy, version, attempt);
    // The best guess of the acknowledgement's time; the delivery corrects it where the target's state says otherwise.
    const working = cluster.answers(target);
    pending.ackAt[entry * pending.copies + copy] = working ? arrives + back : Infinity;
  }

  /** When the client can be told, as things stand; nothing if that is never. */
  scheduleAnswer(entry: number, micros: number): void {
    const { pending } = this.#o;
    if (pending.answered[entry] === 1) return;
    const at = this.#answerTime(entry);
    if (at === NOT_ENOUGH) return;
    this.#pushAttempt(at < micros ? micros : at, ANSWER, pending.version[entry], pending.attempt[entry]);
  }

  /** 0 = the message gets through its link; else cause | origin << 8. Judged when it is sent. */
  lossFate(from: number, to: number, version: number, attempt: number, direction: number): number {
    const { cluster, lossKey } = this.#o;
    if (from === to) return 0;
    const pair = from * cluster.count + to;
    if (cluster.cut[pair] > 0) return CAUSE.partition | (cluster.cutOrigin[pair] << 8);
    const threshold = cluster.lossThreshold[pair];
    if (threshold === 0) return 0;
    const drawn = draw32(lossKey.k0 + pair * 8 + direction, lossKey.k1 + attempt, version);
    return drawn < threshold ? CAUSE.messageLost | (cluster.lossOrigin[pair] << 8) : 0;
  }

  wayMicros(version: number, attempt: number, coordinator: number, target: number, direction: number): number {
    const { links, workloads, versions } = this.#o;
    const workload = workloads[versions.arrays.workload[version]];
    const sampler = links.samplers[links.classOf[coordinator * links.count + target] * DIRECTIONS + direction];
    return workload.latency(sampler, direction, versions.arrays.index[version], attempt, target);
  }

  // ---------------------------------------------------------------- deliveries and answers

  /** A mutation message arrives at a replica. b = attempt << 6 | copy. */
  delivery(version: number, b: number): void {
    const { cluster, versions, tables, kernel } = this.#o;
    const { arrays } = versions;
    const copy = b & COPY_MASK;
    const target = tables[arrays.table[version]].replicas[arrays.replicaBase[version] + copy];
    if (!cluster.healthy && this.#deliveryFails(version, b >> 6, copy, target)) return;
    if (kernel.now - arrays.issuedAt[version] > this.#o.writeTimeoutMicros && this.#dropsLate(version, b >> 6, copy)) return;
    this.apply(target, version, copy, b >> 6 === 0 ? VIA.delivery : VIA.retry);
    if (!cluster.healthy) this.#acknowledge(version, b >> 6, copy, target);
  }

  /** Write the version's entries on a copy: memtable, log, trace. */
  apply(target: number, version: number, copy: number, via: number): void {
    const { kernel, trace, storage, versions, tables } = this.#o;
    const { arrays } = versions;
    const table = tables[arrays.table[version]];
    const slot = arrays.firstSlot[version];
    if (table.slotsPerRow === 1 && arrays.rowCount[version] === 1) {
      storage.append(target, table.index, slot, version);
      trace.record(kernel.now, RECORD.applied, target, copy, version, slot, via);
      return;
    }
    for (let row = 0; row < arrays.rowCount[version]; row += 1) {
      storage.appendRow(target, table, slot + row * table.slotsPerRow, version);
      trace.record(kernel.now, RECORD.applied, target, copy, version, slot + row * table.slotsPerRow, via);
    }
  }

  /** The coordinator tells the client. b = attempt << 6. */
  answer(version: number, b: number): void {
    const { pending, cluster, versions, kernel } = this.#o;
    const attempt = b >> 6;
    const coordinator = versions.arrays.coordinator[version];
    if (cluster.healthy && pending.size === 0 && cluster.startedAt[coordinator] <= versions.arrays.issuedAt[version]) {
      this.#tell(version, attempt, coordinator, OUTCOME.success);
      return;
    }
    const entry = pending.find(version, attempt);
    if (entry === NO_ENTRY) {
      this.#answerUntroubled(version, attempt, coordinator);
      return;
    }
    if (pending.answered[entry] === 1) return;
    const at = this.#answerTime(entry);
    if (at === NOT_ENOUGH) return;
    if (at > kernel.now) this.#pushAttempt(at, ANSWER, version, attempt);
    else if (cluster.paused[pending.coordinator[entry]] === 1) {
      kernel.schedule(cluster.pausedUntil[pending.coordinator[entry]], EVENT.answer, version, b);
    } else this.#succeed(entry);
  }

  /** write_request_timeout has passed: hints for the silent, an error for the client. b = attempt << 6. */
  expiry(version: number, b: number): void {
    const { pending, cluster, kernel } = this.#o;
    const entry = pending.find(version, b >> 6);
    if (entry === NO_ENTRY) return;
    const coordinator = pending.coordinator[entry];
    if (pending.endedBy[entry] > 0) {
      this.#forgetOrphan(entry);
      return;
    }
    if (cluster.paused[coordinator] === 1) {
      kernel.schedule(cluster.pausedUntil[coordinator], EVENT.expiry, version, b);
      return;
    }
    const stored = this.#hintTheSilent(entry);
    if (pending.answered[entry] === 0) {
      if (stored > 0 && this.#workloadOf(version).consistency.acceptsHint) this.#succeed(entry);
      else this.#timeOut(entry);
    }
    pending.remove(entry);
  }

  /** The coordinator believes the target down: a hint instead of a message. b = attempt << 6 | copy. */
  hintAtIssue(version: number, b: number): void {
    const { versions, tables, pending } = this.#o;
    const entry = pending.find(version, b >> 6);
    const coordinator = entry === NO_ENTRY ? versions.arrays.coordinator[version] : pending.coordinator[entry];
    const copy = b & COPY_MASK;
    const target = tables[versions.arrays.table[version]].replicas[versions.arrays.replicaBase[version] + copy];
    if (entry !== NO_ENTRY && pending.endedBy[entry] > 0) {
      this.#missOrphan(entry, copy);
      return;
    }
    const stored = this.hints?.offer(coordinator, target, version, copy, this.downFate(coordinator, target)) ?? false;
    if (!stored || entry === NO_ENTRY || pending.answered[entry] === 1) return;
    // ANY with no live replica: the stored hint is the acknowledgement (cassandra.e3).
    if (pending.sentMask[entry] === 0 && this.#workloadOf(version).consistency.acceptsHint) this.#succeed(entry);
  }

  /** A process ended: as a replica it loses what waited in it, as a coordinator it forgets its writes. */
  nodeEnded(node: number, origin: number): void {
    this.#loseWaiting(node, origin);
    this.#coordinatorDied(node, origin);
  }

  /** A coordinator's process ended: nobody times its writes out any more, so no hint will be made for what is lost. Its
   * entries stay, as orphans, until no message of them can take effect any more. */
  #coordinatorDied(node: number, origin: number): void {
    const { pending } = this.#o;
    this.#recallYoung(node);
    for (const entry of pending.ofCoordinator(node)) {
      if (pending.endedBy[entry] > 0) continue;
      pending.endedBy[entry] = origin;
      const lost = pending.lostMask[entry];
      for (let copy = 0; copy < pending.copies; copy += 1) if ((lost >> copy) & 1) this.#missOrphan(entry, copy);
      const isOpen = pending.answered[entry] === 0 && pending.batch[entry] === NO_ENTRY;
      pending.answered[entry] = 1;
      if (isOpen) this.#tell(pending.version[entry], pending.attempt[entry], node, OUTCOME.unknown);
    }
  }

  /** Send the same content again, through another coordinator. b = attempt. */
  reissue(version: number, attempt: number): void {
    const { kernel, versions } = this.#o;
    const workload = this.#workloadOf(version);
    const coordinator = this.pickCoordinator(workload, versions.arrays.index[version], attempt);
    this.counts.retried += 1;
    versions.arrays.outcome[version] = coordinator === NO_NODE ? OUTCOME.unavailable : OUTCOME.open;
    if (coordinator !== NO_NODE) this.send(workload, version, attempt, coordinator, kernel.now, NO_ENTRY);
    this.recordIssue(version, kernel.now, attempt, coordinator === NO_NODE ? 0 : coordinator);
  }

  /** Why the coordinator holds the target for down: cause | origin << 8. */
  downFate(coordinator: number, target: number): number {
    return this.#o.cluster.downFate(coordinator, target);
  }

  /** The client of a batch is told; every mutation has the batch's outcome. */
  tellBatch(version: number, coordinator: number, outcome: number): void {
    if (this.#o.versions.arrays.outcome[version] === OUTCOME.open) this.#tell(version, 0, coordinator, outcome);
  }

  /** Messages to the first `count` copies of a batch's mutation whose coordinator dies as it sends. */
  sendUnwatched(version: number, coordinator: number, count: number, batch: number): void {
    const { kernel, pending } = this.#o;
    const workload = this.#workloadOf(version);
    const entry = this.#trouble(workload, version, 0, coordinator, kernel.now, batch);
    pending.answered[entry] = 1;
    this.sendCopies(workload, entry, count, kernel.now);
  }

  recordMiss(version: number, copy: number, detail: number): void {
    this.#miss(version, copy, detail);
  }

  // ---------------------------------------------------------------- helpers

  #workloadOf(version: number): Workload {
    return this.#o.workloads[this.#o.versions.arrays.workload[version]];
  }

  #sees(coordinator: number, target: number): boolean {
    return coordinator === target || this.#o.cluster.seen[coordinator * this.#o.cluster.count + target] === 1;
  }

  /** Remember an attempt, and that its time-out must be looked at. */
  #trouble(workload: Workload, version: number, attempt: number, coordinator: number, micros: number, batch: number): number {
    const { pending, cluster, writeTimeoutMicros } = this.#o;
    const entry = pending.create(version, attempt);
    pending.coordinator[entry] = coordinator;
    pending.sentAt[entry] = micros;
    pending.batch[entry] = batch;
    this.#pushAttempt(micros + writeTimeoutMicros, EXPIRY, version, attempt);
    if (cluster.healthy && batch === NO_ENTRY && attempt === 0) this.#recallHealthy(workload, entry);
    return entry;
  }

  /** A first attempt that was sent when all was well: write down what its formulas say. */
  #recallHealthy(workload: Workload, entry: number): void {
    const { pending, versions } = this.#o;
    const version = pending.version[entry];
    const coordinator = pending.coordinator[entry];
    const base = versions.arrays.replicaBase[version];
    for (let copy = 0; copy < workload.table.copies; copy += 1) {
      const target = workload.table.replicas[base + copy];
      const way = this.wayMicros(version, 0, coordinator, target, DIRECTION.write);
      const back = this.wayMicros(version, 0, coordinator, target, DIRECTION.ack);
      pending.sentMask[entry] |= 1 << copy;
      pending.ackAt[entry * pending.copies + copy] = pending.sentAt[entry] + way + back;
    }
  }

  /** The entry of an attempt to which something has just happened; made if it was healthy so far; NO_ENTRY when its time
   * is over. */
  #entryInTrouble(version: number, attempt: number): number {
    const { pending, versions, kernel, writeTimeoutMicros } = this.#o;
    const found = pending.find(version, attempt);
    if (found !== NO_ENTRY || attempt > 0) return found;
    if (kernel.now >= versions.arrays.issuedAt[version] + writeTimeoutMicros) return NO_ENTRY;
    return this.#recall(version);
  }

  /** An entry for a first attempt that needed none so far. */
  #recall(version: number): number {
    const { pending, versions, writeTimeoutMicros } = this.#o;
    const sentAt = versions.arrays.issuedAt[version];
    const entry = pending.create(version, 0);
    pending.coordinator[entry] = versions.arrays.coordinator[version];
    pending.sentAt[entry] = sentAt;
    pending.answered[entry] = versions.arrays.outcome[version] === OUTCOME.open ? 0 : 1;
    this.#recallHealthy(this.#workloadOf(version), entry);
    this.#pushAttempt(sentAt + writeTimeoutMicros, EXPIRY, version, 0);
    return entry;
  }

  /** Entries for all healthy first attempts of a coordinator that could still time out. */
  #recallYoung(node: number): void {
    const { versions, kernel, writeTimeoutMicros } = this.#o;
    const { issuedAt, coordinator, operation } = versions.arrays;
    for (let version = versions.count - 1; version >= FIRST_VERSION; version -= 1) {
      // Damage has the time of what it replaced.
      if (operation[version] === OPERATION.corrupt) continue;
      if (issuedAt[version] + writeTimeoutMicros <= kernel.now) return;
      if (coordinator[version] === node && this.#isUnwatched(version)) this.#recall(version);
    }
  }

  /** Was its first attempt sent, and did no attempt meet anything worth an entry? */
  #isUnwatched(version: number): boolean {
    const { versions, pending } = this.#o;
    const { batch, retry } = this.#workloadOf(version);
    if (batch !== null || versions.arrays.outcome[version] === OUTCOME.unavailable) return false;
    // A refused first attempt has none; its retries have.
    const attempts = retry === null ? 0 : retry.attempts;
    for (let attempt = 0; attempt <= attempts; attempt += 1) if (pending.find(version, attempt) !== NO_ENTRY) return false;
    return true;
  }

  /** Messages that arrive from now on are too late to be taken. */
  #forgetOrphan(entry: number): void {
    const { pending, kernel, tables, versions } = this.#o;
    const version = pending.version[entry];
    const { replicas } = tables[versions.arrays.table[version]];
    const sent = pending.sentMask[entry] & ~pending.lostMask[entry];
    for (let copy = 0; copy < pending.copies; copy += 1) {
      if (((sent >> copy) & 1) === 0) continue;
      const target = replicas[versions.arrays.replicaBase[version] + copy];
      const isWaiting = (pending.waitingMask[entry] >> copy) & 1;
      if (isWaiting || this.#arrival(entry, target) > kernel.now) this.#missOrphan(entry, copy);
    }
    pending.remove(entry);
  }

  /** When the attempt's message reaches the target. */
  #arrival(entry: number, target: number): number {
    const { pending } = this.#o;
    const way = this.wayMicros(pending.version[entry], pending.attempt[entry], pending.coordinator[entry], target, DIRECTION.write);
    return pending.sentAt[entry] + way;
  }

  #missOrphan(entry: number, copy: number): void {
    const { pending } = this.#o;
    this.#miss(pending.version[entry], copy, CAUSE.coordinatorLost | (STATE.latent << 6) | (pending.endedBy[entry] << 8));
  }

  /** True when the message does not take effect now: lost, or kept waiting by a paused node. */
  #deliveryFails(version: number, attempt: number, copy: number, target: number): boolean {
    const { cluster } = this.#o;
    if (cluster.running[target] === 0) {
      const entry = this.#entryInTrouble(version, attempt);
      if (entry !== NO_ENTRY) this.#lose(entry, copy, CAUSE.nodeDown | (cluster.downOrigin[target] << 8));
      return true;
    }
    if (cluster.paused[target] === 0) return false;
    const entry = this.#entryInTrouble(version, attempt);
    if (entry !== NO_ENTRY) this.#wait(entry, copy, target);
    return true;
  }

  /** The message, and with it the acknowledgement, waits for the paused node to go on. */
  #wait(entry: number, copy: number, target: number): void {
    const { pending, cluster, kernel } = this.#o;
    pending.waitingMask[entry] |= 1 << copy;
    pending.ackAt[entry * pending.copies + copy] = Infinity;
    kernel.schedule(cluster.pausedUntil[target], EVENT.waited, pending.version[entry], (pending.attempt[entry] << 6) | copy);
  }

  /** Handler: a paused node goes on and finds the message. b = attempt << 6 | copy. */
  waited(version: number, b: number): void {
    const { pending, cluster, versions, tables, kernel, writeTimeoutMicros } = this.#o;
    const copy = b & COPY_MASK;
    const entry = pending.find(version, b >> 6);
    // Lost in a crash, or so late that its coordinator has given it up.
    if (entry === NO_ENTRY || ((pending.waitingMask[entry] >> copy) & 1) === 0) return;
    const target = tables[versions.arrays.table[version]].replicas[versions.arrays.replicaBase[version] + copy];
    if (cluster.paused[target] === 1) {
      this.#wait(entry, copy, target);
      return;
    }
    pending.waitingMask[entry] &= ~(1 << copy);
    if (kernel.now - pending.sentAt[entry] > writeTimeoutMicros) {
      this.#lose(entry, copy, CAUSE.timeout);
      return;
    }
    this.apply(target, version, copy, b >> 6 === 0 ? VIA.delivery : VIA.retry);
    this.#acknowledge(version, b >> 6, copy, target);
  }

  /** A paused process ended: what waited in it is gone. */
  #loseWaiting(node: number, origin: number): void {
    const { pending, versions, tables } = this.#o;
    for (const entry of pending.waiting()) {
      const version = pending.version[entry];
      const { replicas } = tables[versions.arrays.table[version]];
      for (let copy = 0; copy < pending.copies; copy += 1) {
        if (((pending.waitingMask[entry] >> copy) & 1) === 0) continue;
        if (replicas[versions.arrays.replicaBase[version] + copy] !== node) continue;
        pending.waitingMask[entry] &= ~(1 << copy);
        this.#lose(entry, copy, CAUSE.nodeDown | (origin << 8));
      }
    }
  }

  /** A mutation older than its time-out is dropped by the replica (cross_node_timeout). */
  #dropsLate(version: number, attempt: number, copy: number): boolean {
    const { pending, kernel, versions, writeTimeoutMicros } = this.#o;
    const entry = pending.find(version, attempt);
    const sentAt = entry === NO_ENTRY ? versions.arrays.issuedAt[version] : pending.sentAt[entry];
    if (attempt > 0 && entry === NO_ENTRY) return true;
    if (kernel.now - sentAt <= writeTimeoutMicros) return false;
    if (entry !== NO_ENTRY) this.#lose(entry, copy, CAUSE.timeout);
    return true;
  }

  /** The copy has the mutation; its acknowledgement is under way or lost. */
  #acknowledge(version: number, attempt: number, copy: number, target: number): void {
    const { pending, kernel, versions } = this.#o;
    let entry = pending.find(version, attempt);
    if (entry !== NO_ENTRY && pending.endedBy[entry] > 0) return;
    const coordinator = entry === NO_ENTRY ? versions.arrays.coordinator[version] : pending.coordinator[entry];
    const fate = this.lossFate(target, coordinator, version, attempt, DIRECTION.ack);
    if (fate !== 0) {
      entry = this.#entryInTrouble(version, attempt);
      if (entry !== NO_ENTRY) this.#loseAnswer(entry, copy, fate);
      return;
    }
    if (entry === NO_ENTRY) return;
    const place = entry * pending.copies + copy;
    const at = kernel.now + this.wayMicros(version, attempt, coordinator, target, DIRECTION.ack);
    if (pending.ackAt[place] === at) return;
    pending.ackAt[place] = at;
    this.scheduleAnswer(entry, kernel.now);
  }

  #lose(entry: number, copy: number, fate: number): void {
    const { pending } = this.#o;
    pending.lostMask[entry] |= 1 << copy;
    this.#loseAnswer(entry, copy, fate);
    if (pending.endedBy[entry] > 0) this.#missOrphan(entry, copy);
  }

  /** The coordinator will not hear of the copy. */
  #loseAnswer(entry: number, copy: number, fate: number): void {
    const { pending } = this.#o;
    pending.ackAt[entry * pending.copies + copy] = Infinity;
    pending.fate[entry * pending.copies + copy] = fate;
  }

  #miss(version: number, copy: number, detail: number): void {
    const { tables, versions } = this.#o;
    const { arrays } = versions;
    const target = tables[arrays.table[version]].replicas[arrays.replicaBase[version] + copy];
    this.#recordRows(this.#o.kernel.now, RECORD.missed, target, copy, version, detail);
  }

  /** Time of the answer over what is known now; NOT_ENOUGH = never. */
  #answerTime(entry: number): number {
    const { pending, cluster, versions } = this.#o;
    const version = pending.version[entry];
    const workload = this.#workloadOf(version);
    const dc = cluster.dcOf[pending.coordinator[entry]];
    const base = versions.arrays.replicaBase[version];
    const works = this.#works;
    let count = 0;
    for (let copy = 0; copy < workload.table.copies; copy += 1) {
      if (!workload.consistency.counts(cluster.dcOf[workload.table.replicas[base + copy]], dc)) continue;
      works[count] = pending.ackAt[entry * pending.copies + copy];
      count += 1;
    }
    const at = nthDelay(works, count, workload.consistency.required(dc));
    return at > pending.sentAt[entry] + this.#o.writeTimeoutMicros ? NOT_ENOUGH : at;
  }

  /** The same for a healthy write: the delays are in the scratch array. */
  #answerDelay(workload: Workload, version: number, coordinator: number): number {
    const { cluster, versions } = this.#o;
    const { table, consistency } = workload;
    const dc = cluster.dcOf[coordinator];
    const delays = this.#delays;
    let count = table.copies;
    if (cluster.dcCount > 1) {
      const base = versions.arrays.replicaBase[version];
      count = 0;
      for (let copy = 0; copy < table.copies; copy += 1) {
        if (!consistency.counts(cluster.dcOf[table.replicas[base + copy]], dc)) continue;
        delays[count] = delays[copy];
        count += 1;
      }
    }
    return nthDelay(delays, count, consistency.required(dc));
  }

  /** No entry: every copy got through so far; only the coordinator can have gone. */
  #answerUntroubled(version: number, attempt: number, coordinator: number): void {
    const { cluster, versions, kernel } = this.#o;
    if (attempt > 0 || versions.arrays.outcome[version] !== OUTCOME.open) return;
    if (cluster.running[coordinator] === 0 || cluster.startedAt[coordinator] > versions.arrays.issuedAt[version]) {
      this.#tell(version, attempt, coordinator, OUTCOME.unknown);
    } else if (cluster.paused[coordinator] === 1) {
      kernel.schedule(cluster.pausedUntil[coordinator], EVENT.answer, version, attempt << 6);
    } else this.#tell(version, attempt, coordinator, OUTCOME.success);
  }

  #succeed(entry: number): void {
    const { pending } = this.#o;
    pending.answered[entry] = 1;
    if (pending.batch[entry] !== NO_ENTRY) this.batches?.mutationAcknowledged(pending.batch[entry], pending.version[entry]);
    else this.#tell(pending.version[entry], pending.attempt[entry], pending.coordinator[entry], OUTCOME.success);
  }

  #timeOut(entry: number): void {
    const { pending } = this.#o;
    pending.answered[entry] = 1;
    if (pending.batch[entry] !== NO_ENTRY) this.batches?.mutationExpired(pending.batch[entry], pending.version[entry]);
    else this.#tell(pending.version[entry], pending.attempt[entry], pending.coordinator[entry], OUTCOME.timedOut);
  }

  /** Offer hints for copies that have not acknowledged; returns how many were stored. */
  #hintTheSilent(entry: number): number {
    const { pending, tables, versions, kernel } = this.#o;
    const version = pending.version[entry];
    const coordinator = pending.coordinator[entry];
    const base = versions.arrays.replicaBase[version];
    const table = tables[versions.arrays.table[version]];
    let stored = 0;
    for (let copy = 0; copy < table.copies; copy += 1) {
      if (((pending.sentMask[entry] >> copy) & 1) === 0) continue;
      const place = entry * pending.copies + copy;
      if (pending.ackAt[place] <= kernel.now) continue;
      const target = table.replicas[base + copy];
      if (target === coordinator) {
        this.#missOwn(entry, copy);
        continue;
      }
      const fate = pending.fate[place] === 0 ? this.#silentFate(target) : pending.fate[place];
      if (this.hints?.offer(coordinator, target, version, copy, fate) ?? false) stored += 1;
    }
    return stored;
  }

  /** A coordinator that is a replica makes no hint for itself (cassandra.e4): what it dropped as too late is missing there. */
  #missOwn(entry: number, copy: number): void {
    const { pending, kernel } = this.#o;
    const isDropped = (pending.lostMask[entry] >> copy) & 1;
    if (!isDropped && this.#arrival(entry, pending.coordinator[entry]) <= kernel.now) return;
    this.#miss(pending.version[entry], copy, CAUSE.timeout | (STATE.latent << 6));
  }

  /** Nothing was lost that the coordinator could know of: a paused target, or plain lateness. */
  #silentFate(target: number): number {
    const { cluster } = this.#o;
    return cluster.answers(target) ? CAUSE.timeout : CAUSE.nodeDown | (cluster.downOrigin[target] << 8);
  }

  #tell(version: number, attempt: number, coordinator: number, outcome: number): void {
    const { versions, kernel } = this.#o;
    versions.arrays.outcome[version] = outcome;
    if (outcome === OUTCOME.success) this.counts.acknowledged += 1;
    else if (outcome === OUTCOME.timedOut) this.counts.timedOut += 1;
    else this.counts.unknown += 1;
    this.#recordRows(kernel.now, RECORD.answered, coordinator, 0, version, outcome | (attempt << 8));
    if (outcome !== OUTCOME.success) this.#retryLater(version, attempt, kernel.now);
  }

  #retryLater(version: number, attempt: number, micros: number): void {
    const { kernel } = this.#o;
    const { retry, batch } = this.#workloadOf(version);
    if (retry === null || batch !== null || attempt >= retry.attempts) return;
    kernel.schedule(micros + CLIENT_TURN_MICROS, EVENT.reissue, version, attempt + 1);
  }

  #recordRows(micros: number, kind: number, node: number, copy: number, version: number, detail: number): void {
    const { trace, versions, tables } = this.#o;
    const { arrays } = versions;
    const slot = arrays.firstSlot[version];
    const rows = arrays.rowCount[version];
    if (rows === 1) {
      trace.record(micros, kind, node, copy, version, slot, detail);
      return;
    }
    const stride = tables[arrays.table[version]].slotsPerRow;
    for (let row = 0; row < rows; row += 1) trace.record(micros, kind, node, copy, version, slot + row * stride, detail);
  }

  #push(micros: number, code: number, version: number): void {
    const { calendar, kernel, batched } = this.#o;
    if (batched && micros >= this.sortedUntil && calendar.reaches(micros)) calendar.push(micros, code, version);
    else kernel.schedule(micros, EVENT_OF_CODE[code >> CODE_KIND_SHIFT], version, code & COPY_MASK);
  }

  #pushAttempt(micros: number, code: number, version: number, attempt: number): void {
    if (attempt === 0) this.#push(micros, code, version);
    else this.#o.kernel.schedule(micros, EVENT_OF_CODE[code >> CODE_KIND_SHIFT], version, (attempt << 6) | (code & COPY_MASK));
  }
}
