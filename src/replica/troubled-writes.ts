/**
 * What coordinators remember of write attempts that met something: entries of `pending-writes.ts`, made when an attempt is
 * sent in bad times or when something happens to one that was healthy so far, kept until nothing of it can take effect any
 * more. An attempt whose coordinator died is an orphan: nobody will hint what it loses.
 */
import { CAUSE, OUTCOME, STATE } from '../data/causes.ts';
import { FIRST_VERSION, OPERATION } from '../data/versions.ts';
import { DIRECTION } from './links.ts';
import { CODE, type Messages, type WritePathOptions } from './messages.ts';
import { NO_ENTRY } from './pending-writes.ts';
import type { Workload } from './workload.ts';

export class TroubledWrites {
  readonly #o: WritePathOptions;
  readonly #messages: Messages;

  constructor(options: WritePathOptions, messages: Messages) {
    this.#o = options;
    this.#messages = messages;
  }

  /** Remember an attempt, and that its time-out must be looked at. */
  open(
    workload: Workload,
    version: number,
    attempt: number,
    coordinator: number,
    micros: number,
    batch: number,
  ): number {
    const { pending, cluster, placements, writeTimeoutMicros } = this.#o;
    const entry = pending.create(version, attempt);
    pending.coordinator[entry] = coordinator;
    pending.epoch[entry] = placements.epoch;
    pending.sentAt[entry] = micros;
    pending.batch[entry] = batch;
    this.#messages.pushAttempt(micros + writeTimeoutMicros, CODE.expiry, version, attempt);
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
      // When all was well no link was slow.
      const between = { version, attempt: 0, coordinator, target };
      const way = this.#messages.wayMicros(between, DIRECTION.write, pending.sentAt[entry]);
      const back = this.#messages.wayMicros(between, DIRECTION.ack, pending.sentAt[entry]);
      pending.sentMask[entry] |= 1 << copy;
      pending.ackAt[entry * pending.copies + copy] = pending.sentAt[entry] + way + back;
    }
  }

  /** The entry of an attempt to which something has just happened; made if it was healthy so far; NO_ENTRY when its time
   * is over. */
  entryOf(version: number, attempt: number): number {
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
    pending.epoch[entry] = this.#o.placements.epoch;
    pending.sentAt[entry] = sentAt;
    pending.answered[entry] = versions.arrays.outcome[version] === OUTCOME.open ? 0 : 1;
    this.#recallHealthy(this.#messages.workloadOf(version), entry);
    this.#messages.pushAttempt(sentAt + writeTimeoutMicros, CODE.expiry, version, 0);
    return entry;
  }

  /** Entries for all healthy first attempts of a coordinator that could still time out. */
  recallYoung(node: number): void {
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
    const { batch, retry } = this.#messages.workloadOf(version);
    if (batch !== null || versions.arrays.outcome[version] === OUTCOME.unavailable) return false;
    // A refused first attempt has none; its retries have.
    const attempts = retry === null ? 0 : retry.attempts;
    for (let attempt = 0; attempt <= attempts; attempt += 1)
      if (pending.find(version, attempt) !== NO_ENTRY) return false;
    return true;
  }

  /** Messages that arrive from now on are too late to be taken. */
  forgetOrphan(entry: number): void {
    const { pending, kernel, tables, versions } = this.#o;
    const version = pending.version[entry];
    const { replicas } = tables[versions.arrays.table[version]];
    const sent = pending.sentMask[entry] & ~pending.lostMask[entry];
    for (let copy = 0; copy < pending.copies; copy += 1) {
      if (((sent >> copy) & 1) === 0) continue;
      const target = replicas[versions.arrays.replicaBase[version] + copy];
      const isWaiting = (pending.waitingMask[entry] >> copy) & 1;
      if (isWaiting || this.arrival(entry, target) > kernel.now) this.missOrphan(entry, copy);
    }
    pending.remove(entry);
  }

  /** When the attempt's message reaches the target. */
  arrival(entry: number, target: number): number {
    const { pending } = this.#o;
    const between = {
      version: pending.version[entry],
      attempt: pending.attempt[entry],
      coordinator: pending.coordinator[entry],
      target,
    };
    return pending.sentAt[entry] + this.#messages.wayMicros(between, DIRECTION.write, pending.sentAt[entry]);
  }

  /** A coordinator that is a replica makes no hint for itself (cassandra.e4): what it dropped as too late is missing there. */
  missOwn(entry: number, copy: number): void {
    const { pending, kernel } = this.#o;
    const isDropped = (pending.lostMask[entry] >> copy) & 1;
    if (!isDropped && this.arrival(entry, pending.coordinator[entry]) <= kernel.now) return;
    this.#messages.miss(pending.version[entry], copy, CAUSE.timeout | (STATE.latent << 6));
  }

  missOrphan(entry: number, copy: number): void {
    const { pending } = this.#o;
    this.#messages.miss(
      pending.version[entry],
      copy,
      CAUSE.coordinatorLost | (STATE.latent << 6) | (pending.endedBy[entry] << 8),
    );
  }

  lose(entry: number, copy: number, fate: number): void {
    const { pending } = this.#o;
    pending.lostMask[entry] |= 1 << copy;
    this.loseAnswer(entry, copy, fate);
    if (pending.endedBy[entry] > 0) this.missOrphan(entry, copy);
  }

  /** The coordinator will not hear of the copy. */
  loseAnswer(entry: number, copy: number, fate: number): void {
    const { pending } = this.#o;
    pending.ackAt[entry * pending.copies + copy] = Infinity;
    pending.fate[entry * pending.copies + copy] = fate;
  }
}
