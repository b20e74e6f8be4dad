/**
 * The log of one shard's copy: what is appended goes to disk with an fsync that begins at once, and is acknowledged after it
 * (influxdb.5-wal). A crash of the process takes what was not synced, a power loss what was not on the platter, which is the same
 * unless the disk acknowledges before it writes (influxdb.5-early).
 */
import type { Rules } from '../../base/rules.ts';
import type { Durability, DurabilityState } from '../durability.ts';
import type { Disks } from './disks.ts';

/** What was appended at one moment, and when the fsync that covers it is done. */
interface Stretch {
  /** Entries in the log up to its end; −1: it goes on. */
  count: number;
  syncedMicros: number;
  platterMicros: number;
}

export class TrustedLog implements Durability {
  nextEdge = -Infinity;
  readonly #disks: Disks;
  readonly #node: number;
  readonly #rules: Rules;
  /** Entries that are safe whatever comes. */
  #safe = 0;
  /** Later ones, oldest first. */
  #stretches: Stretch[] = [];

  constructor(disks: Disks, node: number, rules: Rules) {
    this.#disks = disks;
    this.#node = node;
    this.#rules = rules;
  }

  /** What comes now is covered by an fsync of its own, which covers all before it. */
  settle(micros: number, count: number): void {
    const open = this.#stretches.at(-1);
    if (open !== undefined && open.count < 0) open.count = count;
    while (this.#stretches.length > 0 && this.#isSafe(this.#stretches[0], micros))
      this.#safe = Math.max(this.#safe, this.#stretches.shift()?.count ?? 0);
    const takes = this.#rules.isOff('influxdb.5-wal') ? 0 : this.#disks.fsyncMicros(this.#node, micros);
    const syncedMicros = micros + takes;
    const isEarly = this.#disks.isEarly(this.#node);
    const platterMicros = isEarly ? this.#disks.nextMicros(this.#node, micros) : syncedMicros;
    this.#stretches.push({ count: -1, syncedMicros, platterMicros });
    this.nextEdge = micros + 1;
  }

  durableCount(micros: number, powerLoss: boolean, count: number): number {
    for (let at = this.#stretches.length - 1; at >= 0; at -= 1) {
      const { count: until, syncedMicros, platterMicros } = this.#stretches[at];
      if ((powerLoss ? platterMicros : syncedMicros) <= micros) return Math.min(count, until < 0 ? count : until);
    }
    return Math.min(count, this.#safe);
  }

  reset(count: number): void {
    this.#safe = count;
    this.#stretches = [];
    this.nextEdge = -Infinity;
  }

  save(): DurabilityState {
    const { nextEdge } = this;
    const stretches = this.#stretches.map((stretch) => ({ ...stretch }));
    return { markedCount: 0, syncedCount: this.#safe, syncingCount: 0, lastSync: 0, nextEdge, stretches };
  }

  load({ syncedCount, nextEdge, stretches = [] }: DurabilityState): void {
    this.#safe = syncedCount;
    this.nextEdge = nextEdge;
    this.#stretches = stretches.map((stretch) => ({ ...stretch }));
  }

  #isSafe({ syncedMicros, platterMicros }: Stretch, micros: number): boolean {
    return Math.max(syncedMicros, platterMicros) <= micros;
  }
}
