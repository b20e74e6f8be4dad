/** Hinted handoff (section 3). InfluxDB Enterprise is closed: its documentation and notes, and the open code that it came from. */
import type { LedgerRule } from '../../ledger-rule.ts';

export const HANDOFF_RULES: readonly LedgerRule[] = [
  {
    id: 'influxdb.3.1-enabled',
    revision: 1,
    title: 'Hinted handoff may be off',
    fact: 'Then what could not be written to an owner is lost for it.',
    source: 'docs: configure/config-data-nodes, [hinted-handoff] enabled',
  },
  {
    id: 'influxdb.3.2-segments',
    revision: 1,
    title: 'Queues are files of segments',
    fact: 'A node keeps a queue for each target node and shard, in segments of 10 MB, synced at every append and every advance, so they outlive a crash. A segment takes its whole room until its last block is sent.',
    source:
      'docs: monitor/internal measurements, queueDepth, queueTotalSize; release notes of 1.3.0; influxdata/influxdb v0.11.1 services/hh/queue.go',
    simplified: 'No append is torn by a crash, and reading and writing queues costs neither disk nor processor.',
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
    revision: 1,
    title: 'Old segments are purged',
    fact: 'Every purge-interval segments that were last touched longer ago than max-age are removed, from the head, whole. A record never leaves early, and stays as long as its segment is touched.',
    source:
      'docs: configure/config-data-nodes, max-age, purge-interval; influxdata/influxdb v0.11.1 services/hh/queue.go, PurgeOlderThan',
    simplified:
      'That age is counted by segment is public code only, unconfirmed for Enterprise. That purge and retry starve each other in that code is not followed; nor is the loss of writes after the purge of a short queue before 1.9.5.',
    off: 'nothing is purged',
  },
  {
    id: 'influxdb.3.5-draining',
    revision: 1,
    title: 'Queues are drained by trying',
    fact: 'A node tries to send a queue after retry-interval, twice as long after each failure up to retry-max-interval (10 s, since 1.9 200 s), and back to back while it succeeds; nothing but a success tells it that the target is back. Up to retry-concurrency blocks of batch-size go out together, and a round fails as one.',
    source:
      'docs: configure/config-data-nodes, retry-interval, retry-max-interval, retry-concurrency, batch-size; monitor/internal measurements, bytesRead; influxdata/influxdb v0.11.1 services/hh/node_processor.go',
    simplified:
      'Rounds are of one queue, so several shards of a target drain side by side. Documents of 1.2 to 1.8 call retry-max-interval no longer in use; the wait is capped by it all the same. retry-rate-limit works since 1.7.7 and is a cap on bytes per second.',
  },
  {
    id: 'influxdb.3-queue-lost',
    revision: 1,
    title: 'Queues are lost with the disk they lie on',
    fact: 'What a node keeps for others is on its disk only; whoever replaces the disk replaces the queues by nothing.',
    source: 'docs: guides/replacing-nodes; influxdata/influxdb v0.11.1 services/hh/service.go',
  },
];
