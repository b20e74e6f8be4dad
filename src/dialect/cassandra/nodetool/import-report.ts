/**
 * Lines with positions, and mistakes about them: what every reader of a cluster's own output shares. Knows no
 * format. A reader takes text and gives what it understood plus all mistakes; it never throws on any text.
 */
import type { Mistake } from '../../../base/mistake.ts';
import type { ImportedFile } from '../../../scenario/dialect-rules.ts';

/** Codes of mistakes in imported topology outputs, with what each means. */
export const IMPORT_MISTAKES = {
  I101: 'the file is not an output that this database reads',
  I102: 'a line of nodetool ring that cannot be read',
  I103: 'a line of nodetool status that cannot be read',
  I104: 'one token stands twice',
  I105: 'the output is cut: its last token is on no line',
  I106: 'two outputs contradict each other',
  I107: 'a node without tokens',
  I108: 'no node in the files',
  I109: 'one node with two places or two identities',
  I110: 'a token that Murmur3Partitioner cannot have',
} as const;

export type ImportMistakeCode = keyof typeof IMPORT_MISTAKES;

/** At most this many mistakes of one code for one file; one more then says how many lines are like them. */
export const SAME_MISTAKES_MAX = 20;
const FOUND_CHARACTERS_MAX = 60;

export interface Line {
  text: string;
  /** From 1. */
  number: number;
}

/** A run of characters that are not white space. */
export interface Field {
  text: string;
  /** From 1. */
  column: number;
}

/** A place in a file: where a thing was said. */
export interface Place {
  file: string;
  line: number;
  column: number;
  length: number;
}

export function linesOf(text: string): Line[] {
  const withoutMark = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  return withoutMark.split(/\r\n|\n|\r/).map((line, index) => ({ text: line, number: index + 1 }));
}

export function fieldsOf(line: string): Field[] {
  const fields: Field[] = [];
  for (const match of line.matchAll(/\S+/g)) fields.push({ text: match[0], column: match.index + 1 });
  return fields;
}

export function placeOf(file: ImportedFile, line: Line): Place {
  const start = line.text.length - line.text.trimStart().length;
  return { file: file.path, line: line.number, column: start + 1, length: Math.max(1, line.text.trim().length) };
}

export function mistakeAt(
  place: Place,
  code: ImportMistakeCode,
  message: string,
  more: Partial<Pick<Mistake, 'expected' | 'found' | 'suggestion' | 'notes'>> = {},
): Mistake {
  const found = more.found === undefined ? {} : { found: shorten(more.found) };
  return { code, severity: 'mistake', path: 'cluster.from', message, ...place, ...more, ...found };
}

/** Keeps the first mistakes of each code and file, in file order, and counts the rest in one more. */
export function capSameMistakes(mistakes: readonly Mistake[]): Mistake[] {
  const counts = new Map<string, number>();
  const kept: Mistake[] = [];
  const firstBeyond = new Map<string, Mistake>();
  for (const mistake of mistakes) {
    const key = `${mistake.code} ${mistake.file}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    if (count <= SAME_MISTAKES_MAX) kept.push(mistake);
    else if (count === SAME_MISTAKES_MAX + 1) firstBeyond.set(key, mistake);
  }
  for (const [key, mistake] of firstBeyond) kept.push(restOf(mistake, (counts.get(key) ?? 0) - SAME_MISTAKES_MAX));
  return kept;
}

function restOf(first: Mistake, count: number): Mistake {
  const { code, severity, file, line, column, length, path } = first;
  return { code, severity, file, line, column, length, path, message: `${count} more like these from this line on` };
}

function shorten(text: string): string {
  const printable = [...text].map((character) => (isControl(character) ? '\ufffd' : character)).join('');
  return printable.length <= FOUND_CHARACTERS_MAX ? printable : `${printable.slice(0, FOUND_CHARACTERS_MAX - 1)}…`;
}

function isControl(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
}
