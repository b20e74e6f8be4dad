/**
 * A mutation from the client's call to the coordinator's last word: issue, delivery, answer, expiry. The coordinator
 * sends to every replica it believes alive, hints for the others, answers at the consistency level, and offers a hint
 * for whoever did not acknowledge within write_request_timeout (cassandra.e2).
 *
 * Two ways through the same handlers: batched (records in the calendar, for first attempts) and event by event (records
 * in the kernel's queue). A healthy write has no state but its version: its deliveries, and the answer at the level's
 * k-th acknowledgement, are formulas of its address. State (`pending-writes.ts`) begins where something goes wrong.
 */
import { CAUSE, OUTCOME, VIA } from '../data/causes.ts';
import { RECORD } from '../data/records.ts';
import { ClientAnswers } from './client-answers.ts';
import { isEnough, NOT_ENOUGH } from './consistency.ts';
import { EVENT } from './event-kinds.ts';
import { HealthyWrites } from './healthy-writes.ts';
import { DIRECTION } from './links.ts';
import type { LogWaits } from './log-waits.ts';
import { LoggedWrites } from './logged-writes.ts';
import { CODE, COPY_MASK, Messages, type WritePathOptions } from './messages.ts';
import { OverloadedWrites } from './overloaded-writes.ts';
import { NO_ENTRY } from './pending-writes.ts';
import { TroubledWrites } from './troubled-writes.ts';
import { UnorderedWrites } from './unordered-writes.ts';
import type { Workload } from './workload.ts';

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

export class WritePath {
  hints: HintSink | null = null;
  batches: BatchSink | null = null;
  readonly messages: Messages;
  readonly logWaits: LogWaits | null;
  readonly client: ClientAnswers;
  readonly healthy: HealthyWrites;
  readonly unordered: UnorderedWrites;
  readonly logged: LoggedWrites;
  readonly overloaded: OverloadedWrites;
  readonly #o: WritePathOptions;
  readonly #troubled: TroubledWrites;
  /** Copies by data centre, while one write is judged. */
  readonly #liveInDc: Int32Array;

  constructor(options: WritePathOptions) {
    this.#o = options;
    this.#liveInDc = new Int32Array(options.cluster.dcCount);
    this.messages = new Messages(options);
    this.logWaits = options.logWaits;
    this.client = new ClientAnswers(options, this.messages);
    this.overloaded = new OverloadedWrites(options, this);
    this.#troubled = new TroubledWrites(options, this.messages);
    this.logged = new LoggedWrites(options, {
      messages: this.messages,
      troubled: this.#troubled,
      acknowledge: (version, attempt, copy, target) => this.#acknowledge(version, attempt, copy, target),
    });
    this.healthy = new HealthyWrites(options, this);
    this.unordered = new UnorderedWrites(options, { careful: this, healthy: this.healthy });
  }

  // ---------------------------------------------------------------- issue

  /** The coordinator that serves this attempt: the drawn one or, where it does not answer, the next of its data centre. */
  pickCoordinator(workload: Workload, address: number, attempt: number): number {
    const drawn = workload.coordinator(address, attempt);
    const { cluster } = this.#o;
    return cluster.healthy ? drawn : cluster.coordinatorFor(drawn, workload.coordinatorsOf(drawn));
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
    else if (cluster.healthy && workload.consistency.isPlain(cluster.dcOf[coordinator]))
      this.healthy.sendOne(workload, version);
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
      if (this.overloaded.refuses(version, micros, attempt, coordinator)) return;
      this.messages.recordRows(micros, RECORD.issued, coordinator, 0, version, attempt);
      return;
    }
    this.client.counts.unavailable += 1;
    this.messages.recordRows(micros, RECORD.rejected, coordinator, 0, version, OUTCOME.unavailable | (attempt << 8));
    this.client.retryLater(version, attempt, micros);
  }

  /** From now on the coordinator remembers this first attempt: not all copies can acknowledge in time. */
  watch(workload: Workload, version: number, coordinator: number, micros: number): void {
    this.#troubled.open(workload, version, 0, coordinator, micros, NO_ENTRY);
  }

  /** The careful way: each replica by what the coordinator believes and what is true. False = refused as unavailable. */
  send(
    workload: Workload,
    version: number,
    attempt: number,
    coordinator: number,
    micros: number,
    batch: number,
  ): boolean {
    const { versions } = this.#o;
    const { table } = workload;
    if (!this.canReach(workload, version, coordinator)) {
      if (batch === NO_ENTRY) versions.arrays.outcome[version] = OUTCOME.unavailable;
      return false;
    }
    const entry = this.#troubled.open(workload, version, attempt, coordinator, micros, batch);
    this.sendCopies(workload, entry, table.copies, micros);
    this.scheduleAnswer(entry, micros);
    return true;
  }

  /** Does the coordinator believe as many copies alive as the level needs? */
  canReach(workload: Workload, version: number, coordinator: number): boolean {
    const { table, consistency } = workload;
    if (consistency.acceptsHint) return true;
    const { cluster, versions, placements } = this.#o;
    const base = versions.arrays.replicaBase[version];
    const live = this.#liveInDc.fill(0);
    for (let copy = 0; copy < table.copies; copy += 1) {
      const target = table.replicas[base + copy];
      if (!placements.takesWrites(table, base + copy)) continue;
      if (this.#sees(coordinator, target)) live[cluster.dcOf[target]] += 1;
    }
    return isEnough(placements.ruleFor(workload, base, placements.epoch), live, cluster.dcOf[coordinator]);
  }

  /** Send to the first `count` copies of the row. */
  sendCopies(workload: Workload, entry: number, count: number, micros: number): void {
    const { versions, pending, placements } = this.#o;
    const version = pending.version[entry];
    const coordinator = pending.coordinator[entry];
    const base = versions.arrays.replicaBase[version];
    for (let copy = 0; copy < count; copy += 1) {
      const target = workload.table.replicas[base + copy];
      if (!placements.takesWrites(workload.table, base + copy)) continue;
      if (this.#sees(coordinator, target)) this.#sendCopy(entry, copy, coordinator, target, micros);
      else {
        pending.hintedMask[entry] |= 1 << copy;
        this.messages.pushAttempt(micros, CODE.hintAtIssue | copy, version, pending.attempt[entry]);
      }
    }
  }

  #sendCopy(entry: number, copy: number, coordinator: number, target: number, micros: number): void {
    const { cluster, pending } = this.#o;
    const version = pending.version[entry];
    const attempt = pending.attempt[entry];
    pending.sentMask[entry] |= 1 << copy;
    const fate = this.messages.lossFate(coordinator, target, version, attempt, DIRECTION.write);
    if (fate !== 0) {
      this.#troubled.lose(entry, copy, fate);
      return;
    }
    const between = { version, attempt, coordinator, target };
    const arrives = micros + this.messages.wayMicros(between, DIRECTION.write, micros);
    const back = this.messages.wayMicros(between, DIRECTION.ack, arrives);
    this.messages.pushAttempt(arrives, CODE.delivery | copy, version, attempt);
    // The best guess of the acknowledgement's time; the delivery corrects it where the target's state says otherwise.
    const working = cluster.answers(target);
    pending.ackAt[entry * pending.copies + copy] = working ? arrives + back : Infinity;
  }

  /** When the client can be told, as things stand; nothing if that is never. */
  scheduleAnswer(entry: number, micros: number): void {
    const { pending } = this.#o;
    if (pending.answered[entry] !== 0) return;
    const at = this.client.answerTime(entry);
    if (at === NOT_ENOUGH) return;
    this.messages.pushAttempt(at < micros ? micros : at, CODE.answer, pending.version[entry], pending.attempt[entry]);
  }

  // ---------------------------------------------------------------- deliveries and answers

  /** A mutation message arrives at a replica. b = attempt << 6 | copy. */
  delivery(version: number, b: number): void {
    const { cluster, versions, tables, kernel } = this.#o;
    const { arrays } = versions;
    if (this.overloaded.holds(version, b >> 6)) return;
    const copy = b & COPY_MASK;
    const target = tables[arrays.table[version]].replicas[arrays.replicaBase[version] + copy];
    if (!cluster.healthy && this.#deliveryFails(version, b >> 6, copy, target)) return;
    if (kernel.now - arrays.issuedAt[version] > this.#o.writeTimeoutMicros && this.#dropsLate(version, b >> 6, copy))
      return;
    if (this.logged.waits(version, b, target)) return;
    this.messages.apply(target, version, copy, b >> 6 === 0 ? VIA.delivery : VIA.retry);
    if (!cluster.healthy) this.#acknowledge(version, b >> 6, copy, target);
  }

  /** The coordinator tells the client. b = attempt << 6. */
  answer(version: number, b: number): void {
    const { pending, cluster, versions, kernel } = this.#o;
    const attempt = b >> 6;
    const coordinator = versions.arrays.coordinator[version];
    if (cluster.healthy && pending.size === 0 && cluster.startedAt[coordinator] <= versions.arrays.issuedAt[version]) {
      this.client.tell(version, attempt, coordinator, OUTCOME.success);
      return;
    }
    const entry = pending.find(version, attempt);
    if (entry === NO_ENTRY) {
      this.#answerUntroubled(version, attempt, coordinator);
      return;
    }
    if (pending.answered[entry] !== 0) return;
    const at = this.client.answerTime(entry);
    if (at === NOT_ENOUGH) return;
    if (at > kernel.now) this.messages.pushAttempt(at, CODE.answer, version, attempt);
    else if (cluster.paused[pending.coordinator[entry]] === 1) {
      kernel.schedule(cluster.pausedUntil[pending.coordinator[entry]], EVENT.answer, version, b);
    } else this.#succeed(entry);
  }

  /** write_request_timeout has passed: hints for the silent, an error for the client. b = attempt << 6. */
  expiry(version: number, b: number): void {
    const { pending, cluster, kernel } = this.#o;
    const entry = pending.find(version, b >> 6);
    if (entry === NO_ENTRY) return;
    if (this.overloaded.forgets(entry)) return;
    const coordinator = pending.coordinator[entry];
    if (pending.endedBy[entry] > 0) {
      this.#troubled.forgetOrphan(entry);
      return;
    }
    if (cluster.paused[coordinator] === 1) {
      kernel.schedule(cluster.pausedUntil[coordinator], EVENT.expiry, version, b);
      return;
    }
    this.#hintTheSilent(entry);
    if (pending.answered[entry] === 0) {
      // cassandra.e3: at ANY the hints stand for the acknowledgement, whether one was stored or not.
      if (this.#acceptsHint(version)) this.#succeed(entry);
      else this.#timeOut(entry);
    }
    pending.remove(entry);
  }

  /** The coordinator believes the target down: a hint instead of a message. b = attempt << 6 | copy. */
  hintAtIssue(version: number, b: number): void {
    const { versions, tables, pending } = this.#o;
    const entry = pending.find(version, b >> 6);
    if (this.overloaded.holds(version, b >> 6)) return;
    const coordinator = entry === NO_ENTRY ? versions.arrays.coordinator[version] : pending.coordinator[entry];
    const copy = b & COPY_MASK;
    const target = tables[versions.arrays.table[version]].replicas[versions.arrays.replicaBase[version] + copy];
    if (entry !== NO_ENTRY && pending.endedBy[entry] > 0) {
      this.#troubled.missOrphan(entry, copy);
      return;
    }
    const stored =
      this.hints?.offer(coordinator, target, version, copy, this.messages.downFate(coordinator, target)) ?? false;
    if (!stored || entry === NO_ENTRY || pending.answered[entry] === 1) return;
    // At ANY the stored hint is an acknowledgement (cassandra.e3).
    if (this.#acceptsHint(version)) this.#succeed(entry);
  }

  /** A process ended: as a replica it loses what waited in it, as a coordinator it forgets its writes. */
  nodeEnded(node: number, origin: number, drains: boolean): void {
    this.#loseWaiting(node, origin);
    this.logged.nodeEnded(node, origin, drains);
    this.#coordinatorDied(node, origin);
  }

  /** A coordinator's process ended: nobody times its writes out any more, so no hint will be made for what is lost. Its
   * entries stay, as orphans, until no message of them can take effect any more. */
  #coordinatorDied(node: number, origin: number): void {
    const { pending } = this.#o;
    this.#troubled.recallYoung(node);
    for (const entry of pending.ofCoordinator(node)) {
      if (pending.endedBy[entry] > 0 || pending.isRefused(entry)) continue;
      pending.endedBy[entry] = origin;
      const lost = pending.lostMask[entry];
      for (let copy = 0; copy < pending.copies; copy += 1)
        if ((lost >> copy) & 1) this.#troubled.missOrphan(entry, copy);
      const isOpen = pending.answered[entry] === 0 && pending.batch[entry] === NO_ENTRY;
      pending.answered[entry] = 1;
      if (isOpen) this.client.tell(pending.version[entry], pending.attempt[entry], node, OUTCOME.unknown);
    }
  }

  /** Send the same content again, through another coordinator. b = attempt. */
  reissue(version: number, attempt: number): void {
    const { kernel, versions } = this.#o;
    const workload = this.messages.workloadOf(version);
    const coordinator = this.pickCoordinator(workload, versions.arrays.index[version], attempt);
    this.client.counts.retried += 1;
    versions.arrays.outcome[version] = coordinator === NO_NODE ? OUTCOME.unavailable : OUTCOME.open;
    if (coordinator !== NO_NODE) this.send(workload, version, attempt, coordinator, kernel.now, NO_ENTRY);
    this.recordIssue(version, kernel.now, attempt, coordinator === NO_NODE ? 0 : coordinator);
  }

  /** The client of a batch is told; every mutation has the batch's outcome. */
  tellBatch(version: number, coordinator: number, outcome: number): void {
    if (this.#o.versions.arrays.outcome[version] === OUTCOME.open) this.client.tell(version, 0, coordinator, outcome);
  }

  /** Messages to the first `count` copies of a batch's mutation whose coordinator dies as it sends. */
  sendUnwatched(version: number, coordinator: number, count: number, batch: number): void {
    const { kernel, pending } = this.#o;
    const workload = this.messages.workloadOf(version);
    const entry = this.#troubled.open(workload, version, 0, coordinator, kernel.now, batch);
    pending.answered[entry] = 1;
    this.sendCopies(workload, entry, count, kernel.now);
  }

  // ---------------------------------------------------------------- helpers

  #acceptsHint(version: number): boolean {
    if (!this.messages.workloadOf(version).consistency.acceptsHint) return false;
    this.#o.rules.mark('cassandra.e3');
    return true;
  }

  #sees(coordinator: number, target: number): boolean {
    return coordinator === target || this.#o.cluster.seen[coordinator * this.#o.cluster.count + target] === 1;
  }

  /** True when the message does not take effect now: lost, or kept waiting by a paused node. */
  #deliveryFails(version: number, attempt: number, copy: number, target: number): boolean {
    const { cluster } = this.#o;
    if (cluster.running[target] === 0) {
      const entry = this.#troubled.entryOf(version, attempt);
      if (entry !== NO_ENTRY) this.#troubled.lose(entry, copy, CAUSE.nodeDown | (cluster.downOrigin[target] << 8));
      return true;
    }
    if (cluster.paused[target] === 0) return false;
    const entry = this.#troubled.entryOf(version, attempt);
    if (entry !== NO_ENTRY) this.#wait(entry, copy, target);
    return true;
  }

  /** The message, and with it the acknowledgement, waits for the paused node to go on. */
  #wait(entry: number, copy: number, target: number): void {
    const { pending, cluster, kernel } = this.#o;
    pending.waitingMask[entry] |= 1 << copy;
    pending.ackAt[entry * pending.copies + copy] = Infinity;
    kernel.schedule(
      cluster.pausedUntil[target],
      EVENT.waited,
      pending.version[entry],
      (pending.attempt[entry] << 6) | copy,
    );
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
      this.#troubled.lose(entry, copy, CAUSE.timeout);
      return;
    }
    if (this.logged.waits(version, b, target)) return;
    this.messages.apply(target, version, copy, b >> 6 === 0 ? VIA.delivery : VIA.retry);
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
        this.#troubled.lose(entry, copy, CAUSE.nodeDown | (origin << 8));
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
    if (entry !== NO_ENTRY) this.#troubled.lose(entry, copy, CAUSE.timeout);
    return true;
  }

  /** The copy has the mutation; its acknowledgement is under way or lost. */
  #acknowledge(version: number, attempt: number, copy: number, target: number): void {
    const { pending, kernel, versions } = this.#o;
    let entry = pending.find(version, attempt);
    if (entry !== NO_ENTRY && pending.endedBy[entry] > 0) return;
    const coordinator = entry === NO_ENTRY ? versions.arrays.coordinator[version] : pending.coordinator[entry];
    const fate = this.messages.lossFate(target, coordinator, version, attempt, DIRECTION.ack);
    if (fate !== 0) {
      entry = this.#troubled.entryOf(version, attempt);
      if (entry !== NO_ENTRY) this.#troubled.loseAnswer(entry, copy, fate);
      return;
    }
    if (entry === NO_ENTRY) return;
    const place = entry * pending.copies + copy;
    const between = { version, attempt, coordinator, target };
    const at = kernel.now + this.messages.wayMicros(between, DIRECTION.ack, kernel.now);
    if (pending.ackAt[place] === at) return;
    pending.ackAt[place] = at;
    this.scheduleAnswer(entry, kernel.now);
  }

  /** No entry: every copy got through so far; only the coordinator can have gone. */
  #answerUntroubled(version: number, attempt: number, coordinator: number): void {
    const { cluster, versions, kernel } = this.#o;
    if (attempt > 0 || versions.arrays.outcome[version] !== OUTCOME.open) return;
    if (cluster.running[coordinator] === 0 || cluster.startedAt[coordinator] > versions.arrays.issuedAt[version]) {
      this.client.tell(version, attempt, coordinator, OUTCOME.unknown);
    } else if (cluster.paused[coordinator] === 1) {
      kernel.schedule(cluster.pausedUntil[coordinator], EVENT.answer, version, attempt << 6);
    } else this.client.tell(version, attempt, coordinator, OUTCOME.success);
  }

  #succeed(entry: number): void {
    const { pending } = this.#o;
    pending.answered[entry] = 1;
    if (pending.batch[entry] !== NO_ENTRY)
      this.batches?.mutationAcknowledged(pending.batch[entry], pending.version[entry]);
    else this.client.tell(pending.version[entry], pending.attempt[entry], pending.coordinator[entry], OUTCOME.success);
  }

  #timeOut(entry: number): void {
    const { pending } = this.#o;
    pending.answered[entry] = 1;
    if (pending.batch[entry] !== NO_ENTRY) this.batches?.mutationExpired(pending.batch[entry], pending.version[entry]);
    else this.client.tell(pending.version[entry], pending.attempt[entry], pending.coordinator[entry], OUTCOME.timedOut);
  }

  /** Offer hints for copies that have not acknowledged. */
  #hintTheSilent(entry: number): void {
    const { pending, tables, versions, kernel } = this.#o;
    const version = pending.version[entry];
    const coordinator = pending.coordinator[entry];
    const base = versions.arrays.replicaBase[version];
    const table = tables[versions.arrays.table[version]];
    for (let copy = 0; copy < table.copies; copy += 1) {
      if (((pending.sentMask[entry] >> copy) & 1) === 0) continue;
      const place = entry * pending.copies + copy;
      if (pending.ackAt[place] <= kernel.now) continue;
      const target = table.replicas[base + copy];
      if (target === coordinator) {
        this.#troubled.missOwn(entry, copy);
        continue;
      }
      const fate = pending.fate[place] === 0 ? this.messages.silentFate(target) : pending.fate[place];
      this.hints?.offer(coordinator, target, version, copy, fate);
      this.logged.giveUp(version, (pending.attempt[entry] << 6) | copy, target);
    }
  }
}
