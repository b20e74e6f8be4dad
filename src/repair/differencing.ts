/**
 * Comparison of the summaries of one job when all are in: every pair of replicas (cassandra.b10), and a sync for each
 * pair that differs. How two summaries are compared is the strategy's; for Merkle trees see `merkle-summary.ts`.
 */
import { Bug } from '../base/assert.ts';
import { normalizeIntervals } from '../data/build-layout.ts';
import type { OrdinalInterval } from '../data/build-layout.ts';
import { RECORD } from '../data/records.ts';
import type { RepairContext } from './context.ts';
import { Shared } from './state.ts';
import type { OpenJob, Sync, SyncDirection } from './state.ts';
import type { Comparison } from './strategy.ts';

/** Indices of two replicas of the session, the first smaller. */
interface Pair {
  first: number;
  second: number;
}

/** Compares all pairs; returns the syncs that they need, in the order of the pairs. */
export function comparePairs(context: RepairContext, compared: OpenJob): Sync[] {
  const { job, session, command } = compared;
  const syncs: Sync[] = [];
  const taken = session.replicas.map((): readonly OrdinalInterval[] => []);
  for (const pair of pairsOf(context, session.replicas.length)) {
    const comparison = compare(context, compared, pair);
    note(context, compared, pair, comparison);
    if (comparison.ranges.length === 0) continue;
    context.mark('cassandra.b12');
    const intervals = normalizeIntervals(comparison.ranges.flatMap((range) => range.intervals));
    const toSecond = share(context, { intervals, taken, receiver: pair.second });
    const toFirst = share(context, { intervals, taken, receiver: pair.first });
    syncs.push(newSync(context, compared, { pair, toSecond, toFirst }));
  }
  const options = { session: session.id, table: job.table, node: command.node, startMicros: context.now };
  context.phase(command.entry, 'compare', options);
  return syncs;
}

/** cassandra.b10: every pair (i < j); with the rule off only those with the coordinator, which is the last. */
function pairsOf(context: RepairContext, count: number): Pair[] {
  const pairs: Pair[] = [];
  context.mark('cassandra.b10');
  for (let first = 0; first < count; first += 1) {
    for (let second = first + 1; second < count; second += 1) {
      if (!context.isOff('cassandra.b10') || second === count - 1) pairs.push({ first, second });
    }
  }
  return pairs;
}

function compare(context: RepairContext, { job, command }: OpenJob, pair: Pair): Comparison {
  const left = job.summaries[pair.first]?.value;
  const right = job.summaries[pair.second]?.value;
  if (left === undefined || right === undefined) throw new Bug('a comparison without both summaries');
  const { host } = context;
  return context
    .strategy(command.strategy)
    .summary.compare(left, right, { layout: host.tables[job.table], rules: host.rules });
}

function note(context: RepairContext, { session, command }: OpenJob, pair: Pair, comparison: Comparison): void {
  const { book, host } = context;
  const { ranges, nodesVisited } = comparison;
  const first = session.replicas[pair.first];
  const second = session.replicas[pair.second];
  const ledger = book.of(command.entry);
  const name = `${host.nodeName(Math.min(first, second))}|${host.nodeName(Math.max(first, second))}`;
  ledger.comparisons += 1;
  ledger.nodes_visited += nodesVisited;
  ledger.differing_ranges += ranges.length;
  ledger.differing_ranges_by_pair[name] = (ledger.differing_ranges_by_pair[name] ?? 0) + ranges.length;
  const operands = { copy: second, a: session.id, b: command.entry };
  context.record(RECORD.treesCompared, first, { ...operands, c: ranges.length });
  context.record(RECORD.treesVisited, first, { ...operands, c: nodesVisited });
  for (const { intervals } of ranges) {
    context.record(RECORD.rangeDiffered, first, { ...operands, c: intervals.length === 0 ? -1 : intervals[0].from });
  }
}

interface FoundPair {
  pair: Pair;
  /** What the first sends to the second, and back. */
  toSecond: readonly OrdinalInterval[];
  toFirst: readonly OrdinalInterval[];
}

function newSync(context: RepairContext, compared: OpenJob, { pair, toSecond, toFirst }: FoundPair): Sync {
  const { job, session, command } = compared;
  const { bothWays } = context.strategy(command.strategy).payload;
  const sync: Sync = {
    id: context.newId(),
    job: job.id,
    session: session.id,
    entry: command.entry,
    strategy: command.strategy,
    coordinator: command.node,
    table: job.table,
    silo: context.marksTwoPhase(command) ? command.id : 0,
    first: session.replicas[pair.first],
    second: session.replicas[pair.second],
    hasBegun: false,
    acked: false,
    directions: bothWays ? [newDirection(toSecond), newDirection(toFirst)] : [newDirection(toSecond)],
    beganMicros: 0,
  };
  context.state.syncs.set(sync.id, sync);
  return sync;
}

/** What a receiver takes of what differs in a pair: all of it (cassandra.b12); with the rule off, only what no earlier
 * pair brings to it. */
function share(
  context: RepairContext,
  options: { intervals: readonly OrdinalInterval[]; taken: (readonly OrdinalInterval[])[]; receiver: number },
): readonly OrdinalInterval[] {
  const { intervals, taken, receiver } = options;
  if (!context.isOff('cassandra.b12')) return intervals;
  const fresh = subtractIntervals(intervals, taken[receiver]);
  taken[receiver] = normalizeIntervals([...taken[receiver], ...intervals]);
  return fresh;
}

/** The partitions of `from` that are not in `without`; both ascending and without overlap. */
function subtractIntervals(from: readonly OrdinalInterval[], without: readonly OrdinalInterval[]): OrdinalInterval[] {
  const left: OrdinalInterval[] = [];
  for (const interval of from) {
    let start = interval.from;
    for (const gap of without) {
      if (gap.to <= start || gap.from >= interval.to) continue;
      if (gap.from > start) left.push({ from: start, to: gap.from });
      start = gap.to;
    }
    if (start < interval.to) left.push({ from: start, to: interval.to });
  }
  return left;
}

function newDirection(intervals: readonly OrdinalInterval[]): SyncDirection {
  return {
    intervals: new Shared(intervals),
    hasEnded: false,
    sections: null,
    bytes: 0,
    rows: 0,
    startMicros: 0,
    streamJob: 0,
    stalls: 0,
  };
}
