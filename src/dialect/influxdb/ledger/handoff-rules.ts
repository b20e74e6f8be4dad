/** Hinted handoff (section 3). InfluxDB Enterprise is closed: its documentation and notes, and the open code that it came from. */
import type { LedgerRule } from '../../ledger-rule.ts';

export const HANDOFF_RULES: readonly LedgerRule[] = [
  {
    id: 'influxdb.3.1-enabled',
    revision: 1,
    title: 'Hinted handoff may be off',
    fact: 'Then what could not be written to an owner is lost for it.',
    source: 'docs: configure/config-data-nodes, [hinted-handoff] enabled',
    always: 'It is a setting.',
  },
  {
    id: 'influxdb.3.2-segments',
    revision: 3,
    title: 'Queues are files of segments',
    fact: 'A node keeps a queue for each target node and shard, in segments of 10 MB, synced at every append and every advance, so they outlive a crash. A segment takes its whole room until its last block is sent.',
    source:
      'docs: monitor/internal measurements, queueDepth, queueTotalSize; release notes of 1.3.0; influxdata/influxdb v0.11.1 services/hh/queue.go',
    simplified:
      'Each append takes an fsync after those before it; where ten or more wait they share one. Draining reads its node’s disk; otherwise queues cost neither disk nor processor.',
    always: 'It is how a queue lies on disk; `queue-lost` takes one away.',
  },
  {
    id: 'influxdb.3.2-no-room',
    revision: 1,
    title: 'A full disk takes no hint',
    fact: 'A queue lies on the disk of the node that keeps it. Where that is full nothing is appended, and what was to wait for an owner is lost for it.',
    source: 'influxdata/influxdb v0.11.1 services/hh/queue.go; influxdata/influxdb issue 3687',
    simplified:
      'What waits already stays and is sent. That an append cut short by a full disk tears its segment is `queue-torn`, a fault of its own.',
    off: 'queues need no room',
  },
  {
    id: 'influxdb.3.3-max-size',
    revision: 1,
    title: 'A full queue refuses new writes',
    fact: 'What a node keeps on disk for one target is limited by max-size (before 1.5.3 by target and shard). Beyond it new writes are refused (“queue is full”) and are lost for that owner; nothing old is taken away.',
    source:
      'docs: troubleshooting/frequently-asked-questions, “queue is full”; release notes of 1.5.3, 1.9.8; influxdata/influxdb v0.11.1 services/hh/processor.go',
    simplified:
      'That it was by target and shard before 1.5.3 is inferred from the note: `model.size-per-shard`. That 1.9.7 and older counted too much is not modelled.',
    off: 'queues grow without limit',
  },
  {
    id: 'influxdb.3.4-max-age',
    revision: 2,
    title: 'Old segments are purged',
    fact: 'Every purge-interval segments that were last touched longer ago than max-age are removed, from the head, whole. A record never leaves early, and stays as long as its segment is touched.',
    source:
      'docs: configure/config-data-nodes, max-age, purge-interval; influxdata/influxdb v0.11.1 services/hh/queue.go, PurgeOlderThan',
    simplified:
      'That age is counted by segment is public code only, unconfirmed for Enterprise. That purge and retry starve each other in that code is not followed: a purge that falls into a round of sending is made when the round ends.',
    off: 'nothing is purged',
  },
  {
    id: 'influxdb.3.5-draining',
    revision: 2,
    title: 'Queues are drained by trying',
    fact: 'A node tries to send a queue after retry-interval, twice as long after each failure up to retry-max-interval (10 s, since 1.9 200 s), and back to back while it succeeds; nothing but a success tells it that the target is back. Up to retry-concurrency blocks of batch-size go out together, and a round fails as one.',
    source:
      'docs: configure/config-data-nodes, retry-interval, retry-max-interval, retry-concurrency, batch-size; monitor/internal measurements, bytesRead; influxdata/influxdb v0.11.1 services/hh/node_processor.go',
    simplified:
      'Rounds are of one queue; all queues of a target share its retry-concurrency, in turn. The bytes of a round share the disks and links of both nodes with all other transfers (requests of clients take a latency and no bandwidth); a round that is not answered within the remote timeout (5 s, unpublished since 1.2.2), or whose target ends meanwhile, fails and is sent again, whole. Documents of 1.2 to 1.8 call retry-max-interval no longer in use; the wait is capped by it all the same. retry-rate-limit works since 1.7.7 and is a cap on bytes per second, whose wait does not count as time without an answer.',
    always:
      'retry-interval says how soon and retry-max-interval how late a queue is tried; one that is longer than the run leaves it alone.',
  },
  {
    id: 'influxdb.3.1-pending',
    revision: 1,
    title: 'A queue to which too many append is blocked',
    fact: 'While max-writes-pending appends to one queue wait for the disk, further ones are refused at once (“queue is blocked”) and are lost for that owner.',
    source:
      'docs: configure/config-data-nodes, max-writes-pending; release notes of 1.5.3, 1.6.2 (back pressure), 1.8.2; monitor/internal measurements, writeBlocked',
    simplified: 'Before 1.8.2 the number cannot be set; it is taken for the same 1024.',
    off: 'any number of appends may wait',
  },
  {
    id: 'influxdb.3.4-short-purge',
    revision: 1,
    title: 'The purge of a short queue loses what comes next',
    fact: 'Before 1.9.5 a purge that removes the only segment of a queue leaves the queue with a file that is not there: what is to be appended then fails (“queue not open”) and is lost for that owner.',
    source:
      'release notes of 1.9.5, “Prevent lost writes during hinted handoff when purging short queues”; chengshiwen/influxdb-cluster services/hh/queue.go (tried out)',
    simplified:
      'How long it lasts is unconfirmed: here until the next purge, which removes the empty queue. `model.loses-after-purge` says whether a version does it.',
    off: 'a purge never costs more than what is too old',
  },
  {
    id: 'influxdb.3.5-poison',
    revision: 1,
    title: 'What the target refuses for good is dropped from the queue',
    fact: 'A block that the target answers with a partial write or a conflict of field types is skipped and not sent again. In 1.9.7 it was sent again for ever, and all behind it waited.',
    source: 'release notes of 1.2.0, 1.2.2, 1.2.5, 1.9.7 (regression), 1.9.8; docs-ARCHIVE issue 1035',
    simplified:
      'Which refusals 1.9.7 retried is told of malformed requests only; here all. `model.poison-blocks-queue` is the alternative.',
    off: 'nothing is dropped: it is sent again for ever, and all behind it waits',
  },
  {
    id: 'influxdb.3.5-gone',
    revision: 1,
    title: 'What is queued for a shard that is gone is dropped where it arrives',
    fact: 'A queue knows nothing of the end of its shard. Its blocks are sent when their turn comes, and their target drops them (“shard group does not exist or was deleted”); the queue takes them for delivered.',
    source: 'influxdata/influxdb issue 5247; v0.11.1 services/hh, cluster/service.go',
    simplified: 'The line in the log is that of 0.9.6; what Enterprise writes is unconfirmed.',
  },
  {
    id: 'influxdb.3.6-removed',
    revision: 1,
    title: 'Queues for a node that is removed are thrown away',
    fact: 'remove-data drops the node from the metadata, and every other node its queues for it; a machine that is added again is another node. update-data keeps the node’s number, so queues for it are sent to the new machine.',
    source:
      'release notes of 1.0.0, “Remove HH queues when the target data nodes are removed”; docs: guides/replacing-nodes; chengshiwen/influxdb-cluster issue 4',
    simplified:
      'That queues drain to the new machine after update-data is inferred from the node keeping its number. Since 1.7.10 shards keep a removed owner; the same is taken for older versions.',
    off: 'queues for a removed node stay',
  },
  {
    id: 'influxdb.3.7-torn',
    revision: 2,
    title: 'An append that power cut short tears its segment',
    fact: 'Before 1.8.2 an append was three writes, and a segment whose last one is not whole could not be read: all that waited in it was lost, or the queue never drained, or the node did not start. Since 1.8.2 an append is one write, and at the start segments are cut after their last whole block. Every segment with a block that was not on disk is torn.',
    source:
      'release notes of 1.8.2, 1.0.0, 1.6.2; influxdata/influxdb issues 3687, 3833, 4749; chengshiwen/influxdb-cluster services/hh/queue.go (tried out: the segment is emptied)',
    simplified:
      'Which of the three befalls an older version is unconfirmed: the segment is lost (`model.torn-segment: segment`); `stuck` is a queue that never drains until it is too old. That the place of reading may be lost, so that blocks are sent twice, is left out.',
    off: 'what was to be appended is there, whole',
  },
  {
    id: 'influxdb.3-queue-lost',
    revision: 1,
    title: 'Queues are lost with the disk they lie on',
    fact: 'What a node keeps for others is on its disk only; whoever replaces the disk replaces the queues by nothing.',
    source: 'docs: guides/replacing-nodes; influxdata/influxdb v0.11.1 services/hh/service.go',
    off: 'queues outlive the disk',
  },
];
