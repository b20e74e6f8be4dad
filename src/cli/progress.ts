/**
 * One status line on standard error for work that takes over a second, only where a person watches: on a terminal. A
 * run does not yield to the event loop, so the line is written from within it.
 */
import { escapeControls } from '../report/width.ts';
import type { Output, Terminal } from './terminal.ts';

const QUIET_MILLIS = 1000;
const REFRESH_MILLIS = 100;
const CLEAR_LINE = '\r\u001b[2K';

export class Progress {
  readonly #terminal: Terminal;
  readonly #output: Output | null;
  readonly #startedMillis: number;
  #label = '';
  #shownMillis: number;

  constructor(terminal: Terminal, options: { quiet: boolean }) {
    const watched = terminal.err.isTerminal && !options.quiet && terminal.environment.TERM !== 'dumb';
    this.#terminal = terminal;
    this.#output = watched ? terminal.err : null;
    this.#startedMillis = terminal.now();
    this.#shownMillis = -Infinity;
  }

  /** What the following shares are shares of. */
  label(text: string): void {
    this.#label = escapeControls(text);
  }

  /** Done so far, 0 to 1. */
  show(share: number): void {
    if (this.#output === null) return;
    const millis = this.#terminal.now();
    if (millis - this.#startedMillis < QUIET_MILLIS || millis - this.#shownMillis < REFRESH_MILLIS) return;
    this.#shownMillis = millis;
    const line = progressLine(this.#label, share, millis - this.#startedMillis);
    this.#output.write(CLEAR_LINE + line.slice(0, (this.#output.columns ?? 80) - 1));
  }

  /** Takes the line away. Call it before anything else is written. */
  clear(): void {
    if (this.#shownMillis === -Infinity) return;
    this.#shownMillis = -Infinity;
    this.#output?.write(CLEAR_LINE);
  }
}

export function progressLine(label: string, share: number, elapsedMillis: number): string {
  const done = Math.min(Math.max(share, 0), 1);
  const percent = `${Math.floor(done * 100)} %`;
  if (done === 0) return `${percent}  ${label}`;
  const secondsLeft = Math.ceil((elapsedMillis * (1 - done)) / done / 1000);
  const left = secondsLeft < 60 ? `${secondsLeft} s` : `${Math.floor(secondsLeft / 60)}m ${secondsLeft % 60}s`;
  // The label last: it is what a narrow terminal cuts.
  return `${percent} · ${left} left  ${label}`;
}
