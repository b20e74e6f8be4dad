/**
 * The values of an axis: those of a list, the steps of a grid, the points of a Latin hypercube. A value is what a person would
 * type; for the tables it is read back as a number of one unit where all of them are of one kind.
 */
import { PlanRandom } from '../../kernel/random.ts';
import { durationText, isUnitProblem, parseQuantity } from '../../scenario/units.ts';
import type { Dimension, UnitProblem } from '../../scenario/units.ts';
import type { Cell, ColumnType } from './rows.ts';
import type { AxisValue } from './study.ts';

/** A range that cannot be one, in words. */
export interface RangeProblem {
  problem: string;
  key: 'from' | 'to' | 'by' | 'steps';
}

interface Given {
  from: string | number;
  to: string | number;
  whole?: boolean | undefined;
}

interface Range {
  from: number;
  to: number;
  dimension: Dimension;
  /** Of a rate: what follows its amount, as it was typed, such as "/s" or " points/s"; else nothing. */
  per: string;
  isWhole: boolean;
}

/** An amount, or an amount a second. */
interface Amount {
  value: number;
  dimension: Dimension;
  per: string;
}

const VALUES_MAX = 1000;
const SECOND_MICROS = 1e6;

export function isRangeProblem(value: AxisValue[] | Range | RangeProblem): value is RangeProblem {
  return 'problem' in value;
}

/** Both ends and what lies between. */
export function gridValues(
  given: Given & { steps?: number | undefined; by?: string | number | undefined },
): AxisValue[] | RangeProblem {
  const range = readRange(given);
  if (isRangeProblem(range)) return range;
  const { steps, by } = given;
  if ((steps === undefined) === (by === undefined))
    return { problem: 'a grid has either steps or by', key: steps === undefined ? 'to' : 'by' };
  if (steps !== undefined)
    return Array.from({ length: steps }, (_, step) => valueOf(range, stepOf(range, step, steps - 1)));
  const read = readAmount(by ?? '');
  if (isUnitProblem(read)) return { problem: read.message, key: 'by' };
  if (read.dimension !== range.dimension || read.per !== range.per || read.value <= 0)
    return { problem: 'the step is not a positive amount of the same unit', key: 'by' };
  const count = Math.floor((range.to - range.from) / read.value + 1e-9) + 1;
  if (count > VALUES_MAX) return { problem: `the grid has ${count} values, more than ${VALUES_MAX}`, key: 'by' };
  return Array.from({ length: count }, (_, step) => valueOf(range, range.from + step * read.value));
}

function stepOf({ from, to }: Range, step: number, last: number): number {
  return step === last ? to : from + ((to - from) * step) / last;
}

/** One value in each of as many equal parts of the range as there are points; their order is drawn by the path. */
export function latinValues(given: Given, points: number, { seed, path }: LatinAddress): AxisValue[] | RangeProblem {
  const range = readRange(given);
  if (isRangeProblem(range)) return range;
  const random = new PlanRandom(seed, 'latin-hypercube', path);
  const order = random.shuffled(Array.from({ length: points }, (_, part) => part));
  return order.map((part) => valueOf(range, range.from + ((part + random.unit()) / points) * (range.to - range.from)));
}

export interface LatinAddress {
  seed: string;
  path: string;
}

function readRange({ from, to, whole = false }: Given): Range | RangeProblem {
  const [first, last] = [from, to].map(readAmount);
  if (isUnitProblem(first)) return { problem: first.message, key: 'from' };
  if (isUnitProblem(last)) return { problem: last.message, key: 'to' };
  if (first.dimension !== last.dimension || first.per !== last.per)
    return { problem: `${from} and ${to} are of different units`, key: 'to' };
  if (last.value <= first.value) return { problem: `${to} is not more than ${from}`, key: 'to' };
  const { dimension, per } = first;
  return { from: first.value, to: last.value, dimension, per, isWhole: whole };
}

/** A quantity, or a rate: an amount, perhaps what is counted, and a unit of time after a stroke. */
function readAmount(text: string | number): Amount | UnitProblem {
  const [, amount, per] =
    /^(.*?\d\s*?[a-z]*?)(\s*(?:(?:points|writes|reads|requests|ops)\s*)?\/\s*[a-z]+)$/i.exec(String(text)) ?? [];
  const read = parseQuantity(amount ?? text);
  return isUnitProblem(read) ? read : { ...read, per: per ?? '' };
}

/** As it would be typed. Durations and sizes between whole seconds and bytes are rounded to them. */
function valueOf(range: Range, value: number): AxisValue {
  const { dimension, isWhole, from, to, per } = range;
  if (per !== '') return `${valueOf({ ...range, per: '' }, value)}${per}`;
  switch (dimension) {
    case 'micros':
      return durationText(
        from % SECOND_MICROS === 0 && to % SECOND_MICROS === 0 && to - from >= 60 * SECOND_MICROS
          ? Math.round(value / SECOND_MICROS) * SECOND_MICROS
          : Math.round(value),
      );
    case 'bytes':
      return `${Math.round(value)}B`;
    default:
      return isWhole ? Math.round(value) : clean(value);
  }
}

/** 0.1 + 0.2 is 0.3 to whoever wrote a step of 0.1. */
function clean(value: number): number {
  return Number(value.toPrecision(12));
}

const UNITS: Readonly<Record<Dimension, { type: ColumnType; unit: string | null }>> = {
  number: { type: 'double', unit: null },
  share: { type: 'double', unit: 'share' },
  bytes: { type: 'whole', unit: 'bytes' },
  micros: { type: 'micros', unit: 'us' },
};

/** How a column holds these values: as numbers where all are of one unit. */
export function columnOf(values: readonly AxisValue[]): { type: ColumnType; unit: string | null } {
  const known = values.filter((value) => value !== null);
  if (known.length > 0 && known.every((value) => typeof value === 'boolean')) return { type: 'flag', unit: null };
  const dimensions = new Set(known.map((value) => quantityOf(value)?.dimension ?? null));
  const [dimension] = dimensions;
  return dimensions.size === 1 && dimension !== null && dimension !== undefined
    ? unitOf(dimension, known)
    : { type: 'text', unit: null };
}

/** Rates are numbers of one unit where all are of the same thing in the same time. */
function unitOf(dimension: Dimension, values: readonly AxisValue[]): { type: ColumnType; unit: string | null } {
  const { type, unit } = UNITS[dimension];
  const [per, ...others] = new Set(values.map((value) => quantityOf(value)?.per.replaceAll(/\s/g, '') ?? ''));
  if (others.length > 0) return { type: 'text', unit: null };
  return per === '' ? { type, unit } : { type: 'double', unit: `${unit ?? ''}${per}` };
}

export function cellOf(value: AxisValue, type: ColumnType): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean' && type === 'flag') return value;
  if (type === 'text') return textOf(value);
  return quantityOf(value)?.value ?? null;
}

/** In words, as it stands in the file. */
export function textOf(value: AxisValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function quantityOf(value: AxisValue): Amount | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const read = readAmount(value);
  return isUnitProblem(read) ? null : read;
}
