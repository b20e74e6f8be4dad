/** A thread of `test`: one job after the other, each answered by one message. Started by lanes.ts only. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Terminal } from '../terminal.ts';
import type { TestJob } from './job.ts';
import type { ThreadData } from './lanes.ts';
import { runJob } from './run-job.ts';

const { folder, memoryBytes } = workerData as ThreadData;
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

parentPort?.on('message', (job: TestJob) => {
  void runJob(job, terminal, { quiet: true }).then((outcome) => parentPort?.postMessage(outcome));
});
