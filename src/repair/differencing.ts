/**
 * Comparison of the summaries of one job when all are in: every pair of replicas (cassandra.b10), and a sync for each
 * pair that differs. How two summaries are compared is the strategy's; for Merkle trees see `merkle-summary.ts`.
 */
import { Bug } from '../base/assert.ts';
import { normalizeIntervals, ordinalsInRange } from '../data/build-layout.ts';
import type { OrdinalInterval } from '../data/build-layout.ts';
import { RECORD } from '../data/records.ts';
import type { RepairContext } from './context.ts';
import { planFetches } from './optimised-streams.ts';
import { Shared } from './state.ts';
import type { Command, OpenJob, Sync, SyncDirection } from './state.ts';
import type { Comparison, DifferingRange } from './strategy.ts';

/** Indices of two replicas of the session; of a pair that was compared the first is smaller. */
interface Pair {
  first: number;
  second: number;
}

interface FoundPair extends Pair {
  ranges: readonly DifferingRange[];
}

/** Compares the pairs whose turn it is; returns the syncs that they need, in the order of the pairs. */
export function comparePairs(context: RepairContext, compared: OpenJob): Sync[] {
  const { job, session, command } = compared;
  const found: FoundPair[] = [];
  for (const pair of pairsInTurn(context, compared)) {
    const comparison = compare(context, compared, pair);
    note(context, compared, pair, comparison);
    if (comparison.ranges.length > 0) found.push({ ...pair, ranges: comparison.ranges });
  }
  const options = { session: session.id, table: job.table, node: command.node, startMicros: context.now };
  context.phase(command.entry, 'compare', options);
  return optimisesStreams(context, command)
    ? optimisedSyncs(context, compared, found)
    : standardSyncs(context, compared, found);
}

/** cassandra.b12: every pair that differs exchanges all of it, both ways. */
function standardSyncs(context: RepairContext, compared: OpenJob, found: readonly FoundPair[]): Sync[] {
  const { session, command } = compared;
  const { pull } = command.asked.value.options;
  if (pull) context.mark('cassandra.d-pull');
  const { bothWays } = context.strategy(command.strategy).payload;
  const isOneWay = !bothWays || (pull && !context.isOff('cassandra.d-pull'));
  const taken = session.replicas.map((): readonly OrdinalInterval[] => []);
  return found.map((pair) => {
    context.mark('cassandra.b12');
    const rangeCount = pair.ranges.length;
    const intervals = normalizeIntervals(pair.ranges.flatMap((range) => range.intervals));
    const toSecond = newDirection(rangeCount, share(context, { intervals, taken, receiver: pair.second }));
    if (isOneWay) return newSync(context, compared, { pair, directions: [toSecond] });
    const toFirst = newDirection(rangeCount, share(context, { intervals, taken, receiver: pair.first }));
    return newSync(context, compared, { pair, directions: [toSecond, toFirst] });
  });
}

/** cassandra.b11: never of a pull repair; without the option where the coordinator's settings say so. */
function optimisesStreams(context: RepairContext, command: Command): boolean {
  const { optimise_streams, pull, preview } = command.asked.value.options;
  if (pull || context.isOff('cassandra.b11')) return false;
  const kind = context.marksTwoPhase(command) ? 'inc' : 'full';
  return optimise_streams || context.setting(command.node, AUTO_OPTIMISE[preview === 'none' ? kind : 'preview']) === 1;
}

const AUTO_OPTIMISE = {
  full: 'auto_optimise_full_repair_streams',
  inc: 'auto_optimise_inc_repair_streams',
  preview: 'auto_optimise_preview_repair_streams',
} as const;

function optimisedSyncs(context: RepairContext, compared: OpenJob, differences: readonly FoundPair[]): Sync[] {
  const { host } = context;
  const { replicas } = compared.session;
  const layout = host.tables[compared.job.table];
  context.mark('cassandra.b11');
  const dcOfReplica = replicas.map((replica) => host.dcOf(replica));
  return planFetches({ differences, replicas, dcOfReplica }).map(({ receiver, source, ranges }) => {
    const intervals = normalizeIntervals(ranges.flatMap((range) => ordinalsInRange(layout, range)));
    const directions = [newDirection(ranges.length, intervals)];
    return newSync(context, compared, { pair: { first: source, second: receiver }, directions });
  });
}

/** Has every pair been compared? */
export function areAllCompared(context: RepairContext, { job, session }: OpenJob): boolean {
  return job.comparedPairs >= pairsOf(context, session.replicas.length).length;
}

/** cassandra.b10: all pairs, or in a sequential repair of 2.0 the next one. */
function pairsInTurn(context: RepairContext, { job, session, command }: OpenJob): Pair[] {
  const left = pairsOf(context, session.replicas.length).slice(job.comparedPairs);
  const pairs = context.strategy(command.strategy).exchanging === 'in_turn' ? left.slice(0, 1) : left;
  job.comparedPairs += pairs.length;
  return pairs;
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

function newSync(
  context: RepairContext,
  { job, session, command }: OpenJob,
  { pair, directions }: { pair: Pair; directions: SyncDirection[] },
): Sync {
  const first = session.replicas[pair.first];
  const second = session.replicas[pair.second];
  const sync: Sync = {
    id: context.newId(),
    job: job.id,
    session: session.id,
    entry: command.entry,
    strategy: command.strategy,
    coordinator: command.node,
    table: job.table,
    silo: context.marksTwoPhase(command) ? command.id : 0,
    unrepairedOnly: context.marksAfterwards(command) && context.strategy(command.strategy).scope === 'unrepaired',
    stamp: command.stamp,
    preview: command.asked.value.options.preview,
    first,
    second,
    // cassandra.b10, b11: the coordinator where it is one of two that exchange, else the first; one that fetches asks itself.
    leader: second === command.node || directions.length === 1 ? second : first,
    hasBegun: false,
    acked: false,
    directions,
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

function newDirection(rangeCount: number, intervals: readonly OrdinalInterval[]): SyncDirection {
  return {
    rangeCount,
    intervals: new Shared(intervals),
    hasEnded: false,
    sections: null,
    files: 0,
    bytes: 0,
    rows: 0,
    startMicros: 0,
    streamJob: 0,
    stalls: 0,
  };
}
