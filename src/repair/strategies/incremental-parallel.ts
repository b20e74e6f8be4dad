/**
 * Incremental repair, all replicas at once: the default of nodetool since 2.2, as 4.0 made it consistent (section c,
 * CASSANDRA-9143). What it costs beyond a full repair of the same data is the anticompaction before it; what it saves is
 * everything that was repaired before.
 */
import { allAtOnce } from '../asking.ts';
import { rangesByNeighbours } from '../neighbours.ts';
import { merkleTrees } from '../merkle-summary.ts';
import { wholeRanges } from '../payload.ts';
import type { RepairStrategy } from '../strategy.ts';

export const incrementalParallel: RepairStrategy = {
  name: 'incremental-parallel',
  description:
    'Incremental repair: unrepaired sstables are set apart, compared by all replicas at once, and marked as repaired together.',
  unitOfWork: rangesByNeighbours,
  residence: { kind: 'rebuilt', pinned: false },
  scope: 'unrepaired',
  asking: allAtOnce,
  summary: merkleTrees,
  payload: wholeRanges,
  exchanging: 'together',
  conflict: 'newest_timestamp',
  marking: 'two_phase',
};
