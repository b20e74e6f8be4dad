/**
 * How deep a replica makes its Merkle tree, and what a tree costs, as pure functions. The depth is the lesser of what the
 * partitions ask for and a cap; how either is found differs between versions and is a value (`TreeDepthRule`). Sources:
 * cassandra.a8–a11 (depth), cassandra.a13 (sizes). The number of partitions that goes in is the replica's own estimate
 * from its SSTables (cassandra.a12), made elsewhere.
 */

export interface TreeDepthRule {
  /** What the partitions ask for: a leaf each, a leaf each by a logarithm of the wrong base, or nothing: always the cap. */
  readonly levels: 'ceil_log2' | 'floor_ln' | 'cap';
  /** What holds it down: a number for each tree, or for each range its share of a number of leaves or of the memory. */
  readonly cap: { readonly of: 'tree'; readonly depth: number } | { readonly of: 'leaves' } | { readonly of: 'memory' };
}

/** 4.0 and later. */
export const MEMORY_BOUND_DEPTH: TreeDepthRule = { levels: 'ceil_log2', cap: { of: 'memory' } };

/** Heap bytes of a leaf plus those of an inner node, and of an inner node alone (cassandra.a9). */
const LEAF_AND_INNER_BYTES = 200;
const INNER_BYTES = 120;
const MIB = 1048576;

/** Where `repair_session_max_tree_depth` is unset, and the most that any version makes. */
const MAX_TREE_DEPTH = 20;
/** ⌈e^n⌉ for n = 1 to 20: from so many partitions on the natural logarithm is at least n. */
const POWERS_OF_E = [
  ...[3, 8, 21, 55, 149, 404, 1097, 2981, 8104, 22_027],
  ...[59_875, 162_755, 442_414, 1_202_605, 3_269_018, 8_886_111, 24_154_953, 65_659_970, 178_482_301, 485_165_196],
];

export interface TreeDepthOptions {
  /** How this version goes about it; the way of 4.0 and later where it is left out. */
  readonly rule?: TreeDepthRule;
  /** Estimated partitions of the range on this replica, and of all ranges of the request. */
  readonly partitions: number;
  readonly partitionsOfRequest: number;
  /** `repair_session_space`. */
  readonly sessionSpaceBytes: number;
  /** Replicas in all data centres. */
  readonly replicationFactor: number;
  /** `repair_session_max_tree_depth`, if set. */
  readonly maxTreeDepth?: number | null;
  /** cassandra.a11: from 2048 MiB the product overflows a 32-bit integer and every tree gets depth 1. */
  readonly overflows: boolean;
}

/** Depth of the tree of one range (cassandra.a8); 0 is a single leaf for the whole range. */
export function treeDepth(options: TreeDepthOptions): number {
  const { partitions, rule = MEMORY_BOUND_DEPTH } = options;
  if (partitions <= 0) return 0;
  const cap = capOf(options, rule.cap);
  switch (rule.levels) {
    case 'cap':
      return cap;
    case 'floor_ln':
      return Math.min(floorLn(partitions), cap);
    case 'ceil_log2':
      return Math.min(ceilLog2(partitions), cap);
  }
}

function capOf(options: TreeDepthOptions, cap: TreeDepthRule['cap']): number {
  const { partitions, partitionsOfRequest } = options;
  const depthMax = options.maxTreeDepth ?? MAX_TREE_DEPTH;
  if (cap.of === 'tree') return cap.depth;
  // ⌊depth − log2(all ÷ own)⌋ is the logarithm of the range's share of 2^depth leaves; exact, as the product is below 2^53.
  if (cap.of === 'leaves') return floorLog2(Math.floor((powerOfTwo(depthMax) * partitions) / partitionsOfRequest));
  const bytes = Math.max(1, Math.trunc((partitions / partitionsOfRequest) * bytesPerReplica(options)));
  return Math.min(estimatedMaxDepthForBytes(bytes), depthMax);
}

/** The deepest tree that fits (cassandra.a9). */
export function estimatedMaxDepthForBytes(bytes: number): number {
  return Math.max(1, floorLog2(Math.floor((bytes + INNER_BYTES) / LEAF_AND_INNER_BYTES)));
}

/** `repair_session_space` where it is unset (cassandra.a10). */
export function defaultSessionSpaceBytes(heapBytes: number): number {
  return Math.max(1, Math.floor(heapBytes / MIB / 16)) * MIB;
}

/** Bytes of a serialized tree (cassandra.a13): 2 for an empty leaf, 34 for another, 13 for an inner node. */
export function treeBytesOnWire(leafCount: number, filledLeafCount: number): number {
  return 13 * (leafCount - 1) + 2 * leafCount + 32 * filledLeafCount;
}

/** Bytes of a tree on a replica's heap (cassandra.a13). */
export function treeBytesOnHeap(leafCount: number): number {
  return LEAF_AND_INNER_BYTES * leafCount - INNER_BYTES;
}

/** Bytes of a tree on a coordinator with `use_offheap_merkle_trees` (cassandra.a13). */
export function treeBytesOffHeap(leafCount: number): number {
  return 82 * leafCount + 32;
}

function bytesPerReplica({ sessionSpaceBytes, replicationFactor, overflows }: TreeDepthOptions): number {
  const bytes = overflows ? Math.imul(Math.floor(sessionSpaceBytes / MIB), MIB) : sessionSpaceBytes;
  return Math.trunc(bytes / replicationFactor);
}

/** Exact for all integers a double holds; 0 for values below 2. */
function floorLog2(value: number): number {
  let power = 0;
  for (let rest = value; rest >= 2; rest = Math.floor(rest / 2)) power += 1;
  return power;
}

function powerOfTwo(exponent: number): number {
  let power = 1;
  for (let step = 0; step < exponent; step += 1) power *= 2;
  return power;
}

/** At most 20; 0 below 3. */
function floorLn(value: number): number {
  const next = POWERS_OF_E.findIndex((power) => value < power);
  return next < 0 ? POWERS_OF_E.length : next;
}

function ceilLog2(value: number): number {
  return value <= 1 ? 0 : floorLog2(value - 1) + 1;
}
