import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatExact,
  formatMark,
  formatShare,
  formatSpan,
} from '../../src/base/human.ts';
import { VirtualClock, dateOf, daysOf, parseInstant, roundStep } from '../../src/base/virtual-clock.ts';
import { valueAxis } from '../../src/report/chart.ts';
import { seriesCsv } from '../../src/report/csv.ts';
import { resultJson } from '../../src/report/json.ts';
import { clip, displayWidth, escapeControls, wrap } from '../../src/report/width.ts';
import { sampleOutput } from './sample-run.ts';

const HOUR = 3600e6;

describe('numbers', () => {
  it.each([
    [0, '0'], [7, '7'], [24_000, '24 000'], [99_999, '99 999'], [100_000, '100 k'], [999_949, '999.9 k'], [999_950, '1 M'],
    [36_712_345, '36.7 M'], [285e6, '285 M'], [1.94e9, '1.9 G'], [0.25, '0.25'], [31.5, '31.5'], [-24_000, '−24 000'], [NaN, '–'], [Infinity, '–'],
  ])('count %d is %s', (value, text) => expect(formatCount(value)).toBe(text)); // prettier-ignore

  it.each([
    [0, '0 B'], [999, '999 B'], [1000, '1 kB'], [21_400_000, '21.4 MB'], [318e9, '318 GB'], [1.62e12, '1.6 TB'],
  ])('%d bytes are %s', (value, text) => expect(formatBytes(value)).toBe(text)); // prettier-ignore

  it.each([
    [0, '0 s'], [350, '350 µs'], [4200, '4.2 ms'], [1.5e6, '1.5 s'], [542e6, '9m 02s'], [59_999_999, '60 s'], [3 * HOUR + 17 * 60e6, '3h 17m'],
    [3599.9e6, '1h 00m'], [24 * HOUR, '1d 00h'], [-1000, '−1 ms'],
  ])('%d µs are %s', (value, text) => expect(formatDuration(value)).toBe(text)); // prettier-ignore

  it.each([
    [0, '0 %'], [1, '100 %'], [0.021, '2.1 %'], [0.0002, '0.02 %'], [0.00001, '< 0.01 %'], [0.99999, '> 99.9 %'], [0.05, '5 %'],
  ])('share %d is %s', (value, text) => expect(formatShare(value)).toBe(text)); // prettier-ignore

  it('spans, exact numbers and marks', () => {
    expect([formatSpan(24 * HOUR), formatSpan(90 * 60e6), formatSpan(7 * 24 * HOUR), formatSpan(1500)]).toEqual([
      '24 h',
      '90 min',
      '7 d',
      '1.5 ms',
    ]);
    expect(formatExact(1_042_311)).toBe('1 042 311');
    expect([formatMark(80_000, 240_000), formatMark(40e6, 280e6), formatMark(2500, 20_000)]).toEqual([
      '80 k',
      '40 M',
      '2 500',
    ]);
  });
});

describe('the clock', () => {
  it('knows the calendar', () => {
    expect(parseInstant('1970-01-01T00:00:00Z')).toBe(0);
    expect(parseInstant('2026-11-21T02:00:00Z')).toBe(1_795_226_400e6);
    expect(parseInstant('2026-11-21T03:30:00.5+01:30')).toBe(1_795_226_400e6 + 500_000);
    expect(parseInstant('yesterday')).toBeNull();
    fc.assert(
      fc.property(fc.integer({ min: -200_000, max: 200_000 }), (days) => {
        expect(daysOf(dateOf(days))).toBe(days);
        const { year, month, day } = dateOf(days);
        expect([year, month, day]).toEqual([
          new Date(days * 864e5).getUTCFullYear(),
          new Date(days * 864e5).getUTCMonth() + 1,
          new Date(days * 864e5).getUTCDate(),
        ]);
      }),
    );
  });

  it('tells moments with as much as a run needs', () => {
    const day = new VirtualClock('2026-11-21T02:00:00Z', 24 * HOUR);
    expect([day.moment(0), day.moment(HOUR + 7e6), day.startDay()]).toEqual(['02:00', '03:00:07', '21 Nov 2026 UTC']);
    const week = new VirtualClock('2026-11-21T02:00:00Z', 7 * 24 * HOUR);
    expect([week.moment(25 * HOUR), week.deadline(25 * HOUR)]).toEqual(['22 Nov 03:00', 'Sun 22 Nov 03:00 UTC']);
    const bare = new VirtualClock(null, 24 * HOUR);
    expect([bare.moment(0), bare.moment(HOUR), bare.tick(90 * 60e6, 30 * 60e6)]).toEqual(['0', '1h 00m', '1h 30m']);
  });

  it('chooses round steps that fit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3e13 }), fc.integer({ min: 1, max: 15 }), (span, most) => {
        expect(span / roundStep(span, most)).toBeLessThanOrEqual(most);
      }),
    );
  });
});

describe('axis of values', () => {
  it('has at most eight whole marks that cover the largest value', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e12 }), (largest) => {
        const { unit, marks } = valueAxis(largest);
        expect(marks.length).toBeLessThanOrEqual(8);
        expect(Number.isInteger(unit)).toBe(true);
        expect(marks[marks.length - 1]).toBeGreaterThanOrEqual(largest);
        expect((marks[marks.length - 1] ?? 0) - unit).toBeLessThan(largest);
      }),
    );
  });
});

describe('widths', () => {
  it('counts what a terminal shows', () => {
    expect(displayWidth('abc')).toBe(3);
    expect(displayWidth('日本')).toBe(4);
    expect(displayWidth('e\u0301')).toBe(1);
    expect(clip('日本語', 5)).toBe('日本…');
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('abcdefgh', 3)).toEqual(['abc', 'def', 'gh']);
    // Numbers stay whole, and with their unit; a number and a word, or two numbers, do not.
    expect(wrap('timed out, 3 094 unavailable', 15)).toEqual(['timed out,', '3 094', 'unavailable']);
    expect(wrap('disks write 300 MB/s and 5.5 % more', 15)).toEqual(['disks write', '300 MB/s and', '5.5 % more']);
    expect(wrap('seed 12 3 nodes of 4 mine', 9)).toEqual(['seed 12 3', 'nodes of', '4 mine']);
    expect(escapeControls('a\u001b[31m\u202eb\n')).toBe('a\\x1b[31m\\u{202e}b\\n');
  });

  it('clip and wrap never exceed their columns and lose no word', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 40 }), (text, columns) => {
        expect(displayWidth(clip(text, columns))).toBeLessThanOrEqual(columns);
        const lines = wrap(text, columns);
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      }),
    );
  });
});

describe('files', () => {
  it('CSV quotes column names and leaves unknown values empty', () => {
    const text = seriesCsv({ time_micros: [0, 5], columns: { a: [1, NaN], 'b{cause=x,state=y}': [0.5, 1e21] } });
    expect(text).toBe('time_micros,a,"b{cause=x,state=y}"\n0,1,0.5\n5,,1e+21\n');
  });

  it('JSON has one order of keys, whatever the order of the parts', () => {
    const { result } = sampleOutput();
    const shuffled = Object.fromEntries([...Object.entries(result)].reverse()) as unknown as typeof result;
    expect(resultJson(shuffled)).toBe(resultJson(result));
    expect(JSON.parse(resultJson(result))).toEqual(result);
    expect(resultJson(result).split('\n').slice(0, 4)).toEqual([
      '{',
      '  "format": 1,',
      '  "version": "0.1.0",',
      '  "plan_hash": "0123456789abcdef",',
    ]);
    expect(resultJson({ ...result, peak: { divergent_copies: NaN, at_micros: 0 } })).toContain(
      '"divergent_copies": null',
    );
  });
});
