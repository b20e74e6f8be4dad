/** Defaults, failure detection, placement and compaction (section g), gc_grace_seconds (section h). */
import type { LedgerRule } from './rule.ts';

export const GENERAL_RULES: readonly LedgerRule[] = [
  {
    id: 'cassandra.g-defaults',
    revision: 1,
    title: 'Defaults of the settings',
    fact: 'A setting that neither the scenario nor its cassandra.yaml names has the default of the version, such as timeouts of 5 s for reads and 2 s for writes.',
    source: 'conf/cassandra.yaml; config/Config',
  },
  {
    id: 'cassandra.g-phi',
    revision: 1,
    title: 'The failure detector',
    fact: 'phi = silence / mean interval of heartbeats; a peer is convicted when phi × 0.4343 exceeds phi_convict_threshold. Heartbeats come every second, intervals over 2 s are ignored, the first sample is 2 s, the window holds 1000: about 18 to 19 s of silence. A clean stop is announced and believed at once.',
    source: 'gms/FailureDetector.ArrivalWindow; gms/Gossiper',
    simplified: 'Gossip is not simulated message by message: a heartbeat arrives each second over any open path.',
    off: 'every node knows at once who is down and who is up',
  },
  {
    id: 'cassandra.g-placement',
    revision: 1,
    title: 'Which nodes hold a copy',
    fact: 'SimpleStrategy walks the ring and takes the first RF distinct nodes. NetworkTopologyStrategy takes for each data centre nodes of new racks, and repeats a rack only as often as RF exceeds the number of racks; RF is capped at the nodes there are. The first in ring order is the primary.',
    source: 'locator/SimpleStrategy; locator/NetworkTopologyStrategy#calculateNaturalReplicas',
  },
  {
    id: 'cassandra.g-quorum',
    revision: 3,
    title: 'Levels count the configured factor',
    fact: 'QUORUM and ALL count the replication factor as configured, also where there are fewer nodes: QUORUM of factor 4 on two nodes needs three, and every write is refused. LOCAL_QUORUM needs a majority of the replication factor of the coordinator’s data centre, and counts only copies there. With SimpleStrategy there is no such factor: it needs a majority of the whole one, still of local copies alone, so a row with fewer of them is refused. EACH_QUORUM needs a majority of the factor of every data centre that has one, and is refused where one of them lacks it; with SimpleStrategy it is QUORUM.',
    source:
      'db/ConsistencyLevel#quorumFor, localQuorumFor, blockFor; service/DatacenterWriteResponseHandler, DatacenterSyncWriteResponseHandler; locator/ReplicaPlans#assureSufficientLiveReplicas',
  },
  {
    id: 'cassandra.g-disk-lost',
    revision: 1,
    title: 'A node that comes back without its disk',
    fact: 'Its data, commit log and hints are gone. Started again under its old tokens and without a bootstrap it serves its ranges empty, and only repair, read repair and overwrites bring back what it held.',
    source: 'service/StorageService#joinTokenRing (auto_bootstrap: false); dht/BootStrapper',
    simplified:
      'It keeps its tokens and its identity, and what it knew of repair sessions; whoever wants it to stream what it lost repairs it.',
  },
  {
    id: 'cassandra.g-slow',
    revision: 1,
    title: 'Slow disks and slow links',
    fact: 'What flushes, compactions, validations and streams have of a slow disk or link they share as ever; an fsync of the log takes its time; messages that are late are dropped by the replica and hinted by the coordinator like lost ones.',
    source: 'db/commitlog/AbstractCommitLogService; net/InboundMessageHandler (expired messages)',
    simplified:
      'The speed of a disk is not felt by clients’ writes, nor by reads unless background work shares it; gossip and the failure detector feel neither disks nor links. Of several that hold at once the slowest counts.',
  },
  {
    id: 'cassandra.g-compaction',
    revision: 1,
    title: 'Size-tiered compaction',
    fact: 'SSTables of similar size (0.5 to 1.5 of the mean, all below 50 MiB together) are merged when there are 4, at most 32 at once, within compaction_throughput.',
    source: 'db/compaction/SizeTieredCompactionStrategy; conf/cassandra.yaml',
  },
  {
    id: 'cassandra.h1',
    revision: 2,
    title: 'When compaction may drop a tombstone',
    fact: 'If it is older than gc_grace_seconds and its timestamp is older than the lowest one of every memtable and every other SSTable that may hold the partition.',
    source: 'db/compaction/CompactionController#getPurgeEvaluator; db/partitions/PurgeFunction',
    off: 'compaction never drops a tombstone',
  },
  {
    id: 'cassandra.h2',
    revision: 1,
    title: 'A fully expired SSTable is dropped whole',
    fact: 'If its largest local deletion time is older than gc_grace_seconds and its newest timestamp is older than everything live.',
    source: 'db/compaction/CompactionController#getFullyExpiredSSTables',
  },
  {
    id: 'cassandra.h3',
    revision: 1,
    title: 'How a zombie arises',
    fact: 'A delete reached some replicas, another one still holds the data, and all of the first purge the tombstone before it reaches the other: then the old data is the newest, and repair spreads it.',
    source: 'db/compaction/CompactionController; repair/RepairJob',
  },
  {
    id: 'cassandra.h4',
    revision: 2,
    title: 'Reads already ignore a tombstone past gc_grace_seconds',
    fact: 'Replicas strip it from their answers, so a read that includes a replica without the delete sees the old data before any compaction has purged the tombstone.',
    source: 'db/ReadCommand#withoutPurgeableTombstones',
    simplified: 'only_purge_repaired_tombstones is not looked at by reads.',
    off: 'replicas answer with their tombstones as long as they hold them',
  },
  {
    id: 'cassandra.h5',
    revision: 1,
    title: 'Repair after gc_grace_seconds but before the purge still deletes',
    fact: 'Hashes leave the tombstone out, so the replicas differ and raw SSTable sections are streamed, the tombstone with them: the data dies where it still lived.',
    source: 'db/repair/CassandraValidationIterator; db/streaming/CassandraStreamManager',
  },
  {
    id: 'cassandra.h6',
    revision: 1,
    title: 'Purgeable tombstones alone are no difference',
    fact: 'Two replicas that differ only in tombstones past gc_grace_seconds never mismatch.',
    source: 'CASSANDRA-8979',
  },
  {
    id: 'cassandra.h7',
    revision: 1,
    title: 'Two repairs in a row must fit into gc_grace_seconds',
    fact: 'It is not enough to start a repair every gc_grace_seconds: from the start of one to the end of the next no more than that may pass.',
    source: 'Apache Cassandra documentation, "Repair"; consequence of h1 and h3',
  },
  {
    id: 'cassandra.h11',
    revision: 1,
    title: 'gc_grace_seconds changed while tombstones are there',
    fact: 'The purge, what reads and validations leave out, and the life of hints go by the present value: tombstones that a lowered one has made old enough may go at once, also before a copy that missed them has them. A hint lives no longer than the smaller of the value at its birth and the present one.',
    source:
      'db/ColumnFamilyStore#gcBefore; hints/Hint#isLive; Apache Cassandra documentation, "Compaction: tombstones"',
    simplified: 'The schema changes on all nodes at once.',
  },
  {
    id: 'cassandra.h10',
    revision: 1,
    title: 'Expired cells',
    fact: 'A cell with a time to live becomes a tombstone with the deletion time of its write when it has expired, purgeable as soon as it has expired and the write is older than gc_grace_seconds. All replicas that have it expire it at the same time.',
    source: 'db/rows/AbstractCell#purge',
  },
];
