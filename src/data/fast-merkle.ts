/**
 * The engine's Merkle trees: two 32-bit lanes a node instead of 32 bytes, nodes in one typed array, leaves given by a
 * `TreeShape`. Same trees and same list of differences, in the same order, as the plain form in `merkle.ts`, which is
 * the reference for what the rules are (cassandra.a16, a22–a28).
 */
import { assert } from '../base/assert.ts';
import { highHalf, int64, lowHalf } from './int64-halves.ts';
import { isSameRange, midpointHigh, midpointLow } from './tokens.ts';
import { positionOfOrdinal, type TreeShape } from './tree-shape.ts';

/** A range that differs: its tokens (left, right], and its partitions as positions of the shape. */
export interface DifferingRange {
  readonly left: bigint;
  readonly right: bigint;
  readonly fromPosition: number;
  /** Exclusive. */
  readonly toPosition: number;
}

export interface FastDifference {
  /** In the order of cassandra.a26. */
  readonly ranges: DifferingRange[];
  /** How many ranges were looked up in both trees. */
  readonly visited: number;
}

export class FastTree {
  readonly shape: TreeShape;
  /** Two lanes for each node number; node n at 2n. */
  readonly lanes: Int32Array;
  /** Leaf place of the partition added last: partitions come in ring order. */
  #place = 0;

  constructor(shape: TreeShape) {
    this.shape = shape;
    this.lanes = new Int32Array(4 * 2 ** shape.depth);
  }

  /** Adds a partition's hash to its leaf. Fast if partitions are added in ring order, right in any order. */
  addPartition(ordinal: number, first: number, second: number): void {
    const { shape } = this;
    const position = positionOfOrdinal(shape, ordinal);
    assert(position >= 0, 'a partition outside the range of its tree');
    const place = this.#placeOf(position);
    const at = 2 * (2 ** shape.depth + place);
    this.lanes[at] ^= first;
    this.lanes[at + 1] ^= second;
  }

  /** Adds partitions from an ordinal on, all in the range; two lanes each, as `hashPartitions` gives them. */
  addPartitions(fromOrdinal: number, hashes: Int32Array): void {
    const { firstOrdinal, layout } = this.shape;
    const count = hashes.length >> 1;
    // Ordinals before the first one of the range are in its part beyond the end of the ring.
    const cut = Math.min(count, Math.max(0, firstOrdinal - fromOrdinal));
    this.#addRow(fromOrdinal + layout.partitions - firstOrdinal, hashes.subarray(0, 2 * cut));
    this.#addRow(fromOrdinal + cut - firstOrdinal, hashes.subarray(2 * cut));
  }

  /** Fills the inner nodes from the leaves, once all partitions are in (cassandra.a23). */
  fillInner(): void {
    const { lanes } = this;
    for (let node = 2 ** this.shape.depth - 1; node > 0; node -= 1) {
      lanes[2 * node] = lanes[4 * node] ^ lanes[4 * node + 2];
      lanes[2 * node + 1] = lanes[4 * node + 1] ^ lanes[4 * node + 3];
    }
  }

  /** Leaves with a hash that is not zero. */
  filledLeafCount(): number {
    const { lanes } = this;
    let count = 0;
    for (let at = 2 * 2 ** this.shape.depth; at < lanes.length; at += 2) {
      if ((lanes[at] | lanes[at + 1]) !== 0) count += 1;
    }
    return count;
  }

  isLeaf(node: number, level: number): boolean {
    return level >= this.shape.depth || (this.shape.unsplittable !== null && this.shape.unsplittable[node] === 1);
  }

  /** Partitions of consecutive positions. */
  #addRow(fromPosition: number, hashes: Int32Array): void {
    if (hashes.length === 0) return;
    const { shape, lanes } = this;
    const { starts, partitionCount } = shape;
    assert(fromPosition >= 0 && fromPosition + hashes.length / 2 <= partitionCount, 'partitions outside their tree');
    let place = this.#placeOf(fromPosition);
    let position = fromPosition;
    for (let index = 0; index < hashes.length; index += 2) {
      while (position >= starts[place + 1]) place += 1;
      const at = 2 * ((1 << shape.depth) + place);
      lanes[at] ^= hashes[index];
      lanes[at + 1] ^= hashes[index + 1];
      position += 1;
    }
    this.#place = place;
  }

  #placeOf(position: number): number {
    const { starts } = this.shape;
    if (position < starts[this.#place]) this.#place = 0;
    if (position >= starts[Math.min(starts.length - 1, this.#place + 64)])
      this.#place = lastPlaceFrom(starts, position);
    while (position >= starts[this.#place + 1]) this.#place += 1;
    return this.#place;
  }
}

/**
 * What differs between two filled trees of one range, whatever their depths. `visits`, if given, receives the number of
 * every node looked up, in order.
 */
export function differingFast(a: FastTree, b: FastTree, visits?: number[]): FastDifference {
  assert(isSameRange(a.shape.range, b.shape.range), 'trees of different ranges cannot be compared');
  return new Comparison(a, b, visits ?? null).compare();
}

/** The last leaf place that starts at or before a position. */
function lastPlaceFrom(starts: Int32Array, position: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (starts[middle] <= position) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

class Comparison {
  readonly #a: FastTree;
  readonly #b: FastTree;
  readonly #visits: number[] | null;
  readonly #ranges: DifferingRange[] = [];
  #visited = 0;

  constructor(a: FastTree, b: FastTree, visits: number[] | null) {
    this.#a = a;
    this.#b = b;
    this.#visits = visits;
  }

  compare(): FastDifference {
    const { left, right } = this.#a.shape.range;
    const bounds = [highHalf(left), lowHalf(left), highHalf(right), lowHalf(right)] as const;
    this.#visit(1);
    if (this.#hashesDiffer(1)) {
      const isLeaf = this.#a.isLeaf(1, 0) || this.#b.isLeaf(1, 0);
      if (isLeaf || this.#differs(1, 0, ...bounds)) this.#report(1, 0, ...bounds);
    }
    return { ranges: this.#ranges, visited: this.#visited };
  }

  /** cassandra.a25 for a node that is a leaf in at most one tree. True: all of it differs. Bounds are passed as numbers,
   * because this runs for every node above a difference. */
  #differs(
    node: number,
    level: number,
    leftHigh: number,
    leftLow: number,
    rightHigh: number,
    rightLow: number,
  ): boolean {
    const high = midpointHigh(leftHigh, leftLow, rightHigh, rightLow);
    const low = midpointLow(leftHigh, leftLow, rightHigh, rightLow);
    const isMissing = this.#a.isLeaf(node, level) || this.#b.isLeaf(node, level);
    const leftNode = 2 * node;
    const rightNode = leftNode + 1;
    let isLeftDifferent = isMissing;
    this.#visit(leftNode);
    if (!isMissing && this.#hashesDiffer(leftNode)) {
      isLeftDifferent =
        this.#a.isLeaf(leftNode, level + 1) || this.#differs(leftNode, level + 1, leftHigh, leftLow, high, low);
    }
    let isRightDifferent = isMissing;
    this.#visit(rightNode);
    if (!isMissing && this.#hashesDiffer(rightNode)) {
      isRightDifferent =
        this.#b.isLeaf(rightNode, level + 1) || this.#differs(rightNode, level + 1, high, low, rightHigh, rightLow);
    }
    if (isLeftDifferent && isRightDifferent) return true;
    if (isLeftDifferent) this.#report(leftNode, level + 1, leftHigh, leftLow, high, low);
    if (isRightDifferent) this.#report(rightNode, level + 1, high, low, rightHigh, rightLow);
    return false;
  }

  #visit(node: number): void {
    this.#visited += 1;
    if (this.#visits !== null) this.#visits.push(node);
  }

  #hashesDiffer(node: number): boolean {
    const at = 2 * node;
    const { lanes } = this.#a;
    const other = this.#b.lanes;
    return lanes[at] !== other[at] || lanes[at + 1] !== other[at + 1];
  }

  #report(node: number, level: number, leftHigh: number, leftLow: number, rightHigh: number, rightLow: number): void {
    const { depth, starts } = this.#a.shape;
    const below = depth - level;
    const firstPlace = (node << below) - (1 << depth);
    this.#ranges.push({
      left: int64(leftHigh, leftLow),
      right: int64(rightHigh, rightLow),
      fromPosition: starts[firstPlace],
      toPosition: starts[firstPlace + (1 << below)],
    });
  }
}
