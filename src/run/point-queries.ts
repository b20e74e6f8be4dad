/** From a plan's indicators to what the queries need: numbers of writers and nodes, values of points, where draws come from. */
import { streamKey } from '../kernel/random.ts';
import { pointProbesOf } from '../observe/query-log.ts';
import type { Probe, QueriesOptions, Query } from '../replica/points/queries.ts';
import { numberedIds } from '../scenario/numbered-ids.ts';
import type { Plan, PlanQuery } from '../scenario/plan.ts';
import { seedFor } from '../scenario/seed-purposes.ts';
import type { PlanNumbers } from './build-cluster.ts';

const DEFAULT_VALUES = [0, 100] as const;

export function queriesOf(plan: Plan, { nodeOf }: PlanNumbers): Pick<QueriesOptions, 'probes' | 'values'> {
  const points = plan.points ?? {};
  const writers = numberedIds(points);
  const values = writers.map((id) => {
    const [least, most] = points[id].values ?? DEFAULT_VALUES;
    return { key: streamKey(seedFor(plan, 'workload'), 'values', id), least, most };
  });
  const probes = pointProbesOf(plan).flatMap(([id, probe], number): Probe[] => {
    switch (probe.kind) {
      case 'dashboard': {
        const through = probe.through === undefined ? null : (nodeOf.get(probe.through) ?? 0);
        const key = streamKey(seedFor(plan, 'rest'), 'query', id);
        const query = queryOf(probe.query, writers);
        return [{ id, number, everyMicros: probe.every_micros, kind: 'dashboard', query, through, key }];
      }
      case 'count':
        return [{ id, number, everyMicros: probe.every_micros, kind: 'count', query: queryOf(probe.query, writers) }];
      case 'size':
        return [{ id, number, everyMicros: probe.every_micros, kind: 'size' }];
      case 'alert':
        // A rule over what another one has answered.
        return [];
    }
  });
  return { probes, values };
}

function queryOf({ aggregate, series, window }: PlanQuery, writers: readonly string[]): Query {
  return {
    aggregate,
    series: series.map(({ writer, from, to }) => ({ writer: writers.indexOf(writer), from, to })),
    ...{ fromMicros: window.from_micros, untilMicros: window.until_micros, fromNow: window.now },
  };
}
