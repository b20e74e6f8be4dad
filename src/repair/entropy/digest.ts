/**
 * The digest of one copy of a shard (influxdb.6.4): for each series and field the blocks of its file, with first and last
 * place in time and a checksum. Works on blocks, so equal points that are cut into other blocks compare as different.
 */
import { mixInto } from '../../base/mix.ts';
import type { TableLayout } from '../../data/layout.ts';
import type { Run } from '../../data/run.ts';

/** Values of one block at most. */
const BLOCK_VALUES = 1000;
/** A range in a digest. */
const RANGE_BYTES = 22;

export interface DigestBlock {
  /** Series and field: partition * slots per row + group. */
  key: number;
  /** Entries of the run, by index, ascending. */
  entries: number[];
  first: number;
  last: number;
  checksum: number;
}

/** By key, then in order of time. None for a copy without a file. */
export function digestOf(layout: TableLayout, run: Run | undefined): DigestBlock[] {
  if (run === undefined) return [];
  const open = new Map<number, DigestBlock>();
  const blocks: DigestBlock[] = [];
  for (let index = 0; index < run.slots.length; index += 1) {
    const key = keyOf(layout, run.slots[index]);
    let block = open.get(key);
    if (block === undefined || block.entries.length === BLOCK_VALUES) {
      block = { key, entries: [], first: run.slots[index], last: 0, checksum: 0 };
      open.set(key, block);
      blocks.push(block);
    }
    block.entries.push(index);
    block.last = run.slots[index];
    block.checksum = mixInto(mixInto(block.checksum, run.slots[index]), run.versions[index]);
  }
  return blocks.sort((left, right) => left.key - right.key || left.first - right.first);
}

/** What a digest of this file takes: a key once, and its ranges (influxdb.6.4). */
export function sizeOf(layout: TableLayout, run: Run | undefined, keyBytes: number): { ranges: number; bytes: number } {
  const values = new Map<number, number>();
  for (const slot of run?.slots ?? []) {
    const key = keyOf(layout, slot);
    values.set(key, (values.get(key) ?? 0) + 1);
  }
  let ranges = 0;
  for (const count of values.values()) ranges += Math.ceil(count / BLOCK_VALUES);
  return { ranges, bytes: values.size * keyBytes + ranges * RANGE_BYTES };
}

/** Series and field. */
function keyOf({ slotBase, slotsPerPartition, slotsPerRow }: TableLayout, slot: number): number {
  const place = slot - slotBase;
  return Math.floor(place / slotsPerPartition) * slotsPerRow + (place % slotsPerRow);
}

/** Blocks that the other copy lacks, or has with other content. */
export function missingIn(own: readonly DigestBlock[], other: readonly DigestBlock[]): DigestBlock[] {
  const there = new Set(other.map(nameOf));
  return own.filter((block) => !there.has(nameOf(block)));
}

function nameOf({ key, first, last, checksum, entries }: DigestBlock): string {
  return `${key} ${first} ${last} ${entries.length} ${checksum}`;
}
