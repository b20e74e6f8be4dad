/**
 * One watched value: its extremes, and the first moments at which a condition on it was true and was false, within a
 * window of the run. The recorder calls `check` once after every instant (all records of one microsecond) that may have
 * changed the value, and at the edges of the window: so the extremes are exact between samples. What changes by the
 * passing of time alone (expiry, gc grace) is seen at the next record or sample.
 */
import type { PlanBounds } from '../scenario/plan.ts';
import { ATTENTION, type Attention } from './attention.ts';
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

export interface WatchState {
  lowest: Sighting | null;
  highest: Sighting | null;
  /** First moment, within the window, at which the bounds were met / not met. */
  firstMet: Sighting | null;
  firstUnmet: Sighting | null;
  /** The newest value, and the newest moment at which it was seen. */
  last: Sighting | null;
}

export class Watch {
  readonly from: number;
  readonly to: number;
  readonly attention: Attention;
  readonly #read: Reader;
  readonly #bounds: PlanBounds;
  #seen: WatchState = { lowest: null, highest: null, firstMet: null, firstUnmet: null, last: null };

  /** `attention`: after which instants it must be checked. */
  constructor(
    read: Reader,
    bounds: PlanBounds,
    { from, to, attention = ATTENTION.always }: { from: number; to: number; attention?: Attention },
  ) {
    this.#read = read;
    this.#bounds = bounds;
    this.from = from;
    this.to = to;
    this.attention = attention;
  }

  check(micros: number): void {
    if (micros < this.from || micros > this.to) return;
    const value = this.#read();
    // NaN: no value (yet).
    if (value !== value) return;
    const { last } = this.#seen;
    if (last === null) this.#seen.last = { micros, value };
    else {
      last.micros = micros;
      if (last.value === value) return;
      last.value = value;
    }
    this.#sight(micros, value);
  }

  get seen(): Readonly<WatchState> {
    return this.#seen;
  }

  save(): WatchState {
    return { ...this.#seen, last: this.#seen.last === null ? null : { ...this.#seen.last } };
  }

  load(state: WatchState): void {
    this.#seen = { ...state, last: state.last === null ? null : { ...state.last } };
  }

  /** A value other than the one before. */
  #sight(micros: number, value: number): void {
    const seen = this.#seen;
    if (seen.lowest === null || value < seen.lowest.value) seen.lowest = { micros, value };
    if (seen.highest === null || value > seen.highest.value) seen.highest = { micros, value };
    if (seen.firstMet !== null && seen.firstUnmet !== null) return;
    if (meets(value, this.#bounds)) seen.firstMet ??= { micros, value };
    else seen.firstUnmet ??= { micros, value };
  }
}
