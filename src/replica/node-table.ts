/**
 * What storage keeps of one table on one node, and who may follow what happens to its memory. Only `storage.ts` changes any
 * of it; a follower is told before and after, so that it can read the log of a memtable late.
 */
import type { TableLayout } from '../data/layout.ts';
import type { Run } from '../data/run.ts';
import type { JobCompletion } from '../device/fluid.ts';
import type { Memtable } from './memtable.ts';

/** A memtable that is being written to disk, and who waits for it. */
export interface MemtableFlush {
  id: number;
  memtable: Memtable;
  job: number;
  waiting: JobCompletion[];
}

/** One table on one node. */
export interface NodeTable {
  node: number;
  table: TableLayout;
  memtable: Memtable;
  /** Entries at which the memtable's bytes must be looked at; bytes of the first `weighed` entries. */
  flushAt: number;
  weighed: number;
  weighedBytes: number;
  flushes: MemtableFlush[];
  /** Live runs, oldest first. */
  runs: Run[];
  /** Slot to winning version of the memtables, built when asked for; how far the active memtable is in it. */
  index: Map<number, number> | null;
  indexed: number;
}

/** Whoever keeps something of what is stored up to date with it. A memtable is a log: it can be read later, until it changes. */
export interface MemoryFollower {
  /** What is in memory is about to be flushed, replayed or damaged. */
  beforeChange(place: NodeTable, isCrash: boolean): void;
  afterChange(place: NodeTable): void;
  /** A stream has brought a run. */
  runAdded(place: NodeTable, run: Run): void;
  diskLost(place: NodeTable): void;
}
