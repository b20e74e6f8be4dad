/** A command over several lines that stays one command when it is copied: also where a quoted word is longer than a line. */
import { span } from './lines.ts';
import type { Line } from './lines.ts';
import { displayWidth, escapeControls } from './width.ts';

const LABEL_LEAST = 9;

/** Lines that go on end in a backslash. */
export function commandLines(label: string, command: string, columns: number): Line[] {
  const width = Math.max(LABEL_LEAST, displayWidth(label) + 2);
  return wrapCommand(escapeControls(command), columns - width - 2).map(({ text, end, isWithinWord }, index): Line => {
    const head = index === 0 ? ` ${label}`.padEnd(width) : isWithinWord ? '' : ' '.repeat(width);
    return [span(head, 'dim'), span(text + end, 'cyan')];
  });
}

interface CommandLine {
  text: string;
  /** A backslash, after a space where a word ended; nothing at the end. */
  end: string;
  /** Goes on with the word of the line above: a space before it would end the word. */
  isWithinWord: boolean;
}

export function wrapCommand(command: string, columns: number): CommandLine[] {
  const lines: CommandLine[] = [];
  let line: CommandLine = { text: '', end: '', isWithinWord: false };
  const close = (end: string, isWithinWord: boolean): void => {
    lines.push({ ...line, end });
    line = { text: '', end: '', isWithinWord };
  };
  for (const word of wordsOf(command)) {
    if (line.text !== '' && displayWidth(line.text) + 1 + displayWidth(word) > columns) close(' \\', false);
    const pieces = piecesOf(word, columns);
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) close('\\', true);
      line.text = line.text === '' ? piece : `${line.text} ${piece}`;
    }
  }
  lines.push(line);
  return lines;
}

/** As a shell splits it: a space in quotes ends no word. */
function wordsOf(command: string): string[] {
  return command.match(/(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\]|['"\\])+/g) ?? [];
}

/** Quotes are closed at the end of a piece and opened again. */
function piecesOf(word: string, columns: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  let quote = '';
  for (const character of word) {
    const isEscaped = quote === '' && piece.endsWith('\\');
    if (!isEscaped && displayWidth(piece) + displayWidth(character) + quote.length > columns && character !== quote) {
      pieces.push(piece + quote);
      piece = quote;
    }
    piece += character;
    if (isEscaped) continue;
    if (quote === '' && (character === "'" || character === '"')) quote = character;
    else if (character === quote) quote = '';
  }
  return [...pieces, piece];
}
