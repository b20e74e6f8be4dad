/**
 * Full repair of 2.2 to 3.11 (cassandra.c16): one replica after the other in each data centre, from snapshots; at its end every replica marks what
 * was unrepaired when it validated, and is there still.
 */
import { oneChainPerDc } from '../asking.ts';
import { rangesByNeighbours } from '../neighbours.ts';
import { merkleTrees } from '../merkle-summary.ts';
import { wholeRanges } from '../payload.ts';
import type { RepairStrategy } from '../strategy.ts';

export const fullThenMarkDcParallel: RepairStrategy = {
  name: 'full-then-mark-dc-parallel',
  description:
    'Full repair: one replica after the other in each data centre, from snapshots; what was unrepaired is marked at the end, on each replica for itself.',
  unitOfWork: rangesByNeighbours,
  residence: { kind: 'rebuilt', pinned: true },
  scope: 'all',
  asking: oneChainPerDc,
  summary: merkleTrees,
  payload: wholeRanges,
  exchanging: 'together',
  conflict: 'newest_timestamp',
  marking: 'after_repair',
};
