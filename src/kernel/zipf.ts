/**
 * Zipf ranks by address: rank r of 0 .. n - 1 has weight (r + 1)^-exponent, for any exponent from 0, and exactly so
 * (no continuous approximation). Ranks fall into classes whose weights differ by 2 % at most; a class is drawn from an
 * alias table by its weight's upper bound, a rank evenly within it, and the rank is accepted with the ratio of its weight
 * to the bound. A lower bound accepts nearly always, so `pow` is rarely needed.
 */
import { Bug } from '../base/assert.ts';
import { pow } from './math.ts';
import { draw32, drawBelow } from './random.ts';

const CLASS_WIDTH = 1.02;
const TO_UNIT = 1 / 4_294_967_296;
/** Apart in the stream are the attempts of one index, and the three draws of an attempt. */
const SECOND_DRAW = 0x2545f491;
const THIRD_DRAW = 0x6c8e9cf5;
const ATTEMPT = 0x3c6ef372;

export class Zipf {
  /** Number of ranks. */
  readonly n: number;
  readonly exponent: number;
  /** First rank (from 1) of each class, and one past the last. */
  readonly #starts: Float64Array;
  /** Alias table: the share of the cell that is its own, else the class beside it. */
  readonly #own: Float64Array;
  readonly #alias: Int32Array;
  /** Weight of the class's last rank over that of its first: accepted without more ado. */
  readonly #squeeze: Float64Array;

  /** 1 <= n < 2^31, exponent >= 0. */
  constructor(n: number, exponent: number) {
    if (!(Number.isInteger(n) && n >= 1 && n < 2_147_483_648)) throw new Bug(`Zipf over ${n} ranks`);
    if (!(exponent >= 0 && exponent <= 100)) throw new Bug(`Zipf with exponent ${exponent}`);
    this.n = n;
    this.exponent = exponent;
    this.#starts = exponent === 0 ? Float64Array.of(1, n + 1) : classStarts(n);
    const classes = this.#starts.length - 1;
    this.#own = new Float64Array(classes);
    this.#alias = new Int32Array(classes);
    this.#squeeze = new Float64Array(classes);
    const bounds = new Float64Array(classes);
    for (let index = 0; index < classes; index++) {
      const first = this.#starts[index];
      const last = this.#starts[index + 1] - 1;
      bounds[index] = (last - first + 1) * pow(first, -exponent);
      this.#squeeze[index] = pow(first / last, exponent);
    }
    fillAlias(bounds, this.#own, this.#alias);
  }

  /** Draw number `index` of a stream: a rank, 0 the most frequent. */
  at(k0: number, k1: number, index: number): number {
    if (this.exponent === 0) return drawBelow(k0, k1, index, this.n);
    for (let second = k1; ; second = (second + ATTEMPT) | 0) {
      const cell = this.#class(draw32(k0, second, index));
      const first = this.#starts[cell];
      const size = this.#starts[cell + 1] - first;
      if (size === 1) return first - 1;
      const rank = first + drawBelow(k0, second ^ SECOND_DRAW, index, size);
      const unit = (draw32(k0, second ^ THIRD_DRAW, index) + 0.5) * TO_UNIT;
      if (unit <= this.#squeeze[cell] || unit <= pow(first / rank, this.exponent)) return rank - 1;
    }
  }

  #class(word: number): number {
    const place = word * TO_UNIT * this.#own.length;
    const cell = Math.floor(place);
    return place - cell < this.#own[cell] ? cell : this.#alias[cell];
  }
}

/** 1, 2, 3, ... as long as one rank is more than 2 %, then steps of 2 %. */
function classStarts(n: number): Float64Array {
  const starts = [];
  for (let start = 1; start <= n; start = Math.max(start + 1, Math.floor(start * CLASS_WIDTH))) starts.push(start);
  starts.push(n + 1);
  return Float64Array.from(starts);
}

/** Vose's alias method: every cell holds its own class and at most one other. */
function fillAlias(weights: Float64Array, own: Float64Array, alias: Int32Array): void {
  const count = weights.length;
  let total = 0;
  for (let index = count - 1; index >= 0; index--) total += weights[index];
  const small: number[] = [];
  const large: number[] = [];
  for (let index = 0; index < count; index++) {
    own[index] = (weights[index] * count) / total;
    (own[index] < 1 ? small : large).push(index);
  }
  while (small.length > 0 && large.length > 0) {
    const poor = small[small.length - 1];
    const rich = large[large.length - 1];
    small.pop();
    alias[poor] = rich;
    own[rich] -= 1 - own[poor];
    if (own[rich] < 1) {
      large.pop();
      small.push(rich);
    }
  }
  // What is left differs from 1 by rounding only.
  for (const index of [...small, ...large]) own[index] = 1;
}
