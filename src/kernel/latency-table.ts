/**
 * The quick form of a sampler, for the hot path: whole microseconds, at least 1. Draws that are a monotone function of one
 * word are read from 1 024 quantiles with linear interpolation between them; the outermost cells at both ends, where a
 * tail may bend, go to the sampler itself. Exact on every engine: the table is computed by the sampler, and single
 * precision rounding is part of the language.
 */
import type { Sampler } from './distributions.ts';
import { draw32 } from './random.ts';

const CELL_BITS = 10;
const CELLS = 1 << CELL_BITS;
const WORD_BITS_LEFT = 32 - CELL_BITS;
const WORDS_PER_CELL = 1 << WORD_BITS_LEFT;
const FRACTION = 1 / WORDS_PER_CELL;
/** Cells at either end that are not interpolated: 3 % of the draws. */
const OUTER_CELLS = 16;
/** Above this a single-precision quantile would not be good to a microsecond. */
const QUANTILE_MAX = 8_000_000;

/** For whoever writes `at` out in a loop of its own (replica/healthy-writes.ts). */
export const LATENCY_WORD_BITS = WORD_BITS_LEFT;
export const LATENCY_FRACTION = FRACTION;
export const QUANTILES = CELLS + 1;
export const INNER_CELL_FIRST = OUTER_CELLS;
export const INNER_CELL_END = CELLS - OUTER_CELLS;

export class LatencyTable {
  readonly #sampler: Sampler;
  readonly #quantiles: Float32Array;
  readonly #isTable: boolean;

  constructor(sampler: Sampler) {
    this.#sampler = sampler;
    this.#quantiles = new Float32Array(CELLS + 1);
    this.#isTable =
      sampler.isOneWord &&
      inner(sampler, OUTER_CELLS) < QUANTILE_MAX &&
      inner(sampler, CELLS - OUTER_CELLS) < QUANTILE_MAX;
    if (!this.#isTable) return;
    for (let cell = 1; cell < CELLS; cell += 1) this.#quantiles[cell] = sampler.ofWord(cell * WORDS_PER_CELL);
  }

  /** The quantiles at the edges of the cells; null where every draw goes to the sampler. */
  get quantiles(): Float32Array | null {
    return this.#isTable ? this.#quantiles : null;
  }

  /** Draw number `index` of a stream. */
  at(k0: number, k1: number, index: number): number {
    if (!this.#isTable) return this.#exact(this.#sampler.at(k0, k1, index));
    const word = draw32(k0, k1, index);
    const cell = word >>> WORD_BITS_LEFT;
    if (cell < OUTER_CELLS || cell >= CELLS - OUTER_CELLS) return this.#exact(this.#sampler.ofWord(word));
    const below = this.#quantiles[cell];
    const micros = (below + (word & (WORDS_PER_CELL - 1)) * FRACTION * (this.#quantiles[cell + 1] - below) + 0.5) | 0;
    return micros < 1 ? 1 : micros;
  }

  #exact(drawn: number): number {
    const micros = Math.floor(drawn + 0.5);
    return micros < 1 ? 1 : micros;
  }
}

function inner(sampler: Sampler, cell: number): number {
  return sampler.ofWord(cell * WORDS_PER_CELL);
}
