/**
 * Incremental repair, one replica at a time (`nodetool repair -seq`, accepted since 4.0): no snapshots, because what was set
 * apart is one (cassandra.b8).
 */
import { oneAtATime } from '../asking.ts';
import { rangesByNeighbours } from '../neighbours.ts';
import { merkleTrees } from '../merkle-summary.ts';
import { wholeRanges } from '../payload.ts';
import type { RepairStrategy } from '../strategy.ts';

export const incrementalSequential: RepairStrategy = {
  name: 'incremental-sequential',
  description:
    'Incremental repair: unrepaired sstables are set apart, compared by one replica after the other, and marked as repaired together.',
  unitOfWork: rangesByNeighbours,
  residence: { kind: 'rebuilt', pinned: false },
  scope: 'unrepaired',
  asking: oneAtATime,
  summary: merkleTrees,
  payload: wholeRanges,
  exchanging: 'together',
  conflict: 'newest_timestamp',
  marking: 'two_phase',
};
