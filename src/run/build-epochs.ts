/**
 * The placements that a plan's changes of topology can lead to, by what has become of each change: not begun, under way, or
 * done. A change that is refused stays not begun; one that fails stays under way, as a node that could not finish joining
 * stays joining. At most one that moves data is under way at a time (run/topology.ts refuses a second).
 */
import { assert } from '../base/assert.ts';
import { MemberPlacement, tableEpochs, type EpochPlacement } from '../data/epochs.ts';
import type { TableEpochs } from '../data/layout.ts';
import { NetworkTopologyStrategy, SimpleStrategy, type Placement } from '../data/placement.ts';
import { buildRing, type Ring } from '../data/ring.ts';
import { type Plan, type PlanReplication, type PlanTable } from '../scenario/plan.ts';
import { isTopologyEntry, type TopologyEntry } from '../scenario/entry-kinds.ts';

export const CHANGE = { none: 0, underWay: 1, done: 2 } as const;

/** What has become of the changes, in order of their times, as one number. */
function keyOf(statuses: ArrayLike<number>): number {
  let key = 0;
  for (let index = 0; index < statuses.length; index += 1) key = key * 3 + statuses[index];
  return key;
}

export class Epochs {
  /** Indices into the plan's entries, by time. */
  readonly entries: readonly number[];
  readonly #plan: Plan;
  readonly #statuses: readonly (readonly number[])[];
  readonly #numbers = new Map<number, number>();
  readonly #rings: readonly { now: Ring; next: Ring | null; gains: number }[];

  constructor(plan: Plan) {
    this.#plan = plan;
    this.entries = plan.entries
      .map((_entry, index) => index)
      .filter((index) => isTopologyEntry(plan.entries[index]))
      .sort((left, right) => plan.entries[left].at_micros - plan.entries[right].at_micros || left - right);
    this.#statuses = reachable(this.entries.map((index) => isAlter(plan, index)));
    this.#statuses.forEach((statuses, number) => this.#numbers.set(keyOf(statuses), number));
    this.#rings = this.#statuses.map((statuses) => this.#ringsOf(statuses));
  }

  get count(): number {
    return this.#statuses.length;
  }

  numberOf(statuses: ArrayLike<number>): number {
    const number = this.#numbers.get(keyOf(statuses));
    assert(number !== undefined, `no epoch for the changes ${Array.from(statuses).join(' ')}`);
    return number ?? 0;
  }

  /** Replication of the table's keyspace in an epoch. */
  replicationOf(table: PlanTable, epoch: number): PlanReplication {
    return replicationIn(table, this.#changesDone(this.#statuses[epoch]));
  }

  /** What every node is to the ring in an epoch, with its tokens; null: no part of it. A node that takes a dead one's place
   * is none until it is there. */
  membersIn(epoch: number): ({ tokens: readonly string[]; moves: 'not' | 'joins' | 'leaves' } | null)[] {
    const plan = this.#plan;
    const statuses = this.#statuses[epoch];
    const tokens = tokensAfter(plan, this.#changesDone(statuses));
    const [change] = this.#changes(statuses, (status) => status === CHANGE.underWay);
    return plan.nodes.map(({ id, tokens: own }, node) => {
      const isMoving = change !== undefined && change.kind !== 'alterKeyspace' && change.node === id;
      if (isMoving && change.kind === 'addNode') return { tokens: own, moves: 'joins' };
      if (tokens[node].length === 0) return null;
      return { tokens: tokens[node], moves: isMoving && change.kind !== 'replaceNode' ? 'leaves' : 'not' };
    });
  }

  /** Members and epochs of a table; null where nothing ever changes. */
  placementOf(table: PlanTable): { placement: Placement; epochs: TableEpochs } | null {
    if (this.entries.length === 0) return null;
    const placements = this.#rings.map(({ now, next, gains }, epoch): EpochPlacement => {
      const replication = this.replicationOf(table, epoch);
      return {
        now: placementOf(replication, now),
        next: next === null ? null : placementOf(replication, next),
        gains,
      };
    });
    const cut = ringOf(this.#plan, tokensOf(this.#plan));
    const members = new MemberPlacement(cut, placements);
    return { placement: members, epochs: tableEpochs(members, placements) };
  }

  #changesDone(statuses: readonly number[]): TopologyEntry[] {
    return this.#changes(statuses, (status) => status === CHANGE.done);
  }

  #changes(statuses: readonly number[], isWanted: (status: number) => boolean): TopologyEntry[] {
    return this.entries.flatMap((entry, place) => {
      const change = this.#plan.entries[entry];
      return isWanted(statuses[place]) && isTopologyEntry(change) ? [change] : [];
    });
  }

  /** The ring of an epoch, and that to which the change leads that is under way in it. */
  #ringsOf(statuses: readonly number[]): { now: Ring; next: Ring | null; gains: number } {
    const plan = this.#plan;
    const done = this.#changesDone(statuses);
    const [underWay] = this.#changes(statuses, (status) => status === CHANGE.underWay);
    const now = ringOf(plan, tokensAfter(plan, done));
    if (underWay === undefined) return { now, next: null, gains: -1 };
    const later = this.#changes(statuses, (status) => status !== CHANGE.none);
    return { now, next: ringOf(plan, tokensAfter(plan, later)), gains: gainerOf(plan, underWay) };
  }
}

/** Placement of a replication over a ring. */
export function placementOf(replication: PlanReplication, ring: Ring): Placement {
  if (replication.strategy === 'SimpleStrategy') return new SimpleStrategy(ring, replication.factor);
  return new NetworkTopologyStrategy(ring, new Map(Object.entries(replication.factors)));
}

/** All that can become of the changes; the first one is the start of the run. */
function reachable(isAlterAt: readonly boolean[]): number[][] {
  let all: number[][] = [[]];
  for (const isInstant of isAlterAt) {
    all = all.flatMap((statuses) => {
      const fates: number[] = isInstant ? [CHANGE.none, CHANGE.done] : [CHANGE.none, CHANGE.underWay, CHANGE.done];
      return fates.map((fate) => [...statuses, fate]).filter((next) => isPossible(next, isAlterAt));
    });
  }
  return all.sort((left, right) => keyOf(left) - keyOf(right));
}

/** One under way at most; nothing that is under way or done comes after a change of replication that is not done. */
function isPossible(statuses: readonly number[], isAlterAt: readonly boolean[]): boolean {
  const last = statuses.length - 1;
  if (statuses.filter((status) => status === CHANGE.underWay).length > 1) return false;
  return statuses[last] === CHANGE.none || !statuses.some((status, at) => isAlterAt[at] && status === CHANGE.none);
}

function isAlter(plan: Plan, index: number): boolean {
  return plan.entries[index].kind === 'alterKeyspace';
}

function replicationIn(table: PlanTable, done: readonly TopologyEntry[]): PlanReplication {
  let { replication } = table;
  for (const change of done)
    if (change.kind === 'alterKeyspace' && change.keyspace === table.keyspace) replication = change.replication;
  return replication;
}

/** Only a node that joins gains ranges; when one leaves, whoever is next on the ring does. */
function gainerOf(plan: Plan, change: TopologyEntry): number {
  if (change.kind === 'addNode') return plan.nodes.findIndex(({ id }) => id === change.node);
  if (change.kind === 'replaceNode') return plan.nodes.findIndex(({ id }) => id === change.with);
  return -1;
}

/** Tokens of all nodes there ever are. */
function tokensOf(plan: Plan): string[][] {
  return plan.nodes.map(({ tokens }) => tokens);
}

function tokensAfter(plan: Plan, changes: readonly TopologyEntry[]): string[][] {
  const tokens = plan.nodes.map((node) => (node.joins === undefined ? node.tokens : []));
  const numberOf = (id: string): number => plan.nodes.findIndex((node) => node.id === id);
  for (const change of changes) {
    if (change.kind === 'alterKeyspace') continue;
    const node = numberOf(change.node);
    if (change.kind === 'addNode') tokens[node] = plan.nodes[node].tokens;
    else if (change.kind === 'replaceNode') {
      tokens[numberOf(change.with)] = tokens[node];
      tokens[node] = [];
    } else tokens[node] = [];
  }
  return tokens;
}

function ringOf(plan: Plan, tokens: readonly (readonly string[])[]): Ring {
  const result = buildRing(plan.nodes.map(({ dc, rack }, node) => ({ dc, rack, tokens: tokens[node].map(BigInt) })));
  assert(result.ok, 'the plan has a token twice');
  return result.ring;
}
