/** A node that joins, or that an altered replication makes a replica, compacts what it was not a replica of at the start. */
import { expect, test } from 'vitest';
import { Simulation } from '../../src/run/simulation.ts';
import type { PlanEntry } from '../../src/scenario/plan.ts';
import { plainNodes, plainPlan, plainTable, plainWorkload, seconds } from './plain-plan.ts';

const MIB = 1024 * 1024;

test('unified compaction cuts the shards of a node that held nothing when the run began', () => {
  const nodes = [
    ...plainNodes(3),
    { id: 'n4', dc: 'dc1', rack: 'r4', tokens: ['1234567890123456789'], joins: 'operations.join' },
  ];
  const flush: PlanEntry = {
    ...{ id: 'operations.flush', kind: 'flushTables', command: 'flush', nodes: ['n4'], tables: ['shop.orders'] },
    ...{ at_micros: seconds(40), every_micros: seconds(5) },
  };
  const plan = plainPlan({
    duration_micros: seconds(120),
    nodes,
    tables: [
      plainTable({
        ...{ partitions: 200, row_bytes: 100_000, loaded: 'equal' },
        compaction: {
          class: 'UnifiedCompactionStrategy',
          ...{ min_threshold: 4, max_threshold: 32, min_sstable_bytes: 0, bucket_low: 0.5, bucket_high: 1.5 },
          ...{ enabled: true, target_bytes: 2 * MIB, flush_size_bytes: MIB },
        },
      }),
    ],
    workload: {
      writes: plainWorkload({ until_micros: seconds(110), keys: { kind: 'uniform', from: 0, to: 200 } }),
    },
    entries: [
      { id: 'operations.join', at_micros: seconds(1), kind: 'addNode', node: 'n4', command: 'add n4' },
      flush,
      {
        ...{ id: 'operations.all', kind: 'compactTables', split_output: false, command: 'compact', nodes: ['n4'] },
        ...{ tables: ['shop.orders'], at_micros: seconds(100), every_micros: null },
      },
    ],
  });
  const simulation = new Simulation(plan, { batched: true });
  simulation.runTo(simulation.world.endMicros);
  simulation.finish();
  const { nodeTables } = simulation.world.storage;
  const joined = nodeTables.find(({ node }) => node === 3);
  expect(simulation.world.cluster.joined[3]).toBe(1);
  expect(joined?.runs.length).toBeGreaterThan(1);
});
