/** Small plans of points by shards, made by hand: three nodes, two copies, three shards a group. */
import { seriesKey, shardOfSeries, shardsPerGroup } from '../../src/data/series-shards.ts';
import type { Plan, PlanPoints, PlanTable } from '../../src/scenario/plan.ts';
import { constantLinks, plainNodes, plainPlan, plainTable, seconds } from './plain-plan.ts';

export interface PointShape {
  nodes?: number;
  replication?: number;
  groups?: number;
  groupSeconds?: number;
}

export const POLICY = 'telegraf.month';

export function pointPlan(
  given: Partial<Plan>,
  points: Record<string, Partial<PlanPoints>> = { agents: {} },
  { nodes: count = 3, replication = 2, groups = 1, groupSeconds = 600 }: PointShape = {},
): Plan {
  const writers = Object.fromEntries(Object.entries(points).map(([id, own]) => [id, { ...writer(), ...own }]));
  const nodes = plainNodes(count).map((node) => ({ ...node, tokens: [] }));
  const shards = shardsPerGroup(count, replication);
  const tables = Array.from({ length: groups * shards }, (_, index): PlanTable => {
    const group = Math.floor(index / shards);
    const partitions = Object.values(writers).reduce(
      (sum, { series, series_key: key }) =>
        sum +
        Array.from({ length: series }, (_n, n) => shardOfSeries(seriesKey(key, n), shards)).filter(
          (own) => own === index % shards,
        ).length,
      0,
    );
    const interval = Math.min(...Object.values(writers).map(({ interval_micros: micros }) => micros));
    const owners = Array.from({ length: replication }, (_n, place) => nodes[(index * replication + place) % count].id);
    return {
      ...plainTable({ name: `s${index + 1}`, partitions: Math.max(1, partitions), row_bytes: 50, gc_grace_micros: 0 }),
      rows_per_partition: Math.ceil(seconds(groupSeconds) / interval),
      owners,
      shard: {
        ...{ number: index + 1, group: group + 1, policy: POLICY },
        ...{ from_micros: seconds(group * groupSeconds), until_micros: seconds((group + 1) * groupSeconds) },
      },
    };
  });
  return {
    ...plainPlan({ nodes, tables, workload: {}, links: constantLinks(1000), settings: {}, ...given }),
    points: writers,
  };
}

function writer(): PlanPoints {
  return {
    ...{ policy: POLICY, series_key: 'cpu,host=web-{n}', series: 30, interval_micros: seconds(10), batch: 10 },
    ...{ from_micros: 0, until_micros: seconds(600), consistency: 'one', retry: null },
  };
}
