import { describe, expect, it } from 'vitest';
import {
  derive,
  deriveFirst,
  deriveSecond,
  draw32,
  drawBelow,
  drawChance,
  drawUnit,
  PlanRandom,
  streamKey,
} from '../../src/kernel/random.ts';
import { chiSquared, chiSquaredLimit } from './statistics.ts';

const key = streamKey('seed', 'test');
const first = <Value>(count: number, draw: (index: number) => Value): Value[] =>
  Array.from({ length: count }, (_, index) => draw(index));

describe('keys', () => {
  it('differ by seed and by every part of the purpose, however it is split', () => {
    const keys = [
      streamKey('a'),
      streamKey('b'),
      streamKey('a', 'b'),
      streamKey('ab'),
      streamKey('a', 'bc', 'd'),
      streamKey('a', 'b', 'cd'),
      streamKey('a', 'b/1:c', 'd'),
      streamKey('a', 1),
      streamKey('a', '1'),
      streamKey('a', '#1'),
      streamKey('', 'a'),
      derive(streamKey('a'), 0),
      derive(streamKey('a'), 1),
      derive(streamKey('a'), -1),
    ];
    expect(new Set(keys.map(({ k0, k1 }) => `${k0} ${k1}`)).size).toBe(keys.length);
  });

  it('are derived alike with and without an object, and without collisions', () => {
    const seen = new Set<string>();
    for (let id = 0; id < 50_000; id++) {
      const { k0, k1 } = derive(key, id);
      if (id < 100) expect([deriveFirst(key.k0, key.k1, id), deriveSecond(key.k0, key.k1, id)]).toEqual([k0, k1]);
      seen.add(`${k0} ${k1}`);
    }
    expect(seen.size).toBe(50_000);
  });
});

describe('draws', () => {
  it('are the same for ever', () => {
    expect(key).toMatchInlineSnapshot(`
      {
        "k0": -1784092866,
        "k1": 447014704,
      }
    `);
    expect(first(4, (index) => draw32(key.k0, key.k1, index))).toMatchInlineSnapshot(`
      [
        453027200,
        3881114369,
        2582254477,
        745689014,
      ]
    `);
    expect(first(3, (index) => drawUnit(key.k0, key.k1, index))).toMatchInlineSnapshot(`
      [
        0.10547861468512565,
        0.9036423567449674,
        0.6012279720744118,
      ]
    `);
    expect(first(8, (index) => drawBelow(key.k0, key.k1, index, 100))).toMatchInlineSnapshot(`
      [
        10,
        90,
        60,
        17,
        15,
        7,
        50,
        43,
      ]
    `);
  });

  it('fill cells evenly, singly and in pairs of neighbours', () => {
    const cells = 64;
    const draws = 200_000;
    for (const id of [0, 1, 77]) {
      const { k0, k1 } = derive(key, id);
      const high = new Float64Array(cells);
      const low = new Float64Array(cells);
      const pairs = new Float64Array(cells);
      for (let index = 0; index < draws; index++) {
        const word = draw32(k0, k1, index);
        high[word >>> 26]++;
        low[word & 63]++;
        pairs[((word >>> 29) << 3) | (draw32(k0, k1, index + 1) >>> 29)]++;
      }
      for (const counts of [high, low, pairs]) {
        expect(chiSquared(counts, () => draws / cells)).toBeLessThan(chiSquaredLimit(cells - 1));
      }
    }
  });

  it('change half of their bits with any bit of the key or the index', () => {
    const samples = 3000;
    for (let bit = 0; bit < 32; bit++) {
      const flips = { index: new Int32Array(32), k0: new Int32Array(32), k1: new Int32Array(32) };
      for (let sample = 0; sample < samples; sample++) {
        const { k0, k1 } = { k0: key.k0 + sample * 7, k1: key.k1 - sample };
        const word = draw32(k0, k1, sample);
        count(flips.index, word ^ draw32(k0, k1, sample ^ (1 << bit)));
        count(flips.k0, word ^ draw32(k0 ^ (1 << bit), k1, sample));
        count(flips.k1, word ^ draw32(k0, k1 ^ (1 << bit), sample));
      }
      for (const out of [...flips.index, ...flips.k0]) expect(Math.abs(out / samples - 0.5)).toBeLessThan(0.06);
      for (const out of flips.k1) expect(Math.abs(out / samples - 0.5)).toBeLessThan(0.06);
    }
  });

  it('of neighbouring streams are independent', () => {
    const draws = 100_000;
    for (const [one, other] of [
      [derive(key, 1), derive(key, 2)] as const,
      [key, { k0: key.k0, k1: key.k1 + 1 }] as const,
    ]) {
      let sum = 0;
      for (let index = 0; index < draws; index++) {
        sum += (drawUnit(one.k0, one.k1, index) - 0.5) * (drawUnit(other.k0, other.k1, index) - 0.5) * 12;
      }
      expect(Math.abs(sum / Math.sqrt(draws))).toBeLessThan(4.5);
    }
  });

  it('stay in their ranges at the ends', () => {
    for (let index = 0; index < 100_000; index++) {
      const unit = drawUnit(key.k0, key.k1, index);
      if (!(unit > 0 && unit < 1)) expect.fail(`draw ${index} is ${unit}`);
    }
    const below = new Set(first(5000, (index) => drawBelow(key.k0, key.k1, index, 7)));
    expect([...below].sort((left, right) => left - right)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(drawBelow(key.k0, key.k1, 3, 1)).toBe(0);
    expect(drawBelow(key.k0, key.k1, 5, 2 ** 31 - 1)).toBeLessThan(2 ** 31 - 1);
    expect(first(1000, (index) => drawChance(key.k0, key.k1, index, 0)).some(Boolean)).toBe(false);
    expect(first(1000, (index) => drawChance(key.k0, key.k1, index, 1)).every(Boolean)).toBe(true);
  });

  const count = (flips: Int32Array, changed: number): void => {
    for (let out = 0; out < 32; out++) flips[out] += (changed >>> out) & 1;
  };
});

describe('PlanRandom', () => {
  it('draws the same for ever', () => {
    const random = new PlanRandom('seed', 'tokens', 3);
    expect([random.unit(), random.int32(), random.below(1000), random.between(10, 20)]).toMatchInlineSnapshot(`
      [
        0.9368231538712624,
        50944649,
        844,
        19.24586714892267,
      ]
    `);
    expect(random.pick(['a', 'b', 'c'])).toMatchInlineSnapshot(`"a"`);
    expect(random.shuffled([1, 2, 3, 4, 5])).toMatchInlineSnapshot(`
      [
        5,
        1,
        4,
        3,
        2,
      ]
    `);
  });

  it('shuffles to every order equally often', () => {
    const random = new PlanRandom('shuffle');
    const counts = new Map<string, number>();
    for (let round = 0; round < 6000; round++) {
      const order = random.shuffled(['a', 'b', 'c']).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    expect(chiSquared([...counts.values()], () => 1000)).toBeLessThan(chiSquaredLimit(5));
  });
});
