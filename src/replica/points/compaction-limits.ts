/**
 * What holds back the compactions of a node as a whole (influxdb.1-compaction): how many run at once, and how much they may write
 * as fast as the disk does before compact-throughput holds. Only the accounts; which compaction runs is `shard-compaction.ts`.
 */
export interface CompactionLimits {
  /** max-concurrent-compactions. */
  atOnce: number;
  /** compact-throughput, bytes per second; 0: no limit. */
  bytesPerSecond: number;
  /** compact-throughput-burst. */
  burstBytes: number;
}

export interface BurstsState {
  left: Float64Array;
  at: Float64Array;
  held: Uint8Array;
}

/** By node: bytes that may pass at once. They come back as fast as the throughput, while no compaction is held to it. */
export class Bursts {
  readonly #limits: readonly CompactionLimits[];
  #left: Float64Array;
  #at: Float64Array;
  /** Compactions that are held to the throughput now. */
  #held: Uint8Array;

  constructor(limits: readonly CompactionLimits[]) {
    this.#limits = limits;
    this.#left = new Float64Array(limits.length);
    this.#at = new Float64Array(limits.length);
    this.#held = new Uint8Array(limits.length);
  }

  /** How many of `wanted` bytes may pass now; they are taken away. */
  take(node: number, wanted: number, micros: number): number {
    if (this.#limits[node].bytesPerSecond === 0) return wanted;
    this.#settle(node, micros);
    const taken = Math.min(wanted, Math.floor(this.#left[node]));
    this.#left[node] -= taken;
    return taken;
  }

  holds(node: number, by: 1 | -1, micros: number): void {
    this.#settle(node, micros);
    this.#held[node] += by;
  }

  #settle(node: number, micros: number): void {
    const { bytesPerSecond, burstBytes } = this.#limits[node];
    const come = this.#held[node] > 0 ? 0 : ((micros - this.#at[node]) * bytesPerSecond) / 1e6;
    this.#left[node] = Math.min(burstBytes, this.#left[node] + come);
    this.#at[node] = micros;
  }

  save(): BurstsState {
    return { left: this.#left.slice(), at: this.#at.slice(), held: this.#held.slice() };
  }

  load({ left, at, held }: BurstsState): void {
    this.#left = left.slice();
    this.#at = at.slice();
    this.#held = held.slice();
  }
}
