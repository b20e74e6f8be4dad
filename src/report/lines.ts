/**
 * Text with styles, laid out before it is coloured: a line is spans, widths are counted on the plain text, and the one
 * place that turns lines into a string cuts each to the columns there are. Nothing wider than the terminal leaves it.
 */
import picocolors from 'picocolors';
import { displayWidth, escapeControls, takeColumns } from './width.ts';

export type Style =
  'plain' | 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan' | 'gray' | 'greenBright';

export interface Span {
  text: string;
  style: Style;
}

export type Line = readonly (Span | string)[];

export interface TextOptions {
  /** Of the terminal; at least 40 are assumed. */
  columns: number;
  color: boolean;
}

export const COLUMNS_MIN = 40;

export function span(text: string, style: Style): Span {
  return { text, style };
}

export function lineWidth(line: Line): number {
  let width = 0;
  for (const part of line) width += displayWidth(typeof part === 'string' ? part : part.text);
  return width;
}

/** Joins two sides so that the right one ends at `columns`; the left one is cut where both do not fit. */
export function justify(left: Line, right: Line, columns: number): Line {
  const rightWidth = lineWidth(right);
  const room = columns - rightWidth - 2;
  const cut = lineWidth(left) > room ? cutLine(left, Math.max(room, 0)) : left;
  return [...cut, ' '.repeat(Math.max(2, columns - rightWidth - lineWidth(cut))), ...right];
}

/** Keeps what fits, with an ellipsis as the last column where something was cut. */
export function cutLine(line: Line, columns: number): Line {
  if (lineWidth(line) <= columns) return line;
  const kept: (Span | string)[] = [];
  let room = columns - 1;
  for (const part of line) {
    const text = takeColumns(typeof part === 'string' ? part : part.text, room);
    kept.push(typeof part === 'string' ? text : span(text, part.style));
    room -= displayWidth(text);
    if (room <= 0) break;
  }
  return columns > 0 ? [...kept, '…'] : [];
}

/** The lines as one text, each ending in a newline; control characters are escaped here, whatever came in. */
export function renderLines(lines: readonly Line[], options: TextOptions): string {
  const colors = picocolors.createColors(options.color);
  const columns = Math.max(options.columns, COLUMNS_MIN);
  let text = '';
  for (const line of lines) {
    const safe = line.map((part) =>
      typeof part === 'string' ? escapeControls(part) : span(escapeControls(part.text), part.style),
    );
    const parts = trimEnd(cutLine(safe, columns)).map((part) =>
      typeof part === 'string' || part.style === 'plain' || part.text === ''
        ? typeof part === 'string'
          ? part
          : part.text
        : colors[part.style](part.text),
    );
    text += `${parts.join('')}\n`;
  }
  return text;
}

function trimEnd(line: Line): Line {
  const parts = [...line];
  while (parts.length > 0) {
    const last = parts[parts.length - 1];
    const text = (typeof last === 'string' ? last : (last?.text ?? '')).trimEnd();
    parts.pop();
    if (text === '') continue;
    parts.push(typeof last === 'object' ? span(text, last.style) : text);
    break;
  }
  return parts;
}
