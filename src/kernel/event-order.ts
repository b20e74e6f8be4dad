/**
 * The order of events at one tick: by intrinsic key (kind, a, b), as signed integers, never by when they were
 * scheduled. Events that are equal in all three are the same event to a model; which of them a handle stands for is not
 * defined, so a model that cancels gives each event an operand of its own.
 */
import { KIND_LOW, LOW_BITS, OPERAND_A, OPERAND_B } from './wheel.ts';

const INSERTION_MAX = 16;

/** The events of one round of a tick, by the addresses of their records. */
export class EventBatch {
  events = new Int32Array(64);
  #scratch = new Int32Array(64);

  reserve(length: number): void {
    if (length <= this.events.length) return;
    this.events = new Int32Array(2 * length);
    this.#scratch = new Int32Array(2 * length);
  }

  /** Puts the first `count` events in order: merge sort, from pieces sorted by insertion. */
  sort(memory: Int32Array, count: number): void {
    for (let start = 0; start < count; start += INSERTION_MAX) {
      insertionSort(memory, this.events, start, Math.min(start + INSERTION_MAX, count));
    }
    for (let width = INSERTION_MAX; width < count; width *= 2) {
      for (let start = 0; start < count; start += 2 * width) {
        this.#merge(memory, start, Math.min(start + width, count), Math.min(start + 2 * width, count));
      }
      [this.events, this.#scratch] = [this.#scratch, this.events];
    }
  }

  #merge(memory: Int32Array, start: number, middle: number, end: number): void {
    const from = this.events;
    const to = this.#scratch;
    let left = start;
    let right = middle;
    for (let at = start; at < end; at++) {
      const takeLeft = left < middle && (right >= end || !isBefore(memory, from[right], from[left]));
      to[at] = takeLeft ? from[left++] : from[right++];
    }
  }
}

/** Does the event at the address `left` run before the one at `right`, which is of the same tick? */
export function isBefore(memory: Int32Array, left: number, right: number): boolean {
  const byKind = (memory[left + KIND_LOW] >>> LOW_BITS) - (memory[right + KIND_LOW] >>> LOW_BITS);
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
