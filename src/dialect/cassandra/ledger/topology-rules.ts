/** The ledger's rules of topology that changes: pending ranges, joining, leaving, removing, replacing, altered replication. */
import type { LedgerRule } from './rule.ts';

export const TOPOLOGY_RULES: readonly LedgerRule[] = [
  {
    id: 'cassandra.g-pending',
    revision: 1,
    title: 'Pending replicas take writes before they count',
    fact: 'While a node joins, leaves or is replaced, whoever will replicate a range is sent its writes besides the natural replicas, and every level but ANY waits for one more acknowledgement for each of them (LOCAL levels: those of the own data centre). They are not read, not repaired and not counted until the change is done.',
    source:
      'locator/TokenMetadata#calculatePendingRanges; db/ConsistencyLevel#blockForWrite; CASSANDRA-833, CASSANDRA-8058',
    simplified:
      'All nodes learn of pending ranges at one moment, a second after a node has started; before 4.0 it was the time-out, not the unavailability, that told of a pending replica that is down.',
  },
  {
    id: 'cassandra.g-bootstrap',
    revision: 1,
    title: 'A node that joins streams each range from the replica that loses it',
    fact: 'A new node waits RING_DELAY (30 s), then streams each of its ranges from one replica, the raw content of SSTables with tombstones and repairedAt: from the one that will no longer replicate the range, so that no quorum loses a write. If that one is down the node refuses to join ("A node required to move the data consistently is down"). Only one node may join, leave or move at a time. Where a stream fails the node stays joining.',
    source:
      'dht/RangeStreamer#getAllRangesWithStrictSourcesFor, useStrictSourcesForRanges; service/StorageService#bootstrap, joinTokenRing; CASSANDRA-2434, CASSANDRA-8838',
    simplified:
      'The end of a node in a stream is noticed at once; a node that stays joining is not resumed in the run. Refused too are changes of different sorts at a time, which Cassandra sometimes lets pass.',
    off: 'each range comes from the closest replica that is alive (cassandra.consistent.rangemovement=false)',
  },
  {
    id: 'cassandra.g-replace',
    revision: 1,
    title: 'A replacement takes the tokens of a node that is down',
    fact: 'The new node streams each range from the closest live replica and is pending meanwhile: writes go to it too. When it is there the old one is gone, and with it the hints that others kept for it.',
    source: 'service/StorageService#prepareForReplacement, joinTokenRing; dht/RangeStreamer; hints/HintsStore#isLive',
    simplified:
      'The new node has another address than the old one. Hints for the old one, which in Cassandra stay in files that nobody sends, count as lost.',
  },
  {
    id: 'cassandra.g-leave',
    revision: 1,
    title: 'A node that leaves streams its ranges to who takes them over',
    fact: 'nodetool decommission: the node announces that it leaves, waits 30 s, and sends each of its ranges to the node that will replicate it; then it is gone. nodetool removenode, of a node that is down: who takes a range over streams it from the closest live replica. assassinate waits 30 s and streams nothing.',
    source:
      'service/StorageService#decommission, unbootstrap, removeNode, restoreReplicaCount; gms/Gossiper#assassinateEndpoint',
  },
  {
    id: 'cassandra.g-alter',
    revision: 1,
    title: 'An altered replication counts at once and moves nothing',
    fact: 'After ALTER KEYSPACE reads, writes and levels go by the new replicas at once; what they lack comes by repair only.',
    source: 'locator/AbstractReplicationStrategy; doc, "ALTER KEYSPACE" and operating/topo_changes',
    simplified: 'All nodes learn of the new schema at one moment.',
  },
];
