/** Names of the series that a shard holds, by their key number: as the run numbers them, writer after writer by id. */
import { seriesKey, shardOfSeries } from '../../data/series-shards.ts';
import { numberedIds } from '../numbered-ids.ts';
import type { MistakeList } from '../places.ts';
import type { Plan, PlanPoints, PlanSeries, PlanTable } from '../plan.ts';
import { writeSameSeries } from './same-series.ts';

type Points = NonNullable<Plan['points']>;
/** Of no writer more are worth keeping. */
const known = new WeakMap<PlanTable, readonly string[]>();

/** Key texts of a table, by key number: those that the plan has, or the series of a shard. */
export function keyTextsOf(plan: Pick<Plan, 'tables' | 'points'>, table: PlanTable): readonly string[] {
  const { key_texts: texts, shard } = table;
  if (texts !== undefined || shard === undefined) return texts ?? [];
  const cached = known.get(table);
  if (cached !== undefined) return cached;
  const group = plan.tables.filter((each) => each.shard?.policy === shard.policy && each.shard.group === shard.group);
  const named = seriesOfPolicy(plan.points ?? {}, shard.policy, group.length)[group.indexOf(table)];
  known.set(table, named);
  return named;
}

/** Series whose key is meant, of the writers that are, in stretches of their numbers. */
export function seriesMatching(
  points: Readonly<Points>,
  matches: (seriesKey: string) => boolean,
  isMeant: (writer: PlanPoints) => boolean,
): PlanSeries[] {
  const found: PlanSeries[] = [];
  const firsts = firstOfTheirSeries(points);
  for (const [writer, each] of Object.entries(points)) {
    if (!firsts.includes(writer) || !isMeant(each)) continue;
    for (let n = 0; n < each.series; n += 1) {
      if (!matches(seriesKey(each.series_key, n))) continue;
      const last = found.at(-1);
      if (last?.writer === writer && last.to === n) last.to = n + 1;
      else found.push({ writer, from: n, to: n + 1 });
    }
  }
  return found;
}

/** Writers by id without those whose series another one before them writes too. */
function firstOfTheirSeries(points: Readonly<Points>): string[] {
  const ids = numberedIds(points);
  return ids.filter((id, at) => !ids.slice(0, at).some((before) => writeSameSeries(points[before], points[id])));
}

/** The series of each of so many shards of a group. */
export function seriesOfPolicy(points: Points, policy: string, shards: number): string[][] {
  const named: string[][] = Array.from({ length: shards }, () => []);
  for (const id of firstOfTheirSeries(points)) {
    const { series, series_key: template, policy: of } = points[id];
    if (of !== policy) continue;
    for (let n = 0; n < series; n += 1) {
      const key = seriesKey(template, n);
      named[shardOfSeries(key, shards)].push(key);
    }
  }
  return named;
}

/** Of agents that were refused for their own sake nobody knows the series: that others ask for these is no second mistake. */
export function areSound({ all, steps }: MistakeList): boolean {
  return !all.some((mistake) => mistake.severity === 'mistake' && steps.get(mistake)?.[0] === 'workload');
}
