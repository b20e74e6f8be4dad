/**
 * What a change of placement does to the oracle's knowledge: rows whose replicas are others now are judged by who counted
 * before and by who counts after. A copy that counts no more ends its episode; one that counts from now on and differs begins
 * one, because of the change (`bootstrap_missed`) unless the fate of the version there is known.
 */
import { CAUSE, VIA } from '../data/causes.ts';
import { ROLE } from '../data/epochs.ts';
import { latentFate } from '../data/fate.ts';
import { HELD, PROMISED, type OracleTable } from './oracle-table.ts';
import type { RowJudge } from './row-judge.ts';
import type { SlotChanges } from './slot-changes.ts';

export interface PlacementParts {
  tables: readonly OracleTable[];
  judge: RowJudge;
  changes: SlotChanges;
}

export function changePlacement(parts: PlacementParts, epoch: number, origin: number): void {
  for (const table of parts.tables) {
    const after = table.layout.epochs?.roles[epoch];
    if (after !== undefined) changeRoles(parts, table, after, origin);
  }
}

/** Of a table that is one range: these copies count from now on, a bit each. */
export function changeOwners(parts: PlacementParts, index: number, owners: number, origin: number): void {
  const table = parts.tables[index];
  changeRoles(parts, table, rolesOfOwners(owners, table.copies), origin);
  table.owners = owners;
}

export function rolesOfOwners(owners: number, copies: number): Uint8Array {
  return Uint8Array.from({ length: copies }, (_copy, copy) =>
    ((owners >> copy) & 1) === 1 ? ROLE.natural : ROLE.none,
  );
}

function changeRoles(parts: PlacementParts, table: OracleTable, after: Uint8Array, origin: number): void {
  const { layout, roles: before } = table;
  if (before === null) return;
  const status = latentFate(CAUSE.bootstrapMissed, origin);
  const differs = changedRanges(before, after, table.copies);
  for (let ordinal = 0; ordinal < layout.partitions; ordinal += 1) {
    if (differs[layout.rangeOfOrdinal[ordinal]] === 0) continue;
    const first = layout.slotBase + ordinal * layout.slotsPerPartition;
    for (let row = first; row < first + layout.slotsPerPartition; row += layout.slotsPerRow) {
      if (!isSettled(table, row, before, after)) judgeAnew(parts, { table, row, status }, before, after);
    }
  }
  table.roles = after;
}

function judgeAnew(
  { judge, changes }: PlacementParts,
  { table, row, status }: { table: OracleTable; row: number; status: number },
  before: Uint8Array,
  after: Uint8Array,
): void {
  judge.begin(table, row);
  table.roles = after;
  for (let slot = row; slot < row + table.slotsPerRow; slot += 1) changes.placed(table, slot, judge.now, status);
  judge.healedBy(-1, VIA.placement, VIA.placement);
  judge.end(table, row);
  table.roles = before;
}

function changedRanges(before: Uint8Array, after: Uint8Array, copies: number): Uint8Array {
  const differs = new Uint8Array(before.length / copies);
  for (let at = 0; at < before.length; at += 1) if (before[at] !== after[at]) differs[Math.floor(at / copies)] = 1;
  return differs;
}

/** Do all that are, or were, replicas hold in each slot what is expected and promised? Then nothing changes. */
function isSettled(table: OracleTable, row: number, before: Uint8Array, after: Uint8Array): boolean {
  const { cells, copies, stride } = table;
  const base = table.replicaBase(row);
  const start = table.cellOf(row);
  for (let cell = start; cell < start + table.slotsPerRow * stride; cell += stride) {
    if (cells[cell] !== cells[cell + PROMISED]) return false;
    for (let copy = 0; copy < copies; copy += 1) {
      if (before[base + copy] === ROLE.none && after[base + copy] === ROLE.none) continue;
      if (cells[cell + HELD + copy] !== cells[cell]) return false;
    }
  }
  return true;
}
