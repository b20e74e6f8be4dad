/** What a coordinator writes into its log of parts that an owner did not get at once: collected from the trace. */
import { RECORD_STRIDE } from '../../data/records.ts';
import type { TraceObserver } from '../../kernel/trace.ts';

export interface PartLine {
  micros: number;
  /** Coordinator and owner. */
  node: number;
  owner: number;
  table: number;
  points: number;
  /** PART_TROUBLE. */
  trouble: number;
}

const MEGA = 1 << 20;

export class PartJournal implements TraceObserver {
  readonly lines: PartLine[] = [];
  readonly #kind: number;

  constructor(kind: number) {
    this.#kind = kind;
  }

  fold(words: Int32Array, count: number): void {
    for (let record = 0; record < count; record += 1) {
      const at = record * RECORD_STRIDE;
      if (words[at + 1] >>> 20 !== this.#kind) continue;
      this.lines.push({
        micros: words[at] * MEGA + (words[at + 1] & (MEGA - 1)),
        ...{ node: words[at + 2] & 0xffff, owner: words[at + 2] >>> 16 },
        ...{ table: words[at + 3], points: words[at + 4], trouble: words[at + 5] },
      });
    }
  }
}
