/** Trees over hashed segments: the bytes of a comparison against what the sizes of Riak's and tictac trees come to by hand. */
import { describe, expect, it } from 'vitest';
import { mix32 } from '../../src/base/mix.ts';
import {
  cellsOfTree,
  compareLevel,
  intersection,
  keysInSegments,
  levelBytes,
  segmentKeys,
} from '../../src/data/cell-tree.ts';
import type { SegmentedKeys, TreeForm } from '../../src/data/cell-tree.ts';

const RIAK: TreeForm = { levels: [1, 1024, 1024 * 1024], hashBytes: 20, combines: 'hash', leavesOutEmpty: true };
const TICTAC: TreeForm = { levels: [1024, 1024 * 1024], hashBytes: 4, combines: 'xor', leavesOutEmpty: false };

/** One key in each segment. */
function full(segments: number): SegmentedKeys {
  const all = Int32Array.from({ length: segments }, (_, index) => index);
  return { ordinals: all, segments: all };
}

function hashesOf(count: number): Int32Array {
  return Int32Array.from({ length: 2 * count }, (_, index) => mix32(index + 1));
}

function exchange(form: TreeForm, keys: SegmentedKeys, ours: Int32Array, theirs: Int32Array) {
  const left = cellsOfTree(form, keys, ours);
  const right = cellsOfTree(form, keys, theirs);
  let parents: Int32Array | null = null;
  let bytes = 0;
  const visited: number[] = [];
  for (let level = 0; level < form.levels.length; level += 1) {
    const ratio = level === 0 ? 1 : form.levels[level] / form.levels[level - 1];
    const { differing, answered } = compareLevel(left[level], right[level], { parents, ratio });
    bytes += levelBytes(form, level, { parents: parents?.length ?? 1, answered });
    visited.push(differing.length);
    parents = differing;
    if (differing.length === 0) break;
  }
  return { bytes, visited, segments: parents ?? new Int32Array(0) };
}

function changed(hashes: Int32Array, keys: readonly number[]): Int32Array {
  const other = hashes.slice();
  for (const key of keys) other[2 * key] ^= 0x5bd1e995;
  return other;
}

describe('the bytes of a comparison', () => {
  const keys = full(1024 * 1024);
  const hashes = hashesOf(1024 * 1024);
  const spread = (count: number): number[] => Array.from({ length: count }, (_, index) => index * 104_729 + 5);

  it('Riak, in sync: one hash', () => {
    expect(exchange(RIAK, keys, hashes, hashes).bytes).toBe(20);
  });
  it('Riak, one key: 1 + 1024 + 1024 hashes of 20 bytes, 41 kB', () => {
    expect(exchange(RIAK, keys, hashes, changed(hashes, [77])).bytes).toBe(2049 * 20);
  });
  it('Riak, ten keys in ten branches: 1 + 1024 + 10 × 1024 hashes, 225 kB (224 kB on average, where some share a branch)', () => {
    const { bytes, visited } = exchange(RIAK, keys, hashes, changed(hashes, spread(10)));
    expect(visited).toEqual([1, 10, 10]);
    expect(bytes).toBe((1 + 11 * 1024) * 20);
    // By hand: 1024 × (1 − (1 − 1/1024)^10) branches on average.
    expect(Math.round((20 * (1 + 1024 + 1024 * 9.956)) / 1000)).toBe(224);
  });
  it('tictac: a root of 4 KiB and 4 KiB for each branch, 8 kB and 45 kB', () => {
    expect(exchange(TICTAC, keys, hashes, hashes).bytes).toBe(4096);
    expect(exchange(TICTAC, keys, hashes, changed(hashes, [77])).bytes).toBe(8192);
    expect(exchange(TICTAC, keys, hashes, changed(hashes, spread(10))).bytes).toBe(11 * 4096);
  });
});

describe('a tree of few keys', () => {
  const keyOf = Int32Array.from({ length: 300 }, (_, index) => index);
  const form: TreeForm = { levels: [1, 4, 16, 64], hashBytes: 16, combines: 'hash', leavesOutEmpty: false };
  const keys = segmentKeys([...keyOf], keyOf, 64);
  const hashes = hashesOf(300);

  it('finds exactly the segments of the keys that differ, and those keys in them', () => {
    const odd = [3, 140, 299];
    const { segments } = exchange(form, keys, hashes, changed(hashes, odd));
    expect([...segments]).toEqual([...new Set(odd.map((key) => keys.segments[key]))].sort((a, b) => a - b));
    expect(keysInSegments(keys, segments)).toEqual(expect.arrayContaining(odd));
  });
  it('a key that one side lacks makes its segment differ', () => {
    const other = hashes.slice();
    other.fill(0, 2 * 9, 2 * 9 + 2);
    expect([...exchange(form, keys, hashes, other).segments]).toEqual([keys.segments[9]]);
  });
  it('puts each key into the segment that its hash says, in order', () => {
    expect([...keys.segments]).toEqual([...keys.segments].sort((a, b) => a - b));
    expect(new Set(keys.ordinals).size).toBe(300);
  });
  it('two equal changes under one XOR cancel, under a hash they do not', () => {
    const xor: TreeForm = { ...form, combines: 'xor' };
    const [one, two] = [10, 11].map((index) => 2 * index);
    const same = Int32Array.from(keys.segments, () => 0);
    const together = { ordinals: keys.ordinals, segments: same };
    const other = hashes.slice();
    other[one] ^= 1;
    other[two] ^= 1;
    expect(exchange(xor, together, hashes, other).segments).toHaveLength(0);
    expect(exchange(form, together, hashes, other).segments).toHaveLength(1);
  });
  it('what both lists have', () => {
    expect([...intersection(Int32Array.of(1, 4, 9), Int32Array.of(2, 4, 9, 11))]).toEqual([4, 9]);
  });
});
