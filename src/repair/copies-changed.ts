/**
 * What became of the places of a copy that a repair has written, as far as the order of writes and deletes tells: those that have
 * what they lacked, and those that are worse off, with something older, with nothing, or with what had been deleted. Of
 * databases in which the write that comes last wins, and no write says when it was made.
 */
import type { TableLayout } from '../data/layout.ts';
import { FIRST_VERSION, NOTHING, OPERATION, type Versions } from '../data/versions.ts';

export interface CopiesChanged {
  healed: number;
  reverted: number;
}

export function copiesChanged(
  versions: Versions,
  table: TableLayout,
  { slots, before, after }: { slots: Int32Array; before: Int32Array; after: Int32Array },
): CopiesChanged {
  const deletes = deletesOf(versions, table);
  const changed = { healed: 0, reverted: 0 };
  for (let index = 0; index < slots.length; index += 1) {
    if (after[index] === before[index]) continue;
    const isWorse =
      after[index] === NOTHING || after[index] < before[index] || isDeleted(deletes, slots[index], after[index]);
    if (!isWorse) changed.healed += 1;
    // A point that was there in spite of its delete is no loss.
    else if (before[index] === NOTHING || !isDeleted(deletes, slots[index], before[index]) || after[index] !== NOTHING)
      changed.reverted += 1;
  }
  return changed;
}

interface Delete {
  version: number;
  from: number;
  to: number;
}

/** Deletes of stretches of this table, in the order in which they were asked for. */
function deletesOf({ arrays, count, plain }: Versions, { index, slotsPerRow }: TableLayout): Delete[] {
  const deletes: Delete[] = [];
  for (let version = FIRST_VERSION; version < count && !plain; version += 1) {
    if (arrays.operation[version] !== OPERATION.deleteRange || arrays.table[version] !== index) continue;
    const from = arrays.firstSlot[version];
    deletes.push({ version, from, to: from + arrays.rowCount[version] * slotsPerRow });
  }
  return deletes;
}

function isDeleted(deletes: readonly Delete[], slot: number, version: number): boolean {
  return deletes.some((one) => one.version > version && slot >= one.from && slot < one.to);
}
