/** Traces: read before the tables, which take key texts from them, and turned into arrivals after. */
import { formatSpan } from '../base/human.ts';
import { tableWorkloads } from './table-workloads.ts';
import type { Drafting } from './drafting.ts';
import type { Path } from './places.ts';
import type { PlanArrivals, PlanTable } from './plan.ts';
import { readTrace } from './trace.ts';
import type { TraceRows } from './trace.ts';

/** The traces of all workloads, by workload id; read before the tables, which take key texts from them. */
export function readTraces(drafting: Drafting, epochMicros: number | null): Map<string, TraceRows> {
  const traces = new Map<string, TraceRows>();
  for (const [id, { rate }] of Object.entries(tableWorkloads(drafting.scenario))) {
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

/**
 * The key texts of tables whose traces name keys that are not key numbers. Named keys get the numbers from 0 in order of
 * first appearance.
 */
export function keyTextsOfTraces(drafting: Drafting, traces: ReadonlyMap<string, TraceRows>): Map<string, string[]> {
  const keys = new Map<string, Set<string>>();
  for (const [id, rows] of traces) {
    const table = tableWorkloads(drafting.scenario)[id]?.table ?? '';
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

export function traceArrivals(
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
  if (inside.length === 0 && left > 0) {
    const [first, last] = [rows.times[0], rows.times[left - 1]];
    drafting.list.add(path, {
      code: 'S141',
      message: `no line of the trace lies in the window of its workload: it goes from ${formatSpan(first)} to ${formatSpan(last)}`,
      expected: `times from ${formatSpan(from)} to before ${formatSpan(until)}`,
    });
    return null;
  }
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
