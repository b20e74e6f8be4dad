/**
 * The healthy life of a plain write on a clean row, without judging the row anew: issued, applied by every copy,
 * answered. `run` takes records as long as they are of this sort and stops at the first that is not; the slow path
 * (oracle-records.ts) then does that one. Both give the same counters: `Oracle.check` would tell.
 *
 * Clean means: all copies hold the expected version, which is also the promised one; no fates. From there to the last
 * delivery a copy holds either the old version or the new one, which is on its way to it. Only rows of one column group;
 * where rows can be deleted, the deletion must be the same on all copies, so that it tells none of them apart.
 */
import { CAUSE, OUTCOME, VIA, WRONG, WRONGS } from '../data/causes.ts';
import { RECORD, RECORD_STRIDE } from '../data/records.ts';
import { NOTHING, type VersionArrays } from '../data/versions.ts';
import type { Content } from './content.ts';
import { IN_FLIGHT } from './copy-classes.ts';
import { INTEGRAL } from './integrals.ts';
import type { Ledger } from './ledger.ts';
import { SCALAR, SCALARS_AT, type OracleCounters } from './oracle-counters.ts';
import { HELD, PROMISED, type OracleTable } from './oracle-table.ts';

const TIME_HIGH = 1 << 20;
const TIME_LOW_MASK = TIME_HIGH - 1;
const KIND_SHIFT = 20;
const COPY_SHIFT = 16;
const OUTCOME_MASK = 255;
const HOWS = WRONGS.length;
const ROWS = INTEGRAL.divergentRows;
const COPIES = INTEGRAL.divergentCopies;
const WRONG_ROWS = INTEGRAL.wrongRows;
const WRONG_COPIES = INTEGRAL.wrongCopies;
const UNITS = SCALARS_AT + SCALAR.units;
const PEAK = SCALARS_AT + SCALAR.peakCopies;

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
    for (let at = from; at < to;) {
      const isOfVersion = words[at + 1] >>> KIND_SHIFT <= RECORD.answered;
      const table = this.#tables[isOfVersion ? this.#arrays.table[words[at + 3]] : 0];
      const next = this.#runTable(table, words, at, to, untilMicros);
      if (next === at) return at;
      at = next;
    }
    return to;
  }

  /**
   * The same, for records of one table. The one place where speed comes before looks: with all arrays in locals and no
   * calls but rare ones a record costs a third less than with a method per kind, so it is one long function, in which the
   * sums of integrals.ts and the shares of row-view.ts are written out.
   */
  // eslint-disable-next-line max-lines-per-function, complexity, max-params
  #runTable(table: OracleTable, words: Int32Array, from: number, to: number, untilMicros: number): number {
    const { integrals, all, copiesInFlightAt, unitsInFlightAt, wrongAt } = this.#counters;
    const { table: tableOf, operation, ttlSeconds, replicaBase } = this.#arrays;
    const { episodes, healedInFlightAt } = this.#ledger;
    const { cells, copies, stride, slotBase, replicas, split, special } = table;
    const { index, firstPlace } = table;
    const copiesAt = copiesInFlightAt + firstPlace;
    const unitsAt = unitsInFlightAt + firstPlace;
    const isSimpleTable = table.hasOneGroup;
    const deletes = table.slotsPerRow > 1;
    let nowHigh = integrals.high;
    let nowLow = integrals.low;
    let at = from;
    for (; at < to; at += RECORD_STRIDE) {
      const high = words[at];
      const low = words[at + 1] & TIME_LOW_MASK;
      if (low !== nowLow || high !== nowHigh) {
        const isPast = high < nowHigh || (high === nowHigh && low < nowLow);
        if (isPast || high * TIME_HIGH + low >= untilMicros) break;
        if (all[COPIES] > all[PEAK]) this.#counters.notePeak(nowHigh * TIME_HIGH + nowLow);
        nowHigh = high;
        nowLow = low;
      }
      const kind = words[at + 1] >>> KIND_SHIFT;
      if (kind > RECORD.purged || kind === RECORD.rejected) {
        this.ignored += 1;
        continue;
      }
      const version = words[at + 3];
      if (!isSimpleTable || tableOf[version] !== index) break;
      const detail = words[at + 5];
      const cell = (words[at + 4] - slotBase) * stride;
      const held = cell + HELD;
      const end = held + copies;
      const promised = cells[cell + PROMISED];
      if (kind === RECORD.applied) {
        const own = held + (words[at + 2] >>> COPY_SHIFT);
        const old = cells[own];
        if (detail >= VIA.overwritten || detail === VIA.repair || cells[cell] !== version || old === version) break;
        let holders = 0;
        let unclean = promised === version ? 0 : promised ^ old;
        for (let word = held; word < end; word += 1) {
          if (cells[word] === version) holders += 1;
          else unclean |= (cells[word] ^ old) | (cells[word + copies] ^ IN_FLIGHT);
        }
        if (deletes) unclean |= unevenDeletion(table, cell);
        if (unclean !== 0 || (special && !this.#replaces(version, old, true))) break;
        // One more copy holds the new version: the entropy of the two-part split changes, and who shares it.
        const replica = replicaBase[version];
        const part = holders * 3;
        const share = split[part + 1];
        let rest = split[part + 2];
        let newRest = split[part + 5];
        for (let word = held; word < end; word += 1) {
          if (cells[word] === version) continue;
          const place = unitsAt + replicas[replica + word - held];
          if (word === own) all[place] -= share + rest;
          else {
            all[place] += split[part + 4] - share + newRest - rest;
            newRest = 0;
          }
          rest = 0;
        }
        all[UNITS] += split[part + 3] - split[part];
        const node = replicas[replica + own - held];
        cells[own] = version;
        cells[own + copies] = 0;
        all[copiesAt + node] -= 1;
        episodes[healedInFlightAt + detail] += 1;
        all[COPIES] -= 1;
        all[COPIES + 1] += high;
        all[COPIES + 2] += low;
        const isLast = holders + 1 === copies;
        if (isLast) {
          all[ROWS] -= 1;
          all[ROWS + 1] += high;
          all[ROWS + 2] += low;
        }
        if (promised !== version) continue;
        all[wrongAt + node * HOWS + (old === NOTHING ? WRONG.missing : WRONG.stale)] -= 1;
        all[WRONG_COPIES] -= 1;
        all[WRONG_COPIES + 1] += high;
        all[WRONG_COPIES + 2] += low;
        if (isLast) {
          all[WRONG_ROWS] -= 1;
          all[WRONG_ROWS + 1] += high;
          all[WRONG_ROWS + 2] += low;
        }
      } else if (kind === RECORD.issued) {
        const old = cells[cell];
        let unclean = (old ^ promised) | operation[version] | ttlSeconds[version];
        for (let word = held; word < end; word += 1) unclean |= (cells[word] ^ old) | cells[word + copies];
        if (deletes) unclean |= unevenDeletion(table, cell);
        if (unclean !== 0 || version <= this.newest || !this.#replaces(version, old, special)) break;
        this.newest = version;
        cells[cell] = version;
        const replica = replicaBase[version];
        for (let copy = 0; copy < copies; copy += 1) {
          cells[end + copy] = IN_FLIGHT;
          all[copiesAt + replicas[replica + copy]] += 1;
        }
        episodes[CAUSE.inFlight] += copies;
        all[ROWS] += 1;
        all[ROWS + 1] -= high;
        all[ROWS + 2] -= low;
        all[COPIES] += copies;
        all[COPIES + 1] -= copies * high;
        all[COPIES + 2] -= copies * low;
      } else if (kind === RECORD.answered) {
        if ((detail & OUTCOME_MASK) !== OUTCOME.success || promised === version) continue;
        let wrong = 0;
        let unclean = cells[cell] ^ version;
        for (let word = held; word < end; word += 1) {
          if (cells[word] === version) continue;
          unclean |= (cells[word] ^ promised) | (cells[word + copies] ^ IN_FLIGHT);
          wrong += 1;
        }
        if (deletes) unclean |= unevenDeletion(table, cell);
        if (unclean !== 0 || !this.#replaces(version, promised, special)) break;
        cells[cell + PROMISED] = version;
        if (wrong === 0) continue;
        const wrongs = wrongAt + (promised === NOTHING ? WRONG.missing : WRONG.stale);
        const replica = replicaBase[version];
        for (let copy = 0; copy < copies; copy += 1) {
          if (cells[held + copy] !== version) all[wrongs + replicas[replica + copy] * HOWS] += 1;
        }
        all[WRONG_ROWS] += 1;
        all[WRONG_ROWS + 1] -= high;
        all[WRONG_ROWS + 2] -= low;
        all[WRONG_COPIES] += wrong;
        all[WRONG_COPIES + 1] -= wrong * high;
        all[WRONG_COPIES + 2] -= wrong * low;
      } else break;
    }
    integrals.high = nowHigh;
    integrals.low = nowLow;
    return at;
  }

  /** Is the version newer than the old one, and are both plain? */
  #replaces(version: number, old: number, special: boolean): boolean {
    if (special && (this.#content.isSpecial(version) || this.#content.isSpecial(old))) return false;
    return this.#content.newerPlain(version, old);
  }
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
