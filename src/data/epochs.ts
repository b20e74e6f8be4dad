/**
 * Placement that changes during a run. A plan names every change of topology in advance, so a table has a finite list of
 * placements, its *epochs*: one for each set of changes that are done, or done but for the one under way. The ranges of a
 * layout are cut at the union of all tokens, the copies of a range are its *members*: whoever replicates it in any epoch, the
 * replicas of the first epoch first, so that copy numbers never change. In each epoch a member has a role. Which epoch holds
 * is decided at run time; a layout without epochs has one placement, in which every copy is a natural replica.
 * Pending ranges: cassandra.g-pending. Recorded as docs/decisions/0007.
 */
import { assert } from '../base/assert.ts';
import type { RangeHolders, TableEpochs, TableLayout } from './layout.ts';
import type { Placement } from './placement.ts';
import { ringIndexOf, type Ring } from './ring.ts';

/** What a member of a range is in an epoch: nothing, a replica that counts, or one that is sent writes before it counts. */
export const ROLE = { none: 0, natural: 1, pending: 2 } as const;

/** Stands for a copy that a range does not have: ranges of one table may have different numbers of members. */
export const NO_MEMBER = 0xffff;

/** Entry masks of the write path have a bit for each copy; drafting refuses more copies than this. */
export const MEMBERS_MAX = 30;

/** The placement of one epoch, and the one towards which its change under way leads. */
export interface EpochPlacement {
  readonly now: Placement;
  /** Null: nothing is under way that moves data. */
  readonly next: Placement | null;
  /** Only this node gains ranges on the way there; −1: whoever does. */
  readonly gains: number;
}

/** The members of every range of the cut ring, as a placement: the widest range sets the number of copies. */
export class MemberPlacement implements Placement {
  readonly ring: Ring;
  readonly copies: number;
  readonly factor: number;
  readonly #members: readonly (readonly number[])[];

  constructor(cut: Ring, epochs: readonly EpochPlacement[]) {
    this.ring = cut;
    this.factor = epochs[0].now.factor;
    const members = cut.tokens.map((token) => membersOf(token, epochs));
    const copies = members.reduce((most, { length }) => Math.max(most, length), 1);
    assert(copies <= MEMBERS_MAX, `a range has ${copies} members in the course of the run; at most ${MEMBERS_MAX} fit`);
    this.copies = copies;
    this.#members = members.map((list) => [...list, ...new Array<number>(copies - list.length).fill(NO_MEMBER)]);
  }

  naturalReplicas(ringIndex: number): readonly number[] {
    return this.#members[ringIndex];
  }
}

export function tableEpochs(members: MemberPlacement, epochs: readonly EpochPlacement[]): TableEpochs {
  return {
    roles: epochs.map((epoch) => rolesIn(members, epoch)),
    holders: epochs.map(({ now }) => holdersOf(now)),
    factors: epochs.map(({ now }) => now.factor),
  };
}

/** Is the node a replica of the range, which is given by its number in the layout, when the run begins? */
export function holdsAtStart({ epochs, copies, replicas }: TableLayout, range: number, node: number): boolean {
  const first = range * copies;
  for (let at = first; at < first + copies; at += 1)
    if (replicas[at] === node) return epochs === undefined || epochs.roles[0][at] === ROLE.natural;
  return false;
}

/** Nodes that are sent writes of the range with this token while the epoch holds, and do not count yet. */
export function pendingOf(token: bigint, { now, next, gains }: EpochPlacement): number[] {
  if (next === null) return [];
  const natural = naturalAt(now, token);
  return naturalAt(next, token).filter((node) => !natural.includes(node) && (gains < 0 || node === gains));
}

export function naturalAt(placement: Placement, token: bigint): readonly number[] {
  return placement.naturalReplicas(ringIndexOf(placement.ring, token));
}

function membersOf(token: bigint, epochs: readonly EpochPlacement[]): number[] {
  const members = new Set<number>();
  for (const epoch of epochs) {
    for (const node of naturalAt(epoch.now, token)) members.add(node);
    for (const node of pendingOf(token, epoch)) members.add(node);
  }
  return [...members];
}

function rolesIn(members: MemberPlacement, epoch: EpochPlacement): Uint8Array {
  const { ring, copies } = members;
  const roles = new Uint8Array(ring.tokens.length * copies);
  ring.tokens.forEach((token, range) => {
    const natural = naturalAt(epoch.now, token);
    const pending = pendingOf(token, epoch);
    members.naturalReplicas(range).forEach((node, copy) => {
      const role = natural.includes(node) ? ROLE.natural : pending.includes(node) ? ROLE.pending : ROLE.none;
      roles[range * copies + copy] = role;
    });
  });
  return roles;
}

function holdersOf(placement: Placement): RangeHolders {
  const { copies, ring } = placement;
  const replicas = new Uint16Array(ring.tokens.length * copies);
  ring.tokens.forEach((_token, index) => replicas.set(placement.naturalReplicas(index), index * copies));
  return { copies, ranges: ring.ranges, replicas };
}
