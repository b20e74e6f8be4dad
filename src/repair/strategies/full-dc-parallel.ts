/**
 * Full repair, one replica at a time in each data centre (`nodetool repair -full -dcpar`; cassandra.b8, b9): all replicas
 * take a snapshot first; the chains of the data centres go on without waiting for each other.
 */
import { oneChainPerDc } from '../asking.ts';
import { rangesByNeighbours } from '../neighbours.ts';
import { merkleTrees } from '../merkle-summary.ts';
import { wholeRanges } from '../payload.ts';
import type { RepairStrategy } from '../strategy.ts';

export const fullDcParallel: RepairStrategy = {
  name: 'full-dc-parallel',
  description:
    'Full repair: the replicas take snapshots together and build their trees one after the other in each data centre.',
  unitOfWork: rangesByNeighbours,
  residence: { kind: 'rebuilt', pinned: true },
  scope: 'all',
  asking: oneChainPerDc,
  summary: merkleTrees,
  payload: wholeRanges,
  exchanging: 'together',
  conflict: 'newest_timestamp',
  marking: 'none',
};
