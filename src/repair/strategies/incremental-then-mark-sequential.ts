/**
 * Incremental repair of 2.1 to 3.11 (cassandra.c15): one replica after the other, from snapshots; only what is unrepaired is
 * compared, and at the end every replica marks of that what is there still.
 */
import { oneAtATime } from '../asking.ts';
import { rangesByNeighbours } from '../neighbours.ts';
import { merkleTrees } from '../merkle-summary.ts';
import { wholeRanges } from '../payload.ts';
import type { RepairStrategy } from '../strategy.ts';

export const incrementalThenMarkSequential: RepairStrategy = {
  name: 'incremental-then-mark-sequential',
  description:
    'Incremental repair: one replica after the other, from snapshots; only what is unrepaired is compared, and marked at the end, on each replica for itself.',
  unitOfWork: rangesByNeighbours,
  residence: { kind: 'rebuilt', pinned: true },
  scope: 'unrepaired',
  asking: oneAtATime,
  summary: merkleTrees,
  payload: wholeRanges,
  exchanging: 'together',
  conflict: 'newest_timestamp',
  marking: 'after_repair',
};
