/**
 * Strategies row by row: how many rows some of them healed and others left, exactly, by which of them left those; and a bounded
 * choice of such rows with the copies that each strategy left, a few of every kind.
 */
import { rowHash } from './rows-left.ts';
import type { LeftCopy, RowsLeft } from './rows-left.ts';

export interface RowsCompared {
  seed: string;
  /** Whose rows are told, the base first; those whose tables are others are not among them. */
  strategies: string[];
  /** Rows with a copy amiss at the end, by strategy. */
  left: Record<string, number>;
  /** Rows that at least one healed (or never had amiss) and at least one left. */
  differing: number;
  /** Rows that all of them left. */
  left_by_all: number;
  /** Differing rows by who left them, most rows first; at most `PATTERNS_MAX`. */
  patterns: { left: string[]; rows: number }[];
  /** Some of the differing rows, a few of every pattern, cause and node. */
  rows: ComparedRow[];
}

export interface ComparedRow {
  table: string;
  key: string;
  row: number;
  /** By strategy the copies that it left amiss; a strategy that is not here healed the row. */
  left: Record<string, LeftCopy[]>;
}

export const PATTERNS_MAX = 24;
export const ROWS_MAX = 60;

export interface StrategyRows {
  id: string;
  rows: RowsLeft;
}

/** The base is the first. */
export function compareRows(seed: string, all: readonly StrategyRows[]): RowsCompared {
  const told = all.filter(({ rows: { tables } }) => tables === all[0].rows.tables);
  const patterns = patternsOf(told);
  const split = patterns.filter(({ left }) => left.length < told.length);
  return {
    seed,
    strategies: told.map(({ id }) => id),
    left: Object.fromEntries(told.map(({ id, rows }) => [id, rows.rows])),
    differing: split.reduce((sum, { rows }) => sum + rows, 0),
    left_by_all: patterns.find(({ left }) => left.length === told.length)?.rows ?? 0,
    patterns: split.slice(0, PATTERNS_MAX),
    rows: chosenRows(told),
  };
}

/** Every row that somebody left, by who left it. */
function patternsOf(told: readonly StrategyRows[]): RowsCompared['patterns'] {
  const counts = new Map<number, number>();
  const words = told.map(({ rows }) => rows.bits);
  // One bit a strategy, as a whole number: there are fewer of them than it has bits.
  const weights = told.reduce<number[]>((before) => [...before, 2 * (before.at(-1) ?? 0.5)], []);
  for (let word = 0; word < words[0].length; word += 1) {
    let any = 0;
    for (const bits of words) any |= bits[word];
    for (let rest = any; rest !== 0; rest &= rest - 1) {
      const bit = rest & -rest;
      let pattern = 0;
      for (let at = 0; at < words.length; at += 1) if ((words[at][word] & bit) !== 0) pattern += weights[at];
      counts.set(pattern, (counts.get(pattern) ?? 0) + 1);
    }
  }
  return [...counts]
    .map(([pattern, rows]) => ({
      left: told.flatMap(({ id }, at) => (Math.floor(pattern / weights[at]) % 2 === 1 ? [id] : [])),
      rows,
    }))
    .sort((one, other) => other.rows - one.rows || (one.left.join() < other.left.join() ? -1 : 1));
}

interface Candidate extends ComparedRow {
  hash: number;
}

/** In turn one of each kind that there is: of who left it, the cause and the node of its first copy. */
function chosenRows(told: readonly StrategyRows[]): ComparedRow[] {
  const kinds = new Map<string, Candidate[]>();
  for (const candidate of candidatesOf(told)) {
    const sets = Object.entries(candidate.left);
    if (sets.length === told.length) continue;
    const [{ cause, node }] = sets[0][1];
    const kind = `${sets.map(([id]) => id).join()} ${cause} ${node}`;
    const alike = kinds.get(kind);
    if (alike === undefined) kinds.set(kind, [candidate]);
    else alike.push(candidate);
  }
  const chosen: Candidate[][] = [...kinds.values()].map(() => []);
  for (let turn = 0, taken = 0, isMore = true; isMore && taken < ROWS_MAX; turn += 1) {
    isMore = false;
    [...kinds.values()].forEach((rows, kind) => {
      if (turn >= rows.length || taken >= ROWS_MAX) return;
      chosen[kind].push(rows[turn]);
      taken += 1;
      isMore = true;
    });
  }
  return chosen.flat().map(({ table, key, row, left }) => ({ table, key, row, left }));
}

/** Rows of which the copies are known of every strategy that left them, the smallest hash first. */
function candidatesOf(told: readonly StrategyRows[]): Candidate[] {
  const complete = told.reduce((least, { rows }) => Math.min(least, rows.complete), Infinity);
  const bySlot = new Map<number, Candidate>();
  for (const { id, rows } of told) {
    for (const { table, key, row, slot, copies } of rows.sample) {
      const hash = rowHash(slot);
      if (hash >= complete) continue;
      const candidate = bySlot.get(slot) ?? { table, key, row, hash, left: {} };
      candidate.left[id] = copies;
      bySlot.set(slot, candidate);
    }
  }
  return [...bySlot.values()].sort((one, other) => one.hash - other.hash);
}
