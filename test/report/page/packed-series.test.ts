import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { packColumn, packSeries, SeriesView, unpackColumn } from '../../../src/report/page/packed-series.ts';
import { thinRows } from '../../../src/report/page/thin-series.ts';
import type { Series } from '../../../src/observe/result.ts';

const roundTrip = (values: number[]): number[] => [...unpackColumn(packColumn('x', values), values.length)];

describe('a packed column', () => {
  it('gives whole numbers back exactly, and what is not known as not known', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.integer(), fc.integer({ min: 0, max: 1e15 }), fc.constant(NaN))),
        (values) => void expect(roundTrip(values)).toEqual(values.map((value) => value + 0)),
      ),
    );
  });

  it('is off by no more than half its step elsewhere, which is a millionth of the largest value or less', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1 }), (values) => {
        const packed = packColumn('x', values);
        const largest = Math.max(...values);
        const back = roundTrip(values);
        for (const [row, value] of values.entries())
          expect(Math.abs(back[row] - value)).toBeLessThanOrEqual(
            packed.errorMax * 1.000001 + 4 * Number.EPSILON * largest,
          );
        if (largest > 1e-6) expect(packed.errorMax).toBeLessThanOrEqual(largest * 1e-5);
      }),
    );
  });

  it('is short where nothing moves', () => {
    expect(packColumn('x', new Array<number>(5000).fill(0)).deltas).toBe('0*5000');
    expect(packColumn('x', [1, 2, 3, 4, 4, NaN, NaN, 5]).deltas).toBe('1*4,0,x*2,1');
  });
});

/** A ramp, a spike of one row, a plateau. */
function series(rows: number): Series {
  const time_micros = Array.from({ length: rows }, (_, row) => row * 1_000_000);
  const spike = time_micros.map((_, row) => (row === 777 ? 1000 : 0));
  const ramp = time_micros.map((_, row) => Math.min(row, rows / 2));
  return { time_micros, columns: { spike, ramp } };
}

describe('thinning', () => {
  it('keeps a spike of one row and the corner of a ramp, and tells what it misses', () => {
    const long = series(5000);
    const { keep, strayShare } = thinRows(long, 100);
    expect(keep.length).toBeLessThanOrEqual(100);
    expect([keep[0], keep[keep.length - 1]]).toEqual([0, 4999]);
    expect(keep).toEqual(expect.arrayContaining([776, 777, 778, 2500]));
    expect(strayShare).toBe(0);
    const few = thinRows(long, 4);
    expect(few.keep).toHaveLength(4);
    expect(few.strayShare).toBeGreaterThan(0);
    expect(strayOf(long, few.keep)).toBeCloseTo(few.strayShare, 12);
  });

  it('leaves a short series as it is', () => {
    const short = series(1000);
    const { keep, strayShare } = thinRows(short, 2000);
    const view = new SeriesView(packSeries(short, keep, strayShare));
    expect([...view.times]).toEqual(short.time_micros);
    expect([...(view.column('ramp') ?? [])]).toEqual(short.columns['ramp']);
    expect(view.column('nothing')).toBeNull();
  });
});

/** The same, computed without cleverness. */
function strayOf({ time_micros: times, columns }: Series, keep: readonly number[]): number {
  let most = 0;
  for (const values of Object.values(columns)) {
    const largest = Math.max(...values);
    for (let index = 1; index < keep.length; index += 1) {
      const [from, to] = [keep[index - 1], keep[index]];
      for (let row = from + 1; row < to; row += 1) {
        const line =
          values[from] + ((values[to] - values[from]) * (times[row] - times[from])) / (times[to] - times[from]);
        most = Math.max(most, Math.abs(line - values[row]) / largest);
      }
    }
  }
  return most;
}
