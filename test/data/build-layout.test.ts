import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildTableLayout,
  copyIndexOf,
  firstSlotOfOrdinal,
  normalizeIntervals,
  ordinalOfSlot,
  ordinalsInRange,
  rangesHeldBy,
  replicasOf,
  tokenOfOrdinal,
  type LayoutOptions,
  type OrdinalInterval,
} from '../../src/data/build-layout.ts';
import { murmur3Token } from '../../src/data/murmur3.ts';
import { SimpleStrategy } from '../../src/data/placement.ts';
import { buildRing, ringIndexOf } from '../../src/data/ring.ts';
import { keysInTokenOrder } from '../../src/data/token-sort.ts';
import { MAX_TOKEN, MIN_TOKEN, rangeContains } from '../../src/data/tokens.ts';
import { BASE } from '../../src/data/versions.ts';

function placementOf(nodes: bigint[][], factor: number): SimpleStrategy {
  const result = buildRing(nodes.map((tokens) => ({ dc: 'dc1', rack: 'r1', tokens })));
  if (!result.ok) throw new Error('duplicate tokens');
  return new SimpleStrategy(result.ring, factor);
}

const options = (partitions: number, more: Partial<LayoutOptions> = {}): LayoutOptions => ({
  index: 0,
  id: 'shop.orders',
  partitions,
  rowsPerPartition: 2,
  columnGroups: 3,
  deletesRows: true,
  slotBase: 0,
  rowBytes: 350,
  gcGraceMicros: 864e9,
  loaded: 'equal',
  placement: placementOf([[-6n * 10n ** 18n, 10n ** 17n], [-3n], [7n * 10n ** 18n]], 2),
  ...more,
});

function keyToken(key: number): bigint {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(key));
  return murmur3Token(bytes);
}

describe('buildTableLayout', () => {
  it('orders partitions by token and knows their keys, ranges and replicas', () => {
    const texts = ['alice', 'bob', 'Zoë'];
    const layout = buildTableLayout(options(400, { keyTexts: texts, slotBase: 100 }));
    const { placement } = options(0);
    for (let ordinal = 0; ordinal < layout.partitions; ordinal += 1) {
      const key = layout.keyOfOrdinal[ordinal];
      const token = key < texts.length ? murmur3Token(new TextEncoder().encode(texts[key])) : keyToken(key);
      expect(tokenOfOrdinal(layout, ordinal)).toBe(token);
      expect(layout.ordinalOfKey[key]).toBe(ordinal);
      if (ordinal > 0) expect(tokenOfOrdinal(layout, ordinal - 1) <= token).toBe(true);
      expect(layout.rangeOfOrdinal[ordinal]).toBe(ringIndexOf(placement.ring, token));
      const replicas = placement.naturalReplicas(ringIndexOf(placement.ring, token));
      expect([...replicasOf(layout, ordinal)]).toEqual(replicas);
      for (const node of [0, 1, 2]) {
        expect(copyIndexOf(layout, ordinal, node)).toBe(replicas.indexOf(node));
        expect(rangesHeldBy(layout, node)[layout.rangeOfOrdinal[ordinal]]).toBe(replicas.includes(node) ? 1 : 0);
      }
    }
  });

  it('numbers slots partition by partition', () => {
    const layout = buildTableLayout(options(10, { slotBase: 100 }));
    expect([layout.slotsPerRow, layout.slotsPerPartition, layout.slotCount, layout.initialVersion]).toEqual([
      4,
      8,
      80,
      BASE,
    ]);
    expect(firstSlotOfOrdinal(layout, 3)).toBe(124);
    expect([123, 124, 131, 132].map((slot) => ordinalOfSlot(layout, slot))).toEqual([2, 3, 3, 4]);
    expect(buildTableLayout(options(10, { deletesRows: false })).slotsPerRow).toBe(3);
  });

  it('refuses more slots than fit', () => {
    expect(() => buildTableLayout(options(2 ** 28))).toThrow('too many');
  });

  it('finds exactly the partitions of any token range, in ring order', () => {
    const layout = buildTableLayout(options(300, { keyTexts: [''] }));
    const token = fc.oneof(
      fc.bigInt({ min: MIN_TOKEN, max: MAX_TOKEN }),
      fc.nat(299).map((ordinal) => tokenOfOrdinal(layout, ordinal)),
      fc.constantFrom(MIN_TOKEN, MAX_TOKEN),
    );
    fc.assert(
      fc.property(token, token, (left, right) => {
        const found = ordinalsInRange(layout, { left, right }).flatMap(({ from, to }) => list(from, to));
        const all = list(0, 300).filter((ordinal) => rangeContains({ left, right }, tokenOfOrdinal(layout, ordinal)));
        const isAfterLeft = (ordinal: number): boolean => tokenOfOrdinal(layout, ordinal) > left;
        expect(found).toEqual(
          left < right ? all : [...all.filter(isAfterLeft), ...all.filter((ordinal) => !isAfterLeft(ordinal))],
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe('keysInTokenOrder', () => {
  it('sorts by token, then by number, also where many high bits are equal', () => {
    const half = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer());
    fc.assert(
      fc.property(fc.array(fc.tuple(half, half), { maxLength: 60 }), (pairs) => {
        const high = Int32Array.from(pairs, ([first]) => first);
        const low = Uint32Array.from(pairs, ([, second]) => second);
        const naive = pairs.map((_pair, key) => key).sort((a, b) => high[a] - high[b] || low[a] - low[b] || a - b);
        expect([...keysInTokenOrder(high, low)]).toEqual(naive);
      }),
      { numRuns: 500 },
    );
  });
});

describe('normalizeIntervals', () => {
  it('keeps the set of ordinals and leaves gaps between intervals', () => {
    const interval = fc.tuple(fc.nat(30), fc.nat(30)).map(([from, to]): OrdinalInterval => ({ from, to }));
    fc.assert(
      fc.property(fc.array(interval), (intervals) => {
        const normal = normalizeIntervals(intervals);
        const members = (of: readonly OrdinalInterval[]): Set<number> =>
          new Set(of.flatMap(({ from, to }) => list(from, to)));
        expect(normal.flatMap(({ from, to }) => list(from, to))).toEqual([...members(intervals)].sort((a, b) => a - b));
        normal.forEach(({ from }, index) => index > 0 && expect(normal[index - 1].to).toBeLessThan(from));
      }),
    );
  });
});

function list(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_unused, index) => from + index);
}
