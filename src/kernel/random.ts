/**
 * Randomness is addressed, not consumed: a draw is a function of a stream's key and an index, so it does not depend on
 * what else was drawn. Keys come from the seed and a purpose through `alea`; draws mix integers, exactly the same on
 * every engine. Distributions over these draws are in distributions.ts.
 */
import alea from 'seedrandom/lib/alea.js';
import { mix32 } from '../base/mix.ts';

/** Names a stream of draws; two int32. */
export interface StreamKey {
  readonly k0: number;
  readonly k1: number;
}

const TO_UNIT = 1 / 4_294_967_296;

/** The key of a purpose, such as `streamKey(seed, 'latency', 'write', 'n3')`. */
export function streamKey(seed: string, ...purpose: (string | number)[]): StreamKey {
  const draw = alea(address(seed, purpose));
  return { k0: draw.int32(), k1: draw.int32() };
}

/** The key of member `id` (int32) of a family of streams, such as one a node. */
export function derive(key: StreamKey, id: number): StreamKey {
  return { k0: deriveFirst(key.k0, key.k1, id), k1: deriveSecond(key.k0, key.k1, id) };
}

/** `derive(...).k0` without an object, for hot paths. */
export function deriveFirst(k0: number, k1: number, id: number): number {
  return mix32(mix32(k0 ^ Math.imul(id, 0x9e3779b1)) + k1);
}

/** `derive(...).k1` without an object. */
export function deriveSecond(k0: number, k1: number, id: number): number {
  return mix32(mix32(k1 ^ Math.imul(id, 0x85ebca6b)) - k0);
}

/** Draw number `index` (taken modulo 2^32) of a stream: a whole number in 0 .. 2^32 - 1. */
export function draw32(k0: number, k1: number, index: number): number {
  let word = Math.imul(index ^ k0, 0x21f0aaad);
  word = Math.imul((word ^ (word >>> 15)) + (k1 ^ (k1 >>> 16)), 0x735a2d97);
  word = Math.imul(word ^ (word >>> 15), 0x2c1b3c6d);
  return (word ^ (word >>> 16)) >>> 0;
}

/** A draw in the open interval (0, 1): the middle of one of 2^32 equal cells. */
export function drawUnit(k0: number, k1: number, index: number): number {
  return (draw32(k0, k1, index) + 0.5) * TO_UNIT;
}

/** A draw in 0 .. n - 1, n below 2^31. No value is off by more than n / 2^32 of its chance. */
export function drawBelow(k0: number, k1: number, index: number, n: number): number {
  return Math.floor(draw32(k0, k1, index) * TO_UNIT * n);
}

/** True with chance `share`, to within 2^-32. */
export function drawChance(k0: number, k1: number, index: number, share: number): boolean {
  return draw32(k0, k1, index) < share * 4_294_967_296;
}

/** Draws one after another, for what is drawn once when a plan is made. Not for the hot path: the order of calls matters. */
export class PlanRandom {
  readonly #draw: alea.AleaDraw;

  constructor(seed: string, ...purpose: (string | number)[]) {
    this.#draw = alea(address(seed, purpose));
  }

  /** In [0, 1), with 53 bits. */
  unit(): number {
    return this.#draw.double();
  }

  int32(): number {
    return this.#draw.int32();
  }

  /** In 0 .. n - 1, n below 2^53. */
  below(n: number): number {
    return Math.min(n - 1, Math.floor(this.#draw.double() * n));
  }

  /** In [low, high). */
  between(low: number, high: number): number {
    return low + this.#draw.double() * (high - low);
  }

  /** One of the values. */
  pick<Value>(values: readonly Value[]): Value {
    return values[this.below(values.length)];
  }

  /** The values in an order of equal chance (Fisher and Yates); the argument is left alone. */
  shuffled<Value>(values: readonly Value[]): Value[] {
    const shuffled = [...values];
    for (let end = shuffled.length; end > 1; end--) {
      const other = this.below(end);
      const last = shuffled[end - 1];
      shuffled[end - 1] = shuffled[other];
      shuffled[other] = last;
    }
    return shuffled;
  }
}

/** Seed and purpose as one text; lengths and types keep ('ab', 'c') apart from ('a', 'bc') and 1 from '1'. */
function address(seed: string, purpose: readonly (string | number)[]): string {
  const parts = purpose.map((part) => (typeof part === 'number' ? `#${part}` : `${part.length}:${part}`));
  return `${seed.length}:${seed}/${parts.join('/')}`;
}
