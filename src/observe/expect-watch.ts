/**
 * One watched value: its extremes, and the first moments at which a condition on it was true and was false, within a
 * window of the run. The recorder calls `check` once after every instant (all records of one microsecond) that may have
 * changed a counter, and at the edges of the window: so the extremes are exact between samples. What changes by the
 * passing of time alone (expiry, gc grace) is seen at the next record or sample.
 */
import type { PlanBounds } from '../scenario/plan.ts';
import type { Reader } from './counters-reader.ts';

/** Does a value meet every bound? `above` and `below` are strict, `between` includes both ends. */
export function meets(value: number, bounds: PlanBounds): boolean {
  const { above, below, is, not, between, near } = bounds;
  if (above !== undefined && !(value > above)) return false;
  if (below !== undefined && !(value < below)) return false;
  if (is !== undefined && value !== is) return false;
  if (not !== undefined && value === not) return false;
  if (between !== undefined && !(value >= between[0] && value <= between[1])) return false;
  if (near !== undefined && !(Math.abs(value - near) <= Math.abs(near) * (bounds.within_share ?? 0))) return false;
  return true;
}

export interface Sighting {
  micros: number;
  value: number;
}

export class Watch {
  readonly from: number;
  readonly to: number;
  readonly #read: Reader;
  readonly #bounds: PlanBounds;
  lowest: Sighting | null = null;
  highest: Sighting | null = null;
  /** First moment, within the window, at which the bounds were met / not met. */
  firstMet: Sighting | null = null;
  firstUnmet: Sighting | null = null;
  last: Sighting | null = null;

  constructor(read: Reader, bounds: PlanBounds, window: { from: number; to: number }) {
    this.#read = read;
    this.#bounds = bounds;
    this.from = window.from;
    this.to = window.to;
  }

  check(micros: number): void {
    if (micros < this.from || micros > this.to) return;
    const value = this.#read();
    // NaN: no value (yet).
    if (value !== value) return;
    if (this.last !== null && this.last.value === value) {
      this.last.micros = micros;
      return;
    }
    this.#sight(micros, value);
  }

  #sight(micros: number, value: number): void {
    if (this.last === null) this.last = { micros, value };
    this.last.micros = micros;
    this.last.value = value;
    if (this.lowest === null || value < this.lowest.value) this.lowest = { micros, value };
    if (this.highest === null || value > this.highest.value) this.highest = { micros, value };
    if (meets(value, this.#bounds)) this.firstMet ??= { micros, value };
    else this.firstUnmet ??= { micros, value };
  }
}
