/**
 * Merkle trees as the summary of a session: one tree per range (cassandra.a6), of the depth that the replica's own
 * estimate of its partitions gives (a8-a12), over the hashes of the merged and purged partitions (a16-a19); compared
 * range by range into Cassandra's list of differences (a24-a28). The trees themselves are in `src/data/fast-merkle.ts`.
 */
import type { Rules } from '../base/rules.ts';
import { ordinalsInRange } from '../data/build-layout.ts';
import { differingFast, FastTree } from '../data/fast-merkle.ts';
import type { DifferingRange as TreeDifference } from '../data/fast-merkle.ts';
import type { TableLayout } from '../data/layout.ts';
import { timestampOrder } from '../data/merge-order.ts';
import { hashPartitions, mergedView } from '../data/merged-view.ts';
import type { HashedCounts } from '../data/merged-view.ts';
import { treeBytesOffHeap, treeBytesOnHeap, treeBytesOnWire, treeDepth } from '../data/tree-depth.ts';
import { buildTreeShape, ordinalsOfPositions, SHAPE_DEPTH_MAX } from '../data/tree-shape.ts';
import type { TreeShape } from '../data/tree-shape.ts';
import { isFullyInside, rangeText, rangesIntersect, tokenMidpoint } from '../data/tokens.ts';
import type { TokenRange } from '../data/tokens.ts';
import { countSamples, INDEX_INTERVAL } from './held-partitions.ts';
import type { Comparison, DifferingRange, Summary, SummaryInput, SummaryMethod } from './strategy.ts';

export interface MerkleSummary extends Summary {
  /** One per range of the session, in its order. */
  readonly perRange: readonly FastTree[];
}

export const merkleTrees: SummaryMethod<MerkleSummary> = { kind: 'hash_tree', build, compare };

/** cassandra.a10 with a heap of 8 GiB, where a host leaves it unset. */
const SESSION_SPACE_BYTES = 536_870_912;
const SHAPES_KEPT = 64;
const BUILD_RULES = ['a6', 'a7', 'a8', 'a12', 'a13', 'a14', 'a16', 'a17', 'a18', 'a19', 'a22', 'a23'];
/** Of trees that are held down by memory. */
const MEMORY_RULES = ['a9', 'a10'];

const shapesOfLayouts = new WeakMap<TableLayout, Map<string, TreeShape>>();

function build(input: SummaryInput): MerkleSummary {
  const { ranges, rules } = input;
  for (const rule of BUILD_RULES) rules.mark(`cassandra.${rule}`);
  if (input.tree.cap.of === 'memory') for (const rule of MEMORY_RULES) rules.mark(`cassandra.${rule}`);
  const depths = treeDepths(input);
  const counts: HashedCounts = { partitions: 0, rows: 0 };
  const perRange = ranges.map((range, index) => buildTree(input, range, depths[index], counts));
  let wireBytes = 0;
  let heldBytes = 0;
  let builtBytes = 0;
  const isOffHeap = (input.setting('use_offheap_merkle_trees') ?? 1) === 1;
  for (const tree of perRange) {
    builtBytes += treeBytesOnHeap(tree.shape.leafCount);
    wireBytes += treeBytesOnWire(tree.shape.leafCount, tree.filledLeafCount());
    heldBytes += isOffHeap ? treeBytesOffHeap(tree.shape.leafCount) : treeBytesOnHeap(tree.shape.leafCount);
  }
  return {
    perRange,
    wireBytes,
    builtBytes,
    heldBytes,
    trees: perRange.length,
    depthMax: Math.max(0, ...depths),
    hashedRows: counts.rows,
    hashedPartitions: counts.partitions,
  };
}

/** Depth of the tree of each range, from this replica's runs alone: another replica may come to another one. */
export function treeDepths(input: SummaryInput): number[] {
  const { layout, ranges, rules } = input;
  const estimates = ranges.map((range) => estimatedPartitions(input, range));
  const partitionsOfRequest = estimates.reduce((sum, count) => sum + count, 0);
  // cassandra.a8 off: a single leaf, whatever there is.
  if (rules.isOff('cassandra.a8')) return ranges.map(() => 0);
  return estimates.map((partitions) => {
    const depth = treeDepth({
      partitions,
      partitionsOfRequest,
      sessionSpaceBytes: input.setting('repair_session_space') ?? SESSION_SPACE_BYTES,
      replicationFactor: layout.factor,
      maxTreeDepth: input.setting('repair_session_max_tree_depth'),
      overflows: true,
      rule: input.tree,
    });
    return Math.min(depth, SHAPE_DEPTH_MAX);
  });
}

/** cassandra.a12, BIG format: per run its index samples in the range x 128, at least 1; a partition in two runs counts
 * twice, and a run that is chosen for another range of the request counts 1 in this one. */
function estimatedPartitions({ layout, node, runs }: SummaryInput, range: TokenRange): number {
  const intervals = ordinalsInRange(layout, range);
  let estimate = 0;
  for (const run of runs) {
    let samples = 0;
    for (const interval of intervals) samples += countSamples(layout, node, run, interval);
    estimate += Math.max(1, samples * INDEX_INTERVAL);
  }
  return estimate;
}

function buildTree(input: SummaryInput, range: TokenRange, depth: number, counts: HashedCounts): FastTree {
  const { layout, versions, runs, node, rules, nowMicros } = input;
  const tree = new FastTree(shapeOf(layout, range, depth));
  // cassandra.a16 off: no partition enters a leaf, so all trees are equal.
  if (rules.isOff('cassandra.a16')) return tree;
  const order = timestampOrder(versions);
  const purge = rules.isOff('cassandra.a19') ? {} : { purge: { versions, atMicros: nowMicros } };
  for (const { from, to } of ordinalsInRange(layout, range)) {
    const view = mergedView({ layout, order, runs, node, fromOrdinal: from, toOrdinal: to, ...purge });
    const hashes = new Int32Array(2 * (to - from));
    const hashed = hashPartitions(view, hashes);
    counts.partitions += hashed.partitions;
    counts.rows += hashed.rows;
    tree.addPartitions(from, hashes);
  }
  tree.fillInner();
  return tree;
}

function shapeOf(layout: TableLayout, range: TokenRange, depth: number): TreeShape {
  let shapes = shapesOfLayouts.get(layout);
  if (shapes === undefined) shapesOfLayouts.set(layout, (shapes = new Map()));
  const key = `${rangeText(range)}${depth}`;
  let shape = shapes.get(key);
  if (shape !== undefined) return shape;
  shape = buildTreeShape(layout, range, depth);
  const oldest = shapes.keys().next();
  if (shapes.size >= SHAPES_KEPT && oldest.done !== true) shapes.delete(oldest.value);
  shapes.set(key, shape);
  return shape;
}

function compare(
  left: MerkleSummary,
  right: MerkleSummary,
  { layout, rules }: { layout: TableLayout; rules: Rules },
): Comparison {
  const ranges: DifferingRange[] = [];
  let nodesVisited = 0;
  left.perRange.forEach((tree, index) => {
    const other = right.perRange[index];
    const difference = differingFast(tree, other);
    nodesVisited += difference.visited;
    markComparison(rules, tree, other, difference.ranges);
    if (rules.isOff('cassandra.a26')) ranges.push(...leavesOf(layout, tree, other, difference.ranges));
    else for (const found of difference.ranges) ranges.push(withPartitions(tree.shape, found));
  });
  return { ranges, nodesVisited };
}

function markComparison(rules: Rules, left: FastTree, right: FastTree, found: readonly TreeDifference[]): void {
  rules.mark('cassandra.a24');
  if (found.length === 0) return;
  rules.mark('cassandra.a25');
  rules.mark('cassandra.a26');
  rules.mark('cassandra.a29');
  if (left.shape.depth === right.shape.depth) return;
  rules.mark(Math.min(left.shape.depth, right.shape.depth) === 0 ? 'cassandra.a28' : 'cassandra.a27');
}

function withPartitions(shape: TreeShape, { left, right, fromPosition, toPosition }: TreeDifference): DifferingRange {
  return { left, right, intervals: ordinalsOfPositions(shape, fromPosition, toPosition) };
}

/** cassandra.a26 off: every leaf that differs on its own. All leaves, of the shallower tree, of a listed range differ. */
function leavesOf(
  layout: TableLayout,
  left: FastTree,
  right: FastTree,
  found: readonly TokenRange[],
): DifferingRange[] {
  const depth = Math.min(left.shape.depth, right.shape.depth);
  const leaves: DifferingRange[] = [];
  const descend = (range: TokenRange, level: number): void => {
    if (!found.some((listed) => rangesIntersect(listed, range))) return;
    const middle = tokenMidpoint(range.left, range.right);
    const isLeaf = level === depth || middle === range.left || middle === range.right;
    if (!isLeaf) {
      descend({ left: range.left, right: middle }, level + 1);
      descend({ left: middle, right: range.right }, level + 1);
    } else if (found.some((listed) => isFullyInside(range, listed))) {
      leaves.push({ ...range, intervals: ordinalsInRange(layout, range) });
    }
  };
  descend(left.shape.range, 0);
  return leaves;
}
