/**
 * When rows must be judged anew although nothing happens to them: gc grace passes, a TTL runs out. A binary heap of
 * (time, row); a row is due once, at its earliest time, and older entries of it are skipped when they come up. What time
 * changes, and for which rows it matters, is the oracle's business.
 */
export interface ExpiryState {
  times: number[];
  rows: number[];
  due: [number, number][];
}

export class Expiry {
  /** Nothing is due before this time, µs; Infinity when nothing is scheduled. */
  nextMicros = Infinity;
  #times: number[] = [];
  #rows: number[] = [];
  /** Time at which each scheduled row is due. */
  readonly #due = new Map<number, number>();

  /** The row is due at `micros`, unless it is due earlier anyway. */
  schedule(row: number, micros: number): void {
    const known = this.#due.get(row);
    if (known !== undefined && known <= micros) return;
    this.#due.set(row, micros);
    this.#push(micros, row);
    this.nextMicros = this.#times[0];
  }

  /** Takes the next row; only while `nextMicros` is finite. Rows of one time come in ascending order. */
  take(): number {
    const row = this.#rows[0];
    this.#due.delete(row);
    this.#pop();
    while (this.#times.length > 0 && this.#due.get(this.#rows[0]) !== this.#times[0]) this.#pop();
    this.nextMicros = this.#times.length > 0 ? this.#times[0] : Infinity;
    return row;
  }

  save(): ExpiryState {
    return { times: this.#times.slice(), rows: this.#rows.slice(), due: [...this.#due] };
  }

  load(state: ExpiryState): void {
    this.#times = state.times.slice();
    this.#rows = state.rows.slice();
    this.#due.clear();
    for (const [row, micros] of state.due) this.#due.set(row, micros);
    this.nextMicros = this.#times.length > 0 ? this.#times[0] : Infinity;
  }

  #push(micros: number, row: number): void {
    let at = this.#times.length;
    this.#times.push(micros);
    this.#rows.push(row);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(micros, row, this.#times[parent], this.#rows[parent])) break;
      this.#copy(parent, at);
      at = parent;
    }
    this.#times[at] = micros;
    this.#rows[at] = row;
  }

  /** Removes the root: the last entry takes its place and sinks. */
  #pop(): void {
    const times = this.#times;
    const rows = this.#rows;
    const last = times.length - 1;
    let at = 0;
    for (let child = 1; child < last; child = at * 2 + 1) {
      if (child + 1 < last && isBefore(times[child + 1], rows[child + 1], times[child], rows[child])) child += 1;
      if (!isBefore(times[child], rows[child], times[last], rows[last])) break;
      this.#copy(child, at);
      at = child;
    }
    this.#copy(last, at);
    times.length = last;
    rows.length = last;
  }

  #copy(from: number, to: number): void {
    this.#times[to] = this.#times[from];
    this.#rows[to] = this.#rows[from];
  }
}

function isBefore(micros: number, row: number, otherMicros: number, otherRow: number): boolean {
  return micros < otherMicros || (micros === otherMicros && row < otherRow);
}
