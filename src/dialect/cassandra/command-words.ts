/**
 * Splits a command line into words as a shell does, as far as operators' nodetool commands need it: blanks, single and
 * double quotes, backslashes. No variables, globs or pipes: those are a mistake.
 */

export type Words = { words: string[] } | { problem: string; found: string };

/** In turn: blanks; a double-quoted piece; a single-quoted piece; an escaped character; a plain piece; anything else. */
const PIECE = /(\s+)|"((?:[^"\\]|\\[^])*)"|'([^']*)'|\\([^])|([^\s"'\\;|&<>$`()]+)|([^])/gy;

export function wordsOf(command: string): Words {
  const words: string[] = [];
  let word: string | null = null;
  for (const [, blank, double, single, escaped, plain, other] of command.matchAll(PIECE)) {
    if (other !== undefined) return problemOf(other);
    if (blank === undefined) {
      word = (word ?? '') + (double?.replaceAll(/\\([^])/g, '$1') ?? single ?? escaped ?? plain);
    } else {
      if (word !== null) words.push(word);
      word = null;
    }
  }
  if (word !== null) words.push(word);
  return { words };
}

function problemOf(character: string): Words {
  if (character === '"' || character === "'")
    return { problem: `a closing ${character}`, found: 'the end of the command' };
  return { problem: 'one plain command, without shell syntax', found: character };
}
