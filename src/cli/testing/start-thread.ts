/**
 * Starts a thread of this program, compiled or not as this file is. Uncompiled, a thread of Node 20 does not know the loader
 * that the process was started with, so it loads it itself; nobody who installed the package comes here.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

const IS_COMPILED = !import.meta.url.endsWith('.ts');

/** As CommonJS: the loader of modules waits for ever in a thread of Node 20. */
const LOADING = `
  const { loader, entry } = require('node:worker_threads').workerData;
  require(loader).register();
  require(entry);
`;

export function startThread(workerData: object): Worker {
  const entry = new URL(IS_COMPILED ? './thread.js' : './thread.ts', import.meta.url);
  if (IS_COMPILED) return new Worker(entry, { workerData });
  const loader = createRequire(import.meta.url).resolve('tsx/cjs/api');
  return new Worker(LOADING, { eval: true, workerData: { ...workerData, loader, entry: fileURLToPath(entry) } });
}
