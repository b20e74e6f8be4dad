/**
 * Versions: the content that a mutation gives to the slots it touches, one id per mutation, as parallel arrays.
 * An id is given in order of issue (time, then workload, then index), so ids rise with time; equality of copies is
 * equality of ids because whatever writes the same content again (client retry, hint, batchlog, repair) carries the
 * same id. Not responsible for where a version is held (stores) or whether it should be (the oracle).
 *
 * Two ids are reserved: NOTHING (0), the slot was never written, and BASE (1), the content that a table declared
 * `loaded: equal` starts with (older than any write).
 */

/** No content at all. */
export const NOTHING = 0;
/** The content a loaded table starts with. */
export const BASE = 1;
/** The first id that a mutation can get. */
export const FIRST_VERSION = 2;

/** What a mutation does. A delete's scope decides which slots it touches; in each of them it is a tombstone. */
export const OPERATION = {
  write: 0,
  deleteCell: 1,
  deleteRow: 2,
  deleteRange: 3,
  deletePartition: 4,
  /** A version made by damage in place: same timestamp as what it replaced, another value (`index` says which is larger). */
  corrupt: 5,
} as const;

export interface VersionArrays {
  /** When the client's first attempt was issued, µs. */
  issuedAt: Float64Array;
  /** Write timestamp, µs: issuedAt plus the skew of the clock that stamped it. The same array object as `issuedAt`
   * when the plan has no clock skew (then ids are in merge order but for ties, and comparisons are integer compares). */
  timestamp: Float64Array;
  operation: Uint8Array;
  /** Column groups written, a bit each (deletes of row scope and wider: all bits). */
  groups: Uint8Array;
  /** First slot of the (first) row touched. */
  firstSlot: Int32Array;
  /** Rows touched: 1 but for range and partition deletes. */
  rowCount: Int32Array;
  /** Where the replicas of its partition begin in its table's `replicas`. */
  replicaBase: Int32Array;
  /** Index of the table. */
  table: Uint8Array;
  /** Index of the workload, and the write's index in it: the address of its draws. Of damage: 1 where its value is smaller
   * than what it replaced. */
  workload: Uint8Array;
  index: Int32Array;
  /** Node index of the first attempt's coordinator. */
  coordinator: Uint16Array;
  /** OUTCOME of the client, last told. */
  outcome: Uint8Array;
  /** Seconds to live, 0 = for ever. */
  ttlSeconds: Int32Array;
}

/** The versions of one run. Capacity is fixed by the plan (its number of mutations is known before it runs). */
export class Versions {
  count: number;
  readonly capacity: number;
  /** True where timestamps rise with ids (nothing is skewed): merges then compare ids. */
  readonly monotone: boolean;
  /** True where no mutation of the run deletes, expires or is damage: whoever weighs entries need not look at each. */
  readonly plain: boolean;
  readonly arrays: VersionArrays;

  /** `skewed`: timestamps do not rise with ids, because clocks are skewed or damage copies timestamps. */
  constructor(capacity: number, options: { skewed: boolean; plain?: boolean }) {
    const size = capacity + FIRST_VERSION;
    const issuedAt = new Float64Array(size);
    this.count = FIRST_VERSION;
    this.capacity = capacity;
    this.monotone = !options.skewed;
    this.plain = options.plain ?? false;
    this.arrays = {
      issuedAt,
      timestamp: options.skewed ? new Float64Array(size) : issuedAt,
      operation: new Uint8Array(size),
      groups: new Uint8Array(size).fill(1),
      firstSlot: new Int32Array(size),
      rowCount: new Int32Array(size).fill(1),
      replicaBase: new Int32Array(size),
      table: new Uint8Array(size),
      workload: new Uint8Array(size),
      index: new Int32Array(size),
      coordinator: new Uint16Array(size),
      outcome: new Uint8Array(size),
      ttlSeconds: new Int32Array(size),
    };
    // Below any timestamp that a skewed clock can give.
    issuedAt[NOTHING] = -2e15;
    issuedAt[BASE] = -1e15;
    this.arrays.timestamp[NOTHING] = -2e15;
    this.arrays.timestamp[BASE] = -1e15;
  }

  isTombstone(version: number): boolean {
    const operation = this.arrays.operation[version];
    return operation >= OPERATION.deleteCell && operation <= OPERATION.deletePartition;
  }

  /**
   * Does `a` win over `b` where both lie in one slot? Order by timestamp, then tombstone, then value (cassandra.a19
   * and the reconciliation it rests on); the value of a version is its id, but for damage with a smaller one.
   */
  wins(a: number, b: number): boolean {
    if (a === b) return false;
    const { timestamp } = this.arrays;
    // Equal timestamps can only meet among ids given within one microsecond, hence close together.
    if (this.monotone && (a - b > 4096 || b - a > 4096)) return a > b;
    const difference = timestamp[a] - timestamp[b];
    if (difference !== 0) return difference > 0;
    const aDeletes = this.isTombstone(a);
    if (aDeletes !== this.isTombstone(b)) return aDeletes;
    const aIsSmall = this.#isSmall(a);
    return aIsSmall === this.#isSmall(b) ? a > b : !aIsSmall;
  }

  /** Damage that left a value below all that were written. */
  #isSmall(version: number): boolean {
    return this.arrays.operation[version] === OPERATION.corrupt && this.arrays.index[version] !== 0;
  }

  /** Virtual time, µs, from which a tombstone (or expired cell) of this version may be purged; Infinity for live data. */
  purgeableAt(version: number, gcGraceMicros: number): number {
    const { issuedAt, ttlSeconds } = this.arrays;
    if (version < FIRST_VERSION) return Infinity;
    if (this.isTombstone(version)) return issuedAt[version] + gcGraceMicros;
    const ttl = ttlSeconds[version];
    if (ttl === 0) return Infinity;
    // cassandra.h10: purgeable once expired and written longer than gc_grace ago.
    return Math.max(issuedAt[version] + ttl * 1e6, issuedAt[version] + gcGraceMicros);
  }

  /** State for snapshots: copies of what has been given so far. */
  save(): VersionsState {
    const arrays = Object.entries(this.arrays).map(([name, array]): [string, VersionArray] => [
      name,
      array.slice(0, this.count),
    ]);
    return { count: this.count, arrays };
  }

  load(state: VersionsState): void {
    this.count = state.count;
    const mine = new Map<string, VersionArray>(Object.entries(this.arrays));
    for (const [name, array] of state.arrays) mine.get(name)?.set(array);
  }
}

type VersionArray = VersionArrays[keyof VersionArrays];

export interface VersionsState {
  count: number;
  arrays: [string, VersionArray][];
}
