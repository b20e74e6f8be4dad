/**
 * From the words of the command line to one command and its exit code. Yargs only reads the words here: the command runs
 * afterwards, so that what it throws arrives as it was thrown. Each command's module is loaded when it is called.
 */
import yargs from 'yargs';
import type { Argv } from 'yargs';
import { VERSION } from '../base/version.ts';
import { COMMANDS } from './commands.ts';
import { reportFailure } from './failure.ts';
import { EXIT } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';
import { usageMistake } from './usage.ts';

/** No terminal is narrower than this without being told so, and longer lines are hard to read. */
const HELP_COLUMNS_MAX = 80;

const EPILOGUE = `Exit codes:
  0  every expectation held
  1  one is violated (with --prove: or a variant does not break what it must)
  2  none is violated and one is undecided: what it measures never had a value
  3  a mistake in what was typed or in a file; or output that cannot be written
  4  a bug
  130  Ctrl-C: what was finished is said and written
The worst of several is reported: 4, then 3, 1, 2, 0.

Help on one command: reconverge COMMAND --help`;

/** What a parse ends in: a command to run, or text to show. */
interface Parsed {
  action: (() => Promise<ExitCode>) | null;
  text: string;
}

export async function program(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const debug = words.includes('--debug');
  try {
    if (words[0] === '--version') {
      terminal.out.write(`${VERSION}\n`);
      return EXIT.held;
    }
    const { action, text } = await parse(words, terminal);
    if (action !== null) return await action();
    terminal.out.write(`${text}\n`);
    return EXIT.held;
  } catch (error) {
    return await reportFailure(error, terminal, { debug, noColor: words.includes('--no-color') });
  }
}

async function parse(words: readonly string[], terminal: Terminal): Promise<Parsed> {
  const parsed: Parsed = { action: null, text: '' };
  const parser = grammar(terminal, words, parsed);
  try {
    await parser.parseAsync([...words], {}, (_error: unknown, _words: unknown, output: string) => {
      parsed.text = output;
    });
  } catch (error) {
    // Whatever yargs throws here is about the words: no command has run yet.
    throw usageMistake(error instanceof Error ? error.message : String(error), words);
  }
  return parsed;
}

function grammar(terminal: Terminal, words: readonly string[], parsed: Parsed): Argv {
  const parser = yargs()
    .scriptName('reconverge')
    .usage('Replays how the copies of a replicated database drift apart and how repair brings them together.')
    .parserConfiguration({
      'parse-positional-numbers': false,
      'camel-case-expansion': false,
      'boolean-negation': false,
    })
    .exitProcess(false)
    .strict()
    .demandCommand(1, 'no command')
    .version(false)
    .option('version', { type: 'boolean', describe: 'print the version', global: false })
    .option('debug', { type: 'boolean', describe: 'show where in the program a bug was met', hidden: true })
    .wrap(Math.min(terminal.out.columns ?? HELP_COLUMNS_MAX, HELP_COLUMNS_MAX))
    .epilogue(EPILOGUE)
    .fail((message: string | null, error: unknown) => {
      throw error ?? new Error(message ?? 'cannot be read');
    });
  for (const command of COMMANDS) {
    parser.command(command.usage, command.summary, command.describe, (args) => {
      parsed.action = async () => (await command.load())(args, terminal, words);
    });
  }
  return parser;
}
