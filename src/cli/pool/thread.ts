/** A thread of the pool: one job after the other, each answered by one message. Started by lanes.ts only. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Terminal } from '../terminal.ts';
import type { ThreadData } from './lanes.ts';
import type { Work, WorkName } from './work.ts';

/** Each with its own types of job and answer, which both ends of the thread know. */
const WORKS: Record<WorkName, () => Promise<unknown>> = {
  test: async () => (await import('../testing/run-job.ts')).testWork,
  sweep: async () => (await import('../sweeping/run-job.ts')).sweepWork,
  study: async () => (await import('../study-work.ts')).studyWork,
};

const { work, folder, memoryBytes } = workerData as ThreadData;
/** Nothing is shown from here. */
const silent = { write: () => undefined, isTerminal: false, columns: null };
const terminal: Terminal = {
  out: silent,
  err: silent,
  folder,
  environment: {},
  now: () => performance.now(),
  ...(memoryBytes === undefined ? {} : { memoryBytes }),
};

const { run } = (await WORKS[work]()) as Work<unknown, unknown>;

parentPort?.on('message', (job: unknown) => {
  // A number is a step, anything else the answer.
  const onStep = (amount: number): void => parentPort?.postMessage(amount);
  void run(job, terminal, { quiet: true, onStep }).then((answer) => parentPort?.postMessage(answer));
});
