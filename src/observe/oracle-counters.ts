/**
 * The counters over all rows: how many rows and copies are divergent and with how much entropy, how many copies are
 * wrong and how, what reads would see, and the integrals over time. Rows enter and leave as judgements (row-view.ts).
 * Live counters are plain members, so that the fast path (oracle-fast.ts) can adjust them itself.
 */
import { assert } from '../base/assert.ts';
import { WRONG, WRONGS } from '../data/causes.ts';
import { CopyClasses, type CopyClassesState } from './copy-classes.ts';
import { ANY, ANY_COPY } from './counters.ts';
import { INTEGRAL, Integrals, type IntegralsState } from './integrals.ts';
import type { OracleTable } from './oracle-table.ts';
import type { RowView } from './row-view.ts';

/** Indexes of `scalars`: entropy units; divergent copies of which a read shows nothing, minus copies of which a read would
 * show something else although they store the same; rows with a lost acknowledged version; most divergent copies at the
 * end of any instant, and when. */
export const SCALAR = { units: 0, hiddenCopies: 1, lostRows: 2, peakCopies: 3, peakMicros: 4 } as const;

export interface OracleCountersState {
  integrals: IntegralsState;
  classes: CopyClassesState;
  scalars: Float64Array;
  wrongByNode: Int32Array;
}

export class OracleCounters {
  readonly integrals = new Integrals();
  readonly classes: CopyClasses;
  /** By SCALAR. */
  readonly scalars = new Float64Array(5);
  /** Wrong copies by node * WRONGS + how. */
  readonly wrongByNode: Int32Array;

  constructor(nodes: number, tables: number) {
    this.classes = new CopyClasses(nodes, tables);
    this.wrongByNode = new Int32Array(nodes * WRONGS.length);
  }

  /** The row was judged `before`, now it is `after`; its replicas begin at `replicaBase` of its table's layout. */
  replace(before: RowView, after: RowView, table: OracleTable, replicaBase: number): void {
    for (let copy = 0; copy < table.copies; copy += 1) {
      this.#replaceCopy(before, after, copy, table, table.layout.replicas[replicaBase + copy]);
    }
    const { integrals, scalars } = this;
    integrals.change(INTEGRAL.divergentCopies, after.divergentCopies - before.divergentCopies);
    integrals.change(INTEGRAL.wrongCopies, after.wrongCopies - before.wrongCopies);
    integrals.change(INTEGRAL.divergentRows, oneIf(after.divergentCopies > 0) - oneIf(before.divergentCopies > 0));
    integrals.change(INTEGRAL.wrongRows, oneIf(after.wrongCopies > 0) - oneIf(before.wrongCopies > 0));
    scalars[SCALAR.units] += after.rowUnits - before.rowUnits;
    scalars[SCALAR.hiddenCopies] += after.divergentCopies - after.visibleCopies;
    scalars[SCALAR.hiddenCopies] -= before.divergentCopies - before.visibleCopies;
    scalars[SCALAR.lostRows] += oneIf(after.lost) - oneIf(before.lost);
  }

  /** Copies of which a read would show something else than what is expected. */
  get visibleCopies(): number {
    return this.integrals.count(INTEGRAL.divergentCopies) - this.scalars[SCALAR.hiddenCopies];
  }

  /** Call when an instant is over, before time moves on. */
  notePeak(): void {
    const copies = this.integrals.values[INTEGRAL.divergentCopies];
    if (copies <= this.scalars[SCALAR.peakCopies]) return;
    this.scalars[SCALAR.peakCopies] = copies;
    this.scalars[SCALAR.peakMicros] = this.integrals.now;
  }

  /** Wrong copies; `wrong` is a number of WRONGS or ANY, `node` an index or ANY. */
  wrongWhere(wrong: number, node: number): number {
    if (wrong === ANY && node === ANY) return this.integrals.count(INTEGRAL.wrongCopies);
    return this.#sumWrong(wrong, node);
  }

  /** Every axis adds up to the total, in copies and in entropy: an assertion in every run, at every sample. */
  assertSums(): void {
    const { classes, integrals, scalars } = this;
    const copies = integrals.count(INTEGRAL.divergentCopies);
    const units = scalars[SCALAR.units];
    const everyNode = { ...ANY_COPY, table: 0 };
    let copiesByTable = 0;
    let unitsByTable = 0;
    for (; everyNode.table * classes.nodes < classes.places; everyNode.table += 1) {
      copiesByTable += classes.copiesWhere(everyNode);
      unitsByTable += classes.unitsWhere(everyNode);
    }
    assert(classes.copiesWhere(ANY_COPY) === copies, 'divergent copies by cause and state do not add up to the total');
    assert(classes.unitsWhere(ANY_COPY) === units, 'entropy by cause and state does not add up to the total');
    assert(copiesByTable === copies, 'divergent copies by origin and node do not add up to the total');
    assert(unitsByTable === units, 'entropy by origin and node does not add up to the total');
    assert(this.#sumWrong(ANY, ANY) === integrals.count(INTEGRAL.wrongCopies), 'wrong copies do not add up');
  }

  save(): OracleCountersState {
    return {
      integrals: this.integrals.save(),
      classes: this.classes.save(),
      scalars: this.scalars.slice(),
      wrongByNode: this.wrongByNode.slice(),
    };
  }

  load(state: OracleCountersState): void {
    this.integrals.load(state.integrals);
    this.classes.load(state.classes);
    this.scalars.set(state.scalars);
    this.wrongByNode.set(state.wrongByNode);
  }

  #replaceCopy(before: RowView, after: RowView, copy: number, table: OracleTable, node: number): void {
    const place = table.layout.index * this.classes.nodes + node;
    if (before.status[copy] !== after.status[copy] || before.units[copy] !== after.units[copy]) {
      if (before.status[copy] !== 0) this.classes.add(before.status[copy], place, -1, -before.units[copy]);
      if (after.status[copy] !== 0) this.classes.add(after.status[copy], place, 1, after.units[copy]);
    }
    if (before.wrong[copy] === after.wrong[copy]) return;
    const base = node * WRONGS.length;
    if (before.wrong[copy] !== WRONG.right) this.wrongByNode[base + before.wrong[copy]] -= 1;
    if (after.wrong[copy] !== WRONG.right) this.wrongByNode[base + after.wrong[copy]] += 1;
  }

  #sumWrong(wrong: number, node: number): number {
    const { wrongByNode } = this;
    const from = node === ANY ? 0 : node * WRONGS.length;
    const to = node === ANY ? wrongByNode.length : from + WRONGS.length;
    let total = 0;
    for (let at = from; at < to; at += 1) if (wrong === ANY || at % WRONGS.length === wrong) total += wrongByNode[at];
    return total;
  }
}

function oneIf(condition: boolean): number {
  return condition ? 1 : 0;
}
