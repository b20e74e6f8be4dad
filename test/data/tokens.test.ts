import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { highHalf, int64, lowHalf } from '../../src/data/int64-halves.ts';
import {
  MAX_TOKEN,
  MIN_TOKEN,
  compareHalves,
  isFullyInside,
  midpointHigh,
  midpointLow,
  rangeContains,
  rangeText,
  rangesIntersect,
  tokenMidpoint,
} from '../../src/data/tokens.ts';

const edge = fc.constantFrom(
  MIN_TOKEN,
  MIN_TOKEN + 1n,
  MIN_TOKEN + 2n,
  -0x100000000n,
  -2n,
  -1n,
  0n,
  1n,
  2n,
  5n,
  0xffffffffn,
  MAX_TOKEN - 2n,
  MAX_TOKEN - 1n,
  MAX_TOKEN,
);
const token = fc.oneof(edge, fc.bigInt({ min: MIN_TOKEN, max: MAX_TOKEN }));

describe('tokenMidpoint (cassandra.a4)', () => {
  it.each([
    [MIN_TOKEN, MIN_TOKEN, -1n],
    [-3n, 0n, -2n],
    [0n, 1n, 0n],
    [MAX_TOKEN, MIN_TOKEN, MAX_TOKEN],
    [5n, 5n, -9223372036854775803n],
  ])('midpoint(%s, %s) = %s', (left, right, middle) => {
    expect(tokenMidpoint(left, right)).toBe(middle);
  });

  it('lies in the range, or equals its left end', () => {
    fc.assert(
      fc.property(token, token, (left, right) => {
        const middle = tokenMidpoint(left, right);
        expect(middle === left || rangeContains({ left, right }, middle)).toBe(true);
        expect(middle >= MIN_TOKEN && middle <= MAX_TOKEN).toBe(true);
      }),
    );
  });

  it('is the same on halves', () => {
    fc.assert(
      fc.property(token, token, (left, right) => {
        const halves = [highHalf(left), lowHalf(left), highHalf(right), lowHalf(right)] as const;
        expect(int64(midpointHigh(...halves), midpointLow(...halves))).toBe(tokenMidpoint(left, right));
        expect(midpointHigh(...halves)).toBe(highHalf(tokenMidpoint(left, right)));
        expect(midpointLow(...halves)).toBe(lowHalf(tokenMidpoint(left, right)));
        expect(Math.sign(compareHalves(...halves))).toBe(left < right ? -1 : left > right ? 1 : 0);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('ranges (cassandra.a3)', () => {
  const small = fc.record({ left: fc.bigInt({ min: -4n, max: 4n }), right: fc.bigInt({ min: -4n, max: 4n }) });
  const points = Array.from({ length: 13 }, (_unused, index) => BigInt(index - 6));
  const members = (range: { left: bigint; right: bigint }): bigint[] =>
    points.filter((point) => rangeContains(range, point));

  it('excludes the left end, includes the right one, wraps', () => {
    expect(members({ left: -1n, right: 2n })).toEqual([0n, 1n, 2n]);
    expect(members({ left: 4n, right: -5n })).toEqual([-6n, -5n, 5n, 6n]);
    expect(members({ left: 3n, right: 3n })).toEqual(points);
    expect(rangeText({ left: 4n, right: -5n })).toBe('(4,-5]');
  });

  it('intersects and lies inside as the sets of tokens do', () => {
    fc.assert(
      fc.property(small, small, (a, b) => {
        const inB = new Set(members(b));
        const inA = members(a);
        expect(rangesIntersect(a, b)).toBe(inA.some((point) => inB.has(point)));
        expect(isFullyInside(a, b)).toBe(inA.every((point) => inB.has(point)));
      }),
      { numRuns: 3000 },
    );
  });
});
