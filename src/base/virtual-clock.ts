/**
 * Virtual time as people read it: the clock of the scenario where `start:` gave one (UTC), else the time since the
 * start of the run. The calendar is computed here because the core may not use Date.
 */
import { DAY, HOUR, MINUTE, SECOND, formatDuration, two } from './human.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const WEEKDAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'];
const INSTANT = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?(Z|[+-]\d{2}:\d{2})$/;

export interface CivilDate {
  year: number;
  month: number;
  day: number;
}

/** Days since 1970-01-01 of a date of the Gregorian calendar: March is the first month, so a leap day ends a year. */
export function daysOf({ year, month, day }: CivilDate): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}

export function dateOf(days: number): CivilDate {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const month = Math.floor((5 * dayOfYear + 2) / 153);
  const civilMonth = month < 10 ? month + 3 : month - 9;
  return {
    year: yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0),
    month: civilMonth,
    day: dayOfYear - Math.floor((153 * month + 2) / 5) + 1,
  };
}

/** µs since 1970 of an ISO instant with a zone; null where it is none. */
export function parseInstant(text: string): number | null {
  const match = INSTANT.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second = '0', fraction = '', zone = 'Z'] = match;
  const days = daysOf({ year: Number(year), month: Number(month), day: Number(day) });
  const offset =
    zone === 'Z'
      ? 0
      : (zone.startsWith('-') ? -1 : 1) * (Number(zone.slice(1, 3)) * HOUR + Number(zone.slice(4, 6)) * MINUTE);
  return (
    days * DAY +
    Number(hour) * HOUR +
    Number(minute) * MINUTE +
    Number(second) * SECOND +
    Number(fraction.padEnd(6, '0')) -
    offset
  );
}

/** Writes moments of one run. */
export class VirtualClock {
  /** µs since 1970 of time 0; null when the scenario has no clock. */
  readonly epochMicros: number | null;
  readonly #spanMicros: number;

  constructor(start: string | null, spanMicros: number) {
    this.epochMicros = start === null ? null : parseInstant(start);
    this.#spanMicros = spanMicros;
  }

  /** `05:32`, `05:32:07` or `2d 05:32` as the length of the run needs; without a clock `5h 32m`, `5h 32m 07s`. */
  moment(micros: number): string {
    if (this.epochMicros === null) return micros === 0 ? '0' : offsetText(micros);
    const at = this.epochMicros + micros;
    const time = this.#spanMicros <= 10 * MINUTE || at % MINUTE !== 0 ? timeOfDay(at, true) : timeOfDay(at, false);
    return this.#spansDays() ? `${dayAndMonth(at)} ${time}` : time;
  }

  /** Short label of a tick of the axis: ticks are round. */
  tick(micros: number, stepMicros: number): string {
    if (this.epochMicros === null) return micros === 0 ? '0' : formatTick(micros);
    const at = this.epochMicros + micros;
    if (stepMicros >= DAY) return dayAndMonth(at);
    return timeOfDay(at, stepMicros < MINUTE);
  }

  /** `Tue 1 Dec 02:14 UTC`. */
  deadline(micros: number): string {
    if (this.epochMicros === null) return formatDuration(micros);
    const at = this.epochMicros + micros;
    const days = Math.floor(at / DAY);
    return `${WEEKDAYS[((days % 7) + 7) % 7]} ${dayAndMonth(at)} ${timeOfDay(at, false)} UTC`;
  }

  /** `21 Nov UTC`; empty without a clock. */
  startDay(): string {
    return this.epochMicros === null
      ? ''
      : `${dayAndMonth(this.epochMicros)} ${dateOf(Math.floor(this.epochMicros / DAY)).year} UTC`;
  }

  #spansDays(): boolean {
    return this.#spanMicros > 36 * HOUR;
  }
}

/** A duration that keeps its seconds: events of one minute are told apart. */
function offsetText(micros: number): string {
  const seconds = Math.floor(micros / SECOND + 0.5);
  if (seconds < 3600) return formatDuration(micros);
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  const day = days === 0 ? '' : `${days}d ${two(hours)}h`;
  const rest = seconds % 60 === 0 ? '' : ` ${two(seconds % 60)}s`;
  if (day !== '' && minutes === 0 && rest === '') return day;
  return `${day === '' ? `${hours}h` : day} ${two(minutes)}m${rest}`;
}

function dayAndMonth(at: number): string {
  const date = dateOf(Math.floor(at / DAY));
  return `${date.day} ${MONTHS[date.month - 1]}`;
}

function timeOfDay(at: number, seconds: boolean): string {
  const inDay = at - Math.floor(at / DAY) * DAY;
  const text = `${two(Math.floor(inDay / HOUR))}:${two(Math.floor(inDay / MINUTE) % 60)}`;
  return seconds ? `${text}:${two(Math.floor(inDay / SECOND) % 60)}` : text;
}

/** A round offset in its largest units: 90 min → `1h 30m`, 2 d → `2d`, 15 s → `15s`. */
function formatTick(micros: number): string {
  const parts: string[] = [];
  let rest = micros;
  for (const [size, letter] of [
    [DAY, 'd'],
    [HOUR, 'h'],
    [MINUTE, 'm'],
    [SECOND, 's'],
  ] as const) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count}${letter}`);
  }
  return rest > 0 ? formatDuration(micros) : parts.slice(0, 2).join(' ');
}

const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((count) => count * 1000),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 4, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 5, 7, 14, 28, 56, 182, 364].map((count) => count * DAY),
];

/** The smallest round step of which at most `most` fit into the span. */
export function roundStep(spanMicros: number, most: number): number {
  for (const step of STEPS) if (spanMicros / step <= most) return step;
  return STEPS[STEPS.length - 1] * 10;
}
