import { describe, expect, it } from 'vitest';
import {
  defaultSessionSpaceBytes,
  estimatedMaxDepthForBytes,
  treeBytesOffHeap,
  treeBytesOnHeap,
  treeBytesOnWire,
  treeDepth,
} from '../../src/data/tree-depth.ts';

const MIB = 1048576;
const GIB = 1024 * MIB;
const depth = (partitions: number, more: Partial<Parameters<typeof treeDepth>[0]> = {}): number =>
  treeDepth({
    partitions,
    partitionsOfRequest: partitions,
    sessionSpaceBytes: 512 * MIB,
    replicationFactor: 3,
    overflows: true,
    ...more,
  });

describe('estimatedMaxDepthForBytes (cassandra.a9)', () => {
  it.each([
    [MIB / 3, 10],
    [MIB, 12],
    [100 * MIB, 19],
    [300 * MIB, 20],
    [1, 1],
  ])('%d bytes: depth %d', (bytes, expected) => {
    expect(estimatedMaxDepthForBytes(bytes)).toBe(expected);
  });
});

describe('treeDepth (cassandra.a8, a10, a11)', () => {
  it('is 0 without partitions, else the ceiling of log2', () => {
    expect([0, 1, 2, 3, 4, 5, 1000, 1024, 1025].map((n) => depth(n))).toEqual([0, 0, 1, 2, 2, 3, 10, 10, 11]);
  });

  it('is capped by the space for one replica: 19 at a heap of 8 GiB and RF 3, 15 with 16 equal ranges', () => {
    const sessionSpaceBytes = defaultSessionSpaceBytes(8 * GIB);
    expect(sessionSpaceBytes).toBe(512 * MIB);
    expect(depth(1e9, { sessionSpaceBytes })).toBe(19);
    expect(depth(1e8, { sessionSpaceBytes, partitionsOfRequest: 16e8 })).toBe(15);
  });

  it('is capped by repair_session_max_tree_depth, and by 20 where that is unset', () => {
    expect(depth(1e9, { maxTreeDepth: 12 })).toBe(12);
    expect(depth(1e9, { sessionSpaceBytes: 2047 * MIB, maxTreeDepth: null })).toBe(20);
  });

  it('falls to 1 where the session space overflows an int, unless the emulation is off', () => {
    for (const sessionSpaceBytes of [2048 * MIB, 3000 * MIB, 4096 * MIB]) {
      expect(depth(1e9, { sessionSpaceBytes })).toBe(1);
      expect(depth(1e9, { sessionSpaceBytes, overflows: false })).toBe(20);
    }
    expect(defaultSessionSpaceBytes(32 * GIB)).toBe(2048 * MIB);
  });
});

describe('sizes of a tree (cassandra.a13)', () => {
  it('follows the formulas', () => {
    expect([treeBytesOnWire(1, 0), treeBytesOnWire(1, 1), treeBytesOnWire(2, 1)]).toEqual([2, 34, 49]);
    expect([treeBytesOnHeap(1), treeBytesOnHeap(1024)]).toEqual([80, 204680]);
    expect(treeBytesOffHeap(1024)).toBe(84000);
  });
});
