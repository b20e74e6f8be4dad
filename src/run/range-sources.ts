/**
 * Who streams which ranges to whom when placement changes. A node that joins takes each range from the replica that will lose
 * it, so that no quorum loses a write (consistent range movement, cassandra.g-bootstrap); where nobody loses it, and for a
 * node that takes a dead one's place or steps in for a removed one, from the closest replica that it believes alive. A node
 * that leaves sends its own ranges.
 */
import { ordinalsInRange, normalizeIntervals, type OrdinalInterval } from '../data/build-layout.ts';
import { ROLE } from '../data/epochs.ts';
import type { TableLayout } from '../data/layout.ts';
import type { Cluster } from '../replica/cluster.ts';
import type { RangesToSend } from './range-transfers.ts';

export interface SourcesOptions {
  tables: readonly TableLayout[];
  cluster: Cluster;
  /** Epoch of the change while it is under way, and when it is done. */
  epoch: number;
  doneEpoch: number;
  /** Node that sends all: the one that leaves; −1: whoever has it. */
  sender: number;
  /** Must the replica that loses a range send it? */
  isStrict: boolean;
}

/** `down`: the replica without which a range cannot be moved; −1: no replica at all is left. */
export type Sources = { sends: RangesToSend[] } | { down: number };

export function sourcesOf(options: SourcesOptions): Sources {
  const byPair = new Map<number, Map<number, OrdinalInterval[]>>();
  const { tables, cluster } = options;
  for (const table of tables) {
    const failure = collect(options, table, byPair);
    if (failure !== null) return failure;
  }
  const sends = [...byPair]
    .sort(([left], [right]) => left - right)
    .map(([pair, parts]) => ({
      from: Math.floor(pair / cluster.count),
      to: pair % cluster.count,
      parts: [...parts].map(([table, intervals]) => ({ table, intervals: normalizeIntervals(intervals) })),
    }));
  return { sends };
}

function collect(
  options: SourcesOptions,
  table: TableLayout,
  byPair: Map<number, Map<number, OrdinalInterval[]>>,
): { down: number } | null {
  const { cluster, epoch } = options;
  const roles = table.epochs?.roles[epoch];
  if (roles === undefined) return null;
  for (let range = 0; range < table.ranges.length; range += 1) {
    for (let place = range * table.copies; place < (range + 1) * table.copies; place += 1) {
      if (roles[place] !== ROLE.pending) continue;
      const intervals = ordinalsInRange(table, table.ranges[range]);
      if (intervals.length === 0) continue;
      const to = table.replicas[place];
      const source = sourceOf(options, table, { range, to });
      if ('down' in source) return source;
      const pair = source.from * cluster.count + to;
      const parts = byPair.get(pair) ?? new Map<number, OrdinalInterval[]>();
      byPair.set(pair, parts);
      parts.set(table.index, [...(parts.get(table.index) ?? []), ...intervals]);
    }
  }
  return null;
}

function sourceOf(
  { cluster, epoch, doneEpoch, sender, isStrict }: SourcesOptions,
  table: TableLayout,
  { range, to }: { range: number; to: number },
): { from: number } | { down: number } {
  if (sender >= 0) return { from: sender };
  const natural = replicasIn(table, range, epoch);
  const factor = table.epochs?.factors[epoch] ?? 0;
  const isAlive = (node: number): boolean => cluster.seen[to * cluster.count + node] === 1;
  if (isStrict && natural.length === factor && cluster.ringSize !== factor) {
    const next = replicasIn(table, range, doneEpoch);
    const loses = natural.find((node) => !next.includes(node));
    if (loses !== undefined) return isAlive(loses) ? { from: loses } : { down: loses };
  }
  const closest = natural
    .filter(isAlive)
    .sort((left, right) => cluster.distance(to, left) - cluster.distance(to, right));
  return closest.length > 0 ? { from: closest[0] } : { down: -1 };
}

/** In natural order as far as the members keep it; ties of distance keep it too. */
function replicasIn(table: TableLayout, range: number, epoch: number): number[] {
  const nodes: number[] = [];
  const roles = table.epochs?.roles[epoch];
  for (let place = range * table.copies; place < (range + 1) * table.copies; place += 1)
    if (roles?.[place] === ROLE.natural) nodes.push(table.replicas[place]);
  return nodes;
}
