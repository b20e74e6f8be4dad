/**
 * Divergent copies and their entropy, counted per class: (status, table, node), where a status is cause | state << 6 |
 * origin << 8. Copies in flight, by far the most frequent, have arrays of their own, in which the fast path
 * (oracle-fast.ts) counts too; other statuses get rows of a dense matrix in order of appearance. Sums over any axis come
 * from here, so they cannot disagree; all are of whole numbers.
 */
import { causeOf, originOf, stateOf } from '../data/fate.ts';
import { ANY, type CopyFilter } from './counters.ts';

/** Status of a copy to which the expected version is on its way: CAUSE.inFlight | STATE.inFlight << 6. */
export const IN_FLIGHT = 65;
const STATE_SHIFT = 6;
/** Causes there may be, and statuses without their origin. */
const CAUSES_MAX = 1 << STATE_SHIFT;
const CAUSE_STATE_MASK = 255;
const FIRST_STATUSES = 16;

export interface CopyClassesState {
  statuses: number[];
  copies: Float64Array;
  units: Float64Array;
}

/** Counts by place, which is table * nodes + node. */
export interface PlaceCounts {
  copies: Float64Array;
  units: Float64Array;
}

export class CopyClasses {
  readonly nodes: number;
  /** Tables times nodes. */
  readonly places: number;
  /** Rises with every change to copies that are not in flight. */
  changes = 0;
  readonly #inFlight: PlaceCounts;
  /** Not in flight, by row * places + place. */
  #copies: Float64Array;
  #units: Float64Array;
  /** Not in flight, by cause | state << 6. */
  readonly #copiesByCauseState = new Float64Array(CAUSE_STATE_MASK + 1);
  readonly #unitsByCauseState = new Float64Array(CAUSE_STATE_MASK + 1);
  /** Status of each row of the matrix. */
  readonly #statuses: number[] = [];
  readonly #rowOf = new Map<number, number>();
  /** The status asked for last, and its row: mostly the next one's as well. */
  #lastStatus = -1;
  #lastRow = 0;

  constructor(nodes: number, tables: number, inFlight: PlaceCounts) {
    this.nodes = nodes;
    this.places = nodes * tables;
    this.#inFlight = inFlight;
    this.#copies = new Float64Array(FIRST_STATUSES * this.places);
    this.#units = new Float64Array(FIRST_STATUSES * this.places);
  }

  add(status: number, place: number, copies: number, units: number): void {
    if (status === IN_FLIGHT) {
      this.#inFlight.copies[place] += copies;
      this.#inFlight.units[place] += units;
      return;
    }
    this.changes += 1;
    const at = this.#rowFor(status) * this.places + place;
    this.#copies[at] += copies;
    this.#units[at] += units;
    this.#copiesByCauseState[status & CAUSE_STATE_MASK] += copies;
    this.#unitsByCauseState[status & CAUSE_STATE_MASK] += units;
  }

  copiesWhere(filter: CopyFilter): number {
    const inFlight = matches(IN_FLIGHT, filter) ? this.#sumPlaces(filter, this.#inFlight.copies, 0) : 0;
    return inFlight + this.#sumRows(filter, this.#copies, this.#copiesByCauseState);
  }

  unitsWhere(filter: CopyFilter): number {
    const inFlight = matches(IN_FLIGHT, filter) ? this.#sumPlaces(filter, this.#inFlight.units, 0) : 0;
    return inFlight + this.#sumRows(filter, this.#units, this.#unitsByCauseState);
  }

  /** But for those in flight, which are saved with the arrays that were given. */
  save(): CopyClassesState {
    return { statuses: this.#statuses.slice(), copies: this.#copies.slice(), units: this.#units.slice() };
  }

  load(state: CopyClassesState): void {
    this.#statuses.length = 0;
    this.#rowOf.clear();
    this.#lastStatus = -1;
    this.#copies = new Float64Array(state.copies.length);
    this.#units = new Float64Array(state.units.length);
    this.#copiesByCauseState.fill(0);
    this.#unitsByCauseState.fill(0);
    state.statuses.forEach((status, row) => {
      for (let place = 0; place < this.places; place += 1) {
        const at = row * this.places + place;
        this.add(status, place, state.copies[at], state.units[at]);
      }
    });
  }

  /** Rows of the matrix by cause, state and origin; of each the columns by node and table. */
  #sumRows(filter: CopyFilter, matrix: Float64Array, byCauseState: Float64Array): number {
    if (filter.node === ANY && filter.origin === ANY && filter.table === ANY) {
      return sumByCauseState(filter, byCauseState);
    }
    let total = 0;
    for (let row = 0; row < this.#statuses.length; row += 1) {
      if (matches(this.#statuses[row], filter)) total += this.#sumPlaces(filter, matrix, row * this.places);
    }
    return total;
  }

  #sumPlaces(filter: CopyFilter, matrix: Float64Array, base: number): number {
    const { nodes, places } = this;
    const from = filter.table === ANY ? 0 : filter.table * nodes;
    const to = filter.table === ANY ? places : from + nodes;
    let total = 0;
    if (filter.node === ANY) for (let place = from; place < to; place += 1) total += matrix[base + place];
    else for (let place = from + filter.node; place < to; place += nodes) total += matrix[base + place];
    return total;
  }

  #rowFor(status: number): number {
    if (status === this.#lastStatus) return this.#lastRow;
    this.#lastRow = this.#rowOf.get(status) ?? this.#newRow(status);
    this.#lastStatus = status;
    return this.#lastRow;
  }

  #newRow(status: number): number {
    const row = this.#statuses.length;
    this.#statuses.push(status);
    this.#rowOf.set(status, row);
    if ((row + 1) * this.places > this.#copies.length) this.#grow();
    return row;
  }

  #grow(): void {
    const copies = this.#copies;
    const units = this.#units;
    this.#copies = new Float64Array(copies.length * 2);
    this.#units = new Float64Array(units.length * 2);
    this.#copies.set(copies);
    this.#units.set(units);
  }
}

function matches(status: number, { cause, state, origin }: CopyFilter): boolean {
  if (origin !== ANY && originOf(status) !== origin) return false;
  return (cause === ANY || causeOf(status) === cause) && (state === ANY || stateOf(status) === state);
}

function sumByCauseState({ cause, state }: CopyFilter, byCauseState: Float64Array): number {
  if (cause !== ANY && state !== ANY) return byCauseState[cause | (state << STATE_SHIFT)];
  let total = 0;
  const step = cause === ANY ? 1 : CAUSES_MAX;
  const from = (cause === ANY ? 0 : cause) + (state === ANY ? 0 : state << STATE_SHIFT);
  const to = state === ANY ? CAUSE_STATE_MASK + 1 : (state + 1) << STATE_SHIFT;
  for (let at = from; at < to; at += step) total += byCauseState[at];
  return total;
}
