/**
 * PHOLD with one queue, as a child process of rounds.ts: `phold.ts QUEUE LAW PENDING WARM_UP EVENTS`. A process each, since
 * queues that are measured in one process change how each other's code is compiled.
 */
import { serveRounds } from './child.ts';
import { ClosureHeapQueue, TypedHeapQueue, WheelQueue } from './peers.ts';
import type { PholdQueue } from './peers.ts';
import { Phold } from './phold-model.ts';
import type { DelayLaw } from './phold-model.ts';

export type QueueName = 'wheel' | 'typed-heap' | 'closure-heap';

/** What a child reports once it is ready. */
export interface PholdReady {
  bytesTaken: number;
}

/** What it reports at the end. */
export interface PholdDone {
  /** Over the order in which events ran; equal for all queues. */
  checksum: number;
}

function makeQueue(name: string, pending: number): PholdQueue {
  if (name === 'wheel') return new WheelQueue(pending);
  return name === 'typed-heap' ? new TypedHeapQueue(pending) : new ClosureHeapQueue();
}

function memoryBytes(): number {
  // The memory of an array is given back at the second collection.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const [queueName, law, ...counts] = process.argv.slice(2);
const [pending, warmUp, counted] = counts.map(Number);
const before = memoryBytes();
const queue = makeQueue(queueName, pending);
const phold = new Phold(queue, law as DelayLaw, warmUp + counted);
phold.seed(pending);
// Before anything is compiled: what the queue itself takes.
const ready: PholdReady = { bytesTaken: memoryBytes() - before };
queue.run(warmUp);
serveRounds({
  ready,
  round: (events) => queue.run(events),
  done: (): PholdDone => ({ checksum: phold.checksum }),
});
