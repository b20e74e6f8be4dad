/** Deletes (section 4) and anti-entropy (section 6). */
import type { LedgerRule } from '../../ledger-rule.ts';

export const DELETE_RULES: readonly LedgerRule[] = [
  {
    id: 'influxdb.4-everywhere',
    revision: 1,
    title: 'A delete is sent to every data node at once',
    fact: 'The node that gets DROP MEASUREMENT, DROP SERIES or DELETE deletes what it holds and sends the statement to every other data node; each deletes what it finds then.',
    source:
      'influxdata/influxdb v0.11.1 cluster/meta_executor.go, query_executor.go; release notes of 1.0.0, “DROP and DELETE statements run in parallel”',
    simplified: 'Whether Enterprise deletes locally first or side by side is unconfirmed; here it is side by side.',
    always: 'Who is to miss a statement is down then.',
  },
  {
    id: 'influxdb.4-no-hand-off',
    revision: 1,
    title: 'Nothing tells a node later that it missed a delete',
    fact: 'A node that does not hear of it keeps the data for good: hinted handoff carries points only, and once files are compacted nothing says that something was deleted. A point that arrives later is simply there.',
    source: 'influxdata/influxdb v0.11.1 cluster/meta_executor.go; tsdb/engine/tsm1/tombstone.go, compact.go',
    simplified: 'That there is no hand-off of deletes in Enterprise is inferred: no document promises one.',
    off: 'a node makes up for the statements that it missed when its process starts, or when the way to it is whole again',
  },
  {
    id: 'influxdb.4-drop-shard',
    revision: 1,
    title: 'DROP SHARD goes through the metadata',
    fact: 'The shard leaves the metadata, so nobody queries it, writes into it or sends what is queued for it; each node that hears of it deletes its copy.',
    source: 'influxdata/influxdb v0.11.1 cluster/query_executor.go; services/hh, ShardWriter',
    simplified:
      'A node that did not hear of it keeps its files, of which nothing tells it. Only a shard into which nothing is written any more can be dropped.',
  },
  {
    id: 'influxdb.4-drop-policy',
    revision: 1,
    title: 'DROP RETENTION POLICY and DROP DATABASE are in the metadata, and stay there',
    fact: 'All shards of the policy, or of the database, leave the metadata at once and every node that hears of it drops its copies; one that was away drops them once it sees the metadata, so nothing of them comes back.',
    source: 'influxdata/influxdb v0.11.1 cluster/meta_executor.go, services/meta/data.go',
    simplified:
      'Who was away sees the metadata when its process starts; who was cut off at its next retention check. Only where nothing is written any more can be dropped: what clients are told then is not modelled.',
  },
  {
    id: 'influxdb.4-retention',
    revision: 1,
    title: 'What is older than its policy keeps goes, shard group by shard group',
    fact: 'A point that is older than the duration when it comes is refused (“points beyond retention policy”), the rest of its request is written. Every retention check-interval each data node drops its shards of groups that ended longer ago; a node that was away does so at a check after its return, because the metadata say so.',
    source:
      'docs: query_language/manage-database, configure/config-data-nodes, [retention]; influxdata/influxdb services/retention/service.go, coordinator/points_writer.go',
    simplified: 'Dropping costs no disk.',
  },
];

export const QUERY_RULES: readonly LedgerRule[] = [
  {
    id: 'influxdb.8-one-owner',
    revision: 1,
    title: 'A query reads each shard from one owner',
    fact: 'The node that is asked reads its own copy where it owns the shard, else that of an owner that is drawn; the next one where that does not answer. Nothing is compared and nothing repaired, so answers of copies that differ depend on who was asked.',
    source: 'docs: concepts/clustering, “Query routing”; chengshiwen/influxdb-cluster coordinator/shard_mapper.go',
    simplified:
      'A reimplementation prefers a node that is already asked for another shard; here each shard is drawn by itself. An answer is what copies show at one moment. A stretch of time without points answers 0, as dashboards fill it.',
  },
  {
    id: 'influxdb.8-latency',
    revision: 1,
    title: 'Queries are slower until files are one again',
    fact: 'Blocks of the same series and time in several files are all read and merged, and a compaction takes its share of the disk.',
    source: 'influxdata/influxdb tsdb/engine/tsm1/reader.go, KeyCursor; docs: configure/anti-entropy',
    simplified:
      'A query takes the time of its messages and, on the slowest owner, that of reading its blocks once for each file by what background work leaves of the disk, at least a twentieth. Queries load nothing, and memory caches no file.',
  },
];

export const ENTROPY_RULES: readonly LedgerRule[] = [
  {
    id: 'influxdb.6.2-check',
    revision: 1,
    title: 'A node compares its shards with the next owner’s',
    fact: 'Every check-interval each data node compares the digest of each of its idle shards with that of the next owner in the shard’s list. A shard that differs is flagged, and nothing else happens: an operator must ask for the repair.',
    source:
      'docs: configure/anti-entropy; release notes of 1.6.2, 1.7.3; influxdata/influxdb tsdb/engine/tsm1/digest.go',
    simplified:
      'Anti-entropy is on by default up to 1.7.2, off since 1.7.3. That content is compared since 1.6.2, before that only missing shards are looked for, is read from the notes: `model.compares-content`. A digest is made anew when the copy’s file is another. A shard whose policy’s duration is over is compared until the retention check drops it, as before 1.8.0.',
    always: 'Without it there is no anti-entropy, which is `anti-entropy: { enabled: false }`.',
  },
  {
    id: 'influxdb.6.2-missing',
    revision: 1,
    title: 'A shard that the next owner lacks is copied',
    fact: 'Where auto-repair-missing is set, it is copied at once, without an operator.',
    source: 'docs: configure/anti-entropy, auto-repair-missing',
    simplified:
      'What it costs is in a ledger of its own, `anti-entropy`; what it heals is healed by `repair`. Before 1.8.6, and in 1.9.0 and 1.9.1, a shard without a file is taken for missing however often it was copied: `model.copies-empty-again`.',
    always: 'It is a setting, auto-repair-missing.',
  },
  {
    id: 'influxdb.6.3-idle',
    revision: 1,
    title: 'Only idle shards are compared and repaired',
    fact: 'There is a digest only of a shard with an empty cache, one generation of files, no deletions and no compaction: for a normal one some four hours after its last write (compact-full-write-cold-duration). A repair waits for that.',
    source:
      'influxdata/influxdb tsdb/shard.go, Digest; tsdb/engine/tsm1/engine.go, IsIdle; docs: configure/anti-entropy',
    simplified: 'The limit on undersized files of 1.12 is not modelled.',
  },
  {
    id: 'influxdb.6.4-digest',
    revision: 1,
    title: 'A digest reads the file and costs processor',
    fact: 'For each series and field a range for every block of at most 1 000 values: first and last time, checksum, number. Equal points in blocks that are cut otherwise differ. It is kept until the file is another; with many ranges making it shows as spikes of the processor.',
    source: 'influxdata/influxdb tsdb/engine/tsm1/digest.go, digest_writer.go; release notes of 1.7.3',
    simplified:
      'Making one reads the file once through disk and processor, and takes as much of the processor for each range as for 4096 bytes, at most 100 MB/s for one digest: a guess, as nobody has published a figure. The next owner’s comes over the network uncompressed, 22 bytes for each range and the longest key of the policy for each series; it is asked for anew for each comparison. On a full disk none is made. max-sync, of which the documentation says nothing more, is taken for the comparisons of a node at once.',
  },
  {
    id: 'influxdb.6.5-repair',
    revision: 1,
    title: 'A repair is passed round the owners, and only adds',
    fact: 'From its first owner on each sends the next what that one lacks or has otherwise, as a newer file that wins there, up to max-fetch shards at once. In the end all owners have the union of all: also what was deleted on some.',
    source: 'docs: configure/anti-entropy, “repair”; influxdata/influxdb tsdb/engine/tsm1/engine.go, Import',
    simplified:
      'Which of two values wins is not documented: the sender’s, because an imported file is the newest. Whether it goes round once or until nothing differs, which matters with three or more owners, is unconfirmed: once, or `model.repair-until-equal`. Notes of 1.7.7 and 1.8.5 say that a repair is always passed on since: before, it is taken to end at an owner that has nothing to send (`model.forwards-repairs`). Before contents are compared none is taken (`model.compares-content`). What cannot go on, because a shard is hot, the next owner is away, behind a cut or without room, is tried again every 10 s; the back-off of 1.9.3 is not modelled. That a node which is asked refuses where it has anti-entropy off, and that the repair ends at an owner which has, is taken from the service’s not running there.',
  },
];

export const MANUAL_RULES: readonly LedgerRule[] = [
  {
    id: 'influxdb.7-truncate',
    revision: 1,
    title: 'truncate-shards ends the shards that are written into',
    fact: 'A minute after it was asked for (-delay) active groups end, and points of later times go into new ones: the old shards can become cold, be copied and be compared. Points of the future that were written before stay in the old ones, so shards may overlap, and points stand twice.',
    source: 'docs: features/cluster-commands, truncate-shards; chengshiwen/influxdb-cluster services/meta/data.go',
    simplified:
      'It is asked for at a time that the scenario names. Groups of the future into which nobody has written yet are left as they are.',
    off: 'shards are not truncated',
  },
  {
    id: 'influxdb.7-copy',
    revision: 1,
    title: 'copy-shard copies files, not values',
    fact: 'The destination gets the files of the source’s shard and becomes an owner. Files of the same names are replaced, others stay: no union is made, and what only the destination had may be lost. A copy that is killed or interrupted begins anew.',
    source:
      'docs: features/cluster-commands, copy-shard, kill-copy-shard; guides/rebalance; influxdata/influxdb tsdb/engine/tsm1/engine.go, overlay; chengshiwen/influxdb-cluster coordinator/service.go',
    simplified:
      'It fails where a cut lies between the two, or one has no room on its disk, also in the middle. A compaction whose files it replaces is void. What Enterprise does over a copy that is there is unconfirmed. Files are taken to have the same names in the order of their age. A new owner stands behind the others in the list.',
    off: 'a copy only adds: what the destination had stays where the source has nothing',
  },
  {
    id: 'influxdb.7-hot-copy',
    revision: 1,
    title: 'A copy has what its source had when it began',
    fact: 'A destination that is no owner becomes one when its files are there: what is written, or deleted, while they are under way does not reach it. So a shard must be cold: nothing of the past is written while shards are moved, and truncate-shards comes first.',
    source:
      'docs: guides/rebalance, “Stop writing data before rebalancing”; chengshiwen/influxdb-cluster coordinator/service.go',
    off: 'what comes to the source meanwhile is sent along at the end',
  },
  {
    id: 'influxdb.7-remove',
    revision: 1,
    title: 'remove-shard destroys a copy',
    fact: 'The files are deleted, and the node is no owner of the shard any more: what is written from then on is neither sent to it nor queued for it.',
    source: 'docs: features/cluster-commands, remove-shard; guides/rebalance',
    simplified:
      'A node that does not answer cannot destroy its copy, and stays an owner. As long as there are fewer owners than copies are wanted, the copy counts as missing, though the operator wanted it so; counts and sizes are asked of owners only. What was queued for the node is still delivered to it, and of no use. A shard without any owner is in no list of shards, but no new one takes its place for later writes.',
    off: 'the files go, and their node stays an owner',
  },
];
