/**
 * What clients are told and when: the moment at which a consistency level is met, the outcome in the trace, and the client
 * that tries again.
 */
import { OUTCOME } from '../data/causes.ts';
import { RECORD } from '../data/records.ts';
import { nthDelay, NOT_ENOUGH } from './consistency.ts';
import { EVENT } from './event-kinds.ts';
import type { Messages, WritePathOptions } from './messages.ts';

/** A client that retries does so this long after it was told. */
const CLIENT_TURN_MICROS = 1000;

export class ClientAnswers {
  readonly counts = { acknowledged: 0, timedOut: 0, unavailable: 0, overloaded: 0, unknown: 0, retried: 0 };
  /** Told of every write that a client was told to have succeeded; wired when the world is built, so it is no state. */
  listener: ((version: number) => void) | null = null;
  readonly #works: Float64Array;
  readonly #o: WritePathOptions;
  readonly #messages: Messages;

  constructor(options: WritePathOptions, messages: Messages) {
    this.#o = options;
    this.#messages = messages;
    this.#works = new Float64Array(options.pending.copies);
  }

  /** Time of the answer over what is known now; NOT_ENOUGH = never. */
  answerTime(entry: number): number {
    const { pending, cluster, versions } = this.#o;
    const version = pending.version[entry];
    const workload = this.#messages.workloadOf(version);
    const dc = cluster.dcOf[pending.coordinator[entry]];
    const base = versions.arrays.replicaBase[version];
    const { table } = workload;
    const consistency = this.#o.placements.ruleFor(workload, base, pending.epoch[entry]);
    if (consistency.each !== null) return this.#inTime(entry, this.#eachTime(entry, consistency.each));
    const works = this.#works;
    let count = 0;
    for (let copy = 0; copy < table.copies; copy += 1) {
      if (!consistency.counts(cluster.dcOf[table.replicas[base + copy]], dc)) continue;
      works[count] = pending.ackAt[entry * pending.copies + copy];
      count += 1;
    }
    return this.#inTime(entry, nthDelay(works, count, consistency.required(dc)));
  }

  #inTime(entry: number, at: number): number {
    return at > this.#o.pending.sentAt[entry] + this.#o.writeTimeoutMicros ? NOT_ENOUGH : at;
  }

  /** When the last data centre has given what it must. */
  #eachTime(entry: number, each: readonly number[]): number {
    const { pending, cluster, versions } = this.#o;
    const version = pending.version[entry];
    const { table } = this.#messages.workloadOf(version);
    const base = versions.arrays.replicaBase[version];
    const works = this.#works;
    let last = 0;
    for (let dc = 0; dc < each.length; dc += 1) {
      if (each[dc] === 0) continue;
      let count = 0;
      for (let copy = 0; copy < table.copies; copy += 1) {
        if (cluster.dcOf[table.replicas[base + copy]] !== dc) continue;
        works[count] = pending.ackAt[entry * pending.copies + copy];
        count += 1;
      }
      const at = nthDelay(works, count, each[dc]);
      if (at === NOT_ENOUGH) return NOT_ENOUGH;
      if (at > last) last = at;
    }
    return last;
  }

  tell(version: number, attempt: number, coordinator: number, outcome: number): void {
    const { versions, kernel } = this.#o;
    versions.arrays.outcome[version] = outcome;
    if (outcome === OUTCOME.success) this.counts.acknowledged += 1;
    else if (outcome === OUTCOME.timedOut) this.counts.timedOut += 1;
    else if (outcome === OUTCOME.unavailable) this.counts.unavailable += 1;
    else this.counts.unknown += 1;
    this.#messages.recordRows(kernel.now, RECORD.answered, coordinator, 0, version, outcome | (attempt << 8));
    if (outcome === OUTCOME.success) this.listener?.(version);
    if (outcome !== OUTCOME.success) this.retryLater(version, attempt, kernel.now);
  }

  retryLater(version: number, attempt: number, micros: number): void {
    const { kernel } = this.#o;
    const { retry, batch } = this.#messages.workloadOf(version);
    if (retry === null || batch !== null || attempt >= retry.attempts) return;
    kernel.schedule(micros + CLIENT_TURN_MICROS, EVENT.reissue, version, attempt + 1);
  }
}
