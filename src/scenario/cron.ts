/**
 * Reads when a schedule begins: five cron fields (minute, hour, day of the month, month, day of the week), one of cron's
 * names such as @weekly, or a day and a time as Reaper's page shows them (`Thu 14:10`). Answers with the moments of a run
 * at which it fires. Not responsible for what begins then. Rule of cron: where both the day of the month and the day of the
 * week are restricted, either is enough.
 */
import { DAY, MINUTE } from '../base/human.ts';
import { dateOf } from '../base/virtual-clock.ts';
import { nearestName } from './nearest.ts';
import { unitProblem } from './units.ts';
import type { UnitProblem } from './units.ts';

/** Flags by value: `minutes[30]` is 1 where minute 30 is one of them. Days of the week from Sunday, 0. */
export interface Cron {
  readonly minutes: Uint8Array;
  readonly hours: Uint8Array;
  readonly days: Uint8Array;
  readonly months: Uint8Array;
  readonly weekdays: Uint8Array;
  /** Was the field a star? Then the other of the two decides alone. */
  readonly anyDay: boolean;
  readonly anyWeekday: boolean;
}

export interface FiringWindow {
  /** µs since 1970 of time 0. */
  epochMicros: number;
  /** µs of the run; `until` is exclusive. */
  fromMicros: number;
  untilMicros: number;
  /** No more than these are listed. */
  most: number;
}

export const CRON_EXPECTED = 'five cron fields such as "30 2 * * 0", a day and a time such as "Sun 02:30", or @weekly';

/** Without `start:` time 0 is midnight of this day: 1 January 2001, a Monday. */
export const ASSUMED_EPOCH_MICROS = 978_307_200_000_000;

const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const NAMED: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};

interface Field {
  name: string;
  least: number;
  most: number;
  /** Words for values, from `least` on. */
  words: readonly string[];
}

const FIELDS: readonly Field[] = [
  { name: 'minute', least: 0, most: 59, words: [] },
  { name: 'hour', least: 0, most: 23, words: [] },
  { name: 'day of the month', least: 1, most: 31, words: [] },
  { name: 'month', least: 1, most: 12, words: MONTHS },
  { name: 'day of the week', least: 0, most: 7, words: WEEKDAYS },
];

export function parseCron(value: string | number): Cron | UnitProblem {
  const text = String(value).trim().toLowerCase();
  if (text.startsWith('@')) return parseNamed(text);
  const parts = text.split(/\s+/);
  const time = /^(\d{1,2}):(\d\d)$/.exec(parts[parts.length - 1]);
  if (time !== null && parts.length <= 2) return parseDayAndTime(text, parts, time);
  if (parts.length === 5) return parseFields(parts);
  const message = `"${text}" is not a schedule: ${parts.length} ${parts.length === 1 ? 'field' : 'fields'}`;
  return unitProblem('S181', message, CRON_EXPECTED);
}

/** Moments of the run at which it fires, ascending. */
export function firings(cron: Cron, window: FiringWindow): number[] {
  const { epochMicros, fromMicros, untilMicros, most } = window;
  const found: number[] = [];
  const lastDay = Math.floor((epochMicros + untilMicros - 1) / DAY);
  for (let day = Math.floor((epochMicros + fromMicros) / DAY); day <= lastDay; day += 1) {
    if (!isOnDay(cron, day)) continue;
    for (let minute = 0; minute < 24 * 60; minute += 1) {
      if (cron.hours[Math.floor(minute / 60)] === 0 || cron.minutes[minute % 60] === 0) continue;
      const at = day * DAY + minute * MINUTE - epochMicros;
      if (at < fromMicros) continue;
      if (at >= untilMicros || found.length === most) return found;
      found.push(at);
    }
  }
  return found;
}

function isOnDay(cron: Cron, day: number): boolean {
  const date = dateOf(day);
  if (cron.months[date.month] === 0) return false;
  // 1 January 1970 was a Thursday.
  const isWeekday = cron.weekdays[(((day + 4) % 7) + 7) % 7] === 1;
  const isDay = cron.days[date.day] === 1;
  if (cron.anyDay) return isWeekday;
  return cron.anyWeekday ? isDay : isDay || isWeekday;
}

function parseNamed(text: string): Cron | UnitProblem {
  if (Object.hasOwn(NAMED, text)) return parseFields(NAMED[text].split(' '));
  const names = Object.keys(NAMED);
  return problemOf(`"${text}" is not a schedule`, `one of ${names.join(', ')}`, nearestName(text, names));
}

/** `Thu 14:10`, `mon,thu 2:30`, `14:10`. */
function parseDayAndTime(
  text: string,
  parts: readonly string[],
  [, hour, minute]: RegExpExecArray,
): Cron | UnitProblem {
  if (Number(hour) > 23 || Number(minute) > 59)
    return unitProblem('S181', `"${text}" is not a time of the day`, 'from 00:00 to 23:59');
  const days = parts.length === 1 ? '*' : parts[0].replaceAll(/([a-z]{3})[a-z]+/g, '$1');
  return parseFields([String(Number(minute)), String(Number(hour)), '*', '*', days]);
}

function parseFields(texts: readonly string[]): Cron | UnitProblem {
  const flags: Uint8Array[] = [];
  for (const [index, text] of texts.entries()) {
    const read = parseField(FIELDS[index], text);
    if (!(read instanceof Uint8Array)) return read;
    flags.push(read);
  }
  const [minutes, hours, days, months, weekdays] = flags;
  // Sunday is 0 and 7.
  if (weekdays[7] === 1) weekdays[0] = 1;
  const isStar = (index: number): boolean => texts[index].startsWith('*');
  return { minutes, hours, days, months, weekdays, anyDay: isStar(2), anyWeekday: isStar(4) };
}

function parseField(field: Field, text: string): Uint8Array | UnitProblem {
  const flags = new Uint8Array(field.most + 1);
  for (const item of text.split(',')) {
    const [range, stepText, ...rest] = item.split('/');
    const step = stepText === undefined ? 1 : wholeOf(stepText);
    if (step === null || step < 1 || rest.length > 0) return fieldProblem(field, item, 'a step such as */15 above 0');
    const limits = limitsOf(field, range, stepText !== undefined);
    if ('message' in limits) return limits;
    for (let value = limits.from; value <= limits.to; value += step) flags[value] = 1;
  }
  return flags;
}

function limitsOf(field: Field, text: string, hasStep: boolean): { from: number; to: number } | UnitProblem {
  const { name, least, most } = field;
  if (text === '*') return { from: least, to: name === 'day of the week' ? 6 : most };
  const ends = text.split('-');
  const from = valueOf(field, ends[0]);
  const to = ends.length === 1 ? (hasStep ? most : from) : valueOf(field, ends[1]);
  if (from === null || to === null || ends.length > 2) {
    const wrong = from === null ? ends[0] : (ends[1] ?? '');
    return fieldProblem(field, text, rangeText(field), nearestName(wrong, field.words));
  }
  if (from > to) return fieldProblem(field, text, 'the smaller value first', `${ends[1]}-${ends[0]}`);
  return { from, to };
}

function valueOf({ least, most, words }: Field, text: string): number | null {
  const word = words.indexOf(text);
  if (word >= 0) return word + least;
  const number = wholeOf(text);
  return number === null || number < least || number > most ? null : number;
}

function wholeOf(text: string): number | null {
  return /^\d{1,4}$/.test(text) ? Number(text) : null;
}

function rangeText({ least, most, words }: Field): string {
  const numbers = `${least} to ${most}`;
  return words.length === 0 ? numbers : `${numbers}, or ${words[0]} to ${words[words.length - 1]}`;
}

function fieldProblem(field: Field, found: string, expected: string, suggestion: string | null = null): UnitProblem {
  return problemOf(`"${found}" is not a ${field.name} of a schedule`, expected, suggestion);
}

function problemOf(message: string, expected: string, suggestion: string | null): UnitProblem {
  return unitProblem('S181', message, expected, suggestion ?? undefined);
}
