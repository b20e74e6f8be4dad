/**
 * The answer to a query as text: an aligned table, or its rows one below the other where they are too wide; JSON, CSV and Markdown.
 * Whole numbers are exact whatever their size. What has no value is `–` in a table, null in JSON, empty in CSV.
 */
import { csvField, csvNumber } from '../csv.ts';
import { renderLines, span } from '../lines.ts';
import type { Line, TextOptions } from '../lines.ts';
import { renderTable } from '../table.ts';
import { displayWidth, escapeControls, padEnd, wrap } from '../width.ts';
import { pipeTable } from './dictionary.ts';

/** A list, or the fields of a structure, may stand in a cell. */
export type AnswerCell = string | number | bigint | boolean | null | readonly AnswerCell[] | Fields;
export interface Fields {
  fields: readonly (readonly [name: string, value: AnswerCell])[];
}

export interface AnswerColumn {
  name: string;
  isNumber: boolean;
}

export interface Answer {
  columns: readonly AnswerColumn[];
  rows: readonly (readonly AnswerCell[])[];
  /** Of the query; more than are here where they were limited. */
  rowCount: number;
}

const NONE = '–';
/** Texts narrower than this say too little. */
const TEXT_LEAST = 12;
const GAP = 2;

export function renderAnswer({ columns, rows, rowCount }: Answer, options: TextOptions): string {
  const cells = rows.map((row) => row.map((cell) => escapeControls(shownCell(cell))));
  const titles = columns.map(({ name }) => escapeControls(name));
  const lines = fits(columns, titles, cells, options.columns)
    ? renderTable(
        columns.map(({ isNumber }, index) => ({ title: titles[index], align: isNumber ? 'right' : 'left' })),
        cells.map((row) => ({ cells: row })),
        options.columns,
      )
    : records(titles, cells, options.columns);
  return renderLines([...lines, [span(countText(rows.length, rowCount), 'dim')]], options);
}

function countText(shown: number, all: number): string {
  if (shown < all) return ` ${shown} of ${all} rows; --limit 0 shows all`;
  return all === 1 ? ' 1 row' : ` ${all} rows`;
}

function shownCell(cell: AnswerCell): string {
  return cell === null ? NONE : cellText(cell);
}

/** A number is never cut, a text only while enough of it is seen. */
function fits(
  columns: readonly AnswerColumn[],
  titles: readonly string[],
  cells: readonly (readonly string[])[],
  width: number,
): boolean {
  const least = columns.map(({ isNumber }, index) => {
    const natural = cells.reduce((most, row) => Math.max(most, displayWidth(row[index])), displayWidth(titles[index]));
    return isNumber ? natural : Math.min(natural, TEXT_LEAST);
  });
  return least.reduce((sum, one) => sum + one + GAP, 1 - GAP) <= width;
}

/** Every row as `column  value` lines. */
function records(titles: readonly string[], cells: readonly (readonly string[])[], width: number): Line[] {
  const names = Math.min(Math.floor(width / 2), Math.max(...titles.map(displayWidth)));
  const room = Math.max(TEXT_LEAST, width - names - GAP - 1);
  return cells.flatMap((row, index) => [
    [span(` row ${index + 1}`, 'bold')] satisfies Line,
    ...row.flatMap((cell, column) =>
      wrap(cell === '' ? ' ' : cell, room).map((text, part): Line => [
        span(` ${padEnd(part === 0 ? titles[column] : '', names)}${' '.repeat(GAP)}`, 'dim'),
        text,
      ]),
    ),
  ]);
}

export function answerCsvRow(cells: readonly AnswerCell[]): string {
  return `${cells.map((cell) => (cell === null ? '' : csvCell(cell))).join(',')}\n`;
}

function csvCell(cell: Exclude<AnswerCell, null>): string {
  if (typeof cell === 'number') return csvNumber(cell);
  return typeof cell === 'string' || typeof cell === 'object' ? csvField(cellText(cell)) : String(cell);
}

export function answerMarkdown({ columns, rows }: Answer): string {
  const titles = columns.map(({ name }) => name);
  return `${pipeTable(
    titles,
    rows.map((row) => row.map(shownCell)),
  )}\n`;
}

function cellText(cell: Exclude<AnswerCell, null>): string {
  return typeof cell === 'object' ? answerJson(cell) : typeof cell === 'number' && cell === 0 ? '0' : String(cell);
}

/** One line. Not JSON.stringify: whole numbers above 2^53 keep all their digits, and any name may be that of a column. */
export function answerJson(cell: AnswerCell): string {
  if (cell === null) return 'null';
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell === 0 ? 0 : cell) : 'null';
  if (typeof cell === 'string') return JSON.stringify(cell);
  if (typeof cell !== 'object') return String(cell);
  if (!('fields' in cell)) return `[${cell.map(answerJson).join(',')}]`;
  return `{${cell.fields.map(([name, value]) => `${JSON.stringify(name)}:${answerJson(value)}`).join(',')}}`;
}
