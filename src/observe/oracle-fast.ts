/**
 * The healthy life of a plain write on a clean row, without judging the row anew: issued, applied by every copy,
 * answered. Each method adjusts the counters by what such a step changes and answers true, or changes nothing and
 * answers false, and then the slow path does the whole work. Both give the same counters: `Oracle.check` would tell.
 *
 * Clean means: all copies hold the expected version, which is also the promised one; no fates. From there to the last
 * delivery a copy holds either the old version or the new one, which is on its way to it. Only rows of one column group;
 * where rows can be deleted, the deletion must be the same on all copies, so that it tells none of them apart.
 */
import { CAUSE, WRONG, WRONGS } from '../data/causes.ts';
import { NOTHING, type VersionArrays } from '../data/versions.ts';
import type { Content } from './content.ts';
import { IN_FLIGHT } from './copy-classes.ts';
import { INTEGRAL } from './integrals.ts';
import type { Ledger } from './ledger.ts';
import { SCALAR, type OracleCounters } from './oracle-counters.ts';
import { HELD, PROMISED, type OracleTable } from './oracle-table.ts';

const NOT_SIMPLE = -1;

export class FastPath {
  readonly #content: Content;
  readonly #arrays: VersionArrays;
  readonly #counters: OracleCounters;
  readonly #ledger: Ledger;

  constructor(content: Content, counters: OracleCounters, ledger: Ledger) {
    this.#content = content;
    this.#arrays = content.versions.arrays;
    this.#counters = counters;
    this.#ledger = ledger;
  }

  /** The first attempt of a version that was never seen before. */
  issued(table: OracleTable, cell: number, version: number): boolean {
    const { cells, copies } = table;
    const old = cells[cell];
    let unclean = old ^ cells[cell + PROMISED];
    for (let at = cell + HELD, end = at + copies; at < end; at += 1) unclean |= (cells[at] ^ old) | cells[at + copies];
    if (table.slotsPerRow > 1) unclean |= unevenDeletion(table, cell);
    if (unclean !== 0 || !this.#arePlain(table, version, old) || !this.#content.newerPlain(version, old)) return false;
    cells[cell] = version;
    const { classes, integrals, scalars } = this.#counters;
    const { replicas, index } = table.layout;
    const place = index * classes.nodes;
    const replica = this.#arrays.replicaBase[version];
    for (let copy = 0; copy < copies; copy += 1) {
      cells[cell + HELD + copies + copy] = IN_FLIGHT;
      classes.copies[place + replicas[replica + copy]] += 1;
    }
    classes.copiesByCauseState[IN_FLIGHT] += copies;
    integrals.change(INTEGRAL.divergentRows, 1);
    integrals.change(INTEGRAL.divergentCopies, copies);
    scalars[SCALAR.visibleCopies] += copies;
    this.#ledger.born[CAUSE.inFlight] += copies;
    return true;
  }

  /** `healer` is the ledger's number of what brought the version to the copy. */
  applied(table: OracleTable, cell: number, version: number, copy: number, healer: number): boolean {
    const { cells, copies } = table;
    const at = cell + HELD + copy;
    const old = cells[at];
    const holders = this.#holders(table, cell, version, old);
    if (holders === NOT_SIMPLE || !this.#arePlain(table, version, old)) return false;
    const { classes, integrals, scalars } = this.#counters;
    const replica = this.#arrays.replicaBase[version];
    const node = table.layout.replicas[replica + copy];
    this.#moveEntropy(table, cell, copy, holders);
    cells[at] = version;
    cells[at + copies] = 0;
    classes.copies[table.layout.index * classes.nodes + node] -= 1;
    classes.copiesByCauseState[IN_FLIGHT] -= 1;
    integrals.change(INTEGRAL.divergentCopies, -1);
    scalars[SCALAR.visibleCopies] -= 1;
    this.#ledger.heal(CAUSE.inFlight, healer);
    const isLast = holders + 1 === copies;
    if (isLast) integrals.change(INTEGRAL.divergentRows, -1);
    if (cells[cell + PROMISED] !== version) return true;
    this.#counters.wrongByNode[node * WRONGS.length + wrongOf(old)] -= 1;
    integrals.change(INTEGRAL.wrongCopies, -1);
    if (isLast) integrals.change(INTEGRAL.wrongRows, -1);
    return true;
  }

  /** The client was told of success. */
  answered(table: OracleTable, cell: number, version: number): boolean {
    const { cells, copies } = table;
    const promised = cells[cell + PROMISED];
    if (promised === version) return true;
    if (!this.#arePlain(table, version, promised) || !this.#content.newerPlain(version, promised)) return false;
    const holders = this.#holders(table, cell, version, promised);
    if (holders === NOT_SIMPLE) return false;
    cells[cell + PROMISED] = version;
    if (holders === copies) return true;
    const { integrals, wrongByNode } = this.#counters;
    const { replicas } = table.layout;
    const replica = this.#arrays.replicaBase[version];
    for (let copy = 0; copy < copies; copy += 1) {
      if (cells[cell + HELD + copy] !== version)
        wrongByNode[replicas[replica + copy] * WRONGS.length + wrongOf(promised)] += 1;
    }
    integrals.change(INTEGRAL.wrongCopies, copies - holders);
    integrals.change(INTEGRAL.wrongRows, 1);
    return true;
  }

  /** Copies that hold the expected `version`, where all others hold `old` with the new one on its way; else NOT_SIMPLE. */
  #holders(table: OracleTable, cell: number, version: number, old: number): number {
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

  #arePlain(table: OracleTable, version: number, old: number): boolean {
    return !table.special || !(this.#content.isSpecial(version) || this.#content.isSpecial(old));
  }

  /** One more copy holds the new version: the entropy of the two-part split changes, and who shares it. */
  #moveEntropy(table: OracleTable, cell: number, copy: number, holders: number): void {
    const { cells, copies, twoPart, twoPartShare, twoPartRest } = table;
    const { classes, scalars } = this.#counters;
    const version = cells[cell];
    const { replicas, index } = table.layout;
    const place = index * classes.nodes;
    const replica = this.#arrays.replicaBase[version];
    const share = twoPartShare[holders];
    const newShare = twoPartShare[holders + 1];
    let rest = twoPartRest[holders];
    let newRest = twoPartRest[holders + 1];
    for (let other = 0; other < copies; other += 1) {
      if (cells[cell + HELD + other] === version) continue;
      let change = -share - rest;
      rest = 0;
      if (other !== copy) {
        change += newShare + newRest;
        newRest = 0;
      }
      classes.units[place + replicas[replica + other]] += change;
    }
    const change = twoPart[holders + 1] - twoPart[holders];
    classes.unitsByCauseState[IN_FLIGHT] += change;
    scalars[SCALAR.units] += change;
  }
}

/** 0 where all copies hold the same deletion of the row, which is also the expected one. */
function unevenDeletion({ cells, copies, stride }: OracleTable, cell: number): number {
  const deletion = cell + stride;
  const expected = cells[deletion];
  let uneven = 0;
  for (let at = deletion + HELD, end = at + copies; at < end; at += 1) uneven |= (cells[at] ^ expected) | cells[at + copies];
  return uneven;
}

/** How a copy that still holds `old`, the version promised before, is wrong. */
function wrongOf(old: number): number {
  return old === NOTHING ? WRONG.missing : WRONG.stale;
}
