/** cassandra.b11: who fetches what from whom. */
import { expect, test } from 'vitest';
import { planFetches } from '../../src/repair/optimised-streams.ts';
import type { PairDifference } from '../../src/repair/optimised-streams.ts';

const pair = (first: number, second: number, ...ranges: [bigint, bigint][]): PairDifference => ({
  first,
  second,
  ranges: ranges.map(([left, right]) => ({ left, right })),
});
/** `receiver<source (left,right] …` */
function fetches(differences: PairDifference[], replicas: number[], dcs = replicas.map(() => 0)): string[] {
  return planFetches({ differences, replicas, dcOfReplica: dcs }).map(
    ({ receiver, source, ranges }) =>
      `${receiver}<${source} ${ranges.map(({ left, right }) => `(${left},${right}]`).join(' ')}`,
  );
}

test('nothing differs: nothing is fetched', () => {
  expect(fetches([], [0, 1, 2])).toEqual([]);
});

test('two of three agree: the third fetches from the next behind it in the order of addresses, around', () => {
  const bad = (index: number) =>
    [0, 1, 2]
      .filter((other) => other !== index)
      .map((other) => pair(Math.min(index, other), Math.max(index, other), [0n, 10n]));
  expect(fetches(bad(2), [0, 1, 2])).toEqual(['0<2 (0,10]', '1<2 (0,10]', '2<0 (0,10]']);
  expect(fetches(bad(0), [0, 1, 2])).toEqual(['0<1 (0,10]', '1<0 (0,10]', '2<0 (0,10]']);
  // The coordinator stands last in the session, whatever its address.
  expect(fetches(bad(0), [1, 2, 0])).toEqual(['0<1 (0,10]', '1<0 (0,10]', '2<0 (0,10]']);
  expect(fetches(bad(0), [2, 1, 0])).toEqual(['0<2 (0,10]', '1<0 (0,10]', '2<0 (0,10]']);
});

test('all three differ: each fetches from both others', () => {
  const all = [pair(0, 1, [0n, 10n]), pair(0, 2, [0n, 10n]), pair(1, 2, [0n, 10n])];
  expect(fetches(all, [0, 1, 2])).toHaveLength(6);
});

test('ranges that overlap are cut: each piece has its own sets of equals', () => {
  // 2 differs from both in (0,10], and 0 and 1 from each other in (0,5] only.
  const found = [pair(0, 1, [0n, 5n]), pair(0, 2, [0n, 10n]), pair(1, 2, [0n, 10n])];
  const of = (receiver: number) => fetches(found, [0, 1, 2]).filter((text) => text.startsWith(`${receiver}<`));
  expect(of(0)).toEqual(['0<1 (0,5]', '0<2 (0,5] (5,10]']);
  // The difference of others cuts nothing: they differ somewhere in it, so both are asked for all of it.
  expect(of(2)).toEqual(['2<0 (0,10]', '2<1 (0,10]']);
});

test('a piece around the end of the ring', () => {
  const found = [pair(0, 1, [100n, -100n]), pair(0, 2, [200n, -200n]), pair(1, 2, [200n, -200n])];
  expect(fetches(found, [0, 1, 2]).filter((text) => text.startsWith('0<'))).toEqual([
    '0<1 (100,200] (200,-200] (-200,-100]',
    '0<2 (200,-200]',
  ]);
});

test('a source in the same data centre goes before the order of addresses', () => {
  const found = [1, 2, 3].map((other) => pair(0, other, [0n, 10n]));
  expect(fetches(found, [0, 1, 2, 3], [0, 1, 1, 0]).filter((text) => text.startsWith('0<'))).toEqual(['0<3 (0,10]']);
});
