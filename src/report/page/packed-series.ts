/**
 * A series in few characters and back. Each column is whole multiples of a step, written as differences from one value to the
 * next; a difference that comes several times in a row is written once (`0*240`), a value that is not known as `x`. Columns of
 * whole numbers have step 1 and are exact; the others are rounded to a millionth of their largest value at most.
 */
import type { Series } from '../../observe/result.ts';

export interface PackedColumn {
  name: string;
  /** Values are multiples of it. */
  step: number;
  deltas: string;
  /** What it can be off by where the row was kept: 0 of whole numbers. */
  errorMax: number;
}

export interface PackedSeries {
  rows: number;
  /** Rows of the run's own series (series.csv). */
  rowsBefore: number;
  /** Most that a line drawn between the rows kept strays from one left out, as a share of the largest value of its column. */
  strayShare: number;
  time: PackedColumn;
  columns: PackedColumn[];
  notes: string[];
}

const STEPS_MAX = 1e6;
const UNKNOWN = 'x';
/** Beyond it differences of whole numbers are not exact any more. */
const EXACT_MAX = 2e15;

export function packColumn(name: string, values: readonly number[]): PackedColumn {
  const { step, isExact } = stepOf(values);
  const words: string[] = [];
  let before = 0;
  let word = '';
  let times = 0;
  const flush = (): void => {
    if (times > 0) words.push(times > 1 ? `${word}*${times}` : word);
  };
  for (const value of values) {
    const whole = Number.isFinite(value) ? Math.round(value / step) : NaN;
    const next = Number.isNaN(whole) ? UNKNOWN : String(whole - before);
    if (!Number.isNaN(whole)) before = whole;
    if (next === word && times > 0) times += 1;
    else {
      flush();
      [word, times] = [next, 1];
    }
  }
  flush();
  return { name, step, deltas: words.join(','), errorMax: isExact ? 0 : step / 2 };
}

/** 1 for whole numbers; else the decimal fraction of which the largest value is up to a million. */
function stepOf(values: readonly number[]): { step: number; isExact: boolean } {
  let largest = 0;
  let isWhole = true;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    largest = Math.max(largest, Math.abs(value));
    if (!Number.isInteger(value)) isWhole = false;
  }
  if (largest === 0 || (isWhole && largest < EXACT_MAX)) return { step: 1, isExact: true };
  let step = 1;
  while (largest / step > STEPS_MAX) step *= 10;
  // Divided from 1, so that a fraction is the nearest number to its decimal text.
  let parts = 1;
  while (step === 1 && largest * parts * 10 <= STEPS_MAX && parts < 1e12) parts *= 10;
  return { step: step / parts, isExact: false };
}

export function unpackColumn({ step, deltas }: Pick<PackedColumn, 'step' | 'deltas'>, rows: number): Float64Array {
  const values = new Float64Array(rows);
  let at = 0;
  let whole = 0;
  for (const word of deltas === '' ? [] : deltas.split(',')) {
    const star = word.indexOf('*');
    const times = star < 0 ? 1 : Number(word.slice(star + 1));
    const delta = star < 0 ? word : word.slice(0, star);
    for (let time = 0; time < times && at < rows; time += 1, at += 1) {
      if (delta === UNKNOWN) values[at] = NaN;
      else {
        whole += Number(delta);
        values[at] = whole * step;
      }
    }
  }
  return values;
}

/** Rows kept by `keep` (ascending), of all columns. */
export function packSeries(series: Series, keep: readonly number[], strayShare: number): PackedSeries {
  const pick = (values: readonly number[]): number[] => keep.map((row) => values[row]);
  return {
    rows: keep.length,
    rowsBefore: series.time_micros.length,
    strayShare,
    time: packColumn('time_micros', pick(series.time_micros)),
    columns: Object.entries(series.columns).map(([name, values]) => packColumn(name, pick(values))),
    notes: series.notes ?? [],
  };
}

/** Times and columns, each unpacked when it is asked for. */
export class SeriesView {
  readonly times: Float64Array;
  readonly #packed: PackedSeries;
  readonly #columns = new Map<string, Float64Array>();

  constructor(packed: PackedSeries) {
    this.#packed = packed;
    this.times = unpackColumn(packed.time, packed.rows);
  }

  get names(): string[] {
    return this.#packed.columns.map(({ name }) => name);
  }

  /** Null where the run has no such column: it was never other than 0, or never known. */
  column(name: string): Float64Array | null {
    const known = this.#columns.get(name);
    if (known !== undefined) return known;
    const packed = this.#packed.columns.find((one) => one.name === name);
    if (packed === undefined) return null;
    const values = unpackColumn(packed, this.#packed.rows);
    this.#columns.set(name, values);
    return values;
  }
}
