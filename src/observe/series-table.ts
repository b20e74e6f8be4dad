/**
 * The growing table behind a series: rows of one moment, columns that appear when they are first not zero. Bounded:
 * interval rows by choosing the interval before the run, rows at changes of regime by keeping every 2nd, 4th, … once
 * there are too many. Both depend on nothing but the plan and the records, so a series is the same on every machine.
 */
import type { Series } from './result.ts';

export const SERIES_ROWS_MAX = 20_000;
const INTERVAL_ROWS_MAX = 10_000;
/** Rows taken at changes of regime; a change takes two, so a thinning keeps them in pairs. */
const REGIME_ROWS_MAX = 9_000;

/** The wanted interval, or the smallest whole multiple of it that gives at most 10 000 rows. */
export function seriesInterval(wantedMicros: number, endMicros: number): number {
  const wanted = Math.max(1, Math.floor(wantedMicros));
  const rows = Math.floor(endMicros / wanted);
  return rows <= INTERVAL_ROWS_MAX ? wanted : wanted * Math.floor((rows + INTERVAL_ROWS_MAX - 1) / INTERVAL_ROWS_MAX);
}

export interface SeriesTableState {
  times: number[];
  regime: boolean[];
  columns: [string, number[]][];
  counts: [regimeRows: number, regimeSeen: number, regimeStride: number];
}

export class SeriesTable {
  readonly #times: number[] = [];
  readonly #regime: boolean[] = [];
  readonly #columns = new Map<string, number[]>();
  #regimeRows = 0;
  #regimeSeen = 0;
  #regimeStride = 1;

  get rows(): number {
    return this.#times.length;
  }

  /** Does the next change of regime get its rows? Ask once a change. */
  wantsRegime(): boolean {
    return this.#regimeSeen++ % this.#regimeStride === 0;
  }

  addRow(micros: number, regime: boolean): void {
    if (regime && this.#regimeRows >= REGIME_ROWS_MAX) this.#thin();
    if (regime) this.#regimeRows++;
    this.#times.push(micros);
    this.#regime.push(regime);
  }

  /** A value of the newest row. A column that was never set before is 0 until here; one not set reads as 0. */
  set(column: string, value: number): void {
    let values = this.#columns.get(column);
    if (values === undefined) {
      if (value === 0) return;
      values = [];
      this.#columns.set(column, values);
    }
    const row = this.#times.length - 1;
    while (values.length < row) values.push(0);
    values[row] = value;
  }

  /** A column that stands in every series, also when it is always 0. */
  declare(column: string): void {
    if (!this.#columns.has(column)) this.#columns.set(column, []);
  }

  finish(everyMicros: number, notes: readonly string[]): Series {
    const columns: Record<string, number[]> = {};
    for (const [name, values] of this.#columns) {
      while (values.length < this.#times.length) values.push(0);
      columns[name] = [...values];
    }
    const thinned = `of the rows at changes of regime every ${this.#regimeStride}th is kept`;
    const all = this.#regimeStride > 1 ? [...notes, thinned] : [...notes];
    return {
      time_micros: [...this.#times],
      columns,
      every_micros: everyMicros,
      ...(all.length > 0 ? { notes: all } : {}),
    };
  }

  save(): SeriesTableState {
    return {
      times: [...this.#times],
      regime: [...this.#regime],
      columns: [...this.#columns].map(([name, values]) => [name, [...values]]),
      counts: [this.#regimeRows, this.#regimeSeen, this.#regimeStride],
    };
  }

  load(state: SeriesTableState): void {
    replace(this.#times, state.times);
    replace(this.#regime, state.regime);
    this.#columns.clear();
    for (const [name, values] of state.columns) this.#columns.set(name, [...values]);
    [this.#regimeRows, this.#regimeSeen, this.#regimeStride] = state.counts;
  }

  /** Drops every second change of regime (both of its rows) and from now on takes half as many. */
  #thin(): void {
    const keep: boolean[] = [];
    let seen = 0;
    for (const regime of this.#regime) keep.push(!regime || Math.floor(seen++ / 2) % 2 === 0);
    const kept = <T>(list: readonly T[]): T[] => list.filter((_, row) => keep[row]);
    replace(this.#times, kept(this.#times));
    for (const values of this.#columns.values()) {
      while (values.length < keep.length) values.push(0);
      replace(values, kept(values));
    }
    replace(this.#regime, kept(this.#regime));
    this.#regimeRows = this.#regime.filter(Boolean).length;
    this.#regimeStride *= 2;
  }
}

function replace<T>(list: T[], next: readonly T[]): void {
  list.length = 0;
  for (const value of next) list.push(value);
}
