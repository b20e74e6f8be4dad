/**
 * Judges a row before and after a change and carries the difference into the counters, the ledger and the expiry heap.
 * What changes a row is in slot-changes.ts and oracle-records.ts; how a judgement is reached, in row-reader.ts.
 */
import { Bug } from '../base/assert.ts';
import { VIA } from '../data/causes.ts';
import { causeOf } from '../data/fate.ts';
import type { Content } from './content.ts';
import type { Expiry } from './expiry.ts';
import type { Ledger } from './ledger.ts';
import type { Resurrection } from './resurrection.ts';
import type { OracleCounters } from './oracle-counters.ts';
import { HELD, PROMISED, type OracleTable } from './oracle-table.ts';
import { RowReader } from './row-reader.ts';
import { RowView } from './row-view.ts';

export interface RowJudgeParts {
  content: Content;
  counters: OracleCounters;
  ledger: Ledger;
  expiry: Expiry;
  resurrection: Resurrection;
  tables: readonly OracleTable[];
  runEndMicros: number;
}

export class RowJudge {
  /** How episodes that end with the change are healed: the copy that it is about (−1: none), what healed that one and
   * what healed any other; and the slots of the row, a bit each by index, that a new version has overwritten. */
  #copy = -1;
  #healer = 0;
  #healerOfOthers = 0;
  #overwritten = 0;
  readonly #parts: RowJudgeParts;
  readonly #reader: RowReader;
  readonly #before: RowView;
  readonly #after: RowView;

  constructor(parts: RowJudgeParts) {
    const copiesMax = Math.max(...parts.tables.map((table) => table.copies));
    const slotsMax = Math.max(...parts.tables.map((table) => table.slotsPerRow));
    this.#parts = parts;
    this.#reader = new RowReader(parts.content, copiesMax, slotsMax);
    this.#before = new RowView(copiesMax);
    this.#after = new RowView(copiesMax);
  }

  /** The present, µs. */
  get now(): number {
    return this.#parts.counters.integrals.now;
  }

  /** Call before a change of the row that begins at `row`. */
  begin(table: OracleTable, row: number): void {
    this.#reader.read(this.#before, table, row, this.now);
  }

  /** Between the two: what heals the copy (−1: none) should it be healed now, and what heals others. */
  healedBy(copy: number, healer: number, healerOfOthers: number): void {
    this.#copy = copy;
    this.#healer = healer;
    this.#healerOfOthers = healerOfOthers;
    this.#overwritten = 0;
  }

  /** Between the two: a new version has overwritten these slots of the row, a bit each by index. */
  overwritten(slots: number): void {
    this.healedBy(-1, VIA.overwritten, VIA.overwritten);
    this.#overwritten = slots;
  }

  /** Call after it. */
  end(table: OracleTable, row: number): void {
    const before = this.#before;
    const after = this.#after;
    this.#reader.read(after, table, row, this.now);
    assertExplained(after, table.copies);
    for (let copy = 0; copy < table.copies; copy += 1) this.#enter(copy);
    this.#parts.counters.replace(before, after, table, table.replicaBase(row));
    if (!table.isSpecialRow(row)) return;
    this.#schedule(table, row);
    this.#parts.resurrection.note(table, row, this.now);
  }

  /** The row's content changes by time alone, now. */
  expire(table: OracleTable, row: number): void {
    this.#reader.read(this.#before, table, row, this.now - 1);
    this.healedBy(-1, VIA.expired, VIA.expired);
    this.end(table, row);
  }

  /** Adds every row to counters made anew. A row with nothing but one version everywhere adds nothing. */
  recount(counters: OracleCounters): void {
    const empty = new RowView(this.#before.status.length);
    for (const table of this.#parts.tables) {
      const end = table.slotBase + table.layout.slotCount;
      for (let row = table.slotBase; row < end; row += table.slotsPerRow) {
        if (table.roles === null && isUniform(table, row)) continue;
        this.#reader.read(this.#after, table, row, this.now);
        counters.replace(empty, this.#after, table, table.replicaBase(row));
      }
    }
  }

  /** Opens, moves or ends the copy's episode. */
  #enter(copy: number): void {
    const { counters, ledger } = this.#parts;
    const from = this.#before.status[copy];
    const to = this.#after.status[copy];
    if (from === to && this.#overwritten === 0) return;
    if (from === 0) {
      if (to !== 0) ledger.born[causeOf(to)] += 1;
      return;
    }
    if (to === 0) {
      ledger.heal(causeOf(from), copy === this.#copy ? this.#healer : this.#healerOfOthers);
    } else if ((this.#overwritten >> this.#before.leadSlot[copy]) & 1) {
      ledger.heal(causeOf(from), VIA.overwritten);
      ledger.born[causeOf(to)] += 1;
      counters.classes.changes += 1;
    } else ledger.move(causeOf(from), causeOf(to));
  }

  /** If time alone will change the judgement, have the row judged again then. */
  #schedule(table: OracleTable, row: number): void {
    const { expiry, runEndMicros } = this.#parts;
    let first = Infinity;
    let cell = table.cellOf(row);
    for (let index = 0; index < table.slotsPerRow; index += 1, cell += table.stride) {
      first = Math.min(first, this.#changesAt(table, cell));
    }
    if (first <= runEndMicros) expiry.schedule(row, first);
  }

  #changesAt(table: OracleTable, cell: number): number {
    const { cells, copies } = table;
    const { content } = this.#parts;
    const expected = cells[cell];
    const promised = cells[cell + PROMISED];
    let uniform = !content.newer(promised, expected);
    for (let at = cell + HELD, end = at + copies; at < end; at += 1) if (cells[at] !== expected) uniform = false;
    // Where all copies hold the same and nothing newer was promised, time changes nothing.
    if (uniform) return Infinity;
    const { gcGraceMicros } = table;
    let first = Infinity;
    for (let at = cell, end = cell + HELD + copies; at < end; at += 1) {
      first = Math.min(first, content.changesAfter(cells[at], this.now, gcGraceMicros));
    }
    return first;
  }
}

/** Do all copies of the row hold, in each slot, the version that is expected and promised? */
export function isUniform(table: OracleTable, row: number): boolean {
  const { cells, copies, stride } = table;
  const start = table.cellOf(row);
  for (let cell = start; cell < start + table.slotsPerRow * stride; cell += stride) {
    for (let at = cell + PROMISED; at < cell + HELD + copies; at += 1) if (cells[at] !== cells[cell]) return false;
  }
  return true;
}

/** A status must say why wherever a copy differs. */
function assertExplained(view: RowView, copies: number): void {
  let explained = 0;
  for (let copy = 0; copy < copies; copy += 1) if (view.status[copy] !== 0) explained += 1;
  if (explained !== view.divergentCopies) throw new Bug('a copy differs and nothing says why');
}
