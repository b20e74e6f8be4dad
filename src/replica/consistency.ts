/**
 * How many acknowledgements a write needs, and from which copies, by consistency level, replica set and the
 * coordinator's data centre. Pure functions over small arrays; no state.
 */
import type { ConsistencyLevel } from '../scenario/plan.ts';

export const NOT_ENOUGH = -1;

/** What one level asks for one table: acknowledgements needed by data centre of the copies. */
export interface ConsistencyRule {
  readonly level: ConsistencyLevel;
  /** ANY counts a stored hint as an acknowledgement where no replica lives. */
  readonly acceptsHint: boolean;
  /** Acknowledgements from copies that count. */
  required(coordinatorDc: number): number;
  /** Are there enough copies that count, wherever a row lies, when all nodes are up? */
  attainable(coordinatorDc: number): boolean;
  /** Does a copy in this data centre count for a coordinator in that one? */
  counts(copyDc: number, coordinatorDc: number): boolean;
}

/** What a level counts, and what there is (cassandra.g-quorum). */
export interface CopiesOfTable {
  /** Copies of a row: the factor, or the nodes there are. */
  readonly copies: number;
  /** The replication factor as configured: what a quorum is a majority of. */
  readonly factor: number;
  /** What a local quorum is a majority of, by data centre. */
  readonly factorInDc: readonly number[];
  /** Fewest copies that any row has there: less than the factor where nodes are too few, or where placement does not look
   * at data centres. */
  readonly leastInDc: readonly number[];
}

export function consistencyRule(
  level: ConsistencyLevel,
  { copies, factor, factorInDc, leastInDc }: CopiesOfTable,
): ConsistencyRule {
  const local = level === 'LOCAL_ONE' || level === 'LOCAL_QUORUM';
  const attainable = factorInDc.map((here, dc) => requiredOf(level, factor, here) <= (local ? leastInDc[dc] : copies));
  return {
    level,
    acceptsHint: level === 'ANY',
    required: (coordinatorDc) => requiredOf(level, factor, factorInDc[coordinatorDc] ?? 0),
    attainable: (coordinatorDc) => attainable[coordinatorDc] ?? false,
    counts: (copyDc, coordinatorDc) => !local || copyDc === coordinatorDc,
  };
}

function requiredOf(level: ConsistencyLevel, factor: number, factorHere: number): number {
  switch (level) {
    case 'ANY':
    case 'ONE':
      return 1;
    case 'TWO':
      return 2;
    case 'THREE':
      return 3;
    case 'QUORUM':
      return Math.floor(factor / 2) + 1;
    case 'LOCAL_ONE':
      return 1;
    case 'LOCAL_QUORUM':
      return Math.floor(factorHere / 2) + 1;
    case 'EACH_QUORUM':
      // Judged by data centre in the next version; the planner refuses it.
      return factor;
    case 'ALL':
      return factor;
  }
}

/**
 * The `required`-th smallest of the first `count` delays (Infinity = never); NOT_ENOUGH when fewer are finite.
 * Small arrays: selection in place, the scratch array is consumed.
 */
export function nthDelay(delays: Float64Array, count: number, required: number): number {
  if (required > count) return NOT_ENOUGH;
  let nth = NOT_ENOUGH;
  for (let rank = 0; rank < required; rank += 1) {
    let best = rank;
    for (let index = rank + 1; index < count; index += 1) if (delays[index] < delays[best]) best = index;
    nth = delays[best];
    delays[best] = delays[rank];
    delays[rank] = nth;
  }
  return nth === Infinity ? NOT_ENOUGH : nth;
}
