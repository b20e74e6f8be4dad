/** What this version leaves out of Cassandra, as sentences that stand beside every result. */
export const NOT_MODELLED: readonly string[] = [
  'Repair of paxos state alone is not in this version; all other options of nodetool repair of 4.1 are.',
  'Read repair is not modelled: reads only look, they never write.',
  'Lightweight transactions, counters, materialized views, secondary indexes and change data capture are not modelled.',
  'Nodes do not join, leave, move or get replaced during a run; the schema does not change.',
  'Gossip is not simulated message by message: failure detection follows the phi formula on one heartbeat a second.',
  'The load of the commit log on the disk, garbage collection, page cache and processor are not modelled; background work shares disk and links.',
  'The heap is taken for 8 GiB: memtables and, where repair_session_space is unset, the space for Merkle trees follow from it.',
  'Only size-tiered compaction is modelled, with the BIG table format and without compression.',
  'Speculative retries, the dynamic snitch and request queues are not modelled: latencies are drawn, not the result of load.',
  'A graceful stop takes no time: what is in memory lies in SSTables and hint files at that moment.',
  'The time-outs of a repair run on while its coordinator is paused; message loss does not touch gossip.',
  'A corrupt value has the timestamp of the right one and is larger or smaller by a draw, with even chances.',
  'A write that a slow clock makes older than what is there loses on all copies alike: it is no divergence, has no cause, and counts neither as wrong nor as lost, although its client was told a success. The local deletion time of a tombstone follows no skew.',
  'A client waits for its coordinator’s answer or the end of its connection, and tries again only after that; the retry carries the timestamp of the first attempt, also through a coordinator with another clock. A batch is not tried again.',
  'A write to another data centre goes straight to each replica there: that one replica of each remote data centre forwards it to the others is not modelled.',
  'The message that removes a complete batch from the batchlog is never lost or late; tombstones weigh the same in every slot they touch.',
];
