/**
 * Where the leaves of a Merkle tree begin among a table's partitions: the exact recursive midpoints of `merkle.ts`
 * (cassandra.a14) on 32-bit halves, with no work below a node without partitions. A shape depends on layout, range and
 * depth only, so every replica and every repair of a run can share it.
 *
 * Positions count the range's partitions in ring order from its left end: position p is ordinal `firstOrdinal` + p,
 * beyond the last ordinal from 0 again. Nodes are numbered as in a heap: 1 is the root, 2n and 2n + 1 are n's halves.
 */
import { assert } from '../base/assert.ts';
import { ordinalAfter, upperBound, type OrdinalInterval } from './build-layout.ts';
import { highHalf, lowHalf } from './int64-halves.ts';
import type { TableLayout } from './layout.ts';
import { TokenPath } from './token-path.ts';
import { compareHalves, type TokenRange } from './tokens.ts';

/** Deepest tree there is (cassandra.a8); node numbers and leaf arrays stay small. */
export const SHAPE_DEPTH_MAX = 22;

export interface TreeShape {
  readonly layout: TableLayout;
  readonly range: TokenRange;
  readonly depth: number;
  readonly firstOrdinal: number;
  /** Partitions in the range. */
  readonly partitionCount: number;
  /** Position of the first partition of each of the 2^depth leaf places, then `partitionCount`. A node that is too small
   * to split has all its partitions in the first place below it. */
  readonly starts: Int32Array;
  /** By node number: 1 where a node with partitions is too small to split. Null where there is none. */
  readonly unsplittable: Uint8Array | null;
  /** Leaves of the real tree, empty ones included. */
  readonly leafCount: number;
}

export function buildTreeShape(layout: TableLayout, range: TokenRange, depth: number): TreeShape {
  assert(Number.isInteger(depth) && depth >= 0 && depth <= SHAPE_DEPTH_MAX, `no tree has depth ${depth}`);
  const builder = new ShapeBuilder(layout, range, depth);
  builder.split(1, 0, 0, builder.partitionCount);
  return {
    layout,
    range,
    depth,
    firstOrdinal: builder.firstOrdinal,
    partitionCount: builder.partitionCount,
    starts: builder.starts,
    unsplittable: builder.unsplittable,
    leafCount: leafCountOf(range, depth),
  };
}

/** Position of a partition; −1 if its token is not in the range. */
export function positionOfOrdinal(shape: TreeShape, ordinal: number): number {
  const { firstOrdinal, layout, partitionCount } = shape;
  const position = ordinal >= firstOrdinal ? ordinal - firstOrdinal : ordinal - firstOrdinal + layout.partitions;
  return position < partitionCount ? position : -1;
}

/** The ordinals of positions [from, to), in ring order; two intervals where they wrap, none where there are none. */
export function ordinalsOfPositions(shape: TreeShape, from: number, to: number): OrdinalInterval[] {
  const wrap = shape.layout.partitions - shape.firstOrdinal;
  const parts = [
    { from: Math.min(from, wrap) + shape.firstOrdinal, to: Math.min(to, wrap) + shape.firstOrdinal },
    { from: Math.max(from, wrap) - wrap, to: Math.max(to, wrap) - wrap },
  ];
  return parts.filter((part) => part.from < part.to);
}

/**
 * Leaves of the tree: a range of w tokens, halved evenly, has w leaves if it is too small for 2^depth. (A tiny range
 * across the end of the ring may have one less, where the partitioner's wrapping midpoint is a token off.)
 */
function leafCountOf({ left, right }: TokenRange, depth: number): number {
  const width = BigInt.asUintN(64, right - left);
  const places = 1 << depth;
  return width === 0n || width > BigInt(places) ? places : Number(width);
}

class ShapeBuilder {
  readonly firstOrdinal: number;
  readonly partitionCount: number;
  readonly starts: Int32Array;
  unsplittable: Uint8Array | null = null;
  readonly #layout: TableLayout;
  readonly #depth: number;
  readonly #path: TokenPath;
  readonly #leftHigh: number;
  readonly #leftLow: number;
  /** Position of ordinal 0, were the range to reach it. */
  readonly #wrap: number;

  constructor(layout: TableLayout, range: TokenRange, depth: number) {
    const afterRight = ordinalAfter(layout, range.right);
    this.#layout = layout;
    this.#depth = depth;
    this.#path = new TokenPath(range, depth);
    this.#leftHigh = highHalf(range.left);
    this.#leftLow = lowHalf(range.left);
    this.firstOrdinal = ordinalAfter(layout, range.left);
    this.#wrap = layout.partitions - this.firstOrdinal;
    this.partitionCount = range.left < range.right ? afterRight - this.firstOrdinal : this.#wrap + afterRight;
    this.starts = new Int32Array((1 << depth) + 1).fill(this.partitionCount);
  }

  /** Places the partitions at positions [from, to), which lie below this node. */
  split(node: number, level: number, from: number, to: number): void {
    const below = this.#depth - level;
    const firstPlace = (node << below) - (1 << this.#depth);
    this.starts[firstPlace] = from;
    if (below === 0) return;
    const path = this.#path;
    if (from === to) {
      this.starts.fill(from, firstPlace, firstPlace + (1 << below));
    } else if (!path.halve(level)) {
      this.#stopAt(node, firstPlace, firstPlace + (1 << below), to);
    } else {
      const middle = this.#positionAfter(path.middleHigh[level], path.middleLow[level], from, to);
      path.goLeft(level);
      this.split(2 * node, level + 1, from, middle);
      path.goRight(level);
      this.split(2 * node + 1, level + 1, middle, to);
    }
  }

  #stopAt(node: number, firstPlace: number, endPlace: number, to: number): void {
    this.starts.fill(to, firstPlace + 1, endPlace);
    this.unsplittable ??= new Uint8Array(1 << this.#depth);
    this.unsplittable[node] = 1;
  }

  /** First position in [from, to) with a token after (high, low) on the way from the range's left end. */
  #positionAfter(high: number, low: number, from: number, to: number): number {
    const wrap = this.#wrap;
    if (compareHalves(high, low, this.#leftHigh, this.#leftLow) > 0) {
      const end = Math.min(to, wrap);
      return from >= end
        ? from
        : upperBound(this.#layout, high, low, from + this.firstOrdinal, end + this.firstOrdinal) - this.firstOrdinal;
    }
    // Beyond the end of the ring: whatever lies before that is before the token.
    const start = Math.max(from, wrap);
    return start >= to ? to : upperBound(this.#layout, high, low, start - wrap, to - wrap) + wrap;
  }
}
