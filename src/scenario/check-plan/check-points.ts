/** Shards and writers of a plan of points: owners that there are, groups that hold their shards, points that can be numbered. */
import { MAX_SHARDS } from '../points/draft-shards.ts';
import { pointsOf, rowsIn } from '../../base/point-count.ts';
import { haveSameMoments, writersOfSame } from '../points/same-series.ts';
import { seriesOfPolicy } from '../points/series-names.ts';
import { MAX_WRITES } from '../draft-workload.ts';
import { addUnknown } from '../drafting.ts';
import type { Path } from '../places.ts';
import type {
  PlanEntry,
  PlanPointEntry,
  PlanPointProbe,
  PlanPoints,
  PlanProbe,
  PlanSeries,
  PlanTable,
} from '../plan.ts';
import { MISFIT, areNodes, isNode, isTable, isWithin, refuse } from './checking.ts';
import type { Checking } from './checking.ts';

const MAX_WRITERS = 16;

export function checkPoints(checking: Checking): void {
  const { plan, rules } = checking;
  const isOfPoints = rules.points !== undefined;
  if (isOfPoints !== (plan.points !== undefined)) {
    const expected = isOfPoints ? 'points: what agents write' : 'no points';
    refuse(checking, ['points'], { code: MISFIT, message: `this is not a plan of ${plan.database}`, expected });
    return;
  }
  if (plan.points === undefined) return;
  isWithin(checking, ['tables'], plan.tables.length, [1, MAX_SHARDS]);
  isWithin(checking, ['points'], Object.keys(plan.points).length, [0, MAX_WRITERS]);
  const sound = plan.tables.map((table, index) => checkShard(checking, table, ['tables', index]));
  const written = Object.entries(plan.points).map(([id, writer]) => checkWriter(checking, writer, ['points', id]));
  const points = Object.values(plan.points).reduce((sum, writer) => sum + pointsOf(writer), 0);
  if (points > MAX_WRITES)
    refuse(checking, ['points'], {
      code: 'S150',
      message: `about ${points} points`,
      expected: `at most ${MAX_WRITES} points in a run`,
    });
  else if ([...sound, ...written].every(Boolean)) checkRoom(checking);
}

/** What operators do to points and shards: of writers and shards that there are. */
export function checkPointEntry(checking: Checking, entry: EntryBase & PlanPointEntry, path: Path): void {
  areNodes(checking, [...path, 'nodes'], entry.nodes);
  if (entry.kind === 'repairShards' || entry.kind === 'dropPolicy') {
    entry.shards?.forEach((shard, index) => isTable(checking, [...path, 'shards', index], shard));
    return;
  }
  if (entry.kind === 'dropShard') {
    isTable(checking, [...path, 'shard'], entry.shard);
    return;
  }
  checkSeries(checking, entry.series, [...path, 'series']);
}

function checkSeries(checking: Checking, series: readonly PlanSeries[], path: Path): void {
  const known = checking.plan.points ?? {};
  for (const [index, { writer, from, to }] of series.entries()) {
    const at = [...path, index];
    if (!Object.hasOwn(known, writer))
      addUnknown(checking.list, [...at, 'writer'], {
        ...{ code: 'S137', kind: 'workload', name: writer, names: Object.keys(known) },
      });
    else if (isWithin(checking, [...at, 'from'], from, [0, known[writer].series - 1]))
      isWithin(checking, [...at, 'to'], to, [from + 1, known[writer].series]);
  }
}

export function isPointProbe(probe: PlanProbe): probe is PlanPointProbe {
  return ['dashboard', 'alert', 'count', 'size'].includes(probe.kind);
}

/** Of series, nodes and dashboards that there are. */
export function checkPointProbe(checking: Checking, probe: PlanPointProbe, path: Path): void {
  const { probes, points = {} } = checking.plan;
  if (probe.kind === 'alert') {
    if (!Object.hasOwn(probes, probe.dashboard) || probes[probe.dashboard].kind !== 'dashboard')
      addUnknown(checking.list, [...path, 'dashboard'], {
        ...{ code: 'S139', kind: 'dashboard', name: probe.dashboard, names: Object.keys(probes) },
      });
    return;
  }
  if (probe.kind === 'size') return;
  if (probe.kind === 'dashboard' && probe.through !== undefined) isNode(checking, [...path, 'through'], probe.through);
  checkSeries(checking, probe.query.series, [...path, 'query', 'series']);
  const policies = new Set(probe.query.series.map(({ writer }) => points[writer]?.policy));
  if (policies.size > 1)
    refuse(checking, [...path, 'query', 'series'], { code: 'S212', message: 'a query reads one retention policy' });
}

type EntryBase = Pick<PlanEntry, 'id' | 'at_micros'>;

function checkShard(checking: Checking, { id, owners, shard }: PlanTable, path: Path): boolean {
  if (owners === undefined || shard === undefined)
    return refuse(checking, path, { code: MISFIT, message: `${id} is no shard`, expected: 'owners and shard' });
  const isLong = shard.from_micros < shard.until_micros;
  if (!isLong)
    refuse(checking, [...path, 'shard', 'until_micros'], {
      code: MISFIT,
      message: `the shard ${id} ends before it begins`,
      expected: `more than from_micros, ${shard.from_micros}`,
    });
  return areNodes(checking, [...path, 'owners'], owners) && isLong;
}

function checkWriter(checking: Checking, writer: PlanPoints, path: Path): boolean {
  const { plan } = checking;
  if (writer.through !== undefined) isNode(checking, [...path, 'through'], writer.through);
  if (writer.from_micros >= writer.until_micros || writer.until_micros > plan.duration_micros)
    return refuse(checking, [...path, 'until_micros'], {
      code: 'S141',
      message: 'the window of the points is empty, or ends after the duration',
      expected: `more than from_micros, at most ${plan.duration_micros}`,
    });
  const { repeat_after_micros: repeat } = writer;
  if (repeat !== undefined) {
    const bounds: [number, number] = [
      writer.until_micros - writer.from_micros,
      plan.duration_micros - writer.until_micros,
    ];
    if (!isWithin(checking, [...path, 'repeat_after_micros'], repeat, bounds)) return false;
  }
  const isShifted = (writer.shifted ?? []).every(({ from, to, by_micros: by }, index) => {
    const at = [...path, 'shifted', index];
    const whole = by % writer.interval_micros === 0;
    if (!whole) refuse(checking, [...at, 'by_micros'], { code: MISFIT, message: 'not a number of intervals' });
    return (
      isWithin(checking, [...at, 'from'], from, [0, to - 1]) &&
      isWithin(checking, [...at, 'to'], to, [1, writer.series]) &&
      whole
    );
  });
  if (!isShifted) return false;
  const others = writersOfSame(Object.values(plan.points ?? {}), writer);
  if (!others.every((other) => haveSameMoments(other, writer)))
    return refuse(checking, path, {
      code: MISFIT,
      message: 'another of the points has the same series at other moments',
      expected: 'the same number of series and interval, begun a whole number of intervals apart',
    });
  if (plan.tables.some(({ shard }) => shard?.policy === writer.policy)) return true;
  const policies = [...new Set(plan.tables.map(({ shard }) => shard?.policy))].join(', ');
  return refuse(checking, [...path, 'policy'], {
    code: MISFIT,
    message: `no shard is of the policy ${writer.policy}`,
    expected: `one of ${policies}`,
    found: writer.policy,
  });
}

/** Each shard must have a place for every point that falls into it. */
function checkRoom(checking: Checking): void {
  const { tables, points = {} } = checking.plan;
  const series = new Map<string, string[][]>();
  for (const [index, table] of tables.entries()) {
    const { shard } = table;
    if (shard === undefined) continue;
    const group = tables.filter((each) => each.shard?.policy === shard.policy && each.shard.group === shard.group);
    const key = `${group.length} ${shard.policy}`;
    const own = series.get(key) ?? seriesOfPolicy(points, shard.policy, group.length);
    series.set(key, own);
    const writers = Object.values(points).filter(({ policy }) => policy === shard.policy);
    const rows = writers.reduce(
      (most, writer) => Math.max(most, rowsIn(writersOfSame(writers, writer), shard.from_micros, shard.until_micros)),
      0,
    );
    if (table.rows_per_partition < rows)
      isWithin(checking, ['tables', index, 'rows_per_partition'], table.rows_per_partition, [rows, Infinity]);
    const partitions = own[group.indexOf(table)].length;
    if (table.partitions < partitions)
      isWithin(checking, ['tables', index, 'partitions'], table.partitions, [partitions, Infinity]);
  }
}
