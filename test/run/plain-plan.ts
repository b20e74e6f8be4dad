/**
 * Small plans made by hand: a plan with every member filled in, of which a test names only what matters to it. Times in
 * seconds are given to `seconds`, so that microseconds stay the unit of plans.
 */
import { VERSION } from '../../src/base/version.ts';
import type {
  ConsistencyLevel,
  Plan,
  PlanArrivals,
  PlanDistribution,
  PlanEntry,
  PlanLatencies,
  PlanMix,
  PlanNode,
  PlanRepairOptions,
  PlanTable,
  PlanWorkload,
  SettingValue,
} from '../../src/scenario/plan.ts';

export const KEYSPACE = 'shop';

export const seconds = (count: number): number => Math.round(count * 1e6);

/** Cassandra 4.1's defaults, as the dialect resolves them. */
export const SETTINGS: Readonly<Record<string, SettingValue>> = {
  num_tokens: 16,
  hinted_handoff_enabled: true,
  hinted_handoff_disabled_datacenters: [],
  max_hint_window: seconds(3 * 3600),
  hint_window_persistent_enabled: true,
  hinted_handoff_throttle: 1048576,
  max_hints_delivery_threads: 2,
  hints_flush_period: seconds(10),
  max_hints_file_size: 134217728,
  max_hints_size_per_host: 0,
  commitlog_sync: 'periodic',
  commitlog_sync_period: seconds(10),
  phi_convict_threshold: 8,
  write_request_timeout: seconds(2),
  request_timeout: seconds(10),
  repair_request_timeout: seconds(120),
  repair_session_max_tree_depth: 20,
  repair_session_space: 536870912,
  concurrent_compactors: 2,
  concurrent_validations: null,
  compaction_throughput: 67108864,
  stream_throughput_outbound: 25165824,
  inter_dc_stream_throughput_outbound: 25165824,
};

const INSERTS: PlanMix = { insert: 1, update: 0, delete_cell: 0, delete_row: 0, delete_range: 0, delete_partition: 0 };

export const constant = (micros: number): PlanDistribution => ({ kind: 'constant', value: micros });

export function sameLatency(of: PlanDistribution): PlanLatencies {
  return { write: of, ack: of, read: of, response: of };
}

/** Every small message takes `micros`, also a node's to itself. */
export function constantLinks(micros: number): Plan['links'] {
  const latencies = sameLatency(constant(micros));
  return { local: latencies, rack: latencies, dc: latencies, wan: latencies, between: {} };
}

/** Nodes n1, n2, … with one token each at even distances; `racks` and `dcs` are dealt in turn. */
export function plainNodes(
  count: number,
  { dcs = 1, racks = count }: { dcs?: number; racks?: number } = {},
): PlanNode[] {
  const step = (1n << 64n) / BigInt(count);
  return Array.from({ length: count }, (_none, index) => ({
    id: `n${index + 1}`,
    dc: `dc${(index % dcs) + 1}`,
    rack: `r${(Math.floor(index / dcs) % racks) + 1}`,
    tokens: [String(-(1n << 63n) + step * BigInt(index) + 1n)],
  }));
}

export function plainTable(given: Partial<PlanTable> & { factor?: number } = {}): PlanTable {
  const { factor = 3, ...table } = given;
  const name = table.name ?? 'orders';
  return {
    id: `${KEYSPACE}.${name}`,
    keyspace: KEYSPACE,
    name,
    replication: { strategy: 'SimpleStrategy', factor },
    partitions: 20,
    rows_per_partition: 1,
    column_groups: 1,
    row_bytes: 100,
    loaded: 'empty',
    gc_grace_micros: seconds(864_000),
    default_ttl_seconds: 0,
    compaction: {
      class: 'SizeTieredCompactionStrategy',
      min_threshold: 4,
      max_threshold: 32,
      min_sstable_bytes: 52428800,
      bucket_low: 0.5,
      bucket_high: 1.5,
      enabled: true,
    },
    deletes_rows: false,
    ...table,
  };
}

export function plainWorkload(given: Partial<PlanWorkload> = {}): PlanWorkload {
  return {
    table: `${KEYSPACE}.orders`,
    arrivals: { kind: 'fixed', per_second: 10 },
    from_micros: 0,
    until_micros: seconds(60),
    count: null,
    keys: { kind: 'uniform', from: 0, to: 20 },
    mix: INSERTS,
    update_groups: 1,
    ttl_seconds: 0,
    consistency: 'ONE' satisfies ConsistencyLevel,
    clients: { dc1: 1 },
    retry: null,
    batch: null,
    ...given,
  };
}

/** Writes at given times, one key each; `delete` removes the row. */
export function traceArrivals(
  rows: readonly { at: number; key: number; operation?: 'insert' | 'delete' }[],
): PlanArrivals {
  return {
    kind: 'trace',
    times_micros: rows.map(({ at }) => at),
    operations: rows.map(({ operation = 'insert' }) => operation),
    keys: rows.map(({ key }) => key),
    bytes: rows.map(() => 100),
  };
}

export interface RepairGiven extends Partial<PlanRepairOptions> {
  id?: string;
  at: number;
  nodes: string[];
  oneAfterAnother?: boolean;
  everyMicros?: number | null;
}

export function repairEntry(given: RepairGiven): PlanEntry {
  const { id = 'repairs.by-hand', at, nodes, oneAfterAnother = true, everyMicros = null, ...options } = given;
  return {
    id,
    at_micros: at,
    kind: 'repair',
    nodes,
    one_after_another: oneAfterAnother,
    every_micros: everyMicros,
    options: {
      keyspace: KEYSPACE,
      tables: [`${KEYSPACE}.orders`],
      strategy: 'full-parallel',
      primary_range: false,
      start_token: null,
      end_token: null,
      local_dc: false,
      data_centers: [],
      hosts: [],
      force: false,
      pull: false,
      optimise_streams: false,
      preview: 'none',
      ignore_unreplicated: false,
      further_keyspaces: [],
      ...options,
    },
    command: 'nodetool repair -full shop',
  };
}

/** Three nodes, one table of three copies, no writes, 60 s and 10 s to settle, constant latencies of 1 ms. */
export function plainPlan(given: Partial<Plan> = {}): Plan {
  return {
    format: 1,
    version: VERSION,
    name: 'small',
    story: '',
    tags: [],
    database: 'cassandra@4.1.7',
    requested_database: 'cassandra@4.1.7',
    seed: '1',
    start: null,
    duration_micros: seconds(60),
    settle_micros: seconds(10),
    nodes: plainNodes(3),
    devices: {
      disk_read_bytes_per_second: 400e6,
      disk_write_bytes_per_second: 300e6,
      fsync_micros: 2000,
      link_bytes_per_second: 125e6,
    },
    links: constantLinks(1000),
    tables: [plainTable()],
    workload: {},
    entries: [],
    probes: {},
    observe: { every_micros: seconds(10), keys: [] },
    expect: {},
    model: { off: [] },
    assumptions: [],
    not_modelled: [],
    source: { file: '', scenario: null, imports: {}, variants: {} },
    ...given,
    settings: { ...SETTINGS, ...(given.settings ?? {}) },
  };
}
