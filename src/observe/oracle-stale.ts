/**
 * Plain writes on rows of which a copy is behind, because its node is down or a hint is still to come: what a record does
 * there, without judging the row before and after. Each method does one kind of record of the row's newest version, or
 * does nothing and says no; then the slow path (oracle-records.ts) does it, with the same counters. Only rows of one
 * column group that never held anything but plain writes; time must have been moved on already.
 */
import { CAUSE, VIA, WRONG, WRONGS } from '../data/causes.ts';
import { causeOf, originOf, stateOf, viaOf } from '../data/fate.ts';
import { NOTHING } from '../data/versions.ts';
import type { Content } from './content.ts';
import { IN_FLIGHT } from './copy-classes.ts';
import { isPending, type FateLog } from './fate-log.ts';
import { INTEGRAL } from './integrals.ts';
import type { Ledger } from './ledger.ts';
import { SCALAR, type OracleCounters } from './oracle-counters.ts';
import { HELD, PROMISED, type OracleTable } from './oracle-table.ts';
import { PlainRowReader } from './plain-row.ts';
import type { RepairEffects } from './repair-effects.ts';

export interface StalePathParts {
  content: Content;
  tables: readonly OracleTable[];
  counters: OracleCounters;
  ledger: Ledger;
  log: FateLog;
  effects: RepairEffects;
}

export class StalePath {
  readonly #parts: StalePathParts;
  readonly #content: Content;
  readonly #reader: PlainRowReader;

  constructor(parts: StalePathParts) {
    this.#parts = parts;
    this.#content = parts.content;
    this.#reader = new PlainRowReader(parts.content, Math.max(...parts.tables.map((table) => table.copies)));
  }

  /** A version that nobody has seen before becomes the expected one: every copy that was behind is so anew. */
  issued(table: OracleTable, slot: number, version: number): boolean {
    const { cells, copies } = table;
    const { ledger, log, counters } = this.#parts;
    const cell = table.cellOf(slot);
    const old = cells[cell];
    if (!this.#content.newerPlain(version, old) || this.#isNewer(cells[cell + PROMISED], old)) return false;
    const divergent = this.#count(table, slot, -1);
    cells[cell] = version;
    for (let copy = 0, at = cell + HELD; copy < copies; copy += 1, at += 1) {
      const status = cells[at + copies];
      if (status !== 0) log.set(slot, copy, old, status);
      if (cells[at] !== old) ledger.heal(causeOf(status), VIA.overwritten);
      cells[at + copies] = IN_FLIGHT;
    }
    this.#count(table, slot, 1);
    ledger.born[CAUSE.inFlight] += copies;
    counters.integrals.change(INTEGRAL.divergentCopies, copies - divergent);
    if (divergent === 0) counters.integrals.change(INTEGRAL.divergentRows, 1);
    return true;
  }

  /** The expected version reaches a copy that does not hold it. */
  applied(table: OracleTable, slot: number, copy: number, detail: number): boolean {
    const { cells, copies } = table;
    const { ledger, counters, effects } = this.#parts;
    const cell = table.cellOf(slot);
    const own = cell + HELD + copy;
    const old = cells[own];
    const origin = originOf(detail);
    if (origin >= effects.taken.length || (slot - table.slotBase) % table.slotsPerRow !== 0) return false;
    if (this.#isNewer(cells[cell + PROMISED], cells[cell])) return false;
    const via = viaOf(detail);
    const divergent = this.#count(table, slot, -1);
    ledger.heal(causeOf(cells[own + copies]), ledger.healerOf(via, origin));
    if (this.#isBehind(old, cells[cell + PROMISED])) this.#rights(table, slot, copy);
    cells[own] = cells[cell];
    cells[own + copies] = 0;
    this.#count(table, slot, 1);
    counters.integrals.change(INTEGRAL.divergentCopies, -1);
    if (divergent === 1) counters.integrals.change(INTEGRAL.divergentRows, -1);
    if (via === VIA.repair) effects.count(origin, true);
    return true;
  }

  /** The expected version met a fate at a copy that does not hold it. */
  missed(table: OracleTable, slot: number, copy: number, status: number): boolean {
    const { cells, copies } = table;
    const cell = table.cellOf(slot);
    const own = cell + HELD + copy;
    const before = cells[own + copies];
    if (causeOf(status) === CAUSE.none || stateOf(status) === 0) return false;
    if (originOf(status) >= this.#parts.effects.taken.length) return false;
    if (!isPending(status) && !this.#spreadsWithout(table, cell, own)) return false;
    this.#count(table, slot, -1);
    cells[own + copies] = status;
    this.#count(table, slot, 1);
    this.#parts.ledger.move(causeOf(before), causeOf(status));
    return true;
  }

  /** The client was told of success of the expected version: whoever was right and does not hold it is wrong now. */
  answered(table: OracleTable, slot: number): boolean {
    const { cells, copies, replicas } = table;
    const { integrals, wrongByNode } = this.#parts.counters;
    const cell = table.cellOf(slot);
    const promised = cells[cell + PROMISED];
    if (!this.#content.newerPlain(cells[cell], promised)) return false;
    const replica = table.replicaBase(slot);
    let wrong = 0;
    let wrongBefore = 0;
    for (let copy = 0, at = cell + HELD; copy < copies; copy += 1, at += 1) {
      const held = cells[at];
      if (held === cells[cell]) continue;
      if (this.#isBehind(held, promised)) wrongBefore += 1;
      else {
        wrong += 1;
        wrongByNode[replicas[replica + copy] * WRONGS.length + howBehind(held)] += 1;
      }
    }
    cells[cell + PROMISED] = cells[cell];
    integrals.change(INTEGRAL.wrongCopies, wrong);
    if (wrong > 0 && wrongBefore === 0) integrals.change(INTEGRAL.wrongRows, 1);
    return true;
  }

  /** A copy that held less than promised is about to hold the newest. */
  #rights(table: OracleTable, slot: number, copy: number): void {
    const { cells, copies, replicas } = table;
    const { integrals, wrongByNode } = this.#parts.counters;
    const cell = table.cellOf(slot);
    const node = replicas[table.replicaBase(slot) + copy];
    wrongByNode[node * WRONGS.length + howBehind(cells[cell + HELD + copy])] -= 1;
    integrals.change(INTEGRAL.wrongCopies, -1);
    for (let other = 0; other < copies; other += 1) {
      if (other !== copy && this.#isBehind(cells[cell + HELD + other], cells[cell + PROMISED])) return;
    }
    integrals.change(INTEGRAL.wrongRows, -1);
  }

  /** Adds the row's divergent copies and its entropy to the classes, `sign` times; gives how many copies they are. */
  #count(table: OracleTable, slot: number, sign: 1 | -1): number {
    const { cells, copies, replicas, firstPlace } = table;
    const { classes, all } = this.#parts.counters;
    const cell = table.cellOf(slot);
    const expected = cells[cell];
    let divergent = 0;
    for (let at = cell + HELD, end = at + copies; at < end; at += 1) if (cells[at] !== expected) divergent += 1;
    if (divergent === 0) return 0;
    const units = this.#reader.unitsOf(table, cell);
    const share = Math.floor(units / divergent);
    let rest = units - share * divergent;
    const replica = table.replicaBase(slot);
    for (let copy = 0, at = cell + HELD; copy < copies; copy += 1, at += 1) {
      if (cells[at] === expected) continue;
      classes.add(cells[at + copies], firstPlace + replicas[replica + copy], sign, sign * (share + rest));
      rest = 0;
    }
    all[SCALAR.units] += sign * units;
    return divergent;
  }

  /** Can the expected version spread from elsewhere than this copy? */
  #spreadsWithout({ cells, copies }: OracleTable, cell: number, own: number): boolean {
    for (let at = cell + HELD, end = at + copies; at < end; at += 1) {
      if (cells[at] === cells[cell] || (at !== own && isPending(cells[at + copies]))) return true;
    }
    return false;
  }

  #isBehind(held: number, promised: number): boolean {
    return held !== promised && !this.#content.newerPlain(held, promised);
  }

  #isNewer(version: number, other: number): boolean {
    return version !== other && this.#content.newerPlain(version, other);
  }
}

function howBehind(held: number): number {
  return held === NOTHING ? WRONG.missing : WRONG.stale;
}
