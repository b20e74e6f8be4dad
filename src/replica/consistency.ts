/**
 * How many answers a request needs, and from which copies, by consistency level, replica set and the coordinator's data
 * centre: for writes and reads alike. Pure functions over small arrays; no state.
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
  /** What every data centre must give by itself (EACH_QUORUM over several of them); null where `required` says it all. */
  readonly each: readonly number[] | null;
  /** Are there enough copies that count, wherever a row lies, when all nodes are up? */
  attainable(coordinatorDc: number): boolean;
  /** Attainable, and met by the `required`-th answer of those that count. */
  isPlain(coordinatorDc: number): boolean;
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
  /** Does placement look at data centres (NetworkTopologyStrategy)? Else EACH_QUORUM is QUORUM. */
  readonly knowsDcs: boolean;
  /** Fewest copies that any row has there: less than the factor where nodes are too few, or where placement does not look
   * at data centres. */
  readonly leastInDc: readonly number[];
}

export function consistencyRule(level: ConsistencyLevel, of: CopiesOfTable): ConsistencyRule {
  if (level === 'EACH_QUORUM' && of.knowsDcs) return eachQuorum(of);
  const { copies, factor, factorInDc, leastInDc } = of;
  const local = level === 'LOCAL_ONE' || level === 'LOCAL_QUORUM';
  const attainable = factorInDc.map((here, dc) => requiredOf(level, factor, here) <= (local ? leastInDc[dc] : copies));
  return {
    level,
    acceptsHint: level === 'ANY',
    each: null,
    required: (coordinatorDc) => requiredOf(level, factor, factorInDc[coordinatorDc] ?? 0),
    attainable: (coordinatorDc) => attainable[coordinatorDc] ?? false,
    isPlain: (coordinatorDc) => attainable[coordinatorDc] ?? false,
    counts: (copyDc, coordinatorDc) => !local || copyDc === coordinatorDc,
  };
}

/** A majority in every data centre that holds copies; where there is but one, that is a quorum like any other. */
function eachQuorum({ factorInDc, leastInDc }: CopiesOfTable): ConsistencyRule {
  const each = factorInDc.map((factor) => (factor === 0 ? 0 : quorumOf(factor)));
  const sum = each.reduce((total, needed) => total + needed, 0);
  const isAttainable = each.every((needed, dc) => needed <= leastInDc[dc]);
  const isOne = each.filter((needed) => needed > 0).length <= 1;
  return {
    level: 'EACH_QUORUM',
    acceptsHint: false,
    each: isOne ? null : each,
    required: () => sum,
    attainable: () => isAttainable,
    isPlain: () => isOne && isAttainable,
    counts: () => true,
  };
}

/** Are these copies, given by their number in each data centre, as many as the level needs? What counts is what is alive, or
 * what has answered. */
export function isEnough(rule: ConsistencyRule, copiesInDc: ArrayLike<number>, coordinatorDc: number): boolean {
  let counted = 0;
  for (let dc = 0; dc < copiesInDc.length; dc += 1) {
    if (rule.each !== null && copiesInDc[dc] < rule.each[dc]) return false;
    if (rule.counts(dc, coordinatorDc)) counted += copiesInDc[dc];
  }
  return counted >= rule.required(coordinatorDc);
}

export function quorumOf(factor: number): number {
  return Math.floor(factor / 2) + 1;
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
      return quorumOf(factor);
    case 'LOCAL_ONE':
      return 1;
    case 'LOCAL_QUORUM':
      return quorumOf(factorHere);
    case 'EACH_QUORUM':
      // Without data centres in the placement there is but the whole to have a quorum of.
      return quorumOf(factor);
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
