/**
 * The segments of a repair that is asked for piece by piece: parts of the ring (Reaper), or all ranges or the primary ranges
 * of each node in turn (Reaper's incremental repair, auto-repair). Placement only; when each is repaired: `segment-runs.ts`.
 */
import type { RangeHolders } from '../../data/layout.ts';
import { replicasOfRange, segmentsOf } from '../../data/segments.ts';
import type { TokenRange } from '../../data/tokens.ts';
import type { PlanSegments } from '../../scenario/plan.ts';
import { localRangesOf } from '../neighbours.ts';

export interface ScheduledSegment {
  /** What is asked for; null: what the command says by itself. */
  readonly ranges: readonly TokenRange[] | null;
  /** Nodes that take part. */
  readonly nodes: readonly number[];
  /** Nodes that may be asked, the preferred one first. */
  readonly coordinators: readonly number[];
}

export function scheduledSegments(
  holders: RangeHolders,
  { cut, per_node: perNode }: PlanSegments,
  nodeCount: number,
): ScheduledSegment[] {
  if (cut === 'ring') {
    return segmentsOf(holders, (perNode ?? 1) * nodeCount).map(({ ranges, replicas }) => ({
      ranges,
      nodes: replicas,
      coordinators: replicas,
    }));
  }
  const segments: ScheduledSegment[] = [];
  for (let node = 0; node < nodeCount; node += 1) {
    const nodes = takingPart(holders, node, cut === 'primary_ranges');
    if (nodes.length > 0) segments.push({ ranges: null, nodes, coordinators: [node] });
  }
  return segments;
}

/** The replicas of the ranges that the node holds, or of those of which it is the first; none where there are no such. */
function takingPart(holders: RangeHolders, node: number, primaryOnly: boolean): number[] {
  const nodes = new Set<number>();
  for (const index of localRangesOf(holders, node)) {
    const replicas = replicasOfRange(holders, index);
    if (primaryOnly && replicas[0] !== node) continue;
    for (const replica of replicas) nodes.add(replica);
  }
  return [...nodes].sort((left, right) => left - right);
}
