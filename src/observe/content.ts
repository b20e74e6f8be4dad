/**
 * What a version is worth where it lies: which of two is newer, what is left of it once it may be purged, what a read
 * shows of it, and when either changes by time alone. All comparisons of the oracle go through here; nothing here has
 * state but the clockless facts of the run's versions.
 *
 * Two orders. *Wins* is the copy's own merge order (cassandra.a19). *Newer* is the order of truth, by which the expected
 * and the promised version are chosen: the same, but that a value damaged in place never beats what it replaced; and
 * with `order: arrival` it is the order of issue.
 */
import { BASE, NOTHING, OPERATION, type Versions } from '../data/versions.ts';

export type MergeOrder = 'timestamp' | 'arrival';

const MICROS_PER_SECOND = 1e6;
/** More versions than can be issued within one microsecond, where timestamps tie (versions.ts). */
const CLOSE_VERSIONS = 4096;

export class Content {
  readonly versions: Versions;
  readonly arrival: boolean;
  /** A plain version whose number is larger than another's by more than this is newer for certain. */
  readonly certainlyNewerBy: number;

  constructor(versions: Versions, order: MergeOrder) {
    this.versions = versions;
    this.arrival = order === 'arrival';
    this.certainlyNewerBy = this.arrival ? 0 : versions.monotone ? CLOSE_VERSIONS : Infinity;
  }

  /** A version whose worth is not simply itself: a tombstone, a cell with a TTL, damage. */
  isSpecial(version: number): boolean {
    const { operation, ttlSeconds } = this.versions.arrays;
    return version > BASE && (operation[version] !== OPERATION.write || ttlSeconds[version] !== 0);
  }

  isCorrupt(version: number): boolean {
    return this.versions.arrays.operation[version] === OPERATION.corrupt;
  }

  /** In the order of truth. Total over distinct versions. */
  newer(a: number, b: number): boolean {
    if (a === b) return false;
    const { timestamp } = this.versions.arrays;
    if (this.isCorrupt(a) !== this.isCorrupt(b)) {
      if (this.arrival) return this.isCorrupt(a) ? b === NOTHING : a !== NOTHING;
      if (timestamp[a] === timestamp[b]) return this.isCorrupt(b);
    }
    return this.newerPlain(a, b);
  }

  /** `newer` where neither is damage: looks up nothing for versions that are far apart. */
  newerPlain(a: number, b: number): boolean {
    return this.arrival ? a > b : this.versions.wins(a, b);
  }

  /** Does a copy that holds `held` take `version` when it arrives? With `order: arrival` the newer generation wins. */
  takes(version: number, held: number): boolean {
    return version !== held && (this.arrival || this.versions.wins(version, held));
  }

  /** What is stored, once purged at its own gc-before. A delete in the order of arrival is physical: nothing stays. */
  stored(version: number, now: number, gcGraceMicros: number): number {
    if (!this.isSpecial(version)) return version;
    return this.purgeableAt(version, gcGraceMicros) <= now ? NOTHING : version;
  }

  /** The same in a given slot: a loaded row has no deletion, so BASE in the slot of the row's deletion is NOTHING. */
  storedIn(isDeletion: boolean, version: number, now: number, gcGraceMicros: number): number {
    return isDeletion && version === BASE ? NOTHING : this.stored(version, now, gcGraceMicros);
  }

  /** What a read sees: NOTHING for tombstones and expired cells. */
  shown(version: number, now: number): number {
    if (!this.isSpecial(version)) return version;
    if (this.versions.isTombstone(version)) return NOTHING;
    return this.expiresAt(version) <= now ? NOTHING : version;
  }

  purgeableAt(version: number, gcGraceMicros: number): number {
    return this.versions.purgeableAt(version, this.arrival ? 0 : gcGraceMicros);
  }

  /** Virtual time from which a cell with a TTL is no longer read; Infinity for others. */
  expiresAt(version: number): number {
    const { issuedAt, ttlSeconds } = this.versions.arrays;
    const ttl = version > BASE ? ttlSeconds[version] : 0;
    return ttl === 0 ? Infinity : issuedAt[version] + ttl * MICROS_PER_SECOND;
  }

  /** Until when losing the version is a loss: for ever, or until it would have been purged or expired anyway. */
  losableUntil(version: number, gcGraceMicros: number): number {
    return this.versions.isTombstone(version) ? this.purgeableAt(version, gcGraceMicros) : this.expiresAt(version);
  }

  /** The next time after `now` at which what is stored or shown of the version changes; Infinity if never. */
  changesAfter(version: number, now: number, gcGraceMicros: number): number {
    if (!this.isSpecial(version)) return Infinity;
    const purge = this.purgeableAt(version, gcGraceMicros);
    const expiry = this.expiresAt(version);
    const first = Math.min(purge, expiry);
    if (first > now) return first;
    const last = Math.max(purge, expiry);
    return last > now ? last : Infinity;
  }
}
