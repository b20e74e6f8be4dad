/**
 * Judges one row at one moment from the oracle's cells: which copies differ from what can still spread and under which
 * status, which are wrong and how, what a read would see, how much entropy there is and how it is shared out. A row copy
 * is divergent if any of its slots is; its status is that of the divergent slot with the newest expected version. It is
 * wrong in the gravest way that any of its slots is.
 */
import { WRONG } from '../data/causes.ts';
import { NOTHING } from '../data/versions.ts';
import type { Content } from './content.ts';
import { entropyUnits } from './entropy-units.ts';
import { EXPECTED, HELD, PROMISED, type OracleTable } from './oracle-table.ts';
import { PlainRowReader } from './plain-row.ts';
import type { RowView } from './row-view.ts';

/** Fills views. Has scratch space of its own; one reader serves all tables. */
export class RowReader {
  readonly #content: Content;
  /** What each copy stores in each slot of the row, at [slot index * copies + copy]. */
  readonly #stored: Int32Array;
  readonly #divergent: Uint8Array;
  readonly #groupOf: Uint8Array;
  readonly #sizes: Uint8Array;
  /** 1 for each copy that counts (OracleTable.counts). */
  readonly #counted: Uint8Array;
  #allCount = true;
  readonly #plain: PlainRowReader;

  constructor(content: Content, copiesMax: number, slotsPerRowMax: number) {
    this.#content = content;
    this.#plain = new PlainRowReader(content, copiesMax);
    this.#stored = new Int32Array(copiesMax * slotsPerRowMax);
    this.#divergent = new Uint8Array(copiesMax);
    this.#groupOf = new Uint8Array(copiesMax);
    this.#sizes = new Uint8Array(copiesMax);
    this.#counted = new Uint8Array(copiesMax).fill(1);
  }

  /** The row that begins at global slot `row`, at virtual time `now`. */
  read(view: RowView, table: OracleTable, row: number, now: number): void {
    const { copies, slotsPerRow, stride } = table;
    const special = table.isSpecialRow(row);
    if (!special && table.hasOneGroup && table.roles === null) {
      this.#plain.read(view, table, table.cellOf(row));
      return;
    }
    this.#lookWhoCounts(table, row);
    view.lost = false;
    for (let copy = 0; copy < copies; copy += 1) {
      view.status[copy] = 0;
      view.wrong[copy] = WRONG.right;
      view.visible[copy] = 0;
      view.units[copy] = 0;
      this.#divergent[copy] = 0;
    }
    let cell = table.cellOf(row);
    for (let index = 0; index < slotsPerRow; index += 1, cell += stride) {
      if (table.isDeletion(index)) this.#readDeletion(view, table, cell, index, now);
      else if (special) this.#readSpecial(view, table, cell, index, now);
      else this.#readPlain(view, table, cell, index);
    }
    this.#count(view, copies);
    this.#shareEntropy(view, copies, slotsPerRow);
  }

  #lookWhoCounts(table: OracleTable, row: number): void {
    if (table.roles === null) {
      if (!this.#allCount) this.#counted.fill(1);
      this.#allCount = true;
      return;
    }
    const base = table.replicaBase(row);
    for (let copy = 0; copy < table.copies; copy += 1) this.#counted[copy] = table.counts(base, copy) ? 1 : 0;
    this.#allCount = false;
  }

  /** A slot of a row that has seen nothing but plain writes: what is stored and shown is the version itself. */
  #readPlain(view: RowView, table: OracleTable, cell: number, index: number): void {
    const { cells, copies, toStatus } = table;
    const content = this.#content;
    const expected = cells[cell + EXPECTED];
    const promised = cells[cell + PROMISED];
    const lost = promised !== expected && content.newerPlain(promised, expected);
    if (lost) view.lost = true;
    for (let copy = 0, at = cell + HELD; copy < copies; copy += 1, at += 1) {
      if (this.#counted[copy] === 0) continue;
      const held = cells[at];
      this.#stored[index * copies + copy] = held;
      if (held !== expected) {
        this.#diverges(view, copy, index, expected, cells[at + toStatus]);
        view.visible[copy] = 1;
      }
      if (held === promised || content.newerPlain(held, promised)) continue;
      gravest(view, copy, lost ? WRONG.lost : held === NOTHING ? WRONG.missing : WRONG.stale);
    }
  }

  /** A slot that may hold tombstones, cells with a TTL or damage. */
  #readSpecial(view: RowView, table: OracleTable, cell: number, index: number, now: number): void {
    const { cells, copies, toStatus } = table;
    const { gcGraceMicros } = table;
    const content = this.#content;
    const expected = cells[cell + EXPECTED];
    const expectedStored = content.stored(expected, now, gcGraceMicros);
    const expectedShown = content.shown(expected, now);
    const lost = this.#isLost(cells[cell + PROMISED], expected, now, gcGraceMicros);
    if (lost) view.lost = true;
    for (let copy = 0, at = cell + HELD; copy < copies; copy += 1, at += 1) {
      if (this.#counted[copy] === 0) continue;
      const held = cells[at];
      const stored = content.stored(held, now, gcGraceMicros);
      this.#stored[index * copies + copy] = stored;
      if (stored !== expectedStored) this.#diverges(view, copy, index, expected, cells[at + toStatus]);
      if (content.shown(held, now) !== expectedShown) view.visible[copy] = 1;
      gravest(view, copy, this.#wrongOf(held, cells[cell + PROMISED], { lost, now, gcGraceMicros }));
    }
  }

  /** The deletion of a row is never shown by itself, and a loaded row has none. */
  #readDeletion(view: RowView, table: OracleTable, cell: number, index: number, now: number): void {
    const { cells, copies, toStatus } = table;
    const { gcGraceMicros } = table;
    const expected = cells[cell + EXPECTED];
    const expectedStored = this.#content.storedIn(true, expected, now, gcGraceMicros);
    for (let copy = 0, at = cell + HELD; copy < copies; copy += 1, at += 1) {
      if (this.#counted[copy] === 0) continue;
      const stored = this.#content.storedIn(true, cells[at], now, gcGraceMicros);
      this.#stored[index * copies + copy] = stored;
      if (stored !== expectedStored) this.#diverges(view, copy, index, expected, cells[at + toStatus]);
    }
  }

  #isLost(promised: number, expected: number, now: number, gcGraceMicros: number): boolean {
    const content = this.#content;
    return content.newer(promised, expected) && now < content.losableUntil(promised, gcGraceMicros);
  }

  /** How a copy that holds `held` differs from what clients were promised. Newer than promised is right. What a copy shows
   * in spite of a promised delete is stale as long as the delete will win wherever it comes; once it may be purged, the
   * data can win instead: a zombie (cassandra.h3). */
  #wrongOf(
    held: number,
    promised: number,
    { lost, now, gcGraceMicros }: { lost: boolean; now: number; gcGraceMicros: number },
  ): number {
    const content = this.#content;
    if (held === promised || (!content.isCorrupt(held) && content.newer(held, promised))) return WRONG.right;
    const shown = content.shown(held, now);
    const promisedShown = content.shown(promised, now);
    if (shown === promisedShown) return WRONG.right;
    if (lost) return WRONG.lost;
    if (promisedShown === NOTHING && content.stored(promised, now, gcGraceMicros) === NOTHING) return WRONG.zombie;
    return shown === NOTHING ? WRONG.missing : WRONG.stale;
  }

  #diverges(view: RowView, copy: number, index: number, expected: number, status: number): void {
    if (this.#divergent[copy] === 1 && !this.#content.newer(expected, view.leadVersion[copy])) return;
    this.#divergent[copy] = 1;
    view.status[copy] = status;
    view.leadSlot[copy] = index;
    view.leadVersion[copy] = expected;
  }

  #count(view: RowView, copies: number): void {
    let divergent = 0;
    let wrong = 0;
    let visible = 0;
    for (let copy = 0; copy < copies; copy += 1) {
      divergent += this.#divergent[copy];
      visible += view.visible[copy];
      if (view.wrong[copy] !== WRONG.right) wrong += 1;
    }
    view.divergentCopies = divergent;
    view.wrongCopies = wrong;
    view.visibleCopies = visible;
  }

  /** Entropy of the split into groups of equal content, evenly over the divergent copies, the remainder to the lowest. */
  #shareEntropy(view: RowView, copies: number, slotsPerRow: number): void {
    view.rowUnits = 0;
    if (view.divergentCopies === 0) return;
    const groups = this.#group(copies, slotsPerRow);
    let counted = 0;
    for (let copy = 0; copy < copies; copy += 1) counted += this.#counted[copy];
    const units = entropyUnits(counted, this.#sizes, groups);
    view.rowUnits = units;
    const share = Math.floor(units / view.divergentCopies);
    let rest = units - share * view.divergentCopies;
    for (let copy = 0; copy < copies; copy += 1) {
      if (this.#divergent[copy] === 0) continue;
      view.units[copy] = share + rest;
      rest = 0;
    }
  }

  /** Sizes of the groups of copies that store the same in all slots; gives their number. */
  #group(copies: number, slotsPerRow: number): number {
    let groups = 0;
    for (let copy = 0; copy < copies; copy += 1) {
      if (this.#counted[copy] === 0) continue;
      let other = 0;
      while (other < copy && !(this.#counted[other] === 1 && this.#sameContent(copy, other, copies, slotsPerRow)))
        other += 1;
      if (other === copy) {
        this.#sizes[groups] = 0;
        this.#groupOf[copy] = groups;
        groups += 1;
      } else this.#groupOf[copy] = this.#groupOf[other];
      this.#sizes[this.#groupOf[copy]] += 1;
    }
    return groups;
  }

  #sameContent(copy: number, other: number, copies: number, slotsPerRow: number): boolean {
    for (let at = 0; at < copies * slotsPerRow; at += copies) {
      if (this.#stored[at + copy] !== this.#stored[at + other]) return false;
    }
    return true;
  }
}

function gravest(view: RowView, copy: number, wrong: number): void {
  if (wrong > view.wrong[copy]) view.wrong[copy] = wrong;
}
