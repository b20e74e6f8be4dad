/** Builds the layouts of a plan's tables: ring, placement, slots. */
import { assert } from '../base/assert.ts';
import { buildTableLayout } from '../data/build-layout.ts';
import type { TableLayout } from '../data/layout.ts';
import { buildRing } from '../data/ring.ts';
import type { Plan } from '../scenario/plan.ts';
import { placementOf, type Epochs } from './build-epochs.ts';

export function buildTables(plan: Plan, epochs: Epochs): TableLayout[] {
  const result = buildRing(plan.nodes.map(({ dc, rack, tokens }) => ({ dc, rack, tokens: tokens.map(BigInt) })));
  assert(result.ok, 'the plan has a token twice');
  const layouts: TableLayout[] = [];
  let slotBase = 0;
  plan.tables.forEach((table, index) => {
    const layout = buildTableLayout({
      index,
      id: table.id,
      partitions: table.partitions,
      rowsPerPartition: table.rows_per_partition,
      columnGroups: table.column_groups,
      deletesRows: table.deletes_rows,
      slotBase,
      rowBytes: table.row_bytes,
      gcGraceMicros: table.gc_grace_micros,
      loaded: table.loaded,
      ...(table.key_texts === undefined ? {} : { keyTexts: table.key_texts }),
      ...(epochs.placementOf(table) ?? { placement: placementOf(table.replication, result.ring) }),
    });
    slotBase += layout.slotCount;
    layouts.push(layout);
  });
  return layouts;
}
