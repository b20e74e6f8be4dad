/**
 * Where a command writes and what it knows of the machine: two streams, the folder it was called in, the environment and
 * a wall clock. Commands get this instead of `process`, so that tests call them without starting one. Standard output
 * carries the result, standard error everything else.
 */
import { availableParallelism, totalmem } from 'node:os';
import { isAbsolute, relative, resolve } from 'node:path';
import type { PageKind } from '../report/page/page-data.ts';
import { EXIT, worstExit } from './exit-codes.ts';
import { systemReason } from './system-reason.ts';

export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Null where it is not a terminal. */
  readonly columns: number | null;
}

export interface Terminal {
  readonly out: Output;
  readonly err: Output;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Wall time, ms. */
  now(): number;
  /** That a process may have; absent: nobody knows. */
  readonly memoryBytes?: number;
  /** Processors that may be used; absent: nobody knows. */
  readonly cores?: number;
  /** What report pages are made of; absent or null: none are written. */
  pageTemplate?(kind: PageKind): string | null;
  /** Ends the process at Ctrl-C after `last`, until what it returns is called; only heard while the event loop turns. */
  onInterrupt?(last: () => void): () => void;
  /** Calls `heard` at Ctrl-C instead of ending the process, until what it returns is called; a second Ctrl-C ends it. */
  hearInterrupt?(heard: () => void): () => void;
}

const COLUMNS_WITHOUT_TERMINAL = 80;

export function processTerminal(more: Pick<Terminal, 'pageTemplate'> = {}): Terminal {
  return {
    out: outputOf(process.stdout),
    err: outputOf(process.stderr),
    folder: process.cwd(),
    environment: process.env,
    now: () => performance.now(),
    memoryBytes: machineMemory(),
    cores: availableParallelism(),
    onInterrupt,
    hearInterrupt,
    ...more,
  };
}

/** Of the machine, or of the container that is allowed less. */
function machineMemory(): number {
  const allowed = process.constrainedMemory?.() ?? 0;
  return allowed > 0 ? Math.min(totalmem(), allowed) : totalmem();
}

function onInterrupt(last: () => void): () => void {
  const handler = (): void => {
    last();
    process.exit(EXIT.interrupted);
  };
  process.once('SIGINT', handler);
  return () => void process.removeListener('SIGINT', handler);
}

function hearInterrupt(heard: () => void): () => void {
  process.once('SIGINT', heard);
  return () => void process.removeListener('SIGINT', heard);
}

function outputOf(stream: NodeJS.WriteStream): Output {
  // `reconverge … | head` closes our output early: what is left has no reader, the files and the exit code still count.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') cannotWrite(stream, error);
  });
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.isTTY ? stream.columns : null;
    },
  };
}

let isWriteFailureKnown = false;

/** The command still ends as it would, so that no files are left half written; then the exit code says that nobody read it. */
function cannotWrite(stream: NodeJS.WriteStream, error: NodeJS.ErrnoException): void {
  if (isWriteFailureKnown) return;
  isWriteFailureKnown = true;
  process.once('exit', () => {
    process.exitCode = worstExit([EXIT.mistake, process.exitCode === EXIT.bug ? EXIT.bug : EXIT.mistake]);
  });
  if (stream !== process.stderr) process.stderr.write(`cannot write to standard output: ${systemReason(error)}\n`);
}

/** Colour on a terminal that has it, unless NO_COLOR or `--no-color` says no; FORCE_COLOR says yes. */
export function wantsColor(terminal: Terminal, output: Output, refused: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = terminal.environment;
  if (refused || (NO_COLOR !== undefined && NO_COLOR !== '')) return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return output.isTerminal && TERM !== 'dumb';
}

export function columnsOf(output: Output, asked: number | null): number {
  return asked ?? output.columns ?? COLUMNS_WITHOUT_TERMINAL;
}

/** A path as a person in the terminal's folder would type it. */
export function shownPath(terminal: Terminal, path: string): string {
  const shown = relative(terminal.folder, resolve(terminal.folder, path));
  const outside = shown.startsWith('..') || isAbsolute(shown);
  return (outside ? resolve(terminal.folder, path) : shown === '' ? '.' : shown).replaceAll('\\', '/');
}

/** A word as a shell takes it: quoted only where it must be. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
