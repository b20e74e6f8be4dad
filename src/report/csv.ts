/**
 * A series as CSV (RFC 4180, but with line feeds): `time_micros` and then the columns in the order of the series. A
 * value that is not known is an empty field. Numbers are the shortest text that reads back as the same number.
 */
import type { Series } from '../observe/result.ts';

export function seriesCsv(series: Series): string {
  const columns = Object.entries(series.columns);
  const lines = [['time_micros', ...columns.map(([name]) => csvField(name))].join(',')];
  series.time_micros.forEach((time, row) => {
    lines.push([csvNumber(time), ...columns.map(([, values]) => csvNumber(values[row]))].join(','));
  });
  return `${lines.join('\n')}\n`;
}

export function csvNumber(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? '' : String(value);
}

/** Quoted where it must be; an empty text is quoted too, because an empty field has no value. */
export function csvField(text: string): string {
  return text === '' || /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
