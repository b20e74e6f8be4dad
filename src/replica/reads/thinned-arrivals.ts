/**
 * The reads, or the writes, among the operations of a workload: which of its arrivals is a read is an addressed draw of the
 * arrival's own index, so the two halves can be gone through apart. Counts its own arrivals from 0.
 */
import { draw32, type StreamKey } from '../../kernel/random.ts';
import type { Arrivals } from '../arrivals.ts';

/** The place of every so many of its own arrivals is kept, to find any of them again. */
const MARK_EVERY = 1024;

export class ThinnedArrivals implements Arrivals {
  index = 0;
  readonly #all: Arrivals;
  readonly #key: StreamKey;
  readonly #readBelow: number;
  readonly #takesReads: boolean;
  readonly #marks: number[] = [];
  readonly #total: number;

  constructor(all: Arrivals, share: { key: StreamKey; readBelow: number; takesReads: boolean }) {
    this.#all = all;
    this.#key = share.key;
    this.#readBelow = share.readBelow;
    this.#takesReads = share.takesReads;
    const count = all.total();
    let own = 0;
    for (let index = 0; index < count; index += 1) {
      if (!this.#isOwn(index)) continue;
      if (own % MARK_EVERY === 0) this.#marks.push(index);
      own += 1;
    }
    this.#total = own;
    this.seek(0);
  }

  peek(): number {
    return this.index < this.#total ? this.#all.peek() : Infinity;
  }

  advance(): void {
    this.index += 1;
    this.#all.advance();
    if (this.index < this.#total) while (!this.#isOwn(this.#all.index)) this.#all.advance();
  }

  takeUntil(untilMicros: number, times: Float64Array, from: number): number {
    let count = 0;
    for (let at = this.peek(); at < untilMicros; at = this.peek()) {
      times[from + count] = at;
      this.advance();
      count += 1;
    }
    return count;
  }

  total(): number {
    return this.#total;
  }

  seek(index: number): void {
    this.index = index;
    if (index >= this.#total) return;
    let at = this.#marks[Math.floor(index / MARK_EVERY)];
    for (let own = index - (index % MARK_EVERY); ; at += 1) {
      if (!this.#isOwn(at)) continue;
      if (own === index) break;
      own += 1;
    }
    this.#all.seek(at);
  }

  #isOwn(index: number): boolean {
    return draw32(this.#key.k0, this.#key.k1, index) < this.#readBelow === this.#takesReads;
  }
}
