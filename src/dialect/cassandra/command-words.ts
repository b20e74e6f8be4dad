/**
 * Splits a command line into words as a shell does, as far as operators' nodetool commands need it: blanks, single and
 * double quotes, backslashes. No variables, globs or pipes: those are a mistake.
 */
import type { TextPart } from '../../scenario/dialect-rules.ts';
import { CONNECTION_FLAGS } from './repair-flags.ts';

/** `parts` says where each word stands in the command, quotes included. */
export type Words = { words: string[]; parts: TextPart[] } | { problem: string; found: string; part: TextPart };

/** In turn: blanks; a double-quoted piece; a single-quoted piece; an escaped character; a plain piece; anything else. */
const PIECE = /(\s+)|"((?:[^"\\]|\\[^])*)"|'([^']*)'|\\([^])|([^\s"'\\;|&<>$`()]+)|([^])/gy;

export function wordsOf(command: string): Words {
  const words: string[] = [];
  const parts: TextPart[] = [];
  let word: string | null = null;
  let start = 0;
  for (const match of command.matchAll(PIECE)) {
    const [, blank, double, single, escaped, plain, other] = match;
    if (other !== undefined) return problemOf(other, match.index);
    if (blank === undefined) {
      if (word === null) start = match.index;
      word = (word ?? '') + (double?.replaceAll(/\\([^])/g, '$1') ?? single ?? escaped ?? plain);
      parts[words.length] = { start, length: match.index + match[0].length - start };
    } else {
      if (word !== null) words.push(word);
      word = null;
    }
  }
  if (word !== null) words.push(word);
  return { words, parts };
}

function problemOf(character: string, start: number): Words {
  const part = { start, length: 1 };
  if (character === '"' || character === "'")
    return { problem: `a closing ${character}`, found: 'the end of the command', part };
  return { problem: 'one plain command, without shell syntax', found: character, part };
}

/** Index of the command's name after `nodetool` and its connection options; -1 where there is no nodetool, or another option. */
export function commandWordOf(words: readonly string[]): number {
  let index = words[0] === 'sudo' ? 1 : 0;
  if (!/(?:^|\/)nodetool$/.test(words[index] ?? '')) return -1;
  index += 1;
  while (index < words.length && words[index].startsWith('-')) {
    const word = words[index].split('=')[0];
    const flag = CONNECTION_FLAGS.find(({ names }) => names.includes(word));
    if (flag === undefined) return -1;
    index += flag.takesValue && !words[index].includes('=') ? 2 : 1;
  }
  return index;
}
