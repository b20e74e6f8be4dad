/**
 * What nodes own and hold, as `nodetool status` and `nodetool ring` say it: shares of the ring (cassandra.a5), loads, and what
 * the asked node believes of the others. Facts of `dht/Murmur3Partitioner#describeOwnership` and
 * `service/StorageService#effectiveOwnership`.
 */
import type { RangeHolders } from '../../data/layout.ts';
import { isAtLeast } from '../../dialect/cassandra/versions.ts';
import { fileSize } from '../java-text.ts';
import type { Moment } from '../moment.ts';

/** Tokens of Murmur3Partitioner, less the one that no key has. */
const RING = (1n << 64n) - 2n;
const SHARES = 1_000_000n;

export const NOT_THE_SAME =
  "Non-system keyspaces don't have the same replication settings, effective ownership information is meaningless";

/** Ranges and natural replicas of a table as they are at the moment. */
export function holdersNow({ world }: Moment, table: number): RangeHolders {
  const layout = world.tables[table];
  return layout.epochs?.holders[world.placements.epoch] ?? layout;
}

/** What the node is to the ring at the moment: its tokens, and N, J or L as `nodetool status` has it; null: no part of it. */
export function memberOf(
  { world }: Moment,
  node: number,
): { tokens: readonly string[]; state: 'N' | 'J' | 'L' } | null {
  const member = world.epochs.membersIn(world.placements.epoch)[node];
  return member && { tokens: member.tokens, state: ({ not: 'N', joins: 'J', leaves: 'L' } as const)[member.moves] };
}

/** By node; null where keyspaces differ and none was named. */
export function effectiveOwnership(moment: Moment, keyspace: string | null): number[] | null {
  const { plan, world } = moment;
  const tables = plan.tables.filter((table) => keyspace === null || table.keyspace === keyspace);
  const settings = new Set(
    tables.map((table) => JSON.stringify(world.epochs.replicationOf(table, world.placements.epoch))),
  );
  if (settings.size !== 1) return null;
  const layout = holdersNow(moment, plan.tables.indexOf(tables[0]));
  const owned = plan.nodes.map(() => 0);
  layout.ranges.forEach(({ left, right }, index) => {
    const share = shareOf(left, right);
    for (let copy = 0; copy < layout.copies; copy += 1) owned[layout.replicas[index * layout.copies + copy]] += share;
  });
  return owned;
}

/** The part of the ring in (left, right], rounded half even to millionths. */
function shareOf(left: bigint, right: bigint): number {
  const size = left === right ? RING : (((right - left) % RING) + RING) % RING;
  const doubled = (2n * size * SHARES) / RING;
  const floor = doubled / 2n;
  const isExactHalf = doubled % 2n === 1n && (2n * size * SHARES) % RING === 0n;
  const isUp = doubled % 2n === 1n && (!isExactHalf || floor % 2n === 1n);
  return Number(isUp ? floor + 1n : floor) / Number(SHARES);
}

/** Bytes of the node's live SSTables; `?` of a node of which the asked one never heard. */
export function loadText({ world, line }: Moment, node: number): string {
  const places = world.storage.nodeTables.filter((place) => place.node === node);
  const bytes = places.reduce((sum, { runs }) => runs.reduce((total, run) => total + run.bytes, sum), 0);
  return fileSize(bytes, isAtLeast(line, '3.11'));
}

export function seesUp({ world }: Moment, observer: number, peer: number): boolean {
  const { cluster } = world;
  return observer === peer || cluster.seen[observer * cluster.count + peer] === 1;
}

/** Data centres by name, as nodetool sorts them. */
export function dcsOf(moment: Moment): string[] {
  const present = moment.plan.nodes.filter((_node, index) => memberOf(moment, index) !== null);
  return [...new Set(present.map(({ dc }) => dc))].sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));
}

export function nodesOfDc(moment: Moment, dc: string): number[] {
  return moment.plan.nodes.flatMap((node, index) =>
    node.dc === dc && memberOf(moment, index) !== null ? [index] : [],
  );
}
