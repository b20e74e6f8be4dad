/**
 * Which ranges a repair works on and with whom: local, primary or requested ranges of the node that runs it, the other
 * replicas of each, and ranges with the same neighbours together in one session (cassandra.b2, b3, b18, b21). Judges
 * placement only, not who is alive; who may take part of those: `taking-part.ts`.
 */
import type { RangeHolders } from '../data/layout.ts';
import { isFullyInside, rangeText, rangesIntersect } from '../data/tokens.ts';
import type { TokenRange } from '../data/tokens.ts';
import type { Rules } from '../base/rules.ts';
import type { RepairRequest, SessionPlan, UnitOfWork, UnitPlan } from './strategy.ts';
import { limitReplicas, refuseLimits } from './taking-part.ts';

/** Full token ranges, grouped by who else holds them: one session per set of neighbours, or one per range before 3.0. */
export const rangesByNeighbours: UnitOfWork = { name: 'ranges_by_neighbours', divide: divideByNeighbours };

/** A range to repair and the ring range of the layout in which it lies (they differ for -st/-et); -1 = none. */
interface WantedRange {
  range: TokenRange;
  ringIndex: number;
}

export function divideByNeighbours(request: RepairRequest, rules: Rules): UnitPlan {
  const { layout, node, keyspace } = request;
  // cassandra.b2: with one replica there is nobody to compare with; the command ends without doing anything.
  if (layout.copies < 2) return { sessions: [] };
  const refusal = refuseLimits(request, rules);
  if (refusal !== null) return { error: refusal };
  const wanted = wantedRanges(request, rules);
  if ('error' in wanted) return wanted;
  const sessions: { ranges: TokenRange[]; neighbours: number[] }[] = [];
  for (const { range, ringIndex } of wanted) {
    const others = ringIndex < 0 ? [] : neighboursOf(layout, ringIndex, node);
    const neighbours = ringIndex < 0 ? [] : limitReplicas(request, range, { others, rules });
    if ('error' in neighbours) return neighbours;
    if (neighbours.length === 0) {
      rules.mark('cassandra.b21');
      if (request.ignoreUnreplicated || !request.behaviour.refusesUnreplicatedRanges) continue;
      return { error: `Nothing to repair for ${rangeText(range)} in ${keyspace} - aborting` };
    }
    rules.mark('cassandra.b3');
    const same = sessions.find((session) => haveSameMembers(session.neighbours, neighbours));
    if (same === undefined || request.behaviour.sessionPer === 'range') sessions.push({ ranges: [range], neighbours });
    else same.ranges.push(range);
  }
  return { sessions: sessions satisfies SessionPlan[] };
}

function wantedRanges(request: RepairRequest, rules: Rules): WantedRange[] | { error: string } {
  const { layout, node, startToken, endToken, ranges } = request;
  if (ranges !== undefined) return requestedRanges(request, ranges, rules);
  if (startToken !== null && endToken !== null) {
    return requestedRange(request, { left: startToken, right: endToken }, rules);
  }
  rules.mark('cassandra.b2');
  const primaryOnly = request.primaryRange && !rules.isOff('cassandra.b2');
  const indices = primaryOnly ? primaryRangesOf(request) : localRangesOf(layout, node);
  return indices.map((ringIndex) => ({ range: layout.ranges[ringIndex], ringIndex }));
}

function requestedRanges(
  request: RepairRequest,
  ranges: readonly TokenRange[],
  rules: Rules,
): WantedRange[] | { error: string } {
  const wanted: WantedRange[] = [];
  for (const range of ranges) {
    const one = requestedRange(request, range, rules);
    if ('error' in one) return one;
    wanted.push(...one);
  }
  return wanted;
}

function requestedRange(request: RepairRequest, range: TokenRange, rules: Rules): WantedRange[] | { error: string } {
  const { layout, node, keyspace, behaviour } = request;
  if (range.left === range.right && behaviour.refusesEqualTokens)
    return { error: 'Start and end tokens must be different.' };
  rules.mark('cassandra.b18');
  for (const ringIndex of localRangesOf(layout, node)) {
    const local = layout.ranges[ringIndex];
    if (isFullyInside(range, local)) return [{ range, ringIndex }];
    if (rangesIntersect(range, local)) {
      const how = `intersects a local range (${rangeText(local)}) but is not fully contained in one`;
      return {
        error: `Requested range ${rangeText(range)} ${how}; this would lead to imprecise repair. keyspace: ${keyspace}`,
      };
    }
  }
  return [{ range, ringIndex: -1 }];
}

/** Ring ranges of which the node holds a copy. */
export function localRangesOf(layout: RangeHolders, node: number): number[] {
  return ringIndices(layout, (first) => {
    for (let copy = 0; copy < layout.copies; copy += 1) if (layout.replicas[first + copy] === node) return true;
    return false;
  });
}

/** Ring ranges of which the node is the first replica, in ring order over all data centres; or, where the repair stays in its
 * own data centre, the first of that one (cassandra.b2). */
function primaryRangesOf({ layout, node, dataCenters, dcOfNode }: RepairRequest): number[] {
  const isLocal = dataCenters?.length === 1 && dataCenters[0] === dcOfNode[node];
  return ringIndices(layout, (first) => {
    const replicas = layout.replicas.subarray(first, first + layout.copies);
    return (isLocal ? replicas.find((replica) => dcOfNode[replica] === dcOfNode[node]) : replicas[0]) === node;
  });
}

/** The other replicas of a ring range in natural order. */
export function neighboursOf(layout: RangeHolders, ringIndex: number, node: number): number[] {
  const first = ringIndex * layout.copies;
  return [...layout.replicas.subarray(first, first + layout.copies)].filter((replica) => replica !== node);
}

function ringIndices(layout: RangeHolders, holds: (firstReplica: number) => boolean): number[] {
  const indices: number[] = [];
  for (let index = 0; index < layout.ranges.length; index += 1) if (holds(index * layout.copies)) indices.push(index);
  return indices;
}

function haveSameMembers(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((member) => right.includes(member));
}
