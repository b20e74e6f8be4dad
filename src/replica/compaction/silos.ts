/**
 * The silos of one table on one node as strategies see them: unrepaired, repaired, and one of each pending session
 * (cassandra.c1). Only looking: what starts is the manager's decision (../compaction.ts).
 */
import { boundsOfRun, rankOf, segmentsEverHeld } from '../../data/held-ordinals.ts';
import type { Run } from '../../data/run.ts';
import type { Versions } from '../../data/versions.ts';
import type { NodeTable } from '../node-table.ts';
import { averageBytes } from './buckets.ts';
import type { Bounds, CompactionStrategy, CompactionTask, SiloView } from './strategy.ts';

export type Expires = 'safely' | 'blindly' | 'never';

export interface SilosInput {
  readonly place: NodeTable;
  readonly versions: Versions;
  readonly nowMicros: number;
  /** May not be touched, because a repair has them. */
  readonly held: ReadonlySet<Run>;
  /** Under compaction. */
  readonly busy: ReadonlySet<Run>;
  /** What has expired whole goes; whatever it overlaps (unsafe_aggressive_sstable_expiration); or never. */
  readonly expires: Expires;
  /** May only what is repaired be purged (cassandra.h8)? */
  readonly onlyRepaired: boolean;
}

/** One view a silo, the unrepaired first, then as they come in the list of runs. */
export function silosOf(input: SilosInput): SiloView[] {
  const { place, held, busy } = input;
  const silos = new Map<number, { runs: Run[]; busy: Run[] }>([[0, { runs: [], busy: [] }]]);
  for (const run of place.runs) {
    if (held.has(run)) continue;
    const key = siloOf(run);
    const silo = silos.get(key) ?? { runs: [], busy: [] };
    silos.set(key, silo);
    (busy.has(run) ? silo.busy : silo.runs).push(run);
  }
  return [...silos].filter(([, { runs }]) => runs.length > 0).map(([key, silo]) => viewOf(input, key, silo));
}

/** The next task of any silo: of those that have one, the one of the smallest runs. */
export function nextTask(strategy: CompactionStrategy, silos: readonly SiloView[]): CompactionTask | null {
  let best: CompactionTask | null = null;
  for (const silo of silos) {
    const task = strategy.next(silo);
    if (task !== null && (best === null || averageBytes(task.runs) < averageBytes(best.runs))) best = task;
  }
  return best;
}

/** Tasks that the silo has ahead of it: those that could start now, if each took its runs away. */
export function estimatedTasks(strategy: CompactionStrategy, silo: SiloView): number {
  let { runs } = silo;
  let tasks = 0;
  for (let task = strategy.next(silo); task !== null; tasks += 1) {
    const taken = new Set(task.runs);
    runs = runs.filter((run) => !taken.has(run));
    const left = runs;
    task = strategy.next({ ...silo, runs: left, expired: () => silo.expired().filter((run) => left.includes(run)) });
  }
  return tasks;
}

/** 0 = unrepaired, 1 = repaired, above: of a session. */
function siloOf(run: Run): number {
  if (run.pendingRepair > 0) return run.pendingRepair + 1;
  return run.repairedAt > 0 ? 1 : 0;
}

function viewOf(input: SilosInput, key: number, { runs, busy }: { runs: Run[]; busy: Run[] }): SiloView {
  const { place } = input;
  const { node, table } = place;
  const bounds = (run: Run): Bounds => boundsOfRun(table, node, run) ?? { first: 0, last: -1 };
  return {
    runs,
    busy,
    isUnrepaired: key === 0,
    bounds,
    share: ({ first, last }) => {
      const segments = segmentsEverHeld(table, node);
      return (rankOf(segments, last + 1) - rankOf(segments, first)) / rankOf(segments, table.partitions);
    },
    expired: () => (input.onlyRepaired && key !== 1 ? [] : expiredOf(input, runs)),
  };
}

/**
 * cassandra.h2: what has expired to its last entry, where all else that there is, also in memory, is newer. One that cannot
 * go because of something older is in the way of others in turn.
 */
function expiredOf({ place, versions, nowMicros, expires }: SilosInput, runs: readonly Run[]): Run[] {
  if (expires === 'never') return [];
  let candidates = runs.filter(({ expiresAt }) => expiresAt < nowMicros);
  if (candidates.length === 0 || expires === 'blindly') return candidates;
  const inMemory = oldestInMemory(place, versions);
  for (;;) {
    const others = place.runs.filter((run) => !candidates.includes(run));
    const oldest = others.reduce((least, { minTimestamp }) => Math.min(least, minTimestamp), inMemory);
    const left = candidates.filter(({ maxTimestamp }) => maxTimestamp < oldest);
    if (left.length === candidates.length) return left;
    candidates = left;
  }
}

function oldestInMemory(place: NodeTable, versions: Versions): number {
  const { timestamp } = versions.arrays;
  let oldest = Infinity;
  for (const { memtable } of [...place.flushes, place])
    for (let entry = 0; entry < memtable.count; entry += 1)
      oldest = Math.min(oldest, timestamp[memtable.versions[entry]]);
  return oldest;
}
