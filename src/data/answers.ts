/**
 * What clients of a database of points are told, word for word (influxdb.2, step 6; influxdb.9). One registry: a number here is
 * the number in records of answers (bits 16 and above of c), so numbers are never reused; new entries go at the end.
 */
import { PART_TROUBLE } from './records.ts';

/** By number; the first: the connection ended without an answer. The number of points that were left out is not part of it. */
export const ANSWERS = [
  'no answer',
  '204',
  '400 partial write: points beyond retention policy dropped',
  '500 timeout',
  '500 partial write',
  '500 write failed',
  '500 write failed: hinted handoff queue not empty',
  '500 write failed: dial tcp: connection refused',
  '500 write failed: timeout',
  '500 write failed: no space left on device',
  '500 write failed: cache-max-memory-size exceeded',
  '500 write failed: partial write: field type conflict',
  '500 write failed: queue is full',
  '500 write failed: queue is blocked',
  '500 write failed: queue not open',
  '500 write failed: hinted handoff disabled',
] as const;

export const ANSWER = {
  none: 0,
  done: 1,
  beyondPolicy: 2,
  timedOut: 3,
  partial: 4,
  failed: 5,
  queueNotEmpty: 6,
} as const;

const SHIFT = 16;

const BY_TROUBLE: Readonly<Record<number, number>> = {
  [PART_TROUBLE.queueNotEmpty]: ANSWER.queueNotEmpty,
  [PART_TROUBLE.unreachable]: 7,
  [PART_TROUBLE.timedOut]: 8,
  [PART_TROUBLE.noSpaceThere]: 9,
  [PART_TROUBLE.noSpace]: 9,
  [PART_TROUBLE.cacheFullThere]: 10,
  [PART_TROUBLE.cacheFull]: 10,
  [PART_TROUBLE.fieldTypeConflict]: 11,
  [PART_TROUBLE.queueFull]: 12,
  [PART_TROUBLE.queueBlocked]: 13,
  [PART_TROUBLE.queueNotOpen]: 14,
  [PART_TROUBLE.handoffDisabled]: 15,
};

/** Nobody has stored it, and this was the first error (PART_TROUBLE; 0: none is known). */
export function failedBy(trouble: number): number {
  return BY_TROUBLE[trouble] ?? ANSWER.failed;
}

export function withAnswer(detail: number, answer: number): number {
  return detail | (answer << SHIFT);
}

/** Of the record of an answer; null where the database has no such texts. */
export function answerTextOf(detail: number): string | null {
  const answer = detail >>> SHIFT;
  return answer === 0 ? null : ANSWERS[answer];
}
