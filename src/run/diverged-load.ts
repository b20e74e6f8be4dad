/**
 * Which copies of a loaded table differ at the start, and what they hold: a share of its rows, drawn by address, of each
 * one drawn copy or those of given nodes; missing, or an older content than all others have.
 */
import type { TableLayout } from '../data/layout.ts';
import { copyIndexOf } from '../data/build-layout.ts';
import { NOTHING, OPERATION, type Versions } from '../data/versions.ts';
import { draw32, type StreamKey } from '../kernel/random.ts';
import type { Storage } from '../replica/storage.ts';

const TWO_TO_32 = 4294967296;
/** Between nothing at all and the content that a table starts with (versions.ts). */
const OLDER_MICROS = -1.5e15;
const WHICH_COPY = 0x2545f491;

export interface DivergedInput {
  table: TableLayout;
  node: number;
  /** Null: of each row a copy is drawn. */
  nodes: readonly number[] | null;
  share: number;
  key: StreamKey;
  versions: Versions;
  storage: Storage;
  /** The older content of rows by their first slot, made when first needed; null: the copies hold nothing. */
  older: Map<number, number> | null;
}

/** The slots of the node that differ, ascending, and what is in them. */
export function divergedSlots(input: DivergedInput): { slots: Int32Array; ids: Int32Array } {
  const { table, node, older, storage } = input;
  const slots: number[] = [];
  const ids: number[] = [];
  if (input.nodes !== null && !input.nodes.includes(node)) return { slots: new Int32Array(0), ids: new Int32Array(0) };
  const rows = table.slotCount / table.slotsPerRow;
  for (let row = 0; row < rows; row += 1) {
    if (!isDrawn(input, row)) continue;
    const first = table.slotBase + row * table.slotsPerRow;
    const count = older === null ? table.slotsPerRow : table.groups;
    for (let slot = first; slot < first + count; slot += 1) {
      if (storage.heldVersion(node, slot) === NOTHING) continue;
      slots.push(slot);
      ids.push(older === null ? NOTHING : olderVersion(input, first, older));
    }
  }
  return { slots: Int32Array.from(slots), ids: Int32Array.from(ids) };
}

/** Does the node's copy of the row differ? */
function isDrawn({ table, node, nodes, share, key }: DivergedInput, row: number): boolean {
  if (draw32(key.k0, key.k1, row) >= share * TWO_TO_32) return false;
  const ordinal = Math.floor(row / table.rowsPerPartition);
  const copy = copyIndexOf(table, ordinal, node);
  if (copy < 0) return false;
  // Of the copies that there are at the start: what changes of placement add later must not move the draw.
  const copies = table.epochs?.holders[0].copies ?? table.copies;
  return nodes !== null || copy === draw32(key.k0 ^ WHICH_COPY, key.k1, row) % copies;
}

/** One version for all copies of the row that hold it. */
function olderVersion({ table, versions }: DivergedInput, row: number, older: Map<number, number>): number {
  const known = older.get(row);
  if (known !== undefined) return known;
  const version = versions.count;
  versions.count = version + 1;
  const { arrays } = versions;
  const ordinal = Math.floor((row - table.slotBase) / table.slotsPerPartition);
  arrays.issuedAt[version] = OLDER_MICROS;
  arrays.timestamp[version] = OLDER_MICROS;
  arrays.operation[version] = OPERATION.write;
  arrays.groups[version] = (1 << table.groups) - 1;
  arrays.firstSlot[version] = row;
  arrays.rowCount[version] = 1;
  arrays.table[version] = table.index;
  arrays.replicaBase[version] = table.rangeOfOrdinal[ordinal] * table.copies;
  older.set(row, version);
  return version;
}
