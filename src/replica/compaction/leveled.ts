/**
 * LeveledCompactionStrategy (cassandra.g-lcs): level 0 takes what is flushed and streamed; in every other level runs do
 * not overlap, and level n holds fan-out to the n runs of one size. A level that is too full gives a run to the next, which
 * is merged with what it overlaps there. With more than 32 runs level 0 falls back to buckets by size.
 *
 * Of Cassandra's LeveledManifest it keeps the choices, not the memory: the run of a level that goes up next is the one made
 * first, where Cassandra goes round by key.
 */
import type { Run } from '../../data/run.ts';
import { bytesOfRuns, smallestBucket } from './buckets.ts';
import { inGroupsOf, ONE_RUN, type CompactionSettings, type CompactionStrategy } from './strategy.ts';
import type { Bounds, CompactionTask, OutputCut, SiloView } from './strategy.ts';

/** More runs than this in level 0 are too many to be merged into level 1 at once. */
const LEVEL_0_MAX = 32;
const LEVELS_MAX = 9;
/** A level may be fuller than its size by this before it gives something to the next. */
const FULL_SCORE = 1.001;
const LEVEL_0_RUNS = 4;

export function leveled(settings: CompactionSettings): CompactionStrategy {
  const { levelsUnrepaired } = settings;
  const hasLevels = (silo: SiloView): boolean => levelsUnrepaired || !silo.isUnrepaired;
  const sizes = levelSizes(settings);
  const cut: OutputCut = { ...ONE_RUN, maxBytes: settings.sstableBytes };
  const major = { ...cut, levelBytes: sizes.slice(1) };
  return {
    name: 'LeveledCompactionStrategy',
    description: 'Keeps runs of one size in levels, each ten times the one before; in a level none overlap.',
    isTimed: false,
    next: (silo) => (hasLevels(silo) ? nextOf(silo, settings, { sizes, cut }) : bySizeIn(silo.runs, settings)),
    major: (silo) => {
      if (silo.runs.length === 0) return [];
      return [{ runs: silo.runs, ...(hasLevels(silo) ? { level: 1, cut: major } : { level: 0, cut: ONE_RUN }) }];
    },
    groups: (runs) => groupsByLevel(runs),
    levelOfLoaded: (bytes) =>
      levelsUnrepaired
        ? Math.max(
            1,
            sizes.findIndex((size) => size >= bytes),
          )
        : 0,
    misplaced: (silo) => (hasLevels(silo) ? overlappingInTheirLevel(silo) : silo.runs.filter(({ level }) => level > 0)),
  };
}

interface Shape {
  /** Bytes that a level may hold. */
  readonly sizes: readonly number[];
  readonly cut: OutputCut;
}

function levelSizes({ sstableBytes, fanout }: CompactionSettings): number[] {
  const sizes = [LEVEL_0_RUNS * sstableBytes];
  for (let level = 1, size = sstableBytes; level < LEVELS_MAX; level += 1) sizes.push((size *= fanout));
  return sizes;
}

function nextOf(silo: SiloView, settings: CompactionSettings, { sizes, cut }: Shape): CompactionTask | null {
  const byLevel = sizes.map((_size, level) => silo.runs.filter((run) => run.level === level));
  for (let level = LEVELS_MAX - 2; level >= 1; level -= 1) {
    if (bytesOfRuns(byLevel[level]) / sizes[level] <= FULL_SCORE) continue;
    // Behind in level 0: that is caught up with first.
    const behind = tooManyIn0(byLevel[0], settings);
    if (behind !== null) return behind;
    const runs = goingUp(silo, byLevel[level], level + 1);
    if (runs.length > 0) return { runs, level: level + 1, cut };
  }
  const from0 = mergedInto1(silo, byLevel[0], settings);
  if (from0.length === 0) return tooManyIn0(byLevel[0], settings);
  const fits = from0.every(({ level }) => level === 0) && bytesOfRuns(from0) < settings.sstableBytes;
  return { runs: from0, level: fits ? 0 : 1, cut };
}

function bySizeIn(runs: readonly Run[], settings: CompactionSettings): CompactionTask | null {
  const chosen = smallestBucket(runs, settings);
  return chosen.length === 0 ? null : { runs: chosen, level: 0, cut: ONE_RUN };
}

function tooManyIn0(runs: readonly Run[], settings: CompactionSettings): CompactionTask | null {
  return runs.length > LEVEL_0_MAX ? bySizeIn(runs, settings) : null;
}

/** A run of a level and all that it overlaps in the next; none where those are busy. */
function goingUp(silo: SiloView, runs: readonly Run[], next: number): Run[] {
  for (const run of [...runs].sort((left, right) => left.id - right.id)) {
    const above = overlapping(silo, [run], next);
    if (above !== null) return [run, ...above];
  }
  return [];
}

/** The oldest of level 0 with what overlaps them there, up to the maximum, and of level 1 what they overlap once they are
 * more than one run's worth. */
function mergedInto1(
  silo: SiloView,
  level0: readonly Run[],
  { sstableBytes, maxThreshold }: CompactionSettings,
): Run[] {
  const busy = silo.busy.filter(({ level }) => level === 0).map((run) => silo.bounds(run));
  const chosen: Run[] = [];
  const byAge = [...level0].sort((left, right) => left.maxTimestamp - right.maxTimestamp || left.id - right.id);
  for (const run of byAge) {
    const together = byAge.filter((other) => other === run || meet(silo.bounds(run), silo.bounds(other)));
    if (together.some((other) => busy.some((bounds) => meet(bounds, silo.bounds(other))))) continue;
    for (const other of together) if (!chosen.includes(other)) chosen.push(other);
    if (chosen.length > LEVEL_0_MAX) break;
  }
  const taken = chosen.slice(0, Math.min(LEVEL_0_MAX, maxThreshold));
  if (bytesOfRuns(taken) <= sstableBytes) return taken.length < 2 ? [] : taken;
  const above = overlapping(silo, taken, 1);
  return above === null ? [] : [...taken, ...above];
}

/** Runs of a level that overlap any of these; null where one of them is busy. */
function overlapping(silo: SiloView, runs: readonly Run[], level: number): Run[] | null {
  const bounds = runs.map((run) => silo.bounds(run));
  const meets = (run: Run): boolean => run.level === level && bounds.some((each) => meet(each, silo.bounds(run)));
  return silo.busy.some(meets) ? null : silo.runs.filter(meets);
}

/** Runs that overlap an earlier one of their level: they came from another silo, and begin in level 0 again. */
function overlappingInTheirLevel(silo: SiloView): Run[] {
  const placed: Run[] = [...silo.busy];
  const fallen: Run[] = [];
  for (const run of silo.runs) {
    const isFree = run.level === 0 || !placed.some((other) => isBeside(silo, run, other));
    (isFree ? placed : fallen).push(run);
  }
  return fallen;
}

function isBeside(silo: SiloView, run: Run, other: Run): boolean {
  return other.level === run.level && meet(silo.bounds(other), silo.bounds(run));
}

function meet(left: Bounds, right: Bounds): boolean {
  return left.first <= right.last && right.first <= left.last;
}

/** cassandra.c7: two of the same level. */
function groupsByLevel(runs: readonly Run[]): Run[][] {
  const levels = [...new Set(runs.map(({ level }) => level))].sort((left, right) => left - right);
  return levels.flatMap((level) =>
    inGroupsOf(
      2,
      runs.filter((run) => run.level === level),
    ),
  );
}
