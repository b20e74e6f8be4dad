/** What a command is: a function from parsed words to an exit code. */
import type { ExitCode } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';
import type { Words } from './words.ts';

/** Runs a command with its parsed words; `typed` are all words as they were typed. */
export type Command = (words: Words, terminal: Terminal, typed: readonly string[]) => Promise<ExitCode>;
