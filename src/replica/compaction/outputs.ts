/**
 * Cuts merged content into the runs that a compaction writes, always between partitions: after so many bytes, at the
 * borders of shards, or in halves. How it is cut is the strategy's choice; this only carries it out.
 */
import { bytesOfEntry } from '../../data/entry-bytes.ts';
import { rankOf, segmentsEverHeld } from '../../data/held-ordinals.ts';
import type { TableLayout } from '../../data/layout.ts';
import type { Entries } from '../../data/runs.ts';
import type { Versions } from '../../data/versions.ts';
import type { OutputCut } from './strategy.ts';

/** nodetool compact -s makes no smaller runs than this. */
const HALF_BYTES_MIN = 50_000_000;

export interface CutInput {
  readonly layout: TableLayout;
  readonly versions: Versions;
  readonly node: number;
  readonly cut: OutputCut;
  /** Bytes of all entries. */
  readonly bytes: number;
}

/** A piece of the content, and how many levels above the task's it goes. */
export interface Piece {
  readonly entries: Entries;
  readonly levelsUp: number;
}

/** Does all of it stay one run, whatever lies in it? */
export function staysWhole({ maxBytes, shards, halves }: OutputCut, bytes: number): boolean {
  return bytes <= maxBytes && shards <= 1 && !(halves && bytes / 2 > HALF_BYTES_MIN);
}

export function cutEntries(entries: Entries, input: CutInput): Piece[] {
  const { layout, versions, cut } = input;
  const pieces: Piece[] = [];
  const closes = closingRule(input);
  const level = { up: 0, bytes: 0 };
  let from = 0;
  let bytes = 0;
  let partition = -1;
  const close = (to: number): void => {
    const { slots, versions: ids } = entries;
    pieces.push({ entries: { slots: slots.slice(from, to), versions: ids.slice(from, to) }, levelsUp: level.up });
    level.bytes += bytes;
    if (level.up < cut.levelBytes.length - 1 && level.bytes > cut.levelBytes[level.up]) {
      level.up += 1;
      level.bytes = 0;
    }
    from = to;
    bytes = 0;
  };
  for (let index = 0; index < entries.slots.length; index += 1) {
    const slot = entries.slots[index];
    const ordinal = Math.floor((slot - layout.slotBase) / layout.slotsPerPartition);
    if (ordinal !== partition && index > from && closes({ bytes, last: partition, next: ordinal, made: pieces.length }))
      close(index);
    partition = ordinal;
    bytes += bytesOfEntry(layout, versions, slot, entries.versions[index]);
  }
  if (from < entries.slots.length) close(entries.slots.length);
  return pieces;
}

/** The open run so far, the partition that was added last and the one that comes next, and the runs already made. */
interface Open {
  bytes: number;
  last: number;
  next: number;
  made: number;
}

function closingRule({ layout, node, cut, bytes: total }: CutInput): (open: Open) => boolean {
  if (cut.halves) {
    const sizes: number[] = [];
    for (let size = total / 2; size > HALF_BYTES_MIN; size /= 2) sizes.push(size);
    return ({ bytes, made }) => made < sizes.length && bytes >= sizes[made];
  }
  if (cut.shards > 1) {
    const segments = segmentsEverHeld(layout, node);
    const { rank, from, to } = segments[segments.length - 1];
    const partitions = rank + to - from;
    const shardOf = (ordinal: number): number => Math.floor((rankOf(segments, ordinal) * cut.shards) / partitions);
    return ({ last, next }) => shardOf(last) !== shardOf(next);
  }
  return ({ bytes }) => bytes > cut.maxBytes;
}
