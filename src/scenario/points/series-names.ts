/** Names of the series that a shard holds, by their key number: as the run numbers them, writer after writer by id. */
import { seriesKey, shardOfSeries } from '../../data/series-shards.ts';
import { numberedIds } from '../numbered-ids.ts';
import type { Plan, PlanPoints, PlanSeries, PlanTable } from '../plan.ts';

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
  const ids = Object.keys(points);
  for (const [writer, each] of Object.entries(points)) {
    if (!isMeant(each) || firstWriter(points, ids, writer) !== writer) continue;
    for (let n = 0; n < each.series; n += 1) {
      if (!matches(seriesKey(each.series_key, n))) continue;
      const last = found.at(-1);
      if (last?.writer === writer && last.to === n) last.to = n + 1;
      else found.push({ writer, from: n, to: n + 1 });
    }
  }
  return found;
}

/** Of the writers of the same series the one by which these are numbered: the others write their points again. */
export function firstWriter(points: Readonly<Points>, ids: readonly string[], id: string): string {
  const { policy, series_key: key, shifted } = points[id];
  const isFirst = (other: PlanPoints): boolean =>
    other.policy === policy && other.series_key === key && other.shifted === undefined;
  return shifted === undefined ? id : (ids.find((other) => isFirst(points[other])) ?? id);
}

/** The series of each of so many shards of a group. */
export function seriesOfPolicy(points: Points, policy: string, shards: number): string[][] {
  const named: string[][] = Array.from({ length: shards }, () => []);
  const ids = numberedIds(points);
  for (const id of ids) {
    const { series, series_key: template, policy: of } = points[id];
    if (of !== policy || firstWriter(points, ids, id) !== id) continue;
    for (let n = 0; n < series; n += 1) {
      const key = seriesKey(template, n);
      named[shardOfSeries(key, shards)].push(key);
    }
  }
  return named;
}
