/**
 * Splits a command line into words as a shell does, as far as operators' nodetool commands need it: blanks, single and
 * double quotes, backslashes. No variables, globs or pipes: those are a mistake.
 */

export type Words = { words: string[] } | { problem: string; found: string };

export function wordsOf(command: string): Words {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let index = 0; index < command.length; index += 1) {
    const character = command[index];
    if (quote !== null) {
      if (character === quote) quote = null;
      else if (character === '\\' && quote === '"' && index + 1 < command.length) word += command[++index];
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (character === '\\' && index + 1 < command.length) word = (word ?? '') + command[++index];
    else if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (';|&<>$`()'.includes(character))
      return { problem: 'one plain command, without shell syntax', found: character };
    else word = (word ?? '') + character;
  }
  if (quote !== null) return { problem: `a closing ${quote}`, found: 'the end of the command' };
  if (word !== null) words.push(word);
  return { words };
}
