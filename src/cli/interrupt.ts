/**
 * Ctrl-C of a command that still has something to say: what is finished is shown or written, the rest is given up, and the
 * process ends with 130. A second Ctrl-C ends it at once.
 */
import type { Terminal } from './terminal.ts';

/** Nothing was finished that could be shown; the message is what is said. */
export class InterruptedError extends Error {}

export class Interrupt {
  readonly #deafen: (() => void) | undefined;
  #isHeard = false;

  /** `stop` makes what is awaited end soon. */
  constructor(terminal: Terminal, stop: () => void) {
    this.#deafen = terminal.hearInterrupt?.(() => {
      this.#isHeard = true;
      stop();
    });
  }

  get isHeard(): boolean {
    return this.#isHeard;
  }

  end(): void {
    this.#deafen?.();
  }
}
