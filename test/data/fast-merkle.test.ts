import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalizeIntervals, ordinalsInRange, tokenOfOrdinal } from '../../src/data/build-layout.ts';
import { FastTree, differingFast } from '../../src/data/fast-merkle.ts';
import { buildMerkleTree, compareTrees, type MerkleTree } from '../../src/data/merkle.ts';
import { MAX_TOKEN, MIN_TOKEN, rangeContains, tokenMidpoint, type TokenRange } from '../../src/data/tokens.ts';
import { buildTreeShape, ordinalsOfPositions, positionOfOrdinal } from '../../src/data/tree-shape.ts';
import type { TableLayout } from '../../src/data/layout.ts';
import { layoutOfTokens, smallLayout } from './support.ts';

/** Tokens crowd at the ends of the ring and around 0, where ranges are tiny and midpoints odd. */
const nearby = fc.bigInt({ min: 0n, max: 40n });
const token = fc.oneof(
  nearby.map((distance) => MIN_TOKEN + distance),
  nearby.map((distance) => MAX_TOKEN - distance),
  nearby.map((distance) => distance - 20n),
  fc.bigInt({ min: MIN_TOKEN, max: MAX_TOKEN }),
);
/** A third of the ranges are tiny, so that leaves stop early. */
const tiny = fc.tuple(token, fc.bigInt({ min: 0n, max: 30n }));
const range = fc.oneof(
  { weight: 2, arbitrary: fc.record({ left: token, right: token }) },
  { weight: 1, arbitrary: tiny.map(([left, width]) => ({ left, right: BigInt.asIntN(64, left + width) })) },
);
const hash = fc.tuple(fc.integer({ min: -4, max: 4 }), fc.integer({ min: -4, max: 4 }));

interface Replica {
  depth: number;
  hashes: (readonly [number, number])[];
}

const world = fc.uniqueArray(token, { minLength: 1, maxLength: 60 }).chain((tokens) => {
  const hashes = fc.array(fc.oneof(fc.constant([0, 0] as const), hash), {
    minLength: tokens.length,
    maxLength: tokens.length,
  });
  return fc.record({
    layout: fc.constant(layoutOfTokens(tokens)),
    range,
    a: fc.record({ depth: fc.nat(9), hashes }),
    b: fc.record({ depth: fc.nat(9), hashes }),
    // Replicas that mostly agree make deeper walks than random ones.
    changed: fc.oneof(fc.constant(tokens.length), fc.nat(4)),
  });
});

function inside(layout: TableLayout, range: TokenRange): number[] {
  return Array.from({ length: layout.partitions }, (_unused, ordinal) => ordinal).filter((ordinal) =>
    rangeContains(range, tokenOfOrdinal(layout, ordinal)),
  );
}

function plainTree(layout: TableLayout, range: TokenRange, { depth, hashes }: Replica): MerkleTree {
  const partitions = inside(layout, range).map((ordinal) => ({
    token: tokenOfOrdinal(layout, ordinal),
    hash: new Uint8Array(Int32Array.from(hashes[ordinal]).buffer),
  }));
  return buildMerkleTree({ range, depth, partitions });
}

/** Filled partition by partition from the last, or in bulk from the first. */
function fastTree(layout: TableLayout, range: TokenRange, { depth, hashes }: Replica, isBackwards: boolean): FastTree {
  const tree = new FastTree(buildTreeShape(layout, range, depth));
  if (isBackwards) {
    for (const ordinal of inside(layout, range).reverse())
      tree.addPartition(ordinal, hashes[ordinal][0], hashes[ordinal][1]);
  } else {
    const lanes = Int32Array.from(hashes.flat());
    for (const { from, to } of normalizeIntervals(ordinalsInRange(layout, range))) {
      tree.addPartitions(from, lanes.subarray(2 * from, 2 * to));
    }
  }
  tree.fillInner();
  return tree;
}

describe('TreeShape', () => {
  it('has the leaves of the recursive midpoint', () => {
    fc.assert(
      fc.property(world, ({ layout, range, a: { depth } }) => {
        const shape = buildTreeShape(layout, range, depth);
        const isAfterLeft = (ordinal: number): number => (tokenOfOrdinal(layout, ordinal) > range.left ? 0 : 1);
        const inRingOrder = inside(layout, range).sort((a, b) => isAfterLeft(a) - isAfterLeft(b) || a - b);
        expect(inRingOrder.map((ordinal) => positionOfOrdinal(shape, ordinal))).toEqual(
          inRingOrder.map((_ordinal, index) => index),
        );
        expect(shape.partitionCount).toBe(inRingOrder.length);
        const walk = (left: bigint, right: bigint, level: number, place: number): void => {
          const middle = tokenMidpoint(left, right);
          const end = place + 2 ** (depth - level);
          const expected = inRingOrder.filter((ordinal) =>
            rangeContains({ left, right }, tokenOfOrdinal(layout, ordinal)),
          );
          const found = ordinalsOfPositions(shape, shape.starts[place], shape.starts[end]);
          expect(
            found.flatMap(({ from, to }) => Array.from({ length: to - from }, (_unused, index) => from + index)),
          ).toEqual(expected);
          if (level === depth || middle === left) return;
          walk(left, middle, level + 1, place);
          walk(middle, right, level + 1, (place + end) / 2);
        };
        if (depth <= 6) walk(range.left, range.right, 0, 0);
      }),
      { numRuns: 200 },
    );
  });

  it('refuses absurd depths', () => {
    const layout = smallLayout();
    for (const depth of [-1, 1.5, 23])
      expect(() => buildTreeShape(layout, { left: 0n, right: 0n }, depth)).toThrow('depth');
  });
});

describe('FastTree and differingFast', () => {
  it('find the same ranges in the same order by the same walk as the plain trees', () => {
    let leavesStopped = 0;
    let partial = 0;
    fc.assert(
      fc.property(world, fc.boolean(), ({ layout, range, a, b, changed }, isBackwards) => {
        const mostlyA = {
          depth: b.depth,
          hashes: a.hashes.map((value, ordinal) =>
            (ordinal * 7) % layout.partitions < changed ? b.hashes[ordinal] : value,
          ),
        };
        const plainA = plainTree(layout, range, a);
        const plainB = plainTree(layout, range, mostlyA);
        const plain = compareTrees(plainA, plainB);
        const fastA = fastTree(layout, range, a, isBackwards);
        const fast = differingFast(fastA, fastTree(layout, range, mostlyA, isBackwards));
        expect(fast.ranges.map(({ left, right }) => ({ left, right }))).toEqual(plain.ranges);
        expect(fast.visited).toBe(plain.visited.length);
        expect(fastA.filledLeafCount()).toBe(plainA.filledLeafCount);
        if (range.left < range.right) expect(fastA.shape.leafCount).toBe(plainA.leafCount);
        for (const each of fast.ranges) {
          const ordinals = ordinalsOfPositions(fastA.shape, each.fromPosition, each.toPosition);
          const found = ordinals.flatMap(({ from, to }) =>
            Array.from({ length: to - from }, (_unused, index) => from + index),
          );
          expect(found.sort((x, y) => x - y)).toEqual(inside(layout, each));
        }
        if (fastA.shape.unsplittable !== null) leavesStopped += 1;
        if (fast.ranges.length > 1) partial += 1;
      }),
      { numRuns: 500 },
    );
    // Marks: the odd cases were met.
    expect(leavesStopped).toBeGreaterThan(0);
    expect(partial).toBeGreaterThan(0);
  });

  it('names the nodes it looks up, from the top, left before right (C08)', () => {
    const layout = layoutOfTokens(Array.from({ length: 16 }, (_unused, index) => BigInt(index + 1)));
    const trees = [0, 1].map((value) => {
      const tree = new FastTree(buildTreeShape(layout, { left: 0n, right: 16n }, 3));
      const hashes = new Int32Array(32);
      // Tokens 3 and 15.
      for (const ordinal of [2, 14]) hashes[2 * ordinal] = value * (ordinal + 1);
      tree.addPartitions(0, hashes);
      tree.fillInner();
      return tree;
    });
    const visits: number[] = [];
    differingFast(trees[0], trees[1], visits);
    expect(visits).toEqual([1, 2, 4, 8, 9, 5, 3, 6, 7, 14, 15]);
  });

  it('works on hashed keys over the whole ring, deep trees included', () => {
    const layout = smallLayout({ partitions: 20_000 });
    const range = { left: MIN_TOKEN, right: MIN_TOKEN };
    const changed = [17, 4000, 4001, 19_999];
    const hashes = new Int32Array(2 * layout.partitions).map((_zero, index) => Math.imul(index + 1, 0x9e3779b1));
    const other = hashes.slice();
    for (const ordinal of changed) other[2 * ordinal] ^= ordinal;
    const fast = [hashes, other].map((lanes, index) => {
      const tree = new FastTree(buildTreeShape(layout, range, index === 0 ? 15 : 18));
      tree.addPartitions(0, lanes);
      tree.fillInner();
      return tree;
    });
    const { ranges } = differingFast(fast[0], fast[1]);
    expect(ranges.length).toBeLessThanOrEqual(changed.length);
    for (const ordinal of changed)
      expect(ranges.some((each) => rangeContains(each, tokenOfOrdinal(layout, ordinal)))).toBe(true);
    for (const { left, right } of ranges) expect(BigInt.asUintN(64, right - left) >> 48n).toBeLessThanOrEqual(2n ** 4n);
  });
});
