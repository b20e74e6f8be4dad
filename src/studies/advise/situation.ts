/**
 * How things stand at the moment of the advice: which copies a repair or a hint may heal, on which nodes, in which token
 * ranges; and what the run as it is planned makes of them. One run, to the moment and on.
 */
import { int64 } from '../../data/int64-halves.ts';
import type { TableLayout } from '../../data/layout.ts';
import { FIRST_VERSION } from '../../data/versions.ts';
import { STATE } from '../../data/causes.ts';
import type { FinalState } from '../../observe/result.ts';
import type { Plan } from '../../scenario/plan.ts';
import { Follower } from '../explain/afterwards.ts';
import type { Aftermath } from '../explain/explanation.ts';
import { groupsOf } from '../explain/groups.ts';
import type { Group } from '../explain/groups.ts';
import { replicasOf } from '../explain/repair-reach.ts';
import { WatchedRun } from '../explain/watched-run.ts';
import type { OnProgress } from '../explain/watched-run.ts';
import type { Deadline } from './advice.ts';

/** A stretch of a token range in which copies differ: (start, end]. */
export interface DifferingRange {
  table: string;
  start: string;
  end: string;
  /** Its replicas, the first one first. */
  replicas: string[];
}

/** A shard of which copies are latent, with how many on each of its owners. */
export interface DifferingShard {
  table: string;
  number: number;
  owners: { id: string; amiss: number }[];
}

export interface Situation {
  final: FinalState;
  /** Copies that are latent or wait for a hint. */
  amissCopies: number;
  hintPendingCopies: number;
  /** Copies that are wrong though all copies agree. */
  agreedCopies: number;
  nodes: string[];
  tables: string[];
  /** Null where placement changes, so that a range is not the same before and after, and of shards, which have none. */
  ranges: DifferingRange[] | null;
  /** Nodes that run and hold a copy of a table that is amiss, in the plan's order. */
  able: string[];
  /** All nodes that run. */
  running: string[];
  /** Where points are stored by shards. */
  shards: DifferingShard[];
  /** Copies that lack a delete. */
  missedDeletes: number;
  afterwards: Aftermath;
  /** When the last copy that waited for a hint was healed by one; null where that does not happen. */
  hintsDoneMicros: number | null;
  hintDeadlines: Deadline[];
  seenUntilMicros: number;
}

/** `untilMicros`: everything before it has happened. */
export function situationOf(plan: Plan, untilMicros: number, onProgress: OnProgress | null): Situation {
  const follower: Follower = new Follower(() => run.world.tables);
  const run: WatchedRun = new WatchedRun(plan, [follower], onProgress);
  run.runTo(untilMicros);
  const final = run.final();
  const groups = groupsOf(run.census);
  const mended = groups.filter(({ state }) => state === STATE.latent || state === STATE.hintPending);
  const tables = namesBy(mended, ({ byTable }) => byTable, plan.tables);
  const found = {
    final,
    amissCopies: copiesOf(mended),
    hintPendingCopies: copiesOf(mended.filter(({ state }) => state === STATE.hintPending)),
    agreedCopies: copiesOf(groups.filter(({ state }) => state === STATE.none)),
    nodes: namesBy(mended, ({ byNode }) => byNode, plan.nodes),
    tables,
    ranges: rangesOf(mended, run),
    able: ableNodes(run, tables),
    running: plan.nodes.flatMap(({ id }, node) => (run.world.cluster.running[node] === 1 ? [id] : [])),
    shards: differingShards(mended, run),
    missedDeletes: mended.reduce((sum, { deletes }) => sum + deletes.copies, 0),
    hintDeadlines: plan.points === undefined ? hintDeadlines(mended, run) : [],
  };
  const after = mended.length === 0 ? [] : follower.follow(run, mended);
  const byHint = after.flatMap(({ healed }) => healed.get('hint')?.lastMicros ?? []);
  return {
    ...found,
    afterwards: summed(after),
    hintsDoneMicros: byHint.length === 0 ? null : Math.max(...byHint),
    seenUntilMicros: run.now,
  };
}

function copiesOf(groups: readonly Group[]): number {
  return groups.reduce((sum, { memberRows }) => sum + memberRows.length, 0);
}

/** In the order of the plan. */
function namesBy(
  groups: readonly Group[],
  by: (group: Group) => ReadonlyMap<number, number>,
  named: readonly { id: string }[],
): string[] {
  return named.flatMap(({ id }, index) => (groups.some((group) => by(group).has(index)) ? [id] : []));
}

function ableNodes({ plan, world }: WatchedRun, tables: readonly string[]): string[] {
  const layouts = world.tables.filter(({ id }) => tables.includes(id));
  return plan.nodes.flatMap(({ id }, node) =>
    world.cluster.running[node] === 1 && layouts.some(({ replicas }) => replicas.includes(node)) ? [id] : [],
  );
}

function layoutOf({ world }: WatchedRun, row: number): TableLayout {
  return world.tables.findLast(({ slotBase }) => slotBase <= row) ?? world.tables[0];
}

/** The least and the greatest partition that differs in each range; of the range that wraps, on either side of the end. */
function rangesOf(groups: readonly Group[], run: WatchedRun): DifferingRange[] | null {
  if (run.plan.points !== undefined || run.world.tables.some(({ epochs }) => epochs !== undefined)) return null;
  const spans = new Map<string, { layout: TableLayout; first: number; last: number }>();
  for (const { memberRows } of groups) {
    for (const row of memberRows) {
      const layout = layoutOf(run, row);
      const ordinal = Math.floor((row - layout.slotBase) / layout.slotsPerPartition);
      const range = layout.rangeOfOrdinal[ordinal];
      const isWrapped = tokenOf(layout, ordinal) <= layout.ranges[range].left;
      const key = `${layout.index}/${range}/${isWrapped}`;
      const span = spans.get(key);
      if (span === undefined) spans.set(key, { layout, first: ordinal, last: ordinal });
      else {
        span.first = Math.min(span.first, ordinal);
        span.last = Math.max(span.last, ordinal);
      }
    }
  }
  return [...spans.values()]
    .sort((left, right) => left.layout.index - right.layout.index || left.first - right.first)
    .map(({ layout, first, last }) => ({
      table: layout.id,
      start: String(tokenOf(layout, first) - 1n),
      end: String(tokenOf(layout, last)),
      replicas: replicasOf(run.plan, { layout, ordinal: first }),
    }));
}

function differingShards(groups: readonly Group[], run: WatchedRun): DifferingShard[] {
  const amiss = new Map<string, number>();
  for (const { state, memberRows, memberCopies } of groups) {
    if (state !== STATE.latent) continue;
    memberRows.forEach((row, member) => {
      const layout = layoutOf(run, row);
      const key = `${layout.id}/${run.plan.nodes[layout.replicas[memberCopies[member]]].id}`;
      amiss.set(key, (amiss.get(key) ?? 0) + 1);
    });
  }
  return run.plan.tables.flatMap(({ id: table, shard, owners = [] }) => {
    const own = owners.map((id) => ({ id, amiss: amiss.get(`${table}/${id}`) ?? 0 }));
    const differs = own.some((owner) => owner.amiss > 0);
    return shard === undefined || !differs ? [] : [{ table, number: shard.number, owners: own }];
  });
}

function tokenOf({ tokenHigh, tokenLow }: TableLayout, ordinal: number): bigint {
  return int64(tokenHigh[ordinal], tokenLow[ordinal]);
}

/** cassandra.e17: a hint is not sent any more gc_grace after its write, so that it brings nothing back. */
function hintDeadlines(groups: readonly Group[], run: WatchedRun): Deadline[] {
  const { tables, versions } = run.world;
  return tables.flatMap((layout) => {
    let first = Infinity;
    let rows = 0;
    for (const { state, memberRows, memberVersions } of groups) {
      if (state !== STATE.hintPending) continue;
      memberRows.forEach((row, member) => {
        const version = memberVersions[member];
        if (layoutOf(run, row) !== layout || version < FIRST_VERSION) return;
        rows += 1;
        first = Math.min(first, versions.arrays.issuedAt[version] + layout.gcGraceMicros);
      });
    }
    return rows === 0 ? [] : [{ kind: 'hint_expiry' as const, table: layout.id, at_micros: first, rows }];
  });
}

function summed(
  after: readonly { healed: Map<string, { copies: number; lastMicros: number }>; left: number }[],
): Aftermath {
  const healed: Aftermath['healed'] = {};
  for (const one of after) {
    for (const [id, { copies, lastMicros }] of one.healed) {
      const { copies: before, by_micros: by } = healed[id] ?? { copies: 0, by_micros: 0 };
      healed[id] = { copies: before + copies, by_micros: Math.max(by, lastMicros) };
    }
  }
  return { healed, left: after.reduce((sum, { left }) => sum + left, 0) };
}
