import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildMerkleTree,
  compareTrees,
  differingRanges,
  type MerklePartition,
  type MerkleTree,
} from '../../src/data/merkle.ts';
import {
  MAX_TOKEN,
  MIN_TOKEN,
  isFullyInside,
  rangeContains,
  rangesIntersect,
  tokenMidpoint,
  type TokenRange,
} from '../../src/data/tokens.ts';

const RING: TokenRange = { left: MIN_TOKEN, right: MIN_TOKEN };
const range = (left: bigint, right: bigint): TokenRange => ({ left, right });
/** A hash with one byte set, another one for each of 32 successive tokens: XORs of different sets differ. */
const at = (token: bigint): MerklePartition => {
  const hash = new Uint8Array(32);
  hash[Number(BigInt.asUintN(5, token))] = 1;
  return { token, hash };
};
const tree = (of: TokenRange, depth: number, ...partitions: MerklePartition[]): MerkleTree =>
  buildMerkleTree({ range: of, depth, partitions });
const tokens = (...values: number[]): MerklePartition[] => values.map((value) => at(BigInt(value)));

/** The leaves' ranges, by the rule itself. */
function leaves(of: TokenRange, depth: number): TokenRange[] {
  const middle = tokenMidpoint(of.left, of.right);
  if (depth === 0 || middle === of.left || middle === of.right) return [of];
  return [...leaves(range(of.left, middle), depth - 1), ...leaves(range(middle, of.right), depth - 1)];
}

describe('buildMerkleTree', () => {
  it('splits the whole ring at -1 (cassandra.a4, a14)', () => {
    expect(tree(RING, 3).root.children?.middle).toBe(-1n);
    expect(tree(RING, 3).leafCount).toBe(8);
  });

  it('stops where a range has no sane midpoint', () => {
    expect(tree(range(0n, 1n), 5).leafCount).toBe(1);
    expect(tree(range(0n, 5n), 5).leafCount).toBe(5);
    expect(tree(range(MAX_TOKEN, MIN_TOKEN), 5).leafCount).toBe(1);
  });

  it('has XOR for leaves and inner nodes, so partitions of equal hash cancel out', () => {
    const hash = Uint8Array.of(7);
    const { root, filledLeafCount } = tree(
      range(0n, 4n),
      1,
      { token: 1n, hash },
      { token: 2n, hash },
      { token: 3n, hash },
    );
    expect([root.children?.left.hash[0], root.children?.right.hash[0], root.hash[0], filledLeafCount]).toEqual([
      0, 7, 7, 1,
    ]);
    expect(root.hash.length).toBe(32);
  });

  it('refuses tokens outside the range, long hashes and absurd depths', () => {
    expect(() => tree(range(0n, 5n), 2, at(0n))).toThrow(RangeError);
    expect(() => tree(range(0n, 5n), 2, { token: 1n, hash: new Uint8Array(33) })).toThrow(RangeError);
    expect(() => tree(range(0n, 5n), 1.5)).toThrow(RangeError);
    expect(() => tree(range(0n, 5n), -1)).toThrow(RangeError);
  });
});

describe('differingRanges (cassandra.a24–a28)', () => {
  const whole = range(0n, 16n);
  const differing = (depth: number, ...changed: number[]): TokenRange[] =>
    differingRanges(tree(whole, depth), tree(whole, depth, ...tokens(...changed)));

  it('finds nothing between equal trees', () => {
    expect(differing(4)).toEqual([]);
  });

  it('needs the same range', () => {
    expect(() => differingRanges(tree(range(0n, 4n), 1), tree(range(0n, 5n), 1))).toThrow(RangeError);
  });

  it('returns one leaf for one changed partition', () => {
    expect(differing(4, 6)).toEqual([range(5n, 6n)]);
    expect(differing(2, 6)).toEqual([range(4n, 8n)]);
  });

  it('collapses siblings into their parent, but not neighbours of different parents', () => {
    expect(differing(4, 5, 6)).toEqual([range(4n, 6n)]);
    expect(differing(4, 6, 7)).toEqual([range(5n, 6n), range(6n, 7n)]);
    expect(differing(2, 1, 5, 9, 13)).toEqual([whole]);
  });

  it('lists a half after the ranges within the other half', () => {
    // The left quarter differs entirely, but is appended only after the walk through the right part of its half.
    expect(differing(4, 1, 2, 3, 4, 6)).toEqual([range(5n, 6n), range(0n, 4n)]);
    expect(differing(4, 3, 5, 6, 7, 8, 16)).toEqual([range(2n, 3n), range(4n, 8n), range(15n, 16n)]);
  });

  it('works to the precision of the shallower tree, either way round', () => {
    const shallow = tree(whole, 2, at(6n));
    const deep = tree(whole, 3);
    expect(differingRanges(shallow, deep)).toEqual([range(4n, 8n)]);
    expect(differingRanges(deep, shallow)).toEqual([range(4n, 8n)]);
    expect(differingRanges(tree(whole, 2, ...tokens(6, 12)), tree(whole, 4, ...tokens(6, 12)))).toEqual([]);
  });

  it('gives the whole range against a replica without data, which has one leaf', () => {
    expect(differingRanges(tree(whole, 0), tree(whole, 4, at(6n)))).toEqual([whole]);
  });

  it('never misses a leaf that is too small to split', () => {
    const tiny = range(MAX_TOKEN - 1n, MIN_TOKEN);
    expect(differingRanges(tree(tiny, 6), tree(tiny, 6, at(MAX_TOKEN)))).toEqual([tiny]);
    expect(differingRanges(tree(range(0n, 3n), 20), tree(range(0n, 3n), 20, at(2n)))).toEqual([range(1n, 2n)]);
  });

  it('visits from the top, left half before right, and only below nodes that differ (C08)', () => {
    const { visited } = compareTrees(tree(whole, 3), tree(whole, 3, ...tokens(3, 15)));
    expect(visited).toEqual([
      whole,
      range(0n, 8n),
      range(0n, 4n),
      range(0n, 2n),
      range(2n, 4n),
      range(4n, 8n),
      range(8n, 16n),
      range(8n, 12n),
      range(12n, 16n),
      range(12n, 14n),
      range(14n, 16n),
    ]);
  });

  const token = fc.oneof(
    fc.constantFrom(MIN_TOKEN, MAX_TOKEN, 0n),
    fc.bigInt({ min: -40n, max: 40n }),
    fc.bigInt({ min: MIN_TOKEN, max: MAX_TOKEN }),
  );
  it('covers exactly the differing leaves of the shallower tree, with maximal aligned ranges', () => {
    fc.assert(
      fc.property(
        token,
        token,
        fc.nat(6),
        fc.nat(6),
        fc.uniqueArray(token),
        fc.uniqueArray(token),
        (left, right, depthA, depthB, common, onlyB) => {
          const of = range(left, right);
          const inside = (values: bigint[]): bigint[] => values.filter((value) => rangeContains(of, value));
          // Hashes of one bit a token: no two sets of tokens have the same XOR.
          const all = [...new Set(inside([...common, ...onlyB]))];
          const partition = (value: bigint): MerklePartition => {
            const hash = new Uint8Array(32);
            hash[all.indexOf(value) >> 3] = 1 << (all.indexOf(value) & 7);
            return { token: value, hash };
          };
          const a = tree(of, depthA, ...inside(common).map(partition));
          const b = tree(of, depthB, ...all.map(partition));
          const found = differingRanges(a, b);
          expect(differingRanges(b, a)).toEqual(found);
          const changed = all.filter((value) => !common.includes(value));
          for (const leaf of leaves(of, Math.min(depthA, depthB))) {
            const isChanged = changed.some((value) => rangeContains(leaf, value));
            expect(found.some((each) => isFullyInside(leaf, each))).toBe(isChanged);
            expect(found.filter((each) => rangesIntersect(leaf, each)).length).toBe(isChanged ? 1 : 0);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
