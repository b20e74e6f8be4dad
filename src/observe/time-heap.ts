/**
 * A binary heap of (time, row), smallest first: what both the rows that time alone changes (expiry.ts) and the rows in
 * which deleted data may come back (resurrection.ts) are kept in. What an entry means, and whether it still holds, is
 * its owner's business.
 */
export interface TimeHeapState {
  times: number[];
  rows: number[];
}

export class TimeHeap {
  #times: number[] = [];
  #rows: number[] = [];

  get size(): number {
    return this.#times.length;
  }

  /** Of the first entry; only while there is one. */
  get firstMicros(): number {
    return this.#times[0];
  }

  get firstRow(): number {
    return this.#rows[0];
  }

  push(micros: number, row: number): void {
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

  /** Removes the first: the last entry takes its place and sinks. */
  pop(): void {
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

  save(): TimeHeapState {
    return { times: this.#times.slice(), rows: this.#rows.slice() };
  }

  load({ times, rows }: TimeHeapState): void {
    this.#times = times.slice();
    this.#rows = rows.slice();
  }

  #copy(from: number, to: number): void {
    this.#times[to] = this.#times[from];
    this.#rows[to] = this.#rows[from];
  }
}

function isBefore(micros: number, row: number, otherMicros: number, otherRow: number): boolean {
  return micros < otherMicros || (micros === otherMicros && row < otherRow);
}
