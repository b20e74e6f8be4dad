/**
 * The sorted source's store: message records (delivery, hint at issue, answer, expiry) of first attempts, kept in
 * buckets of 2^k µs and sorted when their bucket is opened. It is what makes quiet time cheap: a record costs two
 * appended words and a share of a radix sort instead of an insertion into the kernel's queue. Knows nothing of writes.
 *
 * A record is (time, code, version); code = kind index << 6 | copy. At one microsecond records are ordered by
 * (kind, version, copy), as the kernel would order the events they stand for.
 */
import { assert } from '../base/assert.ts';

/** A ring of 2^11 buckets of at most 2^20 µs spans less than 2^31 µs, so places in it are int32. */
const RING_BITS = 11;
const RING_SIZE = 1 << RING_BITS;
const RING_MASK = RING_SIZE - 1;
const CHUNK_RECORDS = 512;
const CHUNK_WORDS = CHUNK_RECORDS * 2;
const NO_CHUNK = -1;
const CODE_BITS = 8;
const CODE_MASK = (1 << CODE_BITS) - 1;
const RADIX_BITS = 11;
const RADIX_SIZE = 1 << RADIX_BITS;

export interface CalendarState {
  pool: Int32Array;
  chunkNext: Int32Array;
  chunkCount: number;
  freeChunk: number;
  heads: Int32Array;
  fills: Int32Array;
  firstBucket: number;
  size: number;
}

export class Calendar {
  /** Bucket width is 2^shift µs. */
  readonly shift: number;
  /** The opened window: records in order. `offsets` holds (time - base) << 8 | code. */
  sortedKeys = new Int32Array(4096);
  sortedVersions = new Int32Array(4096);
  sortedCount = 0;
  sortedBase = 0;
  size = 0;
  #pool = new Int32Array(CHUNK_WORDS * 64);
  #chunkNext = new Int32Array(64);
  #chunkCount = 0;
  #freeChunk = NO_CHUNK;
  #heads = new Int32Array(RING_SIZE).fill(NO_CHUNK);
  /** Records in the head chunk of each bucket. */
  #fills = new Int32Array(RING_SIZE);
  /** Absolute number of the bucket that the ring starts at, and when it begins, µs. */
  #firstBucket = 0;
  #firstMicros = 0;
  readonly #spanMicros: number;
  #scratchKeys = new Int32Array(4096);
  #scratchVersions = new Int32Array(4096);
  readonly #counts = new Int32Array(RADIX_SIZE);

  constructor(writesPerSecond: number) {
    let shift = 20;
    while (shift > 8 && ((1 << shift) * writesPerSecond) / 1e6 > 3000) shift -= 1;
    this.shift = shift;
    this.#spanMicros = RING_SIZE * (1 << shift);
  }

  bucketEnd(micros: number): number {
    return (Math.floor(micros / (1 << this.shift)) + 1) * (1 << this.shift);
  }

  /** No time at or after this one can be stored. */
  get reachMicros(): number {
    return this.#firstMicros + this.#spanMicros;
  }

  /** Can this time be stored? Otherwise the caller uses the kernel's queue. */
  reaches(micros: number): boolean {
    return micros - this.#firstMicros < this.#spanMicros;
  }

  /** `micros` is not before the first bucket and `reaches`. */
  push(micros: number, code: number, version: number): void {
    const from = (micros - this.#firstMicros) | 0;
    const slot = (this.#firstBucket + (from >> this.shift)) & RING_MASK;
    let chunk = this.#heads[slot];
    let fill = this.#fills[slot];
    if (chunk === NO_CHUNK || fill === CHUNK_RECORDS) {
      chunk = this.#newChunk(chunk);
      this.#heads[slot] = chunk;
      fill = 0;
    }
    const word = chunk * CHUNK_WORDS + fill * 2;
    this.#pool[word] = ((from & ((1 << this.shift) - 1)) << CODE_BITS) | code;
    this.#pool[word + 1] = version;
    this.#fills[slot] = fill + 1;
    this.size += 1;
  }

  /** The same for many records at once: offsets from `origin`, which like all of them is not before the first bucket; all
   * are reached. */
  pushMany(origin: number, offsets: Int32Array, codes: Uint8Array, versions: Int32Array, count: number): void {
    const heads = this.#heads;
    const fills = this.#fills;
    const { shift } = this;
    const base = (origin - this.#firstMicros) | 0;
    const firstBucket = this.#firstBucket & RING_MASK;
    const mask = (1 << shift) - 1;
    let pool = this.#pool;
    for (let index = 0; index < count; index += 1) {
      const from = base + offsets[index];
      const slot = (firstBucket + (from >> shift)) & RING_MASK;
      let chunk = heads[slot];
      let fill = fills[slot];
      if (chunk === NO_CHUNK || fill === CHUNK_RECORDS) {
        chunk = this.#newChunk(chunk);
        pool = this.#pool;
        heads[slot] = chunk;
        fill = 0;
      }
      const word = chunk * CHUNK_WORDS + fill * 2;
      pool[word] = ((from & mask) << CODE_BITS) | codes[index];
      pool[word + 1] = versions[index];
      fills[slot] = fill + 1;
    }
    this.size += count;
  }

  /** Take all records of the bucket that holds `micros`, sorted, into the sorted arrays; the ring starts there now. */
  open(micros: number): void {
    this.gather(micros);
    this.#sort();
    this.#orderTies();
  }

  /** The same in no order. */
  gather(micros: number): void {
    const bucket = Math.floor(micros / (1 << this.shift));
    assert(bucket >= this.#firstBucket, 'calendar opened backwards');
    this.#startAt(bucket);
    this.sortedBase = bucket * (1 << this.shift);
    this.#gather(bucket & RING_MASK);
  }

  /** Put back what was not consumed of the opened window: records from index `from` on. */
  putBack(from: number): void {
    for (let index = from; index < this.sortedCount; index += 1) {
      const key = this.sortedKeys[index];
      this.push(this.sortedBase + (key >>> CODE_BITS), key & CODE_MASK, this.sortedVersions[index]);
    }
    this.sortedCount = from;
  }

  /** Start of the first bucket at or after `micros` that holds a record; Infinity when there is none. */
  nextOccupied(micros: number): number {
    if (this.size === 0) return Infinity;
    const width = 1 << this.shift;
    const first = Math.floor(micros / width);
    for (let step = 0; step < RING_SIZE; step += 1) {
      if (this.#heads[(first + step) & RING_MASK] !== NO_CHUNK) return Math.max(micros, (first + step) * width);
    }
    return Infinity;
  }

  /** Nothing is stored before `micros`: let the ring start there. */
  skipTo(micros: number): void {
    const bucket = Math.floor(micros / (1 << this.shift));
    if (bucket > this.#firstBucket) this.#startAt(bucket);
  }

  save(): CalendarState {
    return {
      pool: this.#pool.slice(),
      chunkNext: this.#chunkNext.slice(),
      chunkCount: this.#chunkCount,
      freeChunk: this.#freeChunk,
      heads: this.#heads.slice(),
      fills: this.#fills.slice(),
      firstBucket: this.#firstBucket,
      size: this.size,
    };
  }

  load(state: CalendarState): void {
    this.#pool = state.pool.slice();
    this.#chunkNext = state.chunkNext.slice();
    this.#chunkCount = state.chunkCount;
    this.#freeChunk = state.freeChunk;
    this.#heads = state.heads.slice();
    this.#fills = state.fills.slice();
    this.#startAt(state.firstBucket);
    this.size = state.size;
    this.sortedCount = 0;
  }

  #startAt(bucket: number): void {
    this.#firstBucket = bucket;
    this.#firstMicros = bucket * (1 << this.shift);
  }

  #newChunk(next: number): number {
    let chunk = this.#freeChunk;
    if (chunk === NO_CHUNK) {
      chunk = this.#chunkCount;
      this.#chunkCount += 1;
      if (chunk === this.#chunkNext.length) this.#growPool();
    } else {
      this.#freeChunk = this.#chunkNext[chunk];
    }
    this.#chunkNext[chunk] = next;
    return chunk;
  }

  #growPool(): void {
    const pool = new Int32Array(this.#pool.length * 2);
    pool.set(this.#pool);
    this.#pool = pool;
    const next = new Int32Array(this.#chunkNext.length * 2);
    next.set(this.#chunkNext);
    this.#chunkNext = next;
  }

  /** Copy a bucket's chunks into the sorted arrays (unsorted yet) and free them. */
  #gather(slot: number): void {
    let count = 0;
    let chunk = this.#heads[slot];
    let fill = this.#fills[slot];
    while (chunk !== NO_CHUNK) {
      if (count + fill > this.sortedKeys.length) this.#growSorted(count + fill);
      const base = chunk * CHUNK_WORDS;
      for (let index = 0; index < fill; index += 1) {
        this.sortedKeys[count] = this.#pool[base + index * 2];
        this.sortedVersions[count] = this.#pool[base + index * 2 + 1];
        count += 1;
      }
      const next = this.#chunkNext[chunk];
      this.#chunkNext[chunk] = this.#freeChunk;
      this.#freeChunk = chunk;
      chunk = next;
      fill = CHUNK_RECORDS;
    }
    this.#heads[slot] = NO_CHUNK;
    this.#fills[slot] = 0;
    this.sortedCount = count;
    this.size -= count;
  }

  #growSorted(needed: number): void {
    let length = this.sortedKeys.length;
    while (length < needed) length *= 2;
    const keys = new Int32Array(length);
    keys.set(this.sortedKeys);
    this.sortedKeys = keys;
    const versions = new Int32Array(length);
    versions.set(this.sortedVersions);
    this.sortedVersions = versions;
    this.#scratchKeys = new Int32Array(length);
    this.#scratchVersions = new Int32Array(length);
  }

  /** Radix sort by offset, 11 bits a pass. */
  #sort(): void {
    if (this.sortedCount < 2) return;
    if (this.sortedCount < 48) {
      this.#insertionSort();
      return;
    }
    for (let bit = 0; bit < this.shift; bit += RADIX_BITS) this.#radixPass(CODE_BITS + bit);
  }

  #insertionSort(): void {
    const keys = this.sortedKeys;
    const versions = this.sortedVersions;
    for (let index = 1; index < this.sortedCount; index += 1) {
      const key = keys[index];
      const version = versions[index];
      let place = index - 1;
      while (place >= 0 && keys[place] >>> CODE_BITS > key >>> CODE_BITS) {
        keys[place + 1] = keys[place];
        versions[place + 1] = versions[place];
        place -= 1;
      }
      keys[place + 1] = key;
      versions[place + 1] = version;
    }
  }

  #radixPass(bit: number): void {
    const count = this.sortedCount;
    const keys = this.sortedKeys;
    const versions = this.sortedVersions;
    const outKeys = this.#scratchKeys;
    const outVersions = this.#scratchVersions;
    const counts = this.#counts;
    counts.fill(0);
    for (let index = 0; index < count; index += 1) counts[(keys[index] >>> bit) & (RADIX_SIZE - 1)] += 1;
    let sum = 0;
    for (let digit = 0; digit < RADIX_SIZE; digit += 1) {
      const here = counts[digit];
      counts[digit] = sum;
      sum += here;
    }
    for (let index = 0; index < count; index += 1) {
      const key = keys[index];
      const digit = (key >>> bit) & (RADIX_SIZE - 1);
      const place = counts[digit];
      counts[digit] = place + 1;
      outKeys[place] = key;
      outVersions[place] = versions[index];
    }
    this.sortedKeys = outKeys;
    this.sortedVersions = outVersions;
    this.#scratchKeys = keys;
    this.#scratchVersions = versions;
  }

  /** Within one microsecond: by kind, then version, then copy. */
  #orderTies(): void {
    const keys = this.sortedKeys;
    const count = this.sortedCount;
    for (let index = 1; index < count; index += 1) {
      if (keys[index] >>> CODE_BITS === keys[index - 1] >>> CODE_BITS) this.#sinkTie(index);
    }
  }

  /** Insert record `index` among the records before it that have its time. */
  #sinkTie(index: number): void {
    const keys = this.sortedKeys;
    const versions = this.sortedVersions;
    const key = keys[index];
    const version = versions[index];
    let place = index - 1;
    while (place >= 0 && comesAfter(keys[place], versions[place], key, version)) {
      keys[place + 1] = keys[place];
      versions[place + 1] = versions[place];
      place -= 1;
    }
    keys[place + 1] = key;
    versions[place + 1] = version;
  }
}

/** Has the left record the same time as the right one and a later key? */
function comesAfter(leftKey: number, leftVersion: number, rightKey: number, rightVersion: number): boolean {
  if (leftKey >>> CODE_BITS !== rightKey >>> CODE_BITS) return false;
  const leftKind = (leftKey & CODE_MASK) >> 6;
  const rightKind = (rightKey & CODE_MASK) >> 6;
  if (leftKind !== rightKind) return leftKind > rightKind;
  if (leftVersion !== rightVersion) return leftVersion > rightVersion;
  return leftKey > rightKey;
}
