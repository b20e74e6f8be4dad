/**
 * Full repair of 2.2 to 3.11 (cassandra.c16): all replicas at once, from live sstables; at its end every replica marks what
 * was unrepaired when it validated, and is there still.
 */
import { allAtOnce } from '../asking.ts';
import { rangesByNeighbours } from '../neighbours.ts';
import { merkleTrees } from '../merkle-summary.ts';
import { wholeRanges } from '../payload.ts';
import type { RepairStrategy } from '../strategy.ts';

export const fullThenMarkParallel: RepairStrategy = {
  name: 'full-then-mark-parallel',
  description:
    'Full repair: all replicas at once, from live sstables; what was unrepaired is marked at the end, on each replica for itself.',
  unitOfWork: rangesByNeighbours,
  residence: { kind: 'rebuilt', pinned: false },
  scope: 'all',
  asking: allAtOnce,
  summary: merkleTrees,
  payload: wholeRanges,
  exchanging: 'together',
  conflict: 'newest_timestamp',
  marking: 'after_repair',
};
