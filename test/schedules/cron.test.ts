/** Calendars of repairs against times computed by hand. */
import { describe, expect, test } from 'vitest';
import { ASSUMED_EPOCH_MICROS, firings, parseCron } from '../../src/scenario/cron.ts';
import type { Cron } from '../../src/scenario/cron.ts';
import { parseInstant } from '../../src/scenario/time-text.ts';
import { isUnitProblem } from '../../src/scenario/units.ts';

const MINUTE = 60e6;
const DAY = 24 * 60 * MINUTE;

function cronOf(text: string): Cron {
  const cron = parseCron(text);
  if (isUnitProblem(cron)) throw new Error(cron.message);
  return cron;
}

/** Firings as ISO minutes, of a run that starts at `start` and lasts some days. */
function when(text: string, start: string, days: number, most = 100): string[] {
  const epochMicros = parseInstant(start);
  if (isUnitProblem(epochMicros)) throw new Error(epochMicros.message);
  const window = { epochMicros, fromMicros: 0, untilMicros: days * DAY, most };
  return firings(cronOf(text), window).map((at) => new Date((epochMicros + at) / 1000).toISOString().slice(0, 16));
}

describe('firings', () => {
  test('weekly, written in three ways', () => {
    // 21 November 2026 is a Saturday.
    const thursdays = ['2026-11-26T14:10', '2026-12-03T14:10'];
    expect(when('10 14 * * 4', '2026-11-21T02:00:00Z', 14)).toEqual(thursdays);
    expect(when('Thu 14:10', '2026-11-21T02:00:00Z', 14)).toEqual(thursdays);
    expect(when('10 14 * * thu', '2026-11-21T02:00:00Z', 14)).toEqual(thursdays);
  });

  test('Sunday is 0 and 7', () => {
    const sundays = ['2026-11-22T00:00', '2026-11-29T00:00'];
    expect(when('0 0 * * 0', '2026-11-21T02:00:00Z', 9)).toEqual(sundays);
    expect(when('0 0 * * 7', '2026-11-21T02:00:00Z', 9)).toEqual(sundays);
    expect(when('@weekly', '2026-11-21T02:00:00Z', 9)).toEqual(sundays);
    expect(when('0 0 * * 5-7', '2026-11-21T02:00:00Z', 9).length).toBe(2 + 1 + 1);
  });

  test('time 0 counts, the end does not', () => {
    expect(when('0 2 * * *', '2026-11-21T02:00:00Z', 1)).toEqual(['2026-11-21T02:00']);
    expect(when('30 2 * * *', '2026-11-21T02:00:00Z', 2)).toEqual(['2026-11-21T02:30', '2026-11-22T02:30']);
  });

  test('a start within a minute: the first whole minute after it', () => {
    expect(when('* * * * *', '2026-11-21T02:00:30Z', 1, 2)).toEqual(['2026-11-21T02:01', '2026-11-21T02:02']);
  });

  test('steps, lists and ranges', () => {
    const times = (text: string) => when(text, '2026-11-21T00:00:00Z', 1).map((each) => each.slice(11));
    expect(times('*/20 6 * * *')).toEqual(['06:00', '06:20', '06:40']);
    expect(times('5/25 6 * * *')).toEqual(['06:05', '06:30', '06:55']);
    expect(times('0 2-4,22 * * *')).toEqual(['02:00', '03:00', '04:00', '22:00']);
    expect(times('0 1-9/4 * * *')).toEqual(['01:00', '05:00', '09:00']);
    expect(times('14:10')).toEqual(['14:10']);
    expect(times('@hourly').length).toBe(24);
  });

  test('the day of the month or the day of the week, where both are restricted', () => {
    expect(when('0 0 1 * mon', '2026-11-28T00:00:00Z', 11)).toEqual([
      '2026-11-30T00:00',
      '2026-12-01T00:00',
      '2026-12-07T00:00',
    ]);
    // With a star in one of them the other decides alone.
    expect(when('0 0 1 * *', '2026-11-28T00:00:00Z', 11)).toEqual(['2026-12-01T00:00']);
    expect(when('0 0 */1 * mon', '2026-11-28T00:00:00Z', 11)).toEqual(['2026-11-30T00:00', '2026-12-07T00:00']);
  });

  test('months, leap days, and a day that never comes', () => {
    expect(when('0 12 29 feb *', '2026-01-01T00:00:00Z', 9 * 366)).toEqual(['2028-02-29T12:00', '2032-02-29T12:00']);
    expect(when('0 0 31 4,6 *', '2026-01-01T00:00:00Z', 9 * 366)).toEqual([]);
    expect(when('@monthly', '2026-01-01T00:00:00Z', 365).length).toBe(12);
  });

  test('no more than wanted', () => {
    expect(when('* * * * *', '2026-01-01T00:00:00Z', 365, 5).length).toBe(5);
  });

  test('without a start time 0 is a Monday, the first of January', () => {
    const window = { epochMicros: ASSUMED_EPOCH_MICROS, fromMicros: 0, untilMicros: 8 * DAY, most: 9 };
    expect(firings(cronOf('0 0 * * mon'), window)).toEqual([0, 7 * DAY]);
    expect(firings(cronOf('@yearly'), window)).toEqual([0]);
    expect(firings(cronOf('Sun 02:30'), window)).toEqual([6 * DAY + 150 * MINUTE]);
  });
});

test.each([
  ['0 2 * *', /4 fields/, undefined],
  ['0 2 * * * *', /6 fields/, undefined],
  ['', /1 field/, undefined],
  ['60 2 * * *', /"60" is not a minute/, undefined],
  ['0 24 * * *', /"24" is not a hour/, undefined],
  ['0 0 0 * *', /"0" is not a day of the month/, undefined],
  ['0 0 * 13 *', /"13" is not a month/, undefined],
  ['0 0 * * 8', /"8" is not a day of the week/, undefined],
  ['0 0 * * thr', /"thr"/, 'thu'],
  ['0 0 * jna *', /"jna"/, 'jan'],
  ['30-10 0 * * *', /"30-10"/, '10-30'],
  ['*/0 * * * *', /"\*\/0"/, undefined],
  ['1.5 * * * *', /"1.5"/, undefined],
  ['-5 * * * *', /"-5"/, undefined],
  ['@weakly', /@weakly/, '@weekly'],
  ['Thu 24:10', /time of the day/, undefined],
  ['NaN * * * *', /"nan"/, undefined],
])('%j is refused', (text, message, suggestion) => {
  const read = parseCron(text);
  if (!isUnitProblem(read)) throw new Error('it was read');
  expect(read.code).toBe('S181');
  expect(read.message).toMatch(message);
  expect(read.suggestion).toBe(suggestion);
});
