/**
 * Where two runs part: each keeps one hash per block of records; where the hashes first differ, that block is kept from
 * both runs and the first record that differs is shown. For `--twice` (one plan) and for `what-if` (a plan and an edited
 * one, whose plan entries may be numbered otherwise: records are then compared by the ids of their entries).
 */
import { originOf, withOrigin } from '../data/fate.ts';
import { ORIGIN_PLACE, originPlaceOf, RECORD_NAMES, RECORD_STRIDE } from '../data/records.ts';
import { copyOf, kindOf, nodeOf, operandA, operandB, operandC, timeOf } from '../kernel/trace.ts';
import type { TraceObserver } from '../kernel/trace.ts';
import type { Plan } from '../scenario/plan.ts';

const BLOCK_RECORDS = 4096;
const BLOCK_WORDS = BLOCK_RECORDS * RECORD_STRIDE;

/** Number that two plans share, by origin; null where both number their entries alike. */
export type Renumbering = Int32Array | null;

/** For two plans: the shared numbers of the origins of each, equal where the ids of the entries are. */
export function sharedOrigins(left: Plan, right: Plan): [Renumbering, Renumbering] {
  const lists = [left, right].map(({ entries }) => entries.map(({ id }) => id));
  if (lists[0].length === lists[1].length && lists[0].every((id, index) => id === lists[1][index])) return [null, null];
  const numbers = new Map<string, number>();
  for (const id of lists.flat()) if (!numbers.has(id)) numbers.set(id, numbers.size + 1);
  const renumber = (ids: readonly string[]): Int32Array =>
    Int32Array.from([0, ...ids.map((id) => numbers.get(id) ?? 0)]);
  return [renumber(lists[0]), renumber(lists[1])];
}

/** Hands on the words of records one by one, with the origins of the other plan where there is a renumbering. */
class Words {
  readonly #renumbering: Renumbering;
  readonly #record = new Int32Array(RECORD_STRIDE);

  constructor(renumbering: Renumbering) {
    this.#renumbering = renumbering;
  }

  /** The record at `at`; valid until the next call. */
  record(words: Int32Array, at: number): Int32Array {
    const record = this.#record;
    for (let word = 0; word < RECORD_STRIDE; word++) record[word] = words[at + word];
    if (this.#renumbering !== null) this.#renumber(record, this.#renumbering);
    return record;
  }

  /** src/data/records.ts says where each kind has its origin. */
  #renumber(record: Int32Array, origins: Int32Array): void {
    const place = originPlaceOf(kindOf(record, 0));
    if (place === ORIGIN_PLACE.a) record[3] = origins[record[3]] ?? record[3];
    else if (place === ORIGIN_PLACE.b) record[4] = origins[record[4]] ?? record[4];
    else if (place === ORIGIN_PLACE.upperC) record[5] = withOrigin(record[5], origins[originOf(record[5])] ?? 0);
  }
}

/** A hash for each BLOCK_RECORDS records, wherever the trace's own blocks end. */
export class BlockHashes implements TraceObserver {
  readonly hashes: number[] = [];
  /** Time of the last record of each whole block, µs. */
  readonly ends: number[] = [];
  readonly #words: Words;
  #hash = 0;
  #inBlock = 0;

  constructor(renumbering: Renumbering = null) {
    this.#words = new Words(renumbering);
  }

  fold(words: Int32Array, count: number): void {
    let hash = this.#hash;
    let inBlock = this.#inBlock;
    for (let at = 0; at < count * RECORD_STRIDE; at += RECORD_STRIDE) {
      const record = this.#words.record(words, at);
      for (let word = 0; word < RECORD_STRIDE; word++) {
        hash = Math.imul(hash ^ record[word], 0x9e3779b1);
        hash ^= hash >>> 15;
      }
      inBlock += RECORD_STRIDE;
      if (inBlock === BLOCK_WORDS) {
        this.hashes.push(hash);
        this.ends.push(timeOf(words, at));
        hash = 0;
        inBlock = 0;
      }
    }
    this.#hash = hash;
    this.#inBlock = inBlock;
  }

  /** The hashes, the last block as far as it got. */
  finished(): readonly number[] {
    return this.#inBlock === 0 ? this.hashes : [...this.hashes, this.#hash];
  }
}

/** Keeps the records of one block. */
export class BlockRecords implements TraceObserver {
  readonly #first: number;
  readonly #words: Words;
  #seen = 0;
  readonly kept: number[] = [];

  constructor(block: number, renumbering: Renumbering = null) {
    this.#first = block * BLOCK_RECORDS;
    this.#words = new Words(renumbering);
  }

  fold(words: Int32Array, count: number): void {
    const from = Math.max(0, this.#first - this.#seen);
    const to = Math.min(count, this.#first + BLOCK_RECORDS - this.#seen);
    for (let at = from; at < to; at++) this.kept.push(...this.#words.record(words, at * RECORD_STRIDE));
    this.#seen += count;
  }
}

/** Index of the first member in which the two differ; the length of the shorter where it is a prefix. */
export function firstDifference(left: readonly number[], right: readonly number[]): number {
  let index = 0;
  while (index < left.length && index < right.length && left[index] === right[index]) index++;
  return index;
}

/** A record as plain data. */
export interface RecordShown {
  at_micros: number;
  name: string;
  node: number;
  copy: number;
  operands: [a: number, b: number, c: number];
}

export interface DifferingRecord {
  /** Number of the record, from 0, in order of time. */
  record: number;
  /** Null: that run left no more records. */
  left: RecordShown | null;
  right: RecordShown | null;
}

/** The first difference between the records of one block of two runs; null where they are the same. */
export function differingRecord(
  left: readonly number[],
  right: readonly number[],
  block: number,
): DifferingRecord | null {
  const word = firstDifference(left, right);
  if (word === left.length && word === right.length) return null;
  const index = Math.floor(word / RECORD_STRIDE);
  return { record: block * BLOCK_RECORDS + index, left: shown(left, index), right: shown(right, index) };
}

function shown(words: readonly number[], index: number): RecordShown | null {
  const record = Int32Array.from(words.slice(index * RECORD_STRIDE, (index + 1) * RECORD_STRIDE));
  if (record.length === 0) return null;
  const kind = kindOf(record, 0);
  return {
    at_micros: timeOf(record, 0),
    name: RECORD_NAMES[kind] ?? `kind ${kind}`,
    node: nodeOf(record, 0),
    copy: copyOf(record, 0),
    operands: [operandA(record, 0), operandB(record, 0), operandC(record, 0)],
  };
}
