/**
 * The token ranges on the way from the root of a Merkle tree down to one of its nodes, as 32-bit halves: what a
 * depth-first walk needs to find exact midpoints without a BigInt a node. Level 0 is the whole range; going down to a
 * level overwrites what was there, while the levels above stay. The arithmetic is that of `tokens.ts`.
 */
import { highHalf, int64, lowHalf } from './int64-halves.ts';
import { midpointHigh, midpointLow, type TokenRange } from './tokens.ts';

export class TokenPath {
  readonly #leftHigh: Int32Array;
  readonly #leftLow: Uint32Array;
  readonly #rightHigh: Int32Array;
  readonly #rightLow: Uint32Array;
  /** Midpoint of the range at each level, once it was halved. */
  readonly middleHigh: Int32Array;
  readonly middleLow: Uint32Array;

  constructor({ left, right }: TokenRange, depth: number) {
    const levels = depth + 2;
    this.#leftHigh = new Int32Array(levels);
    this.#leftLow = new Uint32Array(levels);
    this.#rightHigh = new Int32Array(levels);
    this.#rightLow = new Uint32Array(levels);
    this.middleHigh = new Int32Array(levels);
    this.middleLow = new Uint32Array(levels);
    this.#leftHigh[0] = highHalf(left);
    this.#leftLow[0] = lowHalf(left);
    this.#rightHigh[0] = highHalf(right);
    this.#rightLow[0] = lowHalf(right);
  }

  /** Finds the midpoint of the range at a level; false if it has no sane one (cassandra.a25). */
  halve(level: number): boolean {
    const leftHigh = this.#leftHigh[level];
    const leftLow = this.#leftLow[level];
    const rightHigh = this.#rightHigh[level];
    const rightLow = this.#rightLow[level];
    const high = midpointHigh(leftHigh, leftLow, rightHigh, rightLow);
    const low = midpointLow(leftHigh, leftLow, rightHigh, rightLow);
    this.middleHigh[level] = high;
    this.middleLow[level] = low;
    // A midpoint that equals the right end equals the left one too: the range is the whole ring, and even that has one.
    return high !== leftHigh || low !== leftLow;
  }

  /** Makes the next level the left half of this one, which has been halved. */
  goLeft(level: number): void {
    this.#leftHigh[level + 1] = this.#leftHigh[level];
    this.#leftLow[level + 1] = this.#leftLow[level];
    this.#rightHigh[level + 1] = this.middleHigh[level];
    this.#rightLow[level + 1] = this.middleLow[level];
  }

  goRight(level: number): void {
    this.#leftHigh[level + 1] = this.middleHigh[level];
    this.#leftLow[level + 1] = this.middleLow[level];
    this.#rightHigh[level + 1] = this.#rightHigh[level];
    this.#rightLow[level + 1] = this.#rightLow[level];
  }

  rangeAt(level: number): TokenRange {
    return {
      left: int64(this.#leftHigh[level], this.#leftLow[level]),
      right: int64(this.#rightHigh[level], this.#rightLow[level]),
    };
  }
}
