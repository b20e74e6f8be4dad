/** Workloads and probes: arrivals, keys, mix, clients; and whether the run's writes can be numbered. */
import type { Drafting } from './drafting.ts';
import { addUnknown, distinct, findTable } from './drafting.ts';
import { inRange, wholeSeconds } from './draft-tables.ts';
import type { Path } from './places.ts';
import type { ConsistencyLevel, PlanArrivals, PlanKeys, PlanMix, PlanProbe, PlanTable, PlanWorkload } from './plan.ts';
import type { ScenarioProbe, ScenarioWorkload } from './schema/scenario.ts';
import { readTrace } from './trace.ts';
import type { TraceRows } from './trace.ts';

const MAX_WRITES = 2_147_483_647;
/** Levels that some version of the database has; one that the dialect does not list is not in this version of ours. */
const ALL_LEVELS = [
  'ANY',
  'ONE',
  'TWO',
  'THREE',
  'QUORUM',
  'LOCAL_ONE',
  'LOCAL_QUORUM',
  'EACH_QUORUM',
  'ALL',
  'SERIAL',
  'LOCAL_SERIAL',
];
const MIX_MEMBERS = ['insert', 'update', 'delete_cell', 'delete_row', 'delete_range', 'delete_partition'] as const;

/** The traces of all workloads, by workload id; read before the tables, which take key texts from them. */
export function readTraces(drafting: Drafting, epochMicros: number | null): Map<string, TraceRows> {
  const traces = new Map<string, TraceRows>();
  for (const [id, { rate }] of Object.entries(drafting.scenario.workload ?? {})) {
    if (rate.kind !== 'trace') continue;
    const path = ['workload', id, 'rate', 'csv'];
    const file = drafting.imports.file(rate.file, path, drafting.list);
    if (file === null) continue;
    const { rows, mistakes } = readTrace(file, path.join('.'), epochMicros);
    drafting.list.all.push(...mistakes);
    if (mistakes.length === 0 && rows.times.length === 0)
      drafting.list.add(path, { code: 'S152', message: 'the trace has no lines', expected: 'at least one write' });
    traces.set(id, rows);
  }
  return traces;
}

/** Tables in which something deletes rows, ranges or partitions. */
export function tablesWithRowDeletes(drafting: Drafting, traces: ReadonlyMap<string, TraceRows>): Set<string> {
  const tables = new Set<string>();
  for (const [id, workload] of Object.entries(drafting.scenario.workload ?? {})) {
    const { mix = {} } = workload;
    const shares = [mix.delete, mix.delete_row, mix.delete_range, mix.delete_partition];
    if (shares.some((share) => (share ?? 0) > 0) || traces.get(id)?.operations.includes('delete'))
      tables.add(workload.table);
  }
  return tables;
}

/**
 * The key texts of tables whose traces name keys that are not key numbers. Named keys get the numbers from 0 in order of
 * first appearance.
 */
export function keyTextsOfTraces(drafting: Drafting, traces: ReadonlyMap<string, TraceRows>): Map<string, string[]> {
  const keys = new Map<string, Set<string>>();
  for (const [id, rows] of traces) {
    const table = drafting.scenario.workload?.[id].table ?? '';
    const known = keys.get(table) ?? new Set<string>();
    for (const key of rows.keys) known.add(key);
    keys.set(table, known);
  }
  const texts = new Map<string, string[]>();
  for (const [table, known] of keys) {
    const partitions = drafting.scenario.data.tables[table]?.partitions ?? 0;
    const allNumbers = [...known].every((key) => /^(0|[1-9]\d{0,9})$/.test(key) && Number(key) < partitions);
    if (!allNumbers) texts.set(table, [...known]);
  }
  return texts;
}

export function draftWorkloads(
  drafting: Drafting,
  traces: ReadonlyMap<string, TraceRows>,
): Record<string, PlanWorkload> {
  const workloads: Record<string, PlanWorkload> = {};
  let writes = 0;
  for (const [id, workload] of Object.entries(drafting.scenario.workload ?? {})) {
    const drafted = draftWorkload(drafting, { id, workload, trace: traces.get(id) ?? null });
    if (drafted === null) continue;
    workloads[id] = drafted;
    writes += mutationsOf(drafted);
    if (writes > MAX_WRITES) {
      drafting.list.add(['workload', id, 'rate'], {
        code: 'S150',
        message: `about ${writes} writes up to this workload`,
        expected: `at most ${MAX_WRITES} writes in a run`,
      });
      writes = -Infinity;
    }
  }
  return workloads;
}

interface WorkloadInput {
  id: string;
  workload: ScenarioWorkload;
  trace: TraceRows | null;
}

function draftWorkload(drafting: Drafting, input: WorkloadInput): PlanWorkload | null {
  const { id, workload } = input;
  const path = ['workload', id];
  const table = findTable(drafting, workload.table, [...path, 'table']);
  const from = drafting.times.edge('workload', id, 'start');
  const until = drafting.times.edge('workload', id, 'end');
  const level = consistency(drafting, workload.consistency?.write, path);
  const mix = draftMix(drafting, workload, path);
  const clients = draftClients(drafting, workload, path);
  const ttl = wholeSeconds(drafting, workload.ttl ?? 0, [...path, 'ttl']);
  if (table === null || from === null || until === null || !checkWindow(drafting, { from, until }, path)) return null;
  const keys = draftKeys(drafting, workload, { table, path });
  const arrivals = draftArrivals(drafting, input, { table, from, until });
  const sizesSound = checkSizes(drafting, workload, { table, keys, path });
  if (
    level === null ||
    mix === null ||
    clients === null ||
    ttl === null ||
    keys === null ||
    arrivals === null ||
    !sizesSound
  )
    return null;
  return {
    table: table.id,
    arrivals,
    from_micros: from,
    until_micros: until,
    count: workload.count ?? null,
    keys,
    mix,
    update_groups: workload.update_groups ?? 1,
    ttl_seconds: ttl,
    consistency: level,
    clients,
    retry:
      workload.retry === undefined
        ? null
        : { attempts: workload.retry.attempts, timeout_micros: workload.retry.timeout },
    batch: workload.batch === undefined ? null : { size: workload.batch.size, logged: workload.batch.logged ?? false },
  };
}

function checkWindow(
  { list, scenario }: Drafting,
  { from, until }: { from: number; until: number },
  path: Path,
): boolean {
  if (from >= until)
    list.add([...path, 'from'], {
      code: 'S141',
      message: 'the workload ends before it begins',
      expected: 'from before until, both within the duration',
    });
  else if (until > scenario.duration)
    list.add([...path, 'until'], {
      code: 'S141',
      message: 'the workload ends after the duration, when clients stop',
      expected: 'until at most the duration',
    });
  return from < until && until <= scenario.duration;
}

function draftArrivals(
  drafting: Drafting,
  { id, workload, trace }: WorkloadInput,
  { table, from, until }: { table: PlanTable; from: number; until: number },
): PlanArrivals | null {
  const { rate } = workload;
  const path = ['workload', id, 'rate'];
  if (rate.kind === 'trace')
    return trace === null ? null : traceArrivals(drafting, { rows: trace, table, from, until, path });
  if (rate.perSecond > 0) return { kind: rate.kind, per_second: rate.perSecond };
  drafting.list.add(path, { code: 'S117', message: 'a rate of 0 writes nothing', expected: 'a rate above 0' });
  return null;
}

function traceArrivals(
  drafting: Drafting,
  { rows, table, from, until, path }: { rows: TraceRows; table: PlanTable; from: number; until: number; path: Path },
): PlanArrivals | null {
  const numberOf = new Map(table.key_texts?.map((text, index) => [text, index]));
  if (numberOf.size > table.partitions) {
    drafting.list.add(path, {
      code: 'S117',
      message: `the traces of ${table.id} name ${numberOf.size} keys`,
      expected: `at most its ${table.partitions} partitions`,
    });
    return null;
  }
  const inside = rows.times
    .map((_, index) => index)
    .filter((index) => rows.times[index] >= from && rows.times[index] < until);
  const left = rows.times.length - inside.length;
  if (left > 0)
    drafting.assumptions.push(
      `${left} of ${rows.times.length} lines of the trace of ${path[1]} lie outside its window and are left out`,
    );
  return {
    kind: 'trace',
    times_micros: inside.map((index) => rows.times[index]),
    operations: inside.map((index) => rows.operations[index]),
    keys: inside.map((index) => numberOf.get(rows.keys[index]) ?? Number(rows.keys[index])),
    bytes: inside.map((index) => (rows.bytes[index] < 0 ? table.row_bytes : rows.bytes[index])),
  };
}

function draftKeys(
  drafting: Drafting,
  { keys = 'uniform', range }: ScenarioWorkload,
  { table, path }: { table: PlanTable; path: Path },
): PlanKeys | null {
  const [from, to] = range ?? [0, table.partitions];
  if (from >= to || to > table.partitions) {
    drafting.list.add([...path, 'range'], {
      code: 'S117',
      message: `range is not within the partitions of ${table.id}`,
      expected: `[first, beyond the last] within [0, ${table.partitions}]`,
      found: `[${from}, ${to}]`,
    });
    return null;
  }
  return typeof keys === 'string' ? { kind: keys, from, to } : { kind: 'zipf', exponent: keys.zipf, from, to };
}

function checkSizes(
  drafting: Drafting,
  workload: ScenarioWorkload,
  { table, keys, path }: { table: PlanTable; keys: PlanKeys | null; path: Path },
): boolean {
  const { batch, count, retry, update_groups: groups, rate } = workload;
  const groupsSound =
    groups === undefined || inRange(drafting, [...path, 'update_groups'], groups, [1, table.column_groups]);
  const countSound = count === undefined || inRange(drafting, [...path, 'count'], count, [1, MAX_WRITES]);
  const attemptsSound =
    retry === undefined || inRange(drafting, [...path, 'retry', 'attempts'], retry.attempts, [1, 255]);
  const timeoutSound =
    retry === undefined ||
    inRange(drafting, [...path, 'retry', 'timeout'], retry.timeout, [1, drafting.times.endMicros]);
  const most = keys === null ? MAX_WRITES : keys.to - keys.from;
  const batchSound =
    batch === undefined || inRange(drafting, [...path, 'batch', 'size'], batch.size, [1, Math.min(most, 65_535)]);
  const traceSound = batch === undefined || rate.kind !== 'trace';
  if (!traceSound)
    drafting.list.add([...path, 'batch'], {
      code: 'S119',
      message: 'a trace holds single writes: batch and csv exclude each other',
      expected: 'one of batch, rate: { csv }',
      part: 'key',
    });
  return groupsSound && countSound && attemptsSound && timeoutSound && batchSound && traceSound;
}

function draftMix(drafting: Drafting, { mix }: ScenarioWorkload, path: Path): PlanMix | null {
  const plan: PlanMix = { insert: 0, update: 0, delete_cell: 0, delete_row: 0, delete_range: 0, delete_partition: 0 };
  if (mix === undefined) return { ...plan, insert: 1 };
  for (const member of MIX_MEMBERS) plan[member] = mix[member] ?? 0;
  plan.delete_row += mix.delete ?? 0;
  const sum = MIX_MEMBERS.reduce((total, member) => total + plan[member], 0);
  if (sumsToOne(sum)) return plan;
  drafting.list.add([...path, 'mix'], {
    code: 'S156',
    message: `the shares of mix sum to ${percent(sum)}`,
    expected: 'shares that sum to 100 %',
  });
  return null;
}

function draftClients(drafting: Drafting, { clients }: ScenarioWorkload, path: Path): Record<string, number> | null {
  const dcs = distinct(drafting.nodes.map(({ dc }) => dc));
  if (dcs.length === 0) return null;
  if (clients === undefined) {
    if (dcs.length > 1)
      drafting.assumptions.push(`clients of ${path[1]} not given: spread evenly over ${dcs.join(', ')}`);
    return Object.fromEntries(dcs.map((dc) => [dc, 1 / dcs.length]));
  }
  const unknown = Object.keys(clients).filter((dc) => !dcs.includes(dc));
  for (const dc of unknown)
    addUnknown(drafting.list, [...path, 'clients', dc], { code: 'S133', kind: 'data centre', name: dc, names: dcs });
  const sum = Object.values(clients).reduce((total, share) => total + share, 0);
  if (!sumsToOne(sum))
    drafting.list.add([...path, 'clients'], {
      code: 'S156',
      message: `the shares of clients sum to ${percent(sum)}`,
      expected: 'shares that sum to 100 %',
    });
  if (unknown.length > 0 || !sumsToOne(sum)) return null;
  return Object.fromEntries(dcs.filter((dc) => clients[dc] !== undefined).map((dc) => [dc, clients[dc]]));
}

function sumsToOne(sum: number): boolean {
  return sum > 1 - 1e-9 && sum < 1 + 1e-9;
}

function percent(sum: number): string {
  return `${Math.round(sum * 1e6) / 1e4} %`;
}

/** A level that this version models; `ONE` where none is given. */
export function consistency(drafting: Drafting, given: string | undefined, path: Path): ConsistencyLevel | null {
  if (given === undefined) {
    drafting.assumptions.push(`consistency of ${path[0]}.${path[1]} not given: ONE`);
    return 'ONE';
  }
  const levels = drafting.rules.consistencyLevels(drafting.database);
  const level = levels.find((name) => name === given);
  if (level !== undefined) return level;
  const at = [...path, 'consistency'];
  if (ALL_LEVELS.includes(given))
    drafting.list.add(at, {
      code: 'S116',
      message: `consistency ${given} is not in this version of Reconverge`,
      expected: levels.join(' | '),
      found: given,
    });
  else addUnknown(drafting.list, at, { code: 'S112', kind: 'consistency level', name: given, names: levels });
  return null;
}

/** Mutations that a workload makes; for Poisson arrivals a bound that is never passed in practice. */
function mutationsOf({ arrivals, from_micros: from, until_micros: until, count, batch }: PlanWorkload): number {
  const seconds = (until - from) / 1e6;
  const mean = arrivals.kind === 'trace' ? arrivals.times_micros.length : arrivals.per_second * seconds;
  const most = arrivals.kind === 'poisson' ? mean + 10 * Math.sqrt(mean) : mean;
  return Math.ceil(count === null ? most : Math.min(most, count)) * (batch?.size ?? 1);
}

const DEFAULT_PROBE_READS = 100;

export function draftProbes(drafting: Drafting, everyMicros: number): Record<string, PlanProbe> {
  const probes: Record<string, PlanProbe> = {};
  for (const [id, probe] of Object.entries(drafting.scenario.probes ?? {})) {
    const drafted = draftProbe(drafting, { id, probe }, everyMicros);
    if (drafted !== null) probes[id] = drafted;
  }
  return probes;
}

function draftProbe(
  drafting: Drafting,
  { id, probe }: { id: string; probe: ScenarioProbe },
  everyMicros: number,
): PlanProbe | null {
  const path = ['probes', id];
  const table = findTable(drafting, probe.table, [...path, 'table']);
  const level = consistency(drafting, probe.consistency, path);
  const every = probe.every ?? everyMicros;
  const sound =
    inRange(drafting, [...path, 'every'], every, [1, drafting.times.endMicros]) &&
    inRange(drafting, [...path, 'reads'], probe.reads ?? DEFAULT_PROBE_READS, [1, 1_000_000]);
  if (table === null || level === null || !sound) return null;
  return {
    kind: 'read',
    table: table.id,
    consistency: level,
    every_micros: every,
    reads: probe.reads ?? DEFAULT_PROBE_READS,
  };
}
