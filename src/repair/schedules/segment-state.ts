/** What runs in segments remember between two events: plain data, and two questions about it. */

export const SEGMENT = { waiting: 0, running: 1, done: 2, givenUp: 3 } as const;

/** One run of an entry. Arrays run parallel to its segments. */
export interface SegmentRun {
  startMicros: number;
  nextPollMicros: number;
  states: number[];
  attempts: number[];
  /** Not before this time. */
  dueMicros: number[];
  endedMicros: number[];
}

/** A segment that is under way, or whose nodes rest after it: they take part in no other one. */
export interface Lease {
  id: number;
  entry: number;
  segment: number;
  command: number;
  startMicros: number;
  isResting: boolean;
}

export interface SegmentRunsState {
  runs: [number, SegmentRun][];
  leases: Lease[];
  nextLease: number;
}

/** Segments that may begin now: those with the fewest attempts first, then in their order. */
export function waitingInOrder({ states, attempts, dueMicros }: SegmentRun, now: number): number[] {
  const waiting: number[] = [];
  for (const [segment, state] of states.entries())
    if (state === SEGMENT.waiting && dueMicros[segment] <= now) waiting.push(segment);
  return waiting.sort((left, right) => attempts[left] - attempts[right] || left - right);
}

export function isOver({ states }: SegmentRun): boolean {
  return states.every((state) => state === SEGMENT.done || state === SEGMENT.givenUp);
}
