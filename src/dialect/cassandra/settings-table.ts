/**
 * The settings of cassandra.yaml that the model reads, by version: name (that of 4.1 and later), type, default from
 * each line on, former name, bounds, and the rules of the ledger they matter for. Data only; reading a file is
 * `settings-reader.ts`. Source: table g of the reference (`conf/cassandra.yaml`, `config/Config`,
 * `config/DatabaseDescriptor`). A setting that is not here is known or unknown, but not modelled.
 */
import type { SettingSpec, SettingType } from '../../scenario/dialect-rules.ts';
import type { SettingValue } from '../../scenario/plan.ts';
import { CASSANDRA_LINES, isAtLeast } from './versions.ts';
import type { CassandraLine } from './versions.ts';

interface SettingRow {
  name: string;
  type: SettingType;
  /** Default from this line on, in base units; a line before the first one does not have the setting. */
  from: Partial<Record<CassandraLine, SettingValue>>;
  /** Name before 4.1, whose bare number times `scale` is in base units. */
  former?: { name: string; scale: number };
  min?: number;
  max?: number;
  values?: readonly string[];
  /** Words that older lines do not take. */
  valuesSince?: Readonly<Record<string, CassandraLine>>;
  rules: readonly string[];
}

const SECOND = 1_000_000;
const HOUR = 3600 * SECOND;
const KIB = 1024;
const MIB = 1024 * KIB;
/** 200 Mbit/s: what the throughput settings meant before they got units. */
const STREAM_BEFORE_4_1 = 25_000_000;
const MILLISECONDS = 1000;
const MEGABITS_PER_SECOND = 125_000;

/** Without a heap size the heap is taken for 8 GiB; a sixteenth of it is the default repair_session_space (a10). */
const ASSUMED_HEAP_BYTES = 8 * 1024 * MIB;

const MURMUR3 = 'org.apache.cassandra.dht.Murmur3Partitioner';

const ROWS: readonly SettingRow[] = [
  // Ring
  {
    name: 'partitioner',
    type: 'text',
    from: { '2.0': MURMUR3 },
    values: [MURMUR3, 'Murmur3Partitioner'],
    rules: ['cassandra.a1'],
  },
  {
    name: 'num_tokens',
    type: 'integer',
    from: { '2.0': 256, '4.0': 16 },
    min: 1,
    max: 1536,
    rules: ['cassandra.g-placement'],
  },
  // Hints. The throttle is a size in the file and a rate in its meaning: bytes per second.
  { name: 'hinted_handoff_enabled', type: 'boolean', from: { '2.0': true }, rules: ['cassandra.e4'] },
  { name: 'hinted_handoff_disabled_datacenters', type: 'texts', from: { '3.0': [] }, rules: ['cassandra.e4'] },
  {
    name: 'max_hint_window',
    type: 'duration',
    from: { '2.0': 3 * HOUR },
    former: { name: 'max_hint_window_in_ms', scale: MILLISECONDS },
    rules: ['cassandra.e4', 'cassandra.e5', 'cassandra.e7'],
  },
  { name: 'hint_window_persistent_enabled', type: 'boolean', from: { '4.1': true }, rules: ['cassandra.e4'] },
  { name: 'transfer_hints_on_decommission', type: 'boolean', from: { '4.0': true }, rules: ['cassandra.e18'] },
  {
    name: 'hinted_handoff_throttle',
    type: 'size',
    from: { '2.0': MIB },
    former: { name: 'hinted_handoff_throttle_in_kb', scale: KIB },
    rules: ['cassandra.e15'],
  },
  {
    name: 'batchlog_replay_throttle',
    type: 'size',
    from: { '2.0': MIB },
    former: { name: 'batchlog_replay_throttle_in_kb', scale: KIB },
    rules: ['cassandra.e-batchlog'],
  },
  {
    name: 'max_hints_delivery_threads',
    type: 'integer',
    from: { '2.0': 2 },
    min: 1,
    max: 1024,
    rules: ['cassandra.e14'],
  },
  {
    name: 'hints_flush_period',
    type: 'duration',
    from: { '3.0': 10 * SECOND },
    former: { name: 'hints_flush_period_in_ms', scale: MILLISECONDS },
    min: 1000,
    rules: ['cassandra.e9'],
  },
  {
    name: 'max_hints_file_size',
    type: 'size',
    from: { '3.0': 128 * MIB },
    former: { name: 'max_hints_file_size_in_mb', scale: MIB },
    min: 1,
    rules: ['cassandra.e10'],
  },
  {
    name: 'max_hints_size_per_host',
    type: 'size',
    from: { '4.1': 0 },
    former: { name: 'max_hints_size_per_host_in_mb', scale: MIB },
    rules: ['cassandra.e4'],
  },
  // Commit log
  {
    name: 'commitlog_sync',
    type: 'text',
    from: { '2.0': 'periodic' },
    values: ['periodic', 'batch', 'group'],
    valuesSince: { group: '4.0' },
    rules: ['cassandra.f1', 'cassandra.f3'],
  },
  {
    name: 'commitlog_sync_period',
    type: 'duration',
    from: { '2.0': 10 * SECOND },
    former: { name: 'commitlog_sync_period_in_ms', scale: MILLISECONDS },
    min: 1000,
    rules: ['cassandra.f2', 'cassandra.f3'],
  },
  {
    name: 'commitlog_sync_group_window',
    type: 'duration',
    from: { '4.0': SECOND },
    former: { name: 'commitlog_sync_group_window_in_ms', scale: MILLISECONDS },
    min: 1000,
    rules: ['cassandra.f1'],
  },
  // Unset: one and a half periods, as before 4.0
  {
    name: 'periodic_commitlog_sync_lag_block',
    type: 'duration',
    from: { '4.0': null },
    former: { name: 'periodic_commitlog_sync_lag_block_in_ms', scale: MILLISECONDS },
    rules: ['cassandra.f2'],
  },
  // Name of a compressor; unset: none
  { name: 'commitlog_compression', type: 'text', from: { '2.2': null }, rules: ['cassandra.f3'] },
  {
    name: 'transparent_data_encryption_options.enabled',
    type: 'boolean',
    from: { '3.11': false },
    rules: ['cassandra.f3'],
  },
  {
    name: 'commitlog_disk_access_mode',
    type: 'text',
    from: { '5.0': 'legacy' },
    values: ['legacy', 'auto', 'mmap', 'direct', 'standard'],
    rules: ['cassandra.f3'],
  },
  // Failure detection and timeouts
  { name: 'phi_convict_threshold', type: 'number', from: { '2.0': 8 }, min: 5, max: 16, rules: ['cassandra.g-phi'] },
  {
    name: 'write_request_timeout',
    type: 'duration',
    from: { '2.0': 2 * SECOND },
    former: { name: 'write_request_timeout_in_ms', scale: MILLISECONDS },
    min: 1000,
    rules: ['cassandra.e2', 'cassandra.e14'],
  },
  {
    name: 'read_request_timeout',
    type: 'duration',
    from: { '2.0': 5 * SECOND },
    former: { name: 'read_request_timeout_in_ms', scale: MILLISECONDS },
    min: 1000,
    rules: ['cassandra.i-read'],
  },
  { name: 'dynamic_snitch', type: 'boolean', from: { '2.0': true }, rules: ['cassandra.i-snitch'] },
  {
    name: 'dynamic_snitch_update_interval',
    type: 'duration',
    from: { '2.0': 100_000 },
    former: { name: 'dynamic_snitch_update_interval_in_ms', scale: MILLISECONDS },
    min: 1000,
    rules: ['cassandra.i-snitch'],
  },
  {
    name: 'dynamic_snitch_reset_interval',
    type: 'duration',
    from: { '2.0': 600 * SECOND },
    former: { name: 'dynamic_snitch_reset_interval_in_ms', scale: MILLISECONDS },
    min: 1000,
    rules: ['cassandra.i-snitch'],
  },
  {
    name: 'dynamic_snitch_badness_threshold',
    type: 'number',
    from: { '2.0': 0.1, '4.0': 1 },
    min: 0,
    rules: ['cassandra.i-snitch'],
  },
  {
    name: 'request_timeout',
    type: 'duration',
    from: { '2.0': 10 * SECOND },
    former: { name: 'request_timeout_in_ms', scale: MILLISECONDS },
    min: 1000,
    rules: ['cassandra.b7'],
  },
  // Repair
  {
    name: 'repair_request_timeout',
    type: 'duration',
    from: { '4.0': 60 * SECOND, '4.1': 120 * SECOND },
    former: { name: 'repair_request_timeout_in_ms', scale: MILLISECONDS },
    min: 1000,
    rules: ['cassandra.b26'],
  },
  // cassandra.b26: retries are off where max_attempts is unset.
  { name: 'repair.retries.max_attempts', type: 'integer', from: { '5.0': null }, min: 0, rules: ['cassandra.b26'] },
  {
    name: 'repair.retries.base_sleep_time',
    type: 'duration',
    from: { '5.0': SECOND / 5 },
    rules: ['cassandra.b26'],
  },
  { name: 'repair.retries.max_sleep_time', type: 'duration', from: { '5.0': SECOND }, rules: ['cassandra.b26'] },
  {
    name: 'repair.retries.merkle_tree_response.base_sleep_time',
    type: 'duration',
    from: { '5.0': 30 * SECOND },
    rules: ['cassandra.b26'],
  },
  {
    name: 'repair.retries.merkle_tree_response.max_sleep_time',
    type: 'duration',
    from: { '5.0': 60 * SECOND },
    rules: ['cassandra.b26'],
  },
  {
    name: 'reject_repair_compaction_threshold',
    type: 'integer',
    from: { '4.0': 2_147_483_647 },
    min: 0,
    rules: ['cassandra.b7'],
  },
  { name: 'use_offheap_merkle_trees', type: 'boolean', from: { '4.0': true }, rules: ['cassandra.a13'] },
  { name: 'concurrent_merkle_tree_requests', type: 'integer', from: { '4.0': 0 }, min: 0, rules: ['cassandra.b5'] },
  {
    name: 'repair_session_max_tree_depth',
    type: 'integer',
    from: { '3.0': 18, '4.0': 20 },
    min: 10,
    max: 30,
    rules: ['cassandra.a8'],
  },
  {
    name: 'repair_session_space',
    type: 'size',
    from: { '4.0': ASSUMED_HEAP_BYTES / 16 },
    former: { name: 'repair_session_space_in_mb', scale: MIB },
    min: MIB,
    rules: ['cassandra.a8', 'cassandra.a9', 'cassandra.a10'],
  },
  {
    name: 'auto_optimise_full_repair_streams',
    type: 'boolean',
    from: { '4.0': false },
    rules: ['cassandra.b11'],
  },
  { name: 'auto_optimise_inc_repair_streams', type: 'boolean', from: { '4.0': false }, rules: ['cassandra.b11'] },
  {
    name: 'auto_optimise_preview_repair_streams',
    type: 'boolean',
    from: { '4.0': false },
    rules: ['cassandra.b11'],
  },
  {
    name: 'validation_preview_purge_head_start',
    type: 'duration',
    from: { '4.0': 3600 * SECOND },
    former: { name: 'validation_preview_purge_head_start_in_sec', scale: SECOND },
    rules: ['cassandra.a20'],
  },
  // With one data directory; concurrent_validations unset (or 0 in a file) = concurrent_compactors
  {
    name: 'concurrent_compactors',
    type: 'integer',
    from: { '2.0': 2 },
    min: 1,
    max: 1024,
    rules: ['cassandra.g-compaction'],
  },
  {
    name: 'concurrent_validations',
    type: 'integer',
    from: { '4.0': null },
    min: 1,
    max: 1024,
    rules: ['cassandra.b6'],
  },
  // Throughput, bytes per second; 0 = unlimited
  {
    name: 'compaction_throughput',
    type: 'rate',
    from: { '2.0': 16 * MIB, '4.0': 64 * MIB },
    former: { name: 'compaction_throughput_mb_per_sec', scale: MIB },
    rules: ['cassandra.g-compaction'],
  },
  {
    name: 'stream_throughput_outbound',
    type: 'rate',
    from: { '2.0': STREAM_BEFORE_4_1, '4.1': 24 * MIB },
    former: { name: 'stream_throughput_outbound_megabits_per_sec', scale: MEGABITS_PER_SECOND },
    rules: ['cassandra.b31'],
  },
  {
    name: 'inter_dc_stream_throughput_outbound',
    type: 'rate',
    from: { '2.0': STREAM_BEFORE_4_1, '4.1': 24 * MIB },
    former: { name: 'inter_dc_stream_throughput_outbound_megabits_per_sec', scale: MEGABITS_PER_SECOND },
    rules: ['cassandra.b31'],
  },
];

/** The modelled settings of a line, under the names of 4.1; aliases are the names the line itself uses or still takes. */
export function settingsOf(line: CassandraLine): Readonly<Record<string, SettingSpec>> {
  return TABLES[line];
}

const TABLES = Object.fromEntries(CASSANDRA_LINES.map((line) => [line, tableOf(line)])) as Record<
  CassandraLine,
  Record<string, SettingSpec>
>;

function tableOf(line: CassandraLine): Record<string, SettingSpec> {
  const table: Record<string, SettingSpec> = {};
  for (const row of ROWS) {
    const fallback = fallbackOf(row, line);
    if (fallback !== undefined) table[row.name] = specOf(row, fallback, line);
  }
  return table;
}

/** Undefined where the line does not have the setting. */
function fallbackOf(row: SettingRow, line: CassandraLine): SettingValue | undefined {
  let fallback: SettingValue | undefined;
  for (const since of CASSANDRA_LINES) {
    const value = row.from[since];
    if (value !== undefined && isAtLeast(line, since)) fallback = value;
  }
  return fallback;
}

function specOf(row: SettingRow, fallback: SettingValue, line: CassandraLine): SettingSpec {
  const spec: SettingSpec = {
    type: row.type,
    fallback,
    aliases: row.former === undefined ? [] : [row.former],
    rules: [...row.rules],
  };
  if (row.min !== undefined) spec.min = row.min;
  if (row.max !== undefined) spec.max = row.max;
  const { valuesSince = {} } = row;
  if (row.values !== undefined) spec.values = row.values.filter((word) => isAtLeast(line, valuesSince[word] ?? '2.0'));
  return spec;
}
