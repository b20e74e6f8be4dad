/**
 * What each kind of record about a version's life does to the oracle's knowledge: the decoded record comes in, the slots
 * it touches are changed, and the row is judged before and after. One method per kind (src/data/records.ts). Whatever
 * the fast path (oracle-fast.ts) can do, this can do as well.
 */
import { assert } from '../base/assert.ts';
import { CAUSE, OUTCOME, STATE, VIA } from '../data/causes.ts';
import { causeOf, latentFate, originOf, outcomeOf, stateOf, viaOf } from '../data/fate.ts';
import { tableOfSlot } from '../data/layout.ts';
import { APPLIED_ONE_SLOT } from '../data/records.ts';
import { FIRST_VERSION, NOTHING, OPERATION, type Versions } from '../data/versions.ts';
import type { Content } from './content.ts';
import type { Ledger } from './ledger.ts';
import type { FastPath } from './oracle-fast.ts';
import { HELD, type OracleTable } from './oracle-table.ts';
import type { RepairEffects } from './repair-effects.ts';
import type { RowJudge } from './row-judge.ts';
import type { SlotChanges } from './slot-changes.ts';
import type { Spreads } from './spreads.ts';

const NO_COPY = -1;

export interface RecordParts {
  content: Content;
  tables: readonly OracleTable[];
  fast: FastPath;
  judge: RowJudge;
  changes: SlotChanges;
  ledger: Ledger;
  effects: RepairEffects;
  spreads: Spreads;
  /** Origins are 0..originCount−1. */
  originCount: number;
}

export class OracleRecords {
  readonly #parts: RecordParts;
  readonly #versions: Versions;
  readonly #content: Content;
  readonly #tables: readonly OracleTable[];
  readonly #fast: FastPath;
  readonly #judge: RowJudge;
  readonly #changes: SlotChanges;

  constructor(parts: RecordParts) {
    this.#parts = parts;
    this.#content = parts.content;
    this.#versions = parts.content.versions;
    this.#tables = parts.tables;
    this.#fast = parts.fast;
    this.#judge = parts.judge;
    this.#changes = parts.changes;
  }

  issued(version: number, row: number): void {
    const table = this.#tables[this.#versions.arrays.table[version]];
    if (this.#content.isSpecial(version)) table.markSpecial(row);
    if (version > this.#fast.newest) this.#fast.newest = version;
    this.#judge.begin(table, row);
    const touched = this.#touched(table, version);
    let overwritten = 0;
    for (let index = 0; index < table.slotsPerRow; index += 1) {
      if (((touched >> index) & 1) === 0) continue;
      if (this.#changes.issue(table, row + index, version)) overwritten |= 1 << index;
      this.#changes.explain(table, row + index, this.#judge.now, NO_COPY, 0);
    }
    this.#judge.overwritten(overwritten);
    this.#judge.end(table, row);
  }

  /** `slot` is the row's first, or the only slot where `detail` has APPLIED_ONE_SLOT. */
  applied(version: number, slot: number, copy: number, detail: number): void {
    const table = version < FIRST_VERSION ? this.tableOf(slot) : this.#tables[this.#versions.arrays.table[version]];
    const via = viaOf(detail);
    const origin = this.#originIn(detail);
    const healer = this.#parts.ledger.healerOf(via, origin);
    const row = table.rowOf(slot);
    const oneSlot = version < FIRST_VERSION || (detail & APPLIED_ONE_SLOT) !== 0;
    const touched = oneSlot ? 1 << (slot - row) : this.#touched(table, version);
    let took = false;
    let wrongSlots: number[] | null = null;
    const { spreads } = this.#parts;
    const { now } = this.#judge;
    if (this.#changesNothing(table, { row, touched }, version, copy)) {
      if (via === VIA.repair) this.#parts.effects.count(origin, took);
      return;
    }
    if (oneSlot && table.isDeletion(slot - row)) table.markSpecial(row);
    this.#judge.begin(table, row);
    for (let index = 0; index < table.slotsPerRow; index += 1) {
      if (((touched >> index) & 1) === 0 || !this.#applySlot(table, row + index, version, copy, detail)) continue;
      took = true;
      spreads.withdraw(row + index, copy, { via, origin, now });
      if (spreads.isWrong(table, row + index, version, now)) (wrongSlots ??= []).push(row + index);
    }
    if (wrongSlots !== null) spreads.note({ table, slots: wrongSlots, version, copy, via, origin, now });
    this.#judge.healedBy(copy, healer, VIA.lost);
    this.#judge.end(table, row);
    if (via === VIA.repair) this.#parts.effects.count(origin, took);
  }

  missed(version: number, row: number, copy: number, status: number): void {
    const table = this.#tables[this.#versions.arrays.table[version]];
    assert(causeOf(status) !== CAUSE.none && stateOf(status) !== STATE.none, 'a missed record without cause or state');
    this.#originIn(status);
    this.#judge.begin(table, row);
    const touched = this.#touched(table, version);
    for (let index = 0; index < table.slotsPerRow; index += 1) {
      if (((touched >> index) & 1) === 0) continue;
      this.#changes.miss(table, row + index, version, copy, status);
      this.#changes.explain(table, row + index, this.#judge.now, NO_COPY, 0);
    }
    this.#judge.healedBy(copy, VIA.lost, VIA.lost);
    this.#judge.end(table, row);
  }

  answered(version: number, row: number, detail: number): void {
    if (outcomeOf(detail) !== OUTCOME.success) return;
    const table = this.#tables[this.#versions.arrays.table[version]];
    this.#judge.begin(table, row);
    const touched = this.#touched(table, version);
    for (let index = 0; index < table.slotsPerRow; index += 1) {
      if (((touched >> index) & 1) !== 0) this.#changes.promise(table, row + index, version);
    }
    this.#judge.healedBy(NO_COPY, VIA.lost, VIA.lost);
    this.#judge.end(table, row);
  }

  /** Content went back or was damaged: the copy holds `held` in this slot now. */
  reverted(held: number, slot: number, copy: number, detail: number): void {
    const status = latentFate(causeOf(detail), this.#originIn(detail));
    assert(causeOf(status) !== CAUSE.none, 'a reverted record without a cause');
    const table = this.tableOf(slot);
    const row = table.rowOf(slot);
    if (this.#content.isSpecial(held) || table.isDeletion(slot - row)) table.markSpecial(row);
    this.#setBack(slot, copy, held, status, VIA.replay);
  }

  /** A tombstone was purged: the copy holds `held` in this slot now. Where a delete leaves nothing behind anyway
   * (Content.stored), a copy that did what it says goes on to show it; that another one did not is no fault of this one. */
  purged(slot: number, copy: number, held: number): void {
    if (held === NOTHING && this.#content.arrival && this.#versions.isTombstone(this.#heldOf(slot, copy))) return;
    this.#setBack(slot, copy, held, latentFate(CAUSE.tombstonePurged), VIA.purged);
  }

  /** From now on the tombstones of the table may be purged after another time: every row that has any is judged anew. */
  gcGraceChanged(index: number, gcGraceMicros: number): void {
    const table = this.#tables[index];
    const before = table.gcGraceMicros;
    if (gcGraceMicros === before) return;
    const end = table.slotBase + table.layout.slotCount;
    for (let row = table.slotBase; row < end; row += table.slotsPerRow) {
      if (!table.isSpecialRow(row)) continue;
      table.gcGraceMicros = before;
      this.#judge.begin(table, row);
      table.gcGraceMicros = gcGraceMicros;
      for (let slot = row; slot < row + table.slotsPerRow; slot += 1)
        this.#changes.explain(table, slot, this.#judge.now, NO_COPY, 0);
      this.#judge.healedBy(NO_COPY, VIA.expired, VIA.expired);
      this.#judge.end(table, row);
    }
    table.gcGraceMicros = gcGraceMicros;
  }

  tableOf(slot: number): OracleTable {
    return tableOfSlot(this.#tables, slot);
  }

  /** Does the copy hold the version, or something newer, in all of these slots? Then at most fates are forgotten that
   * nobody asks for any more, and the row need not be judged. */
  #changesNothing(table: OracleTable, slots: { row: number; touched: number }, version: number, copy: number): boolean {
    for (let index = 0; index < table.slotsPerRow; index += 1) {
      if (((slots.touched >> index) & 1) === 0) continue;
      if (!this.#changes.isUseless(table, slots.row + index, version, copy)) return false;
    }
    return true;
  }

  #applySlot(table: OracleTable, slot: number, version: number, copy: number, detail: number): boolean {
    const status = this.#reasonOfTaking(slot, version, copy, detail);
    const took = this.#changes.apply(table, slot, version, copy);
    this.#changes.explain(table, slot, this.#judge.now, took ? copy : NO_COPY, status);
    return took;
  }

  /** Why the copy will not hold what is expected should it take the version: with order: arrival older content may take its
   * place, out of a queue also content that was deleted since; so may damage that repair spreads. */
  #reasonOfTaking(slot: number, version: number, copy: number, detail: number): number {
    const origin = this.#originIn(detail);
    if (this.#content.isCorrupt(version)) return latentFate(CAUSE.bitRot, origin);
    if (!this.#content.arrival || viaOf(detail) !== VIA.hint) return latentFate(CAUSE.arrivalOrder, origin);
    const waited = originOf(this.#changes.fateOf(slot, copy, version));
    return latentFate(
      this.#versions.isTombstone(this.#heldOf(slot, copy)) ? CAUSE.hintAfterDelete : CAUSE.arrivalOrder,
      waited,
    );
  }

  #heldOf(slot: number, copy: number): number {
    const table = this.tableOf(slot);
    return table.cells[table.cellOf(slot) + HELD + copy];
  }

  #setBack(slot: number, copy: number, held: number, status: number, healer: number): void {
    const table = this.tableOf(slot);
    const row = table.rowOf(slot);
    const cell = table.cellOf(slot);
    const expected = table.cells[cell];
    this.#judge.begin(table, row);
    this.#changes.setBack(table, slot, copy, held, status);
    this.#changes.explain(table, slot, this.#judge.now, NO_COPY, 0);
    const isLost = table.cells[cell] !== expected && healer === VIA.replay;
    this.#judge.healedBy(copy, isLost ? VIA.lost : healer, isLost ? VIA.lost : healer);
    this.#judge.end(table, row);
  }

  /** Slots of a row that the version touches, a bit each by index. */
  #touched(table: OracleTable, version: number): number {
    const { operation, groups } = this.#versions.arrays;
    const all = (1 << table.slotsPerRow) - 1;
    if (table.slotsPerRow === 1) return all;
    const isWide = operation[version] >= OPERATION.deleteRow && operation[version] <= OPERATION.deletePartition;
    return isWide ? all : groups[version] & all;
  }

  #originIn(detail: number): number {
    const origin = originOf(detail);
    if (origin >= this.#parts.originCount) assert(false, `origin ${origin} is not in the plan`);
    return origin;
  }
}
