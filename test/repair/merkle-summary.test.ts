import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Rules } from '../../src/base/rules.ts';
import { tokenOfOrdinal } from '../../src/data/build-layout.ts';
import { timestampOrder } from '../../src/data/merge-order.ts';
import { hashPartitions, mergedView } from '../../src/data/merged-view.ts';
import { buildMerkleTree, differingRanges } from '../../src/data/merkle.ts';
import type { MerkleTree } from '../../src/data/merkle.ts';
import { rangeContains } from '../../src/data/tokens.ts';
import type { TokenRange } from '../../src/data/tokens.ts';
import { merkleTrees, treeDepths } from '../../src/repair/merkle-summary.ts';
import type { MerkleSummary } from '../../src/repair/merkle-summary.ts';
import { runsInRanges } from '../../src/repair/run-choice.ts';
import type { SummaryInput } from '../../src/repair/strategy.ts';
import { FakeHost } from '../support/fake-host.ts';

function inputOf(host: FakeHost, node: number, ranges: readonly TokenRange[], off: string[] = []): SummaryInput {
  host.flushAll();
  return {
    layout: host.tables[0],
    versions: host.versions,
    rules: new Rules(off),
    node,
    ranges,
    runs: runsInRanges(host.tables[0], node, { runs: host.liveRuns(node, 0), ranges }),
    nowMicros: host.kernel.now,
    tree: host.behaviour.tree,
    setting: (name) => host.setting(node, name),
  };
}

/** The public reference tree of the same content: plain, over BigInt. */
function referenceTree(input: SummaryInput, range: TokenRange, depth: number): MerkleTree {
  const { layout, versions, runs, node, nowMicros } = input;
  const order = timestampOrder(versions);
  const purge = { versions, atMicros: nowMicros };
  const view = mergedView({ layout, order, runs, node, fromOrdinal: 0, toOrdinal: layout.partitions, purge });
  const hashes = new Int32Array(2 * layout.partitions);
  hashPartitions(view, hashes);
  const partitions = Array.from({ length: layout.partitions }, (_value, ordinal) => ({
    token: tokenOfOrdinal(layout, ordinal),
    hash: new Uint8Array(hashes.slice(2 * ordinal, 2 * ordinal + 2).buffer),
  }));
  return buildMerkleTree({ range, depth, partitions: partitions.filter(({ token }) => rangeContains(range, token)) });
}

const cases = fc.record({
  partitions: fc.integer({ min: 1, max: 600 }),
  writes: fc.array(fc.record({ partition: fc.nat(), copies: fc.integer({ min: 1, max: 3 }), flush: fc.boolean() }), {
    maxLength: 60,
  }),
  spaceBytes: fc.constantFrom(null, 1000, 8000, 1_048_576),
});

test('depths, sizes and differing ranges are those of the reference trees, whatever the two depths', () => {
  fc.assert(
    fc.property(cases, ({ partitions, writes, spaceBytes }) => {
      const settings = { repair_session_space: spaceBytes };
      const host = new FakeHost({
        nodes: 2,
        replicas: 2,
        partitions: [partitions],
        loaded: 'equal',
        tokensPerNode: 2,
        settings,
      });
      for (const { partition, copies, flush } of writes) {
        host.write(
          0,
          partition % partitions,
          [0, 1].filter((node) => ((copies >> node) & 1) === 1),
        );
        if (flush) host.flushAll();
      }
      const { ranges } = host.tables[0];
      const inputs = [inputOf(host, 0, ranges), inputOf(host, 1, ranges)];
      const [left, right] = inputs.map((input) => merkleTrees.build(input));
      const depths = inputs.map((input) => treeDepths(input));
      const references = inputs.map((input, node) =>
        ranges.map((range, index) => referenceTree(input, range, depths[node][index])),
      );
      const expected = ranges.flatMap((_range, index) => differingRanges(references[0][index], references[1][index]));
      const comparison = merkleTrees.compare(left, right, { layout: host.tables[0], rules: new Rules() });
      expect(comparison.ranges.map((range) => ({ left: range.left, right: range.right }))).toEqual(
        expected.map((range) => ({ left: range.left, right: range.right })),
      );
      for (const { left: from, right: to, intervals } of comparison.ranges) {
        const inside = [...Array(partitions).keys()].filter((ordinal) =>
          rangeContains({ left: from, right: to }, tokenOfOrdinal(host.tables[0], ordinal)),
        );
        const listed = intervals.flatMap((interval) =>
          inside.filter((ordinal) => ordinal >= interval.from && ordinal < interval.to),
        );
        expect([...listed].sort((one, other) => one - other)).toEqual(inside);
      }
      const wireBytes = references[0].reduce(
        (bytes, tree) => bytes + 13 * (tree.leafCount - 1) + 2 * tree.leafCount + 32 * tree.filledLeafCount,
        0,
      );
      expect(left.wireBytes).toBe(wireBytes);
    }),
    { numRuns: 30 },
  );
});

test('cassandra.a12: a small sstable counts 128, another run of any size at least 1 more, and depth follows', () => {
  const host = new FakeHost({ nodes: 2, replicas: 2, partitions: [300] });
  const full: TokenRange[] = [{ left: -1n, right: -1n }];
  host.write(0, 5, [0, 1]);
  expect(treeDepths(inputOf(host, 0, full))).toEqual([7]);
  host.write(0, 6, [0]);
  expect(treeDepths(inputOf(host, 0, full))).toEqual([8]);
  expect(treeDepths(inputOf(host, 1, full))).toEqual([7]);
  for (let ordinal = 0; ordinal < 300; ordinal += 1) host.write(0, ordinal, [1]);
  // 128 + 3 samples x 128 = 512.
  expect(treeDepths(inputOf(host, 1, full))).toEqual([9]);
  expect(treeDepths(inputOf(host, 1, full, ['cassandra.a8']))).toEqual([0]);
});

test('cassandra.a28: a replica without data has one leaf, and the whole range differs', () => {
  const host = new FakeHost({ nodes: 2, replicas: 2, partitions: [100] });
  for (let ordinal = 0; ordinal < 100; ordinal += 1) host.write(0, ordinal, [0]);
  const ranges: TokenRange[] = [{ left: -7n, right: -7n }];
  const summaries = [0, 1].map((node) => merkleTrees.build(inputOf(host, node, ranges)) as MerkleSummary);
  expect(summaries.map(({ depthMax }) => depthMax)).toEqual([7, 0]);
  const rules = new Rules();
  const { ranges: found } = merkleTrees.compare(summaries[0], summaries[1], { layout: host.tables[0], rules });
  expect(found.map(({ left, right }) => [left, right])).toEqual([[-7n, -7n]]);
  expect(rules.exercised()).toContain('cassandra.a28');
});
