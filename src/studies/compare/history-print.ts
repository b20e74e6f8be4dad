/**
 * What two runs of the same failures have in common: until when they left the same records, and from then on whether
 * clients sent the same writes, the same faults struck, and who got another answer. An observer of a run's trace; it keeps
 * one word a write and one a slice of time, and survives a fork as a copy.
 */
import { withOrigin } from '../../data/fate.ts';
import { FAULT_RECORDS, ORIGIN_PLACE, originPlaceOf, RECORD, RECORD_STRIDE } from '../../data/records.ts';
import { HASH, kindOf, mixWord, operandA, timeOf, type TraceObserver } from '../../kernel/trace.ts';

/** Virtual time is compared in so many parts. */
const SLICES = 8192;

export interface HistoryDifference {
  /** All records before this moment are the same, µs; null: all of the run. */
  identicalMicros: number | null;
  /** Writes that were not sent in both, or at another moment. */
  writes: number;
  /** Records of faults that only one of the two has. */
  faults: number;
  /** Of the writes that were sent in both: the share whose client was told something else, or at another moment. */
  answersShare: number;
}

export class HistoryPrint implements TraceObserver {
  readonly #sliceMicros: number;
  readonly #slices: Int32Array;
  /** By version; 0 = none. */
  #issued: Int32Array;
  #answered: Int32Array;
  readonly #faults: number[];

  constructor(endMicros: number, versions: number, copied: HistoryPrint | null = null) {
    this.#sliceMicros = Math.max(1, Math.ceil(endMicros / SLICES));
    this.#slices = copied === null ? new Int32Array(SLICES + 1) : copied.#slices.slice();
    this.#issued = copied === null ? new Int32Array(versions) : copied.#issued.slice();
    this.#answered = copied === null ? new Int32Array(versions) : copied.#answered.slice();
    this.#faults = copied === null ? [] : [...copied.#faults];
  }

  fold(words: Int32Array, count: number): void {
    for (let at = 0; at < count * RECORD_STRIDE; at += RECORD_STRIDE) {
      const hash = hashOf(words, at);
      const slice = Math.min(SLICES, Math.floor(timeOf(words, at) / this.#sliceMicros));
      // A sum: the order of records within a slice says nothing.
      this.#slices[slice] = (this.#slices[slice] + hash) | 0;
      const kind = kindOf(words, at);
      if (kind === RECORD.issued || kind === RECORD.rejected) this.#issued = noted(this.#issued, words, at, hash);
      else if (kind === RECORD.answered) this.#answered = noted(this.#answered, words, at, hash);
      else if (FAULT_RECORDS.has(kind)) this.#faults.push(hash);
    }
  }

  differenceFrom(other: HistoryPrint): HistoryDifference {
    const slice = this.#slices.findIndex((hash, index) => hash !== other.#slices[index]);
    const versions = Math.max(this.#issued.length, other.#issued.length);
    let writes = 0;
    let both = 0;
    let answers = 0;
    for (let version = 0; version < versions; version += 1) {
      const issued = this.#issued[version] ?? 0;
      if (issued !== (other.#issued[version] ?? 0)) writes += 1;
      else if (issued !== 0) {
        both += 1;
        if ((this.#answered[version] ?? 0) !== (other.#answered[version] ?? 0)) answers += 1;
      }
    }
    return {
      identicalMicros: slice < 0 ? null : slice * this.#sliceMicros,
      writes,
      faults: unmatched(this.#faults, other.#faults),
      answersShare: both === 0 ? 0 : answers / both,
    };
  }
}

/** Not 0. Says nothing of which entry of the plan is behind the record: plans that differ may number theirs otherwise. */
function hashOf(words: Int32Array, at: number): number {
  const place = originPlaceOf(kindOf(words, at));
  const [time, , , , , detail] = HASH.mix;
  let hash = mixWord(words[at], time);
  for (let word = 1; word < 3; word += 1) hash = (hash + mixWord(words[at + word], HASH.mix[word])) | 0;
  if (place !== ORIGIN_PLACE.a) hash = (hash + mixWord(words[at + 3], HASH.mix[3])) | 0;
  if (place !== ORIGIN_PLACE.b) hash = (hash + mixWord(words[at + 4], HASH.mix[4])) | 0;
  const c = words[at + 5];
  hash = (hash + mixWord(place === ORIGIN_PLACE.upperC ? withOrigin(c, 0) : c, detail)) | 0;
  return mixWord(hash, time) | 1;
}

function noted(list: Int32Array, words: Int32Array, at: number, hash: number): Int32Array {
  const version = operandA(words, at);
  let kept = list;
  if (version >= list.length) {
    kept = new Int32Array(version * 2 + 1);
    kept.set(list);
  }
  // A second attempt or answer adds to what is known of the write.
  kept[version] = (kept[version] + hash) | 0;
  return kept;
}

/** Members of either list without a partner in the other. */
function unmatched(left: readonly number[], right: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const hash of left) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  for (const hash of right) counts.set(hash, (counts.get(hash) ?? 0) - 1);
  return [...counts.values()].reduce((sum, count) => sum + Math.abs(count), 0);
}
