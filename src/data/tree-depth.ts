/**
 * How deep a replica makes its Merkle tree, and what a tree costs: the formulas of Cassandra 4.0 and later as pure
 * functions. Sources: cassandra.a8–a11 (depth), cassandra.a13 (sizes). The number of partitions that goes in is the
 * replica's own estimate from its SSTables (cassandra.a12), made elsewhere.
 */

/** Heap bytes of a leaf plus those of an inner node, and of an inner node alone (cassandra.a9). */
const LEAF_AND_INNER_BYTES = 200;
const INNER_BYTES = 120;
const MIB = 1048576;

/** Where `repair_session_max_tree_depth` is unset. */
const MAX_TREE_DEPTH = 20;

export interface TreeDepthOptions {
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

/** Depth of the tree of one range, 4.0 and later (cassandra.a8); 0 is a single leaf for the whole range. */
export function treeDepth(options: TreeDepthOptions): number {
  const { partitions, partitionsOfRequest } = options;
  if (partitions <= 0) return 0;
  const share = partitions / partitionsOfRequest;
  const bytes = Math.max(1, Math.trunc(share * bytesPerReplica(options)));
  const cap = Math.min(estimatedMaxDepthForBytes(bytes), options.maxTreeDepth ?? MAX_TREE_DEPTH);
  return Math.min(ceilLog2(partitions), cap);
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

function ceilLog2(value: number): number {
  return value <= 1 ? 0 : floorLog2(value - 1) + 1;
}
