/** Divergent copies by part of the token ring: they add up at every moment, lie where the tokens say, and change nothing. */
import { describe, expect, it } from 'vitest';
import type { TableLayout } from '../../src/data/layout.ts';
import { load, run } from '../../src/index.ts';
import { ANY_COPY } from '../../src/observe/counters.ts';
import type { Oracle } from '../../src/observe/oracle.ts';
import { RING_PARTS } from '../../src/observe/ring-census.ts';
import { unpackNumbers } from '../../src/observe/view/packed-numbers.ts';
import { RingCourseRecorder } from '../../src/observe/view/ring-course.ts';
import type { RingCourse } from '../../src/observe/view/ring-course.ts';
import type { Plan } from '../../src/scenario/plan.ts';

interface Shape {
  tokens?: number;
  mix?: string;
  more?: string;
  duration?: string;
}

function scenario({ tokens = 1, mix = 'insert: 70%, delete: 30%', more = '', duration = '30m' }: Shape = {}): Plan {
  return load(`
format: 1
name: by range
database: cassandra@4.1
seed: 5
duration: ${duration}
cluster: { nodes: { dc1: { r1: 2, r2: 1, r3: 1 } }, settings: { max_hint_window: 4m, num_tokens: ${tokens} } }
data:
  keyspaces: { shop: { replication: { dc1: 3 } } }
  tables:
    shop.orders: { partitions: 900, row: 1kB, loaded: equal, gc_grace: 10m }
    shop.carts: { partitions: 300, row: 1kB, loaded: empty }
workload:
  checkout: { table: shop.orders, rate: { poisson: 8/s }, mix: { ${mix} }, keys: uniform, consistency: QUORUM }
  filling: { table: shop.carts, rate: { poisson: 4/s }, keys: uniform, consistency: ONE }
faults:
  away: { fault: crash, node: n3, mode: power-loss, at: 5m, for: 10m }
${more}
observe: { every: 10s }
`);
}

interface Watched {
  course: RingCourse | null;
  times: number[];
  /** By moment. */
  sums: number[];
  totals: Map<number, number>;
}

function watched(plan: Plan, mode: 'batched' | 'events' = 'batched'): Watched {
  const recorder = new RingCourseRecorder(plan);
  const totals = new Map<number, number>();
  run(plan, {
    mode,
    onSample: (oracle, micros) => {
      recorder.sample(oracle, micros);
      totals.set(micros, oracle.divergentCopies(ANY_COPY));
    },
  });
  const course = recorder.finish();
  const times = course === null ? [] : unpackNumbers(course.times);
  const columns = course === null ? [] : course.copies.map(unpackNumbers);
  return { course, times, totals, sums: times.map((_, row) => columns.reduce((sum, values) => sum + values[row], 0)) };
}

describe('copies that differ by part of the ring', () => {
  for (const [what, shape] of [
    ['few ranges, deletions that may be purged', {}],
    ['many ranges', { tokens: 16, mix: 'insert: 100%' }],
    ['a node that joins', { more: 'operations: { n5-joins: { do: add, node: n9, dc: dc1, rack: r1, at: 16m } }' }],
  ] as const satisfies readonly (readonly [string, Shape])[]) {
    it(`add up to the whole at every moment: ${what}`, () => {
      const { times, sums, totals } = watched(scenario(shape));
      expect(times.length).toBeGreaterThan(100);
      expect(times.at(-1)).toBe([...totals.keys()].at(-1));
      expect(Math.max(...sums)).toBeGreaterThan(50);
      expect(sums).toEqual(times.map((micros) => totals.get(micros)));
    });
  }

  it('are ranges with their replicas where there are few, and equal parts where there are many', () => {
    const { course } = watched(scenario({ duration: '6m' }));
    expect(course?.fold).toBe('ranges');
    expect(course?.parts).toHaveLength(4);
    expect(course?.parts.every(({ nodes }) => nodes.length === 3)).toBe(true);
    const many = watched(scenario({ tokens: 16, duration: '6m' })).course;
    expect(many?.fold).toBe('parts');
    expect(many?.ranges).toBe(64);
    expect(many?.parts).toHaveLength(RING_PARTS);
    expect(many?.parts[0].left).toBe(String(-(2n ** 63n)));
    expect(many?.parts.at(-1)?.right).toBe(String(2n ** 63n));
  });

  it('lie where the tokens of their partitions say, row by row', () => {
    const plan = scenario({ tokens: 16, duration: '14m' });
    let last: Oracle | null = null;
    let tables: readonly TableLayout[] = [];
    run(plan, { onSample: (oracle) => (last = oracle), atEnd: (all) => void (tables = all) });
    const expected = new Array<number>(RING_PARTS).fill(0);
    const oracle = last as unknown as Oracle;
    oracle.census().forEach(({ divergent, table, row }) => {
      const { tokenHigh, tokenLow, slotBase, slotsPerPartition } = tables[table];
      const ordinal = Math.floor((row - slotBase) / slotsPerPartition);
      const token = (BigInt(tokenHigh[ordinal]) << 32n) + BigInt(tokenLow[ordinal]);
      if (divergent) expected[Number((token + 2n ** 63n) / 2n ** 59n)] += 1;
    });
    expect(expected.filter((copies) => copies > 0).length).toBeGreaterThan(RING_PARTS / 2);
    expect(oracle.ringCensus().count()).toEqual(expected);
  });

  it('are counted without a trace: the same run, the same result, batched or not', () => {
    const plan = scenario();
    const alone = run(plan);
    const recorder = new RingCourseRecorder(plan);
    const seen = run(plan, { onSample: (oracle, micros) => recorder.sample(oracle, micros) });
    expect(seen).toEqual(alone);
    expect(watched(plan, 'events').course).toEqual(recorder.finish());
  });

  it('are none of shards, which have no ring', () => {
    const plan = load(`
format: 1
name: shards
database: influxdb@1.8
seed: 5
duration: 10m
cluster: { data_nodes: 2, meta_nodes: 1 }
data:
  databases: { t: { policies: { p: { duration: 1d, shard_duration: 1h, replication: 2, default: true } } } }
workload:
  agents: { into: t.p, rate: 10 points/s, batch: 10, series: 20, bytes_per_point: 50, consistency: one, through: { balancer: round-robin } }
`);
    expect(watched(plan).course).toBeNull();
  });
});
