import fc from 'fast-check';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { describe, expect, it } from 'vitest';
import { Accumulator } from '../../src/base/accumulator.ts';
import { assert, Bug } from '../../src/base/assert.ts';
import { hashText, hex32, mix32, mixInto, WordHash } from '../../src/base/mix.ts';
import { sortedPairs } from '../../src/base/sorting.ts';
import { MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND } from '../../src/base/units.ts';

describe('assert', () => {
  it('throws a Bug with its message', () => {
    expect(() => assert(false, 'two and two')).toThrow(Bug);
    expect(() => assert(false, 'two and two')).toThrow('two and two');
    assert(true, 'fine');
  });
});

describe('units', () => {
  it('agree with each other', () => {
    expect(MICROS_PER_DAY).toBe(24 * MICROS_PER_HOUR);
    expect(MICROS_PER_HOUR).toBe(60 * MICROS_PER_MINUTE);
    expect(MICROS_PER_MINUTE).toBe(60 * MICROS_PER_SECOND);
  });
});

describe('Accumulator', () => {
  const counts = fc.oneof(fc.nat(), fc.integer({ min: 0, max: 2 ** 52 - 1 }));
  const pairs = fc.array(fc.tuple(counts, counts), { maxLength: 40 });

  it('is exact, in any order', () => {
    fc.assert(
      fc.property(pairs, (all) => {
        const forward = new Accumulator();
        const backward = new Accumulator();
        let total = 0n;
        for (const [count, micros] of all) {
          forward.add(count, micros);
          total += BigInt(count) * BigInt(micros);
        }
        for (const [count, micros] of [...all].reverse()) backward.add(count, micros);
        const { high, low } = forward.save();
        expect(BigInt(high) * 2n ** 52n + BigInt(low)).toBe(total);
        expect(low).toBeLessThan(2 ** 52);
        expect(forward.equals(backward)).toBe(true);
        expect(Math.abs(forward.value() / Number(total || 1n) - (total ? 1 : 0))).toBeLessThan(3e-16);
      }),
    );
  });

  it('sums hours, saves and restores', () => {
    const sum = new Accumulator();
    for (let row = 0; row < 1000; row++) sum.add(1_000_000_000, 24 * MICROS_PER_HOUR);
    expect(sum.toHours()).toBe(24e12);
    const other = new Accumulator();
    expect(other.equals(sum)).toBe(false);
    other.load(sum.save());
    expect(other.equals(sum)).toBe(true);
    expect(() => sum.add(-1, 1)).toThrow(Bug);
    expect(() => sum.add(1, 0.5)).toThrow(Bug);
    expect(() => sum.add(1, NaN)).toThrow(Bug);
  });
});

describe('sortedPairs', () => {
  const spans = fc.oneof(
    fc.constant(0),
    fc.constant(1),
    fc.constant(1000),
    fc.constant(2 ** 20),
    fc.constant(2 ** 31 - 1),
  );

  it('sorts by key, keeps the order of equal keys and leaves the source alone', () => {
    fc.assert(
      fc.property(
        spans,
        fc.nat({ max: 1 }),
        fc.integer({ min: 0, max: 6000 }),
        fc.integer(),
        (span, shifted, count, seed) => {
          const from = shifted * Math.min(700, 2 ** 31 - 1 - span);
          const room = count + 3;
          const keys = Int32Array.from(
            { length: room },
            (_, index) => from + ((mixInto(seed, index) >>> 1) % (span + 1)),
          );
          const unsorted = keys.slice();
          const values = Int32Array.from({ length: room }, (_, index) => index);
          const sorted = sortedPairs({ keys, values, count }, { from, to: from + span + 1 });
          const order = unsorted.slice(0, count).map((_, index) => index);
          order.sort((left, right) => unsorted[left] - unsorted[right] || left - right);
          expect(sorted.values).toEqual(order);
          expect(sorted.keys).toEqual(order.map((index) => unsorted[index]));
          expect(keys).toEqual(unsorted);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('sorts longer and shorter inputs one after the other', () => {
    for (const count of [5000, 100, 9000, 40]) {
      const keys = Int32Array.from({ length: count }, (_, index) => (index * 7919) % 1009);
      const sorted = sortedPairs({ keys, values: new Int32Array(count), count }, { from: 0, to: 1009 });
      expect(sorted.keys).toEqual(keys.slice().sort());
    }
  });

  it('refuses an empty span', () => {
    const none = { keys: new Int32Array(99), values: new Int32Array(99), count: 99 };
    expect(() => sortedPairs(none, { from: 0, to: 0 })).toThrow(Bug);
  });
});

describe('mixing', () => {
  it('flips each output bit for each input bit in about half of the cases', () => {
    const flips = new Int32Array(32 * 32);
    const samples = 4000;
    for (let sample = 0; sample < samples; sample++) {
      const input = Math.imul(sample, 0x9e3779b1);
      for (let bit = 0; bit < 32; bit++) {
        const changed = mix32(input) ^ mix32(input ^ (1 << bit));
        for (let out = 0; out < 32; out++) flips[bit * 32 + out] += (changed >>> out) & 1;
      }
    }
    for (const count of flips) expect(Math.abs(count / samples - 0.5)).toBeLessThan(0.05);
  });

  it('gives the same bits for ever', () => {
    expect([mix32(0), mix32(1), mix32(-1)].map(hex32)).toMatchInlineSnapshot(`
      [
        "00000000",
        "86d2fa73",
        "99b5e683",
      ]
    `);
    expect(hex32(hashText('reconverge'))).toMatchInlineSnapshot(`"faba876a"`);
    const hash = new WordHash();
    hash.addNumber(2 ** 40 + 5);
    hash.addText('n3');
    expect(hash.hex()).toMatchInlineSnapshot(`"254bd9e28927b824"`);
  });

  it('depends on the order and on both halves of a number', () => {
    const of = (...values: number[]): string => {
      const hash = new WordHash();
      for (const value of values) hash.addNumber(value);
      return hash.hex();
    };
    const all = [of(), of(0), of(1), of(2 ** 32), of(2 ** 32 + 1), of(1, 2), of(2, 1), of(0, 0), of(-1)];
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('a moment without a clock', () => {
  it('keeps its seconds, so that two events of one minute are told apart', () => {
    const clock = new VirtualClock(null, 3 * 86_400e6);
    const moments = [0, 88e6, 3600e6, 19_920e6, 19_927e6, 86_400e6, 86_400e6 + 7e6].map((micros) =>
      clock.moment(micros),
    );
    expect(moments).toEqual(['0', '1m 28s', '1h 00m', '5h 32m', '5h 32m 07s', '1d 00h', '1d 00h 00m 07s']);
  });
});
