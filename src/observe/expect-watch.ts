/**
 * One watched value: its extremes, and the first moments at which a condition on it was true and was false, within a
 * window of the run. The recorder calls `check` once after every instant (all records of one microsecond) that may have
 * changed the value, and at the edges of the window: so the extremes are exact between samples. What changes by the
 * passing of time alone (expiry, gc grace) is seen at the next record or sample; of a time that runs out what it was in
 * between follows from what it was before.
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
  readonly #runsOut: boolean;
  #seen: WatchState = { lowest: null, highest: null, firstMet: null, firstUnmet: null, last: null };

  /** `attention`: after which instants it must be checked. `runsOut`: between two records the value falls by 1 each µs. */
  constructor(
    read: Reader,
    bounds: PlanBounds,
    {
      from,
      to,
      attention = ATTENTION.always,
      runsOut = false,
    }: { from: number; to: number; attention?: Attention; runsOut?: boolean },
  ) {
    this.#runsOut = runsOut;
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
    if (this.#runsOut) this.#runOut(micros - 1);
    this.#take(micros, value);
  }

  #take(micros: number, value: number): void {
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

  /** What a value that runs out was up to the moment before: the first at which the bounds were met, or not met, too. */
  #runOut(until: number): void {
    const { last } = this.#seen;
    if (last === null || !Number.isFinite(last.value) || until <= last.micros) return;
    const { micros: since, value } = last;
    const before = meets(value, this.#bounds);
    let [still, changed] = [0, until - since];
    if (meets(value - changed, this.#bounds) !== before) {
      while (changed - still > 1) {
        const middle = Math.floor((still + changed) / 2);
        if (meets(value - middle, this.#bounds) === before) still = middle;
        else changed = middle;
      }
      this.#take(since + changed, value - changed);
    }
    this.#take(until, value - (until - since));
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
