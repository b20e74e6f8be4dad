/**
 * The queues that the wheel is measured against, under the same order rule (time, class, kind, a, b): a binary heap in
 * typed arrays, the plain way to do without objects, and a binary heap of event objects with a closure each, the plain
 * way to write a simulator. Neither batches a tick: PHOLD schedules at later moments only, so the order is the same.
 */
import { Kernel } from '../src/kernel/kernel.ts';
import type { Handler } from '../src/kernel/kernel.ts';

/** What PHOLD asks of a queue. All events are timers. */
export interface PholdQueue {
  readonly now: number;
  define(kind: number, handler: Handler): void;
  schedule(atMicros: number, kind: number, a: number, b: number): void;
  after(delayMicros: number, kind: number, a: number, b: number): void;
  /** Runs events until `count` more have run. */
  run(count: number): void;
}

export class WheelQueue implements PholdQueue {
  readonly #kernel: Kernel;

  constructor(capacity: number) {
    this.#kernel = new Kernel({ capacity });
  }

  get now(): number {
    return this.#kernel.now;
  }

  define(kind: number, handler: Handler): void {
    this.#kernel.define(kind, `kind${kind}`, 3, handler);
  }

  schedule(atMicros: number, kind: number, a: number, b: number): void {
    this.#kernel.schedule(atMicros, kind, a, b);
  }

  after(delayMicros: number, kind: number, a: number, b: number): void {
    this.#kernel.after(delayMicros, kind, a, b);
  }

  run(count: number): void {
    const end = this.#kernel.executed + count;
    while (this.#kernel.executed < end) this.#kernel.stepTick();
  }

  drain(endMicros: number): void {
    this.#kernel.runUntil(endMicros);
  }
}

/** Entries are moved whole: time, kind, a and b in arrays of their own. */
export class TypedHeapQueue implements PholdQueue {
  now = 0;
  #count = 0;
  #times: Float64Array;
  #kinds: Int32Array;
  #as: Int32Array;
  #bs: Int32Array;
  readonly #handlers: Handler[] = [];

  constructor(capacity: number) {
    this.#times = new Float64Array(capacity + 1);
    this.#kinds = new Int32Array(capacity + 1);
    this.#as = new Int32Array(capacity + 1);
    this.#bs = new Int32Array(capacity + 1);
  }

  define(kind: number, handler: Handler): void {
    this.#handlers[kind] = handler;
  }

  schedule(time: number, kind: number, a: number, b: number): void {
    let at = this.#count++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(time, kind, a, b, parent)) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#put(at, time, kind, a, b);
  }

  after(delayMicros: number, kind: number, a: number, b: number): void {
    this.schedule(this.now + delayMicros, kind, a, b);
  }

  run(count: number): void {
    for (let left = count; left > 0; left--) {
      const kind = this.#kinds[0];
      const a = this.#as[0];
      const b = this.#bs[0];
      this.now = this.#times[0];
      this.#removeFirst();
      this.#handlers[kind](a, b);
    }
  }

  #removeFirst(): void {
    const last = --this.#count;
    const time = this.#times[last];
    const kind = this.#kinds[last];
    const a = this.#as[last];
    const b = this.#bs[last];
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#isLess(child + 1, child)) child++;
      if (this.#isBefore(time, kind, a, b, child)) break;
      this.#move(child, at);
      at = child;
    }
    this.#put(at, time, kind, a, b);
  }

  #isBefore(time: number, kind: number, a: number, b: number, at: number): boolean {
    if (time !== this.#times[at]) return time < this.#times[at];
    if (kind !== this.#kinds[at]) return kind < this.#kinds[at];
    return a !== this.#as[at] ? a < this.#as[at] : b < this.#bs[at];
  }

  #isLess(left: number, right: number): boolean {
    if (this.#times[left] !== this.#times[right]) return this.#times[left] < this.#times[right];
    return this.#isBefore(this.#times[left], this.#kinds[left], this.#as[left], this.#bs[left], right);
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#times[from];
    this.#kinds[to] = this.#kinds[from];
    this.#as[to] = this.#as[from];
    this.#bs[to] = this.#bs[from];
  }

  #put(at: number, time: number, kind: number, a: number, b: number): void {
    this.#times[at] = time;
    this.#kinds[at] = kind;
    this.#as[at] = a;
    this.#bs[at] = b;
  }
}

interface ClosureEvent {
  time: number;
  kind: number;
  a: number;
  b: number;
  run: () => void;
}

export class ClosureHeapQueue implements PholdQueue {
  now = 0;
  readonly #heap: ClosureEvent[] = [];
  readonly #handlers: Handler[] = [];

  define(kind: number, handler: Handler): void {
    this.#handlers[kind] = handler;
  }

  schedule(time: number, kind: number, a: number, b: number): void {
    const handler = this.#handlers[kind];
    const event = { time, kind, a, b, run: () => handler(a, b) };
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!runsBefore(event, heap[parent])) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = event;
  }

  after(delayMicros: number, kind: number, a: number, b: number): void {
    this.schedule(this.now + delayMicros, kind, a, b);
  }

  run(count: number): void {
    for (let left = count; left > 0; left--) {
      const event = this.#takeFirst();
      this.now = event.time;
      event.run();
    }
  }

  #takeFirst(): ClosureEvent {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && runsBefore(heap[child + 1], heap[child])) child++;
      if (runsBefore(last, heap[child])) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function runsBefore(left: ClosureEvent, right: ClosureEvent): boolean {
  if (left.time !== right.time) return left.time < right.time;
  if (left.kind !== right.kind) return left.kind < right.kind;
  return left.a !== right.a ? left.a < right.a : left.b < right.b;
}
