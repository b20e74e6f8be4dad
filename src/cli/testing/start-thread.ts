/**
 * Starts a thread of the compiled program. Uncompiled there are none: in a thread of Node 20 the loader that translates
 * TypeScript may wait for ever, so the runs of a working copy go one after the other.
 */
import { Worker } from 'node:worker_threads';

export const HAS_THREADS = !import.meta.url.endsWith('.ts');

export function startThread(workerData: object): Worker {
  return new Worker(new URL('./thread.js', import.meta.url), { workerData });
}
