/**
 * What a study shows, from the data of its page: cells that fit the filters, a grid of two factors, curves over one. Where more
 * than one cell falls on a place because a factor is neither shown nor chosen, the place shows their mean and says how many.
 */
import type { CellSummary } from '../../studies/sweep/summary.ts';
import { formatBytes, formatCount, formatDuration, formatShare } from '../../base/human.ts';
import type { SweepPage } from './page-data.ts';

/** By factor the value that cells must have; null: any. */
export type Filters = readonly (string | null)[];

export interface Place {
  mean: number | null;
  /** Half of the interval of the mean; null where there is none, or several cells fall here. */
  halfWidth: number | null;
  /** Numbers of the cells. */
  cells: number[];
}

/** The values of a factor in the order of the study; by their size where they have one. */
export function valuesOf({ summary, scales }: SweepPage, factor: number): string[] {
  const values = [...new Set(summary.cells.map((cell) => cell.values[factor]))];
  const scale = scales[factor];
  if (scale === null) return values;
  const sizes = new Map(summary.cells.map((cell, index) => [cell.values[factor], scale[index]]));
  return values.sort((left, right) => (sizes.get(left) ?? 0) - (sizes.get(right) ?? 0));
}

export function placeOf({ summary }: SweepPage, measure: number, wanted: Filters): Place {
  const cells: number[] = [];
  const means: CellSummary['means'] = [];
  summary.cells.forEach((cell, index) => {
    if (!wanted.every((value, factor) => value === null || cell.values[factor] === value)) return;
    cells.push(index);
    if (cell.means[measure] !== null) means.push(cell.means[measure]);
  });
  const sum = means.reduce((total, one) => total + (one?.mean ?? 0), 0);
  return {
    mean: means.length === 0 ? null : sum / means.length,
    halfWidth: cells.length === 1 ? (means[0]?.halfWidth ?? null) : null,
    cells,
  };
}

export interface Grid {
  rows: string[];
  columns: string[];
  places: Place[][];
  least: number;
  most: number;
}

/** `across` and `down` are factors; −1 for `down`: one row. */
export function gridOf(page: SweepPage, { measure, across, down, filters }: GridOptions): Grid {
  const columns = valuesOf(page, across);
  const rows = down < 0 ? [''] : valuesOf(page, down);
  const places = rows.map((row) =>
    columns.map((column) => {
      const wanted = filters.map((value, factor) => (factor === across ? column : factor === down ? row : value));
      return placeOf(page, measure, wanted);
    }),
  );
  const means = places.flat().flatMap(({ mean }) => (mean === null ? [] : [mean]));
  return {
    rows,
    columns,
    places,
    least: means.reduce((least, mean) => Math.min(least, mean), Infinity),
    most: means.reduce((most, mean) => Math.max(most, mean), -Infinity),
  };
}

export interface GridOptions {
  measure: number;
  across: number;
  down: number;
  filters: Filters;
}

/** Where a value of a factor stands on its axis, 0 to 1: by size, or evenly where it has none. */
export function positionsOf(page: SweepPage, factor: number): number[] {
  const values = valuesOf(page, factor);
  const scale = page.scales[factor];
  const even = values.map((_, index) => (values.length < 2 ? 0.5 : index / (values.length - 1)));
  if (scale === null) return even;
  const sizes = values.map((value) => scale[page.summary.cells.findIndex((cell) => cell.values[factor] === value)]);
  const span = sizes[sizes.length - 1] - sizes[0];
  return span > 0 ? sizes.map((size) => (size - sizes[0]) / span) : even;
}

export function measureText(value: number | null, unit: string): string {
  if (value === null) return '–';
  if (unit === 'bytes') return formatBytes(value);
  if (unit === 'micros') return formatDuration(Math.round(value));
  if (unit === 'seconds') return formatDuration(Math.round(value * 1e6));
  if (unit === 'share') return formatShare(value);
  return formatCount(value);
}
