/**
 * Numbers for people: counts (36.7 M), bytes (318 GB, SI), durations (3h 17m), shares (2.1 %). Exact below 100 000,
 * one decimal beyond; never locale functions. What is not a number reads as a dash.
 */

const COUNT_UNITS = ['', ' k', ' M', ' G', ' T', ' P'];
const BYTE_UNITS = [' B', ' kB', ' MB', ' GB', ' TB', ' PB'];
export const SECOND = 1e6;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const NOTHING = '–';

/** 24000 → `24 000`, 36712345 → `36.7 M`, 0.25 → `0.25`; every digit below `exactBelow`. */
export function formatCount(value: number, exactBelow = 100_000): string {
  if (!Number.isFinite(value)) return NOTHING;
  if (value < 0) return `−${formatCount(-value, exactBelow)}`;
  if (value < exactBelow) return Number.isInteger(value) ? group(value.toFixed(0)) : formatFraction(value);
  return scaled(value, COUNT_UNITS, 1);
}

/** Exact below ten millions, so that one can add up a line. */
export function formatSummand(value: number): string {
  return formatCount(value, 10_000_000);
}

/** A mark of an axis that ends at `largest`: all marks in one unit, such as `40 M`, `80 M`, `120 M`. */
export function formatMark(value: number, largest: number): string {
  if (largest < 100_000) return formatCount(value);
  let unit = 0;
  let size = 1;
  while (largest / size >= 1000 && unit < COUNT_UNITS.length - 1) {
    size *= 1000;
    unit++;
  }
  return `${trimZeros((value / size).toFixed(2))}${COUNT_UNITS[unit]}`;
}

/** Every digit, in groups of three: 1042311 → `1 042 311`. */
export function formatExact(value: number): string {
  if (!Number.isFinite(value)) return NOTHING;
  if (value < 0) return `−${formatExact(-value)}`;
  return Number.isInteger(value) && value < 1e21 ? group(value.toFixed(0)) : formatFraction(value);
}

/** 318_000_000_000 → `318 GB`; three significant digits at most. */
export function formatBytes(value: number): string {
  if (!Number.isFinite(value)) return NOTHING;
  if (value < 0) return `−${formatBytes(-value)}`;
  return scaled(value, BYTE_UNITS, 0);
}

/** A share from 0 to 1: 0.021 → `2.1 %`, 0.0002 → `0.02 %`; a share that is not 0 never reads as 0. */
export function formatShare(share: number): string {
  if (!Number.isFinite(share)) return NOTHING;
  const percent = share * 100;
  if (percent === 0 || percent === 100) return `${percent} %`;
  if (percent > 0 && percent < 0.01) return '< 0.01 %';
  if (percent > 99.9 && percent < 100) return '> 99.9 %';
  return `${trimZeros(percent.toFixed(percent < 1 ? 2 : 1))} %`;
}

/** Two leading units: 3h 17m, 9m 02s, 1d 00h, 4.2 ms. */
export function formatDuration(micros: number): string {
  if (!Number.isFinite(micros)) return NOTHING;
  if (micros < 0) return `−${formatDuration(-micros)}`;
  if (micros === 0) return '0 s';
  if (micros < 1000) return `${trimZeros(micros.toFixed(0))} µs`;
  if (micros < SECOND) return `${trimZeros((micros / 1000).toFixed(1))} ms`;
  if (micros < MINUTE) return `${trimZeros((micros / SECOND).toFixed(1))} s`;
  return twoUnits(micros);
}

/** A span of the scenario, as short as it is exact: 24 h, 90 s, 7 d, 1h 30m. */
export function formatSpan(micros: number): string {
  if (micros > 0) {
    if (micros > DAY && micros % DAY === 0) return `${micros / DAY} d`;
    if (micros % HOUR === 0) return `${micros / HOUR} h`;
    if (micros < 2 * HOUR && micros % MINUTE === 0) return `${micros / MINUTE} min`;
  }
  return formatDuration(micros);
}

function twoUnits(micros: number): string {
  // 59.96 s must not read as 0m 60s: round to whole seconds first.
  const seconds = Math.floor(micros / SECOND + 0.5);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h ${two(Math.floor(seconds / 60) % 60)}m`;
  return `${group(String(Math.floor(seconds / 86_400)))}d ${two(Math.floor(seconds / 3600) % 24)}h`;
}

export function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** `1 copy`, `2 copies`; the plural is given where it is not just an s. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

function scaled(value: number, units: readonly string[], decimalsAbove100: number): string {
  let rest = value;
  let unit = 0;
  // 999 950 is `1 M` and not `1000 k`: step up as soon as rounding would give four digits.
  while (rest >= 999.95 && unit < units.length - 1) {
    rest /= 1000;
    unit++;
  }
  const decimals = unit === 0 && Number.isInteger(rest) ? 0 : rest >= 100 ? decimalsAbove100 : 1;
  return `${trimZeros(rest.toFixed(decimals))}${units[unit]}`;
}

function formatFraction(value: number): string {
  if (value >= 1000) return group(value.toFixed(0));
  if (value >= 0.01) return trimZeros(value.toFixed(value >= 100 ? 1 : 2));
  return trimZeros(value.toPrecision(2));
}

function trimZeros(text: string): string {
  return text.includes('.') && !text.includes('e') ? text.replace(/\.?0+$/, '') : text;
}

function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ' ');
}
