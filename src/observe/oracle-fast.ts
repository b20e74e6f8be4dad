/**
 * The healthy life of a plain write on a clean row, without judging the row anew: issued, applied by every copy,
 * answered. `run` takes records as long as they are of this sort and stops at the first that is not; the slow path
 * (oracle-records.ts) then does that one. Both give the same counters: `Oracle.check` would tell.
 *
 * Clean means: all copies hold the expected version, which is also the promised one; no fates. From there to the last
 * delivery a copy holds either the old version or the new one, which is on its way to it. Only rows of one column group;
 * where rows can be deleted, the deletion must be the same on all copies, so that it tells none of them apart. This is
 * the one place where speed comes before looks: a record costs some tens of nanoseconds, so calls and lookups are few.
 */
import { CAUSE, OUTCOME, VIA, WRONG, WRONGS } from '../data/causes.ts';
import { RECORD, RECORD_STRIDE } from '../data/records.ts';
import { NOTHING, type VersionArrays } from '../data/versions.ts';
import type { Content } from './content.ts';
import { IN_FLIGHT } from './copy-classes.ts';
import { INTEGRAL } from './integrals.ts';
import type { Ledger } from './ledger.ts';
import { SCALAR, type OracleCounters } from './oracle-counters.ts';
import { HELD, PROMISED, type OracleTable } from './oracle-table.ts';

const TIME_HIGH = 1 << 20;
const TIME_LOW_MASK = TIME_HIGH - 1;
const KIND_SHIFT = 20;
const COPY_SHIFT = 16;
const OUTCOME_MASK = 255;
const NOT_SIMPLE = -1;

export class FastPath {
  /** Largest version issued so far: one above it was certainly never seen. */
  newest = 0;
  /** Records so far that were not about a version's life. */
  ignored = 0;
  readonly #content: Content;
  readonly #arrays: VersionArrays;
  readonly #tables: readonly OracleTable[];
  readonly #counters: OracleCounters;
  readonly #ledger: Ledger;

  constructor(content: Content, tables: readonly OracleTable[], counters: OracleCounters, ledger: Ledger) {
    this.#content = content;
    this.#arrays = content.versions.arrays;
    this.#tables = tables;
    this.#counters = counters;
    this.#ledger = ledger;
  }

  /** Takes the records at words [from, to) up to the first that is not simple, or not before `untilMicros`; gives where
   * that one is. */
  run(words: Int32Array, from: number, to: number, untilMicros: number): number {
    const { integrals } = this.#counters;
    for (let at = from; at < to; at += RECORD_STRIDE) {
      const high = words[at];
      const low = words[at + 1] & TIME_LOW_MASK;
      if (low !== integrals.low || high !== integrals.high) {
        const isPast = high < integrals.high || (high === integrals.high && low < integrals.low);
        if (isPast || high * TIME_HIGH + low >= untilMicros) return at;
        this.#counters.notePeak();
        integrals.high = high;
        integrals.low = low;
      }
      const kind = words[at + 1] >>> KIND_SHIFT;
      if (kind === RECORD.applied) {
        if (!this.#applied(words, at)) return at;
      } else if (kind === RECORD.issued) {
        if (!this.#issued(words, at)) return at;
      } else if (kind === RECORD.answered) {
        if (!this.#answered(words, at)) return at;
      } else if (kind <= RECORD.purged && kind !== RECORD.rejected) return at;
      else this.ignored += 1;
    }
    return to;
  }

  /** The first attempt of a version that was never seen before. */
  #issued(words: Int32Array, at: number): boolean {
    const version = words[at + 3];
    const arrays = this.#arrays;
    const table = this.#tables[arrays.table[version]];
    if (version <= this.newest || !table.hasOneGroup) return false;
    if ((arrays.operation[version] | arrays.ttlSeconds[version]) !== 0) return false;
    const { cells, copies, replicas, firstPlace } = table;
    const cell = (words[at + 4] - table.slotBase) * table.stride;
    const old = cells[cell];
    const held = cell + HELD;
    let unclean = old ^ cells[cell + PROMISED];
    for (let word = held; word < held + copies; word += 1) unclean |= (cells[word] ^ old) | cells[word + copies];
    if (table.slotsPerRow > 1) unclean |= unevenDeletion(table, cell);
    if (unclean !== 0 || (table.special && this.#content.isSpecial(old))) return false;
    if (!this.#content.newerPlain(version, old)) return false;
    this.newest = version;
    cells[cell] = version;
    const { classes, integrals } = this.#counters;
    const inFlight = classes.copies;
    const replica = arrays.replicaBase[version];
    for (let copy = 0; copy < copies; copy += 1) {
      cells[held + copies + copy] = IN_FLIGHT;
      inFlight[firstPlace + replicas[replica + copy]] += 1;
    }
    integrals.change(INTEGRAL.divergentRows, 1);
    integrals.change(INTEGRAL.divergentCopies, copies);
    this.#ledger.born[CAUSE.inFlight] += copies;
    return true;
  }

  #applied(words: Int32Array, at: number): boolean {
    const version = words[at + 3];
    const via = words[at + 5];
    const table = this.#tables[this.#arrays.table[version]];
    if (via >= VIA.overwritten || via === VIA.repair || !table.hasOneGroup) return false;
    const { cells, copies } = table;
    const cell = (words[at + 4] - table.slotBase) * table.stride;
    const copy = words[at + 2] >>> COPY_SHIFT;
    const own = cell + HELD + copy;
    const old = cells[own];
    const holders = holdersOf(table, cell, version, old);
    if (holders === NOT_SIMPLE || (table.special && this.#areSpecial(version, old))) return false;
    const replica = this.#arrays.replicaBase[version];
    this.#moveEntropy(table, cell, copy, holders, replica);
    cells[own] = version;
    cells[own + copies] = 0;
    const { classes, integrals, wrongByNode } = this.#counters;
    const node = table.replicas[replica + copy];
    classes.copies[table.firstPlace + node] -= 1;
    integrals.change(INTEGRAL.divergentCopies, -1);
    this.#ledger.healed[CAUSE.inFlight * this.#ledger.healers + via] += 1;
    if (holders + 1 === copies) integrals.change(INTEGRAL.divergentRows, -1);
    if (cells[cell + PROMISED] !== version) return true;
    wrongByNode[node * WRONGS.length + wrongOf(old)] -= 1;
    integrals.change(INTEGRAL.wrongCopies, -1);
    if (holders + 1 === copies) integrals.change(INTEGRAL.wrongRows, -1);
    return true;
  }

  #answered(words: Int32Array, at: number): boolean {
    if ((words[at + 5] & OUTCOME_MASK) !== OUTCOME.success) return true;
    const version = words[at + 3];
    const table = this.#tables[this.#arrays.table[version]];
    if (!table.hasOneGroup) return false;
    const { cells, copies } = table;
    const cell = (words[at + 4] - table.slotBase) * table.stride;
    const promised = cells[cell + PROMISED];
    if (promised === version) return true;
    const holders = holdersOf(table, cell, version, promised);
    if (holders === NOT_SIMPLE || (table.special && this.#areSpecial(version, promised))) return false;
    if (!this.#content.newerPlain(version, promised)) return false;
    cells[cell + PROMISED] = version;
    if (holders === copies) return true;
    const { integrals, wrongByNode } = this.#counters;
    const replica = this.#arrays.replicaBase[version];
    for (let copy = 0; copy < copies; copy += 1) {
      if (cells[cell + HELD + copy] === version) continue;
      wrongByNode[table.replicas[replica + copy] * WRONGS.length + wrongOf(promised)] += 1;
    }
    integrals.change(INTEGRAL.wrongCopies, copies - holders);
    integrals.change(INTEGRAL.wrongRows, 1);
    return true;
  }

  #areSpecial(version: number, old: number): boolean {
    return this.#content.isSpecial(version) || this.#content.isSpecial(old);
  }

  /** One more copy holds the new version: the entropy of the two-part split changes, and who shares it. */
  #moveEntropy(table: OracleTable, cell: number, copy: number, holders: number, replica: number): void {
    const { cells, copies, replicas, firstPlace, twoPart, twoPartShare, twoPartRest } = table;
    const { classes, scalars } = this.#counters;
    const { units } = classes;
    const version = cells[cell];
    const share = twoPartShare[holders + 1] - twoPartShare[holders];
    let rest = twoPartRest[holders];
    let newRest = twoPartRest[holders + 1];
    for (let other = 0; other < copies; other += 1) {
      if (cells[cell + HELD + other] === version) continue;
      const place = firstPlace + replicas[replica + other];
      if (other === copy) units[place] -= twoPartShare[holders] + rest;
      else {
        units[place] += share + newRest - rest;
        newRest = 0;
      }
      rest = 0;
    }
    scalars[SCALAR.units] += twoPart[holders + 1] - twoPart[holders];
  }
}

/** Copies that hold the expected `version`, where all others hold `old` with the new one on its way; else NOT_SIMPLE. */
function holdersOf(table: OracleTable, cell: number, version: number, old: number): number {
  const { cells, copies } = table;
  const promised = cells[cell + PROMISED];
  if (cells[cell] !== version || old === version || (promised !== version && promised !== old)) return NOT_SIMPLE;
  if (table.slotsPerRow > 1 && unevenDeletion(table, cell) !== 0) return NOT_SIMPLE;
  let holders = 0;
  for (let at = cell + HELD, end = at + copies; at < end; at += 1) {
    if (cells[at] === version) holders += 1;
    else if (cells[at] !== old || cells[at + copies] !== IN_FLIGHT) return NOT_SIMPLE;
  }
  return holders;
}

/** 0 where all copies hold the same deletion of the row, which is also the expected one. */
function unevenDeletion({ cells, copies, stride }: OracleTable, cell: number): number {
  const deletion = cell + stride;
  const expected = cells[deletion];
  let uneven = 0;
  for (let at = deletion + HELD, end = at + copies; at < end; at += 1) {
    uneven |= (cells[at] ^ expected) | cells[at + copies];
  }
  return uneven;
}

/** How a copy that still holds `old`, the version promised before, is wrong. */
function wrongOf(old: number): number {
  return old === NOTHING ? WRONG.missing : WRONG.stale;
}
