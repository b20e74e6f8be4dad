/** `check`: all mistakes of all files, without running. With `--strict` warnings count as mistakes. */
import { MistakeError } from '../base/mistake.ts';
import type { Mistake } from '../base/mistake.ts';
import type { Command } from './command.ts';
import { scenarioFiles } from './discover.ts';
import { EXIT } from './exit-codes.ts';
import { InputError, mistakeText } from './failure.ts';
import { readInput } from './input.ts';
import type { Terminal } from './terminal.ts';
import { flag, positionals } from './words.ts';

export const checkCommand: Command = async (words, terminal) => {
  const files = scenarioFiles(terminal, positionals(words, 'files'));
  const strict = flag(words, 'strict');
  const mistakes: Mistake[] = [];
  const sources = new Map<string, string>();
  for (const file of files) {
    for (const mistake of file.mistake?.mistakes ?? collect(file.path, terminal, sources)) {
      mistakes.push(strict ? { ...mistake, severity: 'mistake' } : mistake);
    }
  }
  if (mistakes.length > 0)
    terminal.err.write(await mistakeText(mistakes, sources, terminal, { noColor: flag(words, 'no-color') }));
  if (mistakes.some(({ severity }) => severity === 'mistake')) return EXIT.mistake;
  terminal.out.write(
    `${files.length} ${files.length === 1 ? 'file' : 'files'}, no mistake${warningText(mistakes.length)}\n`,
  );
  return EXIT.held;
};

function warningText(count: number): string {
  return count === 0 ? '' : `, ${count} ${count === 1 ? 'warning' : 'warnings'} (--strict refuses them)`;
}

function collect(file: string, terminal: Terminal, sources: Map<string, string>): readonly Mistake[] {
  try {
    const input = readInput(file, terminal);
    for (const [name, text] of input.sources) sources.set(name, text);
    return input.warnings;
  } catch (error) {
    if (!(error instanceof MistakeError)) throw error;
    if (error instanceof InputError) for (const [name, text] of error.sources) sources.set(name, text);
    return error.mistakes;
  }
}
