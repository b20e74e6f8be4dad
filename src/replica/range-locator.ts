/**
 * Finds the ring range of a partition without a look-up at a random place of a large array: partitions of one range lie
 * side by side in token order, so a small table by the top bits of the ordinal leads to the segment, and a few steps along
 * it to the range. For the hot path; says the same as the layout's `rangeOfOrdinal`.
 */
import type { TableLayout } from '../data/layout.ts';

const CELLS = 4096;

export class RangeLocator {
  /** First ordinal of each segment, and one past the last; the range of each segment. */
  readonly #starts: Int32Array;
  readonly #ranges: Int32Array;
  /** Segment of the first ordinal of each cell. */
  readonly #segmentOfCell: Int32Array;
  readonly #shift: number;

  constructor({ rangeOfOrdinal, partitions }: TableLayout) {
    const starts: number[] = [];
    for (let ordinal = 0; ordinal < partitions; ordinal += 1) {
      if (ordinal === 0 || rangeOfOrdinal[ordinal] !== rangeOfOrdinal[ordinal - 1]) starts.push(ordinal);
    }
    this.#ranges = Int32Array.from(starts, (ordinal) => rangeOfOrdinal[ordinal]);
    this.#starts = Int32Array.from([...starts, 0x7fffffff]);
    let shift = 0;
    while (partitions >> shift > CELLS) shift += 1;
    this.#shift = shift;
    this.#segmentOfCell = new Int32Array((partitions >> shift) + 1);
    let segment = 0;
    for (let cell = 0; cell < this.#segmentOfCell.length; cell += 1) {
      while (this.#starts[segment + 1] <= cell << shift) segment += 1;
      this.#segmentOfCell[cell] = segment;
    }
  }

  rangeOf(ordinal: number): number {
    let segment = this.#segmentOfCell[ordinal >> this.#shift];
    while (this.#starts[segment + 1] <= ordinal) segment += 1;
    return this.#ranges[segment];
  }
}
