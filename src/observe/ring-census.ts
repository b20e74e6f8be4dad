/**
 * Counts, whenever it is asked, the divergent copies of each part of the token ring: by going over the oracle's cells, so that
 * nothing is counted on the way of a record. Where the ring has few ranges a part is a range; else the ring is cut into equal
 * parts, and the partitions of a range that straddles a cut fall where their tokens do. The parts add up to the total, exactly.
 */
import { NO_MEMBER } from '../data/epochs.ts';
import type { LayoutRange, TableLayout } from '../data/layout.ts';
import type { CensusParts } from './census.ts';
import { HELD, type OracleTable } from './oracle-table.ts';
import { RowReader } from './row-reader.ts';
import { RowView } from './row-view.ts';

/** Parts at most; a power of two, because the highest bits of a token tell its part. */
export const RING_PARTS = 32;
const PART_SHIFT = 27;
const HALF = 0x80000000;
const RING_START = -(1n << 63n);
const PART_TOKENS = 1n << 59n;

/** What the parts are: the ring's own ranges, or equal parts of it. */
export type RingFold = 'ranges' | 'parts';

export interface RingPart extends LayoutRange {
  /** Of a range: nodes that hold it, of any table, by index; empty of an equal part, and where placement changes. */
  replicas: number[];
}

export class RingCensus {
  readonly fold: RingFold;
  readonly parts: readonly RingPart[];
  /** Ranges of the ring, of the table with most. */
  readonly ranges: number;
  /** Words that a count goes over. */
  readonly words: number;
  readonly #oracle: CensusParts;
  /** By table: the part of each partition. */
  readonly #partOf: readonly Uint8Array[];
  readonly #reader: RowReader;
  readonly #view: RowView;

  constructor(oracle: CensusParts) {
    const layouts = oracle.tables.map(({ layout }) => layout);
    const ranges = sharedRanges(layouts);
    const [copiesMax, slotsMax] = [Math.max(...layouts.map(copiesOf)), Math.max(...layouts.map(slotsOf))];
    this.#oracle = oracle;
    this.fold = ranges === null ? 'parts' : 'ranges';
    this.parts = ranges === null ? equalParts() : ranges.map((range, index) => partOfRange(layouts, range, index));
    this.ranges = Math.max(...layouts.map((layout) => layout.ranges.length));
    this.words = oracle.tables.reduce((words, { cells }) => words + cells.length, 0);
    this.#partOf = layouts.map((layout) =>
      ranges === null ? equalPartOf(layout) : Uint8Array.from(layout.rangeOfOrdinal),
    );
    this.#reader = new RowReader(oracle.content, copiesMax, slotsMax);
    this.#view = new RowView(copiesMax);
  }

  /** As things stand now, by part. */
  count(): number[] {
    const counts = this.parts.map(() => 0);
    this.#oracle.tables.forEach((table, index) => this.#countTable(table, this.#partOf[index], counts));
    return counts;
  }

  /** One long loop with everything in locals: it goes over all cells of the table, of which nearly all are as expected. */
  #countTable(table: OracleTable, partOf: Uint8Array, counts: number[]): void {
    // As a literal: a constant of a module is looked up anew each time that it is used.
    const AHEAD = 2 satisfies typeof HELD;
    const { cells, copies, stride } = table;
    const rowWords = table.slotsPerRow * stride;
    const rows = table.layout.rowsPerPartition;
    for (let ordinal = 0, start = 0; ordinal < partOf.length; ordinal += 1) {
      for (let row = 0; row < rows; row += 1, start += rowWords) {
        let differs = 0;
        for (let cell = start; cell < start + rowWords; cell += stride) {
          const expected = cells[cell];
          for (let held = cell + AHEAD; held < cell + AHEAD + copies; held += 1) differs |= cells[held] ^ expected;
        }
        if (differs !== 0) counts[partOf[ordinal]] += this.#divergentCopies(table, start);
      }
    }
  }

  /** Of the row whose words begin at `start`. Of plain content those that hold something else differ; else the reader knows. */
  #divergentCopies(table: OracleTable, start: number): number {
    const row = table.slotBase + start / table.stride;
    if (!table.isSpecialRow(row)) return otherCopies(table, row, start);
    this.#reader.read(this.#view, table, row, this.#oracle.now());
    return this.#view.divergentCopies;
  }
}

/** Copies that count and hold, in any slot of the row, another version than is expected. */
function otherCopies(table: OracleTable, row: number, start: number): number {
  const { cells, copies, stride, roles } = table;
  const end = start + table.slotsPerRow * stride;
  const base = roles === null ? 0 : table.replicaBase(row);
  const held = start + HELD;
  let others = 0;
  for (let copy = 0; copy < copies; copy += 1) {
    let cell = start;
    while (cell < end && cells[cell - start + held + copy] === cells[cell]) cell += stride;
    if (cell < end && table.counts(base, copy)) others += 1;
  }
  return others;
}

/** Null where there are too many, or tables have others. */
function sharedRanges(layouts: readonly TableLayout[]): readonly LayoutRange[] | null {
  const [{ ranges }] = layouts;
  if (ranges.length > RING_PARTS) return null;
  const isSame = (other: readonly LayoutRange[]): boolean =>
    other.length === ranges.length && other.every(({ right }, index) => right === ranges[index].right);
  return layouts.every((layout) => isSame(layout.ranges)) ? ranges : null;
}

function partOfRange(layouts: readonly TableLayout[], { left, right }: LayoutRange, index: number): RingPart {
  const all = layouts.flatMap(({ replicas, copies, epochs }) =>
    epochs === undefined ? [...replicas.subarray(index * copies, (index + 1) * copies)] : [],
  );
  return { left, right, replicas: [...new Set(all)].filter((node) => node !== NO_MEMBER) };
}

function equalParts(): RingPart[] {
  return Array.from({ length: RING_PARTS }, (_part, index) => {
    const left = RING_START + BigInt(index) * PART_TOKENS;
    return { left, right: left + PART_TOKENS, replicas: [] };
  });
}

function equalPartOf({ tokenHigh }: TableLayout): Uint8Array {
  return Uint8Array.from(tokenHigh, (high) => (high + HALF) >>> PART_SHIFT);
}

function copiesOf({ copies }: TableLayout): number {
  return copies;
}

function slotsOf({ slotsPerRow }: TableLayout): number {
  return slotsPerRow;
}
