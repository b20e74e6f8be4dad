/**
 * Values as cassandra.yaml writes them. Since 4.1 durations, sizes and rates are whole numbers with a unit, case
 * matters and a bare number is refused (`config/DurationSpec`, `DataStorageSpec`, `DataRateSpec`); before, a bare number
 * counts in the unit that the setting's name ends with. Pure: text in, base units (µs, bytes, bytes per second) out.
 */
import type { SettingSpec, SettingType } from '../../scenario/dialect-rules.ts';
import type { SettingValue } from '../../scenario/plan.ts';

const DURATION_UNITS: Readonly<Record<string, number>> = {
  d: 86_400e6,
  h: 3_600e6,
  m: 60e6,
  s: 1e6,
  ms: 1e3,
  us: 1,
  µs: 1,
};
const SIZE_UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1_048_576, GiB: 1_073_741_824 };
const RATE_UNITS: Readonly<Record<string, number>> = { 'B/s': 1, 'KiB/s': 1024, 'MiB/s': 1_048_576 };
const TRUE_WORDS = ['true', 'yes', 'on', 'y'];
const FALSE_WORDS = ['false', 'no', 'off', 'n'];

/** What a value of the type looks like. */
export const EXPECTED: Readonly<Record<SettingType, string>> = {
  duration: 'a whole number with a unit: d, h, m, s, ms, us (such as 3h or 10000ms)',
  size: 'a whole number with a unit: B, KiB, MiB, GiB (such as 1024KiB)',
  rate: 'a whole number with a unit: B/s, KiB/s, MiB/s (such as 24MiB/s)',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  text: 'a word',
  texts: 'a list of words',
};

/** The value in base units; undefined where the text is not of the type. `texts` are read elsewhere (a list). */
export function readValue(type: SettingType, text: string): SettingValue | undefined {
  switch (type) {
    case 'duration':
      return withUnit(text, DURATION_UNITS);
    case 'size':
      return withUnit(text, SIZE_UNITS);
    case 'rate':
      return withUnit(text, RATE_UNITS);
    case 'integer':
      return wholeNumber(text);
    case 'number':
      return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
    case 'boolean':
      return readBoolean(text);
    case 'text':
      return text === '' ? undefined : text;
    case 'texts':
      return undefined;
  }
}

/** A bare number under a former name, such as `max_hint_window_in_ms: 10800000`. */
export function readFormerValue(type: SettingType, text: string, scale: number): SettingValue | undefined {
  if (type !== 'duration' && type !== 'size' && type !== 'rate') return readValue(type, text);
  const value = wholeNumber(text);
  return value === undefined ? undefined : safe(value * scale);
}

/** Why the value lies outside what the setting takes; null where it does not. */
export function outOfRange(spec: SettingSpec, value: SettingValue): string | null {
  if (typeof value === 'string' && spec.values !== undefined && !spec.values.includes(value))
    return spec.values.join(' | ');
  if (typeof value !== 'number') return null;
  if (spec.min !== undefined && value < spec.min) return `at least ${inUnits(spec.type, spec.min)}`;
  if (spec.max !== undefined && value > spec.max) return `at most ${inUnits(spec.type, spec.max)}`;
  return null;
}

/** A value in base units as the file would write it. */
export function inUnits(type: SettingType, value: number): string {
  const units =
    type === 'duration' ? DURATION_UNITS : type === 'size' ? SIZE_UNITS : type === 'rate' ? RATE_UNITS : null;
  if (units === null) return String(value);
  let best: [string, number] | null = null;
  for (const [unit, scale] of Object.entries(units)) {
    if (value % scale === 0 && (best === null || scale > best[1])) best = [unit, scale];
  }
  return best === null ? String(value) : `${value / best[1]}${best[0]}`;
}

function withUnit(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(\d{1,19})([a-zA-Zµ/]+)$/.exec(text);
  const scale = match === null || !Object.hasOwn(units, match[2]) ? undefined : units[match[2]];
  return match === null || scale === undefined ? undefined : safe(Number(match[1]) * scale);
}

function wholeNumber(text: string): number | undefined {
  return /^-?\d{1,19}$/.test(text) ? safe(Number(text)) : undefined;
}

function safe(value: number): number | undefined {
  return Number.isSafeInteger(value) ? value : undefined;
}

function readBoolean(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (TRUE_WORDS.includes(word)) return true;
  return FALSE_WORDS.includes(word) ? false : undefined;
}
