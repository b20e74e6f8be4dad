/**
 * Which entries of a memtable's log survive a crash. Two implementations: the periodic log of Cassandra's default and a
 * log that is synced before every acknowledgement (batch and group modes). Both see the log as a count of entries.
 */

export interface DurabilityState {
  markedCount: number;
  syncedCount: number;
  syncingCount: number;
  lastSync: number;
  nextEdge: number;
}

export interface Durability {
  /** µs of the next moment that changes what is durable: an append at or after it must `settle` first. */
  nextEdge: number;
  /** Account for what happened up to `micros`, with `count` entries in the log, all appended before the last edge. */
  settle(micros: number, count: number): void;
  /** How many of the oldest `count` entries replay after a crash at `micros`. */
  durableCount(micros: number, powerLoss: boolean, count: number): number;
  /** The log holds `count` entries, all durable (after a replay). */
  reset(count: number): void;
  save(): DurabilityState;
  load(state: DurabilityState): void;
}

export interface PeriodicTiming {
  /** commitlog_sync_period, µs. */
  syncMicros: number;
  /** How long one fsync takes, µs. */
  fsyncMicros: number;
  /** Phase of this node's timers, µs. */
  phaseMicros: number;
  /** Chained markers make what is in the page cache replayable after a process crash. */
  markerMicros: number;
}

/**
 * commitlog_sync: periodic with memory-mapped segments (cassandra.f1-f3): a power loss takes what was appended since the
 * last sync, a process crash what was appended since the last marker.
 */
export class PeriodicLog implements Durability {
  nextEdge = -Infinity;
  readonly #timing: PeriodicTiming;
  #markedCount = 0;
  /** Covered by the last sync (which may still be under way), and by the one before it. */
  #syncingCount = 0;
  #syncedCount = 0;
  #lastSync = -Infinity;

  constructor(timing: PeriodicTiming) {
    this.#timing = timing;
  }

  settle(micros: number, count: number): void {
    if (micros < this.nextEdge) return;
    const { syncMicros, markerMicros, phaseMicros } = this.#timing;
    const marker = edgeBefore(micros, markerMicros, phaseMicros);
    const sync = edgeBefore(micros, syncMicros, phaseMicros);
    this.#markedCount = count;
    if (sync > this.#lastSync) {
      // Two syncs since the last append: the earlier one covered everything already.
      this.#syncedCount = sync - syncMicros >= this.nextEdge ? count : this.#syncingCount;
      this.#syncingCount = count;
      this.#lastSync = sync;
    }
    this.nextEdge = Math.min(marker + markerMicros, sync + syncMicros);
  }

  durableCount(micros: number, powerLoss: boolean, count: number): number {
    this.settle(micros, count);
    const syncDone = micros - this.#lastSync >= this.#timing.fsyncMicros;
    const synced = Math.min(count, syncDone ? this.#syncingCount : this.#syncedCount);
    return powerLoss ? synced : Math.min(count, Math.max(this.#markedCount, synced));
  }

  reset(count: number): void {
    this.#markedCount = count;
    this.#syncedCount = count;
    this.#syncingCount = count;
  }

  save(): DurabilityState {
    return {
      markedCount: this.#markedCount,
      syncedCount: this.#syncedCount,
      syncingCount: this.#syncingCount,
      lastSync: this.#lastSync,
      nextEdge: this.nextEdge,
    };
  }

  load(state: DurabilityState): void {
    this.#markedCount = state.markedCount;
    this.#syncedCount = state.syncedCount;
    this.#syncingCount = state.syncingCount;
    this.#lastSync = state.lastSync;
    this.nextEdge = state.nextEdge;
  }
}

/** Every append is on disk before it is acknowledged: nothing to lose. */
export class SyncedLog implements Durability {
  nextEdge = Infinity;

  settle(): void {
    // There are no edges.
  }

  durableCount(_micros: number, _powerLoss: boolean, count: number): number {
    return count;
  }

  reset(): void {
    // Everything always is durable.
  }

  save(): DurabilityState {
    return { markedCount: 0, syncedCount: 0, syncingCount: 0, lastSync: 0, nextEdge: Infinity };
  }

  load(): void {
    // Nothing to restore.
  }
}

/** The last edge at or before `micros` of a timer with this period and phase. */
export function edgeBefore(micros: number, period: number, phase: number): number {
  return Math.floor((micros - phase) / period) * period + phase;
}
