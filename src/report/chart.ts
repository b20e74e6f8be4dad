/**
 * The stacked area chart of copies that differ, in text. A column is a span of virtual time and shows the sample in it
 * with the largest total (a spike between columns is never lost); a cell belongs to the group at its middle height. A
 * column that is not 0 but below half a cell shows a thin line in the colour of its largest group.
 */
import { formatCount, formatMark } from '../base/human.ts';
import { roundStep } from '../base/virtual-clock.ts';
import type { VirtualClock } from '../base/virtual-clock.ts';
import type { Series } from '../observe/result.ts';
import { chartGroups } from './chart-groups.ts';
import type { ChartGroup } from './chart-groups.ts';
import { span } from './lines.ts';
import type { Line, Span } from './lines.ts';
import { flow } from './table.ts';
import { displayWidth, padStart } from './width.ts';

const ROWS_MAX = 8;
/** Columns of an axis label; ` faults ` and ` repairs ` stand in the same columns below. */
const LABEL_LEAST = 6;
const TICK_COLUMNS = 13;
const THIN = '▁';

/** Where virtual time lies in the columns of the chart. */
export interface TimeScale {
  /** Columns left of the plot. */
  left: number;
  /** Columns of the plot. */
  width: number;
  endMicros: number;
}

export function columnOf(scale: TimeScale, micros: number): number {
  const column = Math.floor((micros / scale.endMicros) * scale.width);
  return Math.max(0, Math.min(scale.width - 1, column));
}

export interface Chart {
  lines: Line[];
  scale: TimeScale;
  legend: Line[];
}

/** Null where there is nothing to draw: no time, or no copy ever differed. */
export function drawChart(
  series: Series,
  endMicros: number,
  options: { columns: number; clock: VirtualClock },
): Chart | null {
  const groups = chartGroups(series);
  if (endMicros <= 0 || groups.length === 0) return null;
  const totals = totalsOf(groups, series.time_micros.length);
  const axis = valueAxis(totals.reduce((most, total) => Math.max(most, total), 0));
  const labels = axis.marks.map((mark) => formatMark(mark, axis.marks[axis.marks.length - 1]));
  const labelColumns = labels.reduce((most, label) => Math.max(most, displayWidth(label)), LABEL_LEAST);
  const left = labelColumns + 3;
  const scale = { left, width: Math.max(10, options.columns - left - 1), endMicros };
  const picks = pickSamples(series.time_micros, totals, scale);
  const lines: Line[] = [];
  for (let row = axis.marks.length - 1; row >= 0; row--) {
    const cells = picks.map((sample) => cellAt(groups, sample, row, axis.unit));
    lines.push([span(` ${padStart(labels[row], labelColumns)} ┤`, 'dim'), ...joinCells(cells)]);
  }
  lines.push(...timeAxis(scale, options.clock));
  return { lines, scale, legend: legendOf(groups, options.columns) };
}

function totalsOf(groups: readonly ChartGroup[], rows: number): number[] {
  const totals: number[] = [];
  for (let row = 0; row < rows; row++) totals.push(groups.reduce((sum, one) => sum + (one.values[row] ?? 0), 0));
  return totals;
}

/** Round marks from one unit up: at most 8, whole copies. */
export function valueAxis(largest: number): { unit: number; marks: number[] } {
  let unit = 1;
  for (let decade = 1; unit * ROWS_MAX < largest; decade *= 10) {
    for (const step of [1, 2, 2.5, 4, 5]) {
      unit = step * decade;
      if (Number.isInteger(unit) && unit * ROWS_MAX >= largest) break;
    }
  }
  const rows = Math.max(1, Math.floor((largest + unit - 1) / unit));
  return { unit, marks: Array.from({ length: rows }, (_, row) => (row + 1) * unit) };
}

/** For each column the row of the series with the largest total, or the last one before it; −1 before the first. */
function pickSamples(times: readonly number[], totals: readonly number[], scale: TimeScale): number[] {
  const picks: number[] = new Array<number>(scale.width).fill(-1);
  for (let sample = 0; sample < times.length; sample++) {
    const column = columnOf(scale, times[sample]);
    if (picks[column] < 0 || totals[sample] >= totals[picks[column]]) picks[column] = sample;
  }
  let last = -1;
  let next = 0;
  for (let column = 0; column < scale.width; column++) {
    while (next < times.length && columnOf(scale, times[next]) <= column) last = next++;
    if (picks[column] < 0) picks[column] = last;
  }
  return picks;
}

function cellAt(groups: readonly ChartGroup[], sample: number, row: number, unit: number): Span {
  if (sample < 0) return span(' ', 'plain');
  const middle = (row + 0.5) * unit;
  let height = 0;
  for (const one of groups) {
    height += one.values[sample] ?? 0;
    if (height > middle) return span(one.fill, one.style);
  }
  if (row > 0 || height === 0) return span(' ', 'plain');
  const largest = groups.reduce((most, one) => ((one.values[sample] ?? 0) > (most.values[sample] ?? 0) ? one : most));
  return span(THIN, largest.style);
}

/** Neighbours of one style become one span, so that colours cost few characters. */
function joinCells(cells: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const cell of cells) {
    const last = joined[joined.length - 1];
    if (last !== undefined && last.style === cell.style) last.text += cell.text;
    else joined.push({ ...cell });
  }
  return joined;
}

function timeAxis(scale: TimeScale, clock: VirtualClock): Line[] {
  const step = roundStep(scale.endMicros, Math.max(1, Math.floor(scale.width / TICK_COLUMNS)));
  const phase = clock.epochMicros === null ? 0 : clock.epochMicros - Math.floor(clock.epochMicros / step) * step;
  const marks: string[] = new Array<string>(scale.width).fill('─');
  let labels = '';
  for (const micros of ticksOf(scale, step, phase === 0 ? 0 : step - phase)) {
    const column = columnOf(scale, micros);
    marks[column] = '┬';
    const text = clock.tick(micros, step);
    const start = Math.min(column, scale.width - displayWidth(text));
    if (start >= 0 && (labels === '' || displayWidth(labels) + 2 <= start))
      labels += ' '.repeat(start - displayWidth(labels)) + text;
  }
  const indent = ' '.repeat(scale.left - 1);
  return [[span(`${indent}└${marks.join('')}`, 'dim')], [span(`${indent} ${labels}`, 'dim')]];
}

/** Round moments, and the start where there is room before the first of them. */
function ticksOf(scale: TimeScale, step: number, first: number): number[] {
  const ticks: number[] = [];
  for (let micros = first; micros <= scale.endMicros; micros += step) ticks.push(micros);
  return ticks.length === 0 || columnOf(scale, ticks[0]) >= TICK_COLUMNS / 2 ? [0, ...ticks] : ticks;
}

function legendOf(groups: readonly ChartGroup[], columns: number): Line[] {
  const items = [...groups]
    .reverse()
    .map((one) => span(`${one.fill} ${one.label} (≤ ${formatCount(one.largest)})`, one.style));
  return flow(items, columns, '   ');
}
