import { describe, expect, it } from 'vitest';
import { planSize } from '../../src/report/plan-size.ts';
import { distributionText, renderPlan } from '../../src/report/plan.ts';
import type { PlanTable, PlanWorkload } from '../../src/scenario/plan.ts';
import { samplePlan } from './sample-run.ts';

const TABLE: PlanTable = {
  ...{
    id: 'ks.t',
    keyspace: 'ks',
    name: 't',
    partitions: 1000,
    rows_per_partition: 2,
    column_groups: 1,
    row_bytes: 350,
  },
  ...{ loaded: 'equal' as const, gc_grace_micros: 1, default_ttl_seconds: 0, deletes_rows: false },
  replication: { strategy: 'NetworkTopologyStrategy', factors: { dc1: 5 } },
  compaction: {
    class: 'SizeTieredCompactionStrategy',
    min_threshold: 4,
    max_threshold: 32,
    min_sstable_bytes: 1,
    bucket_low: 0.5,
    bucket_high: 1.5,
    enabled: true,
  },
};

const WORKLOAD: PlanWorkload = {
  table: 'ks.t',
  arrivals: { kind: 'poisson', per_second: 12 },
  ...{ from_micros: 0, until_micros: 86_400e6, count: null },
  keys: { kind: 'uniform', from: 0, to: 1000 },
  mix: { insert: 0.97, update: 0, delete_cell: 0, delete_row: 0.03, delete_range: 0, delete_partition: 0 },
  ...{ update_groups: 1, ttl_seconds: 0, consistency: 'LOCAL_QUORUM' as const, clients: {}, retry: null },
  batch: { size: 10, logged: true },
};

const PLAIN = { columns: 80, color: false };

describe('the text of a plan', () => {
  it('names the settings that nothing follows from in one sentence', () => {
    const plan = { ...samplePlan(), not_modelled: ['cdc_enabled', 'Gossip is not simulated.', 'rpc_port'] };
    const text = renderPlan(plan, { columns: 80, color: false });
    expect(text).toMatch(/not modelled {8}2 settings of the database: cdc_enabled, rpc_port\n *Gossip is not/);
  });

  it('takes names with sections and strokes for settings, too', () => {
    const plan = { ...samplePlan(), not_modelled: ['hinted-handoff.dir', 'hostname', 'Meta nodes never fail.'] };
    expect(renderPlan(plan, PLAIN)).toContain('2 settings of the database: hinted-handoff.dir, hostname');
  });

  it('gives nodes their place in the ring, and none where shards have owners', () => {
    const plan = samplePlan();
    const known = plan.nodes.map((node, index) => ({ ...node, address: `10.0.0.${index + 1}` }));
    expect(renderPlan({ ...plan, nodes: known }, PLAIN)).toMatch(/node +address +dc +rack +tokens/);
    const shards = known.map((node) => ({ ...node, tokens: [] }));
    expect(renderPlan({ ...plan, nodes: shards }, PLAIN)).toMatch(/node +address *\n/);
  });

  it('says the compaction of a table that has another than size-tiered, and how often an operation comes again', () => {
    const compaction = { ...TABLE.compaction, class: 'LeveledCompactionStrategy' as const, enabled: false };
    const flush = {
      kind: 'flushTables' as const,
      id: 'operations.flush',
      at_micros: 0,
      every_micros: 7_200_000_000,
      nodes: ['n3'],
      tables: ['ks.t'],
      command: 'nodetool flush',
    };
    const text = renderPlan(samplePlan({ tables: [{ ...TABLE, compaction }], entries: [flush] }), PLAIN);
    expect(text.replaceAll(/\s+/g, ' ')).toContain('loaded equal, LeveledCompactionStrategy, compaction off');
    expect(text).toContain('nodetool flush on n3, every 2 h');
  });

  it('stands as reviewed', () => {
    const plan = samplePlan({ tables: [TABLE], workload: { orders: WORKLOAD }, assumptions: ['Nothing much.'] });
    expect(renderPlan(plan, { columns: 80, color: false })).toBe(
      `Rack r2 loses power, n3 comes back late                    cassandra 4.1 → 4.1.7

 cluster             3 nodes (dc1 3), 3 tokens
 length              24 h, from 21 Nov 2026 UTC
 table ks.t          2 000 rows of 350 B, 3 copies each, loaded equal
 size                1 M writes, 10.4 M mutations · 2 000 rows · 6 000 copies ·
                     about 848 MB of memory
 seed                42

 workload orders     1 036 800 into ks.t, 12/s (Poisson), insert 97 %, delete
                     row 3 %, logged batches of 10, uniform keys, LOCAL_QUORUM

    at  entry            what
 03:00  faults.away      stop n3, for 5 h, to 08:00
 14:00  repairs.by-hand  nodetool repair -full ks t on n3
 02:00                   end

 latency     write   ack     read    response
 same node   500 µs  500 µs  500 µs  500 µs
 same rack   500 µs  500 µs  500 µs  500 µs
 ~ exponential beyond the least · ± normal · ^ Pareto with its shape

 observes            every 100 µs
 expects             nothing
 assumed             Nothing much.

 nothing was run
`,
    );
  });

  it('counts writes, rows and copies', () => {
    const plan = samplePlan({ tables: [TABLE], workload: { orders: { ...WORKLOAD, count: 7 } } });
    expect(planSize(plan)).toMatchObject({ writes: 7, mutations: 70, rows: 2000, copies: 6000 });
    expect(planSize(samplePlan())).toMatchObject({ writes: 0, rows: 0, copies: 0 });
  });

  it('writes every distribution', () => {
    const constant = { kind: 'constant', value: 1500 } as const;
    expect(distributionText(constant)).toBe('1.5 ms');
    expect(distributionText({ kind: 'uniform', min: 20, max: 50 })).toBe('20–50 µs');
    expect(distributionText({ kind: 'uniform', min: 20, max: 5000 })).toBe('20 µs–5 ms');
    expect(distributionText({ kind: 'exponential', offset: 150, mean: 100 })).toBe('150 + ~100 µs');
    expect(distributionText({ kind: 'exponential', offset: 0, mean: 100 })).toBe('~100 µs');
    expect(distributionText({ kind: 'normal', mean: 500, deviation: 50 })).toBe('500 ± 50 µs');
    expect(distributionText({ kind: 'pareto', scale: 235, shape: 10 })).toBe('235 µs ^10');
    expect(distributionText({ kind: 'empirical', values: [1, 2, 3] })).toBe('3 measured');
    expect(
      distributionText({
        kind: 'mixture',
        parts: [
          { share: 0.95, of: constant },
          { share: 0.05, of: constant },
        ],
      }),
    ).toBe('95 % 1.5 ms | 5 % 1.5 ms');
  });
});
