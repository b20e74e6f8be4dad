/** Builds the layouts of a plan's tables: ring, placement, slots. */
import { assert } from '../base/assert.ts';
import { buildTableLayout, type LayoutOptions } from '../data/build-layout.ts';
import type { TableLayout } from '../data/layout.ts';
import { buildRing } from '../data/ring.ts';
import type { Plan, PlanTable } from '../scenario/plan.ts';
import { placementOf, type Epochs } from './build-epochs.ts';

export function buildTables(plan: Plan, epochs: Epochs): TableLayout[] {
  if (plan.tables.some(({ owners }) => owners !== undefined)) return buildShards(plan);
  const result = buildRing(plan.nodes.map(({ dc, rack, tokens }) => ({ dc, rack, tokens: tokens.map(BigInt) })));
  assert(result.ok, 'the plan has a token twice');
  const layouts: TableLayout[] = [];
  let slotBase = 0;
  plan.tables.forEach((table, index) => {
    const placed = epochs.placementOf(table) ?? { placement: placementOf(table.replication, result.ring) };
    const layout = buildTableLayout({ ...shapeOf(table), index, slotBase, ...placed });
    slotBase += layout.slotCount;
    layouts.push(layout);
  });
  return layouts;
}

/** A shard is a table of one range, which its owners hold whole. */
function buildShards(plan: Plan): TableLayout[] {
  const nodes = plan.nodes.map(({ id }) => id);
  const ring = { nodes: [], tokens: [0n], owners: Uint16Array.of(0), ranges: [{ left: 0n, right: 0n }] };
  let slotBase = 0;
  return plan.tables.map((table, index) => {
    const owners = (table.owners ?? []).map((owner) => nodes.indexOf(owner));
    const placement = { ring, copies: owners.length, factor: owners.length, naturalReplicas: () => owners };
    const layout = buildTableLayout({ ...shapeOf(table), index, slotBase, placement });
    slotBase += layout.slotCount;
    return layout;
  });
}

function shapeOf(table: PlanTable): Omit<LayoutOptions, 'index' | 'slotBase' | 'placement'> {
  return {
    id: table.id,
    partitions: table.partitions,
    rowsPerPartition: table.rows_per_partition,
    columnGroups: table.column_groups,
    deletesRows: table.deletes_rows,
    rowBytes: table.row_bytes,
    gcGraceMicros: table.gc_grace_micros,
    loaded: table.loaded,
    ...(table.key_texts === undefined ? {} : { keyTexts: table.key_texts }),
  };
}
