/** Workloads of a plan: their tables, keys, windows and shares, and whether the run's writes can be numbered. */
import { MAX_WRITES, mutationsOf } from '../draft-workload.ts';
import { sumsToOne } from '../draft-shares.ts';
import type { Path } from '../places.ts';
import type { PlanTable, PlanWorkload } from '../plan.ts';
import { MISFIT, isDc, isLevel, isNode, isReadLevel, isTable, isWithin, refuse } from './checking.ts';
import type { Checking } from './checking.ts';

const LARGEST_BATCH = 65_535;

export function checkWorkloads(checking: Checking): void {
  let writes = 0;
  for (const [id, workload] of Object.entries(checking.plan.workload)) {
    const path = ['workload', id];
    if (!checkWindow(checking, workload, path)) continue;
    checkShares(checking, workload, path);
    const table = checking.plan.tables.find((each) => each.id === workload.table);
    if (table === undefined) isTable(checking, [...path, 'table'], workload.table);
    else checkOnTable(checking, { workload, table, path });
    writes += mutationsOf(workload);
    if (writes <= MAX_WRITES) continue;
    refuse(checking, [...path, 'arrivals'], {
      code: 'S150',
      message: `about ${writes} writes up to this workload`,
      expected: `at most ${MAX_WRITES} writes in a run`,
    });
    writes = -Infinity;
  }
}

function checkWindow(
  checking: Checking,
  { from_micros: from, until_micros: until }: PlanWorkload,
  path: Path,
): boolean {
  const { duration_micros: duration } = checking.plan;
  if (from >= until)
    return refuse(checking, [...path, 'from_micros'], {
      code: 'S141',
      message: 'the workload ends before it begins',
      expected: `less than until_micros, ${until}`,
    });
  if (until > duration)
    return refuse(checking, [...path, 'until_micros'], {
      code: 'S141',
      message: 'the workload ends after the duration, when clients stop',
      expected: `at most duration_micros, ${duration}`,
    });
  return true;
}

function checkShares(
  checking: Checking,
  { mix, clients, consistency, read_consistency: readLevel, retry, coordinator }: PlanWorkload,
  path: Path,
): void {
  if (coordinator !== undefined) isNode(checking, [...path, 'coordinator'], coordinator);
  isLevel(checking, [...path, 'consistency'], consistency);
  if (readLevel !== undefined) isReadLevel(checking, [...path, 'read_consistency'], readLevel);
  else if ((mix.read ?? 0) > 0)
    refuse(checking, path, { code: MISFIT, message: 'reads without a level', expected: 'read_consistency' });
  for (const dc of Object.keys(clients)) isDc(checking, [...path, 'clients', dc], dc);
  for (const [name, shares] of Object.entries({ mix, clients })) {
    const sum = Object.values(shares).reduce((total: number, share: number | undefined) => total + (share ?? 0), 0);
    if (!sumsToOne(sum))
      refuse(checking, [...path, name], {
        code: 'S156',
        message: `the shares of ${name} sum to ${Math.round(sum * 1e6) / 1e4} %`,
        expected: 'shares that sum to 1',
      });
  }
  if (retry === null) return;
  isWithin(checking, [...path, 'retry', 'attempts'], retry.attempts, [1, 255]);
  isWithin(checking, [...path, 'retry', 'timeout_micros'], retry.timeout_micros, [1, Math.max(1, checking.endMicros)]);
}

interface OnTable {
  workload: PlanWorkload;
  table: PlanTable;
  path: Path;
}

function checkOnTable(checking: Checking, { workload, table, path }: OnTable): void {
  const { keys, mix, batch, count, arrivals, update_groups: groups } = workload;
  if (isWithin(checking, [...path, 'keys', 'from'], keys.from, [0, table.partitions - 1]))
    isWithin(checking, [...path, 'keys', 'to'], keys.to, [keys.from + 1, table.partitions]);
  isWithin(checking, [...path, 'update_groups'], groups, [1, table.column_groups]);
  if (count !== null) isWithin(checking, [...path, 'count'], count, [1, MAX_WRITES]);
  const distinctKeys = Math.max(1, keys.to - keys.from);
  if (batch !== null)
    isWithin(checking, [...path, 'batch', 'size'], batch.size, [1, Math.min(LARGEST_BATCH, distinctKeys)]);
  if (arrivals.kind === 'trace') checkTrace(checking, { workload, table, path });
  const deletes = mix.delete_row + mix.delete_range + mix.delete_partition > 0;
  const traced =
    arrivals.kind === 'trace' && arrivals.operations.some((name) => name === 'delete' || name === 'delete_partition');
  if ((deletes || traced) && !table.deletes_rows)
    refuse(checking, [...path, 'table'], {
      code: MISFIT,
      message: `this workload deletes rows, and ${table.id} has deletes_rows: false`,
      expected: 'deletes_rows: true at the table',
    });
}

function checkTrace(checking: Checking, { workload, table, path }: OnTable): void {
  const { arrivals, batch, from_micros: from, until_micros: until } = workload;
  if (arrivals.kind !== 'trace') return;
  const { times_micros: times, operations, keys, bytes } = arrivals;
  const at = [...path, 'arrivals'];
  if (batch !== null)
    refuse(checking, [...path, 'batch'], {
      code: 'S119',
      message: 'a trace holds single writes: it has no batches',
      expected: 'null',
    });
  for (const [name, column] of Object.entries({ operations, keys, bytes, rows: arrivals.rows ?? keys })) {
    if (column.length !== times.length)
      refuse(checking, [...at, name], {
        code: MISFIT,
        message: `the trace has ${times.length} times and ${column.length} ${name}`,
        expected: 'as many as times_micros',
      });
  }
  const outside = (arrivals.rows ?? []).findIndex((row) => row >= table.rows_per_partition);
  if (outside >= 0)
    isWithin(checking, [...at, 'rows', outside], arrivals.rows?.[outside] ?? 0, [0, table.rows_per_partition - 1]);
  const beyond = keys.findIndex((key) => key >= table.partitions);
  if (beyond >= 0) isWithin(checking, [...at, 'keys', beyond], keys[beyond], [0, table.partitions - 1]);
  const wrong = times.findIndex((time, index) => time < (times[index - 1] ?? from) || time >= until);
  if (wrong >= 0)
    refuse(checking, [...at, 'times_micros', wrong], {
      code: 'S153',
      message: 'the times of a trace must ascend within its window',
      expected: `from ${times[wrong - 1] ?? from} to before ${until}`,
      found: String(times[wrong]),
    });
}
