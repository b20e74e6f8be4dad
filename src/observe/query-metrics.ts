/** Metrics of the indicators of operators, where points are stored. */
import { metric, type Metric, type WhereMember } from './metric.ts';

const DASHBOARD_WHERE: readonly WhereMember[] = ['probe'];
const OWNER_WHERE: readonly WhereMember[] = ['probe', 'node', 'table'];

/** What indicators of operators show, where points are stored. */
export const QUERY_METRICS: readonly Metric[] = [
  metric('level', 'ratio', DASHBOARD_WHERE, 'query_value: The last answer of a dashboard.'),
  metric('level', 'seconds', DASHBOARD_WHERE, 'query_latency: How long the last query of a dashboard took.'),
  metric('level', 'ratio', DASHBOARD_WHERE, 'graph_variance: Variance of the last twelve answers of a dashboard.'),
  metric(
    'level',
    'count',
    DASHBOARD_WHERE,
    'flaps_per_minute: Flaps of a dashboard in the last minute, at its last answer.',
  ),
  metric(
    'level',
    'count',
    OWNER_WHERE,
    'owner_points: Points that a count probe found; of a shard (table) and a node.',
  ),
  metric('level', 'bytes', OWNER_WHERE, 'shard_bytes: Bytes that a size probe found; of a shard (table) and a node.'),
  metric(
    'level',
    'share',
    ['probe', 'table'],
    'owner_spread: By how much the owner with the least points, or bytes, falls behind the one with the most; of the shard where that is most.',
  ),
  metric('total', 'count', DASHBOARD_WHERE, 'flaps: Answers of a dashboard unlike the one before.'),
  metric(
    'total',
    'count',
    DASHBOARD_WHERE,
    'queries_failed: Queries of a dashboard that no owner of some shard answered.',
  ),
  metric('total', 'count', DASHBOARD_WHERE, 'alerts_fired: Times that an alert began to fire.'),
  metric('total', 'count', DASHBOARD_WHERE, 'alert_transitions: Times that an alert began to fire or cleared.'),
];

/** What the shards' own service has done. */
export const ENTROPY_FINALS: readonly Metric[] = [
  metric('final', 'count', [], 'digests_made: Digests of shards that anti-entropy has made.'),
  metric('final', 'bytes', [], 'digest_bytes: Bytes of the files that it has read for them.'),
  metric('final', 'count', [], 'shards_copied: Copies of shards that an owner lacked, made without being asked.'),
  metric('final', 'count', [], 'empty_shards_copied: Of these, copies of a shard in which there was nothing.'),
];

const QUERY_NAMES: ReadonlySet<string> = new Set(QUERY_METRICS.map(({ name }) => name));

export function isQueryMetric(name: string): boolean {
  return QUERY_NAMES.has(name);
}
