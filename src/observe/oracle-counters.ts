/**
 * The counters over all rows: how many rows and copies are divergent and with how much entropy, how many copies are
 * wrong and how, what reads would see, and the integrals over time. Rows enter and leave as judgements (row-view.ts).
 * The live counters lie side by side in one array, in which the fast path (oracle-fast.ts) adjusts them itself.
 */
import { assert } from '../base/assert.ts';
import { WRONG, WRONGS } from '../data/causes.ts';
import { NO_MEMBER } from '../data/epochs.ts';
import { CopyClasses, type CopyClassesState } from './copy-classes.ts';
import { ANY, ANY_COPY } from './counters.ts';
import { INTEGRAL, INTEGRAL_VALUES, Integrals } from './integrals.ts';
import type { OracleTable } from './oracle-table.ts';
import type { RowView } from './row-view.ts';

/** Where in `all`: entropy units; divergent copies of which a read shows nothing, minus copies of which a read would
 * show something else although they store the same; rows with a lost acknowledged version; most divergent copies at the
 * end of any instant, and when. */
export const SCALAR = { units: 12, hiddenCopies: 13, lostRows: 14, peakCopies: 15, peakMicros: 16 } as const;

const NODES_AT = 17;

export interface OracleCountersState {
  all: Float64Array;
  high: number;
  low: number;
  classes: CopyClassesState;
  hintsFor: Float64Array;
}

export class OracleCounters {
  /** The values of integrals, the scalars, wrong copies by node and how, copies and entropy in flight by place. */
  readonly all: Float64Array;
  readonly wrongAt = NODES_AT;
  readonly copiesInFlightAt: number;
  readonly unitsInFlightAt: number;
  // Views of parts of `all`.
  readonly integrals: Integrals;
  /** Wrong copies by node * WRONGS + how. */
  readonly wrongByNode: Float64Array;
  readonly classes: CopyClasses;
  /** Hints stored and not yet delivered, by the node that they are for. */
  readonly hintsFor: Float64Array;
  #hintChanges = 0;
  /** Rises wherever a copy became or ceased to be a zombie or lost, or a row lost. */
  #losses = 0;

  constructor(nodes: number, tables: number) {
    const places = nodes * tables;
    this.copiesInFlightAt = NODES_AT + nodes * WRONGS.length;
    this.unitsInFlightAt = this.copiesInFlightAt + places;
    this.all = new Float64Array(this.unitsInFlightAt + places);
    this.integrals = new Integrals(this.all.subarray(0, INTEGRAL_VALUES));
    this.wrongByNode = this.all.subarray(this.wrongAt, this.copiesInFlightAt);
    const copies = this.all.subarray(this.copiesInFlightAt, this.unitsInFlightAt);
    this.hintsFor = new Float64Array(nodes);
    this.classes = new CopyClasses(nodes, tables, { copies, units: this.all.subarray(this.unitsInFlightAt) });
  }

  /** The row was judged `before`, now it is `after`; its replicas begin at `replicaBase` of its table's layout. */
  replace(before: RowView, after: RowView, table: OracleTable, replicaBase: number): void {
    for (let copy = 0; copy < table.copies; copy += 1) {
      if (table.replicas[replicaBase + copy] === NO_MEMBER) continue;
      this.#replaceCopy(before, after, copy, table, table.layout.replicas[replicaBase + copy]);
    }
    const { integrals, all } = this;
    integrals.change(INTEGRAL.divergentCopies, after.divergentCopies - before.divergentCopies);
    integrals.change(INTEGRAL.wrongCopies, after.wrongCopies - before.wrongCopies);
    integrals.change(INTEGRAL.divergentRows, oneIf(after.divergentCopies > 0) - oneIf(before.divergentCopies > 0));
    integrals.change(INTEGRAL.wrongRows, oneIf(after.wrongCopies > 0) - oneIf(before.wrongCopies > 0));
    all[SCALAR.units] += after.rowUnits - before.rowUnits;
    all[SCALAR.hiddenCopies] += after.divergentCopies - after.visibleCopies;
    all[SCALAR.hiddenCopies] -= before.divergentCopies - before.visibleCopies;
    if (after.lost === before.lost) return;
    all[SCALAR.lostRows] += oneIf(after.lost) - oneIf(before.lost);
    this.#losses += 1;
  }

  /** Rises (by any amount) whenever anything changes that plain writes on their way to all copies do not touch: every
   * divergent copy that is not in flight, its entropy and its episodes; zombies and losses; hints. */
  get rareChanges(): number {
    return this.classes.changes + this.#losses + this.#hintChanges;
  }

  /** So many more hints wait for the node, or fewer. */
  addHints(node: number, hints: number): void {
    this.hintsFor[node] += hints;
    this.#hintChanges += 1;
  }

  /** Hints that wait for the node, or for all with ANY. */
  hintsPending(node: number): number {
    if (node !== ANY) return this.hintsFor[node];
    let total = 0;
    for (let each = 0; each < this.hintsFor.length; each += 1) total += this.hintsFor[each];
    return total;
  }

  /** Copies of which a read would show something else than what is expected. */
  get visibleCopies(): number {
    return this.integrals.count(INTEGRAL.divergentCopies) - this.all[SCALAR.hiddenCopies];
  }

  /** Call when the instant at `micros` is over. */
  notePeak(micros: number): void {
    const copies = this.integrals.values[INTEGRAL.divergentCopies];
    if (copies <= this.all[SCALAR.peakCopies]) return;
    this.all[SCALAR.peakCopies] = copies;
    this.all[SCALAR.peakMicros] = micros;
  }

  /** Wrong copies; `wrong` is a number of WRONGS or ANY, `node` an index or ANY. */
  wrongWhere(wrong: number, node: number): number {
    if (wrong === ANY && node === ANY) return this.integrals.count(INTEGRAL.wrongCopies);
    return this.#sumWrong(wrong, node);
  }

  /** Every axis adds up to the total, in copies and in entropy: an assertion in every run, at every sample. */
  assertSums(): void {
    const { classes, integrals, all } = this;
    const copies = integrals.count(INTEGRAL.divergentCopies);
    const units = all[SCALAR.units];
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
    const { high, low } = this.integrals;
    return { all: this.all.slice(), high, low, classes: this.classes.save(), hintsFor: this.hintsFor.slice() };
  }

  load(state: OracleCountersState): void {
    this.all.set(state.all);
    this.integrals.high = state.high;
    this.integrals.low = state.low;
    this.classes.load(state.classes);
    this.hintsFor.set(state.hintsFor);
  }

  #replaceCopy(before: RowView, after: RowView, copy: number, table: OracleTable, node: number): void {
    const place = table.layout.index * this.classes.nodes + node;
    if (before.status[copy] !== after.status[copy] || before.units[copy] !== after.units[copy]) {
      if (before.status[copy] !== 0) this.classes.add(before.status[copy], place, -1, -before.units[copy]);
      if (after.status[copy] !== 0) this.classes.add(after.status[copy], place, 1, after.units[copy]);
    }
    if (before.wrong[copy] === after.wrong[copy]) return;
    if (before.wrong[copy] >= WRONG.zombie || after.wrong[copy] >= WRONG.zombie) this.#losses += 1;
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
