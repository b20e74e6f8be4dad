/**
 * Chooses the rows of a series that a page keeps, so that lines drawn between them stay close to all rows: the ends first,
 * then again and again the row that the lines miss most, as a share of the largest value of its column. What the lines miss
 * at the end is the error, which the page tells. Rows of one time (before and after a change of regime) are kept together.
 */
import type { Series } from '../../observe/result.ts';

export interface ThinnedRows {
  /** Rows kept, ascending. */
  keep: number[];
  /** Most that any column strays between them, as a share of its largest value. */
  strayShare: number;
}

interface Stretch {
  from: number;
  to: number;
  /** The row within that is missed most, and by how much; −1 where there is none. */
  worst: number;
  stray: number;
}

interface Shape {
  times: readonly number[];
  columns: readonly (readonly number[])[];
  /** 1 / the largest value of each column. */
  weights: readonly number[];
}

export function thinRows(series: Series, rowsMax: number): ThinnedRows {
  const rows = series.time_micros.length;
  if (rows <= Math.max(rowsMax, 2)) return { keep: Array.from({ length: rows }, (_, row) => row), strayShare: 0 };
  const shape = shapeOf(series);
  const heap = new StretchHeap();
  heap.push(measure(shape, 0, rows - 1));
  const kept = new Uint8Array(rows);
  kept[0] = kept[rows - 1] = 1;
  let count = 2;
  while (count < rowsMax) {
    const stretch = heap.pop();
    if (stretch === null) break;
    kept[stretch.worst] = 1;
    count += 1;
    heap.push(measure(shape, stretch.from, stretch.worst));
    heap.push(measure(shape, stretch.worst, stretch.to));
  }
  const keep: number[] = [];
  for (let row = 0; row < rows; row += 1) if (kept[row] === 1) keep.push(row);
  return { keep, strayShare: heap.worst() };
}

function shapeOf(series: Series): Shape {
  const columns: (readonly number[])[] = [];
  const weights: number[] = [];
  for (const values of Object.values(series.columns)) {
    let largest = 0;
    for (const value of values) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
    if (largest === 0) continue;
    columns.push(values);
    weights.push(1 / largest);
  }
  return { times: series.time_micros, columns, weights };
}

function measure({ times, columns, weights }: Shape, from: number, to: number): Stretch {
  let worst = -1;
  let stray = -1;
  const span = times[to] - times[from];
  for (let column = 0; column < columns.length && to - from > 1; column += 1) {
    const values = columns[column];
    const [first, last] = [values[from], values[to]];
    for (let row = from + 1; row < to; row += 1) {
      const share = span > 0 ? (times[row] - times[from]) / span : 0;
      const off = missBetween(first + (last - first) * share, values[row]) * weights[column];
      if (off > stray) [worst, stray] = [row, off];
    }
  }
  // A stretch without any column that moves: its middle, at no loss.
  return worst < 0 && to - from > 1 ? { from, to, worst: (from + to) >> 1, stray: 0 } : { from, to, worst, stray };
}

/** Values that are not known are no line: they are missed by nothing, and miss nothing. */
function missBetween(line: number, value: number): number {
  const off = Math.abs(line - value);
  return Number.isNaN(off) ? 0 : off;
}

/** Stretches by what they miss, most first; of equal ones the earlier. Those without rows within are left out. */
class StretchHeap {
  readonly #heap: Stretch[] = [];

  push(stretch: Stretch): void {
    if (stretch.worst < 0) return;
    const heap = this.#heap;
    let at = heap.push(stretch) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(heap[at], heap[above])) break;
      [heap[at], heap[above]] = [heap[above], heap[at]];
      at = above;
    }
  }

  pop(): Stretch | null {
    const heap = this.#heap;
    if (heap.length === 0) return null;
    const [top] = heap;
    const last = heap.pop();
    if (heap.length > 0 && last !== undefined) {
      heap[0] = last;
      this.#sink();
    }
    return top;
  }

  worst(): number {
    return this.#heap.length === 0 ? 0 : this.#heap[0].stray;
  }

  #sink(): void {
    const heap = this.#heap;
    for (let at = 0; ;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < heap.length && isBefore(heap[child], heap[least])) least = child;
      if (least === at) return;
      [heap[at], heap[least]] = [heap[least], heap[at]];
      at = least;
    }
  }
}

function isBefore(left: Stretch, right: Stretch): boolean {
  return left.stray > right.stray || (left.stray === right.stray && left.from < right.from);
}
