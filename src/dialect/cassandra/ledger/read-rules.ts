/** Reads: who is asked, what is compared, what is written back. Paths as of 4.1 but where said. */
import type { LedgerRule } from './rule.ts';

export const READ_RULES: readonly LedgerRule[] = [
  {
    id: 'cassandra.i-read',
    revision: 1,
    title: 'One replica sends the data, the others a digest',
    fact: 'The coordinator asks as many live replicas as the level needs, the nearest first: itself, its rack, its data centre, the others; at LOCAL levels only those of its data centre. The first sends the data, the others digests of theirs. Too few seen alive: unavailable, and nothing is sent. Without enough answers within read_request_timeout (5 s) the read times out; replicas drop requests older than that. ANY is for writes only, EACH_QUORUM too before 3.0.',
    source:
      'service/reads/AbstractReadExecutor; locator/ReplicaPlans#forRead; locator/AbstractNetworkTopologySnitch; db/ConsistencyLevel#validateForRead (2.2)',
    simplified:
      'A read is of one row. Equally near replicas keep the order of the ring. The client does not try again. A read of its own replica goes the same way as others, over a link of class local.',
  },
  {
    id: 'cassandra.i-read-repair',
    revision: 1,
    title: 'Blocking read repair',
    since: '4.0',
    fact: 'Where digests differ, the full data of all replicas that were asked is read and merged; each that answered with less gets the difference, with the old timestamps. The client waits until as many as its level needs have it, those that answered and lacked nothing included. Not hinted. If that takes long, what is not acknowledged goes to the live replicas that did not answer. read_repair NONE: merged, and nothing written.',
    source:
      'service/reads/repair/BlockingReadRepair, BlockingPartitionRepair#maybeSendAdditionalWrites, ReadOnlyReadRepair; service/reads/DataResolver#resolveWithReadRepair (contacts of the repair are those that answered); CASSANDRA-10726',
    simplified: 'Taking long is half of write_request_timeout, where the 99th percentile of write latencies begins.',
  },
  {
    id: 'cassandra.i-read-repair-before-4',
    revision: 1,
    title: 'Read repair before 4.0',
    until: '3.11',
    fact: 'After a mismatch all replicas that were asked must send their data, and the client waits until every one that lacked something has acknowledged, write_request_timeout (2 s) from then at most: a single slow replica makes the read time out.',
    source:
      'service/StorageProxy.SinglePartitionReadLifecycle#retryOnDigestMismatch; service/DataResolver.RepairMergeListener#close (3.11); CASSANDRA-10726',
  },
  {
    id: 'cassandra.i-read-repair-chance',
    revision: 1,
    title: 'Some reads ask all replicas',
    until: '3.11',
    fact: 'With chance read_repair_chance (0.0) all live replicas are asked, else with dclocal_read_repair_chance (0.1, one draw for both) those of the data centre. The client waits for its level; when the last answer that counts is there all are compared, and what is lacking is written in the background. A replica that speculation might still ask is awaited for that too: so the chance of the data centre compares nothing where replicas lie in others and speculative_retry (not NONE, not ALWAYS) asked none of them, nor does the chance of all at LOCAL levels. EACH_QUORUM asks all or its quorums.',
    source:
      'config/CFMetaData#newReadRepairDecision; db/ConsistencyLevel#filterForQuery; #filterForEachQuorum; service/ReadCallback#response, .AsyncRepairRunner; service/AbstractReadExecutor#getReadExecutor (3.11)',
    off: 'no read asks more replicas than its level needs',
  },
  {
    id: 'cassandra.i-speculation',
    revision: 1,
    title: 'Speculative retry',
    fact: 'A read that has no answer after speculative_retry asks one more replica, for the data if that is not there yet. The default, 99p (99PERCENTILE before 4.0), is a percentile of the table’s recent read latencies at this coordinator, taken anew every read_request_timeout; it begins at half of that. ALWAYS asks one more at once, and two for the data. Nothing where the level needs all replicas or is EACH_QUORUM (CASSANDRA-11980). From 4.0 the second round of a level of at least a quorum may ask one more too.',
    source:
      'service/reads/AbstractReadExecutor#getReadExecutor, .SpeculatingReadExecutor; service/reads/repair/AbstractReadRepair#shouldSpeculate; db/ColumnFamilyStore#updateSpeculationThreshold; metrics/DecayingEstimatedHistogramReservoir; service/CassandraDaemon',
    simplified:
      'What is older loses weight every five seconds instead of steadily. MIN and MAX of two policies are not in this version.',
    off: 'no read asks another replica because one is slow',
  },
  {
    id: 'cassandra.i-snitch',
    revision: 1,
    title: 'The dynamic snitch',
    fact: 'Each coordinator keeps, of every replica, a sample of 100 latencies of its reads in whole milliseconds, biased to the last seconds (alpha 0.75), a time-out counted with its length. Every 100 ms a replica’s score is its median over the largest one; every 10 min the samples are thrown away. Where a replica in the order of proximity is worse than the one that scores would put there by more than dynamic_snitch_badness_threshold (0.1; 1.0 in the file of 4.0), scores decide the order; a replica without a sample scores 0.',
    source:
      'locator/DynamicEndpointSnitch#receiveTiming, #updateScores, #sortedByProximityWithBadness; net/RequestCallbacks#onExpired; conf/cassandra.yaml (4.0)',
    simplified:
      'The sample is the last 100 latencies, weighted by age, instead of a random one. Severity, which adds running compactions to scores before 3.10 and what an operator sets after, is not modelled. Of each data centre’s replicas at LOCAL levels only those that count are ordered.',
  },
  {
    id: 'cassandra.i-read-load',
    revision: 1,
    title: 'Reads and repair share the disk',
    fact: 'A read takes a chunk (64 KiB; 16 KiB from 4.0) of every SSTable that holds the row from the disk that validation, compaction and streaming read too.',
    source: 'io/compress/CompressedSequentialWriter; schema/CompressionParams#DEFAULT_CHUNK_LENGTH; CASSANDRA-13241',
    simplified:
      'The disk is shared fairly between one read and the jobs there, as they are when it arrives; reads do not slow jobs or each other. What an idle disk takes is part of the latency of the response; the page cache holds nothing.',
    off: 'reads take as long whatever the disk does',
  },
];
