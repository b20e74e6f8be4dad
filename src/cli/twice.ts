/**
 * `--twice`: the same plan run twice must leave the same records. Each run keeps one hash per block of records; where the
 * hashes first differ both are run again and that block is kept, so that the first record that differs can be shown.
 */
import { Bug } from '../base/assert.ts';
import { RECORD_NAMES, RECORD_STRIDE } from '../data/records.ts';
import { copyOf, kindOf, nodeOf, operandA, operandB, operandC, timeOf } from '../kernel/trace.ts';
import type { TraceObserver } from '../kernel/trace.ts';

const BLOCK_RECORDS = 4096;
const BLOCK_WORDS = BLOCK_RECORDS * RECORD_STRIDE;

/** Runs once with an observer of the trace; returns the fingerprint. */
export type ObservedRun = (observer: TraceObserver) => string | Promise<string>;

/** A hash for each BLOCK_RECORDS records, wherever the trace's own blocks end. */
export class BlockHashes implements TraceObserver {
  readonly hashes: number[] = [];
  #hash = 0;
  #words = 0;

  fold(words: Int32Array, count: number): void {
    let hash = this.#hash;
    let inBlock = this.#words;
    for (let at = 0; at < count * RECORD_STRIDE; at++) {
      hash = Math.imul(hash ^ words[at], 0x9e3779b1);
      hash ^= hash >>> 15;
      if (++inBlock === BLOCK_WORDS) {
        this.hashes.push(hash);
        hash = 0;
        inBlock = 0;
      }
    }
    this.#hash = hash;
    this.#words = inBlock;
  }

  /** The hashes, the last block as far as it got. */
  finished(): readonly number[] {
    return this.#words === 0 ? this.hashes : [...this.hashes, this.#hash];
  }
}

/** Keeps the records of one block. */
class BlockRecords implements TraceObserver {
  readonly #first: number;
  #seen = 0;
  readonly kept: number[] = [];

  constructor(block: number) {
    this.#first = block * BLOCK_RECORDS;
  }

  fold(words: Int32Array, count: number): void {
    const from = Math.max(0, this.#first - this.#seen);
    const to = Math.min(count, this.#first + BLOCK_RECORDS - this.#seen);
    for (let at = from * RECORD_STRIDE; at < to * RECORD_STRIDE; at++) this.kept.push(words[at]);
    this.#seen += count;
  }
}

/** Throws a Bug with the first differing record unless both runs leave the same fingerprint, which it returns. */
export async function proveRepeatable(
  first: { fingerprint: string; hashes: readonly number[] },
  again: ObservedRun,
): Promise<string> {
  const hashes = new BlockHashes();
  const fingerprint = await again(hashes);
  if (fingerprint === first.fingerprint) return fingerprint;
  const block = firstDifference(first.hashes, hashes.finished());
  const left = new BlockRecords(block);
  const right = new BlockRecords(block);
  await again(left);
  await again(right);
  throw new Bug(
    [
      `two runs of one plan differ: fingerprints ${first.fingerprint} and ${fingerprint}`,
      ...describeDifference(left.kept, right.kept, block),
    ].join('\n'),
  );
}

/** Index of the first member in which the two differ; the length of the shorter where it is a prefix. */
export function firstDifference(left: readonly number[], right: readonly number[]): number {
  let index = 0;
  while (index < left.length && index < right.length && left[index] === right[index]) index++;
  return index;
}

export function describeDifference(left: readonly number[], right: readonly number[], block: number): string[] {
  const word = firstDifference(left, right);
  const record = Math.floor(word / RECORD_STRIDE);
  const number = block * BLOCK_RECORDS + record;
  if (word === left.length && word === right.length) {
    return [
      `they part among records ${number - record} to ${number}, but two more runs agree there: it does not happen each time`,
    ];
  }
  return [
    `first difference at record ${number}`,
    `  once   ${recordText(left, record)}`,
    `  again  ${recordText(right, record)}`,
  ];
}

function recordText(words: readonly number[], record: number): string {
  const block = Int32Array.from(words.slice(record * RECORD_STRIDE, (record + 1) * RECORD_STRIDE));
  if (block.length === 0) return 'no record: it ended before';
  const kind = kindOf(block, 0);
  const operands = [operandA(block, 0), operandB(block, 0), operandC(block, 0)].join(' ');
  return `${timeOf(block, 0)} µs  ${RECORD_NAMES[kind] ?? `kind ${kind}`}  node ${nodeOf(block, 0)} copy ${copyOf(block, 0)}  ${operands}`;
}
