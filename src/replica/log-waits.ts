/**
 * How long a write waits for the commit log before it is applied and acknowledged (cassandra.f1, f2). batch: for the fsync
 * that begins at once or, where one is under way, right after it, which covers all that came meanwhile. group: for the end
 * of the next sync of the window. periodic: not at all, unless the last sync that has ended began too long ago. What waits
 * when its process ends is not acknowledged, and lost.
 */
import { fsyncAt, type SyncSchedule, type SyncTiming } from './sync-schedule.ts';

export type LogMode =
  | { kind: 'batch'; timing: Pick<SyncTiming, 'fsyncMicros' | 'slow'> }
  | { kind: 'group'; schedule: SyncSchedule }
  | { kind: 'periodic'; schedule: SyncSchedule; lagBlockMicros: number };

export interface LogWaitsState {
  ends: number[];
  nextEnds: number[];
  waiting: [number, boolean][][];
}

/** A write that waits: version and event operand (attempt << 6 | copy), as one number. */
const OPERANDS = 16384;

export class LogWaits {
  readonly #modes: readonly LogMode[];
  /** batch, by node: when the sync under way ends, and the one behind it that writes wait for (0 = none). */
  #ends: number[];
  #nextEnds: number[];
  /** By node: what waits, and whether its coordinator has given it up and offered a hint. */
  #waiting: Map<number, boolean>[];

  constructor(modes: readonly LogMode[]) {
    this.#modes = modes;
    this.#ends = modes.map(() => 0);
    this.#nextEnds = modes.map(() => 0);
    this.#waiting = modes.map(() => new Map());
  }

  /** When what is appended to the node's log at `micros` may be acknowledged. Called in order of time, once for each. */
  readyAt(node: number, micros: number): number {
    const mode = this.#modes[node];
    switch (mode.kind) {
      case 'batch':
        return this.#batched(node, micros, mode.timing);
      case 'group':
        return syncEnd(mode.schedule, mode.schedule.startAfter(micros));
      case 'periodic':
        return unlagged(mode, micros);
    }
  }

  /** The same for something that is not a write and shares no sync with any. */
  aloneUntil(node: number, micros: number): number {
    const mode = this.#modes[node];
    return mode.kind === 'batch' ? micros + fsyncAt(mode.timing, micros) : this.readyAt(node, micros);
  }

  #batched(node: number, micros: number, timing: Pick<SyncTiming, 'fsyncMicros' | 'slow'>): number {
    if (this.#nextEnds[node] > 0 && micros >= this.#ends[node]) {
      this.#ends[node] = this.#nextEnds[node];
      this.#nextEnds[node] = 0;
    }
    const end = this.#ends[node];
    if (micros >= end) {
      this.#ends[node] = micros + fsyncAt(timing, micros);
      return this.#ends[node];
    }
    if (this.#nextEnds[node] === 0) this.#nextEnds[node] = end + fsyncAt(timing, end);
    return this.#nextEnds[node];
  }

  // ---------------------------------------------------------------- what waits

  add(node: number, version: number, operand: number): void {
    this.#waiting[node].set(version * OPERANDS + operand, false);
  }

  /** Its coordinator waits no longer, and has offered a hint for it. */
  giveUp(node: number, version: number, operand: number): void {
    const key = version * OPERANDS + operand;
    if (this.#waiting[node].has(key)) this.#waiting[node].set(key, true);
  }

  /** Did it wait until now? Then it does no more. */
  take(node: number, version: number, operand: number): boolean {
    return this.#waiting[node].delete(version * OPERANDS + operand);
  }

  /** All that waits on a node whose process ends, in order of arrival; nothing does afterwards. */
  takeAll(node: number): { version: number; operand: number; isGivenUp: boolean }[] {
    const all = [...this.#waiting[node]].map(([key, isGivenUp]) => {
      const version = Math.floor(key / OPERANDS);
      return { version, operand: key - version * OPERANDS, isGivenUp };
    });
    this.#waiting[node].clear();
    this.#ends[node] = 0;
    this.#nextEnds[node] = 0;
    return all;
  }

  save(): LogWaitsState {
    return {
      ends: [...this.#ends],
      nextEnds: [...this.#nextEnds],
      waiting: this.#waiting.map((waiting) => [...waiting]),
    };
  }

  load(state: LogWaitsState): void {
    this.#ends = [...state.ends];
    this.#nextEnds = [...state.nextEnds];
    this.#waiting = state.waiting.map((waiting) => new Map(waiting));
  }
}

function syncEnd(schedule: SyncSchedule, startMicros: number): number {
  return startMicros + schedule.fsyncOf(startMicros);
}

/** Now, if the last sync that has ended began no longer ago than the block; else the end of the first that did not. */
function unlagged({ schedule, lagBlockMicros }: LogMode & { kind: 'periodic' }, micros: number): number {
  const oldest = micros - lagBlockMicros;
  let start = schedule.syncedUpTo(micros);
  if (start >= oldest) return micros;
  while (start < oldest || syncEnd(schedule, start) <= micros) start = schedule.startAfter(start);
  return syncEnd(schedule, start);
}
