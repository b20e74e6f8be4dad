/**
 * Where trees differ, as a person can see it: the ordinals of the ranges that two trees differ in, collected while their
 * records come, drawn together into a fixed number of leaves. Nothing of a tree's real depth is lost that could be shown.
 */
import { LEAVES } from './view-state.ts';
import type { ViewComparison, ViewState } from './view-state.ts';

const DIGITS = 9;

/** Ordinals by session and pair, until the instant in which they were compared is over. */
export class DifferingLeaves {
  readonly #found = new Map<string, number[]>();

  get isEmpty(): boolean {
    return this.#found.size === 0;
  }

  /** A range without partitions (−1) differs in what it holds no more, and has no place. */
  add(session: number, first: number, second: number, ordinal: number): void {
    const key = `${session} ${first}|${second}`;
    const known = this.#found.get(key);
    if (known === undefined) this.#found.set(key, ordinal < 0 ? [] : [ordinal]);
    else if (ordinal >= 0) known.push(ordinal);
  }

  /** Writes them into the comparisons that they belong to, and forgets them. */
  giveTo(view: ViewState): void {
    for (const [key, ordinals] of this.#found) {
      const [session, pair] = key.split(' ');
      const comparison = view.sessions[session]?.comparisons[pair];
      if (comparison !== undefined) Object.assign(comparison, leavesOf(ordinals));
    }
    this.#found.clear();
  }
}

export function leavesOf(ordinals: readonly number[]): Pick<ViewComparison, 'from' | 'to' | 'leaves'> {
  if (ordinals.length === 0) return { from: -1, to: -1, leaves: '' };
  let from = Infinity;
  let to = -1;
  for (const ordinal of ordinals) {
    from = Math.min(from, ordinal);
    to = Math.max(to, ordinal);
  }
  const counts = new Uint32Array(LEAVES);
  const width = Math.max(1, (to - from + 1) / LEAVES);
  for (const ordinal of ordinals) counts[Math.min(LEAVES - 1, Math.floor((ordinal - from) / width))] += 1;
  let most = 1;
  for (const count of counts) most = Math.max(most, count);
  // Any at all is at least 1: a single leaf that differs must be seen.
  const digits = Array.from(counts, (count) => Math.ceil((count / most) * DIGITS));
  return { from, to, leaves: digits.join('') };
}
