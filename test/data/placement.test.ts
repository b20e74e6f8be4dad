import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  NetworkTopologyStrategy,
  SimpleStrategy,
  localRanges,
  primaryRanges,
  primaryRangesWithinDc,
  type Placement,
} from '../../src/data/placement.ts';
import { buildRing, ringIndexOf, type Ring, type RingNode } from '../../src/data/ring.ts';
import { rangeContains } from '../../src/data/tokens.ts';

function ringOf(nodes: readonly RingNode[]): Ring {
  const result = buildRing(nodes);
  if (!result.ok) throw new Error('duplicate tokens');
  return result.ring;
}

const replicasOf = (placement: Placement): number[][] =>
  placement.ring.tokens.map((_token, index) => [...placement.naturalReplicas(index)]);

/** One token a node, 10, 20, 30, … in the order given. */
const row = (...places: [dc: string, rack: string][]): RingNode[] =>
  places.map(([dc, rack], index) => ({ dc, rack, tokens: [BigInt(10 * (index + 1))] }));

const nodesArbitrary = fc
  .uniqueArray(fc.bigInt({ min: -1000n, max: 1000n }), { minLength: 1, maxLength: 40 })
  .chain((tokens) =>
    fc.record({
      tokens: fc.constant(tokens),
      owners: fc.array(fc.nat(8), { minLength: tokens.length, maxLength: tokens.length }),
      places: fc.array(fc.tuple(fc.constantFrom('dc1', 'dc2'), fc.constantFrom('r1', 'r2', 'r3')), {
        minLength: 9,
        maxLength: 9,
      }),
    }),
  )
  .map(({ tokens, owners, places }): RingNode[] =>
    places.map(([dc, rack], node) => ({ dc, rack, tokens: tokens.filter((_token, index) => owners[index] === node) })),
  );

describe('ring', () => {
  it('sorts tokens, and its first range wraps around', () => {
    const ring = ringOf([
      { dc: 'dc1', rack: 'r1', tokens: [5n, -5n] },
      { dc: 'dc1', rack: 'r1', tokens: [0n] },
    ]);
    expect(ring.tokens).toEqual([-5n, 0n, 5n]);
    expect([...ring.owners]).toEqual([0, 1, 0]);
    expect(ring.ranges[0]).toEqual({ left: 5n, right: -5n });
    expect([-6n, -5n, -4n, 0n, 1n, 5n, 6n].map((token) => ringIndexOf(ring, token))).toEqual([0, 0, 1, 1, 2, 2, 0]);
  });

  it('refuses a token that is claimed twice and names everyone who claims it', () => {
    const claims = (...tokens: bigint[]): RingNode => ({ dc: 'dc1', rack: 'r1', tokens });
    expect(buildRing([claims(1n, 2n), claims(2n, 3n), claims(2n, 4n), claims(4n)])).toEqual({
      ok: false,
      duplicates: [
        { token: 2n, nodes: [0, 1, 2] },
        { token: 4n, nodes: [2, 3] },
      ],
    });
  });

  it('finds the range of any token', () => {
    fc.assert(
      fc.property(nodesArbitrary, fc.bigInt({ min: -1001n, max: 1001n }), (nodes, token) => {
        const ring = ringOf(nodes);
        expect(rangeContains(ring.ranges[ringIndexOf(ring, token)], token)).toBe(true);
      }),
    );
  });
});

describe('SimpleStrategy', () => {
  it('takes the first distinct nodes of the walk, whatever their rack and data centre', () => {
    const ring = ringOf([
      { dc: 'dc1', rack: 'r1', tokens: [10n, 20n] },
      { dc: 'dc2', rack: 'r1', tokens: [30n] },
      { dc: 'dc1', rack: 'r1', tokens: [40n] },
    ]);
    expect(replicasOf(new SimpleStrategy(ring, 2))).toEqual([
      [0, 1],
      [0, 1],
      [1, 2],
      [2, 0],
    ]);
  });

  it('caps the factor by the nodes there are', () => {
    const placement = new SimpleStrategy(ringOf(row(['dc1', 'r1'], ['dc1', 'r1'])), 3);
    expect(placement.copies).toBe(2);
    expect(replicasOf(placement)).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });
});

describe('NetworkTopologyStrategy', () => {
  it('prefers new racks when there are as many racks as copies', () => {
    const ring = ringOf(row(['dc1', 'r1'], ['dc1', 'r1'], ['dc1', 'r2'], ['dc1', 'r2']));
    expect(replicasOf(new NetworkTopologyStrategy(ring, new Map([['dc1', 2]])))).toEqual([
      [0, 2],
      [1, 2],
      [2, 0],
      [3, 0],
    ]);
  });

  it('takes repeats of a rack at once, while the factor exceeds the racks', () => {
    // Factor 3, two racks: one repeat, and it goes to the first node met, not to the last resort.
    const ring = ringOf(row(['dc1', 'r1'], ['dc1', 'r1'], ['dc1', 'r1'], ['dc1', 'r2'], ['dc1', 'r2']));
    expect(replicasOf(new NetworkTopologyStrategy(ring, new Map([['dc1', 3]])))).toEqual([
      [0, 1, 3],
      [1, 2, 3],
      [2, 3, 4],
      [3, 4, 0],
      [4, 0, 1],
    ]);
  });

  it('mixes data centres in ring order and ignores those without a factor', () => {
    const ring = ringOf(row(['dc1', 'r1'], ['dc2', 'r1'], ['dc3', 'r1'], ['dc2', 'r1'], ['dc1', 'r1']));
    const placement = new NetworkTopologyStrategy(
      ring,
      new Map([
        ['dc1', 1],
        ['dc2', 2],
        ['nowhere', 3],
      ]),
    );
    expect(placement.copies).toBe(3);
    expect(replicasOf(placement)).toEqual([
      [0, 1, 3],
      [1, 3, 4],
      [3, 4, 1],
      [3, 4, 1],
      [4, 1, 3],
    ]);
  });

  it('fills every data centre, with as many racks as it can, and never a node twice', () => {
    fc.assert(
      fc.property(nodesArbitrary, fc.nat(5), fc.nat(5), (nodes, factor1, factor2) => {
        const ring = ringOf(nodes);
        const factors = new Map([
          ['dc1', factor1],
          ['dc2', factor2],
        ]);
        const placement = new NetworkTopologyStrategy(ring, factors);
        for (const replicas of replicasOf(placement)) {
          expect(replicas.length).toBe(placement.copies);
          expect(new Set(replicas).size).toBe(replicas.length);
          for (const [dc, factor] of factors) {
            const members = nodes.filter((node) => node.dc === dc && node.tokens.length > 0);
            const chosen = replicas.map((node) => nodes[node]).filter((node) => node.dc === dc);
            expect(chosen.length).toBe(Math.min(factor, members.length));
            expect(new Set(chosen.map(({ rack }) => rack)).size).toBe(
              Math.min(factor, new Set(members.map(({ rack }) => rack)).size),
            );
          }
        }
      }),
    );
  });
});

describe('ranges of a node (cassandra.b2)', () => {
  it('splits the ring among primaries, over all and within each data centre; local ranges are held copies', () => {
    fc.assert(
      fc.property(nodesArbitrary, (nodes) => {
        const ring = ringOf(nodes);
        const placement = new NetworkTopologyStrategy(
          ring,
          new Map([
            ['dc1', 2],
            ['dc2', 1],
          ]),
        );
        const ends = (ranges: readonly { right: bigint }[]): bigint[] =>
          ranges.map(({ right }) => right).sort((a, b) => (a < b ? -1 : 1));
        const numbers = nodes.map((_node, index) => index);
        expect(ends(numbers.flatMap((node) => primaryRanges(placement, node)))).toEqual(ring.tokens);
        for (const dc of ['dc1', 'dc2']) {
          const inDc = numbers.filter((node) => nodes[node].dc === dc);
          const isPresent = inDc.some((node) => nodes[node].tokens.length > 0);
          expect(ends(inDc.flatMap((node) => primaryRangesWithinDc(placement, node)))).toEqual(
            isPresent ? ring.tokens : [],
          );
        }
        const held = numbers.reduce((total, node) => total + localRanges(placement, node).length, 0);
        expect(held).toBe(placement.copies * ring.tokens.length);
      }),
    );
  });
});
