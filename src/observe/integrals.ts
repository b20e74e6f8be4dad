/**
 * The present, and exact integrals of counts over virtual time (row-hours). A count that rises by d at time t adds −d·t to
 * a sum, one that falls adds d·t; the integral up to T is count·T plus the sum. Times are kept in the two halves in which
 * trace records carry them, so every sum is a whole number far below 2^53 and the order of additions does not matter.
 */
const TIME_HIGH = 1 << 20;

/** Which count: where its three values begin in `values`. */
export const INTEGRAL = { divergentRows: 0, divergentCopies: 3, wrongRows: 6, wrongCopies: 9 } as const;
export const INTEGRAL_VALUES = 12;

export class Integrals {
  /** From an INTEGRAL on: the count, Σ −d·high, Σ −d·low. */
  readonly values: Float64Array;
  /** The present, in halves: micros = high · 2^20 + low. */
  high = 0;
  low = 0;

  /** In the given INTEGRAL_VALUES numbers, all 0. */
  constructor(values: Float64Array) {
    this.values = values;
  }

  get now(): number {
    return this.high * TIME_HIGH + this.low;
  }

  moveTo(micros: number): void {
    this.high = Math.floor(micros / TIME_HIGH);
    this.low = micros - this.high * TIME_HIGH;
  }

  count(integral: number): number {
    return this.values[integral];
  }

  /** The count changes now. */
  change(integral: number, by: number): void {
    if (by === 0) return;
    const { values } = this;
    values[integral] += by;
    values[integral + 1] -= by * this.high;
    values[integral + 2] -= by * this.low;
  }

  /** count · µs since the start. */
  micros(integral: number): number {
    const { values } = this;
    const high = values[integral] * this.high + values[integral + 1];
    const low = values[integral] * this.low + values[integral + 2];
    return high * TIME_HIGH + low;
  }
}
