/**
 * Aligned columns, and labelled lines, as lines with styles. Widths come from what is in the columns; the last left
 * column takes what room is left.
 */
import type { Line, Span, Style } from './lines.ts';
import { span } from './lines.ts';
import { shortNames } from './short-names.ts';
import { clip, displayWidth, escapeControls, padEnd, padStart, wrap } from './width.ts';

export interface Column {
  /** Lines of the header, the first on top. */
  title: string;
  align: 'left' | 'right';
  /** At most this wide; longer texts are cut. */
  most?: number;
  /** At least this wide. */
  least?: number;
  /** Holds names: they are cut so that they still differ. */
  names?: boolean;
  /** Left out, the last one first, where the table is too wide for the terminal. */
  optional?: boolean;
}

export interface Row {
  cells: readonly string[];
  style?: Style;
  /** Behind the first cell; never cut. */
  mark?: string;
}

const GAP = 2;
const NAME_LEAST = 12;
/** Of names that are to be told apart. */
const DISTINCT_LEAST = 20;

/** Header (dim) and rows, indented by one; every line has at most `columns`. */
export function renderTable(columns: readonly Column[], rows: readonly Row[], width: number): Line[] {
  const safe = rows.map((row) => ({ ...row, cells: row.cells.map(escapeControls) }));
  const natural = naturalWidths(columns, safe);
  const drop =
    totalWidth(squeezed(natural, columns)) > width - 1
      ? columns.findLastIndex((column) => column.optional === true)
      : -1;
  if (drop >= 0) {
    const without = <T>(list: readonly T[]): T[] => list.filter((_, index) => index !== drop);
    return renderTable(
      without(columns),
      safe.map((row) => ({ ...row, cells: without(row.cells) })),
      width,
    );
  }
  const widths = fitWidths(natural, columns, width - 1);
  const line = (cells: readonly string[]): string => {
    const parts = columns.map((column, index) => {
      const text = clip(cells[index] ?? '', widths[index]);
      return column.align === 'left' ? padEnd(text, widths[index]) : padStart(text, widths[index]);
    });
    return ` ${parts.join(' '.repeat(GAP))}`;
  };
  const shown = withShortNames(columns, safe, widths);
  return [
    ...headers(columns).map((titles): Line => [span(line(titles), 'dim')]),
    ...safe.map((row, index): Line => [span(line(shown[index]), row.style ?? 'plain')]),
  ];
}

function headers(columns: readonly Column[]): string[][] {
  const titles = columns.map(({ title }) => title.split('\n'));
  const height = titles.reduce((most, { length }) => Math.max(most, length), 1);
  return Array.from({ length: height }, (_, row) => titles.map((lines) => lines[row] ?? ''));
}

/** The cells of each row, with its mark. */
function withShortNames(columns: readonly Column[], rows: readonly Row[], widths: readonly number[]): string[][] {
  const byColumn = columns.map(({ names }, column) => {
    const cells = rows.map(({ cells: own }) => own[column] ?? '');
    const rooms = rows.map(({ mark }) => widths[column] - (column === 0 ? markWidth(mark) : 0));
    return names === true ? shortNames(cells, rooms) : cells;
  });
  return rows.map(({ mark }, row) =>
    byColumn.map((cells, column) => (column === 0 && mark !== undefined ? `${cells[row]}  ${mark}` : cells[row])),
  );
}

function markWidth(mark: string | undefined): number {
  return mark === undefined ? 0 : GAP + displayWidth(mark);
}

const CELL_MOST = 26;

/** A table whose last column is wrapped under itself instead of cut; the first is right-aligned. */
export function renderWrapped(titles: readonly string[], rows: readonly (readonly string[])[], width: number): Line[] {
  const safe = [titles, ...rows].map((cells) => cells.map(escapeControls));
  const last = titles.length - 1;
  const widths = titles
    .slice(0, last)
    .map((_, column) => Math.min(CELL_MOST, Math.max(...safe.map((cells) => displayWidth(cells[column])))));
  const indent = widths.reduce((sum, one) => sum + one + GAP, 1);
  return safe.flatMap((cells, row) => {
    const head = widths.map((one, column) => (column === 0 ? padStart : padEnd)(clip(cells[column], one), one));
    const texts = wrap(cells[last], Math.max(10, width - indent));
    return texts.map((text, index): Line => {
      const before = index === 0 ? ` ${head.join(' '.repeat(GAP))}${' '.repeat(GAP)}` : ' '.repeat(indent);
      return [span(before + text, row === 0 ? 'dim' : 'plain')];
    });
  });
}

function naturalWidths(columns: readonly Column[], rows: readonly Row[]): number[] {
  return columns.map((column, index) => {
    const title = column.title.split('\n').reduce((most, text) => Math.max(most, displayWidth(text)), 0);
    const needed = rows.reduce(
      (most, row) => Math.max(most, displayWidth(row.cells[index] ?? '') + (index === 0 ? markWidth(row.mark) : 0)),
      title,
    );
    return Math.max(Math.min(needed, column.most ?? needed), column.least ?? 0);
  });
}

/** As narrow as names may become before an optional column is left out. */
function squeezed(natural: readonly number[], columns: readonly Column[]): number[] {
  return natural.map((width, index) => {
    const { align, names } = columns[index];
    return align === 'left' ? Math.min(width, names === true ? DISTINCT_LEAST : NAME_LEAST) : width;
  });
}

function totalWidth(widths: readonly number[]): number {
  return widths.reduce((sum, one) => sum + one, 0) + GAP * (widths.length - 1);
}

/** Where there is too little room the widest left-aligned column gives way, then the widest of all. */
function fitWidths(natural: readonly number[], columns: readonly Column[], room: number): number[] {
  const widths = [...natural];
  while (totalWidth(widths) > room) {
    const left = widest(widths, (index) => columns[index].align === 'left' && widths[index] > 6);
    const victim = left >= 0 ? left : widest(widths, (index) => widths[index] > 1);
    if (victim < 0) break;
    widths[victim]--;
  }
  return widths;
}

function widest(widths: readonly number[], may: (index: number) => boolean): number {
  let found = -1;
  for (let index = 0; index < widths.length; index++) {
    if (may(index) && (found < 0 || widths[index] > widths[found])) found = index;
  }
  return found;
}

const LABEL_COLUMNS = 20;

/** ` label               text`, the text wrapped under itself. */
export function labelled(label: string, text: string, width: number, style: Style = 'plain'): Line[] {
  const lines = wrap(escapeControls(text), Math.max(10, width - LABEL_COLUMNS - 1));
  return lines.map((line, index): Line => [
    span(padEnd(index === 0 ? ` ${label}` : '', LABEL_COLUMNS + 1), 'dim'),
    span(line, style),
  ]);
}

/** Spans filled into lines like words; a span is never split but by the edge of the terminal. */
export function flow(items: readonly Span[], width: number, gap = '  '): Line[] {
  const lines: Span[][] = [];
  let room = 0;
  for (const item of items) {
    const needed = displayWidth(item.text) + gap.length;
    const last = lines[lines.length - 1];
    if (last === undefined || needed > room) {
      lines.push([item]);
      room = width - 1 - displayWidth(item.text);
    } else {
      last.push(span(gap, 'plain'), item);
      room -= needed;
    }
  }
  return lines.map((line): Line => [' ', ...line]);
}
