/** Latencies as they were measured, every one kept: percentiles are whole microseconds that somebody really waited. */

const FIRST_CAPACITY = 1024;

/** Percentiles that a result shows, in parts of 1 000. */
export const PERCENTILES = { p50: 500, p95: 950, p99: 990, p999: 999 } as const;
export type Percentiles = Record<keyof typeof PERCENTILES, number>;

export class LatencySamples {
  #micros = new Float64Array(FIRST_CAPACITY);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  push(micros: number): void {
    if (this.#count === this.#micros.length) {
      const larger = new Float64Array(this.#count * 2);
      larger.set(this.#micros);
      this.#micros = larger;
    }
    this.#micros[this.#count] = micros;
    this.#count += 1;
  }

  /** The least that so many of 1 000 did not exceed (nearest rank); null without any sample. */
  percentiles(): Percentiles | null {
    if (this.#count === 0) return null;
    const sorted = this.#micros.slice(0, this.#count).sort();
    const at = (parts: number): number => sorted[Math.ceil((parts * this.#count) / 1000) - 1];
    const { p50, p95, p99, p999 } = PERCENTILES;
    return { p50: at(p50), p95: at(p95), p99: at(p99), p999: at(p999) };
  }

  save(): Float64Array {
    return this.#micros.slice(0, this.#count);
  }

  load(state: Float64Array): void {
    this.#count = state.length;
    this.#micros = new Float64Array(Math.max(FIRST_CAPACITY, state.length));
    this.#micros.set(state);
  }
}
