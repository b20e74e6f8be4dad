/**
 * The lanes of a runner: threads with a copy of the program each, or this thread. A thread that dies takes only its job with
 * it, which is reported as a bug; the lane begins a new one for the next.
 */
import type { Worker } from 'node:worker_threads';
import type { Terminal } from '../terminal.ts';
import type { TestJob, TestOutcome } from './job.ts';
import { replayOfJob, runJob } from './run-job.ts';
import type { Lane } from './runner.ts';
import { startThread } from './start-thread.ts';

/** What a thread is started with; its environment and clock are its own. */
export interface ThreadData {
  folder: string;
  memoryBytes: number | undefined;
}

export function ownLane(terminal: Terminal, options: { quiet: boolean }): Lane {
  return { run: (job) => runJob(job, terminal, options), close: () => Promise.resolve() };
}

export class ThreadLane implements Lane {
  readonly #data: ThreadData;
  readonly #start: (data: ThreadData) => Worker;
  #worker: Worker | null = null;
  #giveUp: ((outcome: TestOutcome) => void) | null = null;

  constructor(data: ThreadData, start: (data: ThreadData) => Worker = startThread) {
    this.#data = data;
    this.#start = start;
  }

  run(job: TestJob): Promise<TestOutcome> {
    return new Promise((resolve) => {
      const worker = (this.#worker ??= this.#start(this.#data));
      const end = (outcome: TestOutcome): void => {
        // Only ours: a worker that loses its own listeners never hears a message again.
        worker.off('message', end).off('error', fail).off('exit', leave);
        this.#giveUp = null;
        resolve(outcome);
      };
      const die = (reason: string): void => {
        this.#worker = null;
        // What a dying thread still says is said.
        worker.on('error', () => undefined);
        end(died(job, reason));
      };
      const fail = (error: unknown): void => die(error instanceof Error ? error.message : String(error));
      const leave = (code: number): void => die(`it ended with code ${code}`);
      this.#giveUp = end;
      worker.on('message', end).on('error', fail).on('exit', leave);
      worker.postMessage(job);
    });
  }

  async close(): Promise<void> {
    this.#giveUp?.({ kind: 'not_run' });
    await this.#worker?.terminate();
    this.#worker = null;
  }
}

function died(job: TestJob, reason: string): TestOutcome {
  const { seed, variant } = job;
  const what = [variant === null ? '' : `variant "${variant.id}"`, seed === null ? '' : `seed ${seed}`].filter(Boolean);
  return {
    kind: 'bug',
    message: `the worker thread died: ${reason}${what.length === 0 ? '' : ` (${what.join(', ')})`}`,
    stack: null,
    replay: replayOfJob(job, job),
  };
}
