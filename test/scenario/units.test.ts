import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  durationText,
  isUnitProblem,
  parseByteRate,
  parseCount,
  parseDuration,
  parseEventRate,
  parseQuantity,
  parseShare,
  parseSignedDuration,
  parseSize,
} from '../../src/scenario/units.ts';
import { parseInstant } from '../../src/scenario/time-text.ts';

const codeOf = (value: unknown): unknown => (isUnitProblem(value) ? value.code : value);

describe('durations', () => {
  it.each([
    ['3h17m53s', 11_873_000_000],
    ['500ms', 500_000],
    ['10us', 10],
    ['10µs', 10],
    ['1.5h', 5_400_000_000],
    ['7d', 604_800_000_000],
    ['0.000001s', 1],
    ['1_000s', 1_000_000_000],
    ['1h0m1s', 3_601_000_000],
    [0, 0],
    ['0', 0],
  ])('%s is %d µs', (text, micros) => {
    expect(parseDuration(text)).toBe(micros);
  });

  it.each(['5', 5, -5, Number.NaN, '-5s', 'NaN', '5 s', '1s1h', '1h1h', '0.1us', '5y', '', 's', '1e3s', '99999999w'])(
    '%s is refused',
    (text) => {
      expect(codeOf(parseDuration(text))).toBe('S120');
    },
  );

  it('suggests the unit that is missing', () => {
    expect(parseDuration(30)).toMatchObject({ suggestion: '30s' });
  });

  it('reads back what it writes', () => {
    fc.assert(fc.property(fc.maxSafeNat(), (micros) => parseDuration(durationText(micros)) === micros));
    fc.assert(
      fc.property(
        fc.integer({ min: -1e15, max: 1e15 }),
        (micros) => parseSignedDuration(durationText(micros)) === micros,
      ),
    );
  });

  it('never answers with what is not a whole number of µs', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const micros = parseDuration(text);
        expect(isUnitProblem(micros) || (Number.isSafeInteger(micros) && micros >= 0)).toBe(true);
      }),
    );
  });
});

describe('sizes, rates, counts, shares', () => {
  it.each([
    ['350B', 350],
    ['128MiB', 134_217_728],
    ['4KB', 4000],
    ['4kB', 4000],
    ['4KiB', 4096],
    ['10GiB', 10_737_418_240],
    ['1.5GB', 1_500_000_000],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['1.5B', '350', 350, '10 Gb', '-1B', '5mb', 'B'])('%s is no size', (text) => {
    expect(codeOf(parseSize(text))).toBe('S121');
  });

  it('names the unit that was meant', () => {
    expect(parseSize('5mb')).toMatchObject({ suggestion: '5MB' });
    expect(parseSize('5Mi')).toMatchObject({ suggestion: '5MiB' });
  });

  it.each([
    ['400MB/s', 400_000_000],
    ['24MiB/s', 25_165_824],
    ['1Gbit/s', 125_000_000],
    ['60B/m', 1],
  ])('%s is %d bytes a second', (text, rate) => {
    expect(parseByteRate(text)).toBe(rate);
  });

  it.each([
    ['24k/s', 24_000],
    ['20k points/s', 20_000],
    ['1.5/s', 1.5],
    ['60/m', 1],
    ['1_000/s', 1000],
  ])('%s is %d events a second', (text, rate) => {
    expect(parseEventRate(text)).toBe(rate);
  });

  it.each(['24k', 24, '-1/s', '1/year', '1x/s', 'k/s'])('%s is no rate', (text) => {
    expect(codeOf(parseEventRate(text))).toBe('S122');
  });

  it.each([
    ['9G', 9_000_000_000],
    ['1M', 1_000_000],
    ['1_000_000', 1_000_000],
    ['1.5k', 1500],
    [7, 7],
  ])('%s is the count %d', (text, count) => {
    expect(parseCount(text)).toBe(count);
  });

  it.each(['1.5', 1.5, -1, '-1', 'many', '1Q', '99999999999999999999', Number.NaN])('%s is no count', (text) => {
    expect(codeOf(parseCount(text))).toBe('S123');
  });

  it.each([
    ['2%', 0.02],
    [0.02, 0.02],
    ['0.5', 0.5],
    ['100%', 1],
  ])('%s is the share %d', (text, share) => {
    expect(parseShare(text)).toBe(share);
  });

  it.each(['101%', -0.1, 2, 'half', Number.NaN])('%s is no share', (text) => {
    expect(codeOf(parseShare(text))).toBe('S124');
  });

  it('tells what a quantity measures', () => {
    expect(parseQuantity('1M')).toEqual({ value: 1_000_000, dimension: 'number' });
    expect(parseQuantity('400GB')).toEqual({ value: 400e9, dimension: 'bytes' });
    expect(parseQuantity('12h')).toEqual({ value: 43_200e6, dimension: 'micros' });
    expect(parseQuantity('5%')).toEqual({ value: 0.05, dimension: 'share' });
    expect(parseQuantity('-5')).toEqual({ value: -5, dimension: 'number' });
    expect(parseQuantity('0.5')).toEqual({ value: 0.5, dimension: 'number' });
  });
});

describe('instants', () => {
  it('agree with the calendar', () => {
    const instants = fc.date({
      min: new Date('0100-01-01T00:00:00Z'),
      max: new Date('9999-12-31T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(fc.property(instants, (date) => parseInstant(date.toISOString()) === date.getTime() * 1000));
  });

  it('know zones', () => {
    expect(parseInstant('2026-11-21T02:00:00+01:00')).toBe(parseInstant('2026-11-21T01:00:00Z'));
    expect(parseInstant('2026-11-21T02:00:00.000001Z')).toBe(Number(parseInstant('2026-11-21T02:00Z')) + 1);
  });

  it.each([
    '2026-02-29T00:00:00Z',
    '2026-11-21',
    '02:00',
    '2026-11-21T24:00:00Z',
    '2026-11-21T02:00:00',
    '2026-13-01T00:00:00Z',
  ])('%s is none', (text) => {
    expect(codeOf(parseInstant(text))).toBe('S128');
  });
});
