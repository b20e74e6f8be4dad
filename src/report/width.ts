/**
 * How wide a text stands on a terminal, and how to make untrusted text safe for one. Names come from scenario files and
 * imported outputs: control characters, escape sequences and characters that turn the writing direction are shown as
 * visible escapes, so a name can never move the cursor. Widths: East Asian wide and emoji blocks 2, combining marks 0.
 */

// Ranges [first, last] of code points that take two columns.
// prettier-ignore
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f], [0x231a, 0x231b], [0x2e80, 0x303e], [0x3041, 0x4dbf], [0x4e00, 0xa4cf], [0xa960, 0xa97f], [0xac00, 0xd7a3],
  [0xf900, 0xfaff], [0xfe30, 0xfe6f], [0xff00, 0xff60], [0xffe0, 0xffe6], [0x1f1e6, 0x1f1ff], [0x1f300, 0x1f64f], [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff], [0x1fa70, 0x1faff], [0x20000, 0x3fffd],
];
// prettier-ignore
const ZERO: readonly (readonly [number, number])[] = [
  [0x0300, 0x036f], [0x0483, 0x0489], [0x0591, 0x05bd], [0x0610, 0x061a], [0x064b, 0x065f], [0x1ab0, 0x1aff], [0x1dc0, 0x1dff],
  [0x200b, 0x200d], [0x20d0, 0x20ff], [0xfe00, 0xfe0f], [0xfe20, 0xfe2f], [0xe0100, 0xe01ef],
];

function within(ranges: readonly (readonly [number, number])[], point: number): boolean {
  for (const [first, last] of ranges) if (point >= first && point <= last) return true;
  return false;
}

function pointWidth(point: number): number {
  if (point < 0x300) return 1;
  return within(ZERO, point) ? 0 : within(WIDE, point) ? 2 : 1;
}

/** Columns that a text without control characters takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += pointWidth(character.codePointAt(0) ?? 0);
  return width;
}

// C0, DEL, C1, line and paragraph separators, direction marks and overrides, byte order mark, lone surrogates.
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|[\ud800-\udfff]/gu;

/** The same text with every character that could steer a terminal written out: `\x1b`, `\u{202e}`. */
export function escapeControls(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const point = character.codePointAt(0) ?? 0;
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    return point < 0x100 ? `\\x${point.toString(16).padStart(2, '0')}` : `\\u{${point.toString(16)}}`;
  });
}

/** Cuts to at most `columns`, ending in `…` where something was cut. */
export function clip(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  if (columns <= 0) return '';
  return `${takeColumns(text, columns - 1)}…`;
}

/** The longest beginning that takes at most `columns`. */
export function takeColumns(text: string, columns: number): string {
  let width = 0;
  let end = 0;
  for (const character of text) {
    width += pointWidth(character.codePointAt(0) ?? 0);
    if (width > columns) break;
    end += character.length;
  }
  return text.slice(0, end);
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)));
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - displayWidth(text))) + text;
}

/** A space at which a line may end: none within a number, `3 094`, or before its unit, `5.5 %`, `300 MB/s`. */
const BREAK = / (?<!\d (?=\d{3}(?!\d)|(?:%|[kMGT]|(?:[kMGT]i?)?B|[µm]?s|min|h|d)(?:\/s)?(?![\p{L}\d])))/u;

/** Words filled into lines of at most `columns`; a longer word is split. No text gives no line; one that fits stays as it is. */
export function wrap(text: string, columns: number): string[] {
  if (text !== '' && displayWidth(text) <= columns) return [text];
  const lines: string[] = [];
  let line = '';
  for (let word of text.split(BREAK).filter((part) => part !== '')) {
    if (line !== '' && displayWidth(line) + 1 + displayWidth(word) > columns) {
      lines.push(line);
      line = '';
    }
    while (displayWidth(word) > columns) {
      const head = takeColumns(word, Math.max(columns, 2));
      lines.push(head);
      word = word.slice(head.length);
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  if (line !== '') lines.push(line);
  return lines;
}
