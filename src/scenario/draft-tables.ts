/** Keyspaces and tables: replication as the database would apply it, sizes, compaction, and whether all rows fit. */
import { MEMBERS_MAX } from '../data/epochs.ts';
import { draftCompaction } from './draft-compaction.ts';
import { draftTableReads } from './draft-reads.ts';
import type { Drafting } from './drafting.ts';
import { addUnknown, distinct } from './drafting.ts';
import type { Path } from './places.ts';
import type { PlanNode, PlanReplication, PlanTable } from './plan.ts';
import type { ScenarioTable } from './schema/scenario.ts';

const DAY_MICROS = 86_400_000_000;
const DEFAULT_ROW_BYTES = 100;
const DEFAULT_REPLICATION_FACTOR = 3;
export const MAX_SLOTS = 2_147_483_647;

export interface TablesOptions {
  /** Ids of tables in which a workload deletes rows, ranges or partitions. */
  deletesRows: ReadonlySet<string>;
  /** Keys that traces name, by table id; then generated keys have the numbers behind them. */
  keyTexts: ReadonlyMap<string, string[]>;
}

export function draftTables(drafting: Drafting, { deletesRows, keyTexts }: TablesOptions): PlanTable[] {
  const { tables } = drafting.scenario.data;
  const replications = new Map<string, PlanReplication>();
  for (const keyspace of distinct(Object.keys(tables).map(keyspaceOf))) {
    const replication = draftReplication(drafting, keyspace);
    if (replication !== null) replications.set(keyspace, replication);
  }
  for (const keyspace of Object.keys(drafting.scenario.data.keyspaces ?? {}))
    checkKeyspace(drafting, keyspace, Object.keys(tables));
  if (drafting.tableCount === 0)
    drafting.list.add(['data', 'tables'], {
      code: 'S118',
      message: 'the scenario has no table',
      expected: 'at least one table',
    });
  const drafted: PlanTable[] = [];
  for (const [id, table] of Object.entries(tables)) {
    const replication = replications.get(keyspaceOf(id));
    const plan =
      replication === undefined
        ? null
        : draftTable(drafting, { id, table, replication, deletesRows: deletesRows.has(id) });
    const texts = keyTexts.get(id);
    if (plan !== null) drafted.push(texts === undefined ? plan : { ...plan, key_texts: texts });
  }
  checkSlots(drafting, drafted);
  return drafted;
}

function keyspaceOf(table: string): string {
  return table.slice(0, table.indexOf('.'));
}

function checkKeyspace({ list, tableCount }: Drafting, keyspace: string, tables: readonly string[]): void {
  const keyspaces = distinct(tables.map(keyspaceOf));
  // A table that was left out after a mistake may have been its table.
  if (keyspaces.includes(keyspace) || tables.length < tableCount) return;
  addUnknown(list, ['data', 'keyspaces', keyspace], {
    code: 'S132',
    kind: 'keyspace',
    name: keyspace,
    names: keyspaces,
  });
}

function draftReplication(drafting: Drafting, keyspace: string): PlanReplication | null {
  const { scenario, assumptions, nodes } = drafting;
  if (nodes.length === 0) return null;
  const own = scenario.data.keyspaces?.[keyspace]?.replication;
  const given = own ?? scenario.data.replication;
  if (given === undefined) {
    const factors = distinct(nodes.map(({ dc }) => dc)).map(
      (dc) => [dc, Math.min(DEFAULT_REPLICATION_FACTOR, nodes.filter((node) => node.dc === dc).length)] as const,
    );
    assumptions.push(
      `replication of ${keyspace} not given: ${factors.map(([dc, factor]) => `${factor} in ${dc}`).join(', ')}`,
    );
    return { strategy: 'NetworkTopologyStrategy', factors: Object.fromEntries(factors) };
  }
  const path = own === undefined ? ['data', 'replication'] : ['data', 'keyspaces', keyspace, 'replication'];
  return draftReplicationOf(drafting, given, path);
}

/** A number of copies, or one for each data centre. */
export type GivenReplication = number | Readonly<Record<string, number>>;

/** What stands at `path` as the database would apply it; null where it is wrong. */
export function draftReplicationOf(drafting: Drafting, given: GivenReplication, path: Path): PlanReplication | null {
  const drafted = typeof given === 'number' ? simple(drafting, given, path) : perDc(drafting, given, path);
  return drafted !== null && hasTooManyCopies(drafting, drafted, path) ? null : drafted;
}

function hasTooManyCopies({ list, nodes, joiners }: Drafting, replication: PlanReplication, path: Path): boolean {
  const copies = copiesOf(replication, [...nodes, ...joiners]);
  if (copies <= MEMBERS_MAX) return false;
  list.add(path, { code: 'S166', message: `${copies} copies of each row`, expected: `at most ${MEMBERS_MAX}` });
  return true;
}

/** Of each row: a node holds one. */
export function copiesOf(replication: PlanReplication, nodes: readonly PlanNode[]): number {
  if (replication.strategy === 'SimpleStrategy') return Math.min(replication.factor, nodes.length);
  return Object.entries(replication.factors).reduce(
    (sum, [dc, factor]) => sum + Math.min(factor, nodes.filter((node) => node.dc === dc).length),
    0,
  );
}

function simple(drafting: Drafting, factor: number, path: Path): PlanReplication | null {
  return checkFactor(drafting, {
    factor,
    path,
    of: [...drafting.nodes, ...drafting.joiners],
    where: 'the cluster',
    isSingle: factor === 1,
  })
    ? { strategy: 'SimpleStrategy', factor }
    : null;
}

function perDc(drafting: Drafting, given: Readonly<Record<string, number>>, path: Path): PlanReplication | null {
  const dcs = distinct(drafting.nodes.map(({ dc }) => dc));
  const factors: Record<string, number> = {};
  let sound = true;
  const isSingle = Object.values(given).reduce((total, factor) => total + factor, 0) === 1;
  for (const [dc, factor] of Object.entries(given)) {
    if (!dcs.includes(dc))
      addUnknown(drafting.list, [...path, dc], { code: 'S133', kind: 'data centre', name: dc, names: dcs });
    const of = [...drafting.nodes, ...drafting.joiners].filter((node) => node.dc === dc);
    sound &&=
      dcs.includes(dc) &&
      (factor === 0 || checkFactor(drafting, { factor, path: [...path, dc], of, where: dc, isSingle }));
    if (factor > 0) factors[dc] = factor;
  }
  if (sound && Object.keys(factors).length === 0) {
    drafting.list.add(path, {
      code: 'S117',
      message: 'no data centre holds a copy',
      expected: 'a number of copies above 0',
    });
    return null;
  }
  return sound ? { strategy: 'NetworkTopologyStrategy', factors } : null;
}

interface FactorCheck {
  factor: number;
  path: Path;
  of: readonly PlanNode[];
  where: string;
  /** There is no copy elsewhere. */
  isSingle: boolean;
}

function checkFactor({ list, scenario }: Drafting, { factor, path, of, where, isSingle }: FactorCheck): boolean {
  if (factor === 0)
    list.add(path, {
      code: 'S117',
      message: 'a replication factor cannot be 0',
      expected: 'a number of copies above 0',
    });
  const isAltered = Object.values(scenario.operations ?? {}).some((operation) => operation.do === 'alter');
  if (isSingle && !isAltered)
    list.warn(path, {
      code: 'S201',
      message: 'replication factor 1: there is one copy, so copies cannot differ and repair does nothing',
    });
  if (factor > of.length)
    list.warn(path, {
      code: 'S202',
      message: `replication factor ${factor} is above the ${of.length} nodes of ${where}: each node holds one copy, and consistency levels still count ${factor}`,
      expected: `at most ${of.length}`,
    });
  return factor > 0;
}

interface TableInput {
  id: string;
  table: ScenarioTable;
  replication: PlanReplication;
  deletesRows: boolean;
}

function draftTable(drafting: Drafting, { id, table, replication, deletesRows }: TableInput): PlanTable | null {
  const path = ['data', 'tables', id];
  const ttl = wholeSeconds(drafting, table.default_ttl ?? 0, [...path, 'default_ttl']);
  const sound =
    inRange(drafting, [...path, 'partitions'], table.partitions, [1, MAX_SLOTS]) &&
    inRange(drafting, [...path, 'rows'], table.rows ?? 1, [1, MAX_SLOTS]);
  const groupsSound = inRange(drafting, [...path, 'column_groups'], table.column_groups ?? 1, [1, 8]);
  if (table.row === undefined)
    drafting.assumptions.push(`size of a row of ${id} not given: ${DEFAULT_ROW_BYTES} bytes`);
  const reads = draftTableReads(drafting, table, path);
  if (!sound || !groupsSound || ttl === null || reads === null) return null;
  return {
    id,
    keyspace: keyspaceOf(id),
    name: id.slice(id.indexOf('.') + 1),
    replication,
    partitions: table.partitions,
    rows_per_partition: table.rows ?? 1,
    column_groups: table.column_groups ?? 1,
    row_bytes: table.row ?? DEFAULT_ROW_BYTES,
    loaded: typeof table.loaded === 'object' ? 'equal' : (table.loaded ?? 'empty'),
    gc_grace_micros: table.gc_grace ?? 10 * DAY_MICROS,
    default_ttl_seconds: ttl,
    compaction: draftCompaction(drafting, table.compaction ?? {}, [...path, 'compaction']),
    ...reads,
    deletes_rows: deletesRows,
  };
}

/** The database counts lives in seconds; null after a mistake. */
export function wholeSeconds({ list }: Drafting, micros: number, path: Path): number | null {
  if (micros % 1e6 === 0) return micros / 1e6;
  list.add(path, {
    code: 'S117',
    message: `${String(path.at(-1))} is not a whole number of seconds`,
    expected: 'whole seconds',
  });
  return null;
}

export function inRange(
  { list }: Drafting,
  path: Path,
  value: number,
  [least, most]: readonly [number, number],
): boolean {
  if (value >= least && value <= most) return true;
  list.add(path, {
    code: 'S117',
    message: `${String(path.at(-1))} is out of range`,
    expected: `${least} to ${most}`,
    found: String(value),
  });
  return false;
}

function checkSlots({ list }: Drafting, tables: readonly PlanTable[]): void {
  let slots = 0;
  for (const table of tables) {
    slots += table.partitions * table.rows_per_partition * (table.column_groups + (table.deletes_rows ? 1 : 0));
    if (slots <= MAX_SLOTS) continue;
    list.add(['data', 'tables', table.id], {
      code: 'S151',
      message: `the rows do not fit: ${slots} slots (rows times column groups, and one for row deletes) up to this table`,
      expected: `at most ${MAX_SLOTS} in all tables`,
    });
    return;
  }
}
