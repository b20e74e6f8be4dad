/**
 * Cassandra's Merkle tree of one token range, exact and plain: every node is an object, every token a BigInt. It is the
 * public form and the law that the engine's `fast-merkle.ts` is tested against; not made for millions of leaves a run.
 * Sources: cassandra.a14 (uniform split), a16 (XOR of partitions), a23–a28 (inner nodes and difference).
 */
import { isSameRange, rangeContains, rangeText, tokenMidpoint, type TokenRange } from './tokens.ts';

export const HASH_BYTES = 32;

export interface MerklePartition {
  readonly token: bigint;
  /** At most 32 bytes; a shorter hash counts as followed by zeros. */
  readonly hash: Uint8Array;
}

export interface MerkleTreeOptions {
  readonly range: TokenRange;
  /** 2^depth leaves, fewer where the range is too small to split that often. */
  readonly depth: number;
  /** In any order; each token inside the range. */
  readonly partitions: Iterable<MerklePartition>;
}

/** A leaf has no children. */
export interface MerkleNode {
  readonly hash: Uint8Array;
  readonly children: { readonly middle: bigint; readonly left: MerkleNode; readonly right: MerkleNode } | null;
}

export interface MerkleTree {
  readonly range: TokenRange;
  readonly depth: number;
  readonly root: MerkleNode;
  readonly leafCount: number;
  /** Leaves with a hash that is not zero. */
  readonly filledLeafCount: number;
}

export interface TreeComparison {
  /** What differs, in the order in which Cassandra lists it (cassandra.a26). */
  readonly ranges: TokenRange[];
  /** Every range whose nodes were looked up in both trees, in that order: from the top, left half before right. */
  readonly visited: TokenRange[];
}

/**
 * The tree of a range over the given partitions.
 * @throws RangeError for a token outside the range, a hash over 32 bytes, a depth that is no integer from 0 to 126
 */
export function buildMerkleTree({ range, depth, partitions }: MerkleTreeOptions): MerkleTree {
  if (!Number.isInteger(depth) || depth < 0 || depth > 126) throw new RangeError(`depth ${depth} is not in 0 … 126`);
  const root = splitUniformly(range.left, range.right, depth);
  for (const { token, hash } of partitions) {
    if (!rangeContains(range, token)) throw new RangeError(`token ${token} is not in ${rangeText(range)}`);
    if (hash.length > HASH_BYTES) throw new RangeError(`a hash of ${hash.length} bytes is longer than ${HASH_BYTES}`);
    addHash(leafOf(root, range, token), hash);
  }
  fillInnerHashes(root);
  return { range, depth, root, ...countLeaves(root) };
}

/**
 * The ranges that differ between two trees of one range: maximal aligned sub-trees, a half after those within the other
 * half, in Cassandra's order. Trees of different depth compare correctly, to the precision of the shallower one.
 * @throws RangeError if the trees do not cover the same range
 */
export function differingRanges(a: MerkleTree, b: MerkleTree): TokenRange[] {
  return compareTrees(a, b).ranges;
}

/** `differingRanges` together with the walk that found them. */
export function compareTrees(a: MerkleTree, b: MerkleTree): TreeComparison {
  if (!isSameRange(a.range, b.range)) {
    throw new RangeError(`trees of ${rangeText(a.range)} and ${rangeText(b.range)} cannot be compared`);
  }
  const comparison: TreeComparison = { ranges: [], visited: [a.range] };
  if (hashesDiffer(a.root, b.root)) {
    const isLeaf = a.root.children === null || b.root.children === null;
    if (isLeaf || difference(comparison, a.range, a.root, b.root)) comparison.ranges.push(a.range);
  }
  return comparison;
}

// cassandra.a14: a branch stops early if the midpoint equals one of its ends.
function splitUniformly(left: bigint, right: bigint, depth: number): MerkleNode {
  const middle = tokenMidpoint(left, right);
  const hash = new Uint8Array(HASH_BYTES);
  if (depth === 0 || middle === left || middle === right) return { hash, children: null };
  return {
    hash,
    children: {
      middle,
      left: splitUniformly(left, middle, depth - 1),
      right: splitUniformly(middle, right, depth - 1),
    },
  };
}

function leafOf(root: MerkleNode, range: TokenRange, token: bigint): MerkleNode {
  let node = root;
  let left = range.left;
  while (node.children !== null) {
    const { middle } = node.children;
    if (rangeContains({ left, right: middle }, token)) {
      node = node.children.left;
    } else {
      left = middle;
      node = node.children.right;
    }
  }
  return node;
}

function addHash(node: MerkleNode, hash: Uint8Array): void {
  for (let index = 0; index < hash.length; index += 1) node.hash[index] ^= hash[index];
}

function fillInnerHashes(node: MerkleNode): void {
  if (node.children === null) return;
  for (const child of [node.children.left, node.children.right]) {
    fillInnerHashes(child);
    addHash(node, child.hash);
  }
}

function countLeaves(node: MerkleNode): { leafCount: number; filledLeafCount: number } {
  if (node.children === null) return { leafCount: 1, filledLeafCount: node.hash.some((byte) => byte !== 0) ? 1 : 0 };
  const left = countLeaves(node.children.left);
  const right = countLeaves(node.children.right);
  return {
    leafCount: left.leafCount + right.leafCount,
    filledLeafCount: left.filledLeafCount + right.filledLeafCount,
  };
}

function hashesDiffer(a: MerkleNode, b: MerkleNode): boolean {
  return a.hash.some((byte, index) => byte !== b.hash[index]);
}

/** cassandra.a25. True: all of the active range differs, and the caller decides what to do with it. */
function difference(comparison: TreeComparison, active: TokenRange, a: MerkleNode, b: MerkleNode): boolean {
  const middle = tokenMidpoint(active.left, active.right);
  if (middle === active.left || middle === active.right) return true;
  const left = { left: active.left, right: middle };
  const right = { left: middle, right: active.right };
  // Which tree is asked whether it has a leaf here is Cassandra's: the first one on the left, the second on the right.
  const isLeftDifferent = halfDiffers(comparison, left, a.children?.left, b.children?.left, (aLeft) => aLeft);
  const isRightDifferent = halfDiffers(comparison, right, a.children?.right, b.children?.right, (_a, bRight) => bRight);
  if (isLeftDifferent && isRightDifferent) return true;
  if (isLeftDifferent) comparison.ranges.push(left);
  if (isRightDifferent) comparison.ranges.push(right);
  return false;
}

function halfDiffers(
  comparison: TreeComparison,
  half: TokenRange,
  a: MerkleNode | undefined,
  b: MerkleNode | undefined,
  asked: (a: MerkleNode, b: MerkleNode) => MerkleNode,
): boolean {
  comparison.visited.push(half);
  if (a === undefined || b === undefined) return true;
  if (!hashesDiffer(a, b)) return false;
  return asked(a, b).children === null || difference(comparison, half, a, b);
}
