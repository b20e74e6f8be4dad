/**
 * What a person may write for a time: an offset (`14m7s`), an ISO instant, a reference to an entry's start or end, `end`
 * (of the run), each with `+ 2h` or `- 5m` behind it. Parsing only; `times.ts` resolves.
 */
import { isUnitProblem, parseDuration, unitProblem } from './units.ts';
import type { UnitProblem } from './units.ts';

export const SECTIONS_WITH_TIMES = ['faults', 'operations', 'repairs', 'workload'] as const;
export type TimedSection = (typeof SECTIONS_WITH_TIMES)[number];

export type TimeBase =
  | { kind: 'offset'; micros: number }
  /** Microseconds since 1970. */
  | { kind: 'instant'; epochMicros: number }
  | { kind: 'reference'; section: TimedSection; id: string; edge: 'start' | 'end' }
  | { kind: 'end' };

export type TimeExpression =
  | { kind: 'sum'; base: TimeBase; plus: number }
  | { kind: 'draw'; draw: Draw; after: { kind: 'sum'; base: TimeBase; plus: number } | null };

export type Draw = { kind: 'uniform'; min: number; max: number } | { kind: 'exponential'; mean: number };

export const TIME_EXPECTED = 'an offset such as 14m7s, an ISO instant, a reference such as faults.a.end + 2h, or end';

export function parseTime(value: string | number): TimeExpression | UnitProblem {
  if (typeof value === 'number') {
    const micros = parseDuration(value);
    return isUnitProblem(micros) ? micros : { kind: 'sum', base: { kind: 'offset', micros }, plus: 0 };
  }
  const [first, ...rest] = value.trim().split(/\s+([+-])\s*/);
  const base = parseBase(first);
  if (isUnitProblem(base)) return base;
  let plus = 0;
  for (let index = 0; index < rest.length; index += 2) {
    const micros = parseDuration(rest[index + 1]);
    if (isUnitProblem(micros)) return micros;
    plus += rest[index] === '-' ? -micros : micros;
  }
  return { kind: 'sum', base, plus };
}

/** `A .. B` */
export function parseWindow(value: string | number): { from: TimeExpression; to: TimeExpression } | UnitProblem {
  const parts = String(value).split(/\s+\.\.\s+/);
  if (parts.length !== 2)
    return unitProblem(
      'S125',
      `"${value}" is not a window`,
      'two times with .. between them, such as 1h .. faults.a.end',
    );
  const from = parseTime(parts[0]);
  if (isUnitProblem(from)) return from;
  const to = parseTime(parts[1]);
  return isUnitProblem(to) ? to : { from, to };
}

function parseBase(text: string): TimeBase | UnitProblem {
  if (text === 'end') return { kind: 'end' };
  const reference = /^([a-z]+)\.([A-Za-z0-9-]+)\.([a-z]+)$/.exec(text);
  if (reference !== null) return parseReference(text, reference[1], reference[2], reference[3]);
  if (/^\d{4}-\d\d-/.test(text)) {
    const epochMicros = parseInstant(text);
    return isUnitProblem(epochMicros) ? epochMicros : { kind: 'instant', epochMicros };
  }
  const micros = parseDuration(text);
  if (!isUnitProblem(micros)) return { kind: 'offset', micros };
  return /^[a-z]+(\.|$)/.test(text)
    ? unitProblem('S125', `"${text}" is not a time`, TIME_EXPECTED)
    : { ...micros, expected: TIME_EXPECTED };
}

function parseReference(text: string, section: string, id: string, edge: string): TimeBase | UnitProblem {
  const timed = SECTIONS_WITH_TIMES.find((name) => name === section);
  if (timed === undefined)
    return unitProblem(
      'S125',
      `"${text}" refers to a section without times`,
      `one of ${SECTIONS_WITH_TIMES.join(', ')}`,
    );
  if (edge !== 'start' && edge !== 'end')
    return unitProblem('S125', `"${text}" is not a time`, `${section}.${id}.start or ${section}.${id}.end`);
  return { kind: 'reference', section: timed, id, edge };
}

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(Z|[+-]\d\d:\d\d)$/;

/** A full ISO instant as microseconds since 1970; proleptic Gregorian calendar, no leap seconds. */
export function parseInstant(text: string): number | UnitProblem {
  const problem = unitProblem(
    'S128',
    `"${text}" is not an instant`,
    'a full ISO instant with a zone, such as 2026-11-21T02:00:00Z',
  );
  const match = INSTANT.exec(text.trim());
  if (match === null) return problem;
  const [year, month, day, hour, minute] = match.slice(1, 6).map(Number);
  const second = Number(match[6] ?? 0);
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
    return problem;
  const fraction = Number((match[7] ?? '').padEnd(6, '0'));
  const seconds = daysFromEpoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - zoneSeconds(match[8]);
  return seconds * 1e6 + fraction;
}

function zoneSeconds(zone: string): number {
  if (zone === 'Z') return 0;
  const [hours, minutes] = zone.slice(1).split(':').map(Number);
  return (zone.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60);
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function daysInMonth(year: number, month: number): number {
  return month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Days since 1970-01-01. */
function daysFromEpoch(year: number, month: number, day: number): number {
  const before = year - 1;
  let days = before * 365 + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) - 719_162;
  for (let each = 1; each < month; each++) days += daysInMonth(year, each);
  return days + day - 1;
}
