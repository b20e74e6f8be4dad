/**
 * Instants in a block of trace records: an instant is all records of one microsecond, which lie side by side. Positions
 * are word positions, multiples of RECORD_STRIDE. Only reading; what a record means is in src/data/records.ts.
 */
import { RECORD_STRIDE } from '../data/records.ts';

const TIME_HIGH = 1 << 20;
const TIME_LOW_MASK = TIME_HIGH - 1;
const KIND_SHIFT = 20;
/** Above the high part of any record's time. */
const HIGH_MAX = 0x7fffffff;

/** Virtual time of the record, µs. */
export function microsOf(words: Int32Array, at: number): number {
  return words[at] * TIME_HIGH + (words[at + 1] & TIME_LOW_MASK);
}

export function isSameInstant(words: Int32Array, at: number, other: number): boolean {
  return words[at] === words[other] && ((words[at + 1] ^ words[other + 1]) & TIME_LOW_MASK) === 0;
}

/** Where the instant of the record at `at` ends, going on from there; at most `to`. */
export function endOfInstant(words: Int32Array, at: number, to: number): number {
  let end = at + RECORD_STRIDE;
  while (end < to && isSameInstant(words, at, end)) end += RECORD_STRIDE;
  return end;
}

/** Where the instant begins that ends at `to`; at least `from`. */
export function startOfInstant(words: Int32Array, from: number, to: number): number {
  let start = to - RECORD_STRIDE;
  while (start > from && isSameInstant(words, start - RECORD_STRIDE, start)) start -= RECORD_STRIDE;
  return start;
}

/** Up to which end of an instant all records are of a kind below `kind` and not later than `lastMicros`. */
export function endOfQuiet(words: Int32Array, [from, to]: [number, number], kind: number, lastMicros: number): number {
  const high = Math.min(Math.floor(lastMicros / TIME_HIGH), HIGH_MAX);
  const low = lastMicros - high * TIME_HIGH;
  let end = from;
  for (; end < to; end += RECORD_STRIDE) {
    if (words[end] > high || (words[end] === high && (words[end + 1] & TIME_LOW_MASK) > low)) return end;
    if (words[end + 1] >>> KIND_SHIFT >= kind) break;
  }
  if (end < to) while (end > from && isSameInstant(words, end - RECORD_STRIDE, end)) end -= RECORD_STRIDE;
  return end;
}
