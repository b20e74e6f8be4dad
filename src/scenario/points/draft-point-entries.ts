/** What operators do to points and shards: statements that take points away, and repairs of the database's own service. */
import { shiftsOf, stepsIn } from '../../base/point-count.ts';
import { lateWarning } from '../draft-operations.ts';
import { addUnknown, requireTargets } from '../drafting.ts';
import type { Drafting } from '../drafting.ts';
import type { PointRules, PointStatement, PointTime } from '../dialect-rules.ts';
import type { Path } from '../places.ts';
import type { PlanEntry, PlanPoints, PlanSeries, PlanShard } from '../plan.ts';
import { repairTimes } from '../repair-times.ts';
import { areSound, seriesMatching } from './series-names.ts';
import type { ScenarioOperation, ScenarioRepairOf } from '../schema/scenario.ts';

type Points = Readonly<Record<string, PlanPoints>>;
type Influxql = Extract<ScenarioOperation, { do: 'influxql' }>;
type Deletion = Extract<PointStatement, { kind: 'deletePoints' }>;

export interface PointInput {
  rules: PointRules;
  points: Points;
  epochMicros: number | null;
}

/** More runs of numbers than a statement is worth: of a pattern that takes every other series. */
const MAX_STRETCHES = 10_000;

export function draftPointEntries(drafting: Drafting, input: PointInput): PlanEntry[] {
  const { operations = {}, repairs = {} } = drafting.scenario;
  return [
    ...Object.entries(operations).flatMap(([id, operation]) =>
      operation.do === 'influxql' ? (draftStatement(drafting, { id, operation }, input) ?? []) : [],
    ),
    ...Object.entries(repairs).flatMap(([id, repair]) =>
      repair.repair === 'entropy' ? (draftEntropy(drafting, id, repair) ?? []) : [],
    ),
  ];
}

function draftStatement(
  drafting: Drafting,
  { id, operation }: { id: string; operation: Influxql },
  input: PointInput,
): PlanEntry | null {
  const path = ['operations', id] as const;
  const nodes = oneNode(drafting, operation, path);
  const at = drafting.times.edge('operations', id, 'start');
  if (at !== null) lateWarning(drafting, id, at);
  const read = input.rules.readStatement(operation.run);
  if ('mistakes' in read) {
    for (const mistake of read.mistakes) drafting.list.add([...path, 'run'], mistake, operation.run);
    return null;
  }
  const names = 'database' in read.statement ? { database: read.statement.database } : operation;
  const database = databaseOf(drafting, names, 'database' in read.statement ? [...path, 'run'] : [...path, 'database']);
  if (at === null || nodes.length === 0 || database === null) return null;
  const entry = { id: `operations.${id}`, at_micros: at, nodes, command: operation.run };
  if (read.statement.kind === 'dropShard') {
    const shards = shardNamed(drafting, read.statement.number, [...path, 'run']);
    const isIdle = areIdle(drafting, { shards, at, path: [...path, 'run'] }, input);
    return shards.length === 0 || !isIdle ? null : { ...entry, kind: 'dropShard', shard: shards[0] };
  }
  if (read.statement.kind === 'dropPolicy') {
    const shards = droppedShards(drafting, { database, policy: read.statement.policy, path: [...path, 'run'] });
    const isIdle = shards !== null && areIdle(drafting, { shards, at, path: [...path, 'run'] }, input);
    return shards === null || !isIdle ? null : { ...entry, kind: 'dropPolicy', shards };
  }
  const stretch = stretchOf(drafting, { statement: read.statement, at, path: [...path, 'run'] }, input);
  if (stretch === null) return null;
  const series = seriesOf(drafting, read.statement, { database, points: input.points, path: [...path, 'run'] });
  return { ...entry, kind: 'deletePoints', series, ...stretch };
}

function draftEntropy(drafting: Drafting, id: string, repair: ScenarioRepairOf<'entropy'>): PlanEntry | null {
  const path = ['repairs', id] as const;
  const nodes = oneNode(drafting, repair, path);
  const times = repairTimes(drafting, id, repair);
  const { shards: numbers = null } = repair;
  const shards = numbers?.flatMap((number, index) => shardNamed(drafting, number, [...path, 'shards', index])) ?? null;
  if (nodes.length === 0 || times === null || shards?.length !== numbers?.length) return null;
  const command = `influxd-ctl entropy repair ${numbers === null ? 'of all that differ' : numbers.join(' ')}`;
  return { id: `repairs.${id}`, at_micros: times.at_micros, nodes, kind: 'repairShards', shards, command };
}

/** Ids of tables; none after a mistake. */
function shardNamed({ tables, list }: Drafting, number: number, path: Path): string[] {
  const found = tables.find(({ shard }) => shard?.number === number);
  if (found !== undefined) return [found.id];
  const names = tables.map(({ shard }) => String(shard?.number));
  if (names.length > 0) addUnknown(list, path, { code: 'S131', kind: 'shard', name: String(number), names });
  return [];
}

/** All of a policy, or of a database; null after a mistake. */
function droppedShards(
  { list, scenario, tables }: Drafting,
  { database, policy, path }: { database: string; policy: string | null; path: Path },
): string[] | null {
  const policyOf = ({ keyspace }: { keyspace: string }): string => keyspace.slice(keyspace.lastIndexOf('.') + 1);
  const own = tables.filter(({ keyspace }) => databaseIn(keyspace) === database);
  const declared = Object.keys(scenario.data.databases?.[database]?.policies ?? {});
  const names = [...new Set([...declared, ...own.map(policyOf)])];
  if (policy !== null && !names.includes(policy)) {
    addUnknown(list, path, { code: 'S132', kind: 'retention policy', name: policy, names });
    return null;
  }
  const dropped = own.filter((table) => policy === null || policyOf(table) === policy);
  if (dropped.length === 0)
    list.warn(path, { code: 'S209', message: 'the statement takes nothing away: the run writes nothing there' });
  return dropped.map(({ id }) => id);
}

/** Is nothing written any more into these shards then? */
function areIdle(
  { list, tables }: Drafting,
  { shards, at, path }: { shards: readonly string[]; at: number; path: Path },
  { points }: PointInput,
): boolean {
  for (const { shard } of tables.filter(({ id }) => shards.includes(id))) {
    const writer = Object.keys(points).find((id) => shard !== undefined && lastWrite(points[id], shard) > at);
    if (writer === undefined) continue;
    const message = `${writer} still writes into shard ${shard?.number ?? 0} then; what becomes of that is not in this version of Reconverge`;
    list.add(path, { code: 'S211', message, expected: 'a shard whose time is over, or whose agents have stopped' });
    return false;
  }
  return true;
}

/** When the last point that may fall into the shard is sent; −Infinity: none does. */
function lastWrite(each: PlanPoints, shard: PlanShard): number {
  if (each.policy !== shard.policy || stepsIn(each, shard.from_micros, shard.until_micros) === 0) return -Infinity;
  const { least } = shiftsOf(each);
  const last = Math.min(each.until_micros, shard.until_micros - least * each.interval_micros);
  return last + (each.repeat_after_micros ?? 0);
}

function oneNode(drafting: Drafting, given: Influxql | ScenarioRepairOf<'entropy'>, path: Path): string[] {
  const nodes = requireTargets(drafting, given, path);
  if (nodes.length <= 1) return nodes;
  const message = `${nodes.length} nodes are named; one is asked, and tells the others`;
  drafting.list.add([...path, 'node'], { code: 'S117', message, expected: 'the id of one node' });
  return [];
}

/** The database that a statement is about: the only one there is, or the one that is named. */
function databaseOf(
  { scenario, list, tables }: Drafting,
  { database }: Pick<Influxql, 'database'>,
  path: Path,
): string | null {
  const declared = Object.keys(scenario.data.databases ?? {});
  const names = [...new Set([...declared, ...tables.map(({ keyspace }) => databaseIn(keyspace))])];
  if (database === undefined) {
    if (names.length <= 1) return names[0] ?? null;
    const message = `there are ${names.length} databases, and the statement names none`;
    list.add(path.slice(0, -1), { code: 'S111', message, expected: `database: ${names.join(' | ')}` });
    return null;
  }
  if (names.includes(database)) return database;
  addUnknown(list, path, { code: 'S132', kind: 'database', name: database, names });
  return null;
}

/** Of `database.policy`. */
function databaseIn(keyspace: string): string {
  return keyspace.slice(0, keyspace.lastIndexOf('.'));
}

/** In the time of the run; null after a mistake. */
function stretchOf(
  { list }: Drafting,
  { statement, at, path }: { statement: Deletion; at: number; path: Path },
  { epochMicros }: PointInput,
): { from_micros: number | null; until_micros: number | null } | null {
  const isAbsolute = [statement.from, statement.until].some((time) => time?.fromNow === false);
  if (isAbsolute && epochMicros === null) {
    const message = 'the statement has a clock time: that needs the start of the run';
    list.add(path, { code: 'S129', message, expected: 'start: an ISO instant, at the top of the scenario' });
    return null;
  }
  const inRun = (time: PointTime | null): number | null =>
    time === null ? null : time.fromNow ? at + time.micros : time.micros - (epochMicros ?? 0);
  const from = inRun(statement.from);
  const until = inRun(statement.until);
  if (from !== null && until !== null && from >= until)
    list.warn(path, { code: 'S209', message: 'the statement takes nothing away: its times exclude each other' });
  return { from_micros: from, until_micros: until };
}

/** The series that agents write into the database and that the statement means, in stretches of their numbers. */
function seriesOf(
  { list }: Drafting,
  { matches }: Deletion,
  { database, points, path }: { database: string; points: Points; path: Path },
): PlanSeries[] {
  const isOf = ({ policy }: PlanPoints): boolean => policy.slice(0, policy.lastIndexOf('.')) === database;
  const found = seriesMatching(points, matches, isOf);
  if (found.length === 0 && areSound(list))
    list.warn(path, { code: 'S209', message: 'the statement takes nothing away: no agents write such series' });
  if (found.length > MAX_STRETCHES)
    list.add(path, {
      code: 'S117',
      message: `the statement means ${found.length} stretches of series`,
      expected: `at most ${MAX_STRETCHES}: a condition that takes neighbours, or all`,
    });
  return found;
}
