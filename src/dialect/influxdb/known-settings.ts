/**
 * Settings of influxdb.conf that the model does not read: told apart from slips. Of sections in which the model reads some
 * keys, all others by name; other sections whole. Source: the data node's configuration page and its sample file.
 */

const KEYS: Readonly<Record<string, string>> = {
  'hinted-handoff': 'dir max-pending-writes retry-rate-limit',
  cluster:
    'shard-reader-timeout shard-writer-timeout cluster-tracing pool-max-idle-streams pool-max-idle-time https-enabled https-certificate https-private-key https-insecure-tls max-remote-write-connections max-concurrent-queries max-concurrent-deletes query-timeout log-queries-after max-select-point max-select-series max-select-buckets termination-query-log log-timedout-queries',
  data: 'dir wal-dir wal-fsync-delay wal-logging-enabled index-version query-log-enabled trace-logging-enabled validate-keys strict-error-handling max-concurrent-deletes tsm-use-madv-willneed max-series-per-database max-values-per-tag max-index-log-file-size series-id-set-cache-size series-file-max-concurrent-snapshot-compactions',
};

const SECTIONS =
  'meta coordinator retention shard-precreation admin monitor subscriber http logging graphite collectd opentsdb udp continuous_queries continuous-queries enterprise tls flux-controller';
const TOP = 'reporting-disabled bind-address hostname gossip-frequency name';

const NAMES: ReadonlySet<string> = new Set([
  ...Object.entries(KEYS).flatMap(([section, keys]) => keys.split(' ').map((key) => `${section}.${key}`)),
  ...TOP.split(' '),
]);
const WHOLE: ReadonlySet<string> = new Set(SECTIONS.split(' '));

/** `http.auth-enabled`, or the section alone. */
export function isKnownUnmodelledSetting(name: string): boolean {
  return NAMES.has(name) || WHOLE.has(name.split('.')[0]);
}
