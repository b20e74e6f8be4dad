/**
 * `nodetool netstats` (cassandra.j5, `tools/nodetool/NetStats`, `streaming/ProgressInfo`): the streams of repairs with the
 * bytes that have passed until now. Messages and read repairs are not counted by the model and read "?".
 */
import { isAtLeast } from '../../dialect/cassandra/versions.ts';
import type { CassandraLine } from '../../dialect/cassandra/versions.ts';
import type { Sync, SyncDirection } from '../../repair/state.ts';
import { UNKNOWN } from '../java-text.ts';
import type { Moment } from '../moment.ts';
import { memberOf } from './ownership.ts';
import type { NodetoolCommand } from './view.ts';

export const netstats: NodetoolCommand = {
  name: 'netstats',
  usage: 'nodetool netstats',
  since: '2.0',
  words: 'nothing',
  wordsMin: 0,
  wordsMax: 0,
  options: [],
  view: (moment, { node }) => netLines(moment, node),
};

function netLines(moment: Moment, node: number): string[] {
  const syncs = streamingOn(moment, node);
  const streams = [...syncs.flatMap((sync) => streamLines(moment, node, sync)), ...movedLines(moment, node)];
  return [
    `Mode: ${modeOf(moment, node)}`,
    ...(streams.length === 0 ? ['Not sending any streams.'] : streams),
    ...poolLines(moment.line),
  ];
}

/** A process that is no part of the ring is on its way into it: it bootstraps, or takes a dead node's place. */
function modeOf(moment: Moment, node: number): string {
  const state = memberOf(moment, node)?.state ?? 'J';
  return { N: 'NORMAL', J: 'JOINING', L: 'LEAVING' }[state];
}

/** `streaming/StreamOperation`: what a stream of a change of topology is called. */
const OPERATIONS: Readonly<Record<string, string>> = {
  addNode: 'Bootstrap',
  replaceNode: 'Bootstrap',
  decommissionNode: 'Unbootstrap',
  removeNode: 'Restore replica count',
};

/** Streams of nodes that join, leave, or step in for others. */
function movedLines(moment: Moment, node: number): string[] {
  const { names, world } = moment;
  return world.topology.streamsOf(node).flatMap(({ origin, from, to, job, files, entry, began }) => {
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const sent = job === 0 ? bytes : world.devices.devices.doneBytes(job);
    const peer = from === node ? to : from;
    return [
      `${OPERATIONS[entry.kind]} ${names.timeUuid(began, origin, to)}`,
      `    /${names.addresses[peer]}`,
      ...flowLines(moment, {
        count: files.length,
        files,
        bytes,
        sent,
        hasEnded: false,
        isSending: from === node,
        peer,
      }),
    ];
  });
}

/** Exchanges of the node that have begun and are not over. */
export function streamingOn({ world }: Moment, node: number): Sync[] {
  return [...world.repairs.state.syncs.values()].filter(
    ({ first, second, hasBegun, preview, directions }) =>
      (first === node || second === node) &&
      hasBegun &&
      preview === 'none' &&
      directions.some(({ hasEnded, sections }) => !hasEnded && sections !== null),
  );
}

function streamLines(moment: Moment, node: number, sync: Sync): string[] {
  const { names } = moment;
  const peer = sync.first === node ? sync.second : sync.first;
  const lines = [`Repair ${names.timeUuid(sync.beganMicros, sync.id, sync.leader)}`, `    /${names.addresses[peer]}`];
  sync.directions.forEach((direction, index) => {
    const isSending = (index === 0 ? sync.first : sync.second) === node;
    const { files: count, bytes, hasEnded } = direction;
    const files = (direction.sections?.value ?? []).map((section) => ({ table: sync.table, bytes: section.bytes }));
    lines.push(
      ...flowLines(moment, { count, files, bytes, sent: sentBytes(moment, direction), hasEnded, isSending, peer }),
    );
  });
  return lines;
}

interface Flow {
  /** Of all files, also where they are not known any more. */
  count: number;
  files: readonly { table: number; bytes: number }[];
  bytes: number;
  sent: number;
  hasEnded: boolean;
  isSending: boolean;
  peer: number;
}

function flowLines(moment: Moment, { count, files, bytes, sent, hasEnded, isSending, peer }: Flow): string[] {
  if (count === 0) return [];
  const parts = progressOf(files, sent);
  const ended = hasEnded ? count : parts.filter(({ current, total }) => current === total).length;
  const current = hasEnded ? bytes : parts.reduce((sum, part) => sum + part.current, 0);
  const [doing, was] = isSending ? ['Sending', 'sent'] : ['Receiving', 'received'];
  const share = (part: number, whole: number): string => shareText(moment.line, part / Math.max(1, whole));
  const head =
    `        ${doing} ${count} files, ${bytes} bytes total. Already ${was} ` +
    `${ended} files${share(ended, count)}, ${current} bytes total${share(current, bytes)}`;
  const rows = parts.flatMap(({ current: done, total }, index) => {
    if (done === 0) return [];
    // A sender names the file that it reads, a receiver one that it writes; a section has no such number here.
    const { keyspace, name } = moment.plan.tables[files[index].table];
    const file = `/var/lib/cassandra/data/${keyspace}/${name}/${UNKNOWN}-${index + 1}-Data.db`;
    const percent = Math.floor((done * 100) / total);
    const way = isSending ? 'sent to' : 'received from';
    return [`            ${file} ${done}/${total} bytes(${percent}%) ${way} idx:0/${moment.names.addresses[peer]}`];
  });
  return [head, ...rows];
}

/** A stream without a job has sent all, and waits for the last of it to arrive. */
function sentBytes({ world }: Moment, { streamJob, stalls, bytes }: SyncDirection): number {
  return streamJob === 0 && stalls > 0 ? bytes : world.devices.devices.doneBytes(streamJob);
}

/** Since 4.0 with shares. */
function shareText(line: CassandraLine, share: number): string {
  return isAtLeast(line, '4.0') ? ` (${(share * 100).toFixed(2)}%)` : '';
}

/** Files go one after the other. */
function progressOf(files: readonly { bytes: number }[], done: number): { current: number; total: number }[] {
  let left = done;
  return files.map(({ bytes }) => {
    const current = Math.min(bytes, left);
    left -= current;
    return { current, total: bytes };
  });
}

function poolLines(line: CassandraLine): string[] {
  const read = ['Attempted', 'Mismatch (Blocking)', 'Mismatch (Background)'].map((name) => `${name}: ${UNKNOWN}`);
  const cells = (name: string, rest: readonly string[]): string => {
    const [active, pending, completed, dropped] = rest;
    const old = name.padEnd(25) + active.padStart(10) + pending.padStart(10) + completed.padStart(15);
    return isAtLeast(line, '3.0') ? old + dropped.padStart(10) : old;
  };
  const pools = isAtLeast(line, '2.2')
    ? ['Large messages', 'Small messages', 'Gossip messages']
    : ['Commands', 'Responses'];
  return [
    'Read Repair Statistics:',
    ...read,
    cells('Pool Name', ['Active', 'Pending', 'Completed', 'Dropped']),
    ...pools.map((pool) => cells(pool, ['n/a', UNKNOWN, UNKNOWN, UNKNOWN])),
  ];
}
