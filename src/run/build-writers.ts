/** The writers of a plan: which places the points of each have, group by group. Writers of the same series have the same. */
import { firstStampIn, shiftsOf } from '../base/point-count.ts';
import type { TableLayout } from '../data/layout.ts';
import { seriesKey, shardOfSeries } from '../data/series-shards.ts';
import { streamKey } from '../kernel/random.ts';
import { PointWriter, type SeriesPlaces, type ShardGroup } from '../replica/points/point-writer.ts';
import { numberedIds } from '../scenario/numbered-ids.ts';
import type { Plan, PlanPoints, PlanShard } from '../scenario/plan.ts';
import { writersOfSame } from '../scenario/points/same-series.ts';
import { seedFor } from '../scenario/seed-purposes.ts';
import type { PlanNumbers } from './build-cluster.ts';

/** In the order of their ids. */
export function buildWriters(plan: Plan, tables: readonly TableLayout[], { nodeOf }: PlanNumbers): PointWriter[] {
  const points = plan.points ?? {};
  const ids = numberedIds(points);
  return ids.map((id, index) => {
    const writer = points[id];
    const groups = groupsOf(plan, ids, id);
    return new PointWriter({
      ...{ index, id, groups, tables },
      series: writer.series,
      intervalMicros: writer.interval_micros,
      batch: writer.batch,
      fromMicros: writer.from_micros,
      untilMicros: writer.until_micros,
      consistency: writer.consistency,
      through: writer.through === undefined ? null : (nodeOf.get(writer.through) ?? 0),
      shifts: (writer.shifted ?? []).map(({ from, to, by_micros: by }) => ({
        ...{ from, to, steps: Math.round(by / writer.interval_micros) },
      })),
      repeatAfterMicros: writer.repeat_after_micros ?? null,
      retry: retryOf(writer),
      ...reachOf(writersOfSame(Object.values(points), writer)),
      key: streamKey(seedFor(plan, 'workload'), 'points', id),
    });
  });
}

/** How far the timestamps of some writers go. */
function reachOf(writers: readonly PlanPoints[]): { lastMicros: number; aheadMicros: number } {
  const ahead = writers.map((writer) => shiftsOf(writer).most * writer.interval_micros);
  return {
    lastMicros: Math.max(...writers.map(({ until_micros: until }, index) => until + ahead[index])),
    aheadMicros: Math.max(...ahead),
  };
}

function retryOf({ retry }: PlanPoints): { attempts: number; onTimeout: boolean; onError: boolean } | null {
  return retry === null ? null : { attempts: retry.attempts, onTimeout: retry.on_timeout, onError: retry.on_error };
}

/** The groups of a writer's policy, oldest first, each with its shards in the order of their numbers. */
function groupsOf(plan: Plan, ids: readonly string[], wanted: string): ShardGroup[] {
  const points = plan.points ?? {};
  const { policy } = points[wanted];
  const same = writersOfSame(Object.values(points), points[wanted]);
  const groups = new Map<number, Omit<ShardGroup, 'places' | 'firstMicros' | 'tables'> & { tables: number[] }>();
  plan.tables.forEach(({ shard }, index) => {
    if (shard?.policy !== policy || shard === undefined) return;
    const group = groups.get(shard.group) ?? { ...stretchOf(shard), tables: [] };
    group.tables.push(index);
    groups.set(shard.group, group);
  });
  const ascending = [...groups.values()].sort((left, right) => left.fromMicros - right.fromMicros);
  // Groups of another time may have another number of shards: there were fewer nodes.
  const known = new Map<number, SeriesPlaces>();
  return ascending.map((group) => {
    const shards = group.tables.length;
    const places = known.get(shards) ?? placesOf(plan, ids, { wanted, shards });
    known.set(shards, places);
    const firstMicros = Math.min(...same.map((writer) => firstStampIn(writer, group.fromMicros)));
    return { ...group, places, firstMicros };
  });
}

function stretchOf(shard: PlanShard): Omit<ShardGroup, 'places' | 'firstMicros' | 'tables'> {
  const { from_micros: fromMicros, until_micros: untilMicros, truncated } = shard;
  return {
    ...{ fromMicros, untilMicros },
    ...{ sinceMicros: shard.since_micros ?? -Infinity, keepMicros: shard.keep_micros ?? Infinity },
    truncated: truncated === undefined ? null : { atMicros: truncated.at_micros, untilMicros: truncated.until_micros },
  };
}

/**
 * Series of the writers of one policy have their numbers in a shard one writer after the other, by id; those of writers of
 * the same series are the same numbers.
 */
function placesOf(plan: Plan, ids: readonly string[], of: { wanted: string; shards: number }): SeriesPlaces {
  const points = plan.points ?? {};
  const wanted = points[of.wanted];
  const taken = Array.from({ length: of.shards }, () => 0);
  const known = new Set<string>();
  for (const id of ids) {
    const { series, series_key: template, policy: own } = points[id];
    if (own !== wanted.policy || known.has(template)) continue;
    known.add(template);
    const shard = Uint8Array.from({ length: series }, (_, n) => shardOfSeries(seriesKey(template, n), of.shards));
    const key = Int32Array.from(shard, (index) => taken[index]++);
    if (template === wanted.series_key) return { shard, key };
  }
  return { shard: new Uint8Array(0), key: new Int32Array(0) };
}
