/** What this version of Reconverge leaves out of Cassandra, as sentences that stand beside every result; some of lines only. */
import { CASSANDRA_LINES, isAtLeast } from './versions.ts';
import type { CassandraLine } from './versions.ts';

export interface NotModelled {
  text: string;
  /** The lines that it is about, ascending. */
  lines: readonly CassandraLine[];
}

const OF_ALL: readonly string[] = [
  'Reads are of single rows, by workloads; probes only look. Reads of partitions, ranges and indexes are not modelled, nor is short read protection.',
  'Lightweight transactions, counters, materialized views, secondary indexes and change data capture are not modelled; nor are Accord and mutation tracking, which come after 5.0.',
  'Nodes do not move their tokens; a replacement has another address than the node it replaces. Only one node joins, leaves or is replaced at a time, a change whose stream failed is not resumed, and a node that no longer replicates a range keeps its data, which counts nowhere (no nodetool cleanup, no rebuild).',
  'Clients send to the nodes of the start: a node that joins later coordinates no client’s requests, unless its data centre is new.',
  'Of the schema only gc_grace_seconds and the replication of a keyspace change, on all nodes at once.',
  'Gossip is not simulated message by message: failure detection follows the phi formula on one heartbeat a second.',
  'The load of the commit log and of clients on disk and links, garbage collection and the page cache are not modelled; background work shares disk and links. The processor limits it only where cluster.devices.processor says how much a node hashes and merges; else its use is measured against 1600 MB/s.',
  'The heap is taken for 8 GiB: memtables and, where repair_session_space is unset, the space for Merkle trees follow from it.',
  'SSTables have the BIG format and no compression; no compaction of a single SSTable for its tombstones starts by itself.',
  'Request queues are not modelled: latencies are drawn. Only what a read takes of a busy disk, how long a write waits for the commit log, and a hint for a place in memory, are worked out.',
  'A graceful stop takes no time: what is in memory lies in SSTables and hint files at that moment.',
  'The time-outs of a repair run on while its coordinator is paused; message loss does not touch gossip.',
  'A lost SSTable is missing at once, though a real process keeps an open file until it ends; one that an open incremental repair has set apart is never drawn. An old snapshot is put back by a stop and a start that take no time; what nodetool and JMX change is applied at once.',
  'A corrupt value has the timestamp of the right one and is larger or smaller by a draw, with even chances.',
  'A write that a slow clock makes older than what is there loses on all copies alike: it is no divergence, has no cause, and counts neither as wrong nor as lost, although its client was told a success. The local deletion time of a tombstone follows no skew.',
  'A client waits for its coordinator’s answer or the end of its connection, and tries again only after that; the retry carries the timestamp of the first attempt, also through a coordinator with another clock. A batch is not tried again.',
  'A write to another data centre goes straight to each replica there: that one replica of each remote data centre forwards it to the others is not modelled.',
  'A hint is in progress only while it waits for room in memory: threads that wait there (concurrent_writes) do not keep mutations waiting, a mutation of a batch is never refused as overloaded, and a machine is taken to have eight cores. Replicas answer no failures, so none becomes a hint (since 4.1); hint files of nodes that are gone are not cleaned up by the hour (auto_hints_cleanup_enabled).',
  'A disk is never full: hints, snapshots and data grow without end.',
  'The message that removes a complete batch from the batchlog is never lost or late; tombstones weigh the same in every slot they touch.',
];

/** Of some lines only: first, last. */
const OF_LINES: readonly [since: CassandraLine, until: CassandraLine, text: string][] = [
  [
    '2.0',
    '2.0',
    'Of 2.0 only repair is modelled; its flags and whatever is not said of it here are taken for those of 2.1.',
  ],
  [
    '2.0',
    '2.1',
    'The sessions of a command, one a range, begin together, and so do the tables of a session: that 2.0 and 2.1 begin some of them later is not modelled.',
  ],
  [
    '2.0',
    '2.2',
    'The table system.hints takes no part in flushes and compactions: its tombstones cost nothing, and a deleted hint does not come back after a crash.',
  ],
  [
    '2.0',
    '3.11',
    'What clean-up, scrub and restarts do to SSTables that a repair before 4.0 has marked half is not modelled.',
  ],
  ['4.0', '5.0', 'SSTables that are streamed whole share the throttle of those that are streamed in part.'],
  ['4.1', '5.0', 'Repair of paxos state alone is not in this version; all other options of nodetool repair are.'],
  [
    '5.0',
    '5.0',
    'The BTI table format and trie memtables are not modelled; commitlog_disk_access_mode: auto is taken for direct.',
  ],
];

export const NOT_MODELLED: readonly NotModelled[] = [
  ...OF_ALL.map((text) => ({ text, lines: CASSANDRA_LINES })),
  ...OF_LINES.map(([since, until, text]) => ({
    text,
    lines: CASSANDRA_LINES.filter((line) => isAtLeast(line, since) && isAtLeast(until, line)),
  })),
];

export function notModelledOf(line: CassandraLine): string[] {
  return NOT_MODELLED.filter(({ lines }) => lines.includes(line)).map(({ text }) => text);
}
