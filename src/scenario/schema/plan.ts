/** The shape of plan.json, so that a plan that was cut or edited by hand is refused and does not crash a run. */
import { z } from 'zod';
import type { Plan } from '../plan.ts';
import { pointEntries, pointFaults, pointProbes, points, shard } from './plan-points.ts';
import { SEED_PURPOSES } from '../seed-purposes.ts';
import { COMPACTION_CLASSES } from './compaction.ts';
import { SEGMENTS_PER_NODE_MAX } from './faults.ts';
import { MAX_PROBE_TIMES, MAX_PROBE_VERSIONS } from './limits.ts';

const micros = z.number().int().nonnegative();
const whole = z.number().int().nonnegative();
const lasting = micros.nullable();
const texts = z.array(z.string());
const settingValue = z.union([z.number(), z.string(), z.boolean(), texts, z.null()]);
const settings = z.record(z.string(), settingValue);

const simple = [
  z.object({ kind: z.literal('constant'), value: z.number() }),
  z.object({ kind: z.literal('uniform'), min: z.number(), max: z.number() }),
  z.object({ kind: z.literal('exponential'), offset: z.number(), mean: z.number() }),
  z.object({ kind: z.literal('pareto'), scale: z.number(), shape: z.number() }),
  z.object({ kind: z.literal('normal'), mean: z.number(), deviation: z.number() }),
  z.object({ kind: z.literal('empirical'), values: z.array(z.number()).min(1) }),
] as const;
const mixture = z.object({
  kind: z.literal('mixture'),
  offset: z.number().optional(),
  parts: z.array(z.object({ share: z.number(), of: z.discriminatedUnion('kind', simple) })),
});
const distribution = z.discriminatedUnion('kind', [...simple, mixture]);
const latencies = z.object({ write: distribution, ack: distribution, read: distribution, response: distribution });

const node = z.object({
  id: z.string(),
  dc: z.string(),
  rack: z.string(),
  /** None of a node that takes over those of the one that it replaces. */
  tokens: z.array(z.string().regex(/^-?\d+$/)),
  address: z.string().optional(),
  joins: z.string().optional(),
  settings: settings.optional(),
});

const replication = z.discriminatedUnion('strategy', [
  z.object({ strategy: z.literal('SimpleStrategy'), factor: whole }),
  z.object({ strategy: z.literal('NetworkTopologyStrategy'), factors: z.record(z.string(), whole) }),
]);

const share = z.number().min(0).max(1);

const speculation = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('never') }),
  z.object({ kind: z.literal('always') }),
  z.object({ kind: z.literal('after'), micros }),
  z.object({ kind: z.literal('percentile'), share }),
]);

const table = z.object({
  id: z.string(),
  keyspace: z.string(),
  name: z.string(),
  replication,
  partitions: whole,
  rows_per_partition: whole,
  column_groups: z.number().int().min(1).max(8),
  row_bytes: whole,
  loaded: z.enum(['empty', 'equal']),
  gc_grace_micros: micros,
  default_ttl_seconds: whole,
  compaction: z.object({
    class: z.enum(COMPACTION_CLASSES),
    min_threshold: whole,
    max_threshold: whole,
    min_sstable_bytes: whole,
    bucket_low: z.number(),
    bucket_high: z.number(),
    enabled: z.boolean(),
    only_purge_repaired_tombstones: z.boolean().optional(),
    sstable_bytes: z.number().positive().optional(),
    fanout_size: z.number().min(2).optional(),
    window_micros: z.number().positive().optional(),
    unsafe_aggressive_sstable_expiration: z.boolean().optional(),
    base_time_micros: z.number().positive().optional(),
    max_window_micros: z.number().positive().optional(),
    max_age_micros: z.number().positive().optional(),
    scaling: z.array(z.number().int()).min(1).optional(),
    base_shard_count: z.number().int().min(1).optional(),
    target_bytes: z.number().positive().optional(),
    sstable_growth: share.optional(),
    flush_size_bytes: z.number().positive().optional(),
  }),
  read_repair: z.enum(['BLOCKING', 'NONE']).optional(),
  read_repair_chance: share.optional(),
  dclocal_read_repair_chance: share.optional(),
  speculative_retry: speculation.optional(),
  deletes_rows: z.boolean(),
  owners: texts.optional(),
  shard: shard.optional(),
  key_texts: texts.optional(),
});

const level = z.enum(['ANY', 'ONE', 'TWO', 'THREE', 'QUORUM', 'LOCAL_ONE', 'LOCAL_QUORUM', 'EACH_QUORUM', 'ALL']);
const arrivals = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('fixed'), per_second: z.number().positive() }),
  z.object({ kind: z.literal('poisson'), per_second: z.number().positive() }),
  z.object({
    kind: z.literal('trace'),
    times_micros: z.array(micros),
    operations: z.array(z.enum(['insert', 'update', 'delete', 'delete_cell', 'delete_partition'])),
    keys: z.array(whole),
    bytes: z.array(whole),
    rows: z.array(whole).optional(),
    groups: z.array(whole.max(255)).optional(),
  }),
]);
const keys = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('uniform'), from: whole, to: whole }),
  z.object({ kind: z.literal('sequential'), from: whole, to: whole }),
  z.object({ kind: z.literal('zipf'), exponent: z.number(), from: whole, to: whole }),
]);

const workload = z.object({
  table: z.string(),
  arrivals,
  from_micros: micros,
  until_micros: micros,
  count: whole.nullable(),
  keys,
  mix: z.object({
    read: share.optional(),
    insert: share,
    update: share,
    delete_cell: share,
    delete_row: share,
    delete_range: share,
    delete_partition: share,
  }),
  update_groups: whole,
  ttl_seconds: whole,
  consistency: level,
  read_consistency: level.optional(),
  clients: z.record(z.string(), share),
  retry: z.object({ attempts: whole, timeout_micros: micros }).nullable(),
  coordinator: z.string().optional(),
  batch: z.object({ size: whole, logged: z.boolean() }).nullable(),
});

const entry = { id: z.string(), at_micros: micros };
const mode = z.enum(['process', 'power-loss', 'disk-lost']);
const sides = { from: texts, to: texts, two_way: z.boolean() };
const repairOptions = z.object({
  keyspace: z.string(),
  tables: texts,
  strategy: z.string(),
  primary_range: z.boolean(),
  start_token: z.string().nullable(),
  end_token: z.string().nullable(),
  local_dc: z.boolean().default(false),
  data_centers: texts.default([]),
  hosts: texts.default([]),
  force: z.boolean().default(false),
  pull: z.boolean().default(false),
  optimise_streams: z.boolean().default(false),
  preview: z.enum(['none', 'unrepaired', 'all', 'repaired']).default('none'),
  ignore_unreplicated: z.boolean().default(false),
  further_keyspaces: z.array(z.object({ keyspace: z.string(), tables: texts })).default([]),
  job_threads: whole.min(1).optional(),
});

const segments = z.object({
  by: z.enum(['reaper', 'auto_repair']),
  cut: z.enum(['ring', 'local_ranges', 'primary_ranges']),
  per_node: z.number().int().min(1).max(SEGMENTS_PER_NODE_MAX).nullable(),
  intensity: z.number().positive().max(1),
  poll_micros: micros.min(1),
  timeout_micros: micros.min(1),
  timeout_grows: z.boolean(),
  retry_micros: micros.min(1),
  attempts_max: z.number().int().min(1).nullable(),
  pending_compactions_max: whole.nullable(),
  segments_max: z.number().int().min(1),
  runs_max: z.number().int().min(1),
  due_again_micros: micros.nullable(),
});

const algorithm = z.object({
  name: z.enum(['dynamo', 'riak-aae', 'tictac']),
  until_micros: micros,
  levels: z.array(whole.min(1)).min(2),
  hash_bytes: whole.min(4),
  tick_micros: micros.min(1),
  concurrency: whole.min(1).nullable(),
  lock_timeout_micros: micros.min(1),
  answer_timeout_micros: micros.min(1).optional(),
  built: z.boolean(),
  build_every_micros: micros,
  build_pause_micros: micros,
  expiry_micros: micros.min(1).nullable(),
  expiry_spread_micros: micros.optional(),
  key_pause_micros: micros,
  results_max: whole.min(1).nullable(),
  loops_max: whole,
  results_boost: whole.min(1),
  passes: whole.min(1),
  pause_micros: micros,
});

const ran = { nodes: texts, command: z.string() };
const operated = { nodes: texts, tables: texts, every_micros: lasting, command: z.string() };

const planEntry = z.discriminatedUnion('kind', [
  z.object({ ...entry, kind: z.literal('crashNode'), nodes: texts, mode, for_micros: lasting }),
  z.object({ ...entry, kind: z.literal('stopNode'), nodes: texts, for_micros: lasting }),
  z.object({ ...entry, kind: z.literal('pauseNode'), nodes: texts, for_micros: micros }),
  z.object({ ...entry, kind: z.literal('cutLink'), ...sides, for_micros: lasting }),
  z.object({ ...entry, kind: z.literal('loseMessages'), ...sides, share, for_micros: lasting }),
  z.object({
    ...entry,
    kind: z.literal('slowLink'),
    ...sides,
    latency_times: z.number().min(1),
    bytes_per_second: z.number().positive().nullable(),
    for_micros: lasting,
  }),
  z.object({
    ...entry,
    kind: z.literal('slowDisk'),
    nodes: texts,
    speed_share: z.number().positive().max(1),
    fsync_micros: micros.nullable(),
    for_micros: lasting,
  }),
  z.object({ ...entry, kind: z.literal('loseHints'), nodes: texts, targets: texts.exactOptional() }),
  z.object({ ...entry, kind: z.literal('skewClock'), nodes: texts, by_micros: z.number().int(), for_micros: lasting }),
  z.object({
    ...entry,
    kind: z.literal('cutBatch'),
    workload: z.string(),
    batch: whole,
    mutations: whole,
    copies: whole,
    mode,
    for_micros: lasting,
  }),
  z.object({
    ...entry,
    kind: z.literal('damageCopy'),
    node: z.string(),
    table: z.string(),
    what: z.enum(['missing', 'corrupt']),
    keys: z.array(whole),
  }),
  z.object({
    ...entry,
    ...operated,
    kind: z.literal('compactTables'),
    split_output: z.boolean(),
  }),
  z.object({ ...entry, ...operated, kind: z.literal('flushTables') }),
  z.object({
    ...{ ...entry, kind: z.literal('alterKeyspace'), keyspace: z.string(), replication, command: z.string() },
    through: z.string().exactOptional(),
  }),
  z.object({ ...entry, kind: z.literal('addNode'), node: z.string(), command: z.string() }),
  z.object({ ...entry, kind: z.literal('replaceNode'), node: z.string(), with: z.string(), command: z.string() }),
  z.object({ ...entry, kind: z.literal('decommissionNode'), node: z.string(), command: z.string() }),
  z.object({
    ...entry,
    kind: z.literal('removeNode'),
    node: z.string(),
    assassinate: z.boolean(),
    command: z.string(),
  }),
  z.object({
    ...entry,
    ...ran,
    kind: z.literal('changeSettings'),
    settings,
    dc_hints: z.object({ dc: z.string(), stored: z.boolean() }).nullable(),
    for_micros: lasting,
  }),
  z.object({ ...entry, ...ran, kind: z.literal('pauseHandoff'), for_micros: lasting }),
  z.object({ ...entry, ...ran, kind: z.literal('resumeHandoff') }),
  z.object({ ...entry, ...ran, kind: z.literal('truncateHints'), targets: texts }),
  z.object({
    ...entry,
    ...ran,
    kind: z.literal('switchCompaction'),
    tables: texts,
    enabled: z.boolean(),
    for_micros: lasting,
  }),
  z.object({ ...entry, ...ran, kind: z.literal('runStatement'), table: z.string() }),
  z.object({ ...entry, ...ran, kind: z.literal('alterTable'), table: z.string(), gc_grace_micros: micros }),
  ...pointEntries,
  ...pointFaults,
  z.object({ ...entry, kind: z.literal('restartNode'), nodes: texts, settings, for_micros: micros }),
  z.object({
    ...entry,
    kind: z.literal('loseSstables'),
    node: z.string(),
    table: z.string(),
    count: whole.min(1),
    which: z.enum(['drawn', 'oldest', 'newest', 'largest']),
  }),
  z.object({
    ...entry,
    kind: z.literal('restoreSnapshot'),
    node: z.string(),
    table: z.string(),
    taken_micros: micros,
  }),
  z.object({
    ...entry,
    kind: z.literal('divergeLoaded'),
    table: z.string(),
    share,
    nodes: texts.nullable(),
    copy: z.enum(['missing', 'older']),
  }),
  z.object({
    ...entry,
    kind: z.literal('repair'),
    nodes: texts,
    one_after_another: z.boolean(),
    every_micros: lasting,
    again_micros: z.array(micros).optional(),
    options: repairOptions,
    command: z.string(),
    segments: segments.optional(),
    algorithm: algorithm.optional(),
    draws_of: z.string().optional(),
  }),
]);

const pair = z.tuple([z.number(), z.number()]);
const where = z.object({
  cause: z.string().optional(),
  state: z.string().optional(),
  node: z.string().optional(),
  table: z.string().optional(),
  origin: z.string().optional(),
  repair: z.string().optional(),
  healer: z.string().optional(),
  between: z.tuple([z.string(), z.string()]).optional(),
  probe: z.string().optional(),
  workload: z.string().optional(),
  t: micros.optional(),
  k: whole.optional(),
});
const bounds = z.object({
  above: z.number().optional(),
  below: z.number().optional(),
  is: z.number().optional(),
  not: z.number().optional(),
  between: pair.optional(),
  near: z.number().optional(),
  within_share: z.number().optional(),
});

const expectation = z.object({
  check: z.enum(['at', 'always', 'eventually', 'never', 'sometimes', 'order']),
  metric: z.string().nullable(),
  where,
  bounds,
  at_micros: micros.nullable(),
  from_micros: micros,
  to_micros: micros,
  within_micros: micros.nullable(),
  events: texts,
  law: z.string().nullable(),
  over: z.object({ seeds: texts, share: z.number().nullable(), confidence: z.number().nullable() }).optional(),
  line: whole,
  column: whole,
  file: z.string().optional(),
});

const keptTimes = z.object({ start: micros.nullable(), end: micros.nullable() });

export const plan = z.object({
  format: z.literal(1),
  version: z.string(),
  name: z.string(),
  story: z.string(),
  tags: texts,
  database: z.string(),
  requested_database: z.string(),
  seed: z.string(),
  seeds: z
    .strictObject(Object.fromEntries(SEED_PURPOSES.map((purpose) => [purpose, z.string().optional()])))
    .optional(),
  start: z.string().nullable(),
  duration_micros: micros,
  settle_micros: micros,
  settings,
  nodes: z.array(node).min(1),
  devices: z.object({
    disk_read_bytes_per_second: z.number().positive(),
    disk_write_bytes_per_second: z.number().positive(),
    fsync_micros: micros,
    link_bytes_per_second: z.number().positive(),
    processor_bytes_per_second: z.number().positive().optional(),
  }),
  links: z.object({
    local: latencies,
    rack: latencies,
    dc: latencies,
    wan: latencies,
    between: z.record(z.string(), latencies),
  }),
  tables: z.array(table).min(1),
  workload: z.record(z.string(), workload),
  points: z.record(z.string(), points).optional(),
  meta_nodes: whole.min(1).max(1000).optional(),
  entries: z.array(planEntry),
  probes: z.record(
    z.string(),
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('read'), table: z.string(), consistency: level, every_micros: micros, reads: whole }),
      z.object({
        ...{ kind: z.literal('t-visibility'), workload: z.string(), consistency: level, share },
        times_micros: z.array(micros).min(1).max(MAX_PROBE_TIMES),
      }),
      z.object({
        ...{ kind: z.literal('k-staleness'), workload: z.string(), consistency: level, share },
        ...{ after_micros: micros, versions: whole.min(1).max(MAX_PROBE_VERSIONS) },
      }),
      ...pointProbes,
    ]),
  ),
  observe: z.object({ every_micros: micros, keys: texts }),
  expect: z.record(z.string(), expectation),
  model: z.object({ off: texts }),
  assumptions: texts,
  not_modelled: texts,
  source: z.object({
    file: z.string(),
    scenario: z.unknown(),
    imports: z.record(z.string(), z.string()),
    variants: z.record(
      z.string(),
      z.object({
        edit: z.record(z.string(), z.unknown()),
        must_break: texts,
        line: whole,
        file: z.string().optional(),
      }),
    ),
    edits: z
      .array(z.object({ path: z.string(), before: z.string().nullable(), after: z.string().nullable() }))
      .optional(),
    kept: z.record(z.string(), keptTimes).optional(),
  }),
});

/** Members that every plan has. */
export const PLAN_KEYS: readonly string[] = Object.entries(plan.shape)
  .filter(([, shape]) => !shape.safeParse(undefined).success)
  .map(([key]) => key);

/** The schema and the type say the same: this fails to compile where the type asks for more. */
export type PlanOfSchema = z.output<typeof plan>;
export function asPlan(read: PlanOfSchema): Plan {
  return read as Plan;
}
