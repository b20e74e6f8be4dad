/**
 * The order of events at one tick: by intrinsic key (kind, a, b), as signed integers, never by when they were
 * scheduled. Events that are equal in all three are the same event to a model, so their order cannot be observed.
 */
import { KIND, OPERAND_A, OPERAND_B } from './wheel.ts';

const INSERTION_MAX = 16;

/** Sorts the record indices `batch[0..count)` by key; `scratch` must be as long. */
export function sortByKey(words: Int32Array, batch: Int32Array, scratch: Int32Array, count: number): void {
  for (let start = 0; start < count; start += INSERTION_MAX) {
    insertionSort(words, batch, start, Math.min(start + INSERTION_MAX, count));
  }
  let from = batch;
  let to = scratch;
  for (let width = INSERTION_MAX; width < count; width *= 2) {
    for (let start = 0; start < count; start += 2 * width) {
      merge(words, from, to, start, Math.min(start + width, count), Math.min(start + 2 * width, count));
    }
    const swap = from;
    from = to;
    to = swap;
  }
  if (from !== batch) batch.set(from.subarray(0, count));
}

/** Does the event `left` run before `right` of the same tick? */
export function isBefore(words: Int32Array, left: number, right: number): boolean {
  const one = left << 3;
  const other = right << 3;
  if (words[one + KIND] !== words[other + KIND]) return words[one + KIND] < words[other + KIND];
  if (words[one + OPERAND_A] !== words[other + OPERAND_A]) return words[one + OPERAND_A] < words[other + OPERAND_A];
  return words[one + OPERAND_B] < words[other + OPERAND_B];
}

function insertionSort(words: Int32Array, batch: Int32Array, start: number, end: number): void {
  for (let index = start + 1; index < end; index++) {
    const event = batch[index];
    let at = index;
    while (at > start && isBefore(words, event, batch[at - 1])) {
      batch[at] = batch[at - 1];
      at--;
    }
    batch[at] = event;
  }
}

function merge(words: Int32Array, from: Int32Array, to: Int32Array, start: number, middle: number, end: number): void {
  let left = start;
  let right = middle;
  for (let at = start; at < end; at++) {
    const takeLeft = left < middle && (right >= end || !isBefore(words, from[right], from[left]));
    to[at] = takeLeft ? from[left++] : from[right++];
  }
}
