/**
 * Strategies on one failure history differ in nothing but the plan's repairs. One plan that holds the repairs of all of
 * them, each set asleep but one, lets every strategy go on from the same snapshot. Which repairs sleep changes nothing but
 * the numbers of entries, and what is drawn for one is drawn under the name that it has in the strategy's own plan, so a
 * fork measures what that plan measures (test/studies/compare.test.ts, compare-algorithms.test.ts). Where strategies differ
 * only from a moment on, the repairs that begin before it belong to the history.
 */
import { canonicalJson } from '../../scenario/plan-hash.ts';
import type { Plan, PlanEntry } from '../../scenario/plan.ts';
import { laterOwners } from '../../run/build-tables.ts';
import { isShardRepair } from '../explain/shard-reach.ts';
import type { ShardRepair } from '../explain/shard-reach.ts';

export interface DrawnStrategy {
  id: string;
  plan: Plan;
  /** Algorithms of the history that end where it parts from it. */
  ends?: readonly string[];
}

export interface UnionPlan {
  plan: Plan;
  /** Index of the first repair of a strategy; entries before it are the history. */
  firstRepair: number;
  /** Each strategy's own entries, by the order of the strategies: the first, and one past the last. */
  own: readonly { first: number; end: number }[];
  /** The earliest moment at which any strategy begins, µs; the end where none does. */
  forkMicros: number;
}

/** Do the two plans tell the same failure history to the same cluster? */
export function shareHistory(left: Plan, right: Plan): boolean {
  return canonicalJson(historyOf(left)) === canonicalJson(historyOf(right));
}

/** And to tables of the same shape: who becomes an owner by copy-shard has a place in them from the start. */
export function shareSnapshot(left: Plan, right: Plan): boolean {
  const members = (plan: Plan): string => canonicalJson(plan.tables.map((table) => laterOwners(plan, table)));
  return shareHistory(left, right) && members(left) === members(right);
}

/** All plans share their history; repairs that begin before `fromMicros` are part of it. */
export function unionPlan(strategies: readonly DrawnStrategy[], fromMicros = 0): UnionPlan {
  const [{ plan }] = strategies;
  const isOwn = (entry: PlanEntry): entry is RepairEntry => isRepair(entry) && entry.at_micros >= fromMicros;
  const entries: PlanEntry[] = plan.entries.filter((entry) => !isOwn(entry));
  const firstRepair = entries.length;
  const own = strategies.map((strategy) => {
    const repairs = strategy.plan.entries.filter(isOwn);
    const first = entries.length;
    for (const repair of repairs) entries.push(underTheNameOf(strategy.id, repair));
    return { first, end: entries.length };
  });
  const end = plan.duration_micros + plan.settle_micros;
  const starts = entries.slice(firstRepair).map(({ at_micros: at }) => at);
  return {
    plan: { ...plan, entries, expect: {} },
    firstRepair,
    own,
    forkMicros: starts.reduce((least, at) => Math.min(least, at), end),
  };
}

/** End of the last fault, which is that of the clients where one never ends or there is none. */
export function calmMicros({ entries, duration_micros: duration, workload }: Plan): number {
  const ends = entries.filter(({ id }) => id.startsWith('faults.')).map((entry) => entry.at_micros + lengthOf(entry));
  if (ends.length > 0) return Math.min(duration, Math.max(...ends));
  return Object.values(workload).reduce((last, { until_micros: until }) => Math.max(last, until), 0);
}

/** What lasts and has no end goes on to that of the run; what has no length is over at once. */
function lengthOf(entry: PlanEntry): number {
  return 'for_micros' in entry ? (entry.for_micros ?? Infinity) : 0;
}

type RepairEntry = Extract<PlanEntry, { kind: 'repair' | 'deletePoints' }> | ShardRepair;

/** Two strategies may have a repair of the same name. What is drawn for it stays what it is in the strategy's own plan. */
function underTheNameOf(strategy: string, repair: RepairEntry): RepairEntry {
  const id = `${repair.id}/${strategy}`;
  return repair.kind === 'repair' ? { ...repair, id, draws_of: repair.draws_of ?? repair.id } : { ...repair, id };
}

/** The name that it has in the strategy's own plan. */
export function ownName(id: string): string {
  return id.replace(/\/[a-z0-9-]+$/, '');
}

function isRepair(entry: PlanEntry): entry is RepairEntry {
  return entry.kind === 'repair' || isShardRepair(entry) || isAdvisedDelete(entry);
}

/** A delete that is advised is no operation of the history. */
function isAdvisedDelete({ kind, id }: PlanEntry): boolean {
  return kind === 'deletePoints' && id.startsWith('repairs.');
}

function historyOf(plan: Plan): unknown {
  const { entries, source, expect, assumptions, not_modelled, name, story, tags, ...rest } = plan;
  void [source, expect, assumptions, not_modelled, name, story, tags];
  return { ...rest, entries: entries.filter((entry) => !isRepair(entry)) };
}
