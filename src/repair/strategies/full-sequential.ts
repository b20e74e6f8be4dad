/**
 * Full repair, one replica at a time (`nodetool repair -full -seq`; cassandra.b8, b9): all replicas take a snapshot first,
 * so that trees built one after the other are still of one moment; then each validates its snapshot when the tree of
 * the one before has arrived. At most one replica of a range is busy with validation.
 */
import { oneAtATime } from '../asking.ts';
import { rangesByNeighbours } from '../neighbours.ts';
import { merkleTrees } from '../merkle-summary.ts';
import { wholeRanges } from '../payload.ts';
import type { RepairStrategy } from '../strategy.ts';

export const fullSequential: RepairStrategy = {
  name: 'full-sequential',
  description: 'Full repair: the replicas take snapshots together and build their trees one after the other.',
  unitOfWork: rangesByNeighbours,
  residence: { kind: 'rebuilt', pinned: true },
  scope: 'all',
  asking: oneAtATime,
  summary: merkleTrees,
  payload: wholeRanges,
  exchanging: 'together',
  conflict: 'newest_timestamp',
  marking: 'none',
};
