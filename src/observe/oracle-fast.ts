/**
 * The healthy life of a plain write on a clean row, without judging the row anew: issued, applied by every copy,
 * answered; and with the help of oracle-stale.ts that on rows of which a copy is behind. `run` takes records as long as they are of this sort and stops at the first that is not; the slow path
 * (oracle-records.ts) then does that one. Both give the same counters: `Oracle.check` would tell.
 *
 * Clean means: all copies hold the expected version, which is also the promised one; no fates. From there to the last
 * delivery a copy holds either the old version or the new one, which is on its way to it. Only rows of one column group;
 * where a row was deleted, the deletion must be the same on all copies, so that it tells none of them apart. Also what a
 * copy is sent that holds it, or something newer, already.
 */
import { STATE, type CAUSE, type OUTCOME, type VIA, type WRONG, type WRONGS } from '../data/causes.ts';
import { stateOf } from '../data/fate.ts';
import { RECORD, type APPLIED_ONE_SLOT } from '../data/records.ts';
import type { VersionArrays } from '../data/versions.ts';
import type { Content } from './content.ts';
import type { IN_FLIGHT } from './copy-classes.ts';
import type { FateLog } from './fate-log.ts';
import { endOfInstant } from './instants.ts';
import type { INTEGRAL } from './integrals.ts';
import type { Ledger } from './ledger.ts';
import type { SCALAR, OracleCounters } from './oracle-counters.ts';
import { HELD, type OracleTable } from './oracle-table.ts';
import { StalePath, type StalePathParts } from './oracle-stale.ts';
import type { RepairEffects } from './repair-effects.ts';

const KIND_SHIFT = 20;
/** Hints that do not wait any more, or again. */
const MOVES_HINTS: ReadonlySet<number> = new Set([
  ...[RECORD.hintsDelivered, RECORD.hintsDropped, RECORD.hintsPurged, RECORD.hintsRewound],
]);
const NODE_MASK = 0xffff;

export class FastPath {
  /** Largest version issued so far: one above it was certainly never seen. */
  newest = 0;
  /** Records so far that were not about a version's life. */
  ignored = 0;
  /** Of the last `run`: where to stop, which a rare change may have moved to the end of its instant. */
  stopsAt = 0;
  #stopsAtRare = false;
  readonly #content: Content;
  readonly #arrays: VersionArrays;
  readonly #tables: readonly OracleTable[];
  readonly #counters: OracleCounters;
  readonly #ledger: Ledger;
  readonly #log: FateLog;
  readonly #effects: RepairEffects;
  /** A version whose number is smaller than another's by more than this changes nothing where that one is held. */
  readonly #uselessBelow: number;
  readonly #stale: StalePath;

  constructor(parts: StalePathParts) {
    const { content } = parts;
    this.#content = content;
    this.#arrays = content.versions.arrays;
    this.#tables = parts.tables;
    this.#counters = parts.counters;
    this.#ledger = parts.ledger;
    this.#log = parts.log;
    this.#effects = parts.effects;
    this.#stale = new StalePath(parts);
    // The order of arrival takes what is older; with timestamps of their own numbers do not tell.
    this.#uselessBelow = content.arrival ? Infinity : content.certainlyNewerBy;
  }

  /** From now on: does a run stop at the end of an instant with a rare change (counters.ts)? */
  setStopsAtRare(stops: boolean): void {
    this.#stopsAtRare = stops;
  }

  /** Takes the records at words [from, to) up to the first that is not simple, or not before `untilMicros`; gives where
   * that one is. */
  run(words: Int32Array, from: number, to: number, untilMicros: number): number {
    this.stopsAt = to;
    // Where placement changes, not every copy counts: the slow path knows which.
    if (this.#tables[0].roles !== null) return from;
    for (let at = from; at < this.stopsAt;) {
      const table = this.#tables[this.#tableAt(words, at)];
      const next = this.#runTable(table, words, at, this.stopsAt, untilMicros);
      if (next === at) return at;
      at = next;
    }
    return this.stopsAt;
  }

  #tableAt(words: Int32Array, at: number): number {
    const isOfVersion = words[at + 1] >>> KIND_SHIFT <= RECORD.answered;
    return isOfVersion ? this.#arrays.table[words[at + 3]] : 0;
  }

  /**
   * The same, for records of one table. The one place where speed comes before looks: with all arrays in locals and no
   * calls but rare ones a record costs a third less than with a method per kind, so it is one long function, in which the
   * sums of integrals.ts and the shares of row-reader.ts are written out.
   */
  // eslint-disable-next-line max-lines-per-function, complexity
  #runTable(table: OracleTable, words: Int32Array, from: number, end: number, untilMicros: number): number {
    // Numbers of registries as literals: a constant of a module is looked up anew each time that it is used.
    const APPLIED = 2 satisfies typeof RECORD.applied;
    const ISSUED = 1 satisfies typeof RECORD.issued;
    const MISSED = 3 satisfies typeof RECORD.missed;
    const ANSWERED = 4 satisfies typeof RECORD.answered;
    const REJECTED = 5 satisfies typeof RECORD.rejected;
    const PURGED = 7 satisfies typeof RECORD.purged;
    const GC_GRACE_CHANGED = 182 satisfies typeof RECORD.gcGraceChanged;
    const SUCCESS = 1 satisfies typeof OUTCOME.success;
    const REPAIR = 3 satisfies typeof VIA.repair;
    const ONE_SLOT = 0x80 satisfies typeof APPLIED_ONE_SLOT;
    const OVERWRITTEN = 7 satisfies typeof VIA.overwritten;
    const FLYING = 1 satisfies typeof CAUSE.inFlight;
    const STALE = 1 satisfies typeof WRONG.stale;
    const MISSING = 2 satisfies typeof WRONG.missing;
    const ROWS = 0 satisfies typeof INTEGRAL.divergentRows;
    const COPIES = 3 satisfies typeof INTEGRAL.divergentCopies;
    const WRONG_ROWS = 6 satisfies typeof INTEGRAL.wrongRows;
    const WRONG_COPIES = 9 satisfies typeof INTEGRAL.wrongCopies;
    const UNITS = 12 satisfies typeof SCALAR.units;
    const PEAK = 15 satisfies typeof SCALAR.peakCopies;
    const ON_ITS_WAY = 65 satisfies typeof IN_FLIGHT;
    const HOWS = 5 satisfies (typeof WRONGS)['length'];
    const { integrals, all, copiesInFlightAt, unitsInFlightAt, wrongAt } = this.#counters;
    const { table: tableOf, operation, ttlSeconds, replicaBase } = this.#arrays;
    const { episodes, healedInFlightAt } = this.#ledger;
    const { cells, copies, stride, slotBase, replicas, split, special } = table;
    const { index, firstPlace } = table;
    const copiesAt = copiesInFlightAt + firstPlace;
    const unitsAt = unitsInFlightAt + firstPlace;
    const { certainlyNewerBy } = this.#content;
    const isSimpleTable = table.hasOneGroup;
    const severalTables = this.#tables.length > 1;
    const { specialRows, slotsPerRow } = table;
    const { useless } = this.#effects;
    const log = this.#log;
    const stale = this.#stale;
    const rareChanges = this.#counters.rareChanges;
    let to = end;
    const uselessBelow = this.#uselessBelow;
    let nowHigh = integrals.high;
    let nowLow = integrals.low;
    let at = from;
    for (; at < to; at += 6) {
      const high = words[at];
      const low = words[at + 1] & 0xfffff;
      if (low !== nowLow || high !== nowHigh) {
        const isPast = high < nowHigh || (high === nowHigh && low < nowLow);
        if (isPast || high * 0x100000 + low >= untilMicros) break;
        if (all[COPIES] > all[PEAK]) this.#counters.notePeak(nowHigh * 0x100000 + nowLow);
        nowHigh = high;
        nowLow = low;
      }
      const kind = words[at + 1] >>> 20;
      if (kind > PURGED || kind === REJECTED) {
        if (kind === GC_GRACE_CHANGED) break;
        if (!this.noteHints(words, at)) this.ignored += 1;
        continue;
      }
      const version = words[at + 3];
      // Where there are several tables, what is loaded (version 1) does not tell which one it is in.
      if (!isSimpleTable || tableOf[version] !== index || (version < 2 && severalTables)) break;
      const detail = words[at + 5];
      const slot = words[at + 4] - slotBase;
      const cell = slot * stride;
      const held = cell + 2;
      const heldEnd = held + copies;
      const promised = cells[cell + 1];
      if (kind === APPLIED) {
        const own = held + (words[at + 2] >>> 16);
        const old = cells[own];
        if (cells[cell] !== version || old === version) {
          // What the copy holds already, or something newer there: nothing changes, but for a fate that is forgotten.
          if (slotsPerRow > 1 && (detail & ONE_SLOT) === 0 && operation[version] !== 0) break;
          if (old !== version) {
            if (cells[cell] === version || (old - version <= uselessBelow && this.#content.takes(version, old))) break;
            log.take(words[at + 4], own - held, version);
          }
          const origin = detail >>> 8;
          if (origin >= useless.length) break;
          if ((detail & 0x7f) === REPAIR) useless[origin] += 1;
          continue;
        }
        let holders = 0;
        let unclean = detail >= OVERWRITTEN || detail === REPAIR ? 1 : promised === version ? 0 : promised ^ old;
        for (let word = held; word < heldEnd; word += 1) {
          if (cells[word] === version) holders += 1;
          else unclean |= (cells[word] ^ old) | (cells[word + copies] ^ ON_ITS_WAY);
        }
        const isSpecial = special && ((specialRows[slot >> 3] >> (slot & 7)) & 1) !== 0;
        if (isSpecial && slotsPerRow > 1) unclean |= unevenDeletion(table, cell);
        if (isSpecial ? unclean !== 0 || !this.#replaces(version, old, true) : unclean !== 0) {
          integrals.high = nowHigh;
          integrals.low = nowLow;
          if (isSpecial || !stale.applied(table, words[at + 4], own - held, detail)) break;
          if (this.#counters.rareChanges !== rareChanges) to = this.#changesRarely(words, at, to);
          continue;
        }
        // One more copy holds the new version: the entropy of the two-part split changes, and who shares it.
        const replica = replicaBase[version];
        const part = holders * 3;
        const share = split[part + 1];
        let rest = split[part + 2];
        let newRest = split[part + 5];
        for (let word = held; word < heldEnd; word += 1) {
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
        all[wrongAt + node * HOWS + (old === 0 ? MISSING : STALE)] -= 1;
        all[WRONG_COPIES] -= 1;
        all[WRONG_COPIES + 1] += high;
        all[WRONG_COPIES + 2] += low;
        if (isLast) {
          all[WRONG_ROWS] -= 1;
          all[WRONG_ROWS + 1] += high;
          all[WRONG_ROWS + 2] += low;
        }
      } else if (kind === ISSUED) {
        const old = cells[cell];
        let unclean = (old ^ promised) | operation[version] | ttlSeconds[version];
        for (let word = held; word < heldEnd; word += 1) unclean |= (cells[word] ^ old) | cells[word + copies];
        const isSpecial = special && ((specialRows[slot >> 3] >> (slot & 7)) & 1) !== 0;
        if (isSpecial && slotsPerRow > 1) unclean |= unevenDeletion(table, cell);
        if (version <= this.newest) break;
        if (unclean !== 0) {
          integrals.high = nowHigh;
          integrals.low = nowLow;
          if (isSpecial || operation[version] !== 0 || ttlSeconds[version] !== 0) break;
          if (!stale.issued(table, words[at + 4], version)) break;
          this.newest = version;
          if (this.#counters.rareChanges !== rareChanges) to = this.#changesRarely(words, at, to);
          continue;
        }
        if ((isSpecial || version - old <= certainlyNewerBy) && !this.#replaces(version, old, isSpecial)) break;
        this.newest = version;
        cells[cell] = version;
        const replica = replicaBase[version];
        for (let copy = 0; copy < copies; copy += 1) {
          cells[heldEnd + copy] = ON_ITS_WAY;
          all[copiesAt + replicas[replica + copy]] += 1;
        }
        episodes[FLYING] += copies;
        all[ROWS] += 1;
        all[ROWS + 1] -= high;
        all[ROWS + 2] -= low;
        all[COPIES] += copies;
        all[COPIES + 1] -= copies * high;
        all[COPIES + 2] -= copies * low;
      } else if (kind === ANSWERED) {
        if ((detail & 0xff) !== SUCCESS || promised === version) continue;
        let wrong = 0;
        let unclean = cells[cell] ^ version;
        for (let word = held; word < heldEnd; word += 1) {
          if (cells[word] === version) continue;
          unclean |= (cells[word] ^ promised) | (cells[word + copies] ^ ON_ITS_WAY);
          wrong += 1;
        }
        const isSpecial = special && ((specialRows[slot >> 3] >> (slot & 7)) & 1) !== 0;
        if (isSpecial && slotsPerRow > 1) unclean |= unevenDeletion(table, cell);
        if (unclean !== 0) {
          integrals.high = nowHigh;
          integrals.low = nowLow;
          if (isSpecial || cells[cell] !== version || !stale.answered(table, words[at + 4])) break;
          continue;
        }
        if ((isSpecial || version - promised <= certainlyNewerBy) && !this.#replaces(version, promised, isSpecial))
          break;
        cells[cell + 1] = version;
        if (wrong === 0) continue;
        const wrongs = wrongAt + (promised === 0 ? MISSING : STALE);
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
      } else if (kind === MISSED) {
        const copy = words[at + 2] >>> 16;
        if (special && ((specialRows[slot >> 3] >> (slot & 7)) & 1) !== 0) break;
        if (cells[cell] !== version || cells[held + copy] === version) break;
        integrals.high = nowHigh;
        integrals.low = nowLow;
        if (!stale.missed(table, words[at + 4], copy, detail)) break;
        this.noteHint(words, at);
        if (this.#counters.rareChanges !== rareChanges) to = this.#changesRarely(words, at, to);
      } else break;
    }
    integrals.high = nowHigh;
    integrals.low = nowLow;
    return at;
  }

  /** A missed record: was a hint stored? One that deletes several rows leaves a record a row and is one hint. */
  noteHint(words: Int32Array, at: number): void {
    if (stateOf(words[at + 5]) !== STATE.hintPending) return;
    if (words[at + 4] === this.#arrays.firstSlot[words[at + 3]]) this.#counters.addHints(words[at + 2] & NODE_MASK, 1);
  }

  /** Of no version's life: is the record about hints that do not wait any more, or again? */
  noteHints(words: Int32Array, at: number): boolean {
    const kind = words[at + 1] >>> KIND_SHIFT;
    if (!MOVES_HINTS.has(kind)) return false;
    this.#counters.addHints(words[at + 4], kind === RECORD.hintsRewound ? words[at + 3] : -words[at + 3]);
    return true;
  }

  /** The record at `at` has made a rare change: where to stop now. */
  #changesRarely(words: Int32Array, at: number, to: number): number {
    if (this.#stopsAtRare) this.stopsAt = endOfInstant(words, at, to);
    return this.stopsAt;
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
