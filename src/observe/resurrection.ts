/**
 * By when deleted data may come back: for each row the moment from which a deletion (or an expired cell) that a copy has
 * missed may be purged on the copies that have it, while that copy still shows what it held before. From then on the old
 * data can win: the first zombie can arise (cassandra.h3, cassandra.h7; cassandra.h10 for cells with a TTL). Kept live: one
 * heap a table, told of every row that is judged anew (row-judge.ts). Who is a zombie already is not asked here.
 *
 * A deletion that is still on its way to a copy has not missed it; one for which a hint is stored has, until the hint comes.
 */
import { STATE } from '../data/causes.ts';
import { stateOf } from '../data/fate.ts';
import { BASE, NOTHING } from '../data/versions.ts';
import type { Content } from './content.ts';
import { EXPECTED, HELD, PROMISED, type OracleTable } from './oracle-table.ts';
import { TimeHeap } from './time-heap.ts';

/** By table: the rows at risk and their deadlines. */
export type ResurrectionState = [row: number, micros: number][][];

export class Resurrection {
  readonly #content: Content;
  readonly #heaps: TimeHeap[];
  readonly #deadlines: Map<number, number>[];

  constructor(content: Content, tableCount: number) {
    this.#content = content;
    this.#heaps = Array.from({ length: tableCount }, () => new TimeHeap());
    this.#deadlines = Array.from({ length: tableCount }, () => new Map());
  }

  /** The first deadline of a table, µs, in the past where it has passed; Infinity where no copy is at risk. */
  deadline(table: number): number {
    const heap = this.#heaps[table];
    const deadlines = this.#deadlines[table];
    while (heap.size > 0 && deadlines.get(heap.firstRow) !== heap.firstMicros) heap.pop();
    return heap.size > 0 ? heap.firstMicros : Infinity;
  }

  /** Rows of a table in which a deletion has been missed. */
  rowsAtRisk(table: number): number {
    return this.#deadlines[table].size;
  }

  /** The row has changed. */
  note(table: OracleTable, row: number, now: number): void {
    const deadlines = this.#deadlines[table.index];
    const micros = this.deadlineOf(table, row, now);
    if (micros === (deadlines.get(row) ?? Infinity)) return;
    if (micros === Infinity) deadlines.delete(row);
    else {
      deadlines.set(row, micros);
      this.#heaps[table.index].push(micros, row);
    }
  }

  /** Worked out from the cells; Infinity where nothing can come back. */
  deadlineOf(table: OracleTable, row: number, now: number): number {
    let first = Infinity;
    let cell = table.cellOf(row);
    const base = table.roles === null ? 0 : table.replicaBase(row);
    for (let index = 0; index < table.slotsPerRow; index += 1, cell += table.stride) {
      // The slot of a row's deletion holds nothing that a read could show.
      if (table.isDeletion(index)) continue;
      const expected = table.cells[cell + EXPECTED];
      const promised = table.cells[cell + PROMISED];
      first = Math.min(first, this.#deadlineBy(table, { cell, base }, expected, now));
      // A promised deletion that nobody has any more: what it removed is back, or will be.
      if (promised !== expected && this.#content.newer(promised, expected))
        first = Math.min(first, this.#deadlineBy(table, { cell, base }, promised, now));
    }
    return first;
  }

  /** The row that begins at each of these is at risk; for checks. */
  rows(table: number): ReadonlyMap<number, number> {
    return this.#deadlines[table];
  }

  save(): ResurrectionState {
    return this.#deadlines.map((deadlines) => [...deadlines]);
  }

  load(state: ResurrectionState): void {
    state.forEach((rows, table) => {
      const heap = new TimeHeap();
      this.#deadlines[table] = new Map(rows);
      for (const [row, micros] of rows) heap.push(micros, row);
      this.#heaps[table] = heap;
    });
  }

  /** When this deletion may be purged, should any copy still show something older by then. */
  #deadlineBy(
    table: OracleTable,
    { cell, base }: { cell: number; base: number },
    deletion: number,
    now: number,
  ): number {
    const content = this.#content;
    if (!content.isSpecial(deletion)) return Infinity;
    const micros = content.purgeableAt(deletion, table.gcGraceMicros);
    if (micros === Infinity) return Infinity;
    const from = Math.max(micros, now);
    for (let copy = 0, at = cell + HELD; copy < table.copies; copy += 1, at += 1) {
      const held = table.cells[at];
      if (!table.counts(base, copy)) continue;
      if (held === deletion || held === NOTHING) continue;
      const isOnItsWay = stateOf(table.cells[at + table.toStatus]) === STATE.inFlight;
      if (isOnItsWay && deletion === table.cells[cell + EXPECTED]) continue;
      const isShown = held === BASE || (content.shown(held, from) !== NOTHING && content.newer(deletion, held));
      if (isShown) return micros;
    }
    return Infinity;
  }
}
