/**
 * Writes that are refused because too many hints wait to be written (cassandra.e6). A write is judged when its turn has come,
 * which is after it was prepared: the hints that were made in between count. What was prepared is void then; it is
 * remembered as refused until none of it can be on its way any more.
 */
import { OUTCOME } from '../data/causes.ts';
import { RECORD } from '../data/records.ts';
import type { ClientAnswers } from './client-answers.ts';
import type { Messages, WritePathOptions } from './messages.ts';
import { NO_ENTRY } from './pending-writes.ts';

export class OverloadedWrites {
  /** Would a hint for the target overload the coordinator? Wired when the world is built. */
  isOverloaded: (coordinator: number, target: number) => boolean = () => false;
  readonly #o: WritePathOptions;
  readonly #with: { messages: Messages; client: ClientAnswers };

  constructor(options: WritePathOptions, parts: { messages: Messages; client: ClientAnswers }) {
    this.#o = options;
    this.#with = parts;
  }

  /** The write fails before anything is sent if one of its targets, up or down, has hints in progress and too many are.
   * Mutations of a batch are not judged. */
  refuses(version: number, micros: number, attempt: number, coordinator: number): boolean {
    const { pending, versions, cluster, rules } = this.#o;
    if (cluster.hintPressure === 0) return false;
    const entry = pending.find(version, attempt);
    if (entry === NO_ENTRY || pending.batch[entry] !== NO_ENTRY) return false;
    if (!this.#meetsOverload(version, coordinator)) return false;
    rules.mark('cassandra.e6');
    if (pending.refusedCount === 0) cluster.hintPressure += 1;
    pending.refuse(entry);
    versions.arrays.outcome[version] = OUTCOME.overloaded;
    const { client, messages } = this.#with;
    client.counts.overloaded += 1;
    messages.recordRows(micros, RECORD.rejected, coordinator, 0, version, OUTCOME.overloaded | (attempt << 8));
    client.retryLater(version, attempt, micros);
    return true;
  }

  /** Is what arrives part of a refused attempt? */
  holds(version: number, attempt: number): boolean {
    const { pending } = this.#o;
    return pending.refusedCount > 0 && pending.isRefused(pending.find(version, attempt));
  }

  /** The time of an attempt is over: was it refused? Then nothing is left to do. */
  forgets(entry: number): boolean {
    const { pending, cluster } = this.#o;
    if (!pending.isRefused(entry)) return false;
    pending.remove(entry);
    if (pending.refusedCount > 0) return true;
    cluster.hintPressure -= 1;
    cluster.refreshHealthy();
    return true;
  }

  #meetsOverload(version: number, coordinator: number): boolean {
    const { versions, tables, placements } = this.#o;
    const table = tables[versions.arrays.table[version]];
    const base = versions.arrays.replicaBase[version];
    for (let place = base; place < base + table.copies; place += 1)
      if (placements.takesWrites(table, place) && this.isOverloaded(coordinator, table.replicas[place])) return true;
    return false;
  }
}
