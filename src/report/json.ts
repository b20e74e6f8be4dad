/**
 * The result document as JSON text: keys in one fixed order (the order of the format for its own keys, alphabetical for
 * ids), so that equal results are equal bytes. What is not a number is null.
 */
import type { Result } from '../observe/result.ts';

/** Keys of the format in the order in which they stand; ids come after them, by code point. */
const ORDER = [
  ...[
    'format',
    'version',
    'id',
    'strategy',
    'command',
    'outcome',
    'plan_hash',
    'fingerprint',
    'seed',
    'database',
    'virtual_micros',
    'events',
  ],
  ...['writes', 'issued', 'acknowledged', 'timed_out', 'unavailable', 'failed', 'unknown', 'retried', 'partial'],
  ...['beyond_policy', 'refused_cache', 'throttled'],
  ...[
    'answers',
    'flaps',
    'flaps_per_minute_most',
    'values',
    'fired',
    'cleared',
    'firing_micros',
    'most_spread',
    'owners',
  ],
  ...['answered', 'digest_mismatches', 'background_mismatches', 'read_repairs', 'read_repair_writes'],
  ...[
    'speculative_retries',
    'stale',
    'missing',
    'zombie',
    'backward',
    'latency_micros',
    'mean',
    'p50',
    'p99',
    'p999',
    'max',
  ],
  ...[
    'final',
    'divergent_rows',
    'divergent_copies',
    'visible_divergent_copies',
    'wrong_copies',
    'stale_copies',
    'missing_copies',
  ],
  ...[
    'zombie_copies',
    'lost_copies',
    'in_flight_copies',
    'hint_pending_copies',
    'latent_copies',
    'lost_acknowledged',
    'entropy_bits',
    'resurrection',
    'margin_micros',
    'rows',
  ],
  ...[
    'by_cause',
    'by_origin',
    'by_node',
    'by_state',
    'copies',
    'bits',
    'born',
    'healed',
    'left',
    'healed_by',
    'left_by_state',
  ],
  ...['zombies_spread', 'by', 'alarms', 'key', 'row', 'from', 'wrong', 'cause', 'origin'],
  ...['written_micros', 'promised_micros'],
  ...['peak', 'at_micros', 'totals', 'divergent_row_hours', 'wrong_row_hours', 'hints', 'storage', 'repairs'],
  ...['started_micros', 'finished_micros', 'failures', 'sessions', 'ranges', 'trees', 'comparisons', 'nodes_visited'],
  ...[
    'differing_ranges',
    'differing_ranges_by_pair',
    'read_bytes',
    'hashed_rows',
    'hashed_partitions',
    'hashed_rows_by_node',
  ],
  ...[
    'tree_bytes',
    'peak_tree_bytes',
    'tree_depth_max',
    'sent_bytes',
    'sent_rows',
    'sent_partitions',
    'distinct_partitions',
  ],
  ...[
    'sent_for_nothing_bytes',
    'sent_for_nothing_rows',
    'floor_bytes',
    'healed_copies',
    'reverted_copies',
    'cross_dc_bytes',
    'sstables_written',
    'sstables_marked',
    'sstables_anticompacted',
    'anticompacted_bytes',
    'estimated_ranges',
    'estimated_sstables',
    'estimated_bytes',
  ],
  ...['algorithm', 'exchanges', 'exchanges_in_sync', 'exchanges_failed', 'exchanges_put_off', 'segments_rescanned'],
  ...['keys_differing', 'keys_alike', 'keys_unanswered', 'index_write_bytes'],
  ...['snapshot_bytes', 'snapshots_taken', 'snapshots_removed', 'phases', 'phase', 'session', 'table', 'node', 'peer'],
  ...['topology', 'streams', 'streamed_bytes', 'streamed_rows', 'streamed_in_vain_bytes', 'sources'],
  ...['hints_handed_over', 'hints_dropped', 'hints_rehinted'],
  ...['start_micros', 'end_micros', 'rounds', 'probes', 'samples', 'reads', 'stale_reads', 'unavailable_reads'],
  ...['expectations', 'verdict', 'held', 'expected', 'detail', 'measured', 'line', 'column', 'file'],
  ...['assumptions', 'not_modelled', 'rules_exercised'],
];

const RANK: ReadonlyMap<string, number> = new Map(ORDER.map((key, rank) => [key, rank]));

/** Two spaces deep, with a line feed at the end. */
export function resultJson(result: Result): string {
  return jsonText(ordered(result));
}

/** Of any document. */
export function jsonText(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  entries.sort(([left], [right]) => rankOf(left) - rankOf(right) || (left < right ? -1 : left > right ? 1 : 0));
  return Object.fromEntries(entries.map(([key, member]) => [key, ordered(member)]));
}

function rankOf(key: string): number {
  return RANK.get(key) ?? ORDER.length;
}
