/**
 * Exact integrals of counts over virtual time (row-hours). A count that rises by d at time t adds −d·t to a sum, one that
 * falls adds d·t; the integral up to T is count·T plus the sum. Times are kept in the two halves in which trace records
 * carry them, so every sum is a whole number far below 2^53 and the order of additions does not matter.
 */
const TIME_HIGH = 1 << 20;

/** Which count. */
export const INTEGRAL = { divergentRows: 0, divergentCopies: 1, wrongRows: 2, wrongCopies: 3 } as const;
const INTEGRALS = 4;

export interface IntegralsState {
  counts: Float64Array;
  sums: Float64Array;
  high: number;
  low: number;
}

export class Integrals {
  /** The counts themselves, by INTEGRAL. */
  readonly counts = new Float64Array(INTEGRALS);
  /** Σ −d·t, high halves at [2i], low halves at [2i + 1]. */
  readonly sums = new Float64Array(INTEGRALS * 2);
  /** The present, in halves: micros = high · 2^20 + low. */
  high = 0;
  low = 0;

  moveTo(micros: number): void {
    this.high = Math.floor(micros / TIME_HIGH);
    this.low = micros - this.high * TIME_HIGH;
  }

  /** The count changes now. */
  change(integral: number, by: number): void {
    this.counts[integral] += by;
    this.sums[integral * 2] -= by * this.high;
    this.sums[integral * 2 + 1] -= by * this.low;
  }

  /** count · µs since the start. */
  micros(integral: number): number {
    const count = this.counts[integral];
    const high = count * this.high + this.sums[integral * 2];
    const low = count * this.low + this.sums[integral * 2 + 1];
    return high * TIME_HIGH + low;
  }

  save(): IntegralsState {
    return { counts: this.counts.slice(), sums: this.sums.slice(), high: this.high, low: this.low };
  }

  load(state: IntegralsState): void {
    this.counts.set(state.counts);
    this.sums.set(state.sums);
    this.high = state.high;
    this.low = state.low;
  }
}
