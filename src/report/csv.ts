/**
 * A series as CSV (RFC 4180, but with line feeds): `time_micros` and then the columns in the order of the series. A
 * value that is not known is an empty field. Numbers are the shortest text that reads back as the same number.
 */
import type { Series } from '../observe/result.ts';

export function seriesCsv(series: Series): string {
  const columns = Object.entries(series.columns);
  const lines = [['time_micros', ...columns.map(([name]) => field(name))].join(',')];
  series.time_micros.forEach((time, row) => {
    lines.push([number(time), ...columns.map(([, values]) => number(values[row]))].join(','));
  });
  return `${lines.join('\n')}\n`;
}

function number(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? '' : String(value);
}

function field(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
