/**
 * UnifiedCompactionStrategy of 5.0 (cassandra.g-ucs). Runs lie in levels by density: bytes over the share of the node's
 * partitions that they span. A level spans a factor (the fan-out); as soon as as many runs of a level overlap at one place
 * as its threshold says, they are merged with all that overlap them. Scaling parameter w: tiered (w > 0, T4 is w = 2) has
 * fan-out and threshold 2 + w, leveled (w < 0) fan-out 2 - w and threshold 2. Outputs are cut at the borders of shards,
 * whose number grows with the density of the output.
 */
import { pow, powerOfTwo } from '../../kernel/math.ts';
import type { Run } from '../../data/run.ts';
import { bytesOfRuns } from './buckets.ts';
import { inGroupsOf, ONE_RUN, WITHOUT_LEVELS, type CompactionSettings, type CompactionStrategy } from './strategy.ts';
import type { Bounds, CompactionTask, SiloView } from './strategy.ts';

const MIB = 1024 * 1024;
/** A flush is taken for so much at least, however little was flushed. */
const BASE_BYTES_MIN = MIB;
const LEVELS_MAX = 32;

export function unified(settings: CompactionSettings): CompactionStrategy {
  const taskOf = (silo: SiloView, runs: readonly Run[]): CompactionTask => {
    const shards = shardsFor(densityOf(silo, runs), settings);
    return { runs, level: 0, cut: { ...ONE_RUN, shards } };
  };
  return {
    name: 'UnifiedCompactionStrategy',
    description: 'Merges runs of similar density that overlap, and cuts what comes out into shards.',
    isTimed: false,
    ...WITHOUT_LEVELS,
    next: (silo) => {
      const chosen = mostOverlapping(silo, settings);
      return chosen.length === 0 ? null : taskOf(silo, chosen);
    },
    major: (silo) => componentsOf(silo, silo.runs).map((runs) => taskOf(silo, runs)),
    groups: (runs) => inGroupsOf(2, runs),
  };
}

/** Number of outputs over the whole of the node's partitions, for a density in bytes. */
export function shardsFor(density: number, settings: CompactionSettings): number {
  const { baseShards, minSstableBytes, targetBytes, growth } = settings;
  if (minSstableBytes > 0 && density / minSstableBytes < baseShards) {
    const largestPower = baseShards & -baseShards;
    return Math.min(powerBelow(density / minSstableBytes), largestPower);
  }
  const ratio = density / (targetBytes * baseShards);
  return ratio <= 1 ? baseShards : baseShards * nearestPower(pow(ratio, 1 - growth));
}

/** 2^⌊log2 x⌋, 1 for all below 2. */
function powerBelow(x: number): number {
  let power = 1;
  while (power * 2 <= x) power *= 2;
  return power;
}

/** 2^⌊log2 x⌉: the nearest on the scale of logarithms. */
function nearestPower(x: number): number {
  let exponent = 0;
  while (powerOfTwo(exponent) * Math.SQRT2 <= x) exponent += 1;
  return powerOfTwo(exponent);
}

function fanoutOf(w: number): number {
  return w < 0 ? 2 - w : 2 + w;
}

function thresholdOf(w: number): number {
  return w <= 0 ? 2 : 2 + w;
}

function scalingOf({ scaling }: CompactionSettings, level: number): number {
  return scaling[Math.min(level, scaling.length - 1)];
}

/** Of all levels the overlapping runs that are most at one place; at least the level's threshold. The lowest level of equals. */
function mostOverlapping(silo: SiloView, settings: CompactionSettings): Run[] {
  let best: Run[] = [];
  let most = 0;
  levelsOf(silo, settings).forEach((runs, level) => {
    for (const component of componentsOf(silo, runs)) {
      const depth = deepest(silo, component);
      if (depth < thresholdOf(scalingOf(settings, level)) || depth <= most) continue;
      most = depth;
      best = component;
    }
  });
  return best;
}

function levelsOf(silo: SiloView, settings: CompactionSettings): Run[][] {
  const levels: Run[][] = [];
  const first = fanoutOf(scalingOf(settings, 0));
  let limit = Math.floor(Math.max(BASE_BYTES_MIN, settings.flushBytes) * (1 - 0.9 / first) * first);
  let rest = [...silo.runs];
  for (let level = 0; rest.length > 0 && level < LEVELS_MAX; level += 1) {
    const below = limit;
    levels.push(rest.filter((run) => densityOf(silo, [run]) < below));
    rest = rest.filter((run) => densityOf(silo, [run]) >= below);
    limit = Math.floor(limit * fanoutOf(scalingOf(settings, level + 1)));
  }
  return levels;
}

/** Bytes that the whole of the node's partitions would have, if all were as full as those that the runs span. */
function densityOf(silo: SiloView, runs: readonly Run[]): number {
  const bounds = runs.map((run) => silo.bounds(run));
  const first = bounds.reduce((least, each) => Math.min(least, each.first), Infinity);
  const last = bounds.reduce((largest, each) => Math.max(largest, each.last), 0);
  const share = silo.share({ first, last });
  return share > 0 ? bytesOfRuns(runs) / share : bytesOfRuns(runs);
}

/** Runs that overlap, directly or through others, together. */
function componentsOf(silo: SiloView, runs: readonly Run[]): Run[][] {
  const byFirst = runs
    .map((run) => ({ run, bounds: silo.bounds(run) }))
    .sort((left, right) => left.bounds.first - right.bounds.first || left.run.id - right.run.id);
  const components: Run[][] = [];
  let reach = -1;
  for (const { run, bounds } of byFirst) {
    if (bounds.first > reach) components.push([]);
    components[components.length - 1].push(run);
    reach = Math.max(reach, bounds.last);
  }
  return components;
}

/** Most runs at one place: it is reached where one of them begins. */
function deepest(silo: SiloView, runs: readonly Run[]): number {
  const bounds = runs.map((run) => silo.bounds(run));
  const coverAt = (at: number): number => bounds.filter((each: Bounds) => each.first <= at && at <= each.last).length;
  return bounds.reduce((most, { first }) => Math.max(most, coverAt(first)), 0);
}
