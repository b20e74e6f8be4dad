/** Turns what yargs says about unusable words into a mistake with the nearest valid word. */
import { commandMistake } from './command-mistake.ts';
import { COMMANDS } from './commands.ts';
import type { CommandDefinition } from './commands.ts';
import { nearestName } from '../scenario/nearest.ts';
import type { MistakeError } from '../base/mistake.ts';

const ALWAYS = ['help', 'version', 'debug'];

export function usageMistake(message: string, words: readonly string[]): MistakeError {
  const command = COMMANDS.find(({ name }) => words.includes(name)) ?? null;
  const unknown = /^Unknown (?:argument|command)s?: (.*)$/.exec(message)?.[1].split(', ')[0];
  if (unknown !== undefined) return unknownWord(unknown, words, command);
  if (message === 'no command') return noCommand();
  const valueless = /^Not enough arguments following: (.*)$/.exec(message)?.[1];
  if (valueless !== undefined) {
    return commandMistake('C102', `--${valueless} has no value`, { expected: `--${valueless} VALUE` });
  }
  if (message.startsWith('Not enough non-option arguments') && command !== null) {
    // An unknown option takes the word behind it for its value.
    const option = unknownOption(words, command);
    if (option !== null) return unknownWord(option, words, command);
    return commandMistake('C101', `${command.name} needs to know on what`, { expected: `reconverge ${command.usage}` });
  }
  return commandMistake('C101', message);
}

function unknownOption(words: readonly string[], command: CommandDefinition): string | null {
  const options = words.flatMap((word) => /^--([^=]+)/.exec(word)?.[1] ?? []);
  return options.find((name) => ![...command.options, ...ALWAYS].includes(name)) ?? null;
}

function unknownWord(unknown: string, words: readonly string[], command: CommandDefinition | null): MistakeError {
  const isOption = words.some((word) => word === `--${unknown}` || word.startsWith(`--${unknown}=`));
  if (isOption) {
    const nearest = nearestName(unknown, [...(command?.options ?? []), ...ALWAYS]);
    const details = nearest === null ? {} : { suggestion: `--${nearest}` };
    return commandMistake('C101', `unknown option --${unknown}`, { ...details, notes: [helpLine(command)] });
  }
  if (command !== null) {
    return commandMistake('C101', `one word too many: ${unknown}`, { expected: `reconverge ${command.usage}` });
  }
  const nearest = nearestName(
    unknown,
    COMMANDS.map(({ name }) => name),
  );
  const suggestion = nearest ?? (/[./\\]/.test(unknown) ? `run ${unknown}` : null);
  const details = suggestion === null ? {} : { suggestion: `reconverge ${suggestion}` };
  return commandMistake('C101', `unknown command ${unknown}`, { ...details, notes: [helpLine(null)] });
}

function noCommand(): MistakeError {
  const names = COMMANDS.map(({ name }) => name).join(' | ');
  return commandMistake('C101', 'no command', { expected: names, notes: [helpLine(null)] });
}

function helpLine(command: CommandDefinition | null): string {
  return `see reconverge ${command === null ? '' : `${command.name} `}--help`;
}
