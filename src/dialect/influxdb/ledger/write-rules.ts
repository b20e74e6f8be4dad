/** Data and routing (section 1), the write path (section 2), the log (section 5). */
import type { LedgerRule } from '../../ledger-rule.ts';

export const DATA_RULES: readonly LedgerRule[] = [
  {
    id: 'influxdb.1-shard-groups',
    revision: 1,
    title: 'Shard groups and their durations',
    fact: 'A retention policy’s data is cut into shard groups: stretches of time that begin at a multiple of the shard duration. Where the policy sets none it is one hour for data kept less than two days, one day for less than six months, else seven days, and never less than an hour.',
    source:
      'docs: query_language/manage-database, concepts/clustering; influxdata/influxdb services/meta/data.go, shardGroupDuration',
    simplified:
      'Groups whose stretch of time overlaps what agents write are there from the start, none is created ahead or too late. The table of the documentation gives one day at exactly six months, the code seven: the code is followed. Multiples count from the year 1, as Go truncates; without `start` in the scenario they count from time 0.',
  },
  {
    id: 'influxdb.1-shards-per-group',
    revision: 1,
    title: 'How many shards a group has',
    fact: 'The documentation says the number of data nodes divided by the replication factor, rounded down. Samples of show-shards with three nodes and two copies show more than one shard, so real clusters follow a balanced rule: the smallest number of shards for which all nodes hold as many copies.',
    source:
      'docs: concepts/clustering, features/cluster-commands (sample of show-shards); release notes of 1.0.0, “shard group creation logic to be balanced”; chengshiwen/influxdb-cluster services/meta/data.go',
    simplified:
      'Unconfirmed: InfluxDB Enterprise is closed. Shards of a real cluster can be given with `cluster.from`.',
  },
  {
    id: 'influxdb.1-owners',
    revision: 1,
    title: 'Owners of a shard',
    fact: 'Owners go round the data nodes: each shard gets as many consecutive nodes as there are copies, from an offset that moves with every group. They stay for the life of the group.',
    source: 'influxdata/influxdb v0.11.1 services/meta/data.go, CreateShardGroup; docs: concepts/clustering',
    simplified: 'The offset, an index of the meta nodes’ log, is taken for the number of the group.',
  },
  {
    id: 'influxdb.1-series-hash',
    revision: 1,
    title: 'A series lies in one shard of a group',
    fact: 'The shard is the FNV-1a hash, 64 bits, of the series key (measurement and sorted tags) modulo the number of shards.',
    source: 'influxdata/influxdb models/points.go, HashID; services/meta/data.go, ShardFor',
  },
  {
    id: 'influxdb.1-point-identity',
    revision: 1,
    title: 'What came last on a copy wins there',
    fact: 'A point is its series key and timestamp. Written again it takes the place of what is there, by the order in which writes reach that copy: there is no version, so copies that get two writes in different order stay different.',
    source:
      'docs: troubleshooting/frequently-asked-questions, “duplicate points”; influxdata/influxdb tsdb/engine/tsm1/engine.go, WritePoints',
    simplified: 'All fields of a point are written together, and all have one type.',
  },
  {
    id: 'influxdb.1-cache',
    revision: 1,
    title: 'The cache is written to a file when large or cold',
    fact: 'A shard’s cache is written to a TSM file when it is larger than cache-snapshot-memory-size, or when nothing was written for cache-snapshot-write-cold-duration.',
    source: 'docs: configure/config-data-nodes; influxdata/influxdb tsdb/engine/tsm1/engine.go',
    simplified: 'The cache has no upper limit (cache-max-memory-size), so no write is refused for it.',
  },
];

export const WRITE_RULES: readonly LedgerRule[] = [
  {
    id: 'influxdb.2-levels',
    revision: 1,
    title: 'Consistency levels',
    fact: 'Any data node coordinates. All owners of a shard are written at once whatever the level; `one` and `any` wait for one of them, `quorum` for more than half, `all` for all. `any` also takes a stored hint for a success. The level is `one` where the client names none.',
    source:
      'docs: concepts/clustering; influxdata/influxdb v0.11.1 cluster/points_writer.go; services/httpd/handler.go',
    simplified: 'Whether `any` succeeds behind a queue that is not empty is unconfirmed; the documentation says so.',
  },
  {
    id: 'influxdb.2-no-atomicity',
    revision: 1,
    title: 'A request is split by shard, without atomicity',
    fact: 'Each shard’s part is written by itself and succeeds or fails by itself. The client is told an error as soon as one part has failed, while the others go on.',
    source: 'docs: concepts/clustering; influxdata/influxdb v0.11.1 cluster/points_writer.go',
  },
  {
    id: 'influxdb.2-remote',
    revision: 1,
    title: 'A remote owner that does not answer gets a hint',
    fact: 'An error that may pass (no connection, no answer in time) puts the part into the coordinator’s queue for that owner.',
    source: 'influxdata/influxdb v0.11.1 cluster/points_writer.go, services/hh; release notes of 1.2.2, 1.2.5',
    simplified:
      'The time after which a remote write fails is unpublished since 1.2.2: `model.remote-timeout`, 5 s as before. Errors that do not pass (type conflicts, partial writes) do not occur; nor do the periods since 1.9.7 in which writes go straight to the queue after an error.',
  },
  {
    id: 'influxdb.2-local-error',
    revision: 1,
    title: 'There is no queue to oneself',
    fact: 'What a coordinator that is an owner cannot write itself is put into no queue.',
    source: 'influxdata/influxdb v0.11.1 cluster/points_writer.go',
  },
  {
    id: 'influxdb.2-queue-first',
    revision: 1,
    title: 'A write waits behind a queue that is not empty',
    fact: 'While writes of a shard wait for an owner, further ones are appended to the queue without an attempt, and count as failed (“hinted handoff queue not empty”), unless allow-out-of-order-writes is on: then an older value may land last and win.',
    source:
      'release notes of 1.0.0, 1.7.11 and 1.8.2; docs: configure/config-data-nodes, allow-out-of-order-writes; troubleshooting/frequently-asked-questions',
    simplified: 'The queue is the one of this node for that owner and shard.',
    off: 'writes go past a queue that is not empty, as with allow-out-of-order-writes',
  },
  {
    id: 'influxdb.2-write-timeout',
    revision: 1,
    title: 'The client’s wait ends, the write goes on',
    fact: 'After write-timeout the client is told “timeout”; what is under way may still land or be queued.',
    source: 'docs: configure/config-data-nodes, write-timeout; influxdata/influxdb v0.11.1 cluster/points_writer.go',
    simplified: 'A client that tries again does so a second after it was told, with the same points.',
  },
  {
    id: 'influxdb.2-coordinator-crash',
    revision: 1,
    title: 'What a coordinator had under way is in nobody’s queue',
    fact: 'A part that was neither stored nor queued when the process of the coordinator ends is lost for the owners that have not got it.',
    source: 'influxdata/influxdb v0.11.1 cluster/points_writer.go (parts are tasks in memory)',
    simplified: 'A stop in good order ends what is under way in the same way.',
  },
  {
    id: 'influxdb.5-wal',
    revision: 1,
    title: 'A write is acknowledged after the fsync of its log',
    fact: 'The writer waits for the fsync of the log, whatever wal-fsync-delay is, so a crash takes only what was not acknowledged by that node.',
    source: 'influxdata/influxdb tsdb/engine/tsm1/wal.go, writeToLog, scheduleSync',
    simplified: 'wal-fsync-delay is taken for 0: every write syncs in the time that the disk takes.',
  },
];
