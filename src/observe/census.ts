/**
 * Looks at rows one by one as they stand at one moment: which copies differ or are wrong, under which status, with which
 * fate. What the counters of the oracle sum, this tells singly; it changes nothing. A copy that is wrong but does not
 * differ (all copies agree on what clients were not promised) has the fate of the promised version there.
 */
import { CAUSE, WRONG } from '../data/causes.ts';
import { withoutState } from '../data/fate.ts';
import { tableOfSlot } from '../data/layout.ts';
import { NOTHING } from '../data/versions.ts';
import type { Content } from './content.ts';
import type { FateLog } from './fate-log.ts';
import { EXPECTED, HELD, PROMISED, type OracleTable } from './oracle-table.ts';
import { isUniform } from './row-judge.ts';
import { RowReader } from './row-reader.ts';
import { RowView } from './row-view.ts';

/** A copy of a row that differs from what is expected, or is wrong. Reused: valid during the visit only. */
export interface FoundCopy {
  table: number;
  /** First slot of the row. */
  row: number;
  copy: number;
  node: number;
  /** Does it differ from what can still spread? */
  divergent: boolean;
  /** Does any copy of the row? */
  rowDiffers: boolean;
  /** cause | state << 6 | origin << 8; the state is 0 where it does not differ. */
  status: number;
  /** A number of WRONGS. */
  wrong: number;
  lost: boolean;
  /** The slot that tells: the one with the newest expected version that it lacks, or with the promise that it breaks. */
  slot: number;
  expected: number;
  promised: number;
  held: number;
}

export interface CensusParts {
  content: Content;
  tables: readonly OracleTable[];
  log: FateLog;
  now: () => number;
}

export class Census {
  readonly #parts: CensusParts;
  readonly #reader: RowReader;
  readonly #view: RowView;
  readonly #found: FoundCopy;

  constructor(parts: CensusParts) {
    const copiesMax = Math.max(...parts.tables.map(({ copies }) => copies));
    const slotsMax = Math.max(...parts.tables.map(({ slotsPerRow }) => slotsPerRow));
    this.#parts = parts;
    this.#reader = new RowReader(parts.content, copiesMax, slotsMax);
    this.#view = new RowView(copiesMax);
    this.#found = {
      ...{
        table: 0,
        row: 0,
        copy: 0,
        node: 0,
        divergent: false,
        rowDiffers: false,
        status: 0,
        wrong: WRONG.right,
        lost: false,
      },
      ...{ slot: 0, expected: NOTHING, promised: NOTHING, held: NOTHING },
    };
  }

  /** Every copy that differs or is wrong, by row in order of slots, then by copy. */
  forEach(visit: (found: FoundCopy) => void): void {
    for (const table of this.#parts.tables) {
      const end = table.slotBase + table.layout.slotCount;
      for (let row = table.slotBase; row < end; row += table.slotsPerRow) {
        if (!isUniform(table, row)) this.#visitRow(table, row, visit);
      }
    }
  }

  /** The same for the copies of one row. */
  ofRow(row: number, visit: (found: FoundCopy) => void): void {
    this.#visitRow(tableOfSlot(this.#parts.tables, row), row, visit);
  }

  /** Does the copy differ, or is it wrong? */
  isAmiss(row: number, copy: number): boolean {
    const table = tableOfSlot(this.#parts.tables, row);
    if (isUniform(table, row)) return false;
    this.#reader.read(this.#view, table, row, this.#parts.now());
    return this.#view.status[copy] !== 0 || this.#view.wrong[copy] !== WRONG.right;
  }

  /** Virtual time from which the version may be purged in this table, µs; Infinity where it never may. */
  purgeableAt(table: number, version: number): number {
    const { content, tables } = this.#parts;
    return content.purgeableAt(version, tables[table].layout.gcGraceMicros);
  }

  #visitRow(table: OracleTable, row: number, visit: (found: FoundCopy) => void): void {
    this.#reader.read(this.#view, table, row, this.#parts.now());
    const { status, wrong } = this.#view;
    const base = table.replicaBase(row);
    for (let copy = 0; copy < table.copies; copy += 1) {
      if (status[copy] === 0 && wrong[copy] === WRONG.right) continue;
      this.#describe(table, row, copy);
      this.#found.node = table.replicas[base + copy];
      visit(this.#found);
    }
  }

  #describe(table: OracleTable, row: number, copy: number): void {
    const found = this.#found;
    const view = this.#view;
    const divergent = view.status[copy] !== 0;
    const slot = divergent ? row + view.leadSlot[copy] : this.#brokenPromise(table, row, copy);
    const cell = table.cellOf(slot);
    found.table = table.index;
    found.row = row;
    found.copy = copy;
    found.divergent = divergent;
    found.rowDiffers = view.divergentCopies > 0;
    found.wrong = view.wrong[copy];
    found.lost = view.lost;
    found.slot = slot;
    found.expected = table.cells[cell + EXPECTED];
    found.promised = table.cells[cell + PROMISED];
    found.held = table.cells[cell + HELD + copy];
    found.status = divergent ? view.status[copy] : this.#fateOfPromise(slot, copy, found);
  }

  /** The slot in which the copy lacks what was promised; the row's first if it is none. */
  #brokenPromise(table: OracleTable, row: number, copy: number): number {
    const { content } = this.#parts;
    for (let slot = row; slot < row + table.layout.groups; slot += 1) {
      const cell = table.cellOf(slot);
      const held = table.cells[cell + HELD + copy];
      if (held !== table.cells[cell + PROMISED] && content.newer(table.cells[cell + PROMISED], held)) return slot;
    }
    return row;
  }

  /** 0 where nothing says it: a repair may have brought another content. */
  #fateOfPromise(slot: number, copy: number, { promised, held }: FoundCopy): number {
    const { log, content } = this.#parts;
    const known = log.get(slot, copy, promised) || log.setback(slot, copy);
    if (known !== 0) return withoutState(known);
    return content.isCorrupt(held) ? CAUSE.bitRot : CAUSE.none;
  }
}
