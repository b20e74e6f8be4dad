/**
 * The registry of metric names: what an expectation may ask for and what a series records, one sentence each. A level
 * has a value at every moment (from the oracle, while the run goes on); a total rises with time and is also known at
 * every moment; a final is known when the run has ended (clients' answers, the ledgers of repairs). The scenario reader
 * checks names and `where` members against this table; the reference page of metrics is generated from it.
 */
import { metric, type Metric, type WhereMember } from './metric.ts';
import { ENTROPY_FINALS, QUERY_METRICS } from './query-metrics.ts';

export type { Metric, MetricKind, MetricUnit, WhereMember } from './metric.ts';

const COPY_WHERE: readonly WhereMember[] = ['cause', 'state', 'node', 'origin', 'table'];
const STATE_WHERE: readonly WhereMember[] = ['cause', 'node', 'origin', 'table'];
const NODE_WHERE: readonly WhereMember[] = ['node'];
/** An operation that changes the topology. */
const ORIGIN_WHERE: readonly WhereMember[] = ['origin'];
const REPAIR_WHERE: readonly WhereMember[] = ['repair'];

const LEVELS: readonly Metric[] = [
  metric('level', 'rows', [], 'divergent_rows: Rows of which at least one copy differs from what can still spread.'),
  metric(
    'level',
    'copies',
    COPY_WHERE,
    'divergent_copies: Copies whose content differs from the newest that can still spread.',
  ),
  metric(
    'level',
    'copies',
    [],
    'visible_divergent_copies: Divergent copies of which a read would notice the difference.',
  ),
  metric('level', 'copies', STATE_WHERE, 'in_flight_copies: Divergent copies that a message under way will heal.'),
  metric('level', 'copies', STATE_WHERE, 'hint_pending_copies: Divergent copies for which a hint is stored.'),
  metric('level', 'copies', STATE_WHERE, 'latent_copies: Divergent copies that nothing under way will heal.'),
  metric('level', 'bits', COPY_WHERE, 'entropy_bits: Shannon entropy of each row over its copies, summed over rows.'),
  metric('level', 'rows', [], 'wrong_rows: Rows of which at least one copy differs from what clients were promised.'),
  metric('level', 'copies', NODE_WHERE, 'wrong_copies: Copies that differ from what clients were promised.'),
  metric('level', 'copies', NODE_WHERE, 'stale_copies: Wrong copies that hold an older version.'),
  metric('level', 'copies', NODE_WHERE, 'missing_copies: Wrong copies that hold nothing of the row.'),
  metric(
    'level',
    'copies',
    NODE_WHERE,
    'zombie_copies: Wrong copies that hold what was deleted so long ago that the delete may be purged.',
  ),
  metric(
    'level',
    'copies',
    NODE_WHERE,
    'lost_copies: Wrong copies of a promise that can no longer spread from anywhere.',
  ),
  metric(
    'level',
    'micros',
    ['table'],
    'resurrection_margin: Time left until the first deletion that some copy has missed may be purged where it is, so that deleted data can come back; negative once that has passed, no value (in an expectation: above everything) while no copy has missed one.',
  ),
  metric('level', 'rows', [], 'lost_acknowledged: Rows whose newest acknowledged version can no longer spread.'),
  metric(
    'level',
    'count',
    NODE_WHERE,
    'hints_pending: Hints stored and not yet delivered; of a node, those that are for it.',
  ),
  metric('level', 'copies', ['cause'], 'left_copies: Copies born divergent by a cause and not healed yet.'),
  metric(
    'level',
    'share',
    NODE_WHERE,
    'disk_read_utilisation: Share of the disk’s read rate in use by background work.',
  ),
  metric(
    'level',
    'share',
    NODE_WHERE,
    'disk_write_utilisation: Share of the disk’s write rate in use by background work.',
  ),
  metric(
    'level',
    'share',
    NODE_WHERE,
    'network_out_utilisation: Share of the link in use by what a node streams and sends of trees.',
  ),
  metric(
    'level',
    'share',
    NODE_WHERE,
    'network_in_utilisation: Share of the link in use by what a node receives of streams and trees.',
  ),
  metric(
    'level',
    'share',
    NODE_WHERE,
    'processor_utilisation: Share of the processor in use by validation and compaction.',
  ),
  metric('level', 'share', NODE_WHERE, 'compaction_throttle_utilisation: Share of compaction_throughput in use.'),
  metric('level', 'share', NODE_WHERE, 'stream_throttle_utilisation: Share of stream_throughput_outbound in use.'),
  metric(
    'level',
    'bytes',
    NODE_WHERE,
    'tree_memory_bytes: Memory that Merkle trees take, where they are built and where they are compared.',
  ),
  metric(
    'level',
    'share',
    NODE_WHERE,
    'tree_memory_share: The same as a share of repair_session_space; above 1 it is overrun by several sessions.',
  ),
  metric(
    'level',
    'share',
    ['probe'],
    "stale_reads_share: Share of a probe's reads, at one sample, that were older than promised.",
  ),
];

const READER_WHERE: readonly WhereMember[] = ['workload'];

/** Of the last whole interval of `observe.every`. */
const READ_LEVELS: readonly Metric[] = [
  metric(
    'level',
    'share',
    NODE_WHERE,
    'read_share: Share of the requests of reads that went to a node, in the last whole interval of observe.every.',
  ),
  metric(
    'level',
    'seconds',
    READER_WHERE,
    'read_latency_mean: Mean time from a read’s begin to its answer, over the last whole interval of observe.every.',
  ),
  metric('level', 'seconds', READER_WHERE, 'read_latency_p50: The same, median.'),
  metric('level', 'seconds', READER_WHERE, 'read_latency_p99: The same, 99th percentile.'),
  metric('level', 'seconds', READER_WHERE, 'read_latency_p999: The same, 99.9th percentile.'),
];

const READ_TOTALS: readonly Metric[] = [
  metric('total', 'count', READER_WHERE, 'reads_answered: Reads whose client got an answer.'),
  metric('total', 'count', READER_WHERE, 'reads_timed_out: Reads whose client was told that they timed out.'),
  metric('total', 'count', READER_WHERE, 'reads_unavailable: Reads refused because too few replicas were seen alive.'),
  metric('total', 'count', READER_WHERE, 'reads_unknown: Reads whose coordinator died before it answered.'),
  metric('total', 'count', READER_WHERE, 'digest_mismatches: Reads whose replicas did not all say the same.'),
  metric(
    'total',
    'count',
    READER_WHERE,
    'background_mismatches: The same among replicas that were asked by chance, after the client was told.',
  ),
  metric('total', 'count', READER_WHERE, 'read_repairs: Reads that wrote to a replica what it lacked.'),
  metric(
    'total',
    'count',
    READER_WHERE,
    'speculative_retries: Reads that asked one more replica because one was slow.',
  ),
  metric('total', 'count', NODE_WHERE, 'read_repair_writes: Writes of read repairs; of a node, those sent to it.'),
  metric('total', 'count', NODE_WHERE, 'read_requests: Requests for data or digests; of a node, those sent to it.'),
  metric(
    'total',
    'count',
    READER_WHERE,
    'stale_reads: Answers with an older version than a client had been promised before the read began.',
  ),
  metric('total', 'count', READER_WHERE, 'missing_reads: Answers without a row that had been promised by then.'),
  metric(
    'total',
    'count',
    READER_WHERE,
    'zombie_reads: Answers with a row whose promised delete is older than gc_grace_seconds.',
  ),
  metric(
    'total',
    'count',
    READER_WHERE,
    'backward_reads: Answers with an older version than a read that had ended before had shown.',
  ),
];

const TOTALS: readonly Metric[] = [
  metric('total', 'copies', ['cause'], 'born_copies: Copies that became divergent by a cause, each time counted.'),
  metric(
    'total',
    'copies',
    ['cause', 'healer', 'repair'],
    'healed_copies: Divergent copies healed, by cause and by what healed them.',
  ),
  metric('total', 'row_hours', [], 'divergent_row_hours: Integral over time of divergent rows.'),
  metric('total', 'row_hours', [], 'wrong_row_hours: Integral over time of rows with a wrong copy.'),
  metric('total', 'copy_hours', [], 'divergent_copy_hours: Integral over time of divergent copies.'),
  metric('total', 'copy_hours', [], 'wrong_copy_hours: Integral over time of wrong copies.'),
  metric(
    'total',
    'copies',
    ['repair', 'table', 'node'],
    'zombies_spread: Copies that took a version, by a repair, read repair, hint or other message, which was deleted or replaced by a promise that nobody has any more; each time counted, a node is the one that took it.',
  ),
  metric(
    'total',
    'count',
    [],
    'partial_batches: Batches cut after some mutations, by the death of their coordinator or by a refusal.',
  ),
];

const DEVICE_TOTALS: readonly Metric[] = [
  metric('total', 'bytes', NODE_WHERE, 'disk_bytes_read: Bytes that background work has read.'),
  metric('total', 'bytes', NODE_WHERE, 'disk_bytes_written: Bytes that background work has written.'),
  metric('total', 'bytes', NODE_WHERE, 'network_bytes_sent: Bytes that streams and trees have put on the network.'),
];

const RUN_FINALS: readonly Metric[] = [
  metric('final', 'count', [], 'writes_issued: Mutations that clients asked for.'),
  metric('final', 'count', [], 'writes_acknowledged: Mutations whose client was told success.'),
  metric('final', 'count', [], 'writes_timed_out: Mutations whose client was told that they timed out.'),
  metric('final', 'count', [], 'writes_unavailable: Mutations refused because too few replicas were seen alive.'),
  metric('final', 'count', [], 'writes_failed: Mutations refused as too many hints wait to be written.'),
  metric('final', 'count', [], 'writes_unknown: Mutations whose client got no answer.'),
  metric('final', 'count', [], 'writes_retried: Attempts beyond the first.'),
  metric('final', 'count', [], 'writes_partial: Points of requests that failed though something of them was stored.'),
  metric('final', 'count', [], 'writes_beyond_policy: Points left out as older than their retention policy keeps.'),
  metric('final', 'count', [], 'writes_refused_cache: Points that an owner did not take because its cache was full.'),
  metric(
    'final',
    'count',
    [],
    'writes_throttled: Points queued for an owner that was not tried because of an error a short while ago.',
  ),
  metric(
    'final',
    'count',
    [],
    'writes_queue_not_empty: Points whose client was told of an error because writes wait: hinted handoff queue not empty.',
  ),
  metric('final', 'count', [], 'hints_enqueued: Hints written by coordinators.'),
  metric('final', 'bytes', [], 'hints_pending_bytes: Bytes of the hints that still wait at the end.'),
  metric('final', 'count', [], 'hints_delivered: Hints that reached their target.'),
  metric('final', 'count', [], 'hints_expired: Hints that ran out before they were delivered.'),
  metric(
    'final',
    'count',
    [],
    'hints_lost: Hints that were lost undelivered: in a crash, with their files, or with a node that left.',
  ),
  metric('final', 'count', [], 'hints_refused_window: Hints not stored because the hint window had passed.'),
  metric('final', 'count', [], 'hints_refused_size: Hints not stored because the store was full.'),
  metric(
    'final',
    'count',
    [],
    'hints_refused_off: Hints not stored because hinted handoff was off, or their target had left the cluster.',
  ),
  metric(
    'final',
    'count',
    [],
    'hints_torn: Of those lost: queued writes that went with a segment which was torn while it was written.',
  ),
  metric(
    'final',
    'count',
    [],
    'hints_of_gone_shards: Of those delivered: dropped there because their shard had ended.',
  ),
  metric('final', 'count', [], 'hints_discarded: Of those lost: queued writes for a node that was removed.'),
  metric('final', 'count', [], 'hints_poison: Of those lost: queued writes that their target refused for good.'),
  metric('final', 'count', [], 'hints_refused_blocked: Writes not queued because too many appends waited.'),
  metric('final', 'count', [], 'hints_refused_closed: Writes not queued because a purge had just taken the queue.'),
  metric('final', 'count', [], 'hints_refused_disk: Writes not queued because the disk that keeps them was full.'),
  metric('final', 'bytes', [], 'hints_expired_bytes: Bytes of what ran out before it was delivered.'),
  metric('final', 'bytes', [], 'hints_delivered_bytes: Bytes that reached their target by hints.'),
  metric('final', 'count', [], 'hints_failed_rounds: Rounds of sending queued writes that failed.'),
  metric(
    'final',
    'count',
    [],
    'hints_in_progress_most: Most hints that waited to be written at one coordinator at once.',
  ),
  metric('final', 'count', [], 'sstables: Live SSTables of all nodes at the end.'),
  metric('final', 'count', [], 'repaired_sstables: Of these, those marked as repaired.'),
  metric('final', 'count', [], 'pending_sstables: Of these, those that an incremental repair has set apart.'),
  metric('final', 'bytes', [], 'sstable_bytes: Bytes of the live SSTables of all nodes at the end.'),
  metric('final', 'bytes', [], 'repaired_bytes: Of these, those in SSTables marked as repaired.'),
  metric('final', 'share', [], 'repaired_share: Their share (percent repaired, over all nodes).'),
  metric('final', 'count', [], 'level0_sstables: Of all SSTables, those in level 0 of leveled compaction.'),
  metric('final', 'count', [], 'levelled_sstables: Of all SSTables, those in a level above 0.'),
  metric('final', 'bytes', [], 'largest_sstable_bytes: Bytes of the largest live SSTable of any node.'),
  metric(
    'final',
    'count',
    [],
    'sstables_mixing_days: SSTables whose oldest and newest write lie more than a day apart.',
  ),
  metric('final', 'count', [], 'compactions: Compactions that finished.'),
  metric('final', 'bytes', [], 'compacted_bytes: Bytes that compactions have read.'),
  metric('final', 'count', [], 'purged_tombstones: Tombstones and expired cells that compactions dropped.'),
  metric('final', 'count', [], 'expired_sstables: SSTables dropped whole, because all in them had expired.'),
  metric('final', 'count', [], 'repairs_finished: Repairs that finished.'),
  metric('final', 'count', [], 'repairs_failed: Repairs that failed.'),
];

const PROBE_WHERE: readonly WhereMember[] = ['probe'];

const PROBE_FINALS: readonly Metric[] = [
  metric(
    'final',
    'share',
    ['probe', 't'],
    'p_current: Of the reads of a t-visibility probe that began t after an acknowledgement, those that showed the write or a newer one.',
  ),
  metric(
    'final',
    'seconds',
    PROBE_WHERE,
    't_visible_p999: Time after an acknowledgement from which 99.9 % of the reads of a t-visibility probe show the write.',
  ),
  metric(
    'final',
    'share',
    ['probe', 'k'],
    'p_within_k: Of the reads of a k-staleness probe, those that showed one of the k newest acknowledged versions.',
  ),
  metric(
    'final',
    'seconds',
    PROBE_WHERE,
    'probe_read_latency_p999: Time that all but one of 1 000 reads of a probe did not exceed.',
  ),
  metric(
    'final',
    'seconds',
    PROBE_WHERE,
    'probe_write_latency_p999: Time that all but one of 1 000 writes sampled by a probe did not exceed.',
  ),
];

const REPAIR_FINALS: readonly Metric[] = [
  metric('final', 'count', REPAIR_WHERE, 'sessions: Repair sessions.'),
  metric('final', 'count', REPAIR_WHERE, 'ranges: Token ranges repaired.'),
  metric('final', 'count', REPAIR_WHERE, 'trees: Merkle trees built.'),
  metric('final', 'count', REPAIR_WHERE, 'comparisons: Pairs of trees compared.'),
  metric('final', 'count', REPAIR_WHERE, 'nodes_visited: Nodes of trees visited while comparing.'),
  metric(
    'final',
    'count',
    ['repair', 'between'],
    'differing_ranges: Ranges found out of sync, summed over pairs of nodes.',
  ),
  metric('final', 'bytes', REPAIR_WHERE, 'read_bytes: Bytes read for validation.'),
  metric('final', 'rows', ['repair', 'node'], 'hashed_rows: Rows hashed into trees.'),
  metric('final', 'count', REPAIR_WHERE, 'hashed_partitions: Partitions hashed into trees.'),
  metric('final', 'bytes', REPAIR_WHERE, 'tree_bytes: Bytes of trees sent.'),
  metric('final', 'bytes', REPAIR_WHERE, 'peak_tree_bytes: Most memory that trees took at once.'),
  metric('final', 'count', REPAIR_WHERE, 'tree_depth_max: Depth of the deepest tree.'),
  metric('final', 'bytes', REPAIR_WHERE, 'sent_bytes: Bytes of rows streamed.'),
  metric('final', 'rows', REPAIR_WHERE, 'sent_rows: Rows streamed.'),
  metric('final', 'count', REPAIR_WHERE, 'sent_partitions: Partitions streamed, each time counted.'),
  metric('final', 'count', REPAIR_WHERE, 'distinct_partitions: Different partitions among those streamed.'),
  metric(
    'final',
    'bytes',
    REPAIR_WHERE,
    'sent_for_nothing_bytes: Bytes streamed that changed nothing at the receiver.',
  ),
  metric('final', 'rows', REPAIR_WHERE, 'sent_for_nothing_rows: Rows streamed that changed nothing at the receiver.'),
  metric('final', 'bytes', REPAIR_WHERE, 'floor_bytes: Least bytes that any strategy would have had to send.'),
  metric('final', 'ratio', REPAIR_WHERE, 'overstreaming: Bytes streamed for each byte that had to be sent.'),
  metric(
    'final',
    'copies',
    REPAIR_WHERE,
    'reverted_copies: Copies that a repair left with older data, with none, or with what had been deleted.',
  ),
  metric('final', 'bytes', REPAIR_WHERE, 'cross_dc_bytes: Bytes that went between data centres.'),
  metric('final', 'count', REPAIR_WHERE, 'sstables_written: SSTables made of streamed rows.'),
  metric('final', 'count', REPAIR_WHERE, 'sstables_marked: SSTables set apart by a mark alone.'),
  metric('final', 'count', REPAIR_WHERE, 'sstables_anticompacted: SSTables rewritten to set a part of them apart.'),
  metric(
    'final',
    'bytes',
    REPAIR_WHERE,
    'anticompacted_bytes: Bytes of the SSTables rewritten to set a part of them apart.',
  ),
  metric('final', 'count', REPAIR_WHERE, 'estimated_ranges: Ranges that a preview would have streamed.'),
  metric('final', 'count', REPAIR_WHERE, 'estimated_sstables: SSTables of which a preview would have streamed a part.'),
  metric('final', 'bytes', REPAIR_WHERE, 'estimated_bytes: Bytes that a preview would have streamed.'),
  metric('final', 'bytes', REPAIR_WHERE, 'snapshot_bytes: Disk space that only snapshots held.'),
  metric('final', 'count', REPAIR_WHERE, 'snapshots_taken: Snapshots taken.'),
  metric('final', 'count', REPAIR_WHERE, 'snapshots_removed: Snapshots removed.'),
  metric('final', 'count', REPAIR_WHERE, 'rounds: Rounds of the strategy.'),
  metric('final', 'count', REPAIR_WHERE, 'validations: Validations run.'),
  metric('final', 'count', REPAIR_WHERE, 'validations_overlapping: Most validations of one session that ran at once.'),
  metric('final', 'count', REPAIR_WHERE, 'runs: Runs of repairs that repeat or that are cut into segments.'),
  metric('final', 'count', REPAIR_WHERE, 'runs_finished: Of these, those that finished.'),
  metric('final', 'count', REPAIR_WHERE, 'segments: Segments of all runs.'),
  metric('final', 'count', REPAIR_WHERE, 'segments_done: Of these, those that were repaired.'),
  metric('final', 'count', REPAIR_WHERE, 'segments_retried: Attempts at a segment beyond its first.'),
  metric('final', 'count', REPAIR_WHERE, 'segments_postponed: Times that a segment could not begin and was put off.'),
  metric(
    'final',
    'count',
    REPAIR_WHERE,
    'segments_timed_out: Attempts at a segment that took too long and were ended.',
  ),
  metric('final', 'count', REPAIR_WHERE, 'exchanges: Exchanges of persistent trees that got their locks.'),
  metric('final', 'count', REPAIR_WHERE, 'exchanges_in_sync: Of these, those that found no difference.'),
  metric('final', 'count', REPAIR_WHERE, 'exchanges_failed: Of these, those that did not come to an end.'),
  metric(
    'final',
    'count',
    REPAIR_WHERE,
    'exchanges_put_off: Attempts at an exchange for which a tree, a place or the other node was not free.',
  ),
  metric('final', 'count', REPAIR_WHERE, 'segments_rescanned: Segments of persistent trees scanned because of writes.'),
  metric('final', 'count', REPAIR_WHERE, 'keys_differing: Keys whose hashes differed in an exchange.'),
  metric('final', 'count', REPAIR_WHERE, 'keys_alike: Of these, those of which no copy lacked anything when asked.'),
  metric('final', 'count', REPAIR_WHERE, 'keys_unanswered: Of these, those that the other of the two did not answer.'),
  metric('final', 'bytes', REPAIR_WHERE, 'index_write_bytes: Bytes that writes cost in persistent trees.'),
  metric('final', 'seconds', REPAIR_WHERE, 'repair_seconds: Virtual time from the start of the repair to its end.'),
];

const TOPOLOGY_FINALS: readonly Metric[] = [
  metric(
    'final',
    'seconds',
    ORIGIN_WHERE,
    'topology_seconds: Virtual time from the start of a change of topology (origin: operations.ID) to its end; no value while it goes on or where it failed.',
  ),
  metric('final', 'count', ORIGIN_WHERE, 'topology_finished: Changes of topology that finished.'),
  metric('final', 'count', ORIGIN_WHERE, 'topology_failed: Changes of topology that stopped half-way and stayed so.'),
  metric('final', 'count', ORIGIN_WHERE, 'topology_refused: Changes of topology that the database refused.'),
  metric('final', 'bytes', ORIGIN_WHERE, 'streamed_bytes: Bytes of rows that changes of topology streamed.'),
  metric('final', 'rows', ORIGIN_WHERE, 'streamed_rows: Rows of whole streams of changes of topology.'),
  metric(
    'final',
    'bytes',
    ORIGIN_WHERE,
    'streamed_in_vain_bytes: Of the bytes that changes of topology streamed, those of streams that never became whole.',
  ),
  metric('final', 'count', ORIGIN_WHERE, 'hints_handed_over: Hints that a node which left handed to another.'),
  metric(
    'final',
    'count',
    ORIGIN_WHERE,
    'hints_dropped: Hints dropped because a node left: those for it, and those that it kept and handed to nobody.',
  ),
  metric(
    'final',
    'count',
    ORIGIN_WHERE,
    'hints_rehinted: Hints written anew because the node that they reached replicated their row no more, counted with the last change done by then.',
  ),
];

export const METRICS: readonly Metric[] = [
  ...LEVELS,
  ...READ_LEVELS,
  ...QUERY_METRICS,
  ...TOTALS,
  ...READ_TOTALS,
  ...DEVICE_TOTALS,
  ...RUN_FINALS,
  ...ENTROPY_FINALS,
  ...PROBE_FINALS,
  ...REPAIR_FINALS,
  ...TOPOLOGY_FINALS,
];

const BY_NAME: ReadonlyMap<string, Metric> = new Map(METRICS.map((entry) => [entry.name, entry]));

/** All names, in the order of the reference page. */
export function metricNames(): string[] {
  return METRICS.map((entry) => entry.name);
}

export function findMetric(name: string): Metric | undefined {
  return BY_NAME.get(name);
}
