/** The tables of influxd-ctl and SHOW STATS at a moment, under the names and in the columns of the database (influxdb.9). */
import { isAtLeast, versionOf } from '../../dialect/influxdb/versions.ts';
import { shardBytes } from '../../replica/points/shard-bytes.ts';
import { addressOf, metaNodes, nodeNumber } from './moment.ts';
import type { ShardMoment } from './moment.ts';

type Rows = readonly (readonly string[])[];

/** A title, a line of `=`, columns two blanks apart. */
function titled(title: string, rows: Rows): string[] {
  return [title, '==========', ...aligned(rows)];
}

function aligned(rows: Rows): string[] {
  const widths = rows[0].map((_text, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
}

export function showLines({ plan, world }: ShardMoment): string[] {
  const [, version] = plan.database.split('@');
  const isNew = isAtLeast(versionOf(plan.database), '1.9.0');
  const head = isNew
    ? ['ID', 'TCP Address', 'HTTP Address', 'Version', 'Labels', 'Passive']
    : ['ID', 'TCP Address', 'Version'];
  const rows = plan.nodes.flatMap((_node, node) => {
    if (world.cluster.present[node] === 0) return [];
    const tcp = addressOf(plan, node);
    const common = [String(nodeNumber(plan, node)), tcp];
    const built = isNew ? `v${version}` : `${version}-c${version}`;
    return [isNew ? [...common, tcp.replace(/:\d+$/, ':8086'), built, '{}', 'false'] : [...common, built]];
  });
  return [...titled('Data Nodes', [head, ...rows]), '', ...metaLines(metaNodes(plan), version, isNew)];
}

/** The meta nodes whose numbers come before those of data nodes; they never fail. */
function metaLines(count: number, version: string, isNew: boolean): string[] {
  const head = isNew ? ['ID', 'Raft Address', 'HTTP Address', 'Version', 'Labels'] : ['TCP Address', 'Version'];
  const rows = Array.from({ length: count }, (_, index) => {
    const name = `meta${index + 1}`;
    return isNew
      ? [String(index + 1), `${name}:8089`, `${name}:8091`, `v${version}`, '{}']
      : [`${name}:8091`, `${version}-c${version}`];
  });
  return titled('Meta Nodes', [head, ...rows]);
}

/** Shards that there are; groups of later times are made half an hour ahead, or with the first point of their time. */
export function showShardsLines(moment: ShardMoment, isVerbose: boolean): string[] {
  const { plan, micros, world } = moment;
  const head = [
    'ID',
    'Database',
    'Retention Policy',
    'Desired Replicas',
    'Shard Group',
    'Start',
    'End',
    'Expires',
    'Owners',
  ];
  const rows = plan.tables.flatMap(({ shard, replication }, table) => {
    // Whose last owner was taken away is in no metadata (influxdb.7-remove).
    const isThere = !world.ends.isGone(table) && world.ownership.ownersOf(table).length > 0;
    if (shard === undefined || !isThere) return [];
    if (micros < (shard.since_micros ?? shard.from_micros - AHEAD) && !isWritten(moment, table)) return [];
    const [database, policy] = splitPolicy(shard.policy);
    const isCut = shard.truncated !== undefined && micros >= shard.truncated.at_micros;
    const end = isCut ? (shard.truncated?.until_micros ?? 0) : shard.until_micros;
    const factor = replication.strategy === 'SimpleStrategy' ? replication.factor : 1;
    const expires = shard.keep_micros === undefined ? '' : instantOf(moment, end + shard.keep_micros);
    return [
      [
        ...[String(shard.number), database, policy, String(factor), String(shard.group)],
        ...[instantOf(moment, shard.from_micros), `${instantOf(moment, end)}${isCut ? '*' : ''}`, expires],
        ownersOf(moment, table, isVerbose),
      ],
    ];
  });
  return titled('Shards', [head, ...rows]);
}

const AHEAD = 1_800_000_000;

function isWritten({ world }: ShardMoment, table: number): boolean {
  return [...world.tables[table].replicas].some((node) => {
    const { runs, memtable, flushes } = world.storage.of(node, table);
    return runs.length > 0 || memtable.count > 0 || flushes.length > 0;
  });
}

/** Does the asked node get an answer of the other? */
function hears({ world }: ShardMoment, asked: number, node: number): boolean {
  const { cluster } = world;
  if (asked === node) return true;
  const isCut = cluster.cut[asked * cluster.count + node] > 0 || cluster.cut[node * cluster.count + asked] > 0;
  return cluster.answers(node) && !isCut;
}

function ownersOf({ plan, world }: ShardMoment, table: number, isVerbose: boolean): string {
  const { replicas } = world.tables[table];
  const owners = world.ownership.ownersOf(table).map((copy) => replicas[copy]);
  const texts = owners.map((node) => {
    const address = addressOf(plan, node);
    if (!isVerbose) return `{${nodeNumber(plan, node)} ${address}}`;
    const state = world.compaction.isIdle(node, table) ? 'cold' : 'hot';
    const bytes = shardBytes(world.storage, world.versions, node, table);
    const isUp = world.cluster.answers(node);
    return `{ID:${nodeNumber(plan, node)} TCPAddr:${address} ${isUp ? `State:${state} Size:${bytes} Err:<nil>` : `Err:${errorOf(world, node)}`}}`;
  });
  return `[${texts.join(' ')}]`;
}

/** A machine without the process refuses; one that is off, or a process that stands still, says nothing. */
function errorOf({ cluster, processes }: ShardMoment['world'], node: number): string {
  return cluster.paused[node] === 1 || processes.isOff(node) ? 'i/o timeout' : 'connection refused';
}

/** What the nodes have found that the asked one reaches. */
export function entropyLines(moment: ShardMoment, asked: number): string[] {
  const { plan, world } = moment;
  const head = ['ID', 'Database', 'Retention Policy', 'Start', 'End', 'Expires', 'Status'];
  const rows = world.entropy
    .flaggedTables((node) => hears(moment, asked, node))
    .flatMap((table) => {
      const { shard } = plan.tables[table];
      if (shard === undefined) return [];
      const expires = shard.keep_micros === undefined ? '' : spaced(moment, shard.until_micros + shard.keep_micros);
      return [
        [
          ...[String(shard.number), ...splitPolicy(shard.policy)],
          ...[spaced(moment, shard.from_micros), spaced(moment, shard.until_micros), expires, 'diff'],
        ],
      ];
    });
  const queued = world.entropy.repairs.queuedTables().map(({ table }) => plan.tables[table].shard?.number ?? 0);
  return [...titled('Entropy', [head, ...rows]), '', `Queued Shards: [${queued.join(' ')}]`];
}

export function copyStatusLines(moment: ShardMoment): string[] {
  const { plan, world } = moment;
  const head = ['Source', 'Dest', 'Database', 'Policy', 'ShardID', 'TotalSize', 'CurrentSize', 'StartedAt'];
  const rows = world.shardCopies.underWay.map((copy) => {
    const { from, to, table, files, startedMicros } = copy;
    const { shard } = plan.tables[table];
    return [
      ...[addressOf(plan, from), addressOf(plan, to), ...splitPolicy(shard?.policy ?? '')],
      ...[String(shard?.number ?? 0), String(files?.bytes ?? 0), String(Math.floor(world.shardCopies.doneBytes(copy)))],
      spaced(moment, startedMicros),
    ];
  });
  return aligned([head, ...rows]);
}

export const STATISTICS = ['hh', 'hh_processor', 'hh_node', 'write'] as const;

/** What a node has counted since its process began; null where the version has no such measurement. */
export function statisticsLines(moment: ShardMoment, node: number, name: string): string[] | null {
  const { plan, world } = moment;
  const queues = world.hints.book.ofNode(node);
  if (name === 'write') return measured(name, '', world.requests.answers.statistics.of(node));
  if (name === 'hh_processor')
    return queues.flatMap(({ target, table, store, statistics }) => {
      const path = `/var/lib/influxdb/hh/${nodeNumber(plan, target)}/${plan.tables[table].shard?.number ?? 0}`;
      const depth = { queueBytes: store.pendingBytes, queueDepth: store.segments.length };
      return measured(name, `node=${nodeNumber(plan, target)}, path=${path}`, { ...statistics, ...depth });
    });
  if (name === 'hh') {
    const sum = (member: 'writeShardReq' | 'writeShardReqPoints'): number =>
      queues.reduce((total, { statistics }) => total + statistics[member], 0);
    const counted = { writeShardReq: sum('writeShardReq'), writeShardReqPoints: sum('writeShardReqPoints') };
    return measured(name, 'path=/var/lib/influxdb/hh', counted);
  }
  if (name !== 'hh_node' || !isAtLeast(versionOf(plan.database), '1.9.8')) return null;
  const targets = [...new Set(queues.map(({ target }) => target))].sort((left, right) => left - right);
  return targets.flatMap((target) =>
    measured(name, `node=${nodeNumber(plan, target)}`, { queueTotalSize: world.hints.diskBytes(node, target) }),
  );
}

function measured(name: string, tags: string, counted: Readonly<Record<string, number>>): string[] {
  const members = Object.keys(counted).sort((left, right) => (left < right ? -1 : 1));
  const values = members.map((member) => String(counted[member]));
  const lines = aligned([members, members.map((member) => '-'.repeat(member.length)), values]);
  return [`name: ${name}`, ...(tags === '' ? [] : [`tags: ${tags}`]), ...lines, ''];
}

/** `telegraf.month` */
function splitPolicy(policy: string): [string, string] {
  const at = policy.lastIndexOf('.');
  return [policy.slice(0, at), policy.slice(at + 1)];
}

/** `2023-01-01T00:00:00Z`, with nanoseconds where there are any. */
function instantOf({ clock }: ShardMoment, micros: number): string {
  const [second] = clock.stamp(micros).split(',');
  const below = ((micros % 1_000_000) + 1_000_000) % 1_000_000;
  return `${second.replace(' ', 'T')}${below === 0 ? '' : `.${String(below).padStart(6, '0')}000`}Z`;
}

/** `2017-10-09 00:00:00 +0000 UTC` */
function spaced(moment: ShardMoment, micros: number): string {
  return `${instantOf(moment, micros).replace('T', ' ').replace('Z', '')} +0000 UTC`;
}
