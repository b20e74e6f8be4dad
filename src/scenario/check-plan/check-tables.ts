/** Tables of a plan (each once, of a size that a run can number) and the probes that read them. */
import { MEMBERS_MAX } from '../../data/epochs.ts';
import { addUnknown } from '../drafting.ts';
import type { Path } from '../places.ts';
import { checkPointProbe, isPointProbe } from './check-points.ts';
import type { PlanStalenessProbe, PlanTable, PlanVisibilityProbe } from '../plan.ts';
import { copiesOf, MAX_SLOTS } from '../draft-tables.ts';
import { MISFIT, areDistinct, isDc, isLevel, isReadLevel, isTable, isWithin, refuse } from './checking.ts';
import type { Checking } from './checking.ts';

/** False where a table is such that its copies cannot be placed. */
export function checkTables(checking: Checking): boolean {
  const { tables } = checking.plan;
  const names = tables.map(({ id }, index) => ({ name: id, path: ['tables', index, 'id'] }));
  const sound = tables.map((table, index) => checkTable(checking, table, index));
  checkSlots(checking);
  return areDistinct(checking, 'table', names) && sound.every(Boolean);
}

function checkTable(checking: Checking, table: PlanTable, index: number): boolean {
  const path = ['tables', index];
  const { id, keyspace, name, partitions, rows_per_partition: rows, compaction } = table;
  if (id !== `${keyspace}.${name}`)
    refuse(checking, [...path, 'id'], {
      code: MISFIT,
      message: `the table "${id}" has another id than its keyspace and name`,
      expected: `${keyspace}.${name}`,
    });
  if (compaction.bucket_low > compaction.bucket_high)
    refuse(checking, [...path, 'compaction', 'bucket_low'], {
      code: 'S117',
      message: 'the least of a bucket lies above its most',
      expected: `at most bucket_high, ${compaction.bucket_high}`,
    });
  const sized = isWithin(checking, [...path, 'partitions'], partitions, [1, MAX_SLOTS]);
  const filled = isWithin(checking, [...path, 'rows_per_partition'], rows, [1, MAX_SLOTS]);
  const copies = copiesOf(table.replication, checking.plan.nodes);
  const followed = isWithin(checking, [...path, 'replication'], copies, [0, MEMBERS_MAX]);
  return checkReplication(checking, table, index) && followed && sized && filled;
}

function checkReplication(checking: Checking, { replication }: PlanTable, index: number): boolean {
  const path = ['tables', index, 'replication'];
  if (replication.strategy === 'SimpleStrategy')
    return isWithin(checking, [...path, 'factor'], replication.factor, [1, Infinity]);
  const factors = Object.entries(replication.factors);
  const known = factors.map(([dc]) => isDc(checking, [...path, 'factors', dc], dc));
  if (factors.some(([, factor]) => factor > 0)) return known.every(Boolean);
  return refuse(checking, [...path, 'factors'], {
    code: 'S117',
    message: 'no data centre holds a copy',
    expected: 'a number of copies above 0',
  });
}

function checkSlots(checking: Checking): void {
  let slots = 0;
  for (const [index, table] of checking.plan.tables.entries()) {
    slots += table.partitions * table.rows_per_partition * (table.column_groups + (table.deletes_rows ? 1 : 0));
    if (slots <= MAX_SLOTS) continue;
    refuse(checking, ['tables', index], {
      code: 'S151',
      message: `the rows do not fit: ${slots} slots (rows times column groups, and one for row deletes) up to this table`,
      expected: `at most ${MAX_SLOTS} in all tables`,
    });
    return;
  }
}

export function checkProbes(checking: Checking): void {
  for (const [id, probe] of Object.entries(checking.plan.probes)) {
    const path = ['probes', id];
    if (isPointProbe(probe)) {
      checkPointProbe(checking, probe, path);
      continue;
    }
    if (probe.kind !== 'read') {
      checkWriteProbe(checking, probe, path);
      continue;
    }
    isTable(checking, [...path, 'table'], probe.table);
    isLevel(checking, [...path, 'consistency'], probe.consistency);
    isWithin(checking, [...path, 'every_micros'], probe.every_micros, [1, Math.max(1, checking.endMicros)]);
    isWithin(checking, [...path, 'reads'], probe.reads, [1, 1_000_000]);
  }
}

function checkWriteProbe(checking: Checking, probe: PlanStalenessProbe | PlanVisibilityProbe, path: Path): void {
  const { workload } = checking.plan;
  if (!Object.hasOwn(workload, probe.workload)) {
    const names = Object.keys(workload);
    addUnknown(checking.list, [...path, 'workload'], { code: 'S137', kind: 'workload', name: probe.workload, names });
  }
  isReadLevel(checking, [...path, 'consistency'], probe.consistency);
  if (probe.kind === 'k-staleness') return;
  const { times_micros: times } = probe;
  const wrong = times.findIndex((time, index) => index > 0 && time <= times[index - 1]);
  if (wrong >= 0)
    refuse(checking, [...path, 'times_micros', wrong], {
      code: 'S157',
      message: 'the times of a probe must rise',
      expected: 'each later than the one before',
    });
}
