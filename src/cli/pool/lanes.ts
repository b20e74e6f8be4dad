/**
 * The lanes of a runner: threads with a copy of the program each, or this thread. A thread that dies takes only its job with
 * it, of which the work says what is to be said; the lane begins a new one for the next.
 */
import type { Worker } from 'node:worker_threads';
import type { Terminal } from '../terminal.ts';
import { HAS_THREADS, startThread } from './start-thread.ts';
import type { Lane, NotRun, Work, WorkName, WorkOptions } from './work.ts';

/** What a thread is started with; its environment and clock are its own. */
export interface ThreadData {
  work: WorkName;
  folder: string;
  memoryBytes: number | undefined;
}

export interface LanesOptions {
  workers: number;
  quiet: boolean;
  /** A thread also where there is one lane, so that this one hears Ctrl-C. */
  keepsFree?: boolean;
  onStep?: (amount: number) => void;
}

/** Threads; or this one, where only one is asked for or the program is not compiled. */
export function lanesOf<Job, Answer>(
  work: Work<Job, Answer>,
  terminal: Terminal,
  { workers, quiet, keepsFree = false, onStep = () => undefined }: LanesOptions,
): Lane<Job, Answer>[] {
  if (!HAS_THREADS || (workers === 1 && !keepsFree)) return [ownLane(work, terminal, { quiet, onStep })];
  const data = { work: work.name, folder: terminal.folder, memoryBytes: terminal.memoryBytes };
  return Array.from({ length: workers }, () => new ThreadLane(work, data, { onStep }));
}

function ownLane<Job, Answer>(
  work: Work<Job, Answer>,
  { onInterrupt: _ends, ...terminal }: Terminal,
  options: WorkOptions,
): Lane<Job, Answer> {
  // Whoever runs the jobs hears Ctrl-C, not the job.
  return { run: (job) => work.run(job, terminal, options), close: () => Promise.resolve() };
}

interface ThreadOptions {
  onStep?: (amount: number) => void;
  start?: (data: ThreadData) => Worker;
}

export class ThreadLane<Job, Answer> implements Lane<Job, Answer> {
  readonly #work: Pick<Work<Job, Answer>, 'died'>;
  readonly #data: ThreadData;
  readonly #start: (data: ThreadData) => Worker;
  readonly #onStep: (amount: number) => void;
  #worker: Worker | null = null;
  #giveUp: ((answer: NotRun) => void) | null = null;

  constructor(
    work: Pick<Work<Job, Answer>, 'died'>,
    data: ThreadData,
    { onStep = () => undefined, start = startThread }: ThreadOptions = {},
  ) {
    this.#work = work;
    this.#data = data;
    this.#start = start;
    this.#onStep = onStep;
  }

  run(job: Job): Promise<Answer | NotRun> {
    return new Promise((resolve) => {
      const worker = (this.#worker ??= this.#start(this.#data));
      const end = (answer: Answer | NotRun): void => {
        // Only ours: a worker that loses its own listeners never hears a message again.
        worker.off('message', hear).off('error', fail).off('exit', leave);
        this.#giveUp = null;
        resolve(answer);
      };
      const die = (reason: string): void => {
        this.#worker = null;
        // What a dying thread still says is said.
        worker.on('error', () => undefined);
        end(this.#work.died(job, reason));
      };
      const fail = (error: unknown): void => die(error instanceof Error ? error.message : String(error));
      const leave = (code: number): void => die(`it ended with code ${code}`);
      const hear = (message: Answer | number): void =>
        typeof message === 'number' ? this.#onStep(message) : end(message);
      this.#giveUp = end;
      worker.on('message', hear).on('error', fail).on('exit', leave);
      worker.postMessage(job);
    });
  }

  async close(): Promise<void> {
    this.#giveUp?.({ kind: 'not_run' });
    await this.#worker?.terminate();
    this.#worker = null;
  }
}
