/**
 * What is wrong with nodes' disks while a fault holds: no room left, or a cache of its own that says "synced" before anything
 * is (influxdb.5-early). And how long an fsync takes, which a slow disk makes longer.
 */
import type { Rules } from '../../base/rules.ts';
import type { SlowSync } from '../sync-schedule.ts';

export interface DisksOptions {
  nodes: number;
  rules: Rules;
  fsyncMicros: number;
  /** By node: when its disk is slow, and by which entry; of these some make an fsync take longer. */
  slow: readonly (readonly SlowDisk[])[];
}

export interface SlowDisk extends SlowSync {
  origin: number;
}

export interface DisksState {
  full: Uint8Array;
  fullBy: Int32Array;
  lag: Float64Array;
  since: Float64Array;
}

export class Disks {
  /** Told when a node's disk has no room any more, and when it has some again. */
  onRoomChanged: (node: number) => void = () => undefined;
  readonly #o: DisksOptions;
  /** By node: faults that leave no room. */
  #full: Uint8Array;
  /** By node: the last of them. */
  #fullBy: Int32Array;
  /** By node: every so often the disk's own cache is on the platter, counted from `since`; 0: what is synced is there. */
  #lag: Float64Array;
  #since: Float64Array;

  constructor(options: DisksOptions) {
    this.#o = options;
    this.#full = new Uint8Array(options.nodes);
    this.#fullBy = new Int32Array(options.nodes);
    this.#lag = new Float64Array(options.nodes);
    this.#since = new Float64Array(options.nodes);
  }

  isFull(node: number): boolean {
    return this.#full[node] > 0;
  }

  /** The entry by which it is full. */
  fullBy(node: number): number {
    return this.#fullBy[node];
  }

  fills(node: number, by: 1 | -1, origin: number): void {
    const wasFull = this.isFull(node);
    this.#full[node] += by;
    if (by > 0) this.#fullBy[node] = origin;
    if (this.isFull(node) !== wasFull) this.onRoomChanged(node);
  }

  /** The last entry by which its disk is slow then; 0: it is not. */
  slowBy(node: number, micros: number): number {
    let by = 0;
    for (const { fromMicros, untilMicros, origin } of this.#o.slow[node])
      if (micros >= fromMicros && micros < untilMicros) by = origin;
    return by;
  }

  /** From now on its cache is on the platter every `lagMicros` only; 0: it is honest again, and has written all. */
  acknowledgesEarly(node: number, micros: number, lagMicros: number): void {
    this.#lag[node] = this.#o.rules.isOff('influxdb.5-early') ? 0 : lagMicros;
    this.#since[node] = micros;
  }

  isEarly(node: number): boolean {
    return this.#lag[node] > 0;
  }

  /** Up to then all is on the platter; Infinity where everything is that was synced. */
  platterMicros(node: number, micros: number): number {
    if (this.#lag[node] === 0) return Infinity;
    return this.#since[node] + Math.floor((micros - this.#since[node]) / this.#lag[node]) * this.#lag[node];
  }

  /** When the cache is on the platter the next time. */
  nextMicros(node: number, micros: number): number {
    return this.#lag[node] === 0 ? Infinity : this.platterMicros(node, micros) + this.#lag[node];
  }

  /** What an fsync takes that begins now. A disk that answers before it writes takes no time. */
  fsyncMicros(node: number, micros: number): number {
    if (this.isEarly(node)) return 0;
    let most = this.#o.fsyncMicros;
    for (const { fromMicros, untilMicros, fsyncMicros } of this.#o.slow[node])
      if (micros >= fromMicros && micros < untilMicros) most = Math.max(most, fsyncMicros);
    return most;
  }

  save(): DisksState {
    return {
      full: this.#full.slice(),
      fullBy: this.#fullBy.slice(),
      lag: this.#lag.slice(),
      since: this.#since.slice(),
    };
  }

  load(state: DisksState): void {
    this.#full = state.full.slice();
    this.#fullBy = state.fullBy.slice();
    this.#lag = state.lag.slice();
    this.#since = state.since.slice();
  }
}
