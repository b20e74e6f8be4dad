/** Damage of single copies: rows of one node vanish, or hold another value under the same timestamp. */
import { copyIndexOf, ordinalOfSlot } from '../data/build-layout.ts';
import { CAUSE } from '../data/causes.ts';
import type { TableLayout } from '../data/layout.ts';
import { RECORD } from '../data/records.ts';
import { NOTHING, OPERATION, type Versions } from '../data/versions.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { draw32, type StreamKey } from '../kernel/random.ts';
import type { Trace } from '../kernel/trace.ts';
import type { Storage } from '../replica/storage.ts';
import type { PlanEntry } from '../scenario/plan.ts';
import type { PlanNumbers } from './build-cluster.ts';

export interface DamageOptions {
  kernel: Kernel;
  trace: Trace;
  versions: Versions;
  tables: readonly TableLayout[];
  numbers: PlanNumbers;
  storage: Storage;
  /** Key of the draws that say whether a damaged value is larger than the right one. */
  damageKey: StreamKey;
}

export function damageCopy(
  options: DamageOptions,
  entry: Extract<PlanEntry, { kind: 'damageCopy' }>,
  origin: number,
): void {
  const { kernel, trace, tables, numbers, storage } = options;
  const node = numbers.nodeOf.get(entry.node) ?? 0;
  const table = tables.find(({ id }) => id === entry.table);
  if (table === undefined) return;
  trace.record(kernel.now, RECORD.rowDamaged, node, 0, origin, table.index, entry.keys.length);
  const slots = heldSlots(storage, table, { node, keys: entry.keys });
  const versions = slots.map((slot) =>
    entry.what === 'missing' ? NOTHING : corrupted(options, { table, slot, node }),
  );
  storage.damage(node, table.index, slots, versions);
  slots.forEach((slot, index) => {
    const copy = copyIndexOf(table, ordinalOfSlot(table, slot), node);
    trace.record(kernel.now, RECORD.reverted, node, copy, versions[index], slot, CAUSE.bitRot | (origin << 8));
  });
}

/** A version with the timestamp of what it replaces and another value: as often smaller as larger. */
function corrupted(
  { versions, storage, damageKey }: DamageOptions,
  { table, slot, node }: { table: TableLayout; slot: number; node: number },
): number {
  const { arrays } = versions;
  const held = storage.heldVersion(node, slot);
  const version = versions.count;
  versions.count = version + 1;
  const offset = (slot - table.slotBase) % table.slotsPerRow;
  arrays.issuedAt[version] = arrays.issuedAt[held];
  arrays.timestamp[version] = arrays.timestamp[held];
  arrays.operation[version] = OPERATION.corrupt;
  arrays.index[version] = draw32(damageKey.k0 + node, damageKey.k1, slot) & 1;
  arrays.groups[version] = offset < table.groups ? 1 << offset : 0;
  arrays.firstSlot[version] = slot - offset;
  arrays.rowCount[version] = 1;
  arrays.table[version] = table.index;
  arrays.ttlSeconds[version] = arrays.ttlSeconds[held];
  return version;
}

/** The slots of these keys in which the node holds anything, ascending. */
function heldSlots(storage: Storage, table: TableLayout, of: { node: number; keys: readonly number[] }): Int32Array {
  const slots: number[] = [];
  for (const ordinal of new Set(of.keys.map((key) => table.ordinalOfKey[key]))) {
    if (copyIndexOf(table, ordinal, of.node) < 0) continue;
    const first = table.slotBase + ordinal * table.slotsPerPartition;
    for (let slot = first; slot < first + table.slotsPerPartition; slot += 1)
      if (storage.heldVersion(of.node, slot) !== NOTHING) slots.push(slot);
  }
  return Int32Array.from(slots).sort((low, high) => low - high);
}
