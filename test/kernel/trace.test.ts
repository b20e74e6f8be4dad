import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bug } from '../../src/base/assert.ts';
import { RECORD_STRIDE } from '../../src/data/records.ts';
import { copyOf, kindOf, nodeOf, operandA, operandB, operandC, timeOf } from '../../src/kernel/trace.ts';
import { Trace, TRACE_STRIDE } from '../../src/kernel/trace.ts';

type Fields = [micros: number, kind: number, node: number, copy: number, a: number, b: number, c: number];

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const fields: fc.Arbitrary<Fields> = fc.tuple(
  fc.integer({ min: 0, max: 2 ** 50 - 1 }),
  fc.nat({ max: 4095 }),
  fc.nat({ max: 65_535 }),
  fc.nat({ max: 65_535 }),
  int32,
  int32,
  int32,
);

function fingerprintOf(records: readonly Fields[], blockRecords = 8192): string {
  const trace = new Trace({ blockRecords });
  for (const record of records) trace.record(...record);
  return trace.fingerprint();
}

describe('Trace', () => {
  it('has the layout of the registry', () => {
    expect(TRACE_STRIDE).toBe(RECORD_STRIDE);
  });

  it('hands observers what was recorded, in order, whatever the blocks', () => {
    fc.assert(
      fc.property(fc.array(fields, { maxLength: 50 }), fc.integer({ min: 1, max: 20 }), (records, blockRecords) => {
        const seen: Fields[] = [];
        const trace = new Trace({
          blockRecords,
          observers: [
            {
              fold(words, count) {
                for (let at = 0; at < count * TRACE_STRIDE; at += TRACE_STRIDE) {
                  const where = [timeOf(words, at), kindOf(words, at), nodeOf(words, at), copyOf(words, at)] as const;
                  seen.push([...where, operandA(words, at), operandB(words, at), operandC(words, at)]);
                }
              },
            },
          ],
        });
        for (const record of records) trace.record(...record);
        expect(trace.recorded).toBe(records.length);
        trace.flush();
        expect(seen).toEqual(records);
        expect(trace.recorded).toBe(records.length);
        expect(trace.fingerprint()).toBe(fingerprintOf(records));
      }),
    );
  });

  it('continues a saved fingerprint', () => {
    fc.assert(
      fc.property(fc.array(fields), fc.array(fields), (before, after) => {
        const trace = new Trace({ blockRecords: 7 });
        for (const record of before) trace.record(...record);
        const state = structuredClone(trace.save());
        for (const record of after) trace.record(...record);
        const resumed = new Trace();
        resumed.record(1, 2, 3, 4, 5, 6, 7);
        resumed.load(state);
        for (const record of after) resumed.record(...record);
        expect(resumed.fingerprint()).toBe(trace.fingerprint());
        expect(resumed.recorded).toBe(trace.recorded);
      }),
    );
  });

  it('may be asked by an observer while a block is folded', () => {
    const asked: string[] = [];
    const trace = new Trace({ blockRecords: 2, observers: [{ fold: () => void asked.push(trace.fingerprint()) }] });
    trace.record(1, 1, 0, 0, 0, 0, 0);
    trace.record(2, 1, 0, 0, 0, 0, 0);
    expect(asked).toEqual([
      fingerprintOf([
        [1, 1, 0, 0, 0, 0, 0],
        [2, 1, 0, 0, 0, 0, 0],
      ]),
    ]);
  });
});

describe('the fingerprint', () => {
  const base: Fields[] = Array.from({ length: 5 }, (_, index) => [index * 1000, 2, 1, 0, index, 64 * index, 7]);

  it('differs for any one or two flipped bits of the operands', () => {
    const seen = new Set([fingerprintOf(base)]);
    let count = 1;
    const flips = Array.from({ length: 3 * 32 }, (_, index) => index);
    for (const one of flips) {
      for (const two of flips.slice(one)) {
        const changed = base.map((record) => [...record] as Fields);
        changed[2][4 + (one >> 5)] ^= 1 << (one & 31);
        if (two !== one) changed[2][4 + (two >> 5)] ^= 1 << (two & 31);
        seen.add(fingerprintOf(changed));
        count++;
      }
    }
    expect(seen.size).toBe(count);
  });

  it('does not depend on the order of records, which is in them', () => {
    expect(fingerprintOf([base[1], base[0], ...base.slice(2)])).toBe(fingerprintOf(base));
  });

  it('differs when two records exchange any of their words', () => {
    const [one, other]: [Fields, Fields] = [
      [5, 2, 1, 3, 10, 20, 30],
      [2 ** 21, 4, 7, 8, 11, 22, 33],
    ];
    const seen = new Set<string>();
    for (let which = 0; which < 64; which++) {
      const swap = (mine: Fields, theirs: Fields): Fields =>
        mine.map((field, index) => ((which >> Math.max(0, index - 1)) & 1 ? theirs[index] : field)) as Fields;
      seen.add(fingerprintOf([swap(one, other), swap(other, one)]));
    }
    // An exchange of some words is the exchange of all others, with the records in the other order.
    expect(seen.size).toBe(32);
  });

  it('takes over hashes of records that nobody observes', () => {
    const trace = new Trace();
    trace.addHashed(0, 0, 0);
    expect(trace.fingerprint()).toBe(fingerprintOf([]));
    trace.addHashed(1, 0, 1);
    expect(trace.fingerprint()).not.toBe(fingerprintOf([]));
    expect(trace.recorded).toBe(1);
    const observed = new Trace({ observers: [{ fold: () => undefined }] });
    expect(() => observed.addHashed(1, 0, 1)).toThrow(Bug);
  });

  it('depends on words, their places, and the number of records', () => {
    const zeros: Fields = [0, 0, 0, 0, 0, 0, 0];
    const prints = [
      fingerprintOf([]),
      fingerprintOf([zeros]),
      fingerprintOf([zeros, zeros]),
      fingerprintOf(base),
      fingerprintOf([[0, 2, 1, 0, 1, 2, 3]]),
      fingerprintOf([[0, 2, 1, 0, 2, 1, 3]]),
      fingerprintOf([[0, 2, 1, 0, 3, 2, 1]]),
      fingerprintOf([[0, 2, 0, 1, 1, 2, 3]]),
      fingerprintOf([[2 ** 20, 2, 1, 0, 1, 2, 3]]),
    ];
    expect(new Set(prints).size).toBe(prints.length);
    for (const print of prints) expect(print).toMatch(/^[0-9a-f]{16}$/);
  });

  it('has no collision of either half among many close records beyond chance', () => {
    const low = new Set<string>();
    const high = new Set<string>();
    const count = 60_000;
    for (let index = 0; index < count; index++) {
      const print = fingerprintOf([[index % 7, 2, index % 3, 0, index, index >> 3, 0]], 1);
      high.add(print.slice(0, 8));
      low.add(print.slice(8));
    }
    // Expected by chance: count² / 2^33 = 0.4.
    expect(low.size).toBeGreaterThan(count - 6);
    expect(high.size).toBeGreaterThan(count - 6);
  });

  it('is the same for ever', () => {
    expect(fingerprintOf(base)).toMatchInlineSnapshot(`"f421e37fcf79650c"`);
  });
});
