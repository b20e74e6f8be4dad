/**
 * The engine's Merkle trees: two 32-bit lanes a node instead of 32 bytes, nodes in one typed array, leaves given by a
 * `TreeShape`. Same trees and same list of differences, in the same order, as the plain form in `merkle.ts`, which is
 * the reference for what the rules are (cassandra.a16, a22–a28).
 */
import { assert } from '../base/assert.ts';
import { TokenPath } from './token-path.ts';
import { isSameRange } from './tokens.ts';
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
    this.lanes = new Int32Array(4 << shape.depth);
  }

  /** Adds a partition's hash to its leaf. Fast if partitions are added in ring order, right in any order. */
  addPartition(ordinal: number, first: number, second: number): void {
    const { shape } = this;
    const position = positionOfOrdinal(shape, ordinal);
    assert(position >= 0, 'a partition outside the range of its tree');
    const place = this.#placeOf(position);
    const at = 2 * ((1 << shape.depth) + place);
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
    for (let node = (1 << this.shape.depth) - 1; node > 0; node -= 1) {
      lanes[2 * node] = lanes[4 * node] ^ lanes[4 * node + 2];
      lanes[2 * node + 1] = lanes[4 * node + 1] ^ lanes[4 * node + 3];
    }
  }

  /** Leaves with a hash that is not zero. */
  filledLeafCount(): number {
    const { lanes } = this;
    let count = 0;
    for (let at = 2 << this.shape.depth; at < lanes.length; at += 2) {
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
  readonly #path: TokenPath;
  #visited = 0;

  constructor(a: FastTree, b: FastTree, visits: number[] | null) {
    this.#path = new TokenPath(a.shape.range, Math.max(a.shape.depth, b.shape.depth));
    this.#a = a;
    this.#b = b;
    this.#visits = visits;
  }

  compare(): FastDifference {
    this.#visit(1);
    if (this.#hashesDiffer(1)) {
      const isLeaf = this.#a.isLeaf(1, 0) || this.#b.isLeaf(1, 0);
      if (isLeaf || this.#differs(1, 0)) this.#report(1, 0);
    }
    return { ranges: this.#ranges, visited: this.#visited };
  }

  /** cassandra.a25 for a node whose hashes differ and that is a leaf in at most one tree. True: all of it differs. */
  #differs(node: number, level: number): boolean {
    const path = this.#path;
    const isMissing = this.#a.isLeaf(node, level) || this.#b.isLeaf(node, level);
    path.halve(level);
    path.goLeft(level);
    // Which tree is asked whether it has a leaf here is Cassandra's: the first one on the left, the second on the right.
    const isLeftDifferent = this.#halfDiffers(2 * node, level + 1, this.#a, isMissing);
    path.goRight(level);
    const isRightDifferent = this.#halfDiffers(2 * node + 1, level + 1, this.#b, isMissing);
    if (isLeftDifferent && isRightDifferent) return true;
    if (isRightDifferent) this.#report(2 * node + 1, level + 1);
    if (isLeftDifferent) {
      path.goLeft(level);
      this.#report(2 * node, level + 1);
    }
    return false;
  }

  #halfDiffers(half: number, level: number, asked: FastTree, isMissing: boolean): boolean {
    this.#visit(half);
    if (isMissing) return true;
    if (!this.#hashesDiffer(half)) return false;
    return asked.isLeaf(half, level) || this.#differs(half, level);
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

  /** The path stands at this node's range. */
  #report(node: number, level: number): void {
    const { depth, starts } = this.#a.shape;
    const below = depth - level;
    const firstPlace = (node << below) - (1 << depth);
    const { left, right } = this.#path.rangeAt(level);
    const toPosition = starts[firstPlace + (1 << below)];
    this.#ranges.push({ left, right, fromPosition: starts[firstPlace], toPosition });
  }
}
