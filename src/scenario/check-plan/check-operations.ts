/** Entries of a plan that are operations, damage to files, or a load that differs: their nodes, tables and workloads exist. */
import type { Path } from '../places.ts';
import type { OperationEntry } from '../entry-kinds.ts';
import { MISFIT, areNodes, isNode, isTable, isWithin, refuse } from './checking.ts';
import type { Checking } from './checking.ts';

export function checkOperation(checking: Checking, entry: OperationEntry, path: Path): void {
  if ('nodes' in entry && entry.nodes !== null) areNodes(checking, [...path, 'nodes'], entry.nodes);
  if ('node' in entry) isNode(checking, [...path, 'node'], entry.node);
  if ('targets' in entry && entry.targets.length > 0) areNodes(checking, [...path, 'targets'], entry.targets);
  if ('tables' in entry) entry.tables.forEach((table, index) => isTable(checking, [...path, 'tables', index], table));
  if ('table' in entry) isTable(checking, [...path, 'table'], entry.table);
  if (entry.kind === 'restoreSnapshot')
    isWithin(checking, [...path, 'taken_micros'], entry.taken_micros, [0, entry.at_micros - 1]);
  if (entry.kind === 'runStatement') checkStatement(checking, entry, path);
  if (entry.kind === 'divergeLoaded') checkLoad(checking, entry, path);
}

/** Its writes are a workload, but for a statement that comes when clients have stopped. */
function checkStatement(checking: Checking, entry: OperationEntry & { kind: 'runStatement' }, path: Path): void {
  const { plan } = checking;
  const workload = Object.hasOwn(plan.workload, entry.id) ? plan.workload[entry.id] : null;
  const isMissing = workload === null && entry.at_micros < plan.duration_micros;
  if (!isMissing && (workload === null || workload.table === entry.table)) return;
  refuse(checking, [...path, 'id'], {
    code: MISFIT,
    message: `there is no workload "${entry.id}" that writes into ${entry.table}`,
    expected: 'the writes of the statement, under its id',
    found: entry.id,
  });
}

function checkLoad(checking: Checking, entry: OperationEntry & { kind: 'divergeLoaded' }, path: Path): void {
  const table = checking.plan.tables.find(({ id }) => id === entry.table);
  if (table !== undefined && table.loaded !== 'equal')
    refuse(checking, [...path, 'table'], {
      code: MISFIT,
      message: `${entry.table} is not loaded, so no copies of it differ at the start`,
      expected: 'a table with loaded: equal',
    });
  if (entry.at_micros !== 0) isWithin(checking, [...path, 'at_micros'], entry.at_micros, [0, 0]);
}
