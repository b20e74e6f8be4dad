/**
 * What a person reads when a command ends without a result: their mistakes, with the lines they stand on, or a bug of
 * ours, with how to show it to us. A stack only with `--debug`.
 */
import { MistakeError } from '../base/mistake.ts';
import { escapeControls } from '../report/width.ts';
import type { Mistake } from '../base/mistake.ts';
import { COMMAND_LINE } from './command-mistake.ts';
import { EXIT } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { InterruptedError } from './interrupt.ts';
import { columnsOf, shellWord, wantsColor } from './terminal.ts';
import type { Terminal } from './terminal.ts';
import { VERSION } from '../base/version.ts';

/** File names, as mistakes name them, to their text. */
export type Sources = ReadonlyMap<string, string>;

/** Mistakes together with the texts they stand in. */
export class InputError extends MistakeError {
  readonly sources: Sources;

  constructor(mistakes: MistakeError['mistakes'], sources: Sources) {
    super(mistakes);
    this.sources = sources;
  }
}

/** A bug met while something known was run: how to meet it again. */
export class BugWithReplay extends Error {
  readonly replay: string;

  constructor(cause: unknown, replay: string) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.replay = replay;
  }
}

/** What a command throws on: mistakes as they are, anything else as a bug of what was typed. */
export function mistakeOrBug(error: unknown, typed: readonly string[]): Error {
  return error instanceof MistakeError || error instanceof InterruptedError
    ? error
    : new BugWithReplay(error, replayCommand(typed));
}

/** The same for a question whose words stand in what was typed: its mistakes get their place there. */
export function mistakeInLine(error: unknown, typed: readonly string[]): Error {
  if (!(error instanceof MistakeError)) return mistakeOrBug(error, typed);
  const line = `reconverge ${typed.map(shellWord).join(' ')}`;
  return new InputError(
    error.mistakes.map((mistake) => placed(mistake, line)),
    new Map([[COMMAND_LINE, line]]),
  );
}

function placed(mistake: Mistake, line: string): Mistake {
  const { found = '' } = mistake;
  const at = found === '' ? -1 : line.lastIndexOf(found);
  if (at < 0) return { ...mistake, file: COMMAND_LINE };
  return { ...mistake, file: COMMAND_LINE, line: 1, column: at + 1, length: found.length };
}

export interface FailureOptions {
  debug: boolean;
  noColor: boolean;
}

/** Writes the failure to standard error and says how the process ends. */
export async function reportFailure(error: unknown, terminal: Terminal, options: FailureOptions): Promise<ExitCode> {
  if (error instanceof MistakeError) {
    const sources = error instanceof InputError ? error.sources : new Map<string, string>();
    terminal.err.write(await mistakeText(error.mistakes, sources, terminal, options));
    return EXIT.mistake;
  }
  if (error instanceof InterruptedError) {
    terminal.err.write(`${error.message}\n`);
    return EXIT.interrupted;
  }
  terminal.err.write(bugText(error, options.debug));
  return EXIT.bug;
}

/** Mistakes or warnings as text. */
export async function mistakeText(
  mistakes: MistakeError['mistakes'],
  sources: Sources,
  terminal: Terminal,
  { noColor, ending }: { noColor: boolean; ending?: string },
): Promise<string> {
  const { renderMistakes } = await import('../report/mistakes.ts');
  const color = wantsColor(terminal, terminal.err, noColor);
  return renderMistakes(mistakes, sources, {
    ...{ color, columns: columnsOf(terminal.err, null) },
    ...(ending === undefined ? {} : { ending }),
  });
}

/** Of an input that can be run all the same. */
export async function showWarnings(
  { warnings, sources }: { warnings: MistakeError['mistakes']; sources: Sources },
  terminal: Terminal,
  noColor: boolean,
): Promise<void> {
  if (warnings.length > 0) terminal.err.write(await mistakeText(warnings, sources, terminal, { noColor }));
}

export function bugText(error: unknown, debug: boolean): string {
  const cause = error instanceof BugWithReplay ? error.cause : error;
  const isError = cause instanceof Error;
  return bugFoundText(
    {
      message: isError ? cause.message : String(cause),
      stack: isError ? (cause.stack ?? null) : null,
      replay: error instanceof BugWithReplay ? error.replay : null,
    },
    debug,
  );
}

/** A bug as data, as it comes from another thread. */
export function bugFoundText(
  { message, stack, replay }: { message: string; stack: string | null; replay: string | null },
  debug: boolean,
): string {
  const lines = [`bug in reconverge ${VERSION}: ${message}`];
  if (replay !== null) lines.push(`replay  ${replay}`);
  if (debug && stack !== null) lines.push(stack);
  else lines.push('please report this with the replay command and the scenario; --debug shows where it was met');
  const shown = lines.flatMap((line) => line.split('\n'));
  return `${shown.map(escapeControls).join('\n')}\n`;
}

/** `npx reconverge` and these words, as a shell takes them. */
export function replayCommand(words: readonly string[]): string {
  return ['npx reconverge', ...words.map(shellWord)].join(' ');
}
