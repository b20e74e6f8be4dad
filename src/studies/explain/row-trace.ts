/** Keeps the trace records of one row: what its versions met, copy by copy, in order. Only up to a moment. */
import { RECORD, RECORD_STRIDE } from '../../data/records.ts';
import { copyOf, kindOf, nodeOf, operandA, operandB, operandC, timeOf } from '../../kernel/trace.ts';
import type { TraceObserver } from '../../kernel/trace.ts';
import type { RowRecord } from '../../observe/view/row-record.ts';

export type { RowRecord };

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
      const slot = operandB(words, at);
      if (slot < this.#from || slot >= this.#to) continue;
      const kind = kindOf(words, at);
      if (kind > RECORD.purged) continue;
      const micros = timeOf(words, at);
      if (micros >= this.#untilMicros) return;
      const [node, copy] = [nodeOf(words, at), copyOf(words, at)];
      const [version, detail] = [operandA(words, at), operandC(words, at)];
      this.records.push({ at: micros, kind, node, copy, version, slot, detail });
      if (this.records.length > RECORDS_MAX) this.records.splice(0, RECORDS_MAX / 2);
    }
  }
}
