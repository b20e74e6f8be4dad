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
    id: 'influxdb.1-compaction',
    revision: 1,
    title: 'Files of one level become one of the next, all of them one when cold',
    fact: 'Eight files that the cache wrote become one, four of these one of the next level, and so on; when nothing was written or deleted for compact-full-write-cold-duration all become one, in which nothing deleted is left. What compactions write is limited by compact-throughput.',
    source: 'docs: configure/config-data-nodes; influxdata/influxdb tsdb/engine/tsm1/compact.go, DefaultPlanner',
    simplified:
      'A shard has one compaction at a time. A node has half as many at once as it has cores where max-concurrent-compactions is 0: four, taken for eight cores (`model.cores`). What compact-throughput-burst lets pass unlimited is there again as fast as compact-throughput while nothing is compacted. Deletions stay through levels.',
    off: 'files of levels stay as they are until the shard is cold',
  },
  {
    id: 'influxdb.1-cache',
    revision: 1,
    title: 'The cache is written to a file when large or cold',
    fact: 'A shard’s cache is written to a TSM file when it is larger than cache-snapshot-memory-size, or when nothing was written for cache-snapshot-write-cold-duration.',
    source: 'docs: configure/config-data-nodes; influxdata/influxdb tsdb/engine/tsm1/engine.go',
    simplified: 'Several may be written at once for one shard; the real engine writes one after the other.',
  },
  {
    id: 'influxdb.1-cache-full',
    revision: 1,
    title: 'A cache at its limit refuses writes',
    fact: 'A shard’s cache, with what of it is being written to a file, may hold cache-max-memory-size (1 GB; 0: no limit). A write that would make it larger is refused whole (“cache-max-memory-size exceeded”): others queue it and try again, and what the node coordinates itself is lost for its own copy.',
    source:
      'docs: configure/config-data-nodes, cache-max-memory-size; influxdata/influxdb tsdb/engine/tsm1/cache.go, WriteMulti',
    simplified:
      'Only points and deletions are weighed, as they are in files. A round of queued writes that does not fit as a whole is refused as one.',
    off: 'caches grow without limit',
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
    simplified:
      'Whether `any` succeeds behind a queue that is not empty is unconfirmed; the documentation says so (`model.any-behind-queue`).',
    always: 'The level is the scenario’s own choice (`consistency`).',
  },
  {
    id: 'influxdb.2-no-atomicity',
    revision: 1,
    title: 'A request is split by shard, without atomicity',
    fact: 'Each shard’s part is written by itself and succeeds or fails by itself. The client is told an error as soon as one part has failed, while the others go on.',
    source: 'docs: concepts/clustering; influxdata/influxdb v0.11.1 cluster/points_writer.go',
    always: 'A request of one point, or into a policy with one shard, has one part.',
  },
  {
    id: 'influxdb.2-remote',
    revision: 1,
    title: 'A remote owner that does not answer gets a hint',
    fact: 'An error that may pass (no connection, no answer in time) puts the part into the coordinator’s queue for that owner.',
    source: 'influxdata/influxdb v0.11.1 cluster/points_writer.go, services/hh; release notes of 1.2.2, 1.2.5',
    simplified:
      'The time after which a remote write fails is unpublished since 1.2.2: `model.remote-timeout`, 5 s as before. What a slow disk stores too late for it is queued all the same, and sent again.',
    always: 'Without it there is no hinted handoff, which is `hinted-handoff: { enabled: false }`.',
  },
  {
    id: 'influxdb.2-throttle',
    revision: 1,
    title: 'After an error writes go straight to the queue for a while',
    fact: 'Since 1.9.7 a coordinator whose write to a node has failed does not try that node again for a short period, which grows with each further failure, also where allow-out-of-order-writes is on: what comes for it goes into the queue.',
    source: 'release notes of 1.9.7, 1.9.8; docs of 1.9: configure/config-data-nodes, allow-out-of-order-writes',
    simplified:
      'The lengths are unpublished: `model.throttle-interval` (1 s), doubled up to `model.throttle-max-interval` (10 s), over with the first success; before 1.9.7 `model.throttle-interval` is 0. That the sending of queues is throttled, too, is retry-interval and retry-max-interval.',
    off: 'a node is tried at every write, whatever happened before',
  },
  {
    id: 'influxdb.2-local-error',
    revision: 1,
    title: 'There is no queue to oneself',
    fact: 'What a coordinator that is an owner cannot write itself, on a full disk for instance, is put into no queue.',
    source: 'influxdata/influxdb v0.11.1 cluster/points_writer.go',
    off: 'what a coordinator cannot write itself waits in a queue for itself, which needs no room on a full disk',
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
    off: 'coordinators answer when every part is decided, however long that takes',
  },
  {
    id: 'influxdb.2-coordinator-crash',
    revision: 1,
    title: 'What a coordinator had under way is in nobody’s queue',
    fact: 'A part that was neither stored nor queued when the process of the coordinator ends is lost for the owners that have not got it.',
    source: 'influxdata/influxdb v0.11.1 cluster/points_writer.go (parts are tasks in memory)',
    simplified: 'A stop in good order ends what is under way in the same way.',
    off: 'what was known to be undeliverable is queued before the process ends',
  },
  {
    id: 'influxdb.2-panic',
    revision: 1,
    title: 'A panic takes what its process had not handed on',
    fact: 'A coordinator’s own write and those to other owners are tasks of one process; where it panics after its own, and the level was met by it, the client has its answer and nobody else will ever get the points.',
    source:
      'docs: concepts/clustering; InfluxDB Enterprise 1.7, “Manage data consistency” (draft): “data node panics can cause inflight data to be dropped”; influxdata/influxdb v0.11.1 cluster/points_writer.go',
    simplified: 'The moment between the two writes is chosen by the fault; in one process they are side by side.',
    off: 'the process ends after all owners were sent their part',
  },
  {
    id: 'influxdb.2-cut',
    revision: 1,
    title: 'A request that is cut off leaves some of its parts',
    fact: 'Nothing holds the parts of a request together: where the coordinator ends in the middle, some shards have their points, some have not, and some have them on a part of their owners.',
    source:
      'docs: concepts/clustering; InfluxDB Enterprise 1.7, “Manage data consistency” (draft): “batch write interruptions resulting in partial data writes”',
    simplified: 'Parts are sent in the order of their shards.',
    off: 'the process ends after all parts were sent',
  },
  {
    id: 'influxdb.2-field-type',
    revision: 1,
    title: 'The first write fixes the type of a field in a shard',
    fact: 'Points whose field has another type are dropped by the owner (partial write), and queued for nobody. Each copy of a shard has the type that reached it first, until a deletion takes the last series of the measurement there.',
    source:
      'docs: troubleshooting/frequently-asked-questions, field types; release notes of 1.2.0, 1.2.5, 1.3.9, 1.5.0, “Do not queue partial write errors to hinted handoff”; chengshiwen/influxdb-cluster services/hh, IsRetryable',
    simplified:
      'A request holds points of one type. Copying files and repair bring the type along where there was none; nothing else is checked there.',
    off: 'every type is taken',
  },
  {
    id: 'influxdb.5-early',
    revision: 1,
    title: 'A disk may acknowledge before it writes',
    fact: 'Then a power loss takes what the node and its log had taken for safe, and nobody has a hint for it.',
    source:
      'InfluxDB Enterprise 1.7, “Manage data consistency” (draft): “… after the write was replicated, but before the fsync operation on the remote node”; influxdata/influxdb tsdb/engine/tsm1/wal.go, newSegmentFile',
    simplified:
      'An honest disk is the default: with the open code a node acknowledges after the fsync. A fault `ack-before-fsync` makes one otherwise, and says how often its cache is written out; files of shards count as written.',
    off: 'whatever the disk says, it has written',
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
