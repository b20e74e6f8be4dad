/**
 * A chart as data, drawn by the page (on a canvas), as SVG and as CSV from the same numbers. Tones are names: each drawing has
 * colours for them in its own light. Not here: how anything is drawn.
 */
export type ChartUnit = 'count' | 'bits' | 'bytes' | 'share' | 'seconds';

/** Colours that people tell apart whose eyes tell fewer; `grey` for what heals by itself within moments. */
export const TONES = ['red', 'sky', 'amber', 'purple', 'blue', 'green', 'brown', 'grey'] as const;
export type Tone = (typeof TONES)[number];

export interface ChartLine {
  id: string;
  label: string;
  /** In words; empty where the label says all. */
  meaning: string;
  tone: Tone;
  values: ArrayLike<number>;
  /** Drawn broken: it stays apart from its neighbours without colour. */
  isDashed?: boolean;
}

export interface ChartModel {
  id: string;
  title: string;
  /** What the numbers are, such as `copies`. */
  what: string;
  unit: ChartUnit;
  /** Lines stand on one another, the first at the bottom. */
  isStacked: boolean;
  times: ArrayLike<number>;
  lines: readonly ChartLine[];
}

export function largestOf(values: ArrayLike<number>): number {
  let largest = 0;
  for (let row = 0; row < values.length; row += 1) if (values[row] > largest) largest = values[row];
  return largest;
}

/** Heights at which lines are drawn: sums from the bottom where the chart is stacked. */
export function drawnValues({ lines, isStacked }: ChartModel): ArrayLike<number>[] {
  if (!isStacked) return lines.map(({ values }) => values);
  const below: Float64Array[] = [];
  for (const { values } of lines) {
    const base = below[below.length - 1];
    below.push(Float64Array.from(values, (value, row) => (Number.isNaN(value) ? 0 : value) + (base?.[row] ?? 0)));
  }
  return below;
}

export function topOf(model: ChartModel): number {
  return drawnValues(model).reduce((most, values) => Math.max(most, largestOf(values)), 0);
}

/** The row whose time is the last one at or before `micros`; −1 before the first. */
export function rowAt(times: ArrayLike<number>, micros: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= micros) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
