/**
 * `nodetool netstats` (cassandra.j5, `tools/nodetool/NetStats`, `streaming/ProgressInfo`): the streams of repairs with the
 * bytes that have passed until now. Messages and read repairs are not counted by the model and read "?".
 */
import { isAtLeast } from '../../dialect/cassandra/versions.ts';
import type { CassandraLine } from '../../dialect/cassandra/versions.ts';
import type { SizedSection, Sync, SyncDirection } from '../../repair/state.ts';
import { UNKNOWN } from '../java-text.ts';
import type { Moment } from '../moment.ts';
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
  const streams = syncs.flatMap((sync) => streamLines(moment, node, sync));
  return [
    'Mode: NORMAL',
    ...(streams.length === 0 ? ['Not sending any streams.'] : streams),
    ...poolLines(moment.line),
  ];
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
    lines.push(...directionLines(moment, { direction, table: sync.table, isSending, peer }));
  });
  return lines;
}

interface Flow {
  direction: SyncDirection;
  table: number;
  isSending: boolean;
  peer: number;
}

function directionLines(moment: Moment, { direction, table, isSending, peer }: Flow): string[] {
  const { files, bytes } = direction;
  if (files === 0) return [];
  const parts = progressOf(direction.sections?.value ?? [], sentBytes(moment, direction));
  const ended = direction.hasEnded ? files : parts.filter(({ current, total }) => current === total).length;
  const current = direction.hasEnded ? bytes : parts.reduce((sum, part) => sum + part.current, 0);
  const [doing, was] = isSending ? ['Sending', 'sent'] : ['Receiving', 'received'];
  const share = (part: number, whole: number): string => shareText(moment.line, part / Math.max(1, whole));
  const head =
    `        ${doing} ${files} files, ${bytes} bytes total. Already ${was} ` +
    `${ended} files${share(ended, files)}, ${current} bytes total${share(current, bytes)}`;
  const { keyspace, name } = moment.plan.tables[table];
  const way = isSending ? 'sent to' : 'received from';
  const rows = parts.flatMap(({ current: done, total }, index) => {
    if (done === 0) return [];
    // A sender names the file that it reads, a receiver one that it writes; a section has no such number here.
    const file = `/var/lib/cassandra/data/${keyspace}/${name}/${UNKNOWN}-${index + 1}-Data.db`;
    const percent = Math.floor((done * 100) / total);
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
function progressOf(files: readonly SizedSection[], done: number): { current: number; total: number }[] {
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
