/**
 * The order of events at one tick: by intrinsic key (kind, a, b), as signed integers, never by when they were
 * scheduled. Events that are equal in all three are the same event to a model, so their order cannot be observed.
 */
import { KIND_LOW, OPERAND_A, OPERAND_B } from './wheel.ts';

const INSERTION_MAX = 16;

/** Addresses of the events of one round of a tick. */
export class EventBatch {
  events = new Int32Array(64);
  count = 0;
  #scratch = new Int32Array(64);

  clear(): void {
    this.count = 0;
  }

  add(address: number): void {
    if (this.count === this.events.length) this.#grow();
    this.events[this.count++] = address;
  }

  /** Merge sort, from pieces sorted by insertion. */
  sort(memory: Int32Array): void {
    const count = this.count;
    for (let start = 0; start < count; start += INSERTION_MAX) {
      insertionSort(memory, this.events, start, Math.min(start + INSERTION_MAX, count));
    }
    for (let width = INSERTION_MAX; width < count; width *= 2) {
      for (let start = 0; start < count; start += 2 * width) this.#merge(memory, start, width);
      [this.events, this.#scratch] = [this.#scratch, this.events];
    }
  }

  #merge(memory: Int32Array, start: number, width: number): void {
    const from = this.events;
    const to = this.#scratch;
    const middle = Math.min(start + width, this.count);
    const end = Math.min(start + 2 * width, this.count);
    let left = start;
    let right = middle;
    for (let at = start; at < end; at++) {
      const takeLeft = left < middle && (right >= end || !isBefore(memory, from[right], from[left]));
      to[at] = takeLeft ? from[left++] : from[right++];
    }
  }

  #grow(): void {
    const grown = new Int32Array(this.events.length * 2);
    grown.set(this.events);
    this.events = grown;
    this.#scratch = new Int32Array(grown.length);
  }
}

/** Does the event at the address `left` run before the one at `right`, which is of the same tick? */
export function isBefore(memory: Int32Array, left: number, right: number): boolean {
  // Of equal ticks the low bits are equal, so these words compare as the kinds do.
  const byKind = memory[left + KIND_LOW] - memory[right + KIND_LOW];
  if (byKind !== 0) return byKind < 0;
  if (memory[left + OPERAND_A] !== memory[right + OPERAND_A])
    return memory[left + OPERAND_A] < memory[right + OPERAND_A];
  return memory[left + OPERAND_B] < memory[right + OPERAND_B];
}

function insertionSort(memory: Int32Array, batch: Int32Array, start: number, end: number): void {
  for (let index = start + 1; index < end; index++) {
    const event = batch[index];
    let at = index;
    while (at > start && isBefore(memory, event, batch[at - 1])) {
      batch[at] = batch[at - 1];
      at--;
    }
    batch[at] = event;
  }
}
