/**
 * A repair entry of the plan that is done by a foreign algorithm, as the machinery of this folder takes it: its parameters,
 * the trees that they make, and the pieces of the ring that have a tree each. Pure data and placement.
 */
import type { TreeForm } from '../../data/cell-tree.ts';
import { segmentKeys } from '../../data/cell-tree.ts';
import type { SegmentedKeys } from '../../data/cell-tree.ts';
import type { TableLayout } from '../../data/layout.ts';
import { replicasOfRange } from '../../data/segments.ts';
import type { StreamKey } from '../../kernel/random.ts';
import type { PlanAlgorithm, PlanRepairOptions } from '../../scenario/plan.ts';

export interface AlgorithmEntry {
  readonly id: string;
  readonly options: PlanRepairOptions;
  readonly command: string;
  readonly how: PlanAlgorithm;
  readonly tables: readonly TableLayout[];
  /** Of its draws: when each node ticks, how old its trees are, how long a pause lasts. */
  readonly draws: StreamKey;
}

/** A token range of a table: each of its replicas has a tree of it. */
export interface TreeUnit {
  readonly index: number;
  readonly layout: TableLayout;
  readonly range: number;
  readonly holders: readonly number[];
  readonly keys: SegmentedKeys;
}

/** What a key with its hash takes in a list or an index: the 8 bytes of the key, the hash, and 4 of the segment. */
const KEY_BYTES = 12;

export function treeFormOf({ name, levels, hash_bytes: hashBytes }: PlanAlgorithm): TreeForm {
  const isExact = name === 'tictac';
  return { levels, hashBytes, combines: isExact ? 'xor' : 'hash', leavesOutEmpty: name === 'riak-aae' };
}

export function keyEntryBytes({ hash_bytes: hashBytes }: PlanAlgorithm): number {
  return KEY_BYTES + hashBytes;
}

/** What one write costs in the index or the tree: an entry of the key; of a tree that is exact, a cell of every level. */
export function indexBytesPerWrite(how: PlanAlgorithm): number {
  const cells = how.levels.length * how.hash_bytes;
  if (how.name === 'dynamo') return cells;
  return keyEntryBytes(how) + (how.name === 'tictac' ? cells : 0);
}

/** Ranges with a partition and more than one replica, in ring order, table after table. */
export function treeUnits({ tables, how }: AlgorithmEntry): TreeUnit[] {
  const segments = how.levels[how.levels.length - 1];
  const units: TreeUnit[] = [];
  for (const layout of tables) {
    const ordinals = layout.ranges.map((): number[] => []);
    for (let ordinal = 0; ordinal < layout.partitions; ordinal += 1)
      ordinals[layout.rangeOfOrdinal[ordinal]].push(ordinal);
    for (const [range, own] of ordinals.entries()) {
      const holders = [...replicasOfRange(layout, range)];
      if (own.length === 0 || holders.length < 2) continue;
      const keys = segmentKeys(own, layout.keyOfOrdinal, segments);
      units.push({ index: units.length, layout, range, holders, keys });
    }
  }
  return units;
}

/** Which of the node's tokens made it a replica of the range: the next one on the ring. What Riak calls a vnode. */
export function vnodeOf({ layout, range }: TreeUnit, node: number): number {
  const count = layout.ranges.length;
  for (let step = 0; step < count; step += 1) {
    const at = (range + step) % count;
    if (layout.replicas[at * layout.copies] === node) return at;
  }
  return range;
}
