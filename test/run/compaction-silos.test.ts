/**
 * Compaction on the real engine, with each strategy: what is repaired and what is not never meet, also in a major
 * compaction; what devices moved is what the ledgers say.
 */
import { describe, expect, test } from 'vitest';
import { Simulation } from '../../src/run/simulation.ts';
import type { CompactionClass, Plan, PlanEntry } from '../../src/scenario/plan.ts';
import { plainPlan, plainTable, plainWorkload, repairEntry, seconds } from './plain-plan.ts';

const MIB = 1024 * 1024;
const CLASSES: readonly CompactionClass[] = [
  'SizeTieredCompactionStrategy',
  'LeveledCompactionStrategy',
  'TimeWindowCompactionStrategy',
  'DateTieredCompactionStrategy',
  'UnifiedCompactionStrategy',
];

const operation = (id: string, at: number, every: number | null): PlanEntry => ({
  id: `operations.${id}`,
  at_micros: seconds(at),
  nodes: ['n1', 'n2', 'n3'],
  every_micros: every === null ? null : seconds(every),
  tables: ['shop.orders'],
  command: id,
  ...(id === 'compact' ? { kind: 'compactTables', split_output: false } : { kind: 'flushTables' }),
});

/** Rows of 100 kB, flushed every five seconds, repaired incrementally at 60 s, compacted as a whole at 115 s. */
function storyOf(className: CompactionClass, compacts: boolean): Plan {
  return plainPlan({
    duration_micros: seconds(120),
    tables: [
      plainTable({
        partitions: 200,
        row_bytes: 100_000,
        compaction: {
          class: className,
          ...{ min_threshold: 4, max_threshold: 32, min_sstable_bytes: 0, bucket_low: 0.5, bucket_high: 1.5 },
          ...{ enabled: true, sstable_bytes: MIB, window_micros: seconds(20), base_time_micros: seconds(5) },
          ...{ target_bytes: 2 * MIB, flush_size_bytes: MIB },
        },
      }),
    ],
    workload: {
      writes: plainWorkload({
        until_micros: seconds(110),
        keys: { kind: 'uniform', from: 0, to: 200 },
        consistency: 'ALL',
      }),
    },
    entries: [
      operation('flush', 5, 5),
      repairEntry({ at: seconds(60), nodes: ['n1'], strategy: 'incremental-parallel' }),
      ...(compacts ? [operation('compact', 115, null)] : []),
    ].sort((left, right) => left.at_micros - right.at_micros),
  });
}

function finished(plan: Plan): Simulation {
  const simulation = new Simulation(plan, { batched: true });
  simulation.runTo(simulation.world.endMicros);
  return simulation;
}

function lazily(plan: Plan): { world: Simulation['replicas']; runTo: (micros: number) => void } {
  const simulation = new Simulation(plan, { batched: true });
  return { world: simulation.replicas, runTo: (micros) => simulation.runTo(micros) };
}

describe.each(CLASSES)('%s', (className) => {
  test('keeps what is repaired apart from what was written later', () => {
    const { replicas: world } = finished(storyOf(className, false));
    const { issuedAt } = world.versions.arrays;
    expect(world.compaction.counts.compactions).toBeGreaterThan(0);
    for (const { runs } of world.storage.nodeTables) {
      const written = (isRepaired: boolean): number[] =>
        runs.filter((run) => run.repairedAt > 0 === isRepaired).flatMap(({ versions }) => [...versions]);
      const newest = Math.max(...written(true).map((version) => issuedAt[version]));
      const oldest = Math.min(...written(false).map((version) => issuedAt[version]));
      expect(newest).toBeGreaterThan(0);
      expect(newest).toBeLessThan(oldest);
    }
  });

  test('makes one SSTable of each pool in a major compaction, or as many as levels and shards need', () => {
    const { replicas: world } = finished(storyOf(className, true));
    const isCut = className === 'LeveledCompactionStrategy' || className === 'UnifiedCompactionStrategy';
    for (const { runs } of world.storage.nodeTables) {
      const repaired = runs.filter((run) => run.repairedAt > 0).length;
      if (!isCut) expect([repaired, runs.length]).toEqual([1, 2]);
      else expect(Math.min(repaired, runs.length - repaired)).toBeGreaterThan(1);
    }
  });
});

test('what has expired whole is looked for every ten minutes', () => {
  const story = storyOf('TimeWindowCompactionStrategy', false);
  const [table] = story.tables;
  const { world, runTo } = lazily({
    ...story,
    duration_micros: seconds(700),
    workload: { writes: { ...story.workload['writes'], ttl_seconds: 60 } },
    entries: story.entries.filter(({ id }) => id === 'operations.flush'),
    tables: [
      {
        ...table,
        gc_grace_micros: seconds(60),
        compaction: { ...table.compaction, min_threshold: 32, window_micros: seconds(86_400) },
      },
    ],
  });
  const runs = (): number => world.storage.nodeTables.reduce((count, place) => count + place.runs.length, 0);
  runTo(seconds(599));
  expect(runs()).toBeGreaterThan(0);
  expect(world.compaction.counts.expired_sstables).toBe(0);
  runTo(seconds(601));
  expect(runs()).toBe(0);
  expect(world.compaction.counts.expired_sstables).toBeGreaterThan(0);
});

test('what devices moved is what the ledgers say', () => {
  const simulation = finished(storyOf('SizeTieredCompactionStrategy', true));
  const { result, series } = simulation.finish();
  const last = (column: string): number => series.columns[column].at(-1) ?? NaN;
  const { read_bytes: read, sent_bytes: sent, anticompacted_bytes: rewritten } = result.repairs['repairs.by-hand'];
  const expected = read + sent + rewritten + result.storage.compacted_bytes;
  // Rates are told in whole bytes a second.
  expect(Math.abs(last('disk_bytes_read') - expected)).toBeLessThan(expected / 1000);
  expect(Math.max(...series.columns['compaction_throttle_utilisation'])).toBeGreaterThan(0);
  expect(Math.max(...series.columns['compaction_throttle_utilisation'])).toBeLessThanOrEqual(1);
});
