/** Which shard a series belongs to, against published values of FNV-1a and another way to compute it. */
import { describe, expect, it } from 'vitest';
import { fnv1a64, seriesKey, shardOfSeries, shardsPerGroup } from '../../src/data/series-shards.ts';

const hex = (text: string): string => {
  const { high, low } = fnv1a64(new TextEncoder().encode(text));
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
};

function byBigint(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text))
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return hash;
}

describe('FNV-1a of 64 bits', () => {
  it('has the published values', () => {
    expect(hex('')).toBe('cbf29ce484222325');
    expect(hex('a')).toBe('af63dc4c8601ec8c');
    expect(hex('foobar')).toBe('85944171f73967e8');
  });

  it('is what integers of any size give', () => {
    for (let series = 0; series < 500; series += 1) {
      const key = `${seriesKey('cpu,host=web-{n}', series)}${'é'.repeat(series % 7)}`;
      expect(BigInt(`0x${hex(key)}`)).toBe(byBigint(key));
      expect(shardOfSeries(key, 7)).toBe(Number(byBigint(key) % 7n));
    }
  });
});

describe('shards of a group', () => {
  it('are the fewest that give every node as many copies', () => {
    expect([shardsPerGroup(3, 2), shardsPerGroup(4, 3), shardsPerGroup(4, 2), shardsPerGroup(2, 2)]).toEqual([
      3, 4, 2, 1,
    ]);
    expect([shardsPerGroup(5, 1), shardsPerGroup(1, 1), shardsPerGroup(3, 5)]).toEqual([5, 1, 1]);
  });
});
