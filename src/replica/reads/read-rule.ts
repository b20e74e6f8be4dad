/**
 * What a consistency level asks of a read: how many replicas must answer, and which of them count. Levels of writes are in
 * `consistency.ts`; they differ (ANY is for writes alone, EACH_QUORUM is contacted by data centre). Pure functions, no state.
 */
import type { ConsistencyLevel } from '../../scenario/plan.ts';

export interface ReadRule {
  readonly level: ConsistencyLevel;
  /** Only replicas of the coordinator's data centre count. */
  readonly isLocal: boolean;
  /** A quorum of every data centre is asked. */
  readonly isByDc: boolean;
  /** Answers that a coordinator in this data centre needs. */
  required(coordinatorDc: number): number;
  /** Answers needed of this data centre, where the level asks by data centre. */
  requiredOf(dc: number): number;
}

/** A quorum is more than half of the configured factor (cassandra.g-quorum). */
export function readRule(
  level: ConsistencyLevel,
  { factor, factorInDc }: { factor: number; factorInDc: readonly number[] },
): ReadRule {
  const quorumOf = (dc: number): number => (factorInDc[dc] > 0 ? majority(factorInDc[dc]) : 0);
  return {
    level,
    isLocal: level === 'LOCAL_ONE' || level === 'LOCAL_QUORUM',
    isByDc: level === 'EACH_QUORUM',
    required: (coordinatorDc) => {
      if (level === 'EACH_QUORUM') return factorInDc.reduce((sum, _factor, dc) => sum + quorumOf(dc), 0);
      return level === 'LOCAL_QUORUM' ? majority(factorInDc[coordinatorDc] ?? 0) : plainlyRequired(level, factor);
    },
    requiredOf: quorumOf,
  };
}

function plainlyRequired(level: ConsistencyLevel, factor: number): number {
  switch (level) {
    case 'TWO':
      return 2;
    case 'THREE':
      return 3;
    case 'QUORUM':
      return majority(factor);
    case 'ALL':
      return factor;
    default:
      return 1;
  }
}

function majority(factor: number): number {
  return Math.floor(factor / 2) + 1;
}
