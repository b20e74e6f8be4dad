/**
 * What the oracle knows of one table: for every slot the expected and the promised version and, per copy, the version
 * held and the fate of the expected version there. One Int32Array; a slot is `stride` words side by side, so that a
 * record touches one or two cache lines. Only storage and addressing; what changes and why is in oracle.ts.
 */
import { ROLE } from '../data/epochs.ts';
import type { TableLayout } from '../data/layout.ts';
import { entropyUnits } from './entropy-units.ts';

/** Words of a slot before those per copy. */
export const EXPECTED = 0;
export const PROMISED = 1;
export const HELD = 2;

export class OracleTable {
  readonly layout: TableLayout;
  readonly copies: number;
  readonly slotsPerRow: number;
  /** Then a row is one slot, or two: the second for its deletion. */
  readonly hasOneGroup: boolean;
  readonly index: number;
  readonly slotBase: number;
  readonly replicas: Uint16Array;
  /** What the members of each range are now, at [range * copies + copy]; null where placement never changes: then all count. */
  roles: Uint8Array | null;
  /** The copies that count now, a bit each, where they changed one by one and not by epoch; 0: they have not. */
  owners = 0;
  /** Place of node 0 for this table (copy-classes.ts). */
  readonly firstPlace: number;
  /** expected, promised, held by copy 0.., status of copy 0.. */
  readonly cells: Int32Array;
  readonly stride: number;
  /** From a copy's held word to its status word. */
  readonly toStatus: number;
  /** Now: a statement may change it in the run, and the layout's own is the models' present, not that of the records. */
  gcGraceMicros: number;
  /** Has a version that is more than plain content (tombstone, TTL, damage) ever touched the table? And which rows: a bit
   * each, by the number of the row's first slot within the table. The deletion of any other row is as it was loaded. */
  special = false;
  readonly specialRows: Uint8Array;
  /** Of a row of which m copies hold one content and the others another, from 3m on: the entropy; the same per copy of
   * the others, rounded down; and what the lowest of them gets on top. */
  readonly split: Float64Array;

  constructor(layout: TableLayout, nodeCount: number) {
    const { copies } = layout;
    this.layout = layout;
    this.copies = copies;
    this.slotsPerRow = layout.slotsPerRow;
    this.hasOneGroup = layout.groups === 1;
    this.index = layout.index;
    this.gcGraceMicros = layout.gcGraceMicros;
    this.slotBase = layout.slotBase;
    this.replicas = layout.replicas;
    this.roles = layout.epochs?.roles[0] ?? null;
    this.firstPlace = layout.index * nodeCount;
    this.stride = HELD + 2 * copies;
    this.toStatus = copies;
    this.cells = new Int32Array(layout.slotCount * this.stride);
    this.specialRows = new Uint8Array((layout.slotCount >> 3) + 1);
    if (layout.initialVersion !== 0) this.#fill(layout.initialVersion);
    this.split = new Float64Array((copies + 1) * 3);
    for (let part = 1; part < copies; part += 1) this.#prepare(part);
  }

  /** Position of a slot's words. */
  cellOf(slot: number): number {
    return (slot - this.slotBase) * this.stride;
  }

  /** First slot of the slot's row. */
  rowOf(slot: number): number {
    return slot - ((slot - this.slotBase) % this.slotsPerRow);
  }

  /** Has the row that begins at the slot ever seen more than plain content? */
  isSpecialRow(row: number): boolean {
    const bit = row - this.slotBase;
    return this.special && ((this.specialRows[bit >> 3] >> (bit & 7)) & 1) === 1;
  }

  markSpecial(row: number): void {
    const bit = row - this.slotBase;
    this.special = true;
    this.specialRows[bit >> 3] |= 1 << (bit & 7);
  }

  /** Where the replicas of the slot's partition begin in `layout.replicas`. */
  replicaBase(slot: number): number {
    const { layout } = this;
    return layout.rangeOfOrdinal[Math.floor((slot - this.slotBase) / layout.slotsPerPartition)] * this.copies;
  }

  /** Does the copy count: is its node a natural replica now? `base`: where the replicas of its partition begin. */
  counts(base: number, copy: number): boolean {
    return this.roles === null || this.roles[base + copy] === ROLE.natural;
  }

  /** Can what the copy holds spread: is its node a replica, or about to be? */
  spreads(base: number, copy: number): boolean {
    return this.roles === null || this.roles[base + copy] !== ROLE.none;
  }

  /** Is this slot of a row (by index) the deletion of the row? It is never shown and starts empty. */
  isDeletion(index: number): boolean {
    return index >= this.layout.groups;
  }

  #fill(version: number): void {
    const { cells, stride, copies } = this;
    for (let cell = 0; cell < cells.length; cell += stride) {
      for (let word = 0; word < HELD + copies; word += 1) cells[cell + word] = version;
      if (this.roles !== null) this.#emptyOthers(cell);
    }
  }

  /** Who is no replica when the run begins has nothing. */
  #emptyOthers(cell: number): void {
    const base = this.replicaBase(this.slotBase + cell / this.stride);
    for (let copy = 0; copy < this.copies; copy += 1) if (!this.counts(base, copy)) this.cells[cell + HELD + copy] = 0;
  }

  #prepare(part: number): void {
    const units = entropyUnits(this.copies, [part, this.copies - part], 2);
    const others = this.copies - part;
    this.split[part * 3] = units;
    this.split[part * 3 + 1] = Math.floor(units / others);
    this.split[part * 3 + 2] = units % others;
  }
}
