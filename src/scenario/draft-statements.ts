/**
 * Statements of operators: what a run of one means. A write is a workload of its own, with the id of the operation: one
 * coordinator, given moments, given rows; so it goes the way of every other write. ALTER TABLE and ALTER KEYSPACE are entries.
 */
import { consistency } from './draft-shares.ts';
import type { Drafting } from './drafting.ts';
import type { Statement, StatementContext } from './dialect-rules.ts';
import { alterKeyspace } from './draft-topology.ts';
import { MistakeList, pathText, type Path } from './places.ts';
import type { PlanEntry, PlanWorkload } from './plan.ts';
import type { ScenarioOperation } from './schema/scenario.ts';

type CqlOperation = Extract<ScenarioOperation, { do: 'cql' }>;

interface StatementInput {
  operation: CqlOperation;
  path: Path;
  id: string;
  at: number;
  nodes: string[];
}

/** Far more than a person types. */
const STATEMENTS_MAX = 1_000_000;
/** What cqlsh begins with. */
const DEFAULT_LEVEL = 'ONE';

/** Tables in which statements delete rows or partitions; read before the tables, so mistakes are left to later. */
export function tablesWithStatementDeletes(drafting: Drafting): Set<string> {
  const { scenario, rules, database } = drafting;
  const tables = new Set<string>();
  const known: StatementContext['tables'] = Object.entries(scenario.data.tables).map(([id, table]) => ({
    ...{ id, keyspace: id.slice(0, id.indexOf('.')), partitions: Infinity },
    ...{ rowsPerPartition: table.rows ?? 1, columnGroups: table.column_groups ?? 1 },
  }));
  for (const operation of Object.values(scenario.operations ?? {})) {
    if (operation.do !== 'cql') continue;
    // A key that a trace names is no number yet.
    const read = rules.readStatement(operation.run.replaceAll(/'[^']*'/g, '0'), { database, tables: known });
    if (!('statement' in read) || read.statement.kind !== 'write') continue;
    const { operation: what, table } = read.statement;
    if (what === 'delete' || what === 'delete_partition') tables.add(table);
  }
  return tables;
}

/** Null after a mistake. */
export function statementEntry(drafting: Drafting, input: StatementInput): PlanEntry | null {
  const { operation, path, id, at, nodes } = input;
  const statement = readStatement(drafting, operation, path);
  if (nodes.length > 1)
    drafting.list.add([...path, 'node'], {
      code: 'S117',
      message: `a statement has one coordinator, not ${nodes.length}`,
      expected: 'the id of one node',
    });
  if (statement === null) return null;
  const common = { id, at_micros: at, command: operation.run };
  if (statement.kind === 'write') return { ...common, nodes, table: statement.table, kind: 'runStatement' };
  const isKeyspace = statement.kind === 'alterKeyspace';
  for (const key of ['consistency', 'every'] as const)
    if (operation[key] !== undefined)
      drafting.list.add([...path, key], {
        code: 'S175',
        message: `ALTER ${isKeyspace ? 'KEYSPACE' : 'TABLE'} has no ${key}`,
        expected: `no ${key}`,
        part: 'key',
      });
  if (isKeyspace) {
    if (nodes.length === 0) return null;
    const change = keyspaceChange(drafting, statement, { text: operation.run, path });
    return change === null ? null : { ...common, ...change, through: nodes[0], command: operation.run };
  }
  return {
    ...common,
    nodes,
    table: statement.table,
    kind: 'alterTable',
    gc_grace_micros: statement.gcGraceSeconds * 1e6,
  };
}

/** What is wrong with it stands at its place in the text. */
function keyspaceChange(
  drafting: Drafting,
  { keyspace, replication, parts }: Statement & { kind: 'alterKeyspace' },
  { text, path }: { text: string; path: Path },
): ReturnType<typeof alterKeyspace> {
  const found = new MistakeList(drafting.list.places);
  for (const name of drafting.list.silenced) found.silenced.add(name);
  const change = alterKeyspace({ ...drafting, list: found }, { keyspace, replication }, path);
  const run = [...path, 'run'];
  for (const mistake of found.all) {
    const [member, dc] = (found.steps.get(mistake) ?? []).slice(path.length);
    const part = member === 'keyspace' ? parts.keyspace : (parts.factors[String(dc)] ?? parts.replication);
    Object.assign(mistake, drafting.list.places.within(run, text, part), { path: pathText(run) });
    found.steps.set(mistake, run);
    drafting.list.take(mistake, found);
  }
  return change;
}

/** The writes of the statements, as workloads by the operations' ids; those that come when clients have stopped never do. */
export function statementWorkloads(drafting: Drafting, entries: readonly PlanEntry[]): Record<string, PlanWorkload> {
  const workloads: Record<string, PlanWorkload> = {};
  for (const entry of entries) {
    if (entry.kind !== 'runStatement') continue;
    const operation = drafting.scenario.operations?.[entry.id.slice('operations.'.length)];
    const [node] = entry.nodes;
    const dc = drafting.nodes.find(({ id }) => id === node)?.dc;
    if (operation?.do !== 'cql' || dc === undefined) continue;
    const workload = statementWorkload(drafting, operation, { entry, node, dc });
    if (workload !== null) workloads[entry.id] = workload;
  }
  return workloads;
}

function statementWorkload(
  drafting: Drafting,
  operation: CqlOperation,
  { entry, node, dc }: { entry: PlanEntry & { kind: 'runStatement' }; node: string; dc: string },
): PlanWorkload | null {
  const path = ['operations', entry.id.slice('operations.'.length)];
  const level = consistency(drafting, operation.consistency ?? DEFAULT_LEVEL, path);
  const statement = parsed(drafting, operation);
  const table = drafting.tables.find(({ id }) => id === entry.table);
  const { duration } = drafting.scenario;
  if (level === null || statement?.kind !== 'write' || table === undefined || entry.at_micros >= duration) return null;
  const times = momentsOf(entry.at_micros, operation.every ?? null, duration);
  const each = <T>(value: T): T[] => times.map(() => value);
  return {
    table: table.id,
    arrivals: {
      ...{ kind: 'trace', times_micros: times, operations: each(statement.operation), keys: each(statement.key) },
      ...{ bytes: each(table.row_bytes), rows: each(statement.row), groups: each(statement.groups) },
    },
    ...{ from_micros: entry.at_micros, until_micros: times[times.length - 1] + 1, count: null },
    keys: { kind: 'sequential', from: statement.key, to: statement.key + 1 },
    mix: { insert: 1, update: 0, delete_cell: 0, delete_row: 0, delete_range: 0, delete_partition: 0 },
    ...{ update_groups: 1, ttl_seconds: statement.ttlSeconds ?? ttlOf(statement, table.default_ttl_seconds) },
    ...{ consistency: level, clients: { [dc]: 1 }, coordinator: node, retry: null, batch: null },
  };
}

/** The table's, for what is written without one of its own. */
function ttlOf({ operation }: Statement & { kind: 'write' }, defaultSeconds: number): number {
  return operation === 'insert' || operation === 'update' ? defaultSeconds : 0;
}

function momentsOf(at: number, every: number | null, duration: number): number[] {
  const times = [at];
  while (every !== null && every > 0 && times.length < STATEMENTS_MAX && times[times.length - 1] + every < duration)
    times.push(times[times.length - 1] + every);
  return times;
}

function readStatement(drafting: Drafting, operation: CqlOperation, path: Path): Statement | null {
  const read = drafting.rules.readStatement(operation.run, contextOf(drafting));
  if ('statement' in read) return read.statement;
  for (const mistake of read.mistakes) drafting.list.add([...path, 'run'], mistake, operation.run);
  return null;
}

function parsed(drafting: Drafting, operation: CqlOperation): Statement | null {
  const read = drafting.rules.readStatement(operation.run, contextOf(drafting));
  return 'statement' in read ? read.statement : null;
}

function contextOf({ database, tables }: Drafting): StatementContext {
  return {
    database,
    tables: tables.map(({ id, keyspace, partitions, rows_per_partition: rows, column_groups: groups, key_texts }) => ({
      ...{ id, keyspace, partitions, rowsPerPartition: rows, columnGroups: groups, keyTexts: key_texts },
    })),
  };
}
