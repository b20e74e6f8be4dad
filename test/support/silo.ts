/** Runs and silos made by hand, for the tests of compaction strategies: sizes in MiB, partitions 0 to 999. */
import type { Run } from '../../src/data/run.ts';
import type { CompactionSettings, SiloView } from '../../src/replica/compaction/strategy.ts';

export const MIB = 1024 * 1024;
export const PARTITIONS = 1000;
const NONE = new Int32Array(0);

export const SETTINGS: CompactionSettings = {
  className: 'SizeTieredCompactionStrategy',
  enabled: true,
  onlyPurgeRepaired: false,
  minThreshold: 4,
  maxThreshold: 32,
  minSstableBytes: 50 * MIB,
  bucketLow: 0.5,
  bucketHigh: 1.5,
  sstableBytes: 160 * MIB,
  fanout: 10,
  levelsUnrepaired: true,
  windowMicros: 86_400e6,
  expiresBlindly: false,
  baseTimeMicros: 60e6,
  maxWindowMicros: 86_400e6,
  maxAgeMicros: 365 * 86_400e6,
  scaling: [2],
  baseShards: 4,
  targetBytes: 1024 * MIB,
  growth: 0.333,
  flushBytes: 64 * MIB,
};

export function runOfSize(id: number, size: number, given: Partial<Run> = {}): Run {
  return {
    id,
    table: 0,
    slots: NONE,
    versions: NONE,
    base: false,
    removed: NONE,
    bytes: size * MIB,
    partitions: 1,
    minTimestamp: 0,
    maxTimestamp: 0,
    maxDeletion: -Infinity,
    expiresAt: Infinity,
    purgeable: false,
    level: 0,
    repairedAt: 0,
    pendingRepair: 0,
    ...given,
  };
}

/** Runs of these sizes, numbered from 1. */
export function sized(sizes: readonly number[], given: Partial<Run> = {}): Run[] {
  return sizes.map((size, index) => runOfSize(index + 1, size, given));
}

/** By id: first and last partition; all of them where nothing is said. */
export type Places = ReadonlyMap<number, readonly [first: number, last: number]>;

export function silo(
  runs: readonly Run[],
  given: { places?: Places; busy?: readonly Run[]; expired?: readonly Run[] } = {},
): SiloView {
  return {
    runs,
    busy: given.busy ?? [],
    isUnrepaired: runs.every(({ repairedAt }) => repairedAt === 0),
    bounds: ({ id }) => {
      const [first, last] = given.places?.get(id) ?? [0, PARTITIONS - 1];
      return { first, last };
    },
    share: ({ first, last }) => (last - first + 1) / PARTITIONS,
    expired: () => given.expired ?? [],
  };
}
