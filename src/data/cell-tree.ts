/**
 * Hash trees over keys that are spread over segments by their hash, as Dynamo's and Riak's are: which keys lie under which
 * segment, the hashes of all levels from those of the keys, and the comparison of one level of two trees. A tree of a million
 * segments over a thousand keys is kept by the cells that have something. Who asks whom for what: `repair/algorithms/`.
 */
import { mix32, mixInto } from '../base/mix.ts';

/** What a tree is like, whatever it is made of. */
export interface TreeForm {
  /** Cells of each level from the top; each divides the next. The last are the segments. */
  readonly levels: readonly number[];
  readonly hashBytes: number;
  /** Of what is below: hashed in order, or XORed. */
  readonly combines: 'hash' | 'xor';
  /** Does an answer leave out cells under which there is nothing? */
  readonly leavesOutEmpty: boolean;
}

/** The keys of one tree in order of (segment, ordinal). */
export interface SegmentedKeys {
  readonly ordinals: Int32Array;
  readonly segments: Int32Array;
}

/** The cells of one level that have something under them, ascending, and two 32-bit lanes of hash for each. */
export interface Cells {
  readonly ids: Int32Array;
  readonly lanes: Int32Array;
}

/** One level of two trees below the cells that were asked for. */
export interface LevelDifference {
  /** Ascending. */
  readonly differing: Int32Array;
  /** Cells of the second tree that were looked at. */
  readonly answered: number;
}

/** `keyOf`: the number of the key of an ordinal, which decides its segment. */
export function segmentKeys(ordinals: readonly number[], keyOf: Int32Array, segments: number): SegmentedKeys {
  const segmentOf = (ordinal: number): number => (mix32(keyOf[ordinal] ^ 0x3c6ef372) >>> 0) % segments;
  const sorted = ordinals.map((ordinal) => ({ ordinal, segment: segmentOf(ordinal) }));
  sorted.sort((left, right) => left.segment - right.segment || left.ordinal - right.ordinal);
  return {
    ordinals: Int32Array.from(sorted, ({ ordinal }) => ordinal),
    segments: Int32Array.from(sorted, ({ segment }) => segment),
  };
}

/** The levels of the tree from the top, from the hashes of its keys: two lanes a key, both 0 of one that is not there. */
export function cellsOfTree(form: TreeForm, keys: SegmentedKeys, hashes: Int32Array): Cells[] {
  const { levels } = form;
  let below = cellsAbove(form, { ids: keys.segments, lanes: hashes }, 1);
  const tree = [below];
  for (let level = levels.length - 2; level >= 0; level -= 1) {
    below = cellsAbove(form, below, levels[level + 1] / levels[level]);
    tree.unshift(below);
  }
  return tree;
}

/** Cells of `ratio` neighbours each, in a run of the same id one. */
function cellsAbove({ combines, hashBytes }: TreeForm, { ids, lanes }: Cells, ratio: number): Cells {
  const above = new Int32Array(ids.length);
  const hashed = new Int32Array(2 * ids.length);
  const isXor = combines === 'xor';
  const isWide = hashBytes > 4;
  let count = 0;
  let last = -1;
  for (let index = 0; index < ids.length; index += 1) {
    const first = lanes[2 * index];
    const second = isWide ? lanes[2 * index + 1] : 0;
    if (first === 0 && second === 0) continue;
    const id = Math.floor(ids[index] / ratio);
    if (id !== last) {
      above[count] = id;
      count += 1;
      last = id;
    }
    const at = 2 * (count - 1);
    hashed[at] = isXor ? hashed[at] ^ first : mixInto(hashed[at], first ^ ids[index]);
    if (isWide) hashed[at + 1] = isXor ? hashed[at + 1] ^ second : mixInto(hashed[at + 1], second);
  }
  return { ids: above.slice(0, count), lanes: hashed.slice(0, 2 * count) };
}

/** Which cells of a level differ. `parents`: those of the level above that were found to, ascending; null: all. */
export function compareLevel(
  left: Cells,
  right: Cells,
  { parents, ratio }: { parents: Int32Array | null; ratio: number },
): LevelDifference {
  const differing: number[] = [];
  let answered = 0;
  let [a, b, parent] = [0, 0, 0];
  while (a < left.ids.length || b < right.ids.length) {
    const leftId = a < left.ids.length ? left.ids[a] : Infinity;
    const rightId = b < right.ids.length ? right.ids[b] : Infinity;
    const id = Math.min(leftId, rightId);
    const [from, to] = [a, b];
    if (leftId === id) a += 1;
    if (rightId === id) b += 1;
    if (parents !== null) {
      const above = Math.floor(id / ratio);
      while (parent < parents.length && parents[parent] < above) parent += 1;
      if (parent >= parents.length || parents[parent] !== above) continue;
    }
    if (rightId === id) answered += 1;
    if (leftId !== rightId || !areSame(left, from, right, to)) differing.push(id);
  }
  return { differing: Int32Array.from(differing), answered };
}

function areSame(left: Cells, at: number, right: Cells, to: number): boolean {
  return left.lanes[2 * at] === right.lanes[2 * to] && left.lanes[2 * at + 1] === right.lanes[2 * to + 1];
}

/** Bytes of the answer for a level: all cells under the parents that were asked for, or those with something under them. */
export function levelBytes(form: TreeForm, level: number, asked: { parents: number; answered: number }): number {
  const { levels, hashBytes, leavesOutEmpty } = form;
  if (leavesOutEmpty) return asked.answered * hashBytes;
  return (level === 0 ? levels[0] : asked.parents * (levels[level] / levels[level - 1])) * hashBytes;
}

/** Of each parent how many of the cells, of the level below it, are under it; both ascend. */
export function countBelow({ ids }: Cells, { parents, ratio }: { parents: Int32Array; ratio: number }): Int32Array {
  const counts = new Int32Array(parents.length);
  let parent = 0;
  for (const id of ids) {
    const above = Math.floor(id / ratio);
    while (parent < parents.length && parents[parent] < above) parent += 1;
    if (parent < parents.length && parents[parent] === above) counts[parent] += 1;
  }
  return counts;
}

/** Memory of a whole tree. */
export function treeBytes({ levels, hashBytes }: TreeForm): number {
  return levels.reduce((sum, cells) => sum + cells * hashBytes, 0);
}

/** Indices, into the keys, of those that lie in the segments; both ascend. */
export function keysInSegments({ segments }: SegmentedKeys, wanted: Int32Array): number[] {
  const found: number[] = [];
  if (wanted.length === 0) return found;
  const last = wanted[wanted.length - 1];
  let at = 0;
  for (let index = firstAtLeast(segments, wanted[0]); index < segments.length && segments[index] <= last; index += 1) {
    while (wanted[at] < segments[index]) at += 1;
    if (wanted[at] === segments[index]) found.push(index);
  }
  return found;
}

/** Index of the first of ascending values that is not below this one. */
function firstAtLeast(values: Int32Array, least: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What two ascending lists have both. */
export function intersection(left: Int32Array, right: Int32Array): Int32Array {
  const both: number[] = [];
  let at = 0;
  for (const value of left) {
    while (at < right.length && right[at] < value) at += 1;
    if (at < right.length && right[at] === value) both.push(value);
  }
  return Int32Array.from(both);
}
