/**
 * What a compaction strategy is: choices only. It is given the runs of one silo of one table on one node and says which to
 * merge next, what a major compaction makes of them, and how outputs are cut. It holds no state and starts nothing: when a
 * task starts, what it costs, what it purges and that silos are never mixed (cassandra.c1) is the manager's
 * (../compaction.ts). Strategies do not import each other; what they share is in `buckets.ts`.
 */
import type { Run } from '../../data/run.ts';

/** Options of all strategies, filled in; each reads its own. Sizes in bytes, times in µs. */
export interface CompactionSettings {
  className: string;
  enabled: boolean;
  /** cassandra.h8 */
  onlyPurgeRepaired: boolean;
  minThreshold: number;
  maxThreshold: number;
  minSstableBytes: number;
  bucketLow: number;
  bucketHigh: number;
  /** Leveled: size of an sstable, and how many times larger each level is than the one before. */
  sstableBytes: number;
  fanout: number;
  /** False: what is unrepaired is compacted by size, as in 2.1.0 and 2.1.1. */
  levelsUnrepaired: boolean;
  /** Time window: length; does what has expired as a whole go whatever it overlaps? */
  windowMicros: number;
  expiresBlindly: boolean;
  /** Date tiered. */
  baseTimeMicros: number;
  maxWindowMicros: number;
  maxAgeMicros: number;
  /** Unified: w of each level, the last for all further ones (T4 = 2, N = 0, L4 = -2). */
  scaling: readonly number[];
  baseShards: number;
  targetBytes: number;
  growth: number;
  /** What a flush writes, at most. */
  flushBytes: number;
}

/** One silo: runs that may be merged with each other. */
export interface SiloView {
  /** Nobody works on these; oldest first. */
  readonly runs: readonly Run[];
  /** Of the same silo, under compaction now. */
  readonly busy: readonly Run[];
  readonly isUnrepaired: boolean;
  /** First and last partition of a run, by ordinal in token order. */
  bounds(run: Run): Bounds;
  /** Share of the node's partitions that lie within the bounds. */
  share(bounds: Bounds): number;
  /** Runs of which all has expired, with nothing older left elsewhere (cassandra.h2). */
  expired(): readonly Run[];
}

export interface Bounds {
  readonly first: number;
  readonly last: number;
}

/** How the merged content becomes runs; always between partitions. */
export interface OutputCut {
  /** A run is closed when it has more than this; Infinity: one run. */
  readonly maxBytes: number;
  /** Cut at the borders of so many equal parts of the node's partitions; 1: not at all. */
  readonly shards: number;
  /** The first run takes half of the whole, the next half of the rest, and so on (nodetool compact -s). */
  readonly halves: boolean;
  /** Bytes that each level takes before the outputs go to the next, from level 1 on; empty: all go to the task's level. */
  readonly levelBytes: readonly number[];
}

export interface CompactionTask {
  readonly runs: readonly Run[];
  /** Level of the outputs. */
  readonly level: number;
  readonly cut: OutputCut;
}

export interface CompactionStrategy {
  readonly name: string;
  /** One sentence for people. */
  readonly description: string;
  /** May time alone make work for it? Then it is asked every minute. */
  readonly isTimed: boolean;
  /** What to merge next; null: nothing. */
  next(silo: SiloView): CompactionTask | null;
  /** What a major compaction of the silo does, in turn. */
  major(silo: SiloView, splitsOutput: boolean): CompactionTask[];
  /** cassandra.c7: runs, by their first key, that are rewritten together when a repair sets a part of them apart. */
  groups(runs: readonly Run[]): Run[][];
  /** Level at which initial content lies. */
  levelOfLoaded(bytes: number): number;
  /** Runs that have come into the silo and cannot stay in their level. */
  misplaced(silo: SiloView): Run[];
}

export const ONE_RUN: OutputCut = { maxBytes: Infinity, shards: 1, halves: false, levelBytes: [] };

/** What strategies without levels say of levels. */
export const WITHOUT_LEVELS = {
  levelOfLoaded: (): number => 0,
  misplaced: (): Run[] => [],
};

/** So many runs a group, in the order given. */
export function inGroupsOf(size: number, runs: readonly Run[]): Run[][] {
  const groups: Run[][] = [];
  for (let at = 0; at < runs.length; at += size) groups.push(runs.slice(at, at + size));
  return groups;
}
