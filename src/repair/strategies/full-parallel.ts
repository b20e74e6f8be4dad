/**
 * Full repair, all replicas at once: the default of nodetool since 2.2 (cassandra.b9, section d). Every replica validates
 * its live runs at the same time, so the trees are taken as close together as message delays allow, and every replica
 * of a range is busy with validation.
 */
import { allAtOnce } from '../asking.ts';
import { rangesByNeighbours } from '../neighbours.ts';
import { merkleTrees } from '../merkle-summary.ts';
import { wholeRanges } from '../payload.ts';
import type { RepairStrategy } from '../strategy.ts';

export const fullParallel: RepairStrategy = {
  name: 'full-parallel',
  description: 'Full repair: every replica builds its trees at the same time from its live sstables.',
  unitOfWork: rangesByNeighbours,
  residence: { kind: 'rebuilt', pinned: false },
  scope: 'all',
  asking: allAtOnce,
  summary: merkleTrees,
  payload: wholeRanges,
  exchanging: 'together',
  conflict: 'newest_timestamp',
  marking: 'none',
};
