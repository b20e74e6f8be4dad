/** Numbers of a chart as text: marks of an axis, values under the pointer, and the whole chart as CSV. */
import { formatBytes, formatCount, formatDuration, formatShare, SECOND } from '../../base/human.ts';
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

/** The same without the word behind it, for an axis. */
export function markText(value: number, unit: ChartUnit): string {
  return unit === 'bits' ? formatCount(value) : valueText(value, unit);
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
