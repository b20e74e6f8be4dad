/**
 * What a record changes in the oracle's knowledge of one slot: who holds what, which fate a version met where, and with
 * that which version is expected. Expected is the newest version (order of truth) that can still spread: a copy holds it,
 * or a message or a hint for it is under way; NOTHING can always. Counting is not done here (oracle.ts).
 *
 * Fates of the expected version stand in the cells, of all others in the fate log. A copy that holds a version has no
 * fate for it.
 */
import { CAUSE } from '../data/causes.ts';
import { latentFate } from '../data/fate.ts';
import { NOTHING } from '../data/versions.ts';
import type { Content } from './content.ts';
import { IN_FLIGHT } from './copy-classes.ts';
import { isPending, type FateLog } from './fate-log.ts';
import { HELD, PROMISED, type OracleTable } from './oracle-table.ts';

/** Why a copy lacks a version when neither a fate nor a setback says so: content came back that nobody had sent. */
const UNEXPLAINED = latentFate(CAUSE.oldDataRestored);

export class SlotChanges {
  readonly #content: Content;
  readonly #log: FateLog;

  constructor(content: Content, log: FateLog) {
    this.#content = content;
    this.#log = log;
  }

  get content(): Content {
    return this.#content;
  }

  /** A coordinator sent the version to all copies of the slot. Does it become the expected one? */
  issue(table: OracleTable, slot: number, version: number): boolean {
    const { cells, copies } = table;
    const cell = table.cellOf(slot);
    const rises = this.#content.newer(version, cells[cell]);
    if (rises) this.#expect(table, slot, version);
    const isExpected = cells[cell] === version;
    const base = baseOf(table, slot);
    for (let copy = 0, at = cell + HELD; copy < copies; copy += 1, at += 1) {
      if (cells[at] === version || !table.spreads(base, copy)) continue;
      if (isExpected) cells[at + copies] = IN_FLIGHT;
      else this.#log.set(slot, copy, version, IN_FLIGHT);
    }
    return rises;
  }

  /** The version reached the copy. Did the copy take it? */
  apply(table: OracleTable, slot: number, version: number, copy: number): boolean {
    const { cells, copies } = table;
    const cell = table.cellOf(slot);
    const at = cell + HELD + copy;
    if (cells[cell] === version) cells[at + copies] = 0;
    else this.#log.take(slot, copy, version);
    const took = this.#content.takes(version, cells[at]);
    if (took) cells[at] = version;
    if (cells[at] === version && this.#content.newer(version, cells[cell])) this.#expect(table, slot, version);
    else this.#settle(table, slot);
    return took;
  }

  /**
   * Does it change nothing that the version reached the copy, because it holds the version or a newer one? Then a fate
   * of the version there is forgotten; the expected one is no less able to spread than before.
   */
  isUseless(table: OracleTable, slot: number, version: number, copy: number): boolean {
    const { cells } = table;
    const cell = table.cellOf(slot);
    const held = cells[cell + HELD + copy];
    if (held === version) return true;
    if (cells[cell] === version || this.#content.takes(version, held)) return false;
    this.#log.take(slot, copy, version);
    return true;
  }

  /** Of a version that is not the expected one: why the copy lacks it; 0 where nothing is known. */
  fateOf(slot: number, copy: number, version: number): number {
    return this.#log.get(slot, copy, version);
  }

  /** The version met a fate at the copy and is not there. */
  miss(table: OracleTable, slot: number, version: number, copy: number, status: number): void {
    const { cells, copies } = table;
    const cell = table.cellOf(slot);
    const at = cell + HELD + copy;
    if (cells[at] === version) return;
    if (cells[cell] === version) {
      cells[at + copies] = status;
      this.#settle(table, slot);
      return;
    }
    this.#log.set(slot, copy, version, status);
    if (isPending(status) && this.#content.newer(version, cells[cell])) this.#expect(table, slot, version);
  }

  /** The copy's content went back, or changed in place: it holds `held` now, `status` says why. */
  setBack(table: OracleTable, slot: number, copy: number, held: number, status: number): void {
    const { cells, copies } = table;
    const cell = table.cellOf(slot);
    const at = cell + HELD + copy;
    const old = cells[at];
    if (old === held) return;
    this.#log.setSetback(slot, copy, status);
    cells[at] = held;
    if (cells[cell] === held) cells[at + copies] = 0;
    else this.#log.take(slot, copy, held);
    if (old === cells[cell]) cells[at + copies] = status;
    if (this.#content.newer(held, cells[cell])) this.#expect(table, slot, held);
    else this.#settle(table, slot);
  }

  /** The client was told of success. */
  promise(table: OracleTable, slot: number, version: number): void {
    const at = table.cellOf(slot) + PROMISED;
    if (this.#content.newer(version, table.cells[at])) table.cells[at] = version;
  }

  /** After a change: each copy that differs from what is expected has a status that says why. `taker` (−1: none) is the
   * copy that has just taken a version; should it have given up the expected one for it, then for the reason `status`. */
  explain(table: OracleTable, slot: number, now: number, taker: number, status: number): void {
    const { cells, copies } = table;
    const cell = table.cellOf(slot);
    const base = baseOf(table, slot);
    for (let copy = 0, at = cell + HELD; copy < copies; copy += 1, at += 1) {
      if (cells[at] === cells[cell] || cells[at + copies] !== 0 || !table.counts(base, copy)) continue;
      if (!this.#differs(table, slot, cells[at], now)) continue;
      cells[at + copies] = copy === taker ? status : this.#log.setback(slot, copy) || UNEXPLAINED;
    }
  }

  /** Other nodes replicate the slot's partition than before: what can spread may be another version, and copies that count
   * now and differ do so for the reason `status`, where nothing else is known of them. */
  placed(table: OracleTable, slot: number, now: number, status: number): void {
    const { cells, copies } = table;
    const cell = table.cellOf(slot);
    const newest = this.newestThatSpreads(table, slot);
    if (newest !== cells[cell]) this.#expect(table, slot, newest);
    const base = baseOf(table, slot);
    for (let copy = 0, at = cell + HELD; copy < copies; copy += 1, at += 1) {
      if (cells[at] === cells[cell] || cells[at + copies] !== 0 || !table.counts(base, copy)) continue;
      if (this.#differs(table, slot, cells[at], now)) cells[at + copies] = this.#log.setback(slot, copy) || status;
    }
  }

  /** The newest version that can still spread, worked out from nothing: what `expected` must be. */
  newestThatSpreads(table: OracleTable, slot: number): number {
    const { cells, copies } = table;
    const cell = table.cellOf(slot);
    const base = baseOf(table, slot);
    let newest = NOTHING;
    for (let copy = 0, at = cell + HELD; copy < copies; copy += 1, at += 1) {
      if (table.spreads(base, copy) && this.#content.newer(cells[at], newest)) newest = cells[at];
      if (isPending(cells[at + copies]) && this.#content.newer(cells[cell], newest)) newest = cells[cell];
    }
    for (let entry = this.#log.first(slot); entry >= 0; entry = this.#log.next(entry)) {
      if (!this.#log.isPending(entry)) continue;
      const version = this.#log.versionOf(entry);
      if (this.#content.newer(version, newest)) newest = version;
    }
    return newest;
  }

  #differs(table: OracleTable, slot: number, held: number, now: number): boolean {
    const expected = table.cells[table.cellOf(slot)];
    const { gcGraceMicros } = table;
    const isDeletion = table.isDeletion(slot - table.rowOf(slot));
    return (
      this.#content.storedIn(isDeletion, held, now, gcGraceMicros) !==
      this.#content.storedIn(isDeletion, expected, now, gcGraceMicros)
    );
  }

  /** If the expected version cannot spread any more, the newest that can takes its place. */
  #settle(table: OracleTable, slot: number): void {
    const { cells, copies } = table;
    const cell = table.cellOf(slot);
    const expected = cells[cell];
    if (expected === NOTHING) return;
    const base = baseOf(table, slot);
    for (let copy = 0, at = cell + HELD; copy < copies; copy += 1, at += 1) {
      if ((cells[at] === expected && table.spreads(base, copy)) || isPending(cells[at + copies])) return;
    }
    this.#expect(table, slot, this.newestThatSpreads(table, slot));
  }

  /** Makes `version` the expected one: the fates of the old one go to the log, those of the new one come from it. */
  #expect(table: OracleTable, slot: number, version: number): void {
    const { cells, copies } = table;
    const cell = table.cellOf(slot);
    const old = cells[cell];
    cells[cell] = version;
    for (let copy = 0, at = cell + HELD + copies; copy < copies; copy += 1, at += 1) {
      if (cells[at] !== 0) this.#log.set(slot, copy, old, cells[at]);
      cells[at] = this.#log.take(slot, copy, version);
    }
  }
}

/** Where the replicas of the slot's partition begin; nobody asks where placement never changes. */
function baseOf(table: OracleTable, slot: number): number {
  return table.roles === null ? 0 : table.replicaBase(slot);
}
