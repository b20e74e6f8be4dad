/**
 * Which entries of a memtable's log survive a crash. Two implementations: the periodic log of Cassandra's default and a
 * log that is synced before every acknowledgement (batch and group modes). Both see the log as a count of entries.
 */
import { edgeBefore, type SyncSchedule } from './sync-schedule.ts';

export interface DurabilityState {
  markedCount: number;
  syncedCount: number;
  syncingCount: number;
  lastSync: number;
  nextEdge: number;
  /** Of a log whose appends have an fsync each: those that are not done. */
  stretches?: { count: number; syncedMicros: number; platterMicros: number }[];
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
  /** When syncs begin and how long they take. */
  schedule: SyncSchedule;
  /** Chained markers make what is in the page cache replayable after a process crash; null = only a sync does. */
  markerMicros: number | null;
  /** Phase of this node's timers, µs. */
  phaseMicros: number;
}

/** The last moment at or before `micros` at which a marker closed what had been appended: each sync is one and, between
 * them, what the timer writes. The thread that writes them is the one that syncs: during a long fsync it writes none, and
 * the next right after it. */
export function markerUpTo({ schedule, markerMicros, phaseMicros }: PeriodicTiming, micros: number): number {
  const sync = schedule.startUpTo(micros);
  if (markerMicros === null) return sync;
  const fsync = schedule.fsyncOf(sync);
  const last = edgeBefore(micros, markerMicros, phaseMicros);
  if (fsync < markerMicros) return Math.max(sync, last);
  return micros < sync + fsync ? sync : Math.max(sync + fsync, last);
}

/** The first such moment after `micros`. */
function markerAfter({ schedule, markerMicros, phaseMicros }: PeriodicTiming, micros: number): number {
  const next = schedule.startAfter(micros);
  if (markerMicros === null) return next;
  const sync = schedule.startUpTo(micros);
  const fsync = schedule.fsyncOf(sync);
  if (fsync >= markerMicros && micros < sync + fsync) return Math.min(sync + fsync, next);
  return Math.min(edgeBefore(micros, markerMicros, phaseMicros) + markerMicros, next);
}

/**
 * commitlog_sync: periodic (cassandra.f1-f3): a power loss takes what was appended since the last sync, a process crash what
 * was appended since the last marker.
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
    const { schedule } = this.#timing;
    const sync = schedule.startUpTo(micros);
    this.#markedCount = count;
    if (sync > this.#lastSync) {
      // Two syncs since the last append: the earlier one covered everything already.
      this.#syncedCount = schedule.startUpTo(sync - 1) >= this.nextEdge ? count : this.#syncingCount;
      this.#syncingCount = count;
      this.#lastSync = sync;
    }
    this.nextEdge = markerAfter(this.#timing, micros);
  }

  durableCount(micros: number, powerLoss: boolean, count: number): number {
    this.settle(micros, count);
    const syncDone = micros - this.#lastSync >= this.#timing.schedule.fsyncOf(this.#lastSync);
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

/** Every append is on disk before it is applied (`log-waits.ts`): nothing to lose. */
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
