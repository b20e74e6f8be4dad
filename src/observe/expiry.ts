/**
 * When rows must be judged anew although nothing happens to them: gc grace passes, a TTL runs out. A heap of (time, row);
 * a row is due once, at its earliest time, and older entries of it are skipped when they come up. What time changes, and
 * for which rows it matters, is the oracle's business.
 */
import { TimeHeap, type TimeHeapState } from './time-heap.ts';

export interface ExpiryState extends TimeHeapState {
  due: [number, number][];
}

export class Expiry {
  /** Nothing is due before this time, µs; Infinity when nothing is scheduled. */
  nextMicros = Infinity;
  readonly #heap = new TimeHeap();
  /** Time at which each scheduled row is due. */
  readonly #due = new Map<number, number>();

  /** The row is due at `micros`, unless it is due earlier anyway. */
  schedule(row: number, micros: number): void {
    const known = this.#due.get(row);
    if (known !== undefined && known <= micros) return;
    this.#due.set(row, micros);
    this.#heap.push(micros, row);
    this.nextMicros = this.#heap.firstMicros;
  }

  /** Takes the next row; only while `nextMicros` is finite. Rows of one time come in ascending order. */
  take(): number {
    const heap = this.#heap;
    const row = heap.firstRow;
    this.#due.delete(row);
    heap.pop();
    while (heap.size > 0 && this.#due.get(heap.firstRow) !== heap.firstMicros) heap.pop();
    this.nextMicros = heap.size > 0 ? heap.firstMicros : Infinity;
    return row;
  }

  save(): ExpiryState {
    return { ...this.#heap.save(), due: [...this.#due] };
  }

  load(state: ExpiryState): void {
    this.#heap.load(state);
    this.#due.clear();
    for (const [row, micros] of state.due) this.#due.set(row, micros);
    this.nextMicros = this.#heap.size > 0 ? this.#heap.firstMicros : Infinity;
  }
}
