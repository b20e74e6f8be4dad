/** Workloads: arrivals, keys, windows; and whether the run's writes can be numbered. */
import { formatSpan } from '../base/human.ts';
import { draftLevels } from './draft-reads.ts';
import { draftClients, draftMix } from './draft-shares.ts';
import { tablesWithStatementDeletes } from './draft-statements.ts';
import { inRange, wholeSeconds } from './draft-tables.ts';
import { traceArrivals } from './draft-traces.ts';
import { complete, findTable } from './drafting.ts';
import { tableWorkloads } from './table-workloads.ts';
import type { Drafting } from './drafting.ts';
import type { Path } from './places.ts';
import type { PlanArrivals, PlanKeys, PlanTable, PlanWorkload } from './plan.ts';
import type { ScenarioWorkload } from './schema/scenario.ts';
import type { TraceRows } from './trace.ts';

export const MAX_WRITES = 2_147_483_647;

/** Tables in which something deletes rows, ranges or partitions. */
export function tablesWithRowDeletes(drafting: Drafting, traces: ReadonlyMap<string, TraceRows>): Set<string> {
  const tables = new Set<string>();
  for (const [id, workload] of Object.entries(tableWorkloads(drafting.scenario))) {
    const { mix = {} } = workload;
    const shares = [mix.delete, mix.delete_row, mix.delete_range, mix.delete_partition];
    if (shares.some((share) => (share ?? 0) > 0) || traces.get(id)?.operations.includes('delete'))
      tables.add(workload.table);
  }
  for (const table of tablesWithStatementDeletes(drafting)) tables.add(table);
  return tables;
}

export function draftWorkloads(
  drafting: Drafting,
  traces: ReadonlyMap<string, TraceRows>,
): Record<string, PlanWorkload> {
  const workloads: Record<string, PlanWorkload> = {};
  let writes = 0;
  for (const [id, workload] of Object.entries(tableWorkloads(drafting.scenario))) {
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
  const shares = complete({
    ttl_seconds: wholeSeconds(drafting, workload.ttl ?? 0, [...path, 'ttl']),
    mix: draftMix(drafting, workload, path),
    ...draftLevels(drafting, workload, path),
    clients: draftClients(drafting, workload, path),
  });
  const place = complete({
    table: findTable(drafting, workload.table, [...path, 'table']),
    from: drafting.times.edge('workload', id, 'start'),
    until: drafting.times.edge('workload', id, 'end'),
  });
  if (place === null || !checkWindow(drafting, place, path)) return null;
  const { table, from, until } = place;
  const keys = draftKeys(drafting, workload, { table, path });
  const writes = complete({ arrivals: draftArrivals(drafting, input, place), keys });
  const sizesSound = checkSizes(drafting, workload, { table, keys, path });
  if (shares === null || writes === null || !sizesSound) return null;
  const { retry, batch } = workload;
  return {
    table: table.id,
    ...writes,
    ...shares,
    // cassandra.h10: what is written without a TTL of its own has the table's.
    ttl_seconds: workload.ttl === undefined ? table.default_ttl_seconds : shares.ttl_seconds,
    from_micros: from,
    until_micros: until,
    count: workload.count ?? null,
    update_groups: workload.update_groups ?? 1,
    retry: retry === undefined ? null : { attempts: retry.attempts, timeout_micros: retry.timeout },
    batch: batch === undefined ? null : { size: batch.size, logged: batch.logged ?? false },
  };
}

export function checkWindow(
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
  const timeoutSound = retry === undefined || isPatient(drafting, retry.timeout, [...path, 'retry', 'timeout']);
  const most = keys === null ? MAX_WRITES : keys.to - keys.from;
  const batchSound =
    batch === undefined || inRange(drafting, [...path, 'batch', 'size'], batch.size, [1, Math.min(most, 65_535)]);
  const traceSound = batch === undefined || rate.kind !== 'trace';
  const readsSound = (workload.mix?.read ?? 0) === 0 || rate.kind !== 'trace';
  if (!readsSound)
    drafting.list.add([...path, 'mix', 'read'], {
      code: 'S119',
      message: 'a trace says what each of its operations is: mix.read and csv exclude each other',
      expected: 'one of mix: { read }, rate: { csv }',
      part: 'key',
    });
  if (!traceSound)
    drafting.list.add([...path, 'batch'], {
      code: 'S119',
      message: 'a trace holds single writes: batch and csv exclude each other',
      expected: 'one of batch, rate: { csv }',
      part: 'key',
    });
  return groupsSound && countSound && attemptsSound && timeoutSound && batchSound && traceSound && readsSound;
}

/** Every client waits for its coordinator's answer: one that gives up sooner would be another client. */
function isPatient({ settings, list }: Drafting, timeout: number, path: Path): boolean {
  const wait = settings.write_request_timeout;
  if (typeof wait !== 'number' || timeout >= wait) return true;
  list.add(path, {
    code: 'S117',
    message: `the client gives up before write_request_timeout (${formatSpan(wait)}): in this version it waits for the coordinator's answer, which may take that long`,
    expected: `at least ${formatSpan(wait)}, or a smaller write_request_timeout`,
  });
  return false;
}

/** Mutations that a workload makes; for Poisson arrivals a bound that is never passed in practice. */
export function mutationsOf({
  arrivals,
  mix,
  from_micros: from,
  until_micros: until,
  count,
  batch,
}: PlanWorkload): number {
  const seconds = ((until - from) / 1e6) * (1 - (mix.read ?? 0));
  const mean = arrivals.kind === 'trace' ? arrivals.times_micros.length : arrivals.per_second * seconds;
  const most = arrivals.kind === 'poisson' ? mean + 10 * Math.sqrt(mean) : mean;
  return Math.ceil(count === null ? most : Math.min(most, count)) * (batch?.size ?? 1);
}
