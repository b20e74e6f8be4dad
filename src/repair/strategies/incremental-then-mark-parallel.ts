/**
 * Incremental repair of 2.1 to 3.11 (cassandra.c15): all replicas at once, from live sstables; only what is unrepaired is
 * compared, and at the end every replica marks of that what is there still.
 */
import { allAtOnce } from '../asking.ts';
import { rangesByNeighbours } from '../neighbours.ts';
import { merkleTrees } from '../merkle-summary.ts';
import { wholeRanges } from '../payload.ts';
import type { RepairStrategy } from '../strategy.ts';

export const incrementalThenMarkParallel: RepairStrategy = {
  name: 'incremental-then-mark-parallel',
  description:
    'Incremental repair: all replicas at once, from live sstables; only what is unrepaired is compared, and marked at the end, on each replica for itself.',
  unitOfWork: rangesByNeighbours,
  residence: { kind: 'rebuilt', pinned: false },
  scope: 'unrepaired',
  asking: allAtOnce,
  summary: merkleTrees,
  payload: wholeRanges,
  exchanging: 'together',
  conflict: 'newest_timestamp',
  marking: 'after_repair',
};
