/**
 * Full repair as 2.0 does it by default (cassandra.b10, section d): one replica after the other on snapshots, and then one pair
 * after the other: the next two trees are compared when the exchange of the pair before has ended.
 */
import { oneAtATime } from '../asking.ts';
import { rangesByNeighbours } from '../neighbours.ts';
import { merkleTrees } from '../merkle-summary.ts';
import { wholeRanges } from '../payload.ts';
import type { RepairStrategy } from '../strategy.ts';

export const fullSequentialInTurn: RepairStrategy = {
  name: 'full-sequential-in-turn',
  description:
    'Full repair: replicas build their trees one after another, from snapshots, and pairs exchange data one after another.',
  unitOfWork: rangesByNeighbours,
  residence: { kind: 'rebuilt', pinned: true },
  scope: 'all',
  asking: oneAtATime,
  summary: merkleTrees,
  payload: wholeRanges,
  exchanging: 'in_turn',
  conflict: 'newest_timestamp',
  marking: 'none',
};
