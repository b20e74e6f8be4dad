/**
 * Writes that wait for a replica's commit log (`log-waits.ts`): a mutation that has arrived is applied and acknowledged when
 * its log lets it, unless the process ends before. A stop in good order syncs the log, a crash loses what waits; its
 * coordinator hears nothing of it and offers a hint when its time is over.
 */
import { CAUSE, STATE, VIA } from '../data/causes.ts';
import { EVENT } from './event-kinds.ts';
import { COPY_MASK, type Messages, type WritePathOptions } from './messages.ts';
import { NO_ENTRY } from './pending-writes.ts';
import type { TroubledWrites } from './troubled-writes.ts';

export class LoggedWrites {
  readonly #o: WritePathOptions;
  readonly #messages: Messages;
  readonly #troubled: TroubledWrites;
  /** The copy has the mutation: its acknowledgement goes out. */
  readonly #acknowledge: (version: number, attempt: number, copy: number, target: number) => void;

  constructor(
    options: WritePathOptions,
    parts: {
      messages: Messages;
      troubled: TroubledWrites;
      acknowledge: (version: number, attempt: number, copy: number, target: number) => void;
    },
  ) {
    this.#o = options;
    this.#messages = parts.messages;
    this.#troubled = parts.troubled;
    this.#acknowledge = parts.acknowledge;
  }

  /** A mutation arrives: true if it has to wait. b = attempt << 6 | copy. */
  waits(version: number, b: number, target: number): boolean {
    const { logWaits, kernel, pending, rules } = this.#o;
    if (logWaits === null) return false;
    const ready = logWaits.readyAt(target, kernel.now);
    if (ready <= kernel.now) return false;
    rules.mark('cassandra.f2');
    logWaits.add(target, version, b);
    const entry = pending.find(version, b >> 6);
    if (entry !== NO_ENTRY) pending.ackAt[entry * pending.copies + (b & COPY_MASK)] = Infinity;
    kernel.schedule(ready, EVENT.logSynced, version, b);
    return true;
  }

  /** Handler: the log is synced that far. A paused process goes on with it later; one that has ended does not. */
  synced(version: number, b: number): void {
    const { logWaits, cluster, kernel } = this.#o;
    const target = this.#targetOf(version, b & COPY_MASK);
    if (cluster.paused[target] === 1) {
      kernel.schedule(cluster.pausedUntil[target], EVENT.logSynced, version, b);
      return;
    }
    if (logWaits === null || !logWaits.take(target, version, b)) return;
    this.#messages.apply(target, version, b & COPY_MASK, b >> 6 === 0 ? VIA.delivery : VIA.retry);
    this.#acknowledge(version, b >> 6, b & COPY_MASK, target);
  }

  /** The coordinator's time for it is over: it has offered a hint, and forgets it. */
  giveUp(version: number, b: number, target: number): void {
    this.#o.logWaits?.giveUp(target, version, b);
  }

  /** A process ended. `drains`: in good order. */
  nodeEnded(node: number, origin: number, drains: boolean): void {
    const { logWaits, pending } = this.#o;
    if (logWaits === null) return;
    for (const { version, operand, isGivenUp } of logWaits.takeAll(node)) {
      const copy = operand & COPY_MASK;
      const entry = pending.find(version, operand >> 6);
      const fate = CAUSE.lostBeforeFsync | (origin << 8);
      if (drains) this.#messages.apply(node, version, copy, operand >> 6 === 0 ? VIA.delivery : VIA.retry);
      else if (entry !== NO_ENTRY) this.#troubled.lose(entry, copy, fate);
      else if (!isGivenUp) this.#messages.miss(version, copy, fate | (STATE.latent << 6));
    }
  }

  #targetOf(version: number, copy: number): number {
    const { tables, versions } = this.#o;
    return tables[versions.arrays.table[version]].replicas[versions.arrays.replicaBase[version] + copy];
  }
}
