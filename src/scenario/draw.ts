/**
 * Draws of the plan, by address: the seed and the path of what is drawn (`faults.wan-flap.at`). Removing one entry
 * leaves all other draws as they were.
 */
import { PlanRandom } from '../kernel/random.ts';
import type { Draw } from './time-text.ts';

/** A drawn length of time, whole µs. */
export function drawMicros(seed: string, address: string, draw: Draw): number {
  if (draw.kind === 'uniform') {
    if (draw.min === draw.max) return draw.min;
    return draw.min + new PlanRandom(seed, address).below(draw.max - draw.min + 1);
  }
  return Math.floor(draw.mean * unitExponential(new PlanRandom(seed, address)));
}

/** `count` of the names: those with the least draws, so a name keeps its draw when others come or go. In the order given. */
export function pickNames(seed: string, address: string, names: readonly string[], count: number): string[] {
  const ranked = names.map((name, index) => ({ index, rank: new PlanRandom(seed, address, name).unit() }));
  ranked.sort((left, right) => left.rank - right.rank || left.index - right.index);
  const chosen = new Set(ranked.slice(0, count).map(({ index }) => index));
  return names.filter((_, index) => chosen.has(index));
}

/** `count` distinct numbers below `limit`, ascending (Floyd's sampling). */
export function pickNumbers(seed: string, address: string, count: number, limit: number): number[] {
  const random = new PlanRandom(seed, address);
  const chosen = new Set<number>();
  for (let top = limit - count; top < limit; top++) {
    const candidate = random.below(top + 1);
    chosen.add(chosen.has(candidate) ? top : candidate);
  }
  return [...chosen].sort((left, right) => left - right);
}

/** 64-bit tokens that are not among `taken`, ascending; `taken` then holds them. */
export function drawTokens(seed: string, node: string, count: number, taken: Set<bigint>): bigint[] {
  const random = new PlanRandom(seed, 'tokens', node);
  const tokens: bigint[] = [];
  while (tokens.length < count) {
    const token = BigInt.asIntN(64, (BigInt(random.int32()) << 32n) | BigInt(random.int32() >>> 0));
    if (taken.has(token)) continue;
    taken.add(token);
    tokens.push(token);
  }
  return tokens.sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));
}

/** Exponential with mean 1 by von Neumann's comparisons: no logarithm, so the same on every engine. */
function unitExponential(random: PlanRandom): number {
  for (let whole = 0; ; whole++) {
    const first = random.unit();
    let last = first;
    let descending = 1;
    for (let next = random.unit(); next < last; next = random.unit()) {
      last = next;
      descending++;
    }
    if (descending % 2 === 1) return whole + first;
  }
}
