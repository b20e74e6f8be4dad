/**
 * Generated plans: whole small worlds with everything that a plan may say, drawn by fast-check so that a plan that breaks
 * a law shrinks to a small one. Times lie on coarse grids and latencies are often constant, so that many things happen in
 * the same microsecond. Thresholds are small, so that hints expire, memtables flush and sstables compact within a minute.
 *
 * A recipe is what fast-check draws and shrinks; `planOf` turns it into a plan.
 */
import fc from 'fast-check';
import { settingsOf } from '../../src/dialect/cassandra/settings-table.ts';
import { CASSANDRA_LINES, CASSANDRA_VERSIONS } from '../../src/dialect/cassandra/versions.ts';
import type {
  CompactionClass,
  ConsistencyLevel,
  Plan,
  PlanArrivals,
  PlanDistribution,
  PlanEntry,
  PlanKeys,
  PlanMix,
  PlanNode,
  PlanTable,
  PlanWorkload,
  SettingValue,
} from '../../src/scenario/plan.ts';
import { constant, constantLinks, KEYSPACE, plainPlan, plainTable, sameLatency, seconds } from './plain-plan.ts';
import { operation, operationOf, type OperationRecipe } from './operation-recipes.ts';
import { GRID, pick, repair, repairOf, someNodes, times } from './repair-recipes.ts';

/** Tests of these folders run this many cases times RECONVERGE_RUNS (1 by default). */
export const runs = (count: number): number => Math.ceil(count * Number(process.env.RECONVERGE_RUNS ?? 1));

const DURATION = seconds(60);
/** Writes of a workload at a high rate. */
const BURST = 60;
/** A flush of large rows takes a second on it; it must not be asked for more than it can do. */
const SLOW_DISK = 1e9;

// ------------------------------------------------------------------ cluster and tables

const nodesOf = fc
  .record({
    count: fc.integer({ min: 3, max: 6 }),
    dcs: pick(1, 1, 2),
    racks: fc.integer({ min: 1, max: 3 }),
    tokens: fc.integer({ min: 1, max: 3 }),
    tokenSeed: fc.nat(1000),
  })
  .map(drawnNodes);

function drawnNodes(of: { count: number; dcs: number; racks: number; tokens: number; tokenSeed: number }): PlanNode[] {
  const { count, dcs, racks, tokens, tokenSeed } = of;
  return Array.from({ length: count }, (_none, index) => ({
    id: `n${index + 1}`,
    dc: `dc${(index % dcs) + 1}`,
    rack: `r${(Math.floor(index / dcs) % racks) + 1}`,
    tokens: Array.from({ length: tokens }, (_other, place) => tokenText(tokenSeed * 64 + index * 8 + place)).sort(
      (left, right) => (BigInt(left) < BigInt(right) ? -1 : 1),
    ),
  }));
}

/** Distinct numbers give distinct tokens: an odd factor is a bijection of 64 bits. */
function tokenText(number: number): string {
  return String(BigInt.asIntN(64, BigInt(number + 1) * 0x9e3779b97f4a7c15n));
}

const table = fc.record({
  partitions: pick(1, 2, 5, 20),
  rows: fc.integer({ min: 1, max: 4 }),
  groups: pick(1, 1, 2, 3, 8),
  rowBytes: pick(100, 100, 40_000_000, 200_000_000),
  loaded: pick<PlanTable['loaded']>('empty', 'equal'),
  gcGrace: pick(seconds(5), seconds(20), seconds(864_000)),
  compacts: fc.boolean(),
  minThreshold: pick(2, 2, 4),
  strategy: pick<CompactionClass>(
    'SizeTieredCompactionStrategy',
    'LeveledCompactionStrategy',
    'TimeWindowCompactionStrategy',
    'DateTieredCompactionStrategy',
    'UnifiedCompactionStrategy',
  ),
  onlyRepaired: pick(false, false, true),
});

type TableRecipe = typeof table extends fc.Arbitrary<infer R> ? R : never;

// ------------------------------------------------------------------ workloads

const LEVELS: ConsistencyLevel[] = [
  'ANY',
  'ONE',
  'TWO',
  'THREE',
  'QUORUM',
  'LOCAL_ONE',
  'LOCAL_QUORUM',
  'EACH_QUORUM',
  'ALL',
];

const mix = fc.tuple(fc.nat(4), fc.nat(2), fc.nat(1), fc.nat(1), fc.nat(1), fc.nat(1)).map(mixOf);

function mixOf(weights: number[]): PlanMix {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const [insert, update, cell, row, range, partition] =
    sum === 0 ? [1, 0, 0, 0, 0, 0] : weights.map((weight) => weight / sum);
  return { insert, update, delete_cell: cell, delete_row: row, delete_range: range, delete_partition: partition };
}

/** The high rates, of which `workloadOf` allows a few writes only, make buckets of a millisecond: the calendar's edge. */
const arrivals = fc.oneof(
  fc.record({ kind: fc.constant('fixed' as const), per_second: pick(0.5, 2, 10, 40, 10_000, 5_000_000) }),
  fc.record({ kind: fc.constant('poisson' as const), per_second: pick(0.5, 2, 10, 40, 10_000) }),
  fc.record({
    kind: fc.constant('trace' as const),
    rows: fc.array(fc.record({ at: times(0, DURATION - 1), key: fc.nat(19), deletes: fc.boolean() }), {
      maxLength: 40,
    }),
  }),
);

type ArrivalsRecipe = typeof arrivals extends fc.Arbitrary<infer R> ? R : never;

const workload = fc.record({
  table: fc.nat(1),
  arrivals,
  from: pick(0, 0, seconds(3), seconds(20)),
  until: pick(DURATION, DURATION, seconds(40)),
  count: pick(null, null, 7),
  keys: pick<PlanKeys['kind']>('uniform', 'zipf', 'sequential'),
  mix: fc.oneof(fc.constant(mixOf([1, 0, 0, 0, 0, 0])), mix),
  read: pick(0, 0, 0, 0.5, 1),
  readLevel: pick<ConsistencyLevel>('ONE', 'TWO', 'QUORUM', 'LOCAL_QUORUM', 'EACH_QUORUM', 'ALL'),
  groups: pick(1, 2),
  ttl: pick(0, 0, 0, 1, 10),
  level: pick(...LEVELS),
  localOnly: fc.boolean(),
  retry: fc.oneof(
    fc.constant(null),
    fc.record({ attempts: pick(1, 2, 5), timeout_micros: pick(seconds(1), seconds(2), seconds(3)) }),
  ),
  batch: fc.oneof(fc.constant(null), fc.constant(null), fc.record({ size: pick(1, 2, 3), logged: fc.boolean() })),
});

type WorkloadRecipe = typeof workload extends fc.Arbitrary<infer R> ? R : never;

// ------------------------------------------------------------------ faults and repairs

const anyMode = pick('process' as const, 'power-loss' as const, 'disk-lost' as const);
const lasting = fc.oneof(times(GRID, seconds(40)), fc.constant(null));
const otherSide = fc.oneof(someNodes, fc.constant([0, 1, 2, 3, 4, 5]));
const fault = fc.oneof(
  fc.record({
    kind: fc.constant('crash' as const),
    nodes: someNodes,
    mode: pick('process' as const, 'power-loss' as const),
    for: lasting,
  }),
  fc.record({
    kind: fc.constant('crash' as const),
    nodes: someNodes,
    mode: anyMode,
    for: lasting,
  }),
  fc.record({ kind: fc.constant('stop' as const), nodes: someNodes, for: lasting }),
  fc.record({ kind: fc.constant('pause' as const), nodes: someNodes, for: times(1000, seconds(30)) }),
  fc.record({ kind: fc.constant('cut' as const), from: someNodes, to: otherSide, twoWay: fc.boolean(), for: lasting }),
  fc.record({
    kind: fc.constant('loss' as const),
    from: someNodes,
    to: otherSide,
    twoWay: fc.boolean(),
    share: pick(0, 0.1, 0.5, 1),
    for: lasting,
  }),
  fc.record({
    kind: fc.constant('slow-link' as const),
    from: someNodes,
    to: otherSide,
    twoWay: fc.boolean(),
    times: pick(1, 3, 50.5, 3000),
    rate: pick(null, 1e6, 100),
    for: lasting,
  }),
  fc.record({
    kind: fc.constant('slow-disk' as const),
    nodes: someNodes,
    speed: pick(1, 0.5, 0.01),
    fsync: pick(null, 1000, seconds(1.5), seconds(7), seconds(25)),
    for: lasting,
  }),
  fc.record({ kind: fc.constant('hints' as const), nodes: someNodes }),
  fc.record({
    kind: fc.constant('skew' as const),
    nodes: someNodes,
    by: pick(-seconds(5), -1000, 1, 1000, seconds(7)),
    for: lasting,
  }),
  fc.record({
    kind: fc.constant('batch' as const),
    workload: fc.nat(1),
    number: pick(0, 3),
    mutations: fc.nat(2),
    copies: fc.nat(2),
    mode: pick('process' as const, 'power-loss' as const),
    for: lasting,
  }),
  fc.record({
    kind: fc.constant('damage' as const),
    node: fc.nat(5),
    table: fc.nat(1),
    what: pick('missing' as const, 'corrupt' as const),
    keys: fc.uniqueArray(fc.nat(19), { minLength: 1, maxLength: 3 }),
  }),
);

type FaultRecipe = typeof fault extends fc.Arbitrary<infer R> ? R : never;

// ------------------------------------------------------------------ the rest

const distribution: fc.Arbitrary<PlanDistribution> = fc.oneof(
  pick(1, 500, 1000, 100_000).map((micros) => constant(micros)),
  pick(seconds(0.5), seconds(1), seconds(1.5)).map((micros) => constant(micros)),
  pick(
    { kind: 'exponential', offset: 200, mean: 300 } satisfies PlanDistribution,
    { kind: 'pareto', scale: 300, shape: 0.5 } satisfies PlanDistribution,
    { kind: 'uniform', min: 1, max: 900_000 } satisfies PlanDistribution,
    { kind: 'normal', mean: 1000, deviation: 500 } satisfies PlanDistribution,
    { kind: 'empirical', values: [100, 1000, seconds(1), seconds(3)] } satisfies PlanDistribution,
    {
      kind: 'mixture',
      parts: [
        { share: 0.9, of: { kind: 'constant', value: 700 } },
        { share: 0.1, of: { kind: 'constant', value: seconds(2.5) } },
      ],
    } satisfies PlanDistribution,
  ),
);

const links: fc.Arbitrary<Plan['links']> = fc.oneof(
  pick(1, 1000, 250_000).map((micros) => constantLinks(micros)),
  fc.tuple(distribution, distribution, distribution, distribution).map(([local, rack, dc, wan]) => ({
    local: sameLatency(local),
    rack: sameLatency(rack),
    dc: sameLatency(dc),
    wan: { ...sameLatency(wan), ack: local },
    between: {},
  })),
);

const settings: fc.Arbitrary<Record<string, SettingValue>> = fc.record({
  max_hint_window: pick(seconds(10800), seconds(5), seconds(15)),
  hint_window_persistent_enabled: fc.boolean(),
  hinted_handoff_enabled: pick(true, true, true, false),
  hinted_handoff_throttle: pick(1048576, 0, 400, 4000),
  max_hints_size_per_host: pick(0, 0, 2000),
  max_hints_file_size: pick(134217728, 1000),
  max_hints_delivery_threads: pick(1, 2),
  hints_flush_period: pick(seconds(10), seconds(1)),
  commitlog_sync: pick('periodic', 'periodic', 'periodic', 'batch', 'group'),
  commitlog_sync_group_window: pick(seconds(1), 20_000),
  commitlog_compression: pick(null, null, null, 'LZ4Compressor'),
  commitlog_sync_period: pick(seconds(10), seconds(3)),
  write_request_timeout: pick(seconds(2), seconds(1)),
  repair_request_timeout: pick(seconds(120), seconds(5)),
  repair_session_max_tree_depth: pick(20, 3),
  phi_convict_threshold: pick(5, 8),
});

const rulesOff = fc.subarray(
  ['cassandra.e2', 'cassandra.g-lcs', 'cassandra.e4', 'cassandra.e11', 'cassandra.e17', 'cassandra.f3', 'cassandra.h1'],
  { maxLength: 1 },
);

export const recipe = fc.record({
  seed: fc.nat(999),
  nodes: nodesOf,
  factor: fc.integer({ min: 1, max: 3 }),
  byDc: fc.boolean(),
  tables: fc.array(table, { minLength: 1, maxLength: 2 }),
  workloads: fc.array(workload, { minLength: 1, maxLength: 2 }),
  faults: fc.array(fc.record({ at: times(0, seconds(62)), fault }), { maxLength: 4 }),
  repairs: fc.array(repair, { maxLength: 2 }),
  operations: fc.array(
    fc.record({
      at: times(0, seconds(62)),
      compacts: fc.boolean(),
      splits: fc.boolean(),
      every: pick(null, seconds(15)),
    }),
    { maxLength: 2 },
  ),
  settings,
  links,
  diskSlow: fc.boolean(),
  probes: fc.boolean(),
  rulesOff: fc.oneof(fc.constant([]), rulesOff),
  settle: pick(seconds(10), seconds(40)),
  /** More than half of the plans are of the version that most tests are about. Last, so that all else is drawn as before. */
  line: fc.oneof(fc.constant('4.1' as const), pick(...CASSANDRA_LINES)),
  changes: fc.oneof(fc.constant<OperationRecipe[]>([]), fc.array(operation, { maxLength: 3 })),
});

export type Recipe = typeof recipe extends fc.Arbitrary<infer R> ? R : never;

/** Whole plans of every kind. */
export const plans: fc.Arbitrary<Plan> = recipe.map(planOf);

export function planOf(given: Recipe): Plan {
  const { nodes } = given;
  const workloads = Object.fromEntries(given.workloads.map((of, index) => [`w${index}`, workloadOf(of, given)]));
  const changes = changesOf(given);
  const written = { ...workloads, ...changes.workloads };
  const tables = given.tables.map((of, index) => tableOf(of, index, given, written));
  const disk = given.diskSlow ? SLOW_DISK : 100e9;
  const entries: PlanEntry[] = given.faults.flatMap(({ at, fault: of }, index) =>
    faultOf(of, { id: `faults.f${index}`, at_micros: at }, given),
  );
  const repairs = given.repairs.map((of, index) => repairOf(of, index, given));
  const database = `cassandra@${CASSANDRA_VERSIONS[given.line].patch}`;
  const operations = given.operations.map(({ at, compacts, splits, every }, index): PlanEntry => ({
    id: `operations.o${index}`,
    at_micros: at,
    nodes: nodes.map(({ id }) => id),
    every_micros: every,
    tables: tables.map(({ id }) => id),
    command: compacts ? 'compact' : 'flush',
    ...(compacts ? { kind: 'compactTables', split_output: splits } : { kind: 'flushTables' }),
  }));
  return plainPlan({
    seed: String(given.seed),
    database,
    requested_database: database,
    duration_micros: DURATION,
    settle_micros: given.settle,
    settings: settingsIn(given),
    nodes,
    devices: {
      disk_read_bytes_per_second: disk,
      disk_write_bytes_per_second: disk,
      fsync_micros: 2000,
      link_bytes_per_second: 1e9,
    },
    links: given.links,
    tables,
    workload: written,
    entries: [...entries, ...operations, ...changes.entries, ...repairs].sort(
      (left, right) => left.at_micros - right.at_micros,
    ),
    probes: given.probes
      ? {
          read: { kind: 'read', table: tables[0].id, consistency: 'QUORUM', every_micros: seconds(7), reads: 5 },
          ...writeProbes(workloads),
        }
      : {},
    observe: { every_micros: seconds(5), keys: [] },
    model: { off: [...given.rulesOff] },
  });
}

/** What operators change, and the writes of their statements. */
function changesOf({ changes, nodes, tables, line }: Recipe): {
  entries: PlanEntry[];
  workloads: Record<string, PlanWorkload>;
} {
  const known = settingsOf(line);
  const knows = (name: string): boolean => Object.hasOwn(known, name);
  const drawn = changes.flatMap((of, index) => operationOf(of, `operations.c${index}`, { nodes, tables, knows }) ?? []);
  return {
    entries: drawn.map(({ entry }) => entry),
    workloads: Object.fromEntries(
      drawn.flatMap(({ entry, workload }) => (workload === null ? [] : [[entry.id, workload]])),
    ),
  };
}

/** Of a workload that writes single rows, where there is one: the others stay as they are. */
function writeProbes(workloads: Readonly<Record<string, PlanWorkload>>): Plan['probes'] {
  const [workload] = Object.keys(workloads).filter((id) => workloads[id].batch === null);
  if (workload === undefined || Object.keys(workloads).length < 2) return {};
  const common = { workload, share: 1 };
  return {
    seen: { kind: 't-visibility', ...common, consistency: 'ONE', times_micros: [0, 1000, seconds(0.5)] },
    behind: { kind: 'k-staleness', ...common, consistency: 'QUORUM', after_micros: 700, versions: 3 },
  };
}

/** Without those that the version does not have. */
function settingsIn({ line, settings: all }: Recipe): Record<string, SettingValue> {
  const known = settingsOf(line);
  return Object.fromEntries(Object.entries(all).filter(([name]) => Object.hasOwn(known, name)));
}

function tableOf(of: TableRecipe, index: number, given: Recipe, workloads: Record<string, PlanWorkload>): PlanTable {
  const name = index === 0 ? 'orders' : 'carts';
  const dcs = [...new Set(given.nodes.map(({ dc }) => dc))];
  const writers = Object.values(workloads).filter(({ table: id }) => id === `${KEYSPACE}.${name}`);
  return plainTable({
    name,
    replication: given.byDc
      ? {
          strategy: 'NetworkTopologyStrategy',
          factors: Object.fromEntries(
            dcs.map((dc) => [dc, Math.min(given.factor, given.nodes.filter((node) => node.dc === dc).length)]),
          ),
        }
      : { strategy: 'SimpleStrategy', factor: given.factor },
    partitions: of.partitions,
    rows_per_partition: of.rows,
    column_groups: of.groups,
    row_bytes: of.rowBytes,
    loaded: of.loaded,
    gc_grace_micros: of.gcGrace,
    compaction: {
      class: of.strategy,
      // As small as rows are large, so that levels, windows and shards are made.
      sstable_bytes: of.rowBytes * 3,
      fanout_size: 2,
      window_micros: seconds(10),
      base_time_micros: seconds(5),
      max_window_micros: seconds(40),
      target_bytes: of.rowBytes * 4,
      flush_size_bytes: of.rowBytes * 2,
      only_purge_repaired_tombstones: of.onlyRepaired,
      min_threshold: of.minThreshold,
      max_threshold: 4,
      min_sstable_bytes: 52428800,
      bucket_low: 0.5,
      bucket_high: 1.5,
      enabled: of.compacts,
    },
    deletes_rows: writers.some(deletesRows),
  });
}

function deletesRows({ mix: of, arrivals: when }: PlanWorkload): boolean {
  if (when.kind === 'trace') return when.operations.some((of) => of === 'delete' || of === 'delete_partition');
  return of.delete_row + of.delete_range + of.delete_partition > 0;
}

function workloadOf(of: WorkloadRecipe, given: Recipe): PlanWorkload {
  const tableIndex = of.table % given.tables.length;
  const { partitions, groups, rowBytes } = given.tables[tableIndex];
  const dcs = [...new Set(given.nodes.map(({ dc }) => dc))];
  const clients = of.localOnly ? { [dcs[0]]: 1 } : Object.fromEntries(dcs.map((dc) => [dc, 1 / dcs.length]));
  const isTrace = of.arrivals.kind === 'trace';
  return {
    table: `${KEYSPACE}.${tableIndex === 0 ? 'orders' : 'carts'}`,
    arrivals: arrivalsOf(of.arrivals, { partitions, rateMax: given.diskSlow && rowBytes > 1e6 ? 2 : Infinity }),
    from_micros: of.from,
    until_micros: of.until,
    count: !isTrace && 'per_second' in of.arrivals && of.arrivals.per_second > 100 ? BURST : of.count,
    keys:
      of.keys === 'zipf'
        ? { kind: 'zipf', exponent: 0.9, from: 0, to: partitions }
        : { kind: of.keys, from: 0, to: partitions },
    mix: isTrace || of.read === 0 ? of.mix : readingMix(of.mix, of.read),
    ...(isTrace || of.read === 0 ? {} : { read_consistency: of.readLevel }),
    update_groups: Math.min(of.groups, groups),
    ttl_seconds: of.ttl,
    consistency: of.level,
    clients,
    retry: of.retry,
    batch: isTrace || of.batch === null ? null : { ...of.batch, size: Math.min(of.batch.size, partitions) },
  };
}

function readingMix(of: PlanMix, read: number): PlanMix {
  const shares = Object.entries(of).map(([name, share]): [string, number] => [name, share * (1 - read)]);
  return { ...(Object.fromEntries(shares) as unknown as PlanMix), read };
}

function arrivalsOf(
  of: ArrivalsRecipe,
  { partitions, rateMax }: { partitions: number; rateMax: number },
): PlanArrivals {
  if (of.kind !== 'trace') return { ...of, per_second: Math.min(of.per_second, rateMax) };
  const rows = [...of.rows].sort((left, right) => left.at - right.at);
  return {
    kind: 'trace',
    times_micros: rows.map(({ at }) => at),
    operations: rows.map(({ deletes }) => (deletes ? 'delete' : 'insert')),
    keys: rows.map(({ key }) => key % partitions),
    bytes: rows.map(() => 100),
  };
}

type Base = { id: string; at_micros: number };

function faultOf(of: FaultRecipe, base: Base, given: Recipe): PlanEntry[] {
  const names = (numbers: readonly number[]): string[] => [
    ...new Set(numbers.map((number) => given.nodes[number % given.nodes.length].id)),
  ];
  switch (of.kind) {
    case 'crash':
      return [{ ...base, kind: 'crashNode', nodes: names(of.nodes), mode: of.mode, for_micros: of.for }];
    case 'stop':
      return [{ ...base, kind: 'stopNode', nodes: names(of.nodes), for_micros: of.for }];
    case 'pause':
      return [{ ...base, kind: 'pauseNode', nodes: names(of.nodes), for_micros: of.for }];
    case 'cut':
      return [
        {
          ...base,
          kind: 'cutLink',
          from: names(of.from),
          to: names(of.to).filter((id) => !names(of.from).includes(id)),
          two_way: of.twoWay,
          for_micros: of.for,
        },
      ];
    case 'loss':
      return [
        {
          ...base,
          kind: 'loseMessages',
          from: names(of.from),
          to: names(of.to),
          two_way: of.twoWay,
          share: of.share,
          for_micros: of.for,
        },
      ];
    case 'slow-link':
      return [
        {
          ...base,
          kind: 'slowLink',
          from: names(of.from),
          to: names(of.to),
          two_way: of.twoWay,
          latency_times: of.times,
          bytes_per_second: of.rate,
          for_micros: of.for,
        },
      ];
    case 'slow-disk':
      return [
        {
          ...base,
          kind: 'slowDisk',
          nodes: names(of.nodes),
          speed_share: of.speed,
          fsync_micros: of.fsync,
          for_micros: of.for,
        },
      ];
    case 'hints':
      return [{ ...base, kind: 'loseHints', nodes: names(of.nodes) }];
    case 'skew':
      return [{ ...base, kind: 'skewClock', nodes: names(of.nodes), by_micros: of.by, for_micros: of.for }];
    case 'damage': {
      const chosen = given.tables[of.table % given.tables.length];
      const keys = [...new Set(of.keys.map((key) => key % chosen.partitions))].sort((left, right) => left - right);
      const id = `${KEYSPACE}.${of.table % given.tables.length === 0 ? 'orders' : 'carts'}`;
      return [{ ...base, kind: 'damageCopy', node: names([of.node])[0], table: id, what: of.what, keys }];
    }
    case 'batch': {
      const index = of.workload % given.workloads.length;
      const { batch, arrivals: when } = given.workloads[index];
      if (batch === null || when.kind === 'trace') return [];
      const size = Math.min(batch.size, given.tables[given.workloads[index].table % given.tables.length].partitions);
      const mutations = Math.min(of.mutations, size);
      return [
        {
          ...base,
          kind: 'cutBatch',
          workload: `w${index}`,
          batch: of.number,
          mutations,
          copies: mutations === size ? 0 : of.copies,
          mode: of.mode,
          for_micros: of.for,
        },
      ];
    }
  }
}
