/**
 * Judges a row of one column group that has never held anything but plain writes: what is stored and shown is the
 * version itself, and its deletion, if there is one, is the same everywhere. The result is what row-reader.ts would give,
 * in one pass over the copies: by far most rows are judged here.
 */
import { WRONG } from '../data/causes.ts';
import { NOTHING } from '../data/versions.ts';
import type { Content } from './content.ts';
import { entropyUnits } from './entropy-units.ts';
import { HELD, PROMISED, type OracleTable } from './oracle-table.ts';
import type { RowView } from './row-view.ts';

export class PlainRowReader {
  readonly #content: Content;
  /** Of groups of copies that hold the same: the version, and how many they are. */
  readonly #versions: Int32Array;
  readonly #sizes: Uint8Array;

  constructor(content: Content, copiesMax: number) {
    this.#content = content;
    this.#versions = new Int32Array(copiesMax);
    this.#sizes = new Uint8Array(copiesMax);
  }

  /** The row whose only slot of content has its words at `cell`. */
  read(view: RowView, table: OracleTable, cell: number): void {
    const { cells, copies, toStatus } = table;
    const { status, leadSlot, leadVersion, units, visible } = view;
    const expected = cells[cell];
    let divergent = 0;
    for (let copy = 0, at = cell + HELD; copy < copies; copy += 1, at += 1) {
      const differs = cells[at] !== expected;
      status[copy] = differs ? cells[at + toStatus] : 0;
      visible[copy] = differs ? 1 : 0;
      units[copy] = 0;
      leadSlot[copy] = 0;
      leadVersion[copy] = expected;
      if (differs) divergent += 1;
    }
    view.divergentCopies = divergent;
    view.visibleCopies = divergent;
    view.rowUnits = 0;
    if (divergent > 0) this.#shareEntropy(view, table, cell);
    this.#judgeWrong(view, table, cell);
  }

  #judgeWrong(view: RowView, { cells, copies }: OracleTable, cell: number): void {
    const content = this.#content;
    const promised = cells[cell + PROMISED];
    const { wrong } = view;
    const lost = promised !== cells[cell] && content.newerPlain(promised, cells[cell]);
    let wrongCopies = 0;
    for (let copy = 0, at = cell + HELD; copy < copies; copy += 1, at += 1) {
      const held = cells[at];
      wrong[copy] = WRONG.right;
      if (held === promised || content.newerPlain(held, promised)) continue;
      wrong[copy] = lost ? WRONG.lost : held === NOTHING ? WRONG.missing : WRONG.stale;
      wrongCopies += 1;
    }
    view.lost = lost;
    view.wrongCopies = wrongCopies;
  }

  /** Evenly over the divergent copies, the remainder to the lowest. */
  #shareEntropy(view: RowView, table: OracleTable, cell: number): void {
    const { cells, copies } = table;
    const { units } = view;
    const expected = cells[cell];
    const rowUnits = this.unitsOf(table, cell);
    const share = Math.floor(rowUnits / view.divergentCopies);
    let rest = rowUnits - share * view.divergentCopies;
    view.rowUnits = rowUnits;
    if (rowUnits === 0) return;
    for (let copy = 0, at = cell + HELD; copy < copies; copy += 1, at += 1) {
      if (cells[at] === expected) continue;
      units[copy] = share + rest;
      rest = 0;
    }
  }

  /** Entropy of the split into groups of copies that hold the same. */
  unitsOf({ cells, copies, split }: OracleTable, cell: number): number {
    const versions = this.#versions;
    const sizes = this.#sizes;
    let groups = 0;
    for (let at = cell + HELD, end = at + copies; at < end; at += 1) {
      const held = cells[at];
      let group = 0;
      while (group < groups && versions[group] !== held) group += 1;
      if (group === groups) {
        versions[group] = held;
        sizes[group] = 0;
        groups += 1;
      }
      sizes[group] += 1;
    }
    if (groups === 1) return 0;
    return groups === 2 ? split[sizes[0] * 3] : entropyUnits(copies, sizes, groups);
  }
}
