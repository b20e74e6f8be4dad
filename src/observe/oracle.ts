/**
 * The oracle: folds trace records and knows at every moment, for every row and copy, whether it differs from what can
 * still spread and from what clients were promised, because of which fate, and what healed it. Models never see it.
 *
 * This file is its face: time, the loop over records, and what others may ask. A record touches one row: it is judged
 * (row-judge.ts, row-reader.ts), changed (oracle-records.ts, slot-changes.ts) and judged again; healthy writes take a
 * short cut (oracle-fast.ts); rows that change by time alone are judged when that time comes (expiry.ts).
 */
import { Bug } from '../base/assert.ts';
import { VIA } from '../data/causes.ts';
import { causeOf, originOf, stateOf } from '../data/fate.ts';
import type { TableLayout } from '../data/layout.ts';
import { RECORD, RECORD_STRIDE } from '../data/records.ts';
import type { Versions } from '../data/versions.ts';
import type { TraceObserver } from '../kernel/trace.ts';
import { Census, type CensusParts } from './census.ts';
import { Content, type MergeOrder } from './content.ts';
import { ANY, ANY_COPY, type CopyFilter, type LiveCounters, type RecordFold } from './counters.ts';
import { Expiry, type ExpiryState } from './expiry.ts';
import { FateLog, type FateLogState } from './fate-log.ts';
import { endOfInstant, microsOf } from './instants.ts';
import { INTEGRAL } from './integrals.ts';
import { Ledger, type LedgerState } from './ledger.ts';
import { checkOracle, type CheckedParts } from './oracle-check.ts';
import { OracleCounters, SCALAR, type OracleCountersState } from './oracle-counters.ts';
import { FastPath } from './oracle-fast.ts';
import { finalState, type OracleNames } from './oracle-final.ts';
import { changeOwners, changePlacement, rolesOfOwners, type PlacementParts } from './oracle-placement.ts';
import { OracleRecords } from './oracle-records.ts';
import { EXPECTED, HELD, OracleTable, PROMISED } from './oracle-table.ts';
import { RepairEffects } from './repair-effects.ts';
import type { FinalState } from './result.ts';
import { momentsOf, nameOfKind, type RowEvent } from './row-history.ts';
import { RingCensus } from './ring-census.ts';
import { RowJudge } from './row-judge.ts';
import { Resurrection, type ResurrectionState } from './resurrection.ts';
import { SlotChanges } from './slot-changes.ts';
import { Spreads, type SpreadAlarm, type SpreadsState } from './spreads.ts';

const KIND_SHIFT = 20;
const NODE_MASK = 0xffff;
const COPY_SHIFT = 16;
const MICROS_PER_SECOND = 1e6;

export interface OracleOptions {
  versions: Versions;
  tables: readonly TableLayout[];
  nodeCount: number;
  /** Entries of the plan: origins are 1..entryCount, 0 is the workload itself. */
  entryCount: number;
  order: MergeOrder;
  /** Nothing after this time matters. */
  runEndMicros: number;
}

/** Plain data, cloneable. */
export interface OracleState {
  folded: number;
  ignored: number;
  expired: number;
  newest: number;
  cells: Int32Array[];
  special: { any: boolean; rows: Uint8Array }[];
  log: FateLogState;
  expiry: ExpiryState;
  counters: OracleCountersState;
  ledger: LedgerState;
  /** Of placement; 0 where it never changes. */
  epoch: number;
  owners: number[];
  effects: { taken: Float64Array; useless: Float64Array };
  gcGrace: number[];
  resurrection: ResurrectionState;
  spreads: SpreadsState;
}

/** Why a copy of a slot does not hold the expected version; the numbers of src/data/causes.ts, 0 where there is no reason. */
export interface CopyStatus {
  cause: number;
  state: number;
  origin: number;
}

/** What the streams of one repair did. */
export interface RepairEffect {
  /** Row copies that differed and that it healed. */
  healedCopies: number;
  /** Versions of rows that it brought to a copy, and of them those that changed nothing there. */
  appliedRows: number;
  uselessRows: number;
}

export class Oracle implements TraceObserver, LiveCounters {
  /** For whoever moves the fold forward piece by piece. */
  readonly recordFold: RecordFold;
  readonly #tables: OracleTable[];
  readonly #log = new FateLog();
  readonly #expiry = new Expiry();
  readonly #counters: OracleCounters;
  readonly #ledger: Ledger;
  readonly #effects: RepairEffects;
  readonly #resurrection: Resurrection;
  readonly #spreads: Spreads;
  readonly #judge: RowJudge;
  readonly #fast: FastPath;
  readonly #records: OracleRecords;
  readonly #checked: CheckedParts;
  readonly #placed: PlacementParts;
  readonly #watched = new Map<number, RowEvent[]>();
  /** Records, and rows that time alone changed. */
  #folded = 0;
  #expired = 0;
  #epoch = 0;

  constructor({ versions, tables, nodeCount, entryCount, order, runEndMicros }: OracleOptions) {
    const originCount = entryCount + 1;
    const content = new Content(versions, order);
    this.#tables = tables.map((layout) => new OracleTable(layout, nodeCount));
    this.#counters = new OracleCounters(nodeCount, tables.length);
    this.#ledger = new Ledger(originCount);
    this.#effects = new RepairEffects(originCount);
    const shared = { content, tables: this.#tables, counters: this.#counters, ledger: this.#ledger };
    this.#resurrection = new Resurrection(content, tables.length);
    this.#spreads = new Spreads(content, this.#log);
    const { resurrection, spreads } = { resurrection: this.#resurrection, spreads: this.#spreads };
    this.#judge = new RowJudge({ ...shared, expiry: this.#expiry, resurrection, runEndMicros });
    const changes = new SlotChanges(content, this.#log);
    this.#fast = new FastPath({ ...shared, log: this.#log, effects: this.#effects });
    const judged = { ...shared, judge: this.#judge, changes, originCount };
    this.#records = new OracleRecords({ ...judged, fast: this.#fast, effects: this.#effects, spreads });
    this.#checked = { ...judged, nodeCount, resurrection };
    this.#placed = judged;
    this.recordFold = {
      fold: (words, from, to, stopsAtRare) => this.foldWords(words, from, to, stopsAtRare),
      advanceTo: (micros) => this.advance(micros),
    };
  }

  // ---------------------------------------------------------------- time and records

  /** `count` records, in order of time. */
  fold(words: Int32Array, count: number): void {
    this.foldWords(words, 0, count * RECORD_STRIDE);
  }

  /** The records at words [from, to); with `stopsAtRare` only up to the end of an instant with a rare change. Gives where
   * it stopped. */
  foldWords(words: Int32Array, from: number, to: number, stopsAtRare = false): number {
    const watching = this.#watched.size > 0;
    this.#fast.setStopsAtRare(stopsAtRare);
    let end = to;
    let at = from;
    while (at < end) {
      const slow = watching ? at : this.#fast.run(words, at, end, this.#expiry.nextMicros);
      if (!watching) end = this.#fast.stopsAt;
      if (slow === end) break;
      const rareChanges = this.#counters.rareChanges;
      this.#passTo(microsOf(words, slow));
      this.#take(words, slow);
      if (watching) this.#note(words, slow);
      at = slow + RECORD_STRIDE;
      if (stopsAtRare && this.#counters.rareChanges !== rareChanges) end = endOfInstant(words, slow, end);
    }
    this.#folded += (end - from) / RECORD_STRIDE;
    return end;
  }

  /** Lets time pass with no record; rows that change by time alone are judged. */
  advance(micros: number): void {
    this.#passTo(micros);
    this.#counters.assertSums();
  }

  /** A check of the whole state by counting again; throws a Bug where anything differs. */
  check(): void {
    checkOracle(this.#checked);
  }

  // ---------------------------------------------------------------- what each copy holds

  /** Version that copy number `copy` of the slot's replica set holds. */
  heldVersion(slot: number, copy: number): number {
    const table = this.#records.tableOf(slot);
    return table.cells[table.cellOf(slot) + HELD + copy];
  }

  /** The newest version that can still spread. */
  expectedVersion(slot: number): number {
    const table = this.#records.tableOf(slot);
    return table.cells[table.cellOf(slot) + EXPECTED];
  }

  /** The newest version whose client was told success. */
  promisedVersion(slot: number): number {
    const table = this.#records.tableOf(slot);
    return table.cells[table.cellOf(slot) + PROMISED];
  }

  copyStatus(slot: number, copy: number): CopyStatus {
    const table = this.#records.tableOf(slot);
    const status = table.cells[table.cellOf(slot) + HELD + table.copies + copy];
    return { cause: causeOf(status), state: stateOf(status), origin: originOf(status) };
  }

  repairEffects(origin: number): RepairEffect {
    const { taken, useless } = this.#effects;
    return {
      healedCopies: this.#ledger.healedBy(ANY, VIA.repair, origin),
      appliedRows: taken[origin] + useless[origin],
      uselessRows: useless[origin],
    };
  }

  /** The final state of the result document, as things stand now. */
  snapshotFinal(names: OracleNames): FinalState {
    return { ...finalState(this.#counters, this.#ledger, names), resurrection: this.#resurrectionByTable() };
  }

  /** Rows one by one, as things stand whenever it is asked. */
  census(): Census {
    return new Census(this.#asked());
  }

  /** Divergent copies by part of the token ring, as things stand whenever it is asked. */
  ringCensus(): RingCensus {
    return new RingCensus(this.#asked());
  }

  // ---------------------------------------------------------------- LiveCounters

  changes(): number {
    return this.#folded - this.#fast.ignored + this.#expired;
  }

  divergentRows(): number {
    return this.#counters.integrals.count(INTEGRAL.divergentRows);
  }

  divergentCopies(filter: CopyFilter): number {
    if (filter === ANY_COPY) return this.#counters.integrals.count(INTEGRAL.divergentCopies);
    return this.#counters.classes.copiesWhere(filter);
  }

  entropyUnits(filter: CopyFilter): number {
    return this.#counters.classes.unitsWhere(filter);
  }

  visibleDivergentCopies(): number {
    return this.#counters.visibleCopies;
  }

  peak(): { copies: number; micros: number } {
    this.#counters.notePeak(this.#counters.integrals.now);
    const { all } = this.#counters;
    return { copies: all[SCALAR.peakCopies], micros: all[SCALAR.peakMicros] };
  }

  wrongRows(): number {
    return this.#counters.integrals.count(INTEGRAL.wrongRows);
  }

  wrongCopies(wrong: number, node: number): number {
    return this.#counters.wrongWhere(wrong, node);
  }

  lostAcknowledged(): number {
    return this.#counters.all[SCALAR.lostRows];
  }

  /** Episodes born under the cause; ANY for all. */
  bornCopies(cause: number): number {
    if (cause !== ANY) return this.#ledger.born[cause];
    return this.#ledger.born.reduce((total, born) => total + born, 0);
  }

  healedCopies(cause: number, healer: number, repair: number): number {
    return this.#ledger.healedBy(cause, healer, repair);
  }

  hintsPending(node: number): number {
    return this.#counters.hintsPending(node);
  }

  divergentRowMicros(): number {
    return this.#counters.integrals.micros(INTEGRAL.divergentRows);
  }

  divergentCopyMicros(): number {
    return this.#counters.integrals.micros(INTEGRAL.divergentCopies);
  }

  wrongRowMicros(): number {
    return this.#counters.integrals.micros(INTEGRAL.wrongRows);
  }

  wrongCopyMicros(): number {
    return this.#counters.integrals.micros(INTEGRAL.wrongCopies);
  }

  nowMicros(): number {
    return this.#counters.integrals.now;
  }

  resurrectionDeadline(table: number): number {
    if (table !== ANY) return this.#resurrection.deadline(table);
    return this.#tables.reduce((first, { index }) => Math.min(first, this.#resurrection.deadline(index)), Infinity);
  }

  zombiesSpread(repair: number, table: number, node: number): number {
    return this.#spreads.copies(repair, table, node);
  }

  /** Wrong copies by what brought them, and the first alarms in order of time. */
  spreads(origins: readonly string[]): { by: Record<string, number>; alarms: readonly SpreadAlarm[] } {
    this.#spreads.settle();
    return { by: this.#spreads.byBringer(origins), alarms: this.#spreads.alarms };
  }

  // ---------------------------------------------------------------- watch, snapshot

  /** From now on keeps the history of the row that this slot belongs to. */
  watchRow(slot: number): void {
    const row = this.#records.tableOf(slot).rowOf(slot);
    if (!this.#watched.has(row)) this.#watched.set(row, []);
  }

  /** What happened to a watched row, in order. */
  history(slot: number): readonly RowEvent[] {
    return this.#watched.get(this.#records.tableOf(slot).rowOf(slot)) ?? [];
  }

  /** Everything but the watches. */
  save(): OracleState {
    return {
      folded: this.#folded,
      ignored: this.#fast.ignored,
      expired: this.#expired,
      newest: this.#fast.newest,
      cells: this.#tables.map((table) => table.cells.slice()),
      special: this.#tables.map((table) => ({ any: table.special, rows: table.specialRows.slice() })),
      log: this.#log.save(),
      expiry: this.#expiry.save(),
      counters: this.#counters.save(),
      ledger: this.#ledger.save(),
      epoch: this.#epoch,
      owners: this.#tables.map(({ owners }) => owners),
      effects: this.#effects.save(),
      gcGrace: this.#tables.map(({ gcGraceMicros }) => gcGraceMicros),
      resurrection: this.#resurrection.save(),
      spreads: this.#spreads.save(),
    };
  }

  load(state: OracleState): void {
    this.#folded = state.folded;
    this.#fast.ignored = state.ignored;
    this.#expired = state.expired;
    this.#fast.newest = state.newest;
    this.#tables.forEach((table, index) => {
      table.cells.set(state.cells[index]);
      table.special = state.special[index].any;
      table.specialRows.set(state.special[index].rows);
    });
    this.#log.load(state.log);
    this.#expiry.load(state.expiry);
    this.#counters.load(state.counters);
    this.#ledger.load(state.ledger);
    this.#epoch = state.epoch;
    this.#tables.forEach((table, index) => {
      table.owners = state.owners[index];
      const byEpoch = table.layout.epochs?.roles[state.epoch] ?? null;
      table.roles = table.owners === 0 ? byEpoch : rolesOfOwners(table.owners, table.copies);
    });
    this.#effects.load(state.effects);
    state.gcGrace.forEach((micros, index) => (this.#tables[index].gcGraceMicros = micros));
    this.#resurrection.load(state.resurrection);
    this.#spreads.load(state.spreads);
  }

  // ---------------------------------------------------------------- inside

  #asked(): CensusParts {
    const { content } = this.#checked.changes;
    return { content, tables: this.#tables, log: this.#log, now: () => this.#counters.integrals.now };
  }

  #resurrectionByTable(): FinalState['resurrection'] {
    const tables: FinalState['resurrection'] = {};
    for (const { index, layout } of this.#tables) {
      const deadline = this.#resurrection.deadline(index);
      if (deadline === Infinity) continue;
      tables[layout.id] = { margin_micros: deadline - this.nowMicros(), rows: this.#resurrection.rowsAtRisk(index) };
    }
    return tables;
  }

  #take(words: Int32Array, at: number): void {
    const copy = words[at + 2] >>> COPY_SHIFT;
    const a = words[at + 3];
    const b = words[at + 4];
    const c = words[at + 5];
    switch (words[at + 1] >>> KIND_SHIFT) {
      case RECORD.issued:
        return this.#records.issued(a, b);
      case RECORD.applied:
        return this.#records.applied(a, b, copy, c);
      case RECORD.missed:
        this.#fast.noteHint(words, at);
        return this.#records.missed(a, b, copy, c);
      case RECORD.answered:
        return this.#records.answered(a, b, c);
      case RECORD.reverted:
        return this.#records.reverted(a, b, copy, c);
      case RECORD.purged:
        return this.#records.purged(b, copy, c);
      case RECORD.placementChanged:
        this.#epoch = a;
        return changePlacement(this.#placed, a, b);
      case RECORD.shardOwnersChanged:
        return changeOwners(this.#placed, a, c, b);
      case RECORD.gcGraceChanged:
        return this.#records.gcGraceChanged(a, c * MICROS_PER_SECOND);
      default:
        // Rejected: nothing was ever sent. Or not about a version's life.
        if (!this.#fast.noteHints(words, at)) this.#fast.ignored += 1;
    }
  }

  /** Moves time on, judging every row that is due on the way at its own time. */
  #passTo(micros: number): void {
    const { integrals } = this.#counters;
    if (micros < integrals.now) throw new Bug(`time goes back from ${integrals.now} to ${micros} µs`);
    while (this.#expiry.nextMicros <= micros) {
      this.#moveTo(this.#expiry.nextMicros);
      const row = this.#expiry.take();
      const table = this.#records.tableOf(row);
      this.#expired += 1;
      this.#judge.expire(table, row);
      const slots = momentsOf(table, row);
      this.#watched
        .get(row)
        ?.push({ micros: integrals.now, name: 'expired', node: 0, copy: 0, version: 0, detail: 0, slots });
    }
    this.#moveTo(micros);
  }

  #moveTo(micros: number): void {
    const { integrals } = this.#counters;
    if (micros === integrals.now) return;
    this.#counters.notePeak(integrals.now);
    integrals.moveTo(micros);
  }

  /** Adds the record to the history of its row, if that is watched. */
  #note(words: Int32Array, at: number): void {
    const kind = words[at + 1] >>> KIND_SHIFT;
    if (kind > RECORD.purged) return;
    const table = this.#records.tableOf(words[at + 4]);
    const row = table.rowOf(words[at + 4]);
    this.#watched.get(row)?.push({
      micros: this.#counters.integrals.now,
      name: nameOfKind(kind),
      node: words[at + 2] & NODE_MASK,
      copy: words[at + 2] >>> COPY_SHIFT,
      version: words[at + 3],
      detail: words[at + 5],
      slots: momentsOf(table, row),
    });
  }
}
