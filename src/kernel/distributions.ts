/**
 * Distributions of durations over addressed draws: a specification is compiled once into a Sampler, whose draw number
 * `index` of a stream is a pure function. Tables are built with our own ln, so all draws have the same bits on every
 * engine. Each sampler maps one 32-bit draw through its quantile function; only a mixture draws twice.
 */
import { Bug } from '../base/assert.ts';
import { ln, powerOfTwo } from './math.ts';
import { normalQuantile } from './normal.ts';
import { draw32, drawBelow, drawUnit } from './random.ts';

/** A duration's distribution, µs; the same shapes as a plan's (src/scenario/plan.ts), which the kernel does not import. */
export type Distribution =
  | { kind: 'constant'; value: number }
  | { kind: 'uniform'; min: number; max: number }
  | { kind: 'exponential'; offset: number; mean: number }
  | { kind: 'pareto'; scale: number; shape: number }
  /** Negative values become 0. */
  | { kind: 'normal'; mean: number; deviation: number }
  /** Quantiles at equal steps from 0 to 1, in any order: linear between them. A single value is a constant. */
  | { kind: 'empirical'; values: readonly number[] }
  /** `offset`, 0 where it is left out, comes on top of whatever part is drawn. */
  | { kind: 'mixture'; offset?: number | undefined; parts: readonly { share: number; of: Distribution }[] }
  /** 1 with chance numerator / denominator, else 0; whole numbers. */
  | { kind: 'ratio'; numerator: number; denominator: number };

/** No draw exceeds this, 8.9 years: a heavy tail must not leave the time that can be scheduled. */
export const DURATION_MAX_MICROS = 281_474_976_710_656;

const CONSTANT = 0;
const UNIFORM = 1;
const EXPONENTIAL = 2;
const PARETO = 3;
const NORMAL = 4;
const EMPIRICAL = 5;
const MIXTURE = 6;
const RATIO = 7;

/** One shape for all kinds, so that calls stay monomorphic. */
export class Sampler {
  readonly #kind: number;
  readonly #first: number;
  readonly #second: number;
  /** Quantiles of an empirical distribution, cumulative shares of a mixture. */
  readonly #values: Float64Array;
  readonly #parts: readonly Sampler[];

  constructor(kind: number, first: number, second: number, values = NO_VALUES, parts: readonly Sampler[] = []) {
    this.#kind = kind;
    this.#first = first;
    this.#second = second;
    this.#values = values;
    this.#parts = parts;
  }

  /** Draw number `index` of a stream: µs, 0 or more, not rounded. */
  at(k0: number, k1: number, index: number): number {
    if (this.#kind === RATIO) return drawBelow(k0, k1, index, this.#second) < this.#first ? 1 : 0;
    return this.isOneWord ? this.ofWord(draw32(k0, k1, index)) : this.#ofPart(k0, k1, index);
  }

  /** Is a draw a monotone function of one 32-bit word (`ofWord`)? Not so for ratios and mixtures. */
  get isOneWord(): boolean {
    return this.#kind <= EMPIRICAL;
  }

  /** The draw that this word gives; only where `isOneWord`. */
  ofWord(word: number): number {
    switch (this.#kind) {
      case CONSTANT:
        return this.#first;
      case UNIFORM:
        return this.#first + this.#second * unitOf(word);
      case EXPONENTIAL:
        return this.#first + this.#second * unitExponential(word);
      case PARETO:
        return Math.min(DURATION_MAX_MICROS, this.#first * exponentialOf(this.#second * unitExponential(word)));
      case NORMAL:
        return Math.max(0, this.#first + this.#second * normalQuantile(unitOf(word)));
      default:
        return this.#quantile(unitOf(word));
    }
  }

  #quantile(unit: number): number {
    const values = this.#values;
    const place = unit * (values.length - 1);
    const below = Math.floor(place);
    return values[below] + (place - below) * (values[below + 1] - values[below]);
  }

  /** The part is chosen by one draw; its own draw comes from another stream, with the keys exchanged and changed. */
  #ofPart(k0: number, k1: number, index: number): number {
    const unit = drawUnit(k0, k1, index);
    const last = this.#parts.length - 1;
    let part = 0;
    while (part < last && unit >= this.#values[part]) part++;
    return this.#first + this.#parts[part].at(k1 ^ 0x5bd1e995, (k0 + 0x38b34ae5) | 0, index);
  }
}

const NO_VALUES = new Float64Array(0);

/** Compiles a distribution; one that makes no sense is a Bug, since plans are checked before. */
export function compileDistribution(spec: Distribution): Sampler {
  switch (spec.kind) {
    case 'constant':
      return new Sampler(CONSTANT, duration(spec.value, spec), 0);
    case 'uniform':
      return new Sampler(UNIFORM, duration(spec.min, spec), duration(spec.max - spec.min, spec));
    case 'exponential':
      return new Sampler(EXPONENTIAL, duration(spec.offset, spec), duration(spec.mean, spec));
    case 'pareto':
      return new Sampler(PARETO, duration(spec.scale, spec), duration(1 / spec.shape, spec));
    case 'normal':
      return new Sampler(NORMAL, duration(spec.mean, spec), duration(spec.deviation, spec));
    case 'empirical':
      return empirical(spec.values, spec);
    case 'mixture':
      return mixture(spec.parts, duration(spec.offset ?? 0, spec), spec);
    case 'ratio':
      return ratio(spec.numerator, spec.denominator, spec);
  }
}

function empirical(values: readonly number[], spec: Distribution): Sampler {
  if (values.length === 0) refuse(spec);
  for (const value of values) duration(value, spec);
  if (values.length === 1) return new Sampler(CONSTANT, values[0], 0);
  return new Sampler(EMPIRICAL, 0, 0, Float64Array.from(values).sort());
}

function mixture(parts: readonly { share: number; of: Distribution }[], offset: number, spec: Distribution): Sampler {
  const total = parts.reduce((sum, part) => sum + duration(part.share, spec), 0);
  if (!(total > 0)) refuse(spec);
  const cumulative = new Float64Array(parts.length);
  let sum = 0;
  parts.forEach((part, index) => (cumulative[index] = (sum += part.share) / total));
  // Rounding must not leave a rest for parts after the last that has a share.
  const last = parts.findLastIndex((part) => part.share > 0);
  cumulative.fill(1, last);
  return new Sampler(
    MIXTURE,
    offset,
    0,
    cumulative,
    parts.map((part) => compileDistribution(part.of)),
  );
}

function ratio(numerator: number, denominator: number, spec: Distribution): Sampler {
  const whole = Number.isInteger(numerator) && Number.isInteger(denominator);
  if (!whole || numerator < 0 || denominator < 1 || denominator > 0x7fffffff) refuse(spec);
  return new Sampler(RATIO, numerator, denominator);
}

function duration(value: number, spec: Distribution): number {
  if (!(value >= 0 && value <= DURATION_MAX_MICROS)) refuse(spec);
  return value;
}

function refuse(spec: Distribution): never {
  throw new Bug(`not a distribution: ${JSON.stringify(spec)}`);
}

/** Cells of the tables of ln and exp. */
const CELLS = 256;
const LN_2 = ln(2);
/** For cell j of [1, 2): 1 / its centre, and ln of its centre. */
const inverseCentres = new Float64Array(CELLS);
const lnCentres = new Float64Array(CELLS);
/** -ln of the top of the binade that `clz32` names, that is (1 + leading zeros) ln 2. */
const lnBinades = new Float64Array(32);
/** Half a unit of the draw, on the scale of the binade. */
const halfUnits = new Float64Array(32);
const powersOfTwo = new Float64Array(1024);
const rootsOfTwo = new Float64Array(CELLS);

for (let cell = 0; cell < CELLS; cell++) {
  const centre = 1 + (cell + 0.5) / CELLS;
  lnCentres[cell] = ln(centre);
  inverseCentres[cell] = 1 / centre;
  rootsOfTwo[cell] = rootOfTwo(cell / CELLS);
}
for (let zeros = 0; zeros < 32; zeros++) {
  lnBinades[zeros] = (1 + zeros) * LN_2;
  halfUnits[zeros] = 0.5 * powerOfTwo(zeros - 31);
}
for (let power = 0; power < 1024; power++) powersOfTwo[power] = powerOfTwo(power);

/** 2 to a power between 0 and 1, by products of repeated square roots: sqrt is exact. */
function rootOfTwo(power: number): number {
  let result = 1;
  let root = 2;
  let rest = power;
  for (let bit = 0; bit < 8; bit++) {
    root = Math.sqrt(root);
    rest *= 2;
    if (rest >= 1) {
      rest -= 1;
      result *= root;
    }
  }
  return result;
}

/** -ln((word + 0.5) / 2^32), within 1e-14: the quantile function of the exponential distribution of mean 1. */
export function unitExponential(word: number): number {
  const zeros = Math.clz32(word);
  // So near 0 half a unit is more than a cell.
  if (zeros >= 20) return -ln((word + 0.5) * (1 / 4_294_967_296));
  const top = (word << zeros) >>> 0;
  const cell = (top >>> 23) & 255;
  const r = (top * (1 / 2_147_483_648) + halfUnits[zeros]) * inverseCentres[cell] - 1;
  return lnBinades[zeros] - lnCentres[cell] - r * (1 - r * (0.5 - r * (1 / 3 - r * 0.25)));
}

/** The middle of the word's cell of (0, 1), as `drawUnit` has it. */
function unitOf(word: number): number {
  return (word + 0.5) * (1 / 4_294_967_296);
}

const CELLS_PER_UNIT = CELLS / LN_2;
const UNITS_PER_CELL = LN_2 / CELLS;

/** e^x for x >= 0, to 1e-15 of it or so; Infinity above 700. */
function exponentialOf(x: number): number {
  if (x > 700) return Infinity;
  const cell = (x * CELLS_PER_UNIT + 0.5) | 0;
  const r = x - cell * UNITS_PER_CELL;
  const rest = 1 + r * (1 + r * (0.5 + r * (1 / 6 + r * (1 / 24))));
  return powersOfTwo[cell >>> 8] * rootsOfTwo[cell & 255] * rest;
}
