/** Metrics of clients' reads: their names, and from a name and `where` to a function that reads the present value. */
import type { PlanWhere } from '../scenario/plan.ts';
import { ANY } from './counters.ts';
import type { LatencyFigures } from './read-latencies.ts';
import type { ReadCount, ReadLog } from './read-log.ts';

const MICROS_PER_SECOND = 1e6;

export const COUNT_OF_METRIC: ReadonlyMap<string, ReadCount> = new Map([
  ['reads_answered', 'answered'],
  ['reads_timed_out', 'timed_out'],
  ['reads_unavailable', 'unavailable'],
  ['reads_unknown', 'unknown'],
  ['digest_mismatches', 'digest_mismatches'],
  ['background_mismatches', 'background_mismatches'],
  ['read_repairs', 'read_repairs'],
  ['speculative_retries', 'speculative_retries'],
  ['stale_reads', 'stale'],
  ['missing_reads', 'missing'],
  ['zombie_reads', 'zombie'],
  ['backward_reads', 'backward'],
]);

const FIGURE_OF_METRIC: ReadonlyMap<string, keyof LatencyFigures> = new Map([
  ['read_latency_mean', 'meanMicros'],
  ['read_latency_p50', 'p50Micros'],
  ['read_latency_p99', 'p99Micros'],
  ['read_latency_p999', 'p999Micros'],
]);

const NODE_METRICS: ReadonlyMap<string, (log: ReadLog, node: number) => number> = new Map([
  ['read_requests', (log, node) => log.requests(node)],
  ['read_share', (log, node) => log.requestShare(node)],
  ['read_repair_writes', (log, node) => log.repairWrites(node)],
]);

export function isReadMetric(metric: string): boolean {
  return COUNT_OF_METRIC.has(metric) || FIGURE_OF_METRIC.has(metric) || NODE_METRICS.has(metric);
}

/** NaN where nothing of the name reads in this run. */
export function readMetricReader(
  metric: string,
  { node, workload }: PlanWhere,
  { log, nodes }: { log: ReadLog; nodes: readonly string[] },
): () => number {
  const nodeIndex = node === undefined ? ANY : nodes.indexOf(node);
  const reader = workload === undefined ? ANY : log.readers.indexOf(workload);
  const isUnknown = (node !== undefined && nodeIndex < 0) || (workload !== undefined && reader < 0);
  if (isUnknown || log.readers.length === 0) return () => NaN;
  const ofNode = NODE_METRICS.get(metric);
  if (ofNode !== undefined) return () => ofNode(log, nodeIndex);
  const count = COUNT_OF_METRIC.get(metric);
  if (count !== undefined) return () => log.count(count, reader);
  const figure = FIGURE_OF_METRIC.get(metric) ?? 'meanMicros';
  return () => (log.latencies.ofWindow(reader)?.[figure] ?? NaN) / MICROS_PER_SECOND;
}
