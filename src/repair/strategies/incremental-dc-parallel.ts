/**
 * Incremental repair, one replica at a time in each data centre (`nodetool repair -dcpar`): no snapshots, because what was
 * set apart is one (cassandra.b8).
 */
import { oneChainPerDc } from '../asking.ts';
import { rangesByNeighbours } from '../neighbours.ts';
import { merkleTrees } from '../merkle-summary.ts';
import { wholeRanges } from '../payload.ts';
import type { RepairStrategy } from '../strategy.ts';

export const incrementalDcParallel: RepairStrategy = {
  name: 'incremental-dc-parallel',
  description:
    'Incremental repair: unrepaired sstables are set apart, compared by one replica after the other in each data centre, and marked as repaired together.',
  unitOfWork: rangesByNeighbours,
  residence: { kind: 'rebuilt', pinned: false },
  scope: 'unrepaired',
  asking: oneChainPerDc,
  summary: merkleTrees,
  payload: wholeRanges,
  exchanging: 'together',
  conflict: 'newest_timestamp',
  marking: 'two_phase',
};
