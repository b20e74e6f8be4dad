/**
 * When a log that is synced by a timer begins its syncs, and how long each takes (cassandra.f1, f2): one a period, but never
 * before the one before it has ended. While the disk is slow an fsync takes longer; one that is under way when the disk
 * becomes slow, or fast again, goes on as it began. A function of the plan: nothing is kept but the plan's stretches.
 */

export interface SlowSync {
  fromMicros: number;
  /** Exclusive. */
  untilMicros: number;
  fsyncMicros: number;
}

export interface SyncTiming {
  periodMicros: number;
  /** Phase of this node's timers, µs. */
  phaseMicros: number;
  /** How long one fsync takes, µs, and when it takes longer. */
  fsyncMicros: number;
  slow: readonly SlowSync[];
}

/** From `since` on syncs begin at origin + k × step. */
interface Segment {
  since: number;
  origin: number;
  step: number;
  fsyncMicros: number;
}

export class SyncSchedule {
  readonly #segments: Segment[];

  constructor(timing: SyncTiming) {
    const { periodMicros, phaseMicros, fsyncMicros, slow } = timing;
    const step = Math.max(periodMicros, fsyncMicros);
    this.#segments = [{ since: -Infinity, origin: phaseMicros, step, fsyncMicros }];
    const edges = [...new Set(slow.flatMap((one) => [one.fromMicros, one.untilMicros]))];
    for (const edge of edges.sort((left, right) => left - right)) {
      if (edge === Infinity) continue;
      const since = this.startAfter(edge - 1);
      const fsync = fsyncAt(timing, edge);
      if (this.#segments[this.#segments.length - 1].since === since) this.#segments.pop();
      this.#segments.push({ since, origin: since, step: Math.max(periodMicros, fsync), fsyncMicros: fsync });
    }
  }

  /** Begin of the last sync that began at or before `micros`. */
  startUpTo(micros: number): number {
    const { origin, step } = this.#at(micros);
    return edgeBefore(micros, step, origin);
  }

  /** Begin of the first sync after `micros`. */
  startAfter(micros: number): number {
    const { origin, step } = this.#at(micros);
    return edgeBefore(micros, step, origin) + step;
  }

  /** How long the sync takes that begins then. */
  fsyncOf(startMicros: number): number {
    return this.#at(startMicros).fsyncMicros;
  }

  /** Begin of the last sync that has ended at `micros`. */
  syncedUpTo(micros: number): number {
    const start = this.startUpTo(micros);
    return micros - start >= this.fsyncOf(start) ? start : this.startUpTo(start - 1);
  }

  /** The longest that a write may find the last sync to lie back, µs. */
  get lagMaxMicros(): number {
    return this.#segments.reduce((most, { step, fsyncMicros }) => Math.max(most, step + fsyncMicros), 0);
  }

  #at(micros: number): Segment {
    let index = this.#segments.length - 1;
    while (this.#segments[index].since > micros) index -= 1;
    return this.#segments[index];
  }
}

/** Where several stretches hold the slowest counts. */
export function fsyncAt({ fsyncMicros, slow }: Pick<SyncTiming, 'fsyncMicros' | 'slow'>, micros: number): number {
  let longest = fsyncMicros;
  for (const one of slow)
    if (micros >= one.fromMicros && micros < one.untilMicros && one.fsyncMicros > longest) longest = one.fsyncMicros;
  return longest;
}

/** The last edge at or before `micros` of a timer with this period and phase. */
export function edgeBefore(micros: number, period: number, phase: number): number {
  return Math.floor((micros - phase) / period) * period + phase;
}
