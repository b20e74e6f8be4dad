/** Keeps the trace records of one row: what its versions met, copy by copy, in order. Only up to a moment. */
import { RECORD, RECORD_STRIDE } from '../../data/records.ts';
import type { TraceObserver } from '../../kernel/trace.ts';
import { microsOf } from '../../observe/instants.ts';

export interface RowRecord {
  at: number;
  /** A kind of RECORD, issued to purged. */
  kind: number;
  node: number;
  copy: number;
  /** Version. */
  version: number;
  slot: number;
  detail: number;
}

/** A row that was written more often is told by its newest records. */
const RECORDS_MAX = 200_000;

export class RowTrace implements TraceObserver {
  readonly records: RowRecord[] = [];
  readonly #from: number;
  readonly #to: number;
  readonly #untilMicros: number;

  /** Slots [from, to). */
  constructor([from, to]: [number, number], untilMicros: number) {
    this.#from = from;
    this.#to = to;
    this.#untilMicros = untilMicros;
  }

  fold(words: Int32Array, count: number): void {
    for (let at = 0; at < count * RECORD_STRIDE; at += RECORD_STRIDE) {
      const slot = words[at + 4];
      if (slot < this.#from || slot >= this.#to) continue;
      const kind = words[at + 1] >>> 20;
      if (kind > RECORD.purged) continue;
      const micros = microsOf(words, at);
      if (micros >= this.#untilMicros) return;
      const [, , where, version, , detail] = words.subarray(at, at + RECORD_STRIDE);
      this.records.push({ at: micros, kind, node: where & 0xffff, copy: where >>> 16, version, slot, detail });
      if (this.records.length > RECORDS_MAX) this.records.splice(0, RECORDS_MAX / 2);
    }
  }
}
