/** Builds the layouts of a plan's tables: ring, placement, slots. */
import { assert } from '../base/assert.ts';
import { buildTableLayout, type LayoutOptions } from '../data/build-layout.ts';
import { ROLE } from '../data/epochs.ts';
import type { RangeHolders, TableEpochs, TableLayout } from '../data/layout.ts';
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

/**
 * A shard is a table of one range, which its owners hold whole. Who becomes an owner in the course of the run is a member from the
 * start, and counts when it is one (docs/decisions/0007): which copies count is decided in the run.
 */
function buildShards(plan: Plan): TableLayout[] {
  const nodes = plan.nodes.map(({ id }) => id);
  const ring = { nodes: [], tokens: [0n], owners: Uint16Array.of(0), ranges: [{ left: 0n, right: 0n }] };
  const later = plan.tables.map((table) => laterOwners(plan, table));
  const changes = later.some(({ length }) => length > 0);
  let slotBase = 0;
  return plan.tables.map((table, index) => {
    const owners = (table.owners ?? []).map((owner) => nodes.indexOf(owner));
    const members = [...owners, ...later[index].map((node) => nodes.indexOf(node))];
    const placement = { ring, copies: members.length, factor: owners.length, naturalReplicas: () => members };
    const epochs = changes ? { epochs: firstOwners(ring, owners, members.length) } : {};
    const layout = buildTableLayout({ ...shapeOf(table), index, slotBase, placement, ...epochs });
    slotBase += layout.slotCount;
    return layout;
  });
}

/** Nodes that get a copy of the shard by copy-shard and are no owners at the start, in the order of the plan. */
export function laterOwners({ entries }: Plan, { id, owners = [] }: PlanTable): string[] {
  const copiedTo = entries.flatMap((entry) =>
    entry.kind === 'repairByHand'
      ? entry.steps.flatMap((step) => (step.do === 'copyShard' && step.table === id ? [step.to] : []))
      : [],
  );
  return [...new Set(copiedTo)].filter((node) => !owners.includes(node));
}

function firstOwners(
  { ranges }: Pick<RangeHolders, 'ranges'>,
  owners: readonly number[],
  members: number,
): TableEpochs {
  const roles = new Uint8Array(members).fill(ROLE.none);
  roles.fill(ROLE.natural, 0, owners.length);
  const holders = { copies: owners.length, ranges, replicas: Uint16Array.from(owners) };
  return { roles: [roles], holders: [holders], factors: [owners.length] };
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
