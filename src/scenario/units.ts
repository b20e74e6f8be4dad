/**
 * One parser for every value with a unit: durations, sizes, rates, counts, shares. Exact: a decimal times a unit is
 * worked out in integers, and a value finer than its base unit (1 µs, 1 byte) is refused, never rounded. Base units:
 * microseconds, bytes, bytes per second, events per second, shares of 1. Not responsible for positions: a problem
 * carries only what was wrong, the schema adds where.
 */

export interface UnitProblem {
  code: string;
  message: string;
  expected: string;
  suggestion?: string;
}

export const DURATION_EXPECTED = 'a duration with units, such as 500ms, 1.5h, 3h17m53s or 7d';
export const SIZE_EXPECTED = 'a size with a unit, such as 350B, 4KB or 128MiB';
export const BYTE_RATE_EXPECTED = 'a rate of bytes, such as 400MB/s, 24MiB/s or 1Gbit/s';
export const EVENT_RATE_EXPECTED = 'a rate of events, such as 24k/s or 1.5/s';
export const COUNT_EXPECTED = 'a whole number, such as 1000, 1_000_000, 24k, 1M or 9G';
export const SHARE_EXPECTED = 'a share from 0 to 1 or a percentage, such as 2% or 0.02';

/** From the longest to the shortest; compound durations must descend. */
const DURATION_UNITS: readonly (readonly [string, bigint])[] = [
  ['w', 604_800_000_000n],
  ['d', 86_400_000_000n],
  ['h', 3_600_000_000n],
  ['m', 60_000_000n],
  ['s', 1_000_000n],
  ['ms', 1000n],
  ['us', 1n],
];

const BYTE_UNITS = new Map<string, bigint>([
  ['B', 1n],
  ['kB', 1000n],
  ['KB', 1000n],
  ['MB', 1_000_000n],
  ['GB', 1_000_000_000n],
  ['TB', 1_000_000_000_000n],
  ['KiB', 1n << 10n],
  ['MiB', 1n << 20n],
  ['GiB', 1n << 30n],
  ['TiB', 1n << 40n],
]);

const BIT_UNITS = new Map<string, bigint>([
  ['bit', 1n],
  ['kbit', 1000n],
  ['Kbit', 1000n],
  ['Mbit', 1_000_000n],
  ['Gbit', 1_000_000_000n],
]);

const COUNT_UNITS = new Map<string, bigint>([
  ['', 1n],
  ['k', 1000n],
  ['K', 1000n],
  ['M', 1_000_000n],
  ['G', 1_000_000_000n],
  ['T', 1_000_000_000_000n],
]);

const PER_UNITS = new Map<string, number>([
  ['s', 1],
  ['m', 60],
  ['min', 60],
  ['h', 3600],
  ['d', 86_400],
]);

const LARGEST = BigInt(Number.MAX_SAFE_INTEGER);

export function isUnitProblem(value: unknown): value is UnitProblem {
  return typeof value === 'object' && value !== null && 'code' in value && 'expected' in value;
}

/** Microseconds, not negative. */
export function parseDuration(value: string | number): number | UnitProblem {
  const problem = (message: string, suggestion?: string): UnitProblem =>
    unitProblem('S120', message, DURATION_EXPECTED, suggestion);
  if (typeof value === 'number') {
    if (value === 0) return 0;
    if (Number.isNaN(value)) return problem('a duration cannot be NaN');
    if (value < 0) return problem('a duration cannot be negative');
    return problem('a duration needs a unit', `${value}s`);
  }
  const text = value.trim();
  if (text === '0') return 0;
  if (/^-/.test(text)) return problem('a duration cannot be negative');
  if (/^nan$/i.test(text)) return problem('a duration cannot be NaN');
  if (/^[\d._]+$/.test(text)) return problem('a duration needs a unit', `${text}s`);
  return sumDuration(text, problem);
}

function sumDuration(
  text: string,
  problem: (message: string, suggestion?: string) => UnitProblem,
): number | UnitProblem {
  const parts = [...text.matchAll(/(\d[\d_]*(?:\.\d+)?)([a-zµ]+)/gy)];
  if (parts.length === 0 || parts.reduce((length, part) => length + part[0].length, 0) !== text.length)
    return problem(`"${text}" is not a duration`);
  let total = 0n;
  let lastUnit = -1;
  for (const [, digits, unit] of parts) {
    const index = DURATION_UNITS.findIndex(([name]) => name === (unit === 'µs' ? 'us' : unit));
    if (index < 0) return unitProblem('S120', `"${unit}" is not a unit of time`, 'one of w, d, h, m, s, ms, us');
    if (index <= lastUnit) return problem(`the units of "${text}" must descend`);
    lastUnit = index;
    const micros = exactProduct(digits, DURATION_UNITS[index][1]);
    if (micros === null) return problem(`"${text}" is finer than a microsecond`);
    total += micros;
  }
  return total > LARGEST ? problem(`"${text}" is too long`) : Number(total);
}

/** Microseconds with a sign: `+30m`, `-5s`, `1h`. */
export function parseSignedDuration(value: string | number): number | UnitProblem {
  if (typeof value === 'number') return parseDuration(value);
  const text = value.trim();
  const micros = parseDuration(text.replace(/^[+-]\s*/, ''));
  return isUnitProblem(micros) || !text.startsWith('-') || micros === 0 ? micros : -micros;
}

/** Bytes. */
export function parseSize(value: string | number): number | UnitProblem {
  const problem = (message: string, suggestion?: string): UnitProblem =>
    unitProblem('S121', message, SIZE_EXPECTED, suggestion);
  if (value === 0) return 0;
  if (typeof value === 'number')
    return problem(
      value < 0 ? 'a size cannot be negative' : Number.isNaN(value) ? 'a size cannot be NaN' : 'a size needs a unit',
      value > 0 ? `${value}B` : undefined,
    );
  const text = value.trim();
  if (text.startsWith('-')) return problem('a size cannot be negative');
  const match = /^(\d[\d_]*(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text);
  if (match === null) return problem(`"${text}" is not a size`);
  const [, digits, unit] = match;
  if (unit === '') return problem('a size needs a unit', `${digits}B`);
  const scale = BYTE_UNITS.get(unit);
  if (scale === undefined) return problem(`"${unit}" is not a unit of size`, nearUnit(unit, BYTE_UNITS, digits));
  const bytes = exactProduct(digits, scale);
  if (bytes === null) return problem(`"${text}" is not a whole number of bytes`);
  return bytes > LARGEST ? problem(`"${text}" is too large`) : Number(bytes);
}

/** Bytes per second. */
export function parseByteRate(value: string | number): number | UnitProblem {
  const problem = (message: string, suggestion?: string): UnitProblem =>
    unitProblem('S122', message, BYTE_RATE_EXPECTED, suggestion);
  if (typeof value === 'number')
    return problem(
      value < 0 ? 'a rate cannot be negative' : 'a rate needs a unit',
      value > 0 ? `${value}B/s` : undefined,
    );
  const match = /^(-?\d[\d_]*(?:\.\d+)?)\s*([A-Za-z]+)\s*\/\s*([a-z]+)$/.exec(value.trim());
  if (match === null) return problem(`"${value}" is not a rate of bytes`);
  const [, digits, unit, per] = match;
  const seconds = PER_UNITS.get(per);
  if (digits.startsWith('-')) return problem('a rate cannot be negative');
  if (seconds === undefined) return problem(`"/${per}" is not a unit of time of a rate`);
  const bytes = BYTE_UNITS.get(unit);
  const bits = BIT_UNITS.get(unit);
  if (bytes === undefined && bits === undefined)
    return problem(`"${unit}" is not a unit of size`, nearUnit(unit, BYTE_UNITS, digits));
  return (plainNumber(digits) * Number(bytes ?? bits)) / ((bytes === undefined ? 8 : 1) * seconds);
}

/** Events per second: `24k/s`, `20k points/s`. */
export function parseEventRate(value: string | number): number | UnitProblem {
  const problem = (message: string, suggestion?: string): UnitProblem =>
    unitProblem('S122', message, EVENT_RATE_EXPECTED, suggestion);
  if (typeof value === 'number')
    return problem(
      value < 0 ? 'a rate cannot be negative' : 'a rate needs a unit of time',
      value > 0 ? `${value}/s` : undefined,
    );
  const match = /^(-?\d[\d_]*(?:\.\d+)?)([A-Za-z]?)(?:\s+[a-z]+)?\s*\/\s*([a-z]+)$/.exec(value.trim());
  if (match === null)
    return problem(
      `"${value}" is not a rate of events`,
      /^\d[\d._]*[A-Za-z]?$/.test(value.trim()) ? `${value.trim()}/s` : undefined,
    );
  const [, digits, unit, per] = match;
  const scale = COUNT_UNITS.get(unit);
  const seconds = PER_UNITS.get(per);
  if (digits.startsWith('-')) return problem('a rate cannot be negative');
  if (scale === undefined) return problem(`"${unit}" is not a multiple`, 'multiples are k M G T');
  if (seconds === undefined) return problem(`"/${per}" is not a unit of time of a rate`);
  return (plainNumber(digits) * Number(scale)) / seconds;
}

/** A whole number, not negative. */
export function parseCount(value: string | number): number | UnitProblem {
  const problem = (message: string): UnitProblem => unitProblem('S123', message, COUNT_EXPECTED);
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return problem('a count cannot be NaN');
    if (value < 0) return problem('a count cannot be negative');
    return Number.isSafeInteger(value) ? value : problem(`${value} is not a whole number`);
  }
  const text = value.trim();
  if (text.startsWith('-')) return problem('a count cannot be negative');
  const match = /^(\d[\d_]*(?:\.\d+)?)([A-Za-z]?)$/.exec(text);
  const scale = match === null ? undefined : COUNT_UNITS.get(match[2]);
  if (match === null || scale === undefined) return problem(`"${text}" is not a count`);
  const count = exactProduct(match[1], scale);
  if (count === null) return problem(`"${text}" is not a whole number`);
  return count > LARGEST ? problem(`"${text}" is too large`) : Number(count);
}

/** 0 to 1. */
export function parseShare(value: string | number): number | UnitProblem {
  const problem = (message: string): UnitProblem => unitProblem('S124', message, SHARE_EXPECTED);
  let share = typeof value === 'number' ? value : Number.NaN;
  if (typeof value === 'string') {
    const match = /^(-?\d[\d_]*(?:\.\d+)?)\s*(%?)$/.exec(value.trim());
    if (match === null) return problem(`"${value}" is not a share`);
    share = plainNumber(match[1]) / (match[2] === '%' ? 100 : 1);
  }
  if (Number.isNaN(share)) return problem('a share cannot be NaN');
  return share >= 0 && share <= 1 ? share : problem(`${value} lies outside 0 to 1`);
}

export type Dimension = 'number' | 'bytes' | 'micros' | 'share';

/** A bound of an expectation: a number, count, size, duration or percentage, with a sign. */
export function parseQuantity(value: string | number): { value: number; dimension: Dimension } | UnitProblem {
  const problem = unitProblem(
    'S127',
    `"${value}" is not a quantity`,
    'a number, count, size, duration or percentage, such as 0, 1M, 400GB, 12h or 5%',
  );
  if (typeof value === 'number') return Number.isNaN(value) ? problem : { value, dimension: 'number' };
  const negative = value.trim().startsWith('-');
  const text = value.trim().replace(/^-/, '');
  const sign = negative ? -1 : 1;
  if (/^\d[\d_]*(\.\d+)?%$/.test(text))
    return { value: (sign * plainNumber(text.slice(0, -1))) / 100, dimension: 'share' };
  if (/^\d[\d_]*\.\d+$/.test(text)) return { value: sign * plainNumber(text), dimension: 'number' };
  const readers: readonly [(value: string) => number | UnitProblem, Dimension][] = [
    [parseCount, 'number'],
    [parseSize, 'bytes'],
    [parseDuration, 'micros'],
  ];
  for (const [read, dimension] of readers) {
    const amount = read(text);
    if (!isUnitProblem(amount)) return { value: amount === 0 ? 0 : sign * amount, dimension };
  }
  return problem;
}

/** A duration as `--set` would write it; exact. */
export function durationText(micros: number): string {
  if (micros === 0) return '0s';
  let rest = BigInt(micros < 0 ? -micros : micros);
  let text = micros < 0 ? '-' : '';
  for (const [name, scale] of DURATION_UNITS) {
    if (name === 'w' || rest < scale) continue;
    text += `${rest / scale}${name}`;
    rest %= scale;
  }
  return text;
}

export function unitProblem(code: string, message: string, expected: string, suggestion?: string): UnitProblem {
  return suggestion === undefined ? { code, message, expected } : { code, message, expected, suggestion };
}

/** digits × scale as an integer, or null where that is not whole. */
function exactProduct(digits: string, scale: bigint): bigint | null {
  const [whole, fraction = ''] = digits.replaceAll('_', '').split('.');
  const product = BigInt(whole + fraction) * scale;
  let divisor = 1n;
  for (let index = 0; index < fraction.length; index++) divisor *= 10n;
  return product % divisor === 0n ? product / divisor : null;
}

function plainNumber(digits: string): number {
  return Number(digits.replaceAll('_', ''));
}

function nearUnit(unit: string, units: ReadonlyMap<string, bigint>, digits: string): string | undefined {
  const exactCase =
    [...units.keys()].find((name) => name.toLowerCase() === unit.toLowerCase()) ??
    (units.has(`${unit}B`) ? `${unit}B` : undefined);
  return exactCase === undefined ? undefined : `${digits}${exactCase}`;
}
