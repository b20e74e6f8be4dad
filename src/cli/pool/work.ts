/**
 * A kind of work that lanes do: jobs and answers are plain data, because they pass between threads. A new kind is one object
 * like this and one line in thread.ts.
 */
import type { Terminal } from '../terminal.ts';

/** Kinds that a thread can do: each is loaded there by its name. */
export type WorkName = 'test' | 'sweep' | 'study';

export interface Work<Job, Answer> {
  readonly name: WorkName;
  /** Does one job. Errors come back as data, never thrown. */
  run(job: Job, terminal: Terminal, options: WorkOptions): Promise<Answer>;
  /** What is said of a job whose thread ended before it answered, and why it ended. */
  died(job: Job, reason: string): Answer;
}

export interface WorkOptions {
  quiet: boolean;
  /** Tells how far a job is, in whatever it counts. */
  onStep?: (amount: number) => void;
}

/** Time was over, or nobody wants it any more. */
export interface NotRun {
  kind: 'not_run';
}

/** One at a time. */
export interface Lane<Job, Answer> {
  run(job: Job): Promise<Answer | NotRun>;
  close(): Promise<void>;
}
