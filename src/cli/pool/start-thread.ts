/**
 * Starts a thread of the compiled program. Uncompiled there are none: the loader that translates TypeScript is not in a thread
 * of Node 20, and its other form makes the simulation slower, so the runs of a working copy go one after the other.
 */
import { Worker } from 'node:worker_threads';

export const HAS_THREADS = !import.meta.url.endsWith('.ts');

export function startThread(workerData: object): Worker {
  return new Worker(new URL('./thread.js', import.meta.url), { workerData });
}
