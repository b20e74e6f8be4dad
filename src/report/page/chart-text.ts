/** Numbers of a chart as text: marks of an axis, values under the pointer, and the whole chart as CSV. */
import { formatBytes, formatCount, formatDuration, formatMark, formatShare, SECOND } from '../../base/human.ts';
import { csvField, csvNumber } from '../csv.ts';
import type { ChartModel, ChartUnit } from './chart-model.ts';

export function valueText(value: number, unit: ChartUnit): string {
  switch (unit) {
    case 'share':
      return formatShare(value);
    case 'bytes':
      return formatBytes(value);
    case 'seconds':
      return formatDuration(value * SECOND);
    case 'bits':
      return `${formatCount(value)} bits`;
    case 'count':
      return formatCount(value);
  }
}

/** A mark of an axis that ends at `largest`: counts and bits all in one unit, without the word behind it. */
export function markText(value: number, unit: ChartUnit, largest: number): string {
  if (value === 0 && (unit === 'bits' || unit === 'count')) return '0';
  return unit === 'bits' || unit === 'count' ? formatMark(value, largest) : valueText(value, unit);
}

/** Round marks from 0 that reach `top`, about `wanted` of them. */
export function roundMarks(top: number, wanted: number): number[] {
  if (!(top > 0)) return [0];
  let decade = 1;
  while (decade * 10 <= top / wanted) decade *= 10;
  while (decade > top / wanted) decade /= 10;
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * decade).find((one) => top / one <= wanted) ?? decade * 10;
  const marks: number[] = [];
  for (let mark = 0; mark <= top * 1.0000001; mark += step) marks.push(mark);
  return marks;
}

export function chartCsv({ times, lines }: ChartModel): string {
  const rows = [['time_micros', ...lines.map(({ id }) => csvField(id))].join(',')];
  for (let row = 0; row < times.length; row += 1) {
    rows.push([csvNumber(times[row]), ...lines.map(({ values }) => csvNumber(values[row]))].join(','));
  }
  return `${rows.join('\n')}\n`;
}
