/**
 * Reads typed options out of what yargs parsed. Everything arrives as text (a seed `0010` stays `0010`), so numbers are
 * checked here, and an option that was given twice is a mistake rather than the last one.
 */
import { commandMistake } from './command-mistake.ts';

export type Words = Readonly<Record<string, unknown>>;

export function flag(words: Words, name: string): boolean {
  return words[name] === true;
}

/** The option's text, or null where it was not given. */
export function textOption(words: Words, name: string): string | null {
  const value = words[name];
  if (value === undefined) return null;
  if (Array.isArray(value))
    throw commandMistake('C102', `--${name} is given ${value.length} times`, { expected: 'once' });
  if (typeof value !== 'string' || value === '') {
    throw commandMistake('C102', `--${name} has no value`, { expected: `--${name} VALUE` });
  }
  return value;
}

/** A whole number between the two, or null where it was not given. */
export function wholeOption(words: Words, name: string, least: number, most: number): number | null {
  const text = textOption(words, name);
  if (text === null) return null;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw commandMistake('C102', `--${name} ${text}`, {
    expected: `a whole number from ${least} to ${most}`,
    found: text,
  });
}

export function choiceOption<Choice extends string>(
  words: Words,
  name: string,
  choices: readonly Choice[],
): Choice | null {
  const text = textOption(words, name);
  const choice = choices.find((candidate) => candidate === text);
  if (text === null || choice !== undefined) return choice ?? null;
  throw commandMistake('C102', `--${name} ${text}`, { expected: choices.join(' | '), found: text });
}

/** A positional that takes one word. */
export function positional(words: Words, name: string): string {
  return word(words[name]);
}

/** Yargs takes a lone dash for a flag. */
function word(value: unknown): string {
  if (typeof value === 'string') return value;
  throw commandMistake('C103', 'standard input is not read', { expected: 'the name of a file', found: '-' });
}

/** A positional that takes several. */
export function positionals(words: Words, name: string): string[] {
  const value = words[name];
  return Array.isArray(value) && value.length > 0 ? value.map(word) : [word(undefined)];
}

/**
 * The values of several repeatable options in the order in which they were typed, as `[option, value]`: edits apply one
 * after the other. Only for options that always take exactly one value.
 */
export function inOrder<Name extends string>(typed: readonly string[], names: readonly Name[]): [Name, string][] {
  const found: [Name, string][] = [];
  for (let index = 0; index < typed.length && typed[index] !== '--'; index++) {
    const [, word, inline] = /^--([a-z-]+)(?:=([^]*))?$/.exec(typed[index]) ?? [];
    const name = names.find((candidate) => candidate === word);
    if (name === undefined) continue;
    found.push([name, inline ?? typed[++index]]);
  }
  return found;
}
