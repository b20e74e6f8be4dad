/**
 * The copies that differ or are wrong at a moment, grouped by how they came to: cause, state and origin. Each copy is in
 * exactly one group, so the groups sum to what the counters say.
 */
import { STATE, WRONGS } from '../../data/causes.ts';
import type { Census, FoundCopy } from '../../observe/census.ts';
import { causeOf, originOf, stateOf } from '../../data/fate.ts';

export interface Group {
  /** Numbers of src/data/causes.ts; state 0: wrong for clients, though it is what can still spread. */
  cause: number;
  state: number;
  /** Do other copies of its rows differ from it? Of state 0 only; where they do not, all agree. */
  isDisputed: boolean;
  origin: number;
  rows: number;
  /** Copies by what they are, numbers of WRONGS. */
  wrong: number[];
  byNode: Map<number, number>;
  byTable: Map<number, number>;
  /** Copies that lack a delete, and when the first and the last of these tombstones may be purged, µs. */
  deletes: { copies: number; first: number; last: number };
  /** Row, copy and expected version of each member, in order of slots. */
  memberRows: number[];
  memberCopies: number[];
  memberVersions: number[];
}

export function groupsOf(census: Census): Group[] {
  const groups = new Map<number, Group>();
  census.forEach((found) => {
    const isDisputed = !found.divergent && found.rowDiffers;
    const key = isDisputed ? -1 - found.status : found.status;
    let group = groups.get(key);
    if (group === undefined) groups.set(key, (group = { ...emptyGroup(found.status), isDisputed }));
    enter(group, found, census);
  });
  return [...groups.values()].sort(byWeight);
}

/** All copies of one row that are amiss as one group; its cause and origin are those of the first, its state is that of
 * one which heals by itself if there is any. */
export function groupOfRow(census: Census, row: number): Group {
  let group: Group | null = null;
  census.ofRow(row, (found) => {
    group ??= emptyGroup(found.status);
    if (isHealing(stateOf(found.status))) group.state = stateOf(found.status);
    enter(group, found, census);
  });
  return group ?? emptyGroup(0);
}

/** Will a mechanism under way bring what is missing? */
export function isHealing(state: number): boolean {
  return state === STATE.inFlight || state === STATE.hintPending;
}

function emptyGroup(status: number): Group {
  return {
    cause: causeOf(status),
    state: stateOf(status),
    origin: originOf(status),
    isDisputed: false,
    rows: 0,
    wrong: WRONGS.map(() => 0),
    byNode: new Map(),
    byTable: new Map(),
    deletes: { copies: 0, first: Infinity, last: 0 },
    memberRows: [],
    memberCopies: [],
    memberVersions: [],
  };
}

function enter(group: Group, found: FoundCopy, census: Census): void {
  const { memberRows } = group;
  // Copies of a row come one after the other.
  if (memberRows.length === 0 || memberRows[memberRows.length - 1] !== found.row) group.rows += 1;
  memberRows.push(found.row);
  group.memberCopies.push(found.copy);
  group.memberVersions.push(found.expected);
  group.wrong[found.wrong] += 1;
  group.byNode.set(found.node, (group.byNode.get(found.node) ?? 0) + 1);
  group.byTable.set(found.table, (group.byTable.get(found.table) ?? 0) + 1);
  const purgeable = found.divergent ? census.purgeableAt(found.table, found.expected) : Infinity;
  if (purgeable === Infinity) return;
  group.deletes.copies += 1;
  group.deletes.first = Math.min(group.deletes.first, purgeable);
  group.deletes.last = Math.max(group.deletes.last, purgeable);
}

/** Latent first, then what is wrong without differing, then what hints and messages will heal; each the largest first. */
const STATE_ORDER = [1, 3, 2, 0];

function byWeight(left: Group, right: Group): number {
  return (
    STATE_ORDER[left.state] - STATE_ORDER[right.state] ||
    right.memberRows.length - left.memberRows.length ||
    left.cause - right.cause ||
    left.origin - right.origin
  );
}
