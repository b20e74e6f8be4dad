/** Segments of a ring: every token in exactly one, and the nodes that hold it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rangeHolders } from '../../src/data/build-layout.ts';
import type { RangeHolders } from '../../src/data/layout.ts';
import { SimpleStrategy } from '../../src/data/placement.ts';
import { buildRing } from '../../src/data/ring.ts';
import { segmentsOf } from '../../src/data/segments.ts';
import { isFullRing, rangeContains } from '../../src/data/tokens.ts';
import type { TokenRange } from '../../src/data/tokens.ts';
import { scheduledSegments } from '../../src/repair/schedules/scheduled-segments.ts';
import type { PlanSegments } from '../../src/scenario/plan.ts';

const RING = 1n << 64n;

function holdersOf(tokensByNode: readonly (readonly bigint[])[], replicas: number): RangeHolders {
  const ring = buildRing(tokensByNode.map((tokens) => ({ dc: 0, rack: 0, tokens })));
  if (!ring.ok) throw new Error('two nodes claim a token');
  return rangeHolders(new SimpleStrategy(ring.ring, replicas));
}

function even(nodes: number, perNode: number): bigint[][] {
  const count = BigInt(nodes * perNode);
  const token = (index: bigint): bigint => -(1n << 63n) + ((index + 1n) * RING) / count - 1n;
  return Array.from({ length: nodes }, (_none, node) =>
    Array.from({ length: perNode }, (_value, index) => token(BigInt(index * nodes + node))),
  );
}

const spanOf = ({ left, right }: TokenRange): bigint => (left === right ? RING : (right - left + RING) % RING);
const total = (ranges: readonly TokenRange[]): bigint => ranges.reduce((sum, range) => sum + spanOf(range), 0n);

describe('segments of the ring', () => {
  test('fewer ranges than segments: each range in equal parts', () => {
    const segments = segmentsOf(holdersOf(even(6, 1), 3), 6 * 64);
    // A sixth of the ring times 384 is 64, rounded up where the token arithmetic leaves a rest.
    expect(segments.length).toBeGreaterThanOrEqual(384);
    expect(segments.length).toBeLessThanOrEqual(390);
    expect(segments.every(({ ranges }) => ranges.length === 1)).toBe(true);
  });

  test('more ranges than segments: ranges of the same replicas together', () => {
    const holders = holdersOf(even(3, 256), 3);
    // All three nodes hold everything: 768 ranges become 24 segments of the wanted span.
    const segments = segmentsOf(holders, 24);
    expect(segments.length).toBe(24);
    expect(segments.every(({ ranges }) => ranges.length === 32)).toBe(true);
  });

  test('law: the ring exactly once, each part with its replicas', () => {
    const tokens = fc.uniqueArray(fc.bigInt({ min: -(1n << 63n) + 1n, max: (1n << 63n) - 1n }), {
      minLength: 3,
      maxLength: 24,
    });
    fc.assert(
      fc.property(tokens, fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 3 }), (all, wanted, copies) => {
        const byNode: bigint[][] = [[], [], []];
        for (const [index, token] of all.entries()) byNode[index % 3].push(token);
        const holders = holdersOf(byNode, copies);
        const segments = segmentsOf(holders, wanted);
        const ranges = segments.flatMap((segment) => segment.ranges);
        expect(total(ranges)).toBe(RING);
        // Sorted by their ends they join: no gap, no overlap.
        const sorted = [...ranges].sort((one, other) => (one.right < other.right ? -1 : 1));
        sorted.forEach(({ left }, index) => expect(left).toBe(sorted.at(index - 1)?.right));
        for (const { ranges: parts, replicas } of segments) {
          for (const part of parts) {
            const home = holders.ranges.findIndex((range) => isFullRing(range) || rangeContains(range, part.right));
            const holds = [...holders.replicas.subarray(home * holders.copies, (home + 1) * holders.copies)];
            expect([...replicas].sort()).toEqual(holds.sort());
          }
        }
      }),
      { numRuns: 200, seed: 7 },
    );
  });
});

describe('segments of a schedule', () => {
  const holders = holdersOf(even(6, 1), 3);
  const how = (cut: PlanSegments['cut']) => ({ cut, per_node: 2 }) as PlanSegments;

  test('of the ring: any replica may be asked, the first one is preferred', () => {
    const segments = scheduledSegments(holders, how('ring'), 6);
    expect(segments.every(({ nodes, coordinators }) => nodes === coordinators && nodes.length === 3)).toBe(true);
  });

  test('of a node: itself alone is asked; primary ranges involve fewer nodes than all that it holds', () => {
    const local = scheduledSegments(holders, how('local_ranges'), 6);
    const primary = scheduledSegments(holders, how('primary_ranges'), 6);
    expect(local.map(({ coordinators }) => coordinators)).toEqual([[0], [1], [2], [3], [4], [5]]);
    expect(local.map(({ nodes }) => nodes.length)).toEqual([5, 5, 5, 5, 5, 5]);
    expect(primary.map(({ nodes }) => nodes.length)).toEqual([3, 3, 3, 3, 3, 3]);
  });
});
