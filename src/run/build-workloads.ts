/** Builds a plan's workloads: arrivals, key choosers, mixes on the 32-bit scale, coordinators by data centre. */
import { Bug } from '../base/assert.ts';
import type { RangeHolders, TableLayout } from '../data/layout.ts';
import { OPERATION } from '../data/versions.ts';
import { derive, drawBelow, streamKey, type StreamKey } from '../kernel/random.ts';
import { Zipf } from '../kernel/zipf.ts';
import { FixedArrivals, PoissonArrivals, TraceArrivals, type Arrivals } from '../replica/arrivals.ts';
import { consistencyRule, type ConsistencyRule, type CopiesOfTable } from '../replica/consistency.ts';
import { ThinnedArrivals } from '../replica/reads/thinned-arrivals.ts';
import { Workload, type KeyChooser, type TraceRows, type WorkloadOptions } from '../replica/workload.ts';
import type {
  ConsistencyLevel,
  Plan,
  PlanArrivals,
  PlanEntry,
  PlanKeys,
  PlanMix,
  PlanStatementOperation,
  PlanReplication,
  PlanWorkload,
} from '../scenario/plan.ts';
import { numberedIds } from '../scenario/numbered-ids.ts';
import { seedFor } from '../scenario/seed-purposes.ts';
import type { PlanNumbers } from './build-cluster.ts';
import type { Epochs } from './build-epochs.ts';

const TWO_TO_32 = 4294967296;

export function buildWorkloads(plan: Plan, tables: readonly TableLayout[], numbers: PlanNumbers): Workload[] {
  const ids = numberedIds(plan.workload);
  return ids.map((id, index) => {
    const workload = plan.workload[id];
    const tableIndex = plan.tables.findIndex((table) => table.id === workload.table);
    return new Workload(optionsOf({ plan, id, index, workload, table: tables[tableIndex], numbers }));
  });
}

interface Input {
  plan: Plan;
  id: string;
  index: number;
  workload: PlanWorkload;
  table: TableLayout;
  numbers: PlanNumbers;
}

function optionsOf({ plan, id, index, workload, table, numbers }: Input): WorkloadOptions {
  const key = streamKey(seedFor(plan, 'workload'), 'workload', id);
  return {
    index,
    id,
    table,
    arrivals: writesOf(workload, key),
    key,
    networkKey: streamKey(seedFor(plan, 'network'), 'workload', id),
    keys: chooserOf(workload.keys, derive(key, 1)),
    isUniform: workload.keys.kind === 'uniform' && workload.keys.from === 0 && workload.keys.to === table.partitions,
    mix: scaledMix(workload.mix),
    updateGroups: workload.update_groups,
    ttlSeconds: workload.ttl_seconds,
    consistency: consistencyRule(workload.consistency, copiesOf(plan, table, numbers)),
    ...(workload.coordinator === undefined
      ? coordinatorsOf(workload, numbers)
      : { coordinators: [[numbers.nodeOf.get(workload.coordinator) ?? 0]], dcBelow: [TWO_TO_32] }),
    // Its time-out is how long the client would wait: never less than the coordinator takes, so nothing follows from it.
    retry: workload.retry === null ? null : { attempts: workload.retry.attempts },
    batch: workload.batch,
    trace: traceRowsOf(workload.arrivals),
    nodeCount: plan.nodes.length,
    meanRate: meanRateOf(workload),
  };
}

/** All arrivals of a workload, reads and writes. */
export function arrivalsOf({ arrivals, from_micros, until_micros, count }: PlanWorkload, key: StreamKey): Arrivals {
  const window = { fromMicros: from_micros, untilMicros: until_micros, count: count ?? Infinity };
  if (arrivals.kind === 'fixed') return new FixedArrivals(arrivals.per_second, window);
  if (arrivals.kind === 'poisson') return new PoissonArrivals(arrivals.per_second, window, key);
  return new TraceArrivals(Float64Array.from(arrivals.times_micros));
}

/** The arrivals that are no reads. */
function writesOf(workload: PlanWorkload, key: StreamKey): Arrivals {
  const all = arrivalsOf(workload, derive(key, 0));
  const { read = 0 } = workload.mix;
  return read === 0 ? all : new ThinnedArrivals(all, { ...readShareOf(read, key), takesReads: false });
}

/** Which arrivals of a workload are reads. */
export function readShareOf(read: number, key: StreamKey): { key: StreamKey; readBelow: number } {
  return { key: derive(key, 40), readBelow: Math.round(read * TWO_TO_32) };
}

function meanRateOf({ arrivals, from_micros, until_micros, mix }: PlanWorkload): number {
  if (arrivals.kind !== 'trace') return arrivals.per_second * (1 - (mix.read ?? 0));
  return (arrivals.times_micros.length * 1e6) / Math.max(1e6, until_micros - from_micros);
}

export function chooserOf(keys: PlanKeys, key: StreamKey): KeyChooser {
  const span = keys.to - keys.from;
  if (keys.kind === 'sequential') return { at: (index) => keys.from + (index % span) };
  if (keys.kind === 'uniform') return { at: (index) => keys.from + drawBelow(key.k0, key.k1, index, span) };
  const zipf = new Zipf(span, keys.exponent);
  return { at: (index) => keys.from + zipf.at(key.k0, key.k1, index) };
}

/** Shares of the mutations, which are what is not read. */
function scaledMix(mix: PlanMix): WorkloadOptions['mix'] {
  const ends: number[] = [];
  const written = Math.max(1 - (mix.read ?? 0), Number.MIN_VALUE);
  const whole = mix.read === undefined ? 1 : written;
  let sum = 0;
  for (const share of [mix.insert, mix.update, mix.delete_cell, mix.delete_row, mix.delete_range]) {
    sum += share;
    ends.push(Math.round(Math.min(1, sum / whole) * TWO_TO_32));
  }
  return { insertBelow: ends[0], updateBelow: ends[1], cellBelow: ends[2], rowBelow: ends[3], rangeBelow: ends[4] };
}

export function coordinatorsOf(
  workload: PlanWorkload,
  { dcs, dcOf, isThereAtStart }: PlanNumbers,
): Pick<WorkloadOptions, 'coordinators' | 'dcBelow'> {
  const coordinators: number[][] = [];
  const dcBelow: number[] = [];
  let sum = 0;
  dcs.forEach((dc, index) => {
    const share = workload.clients[dc] ?? 0;
    if (share <= 0) return;
    sum += share;
    const nodes = dcOf.flatMap((of, node) => (of === index ? [node] : []));
    // Clients keep to the nodes that they know from the start, so that who joins later changes nothing before.
    const known = nodes.filter((node) => isThereAtStart[node]);
    coordinators.push(known.length > 0 ? known : nodes);
    dcBelow.push(Math.round(sum * TWO_TO_32));
  });
  if (coordinators.length === 0) throw new Bug('a workload without clients');
  // Rounding must not leave a gap above the last share.
  dcBelow[dcBelow.length - 1] = TWO_TO_32;
  return { coordinators, dcBelow };
}

/** What a level asks in one epoch of placement (cassandra.g-quorum). */
export function ruleInEpoch(
  level: ConsistencyLevel,
  { table, epoch }: { table: TableLayout; epoch: number },
  { plan, epochs, numbers }: { plan: Plan; epochs: Epochs; numbers: PlanNumbers },
): ConsistencyRule {
  if (table.epochs === undefined) return consistencyRule(level, copiesOf(plan, table, numbers));
  const replication = epochs.replicationOf(plan.tables[table.index], epoch);
  return consistencyRule(level, {
    copies: table.epochs.holders[epoch].copies,
    factor: table.epochs.factors[epoch],
    knowsDcs: replication.strategy === 'NetworkTopologyStrategy',
    factorInDc: factorByDc(replication, numbers),
    leastInDc: leastByDc(table.epochs.holders[epoch], numbers),
  });
}

/** What the levels of the workloads ask in each epoch of placement (cassandra.g-quorum): made when first asked for. */
export function levelsByEpoch(
  plan: Plan,
  epochs: Epochs,
  numbers: PlanNumbers,
): (workload: Workload, epoch: number) => ConsistencyRule {
  const rules = new Map<number, ConsistencyRule>();
  return ({ index, id, table, consistency }, epoch) => {
    const key = index * epochs.count + epoch;
    const known = table.epochs === undefined ? consistency : rules.get(key);
    if (known !== undefined || table.epochs === undefined) return known ?? consistency;
    const rule = ruleInEpoch(plan.workload[id].consistency, { table, epoch }, { plan, epochs, numbers });
    rules.set(key, rule);
    return rule;
  };
}

/** What consistency levels count of a table. */
export function copiesOf(plan: Plan, table: TableLayout, numbers: PlanNumbers): CopiesOfTable {
  return {
    copies: table.copies,
    factor: table.factor,
    factorInDc: factorByDc(plan.tables[table.index].replication, numbers),
    leastInDc: leastByDc(table.epochs?.holders[0] ?? table, numbers),
    knowsDcs: plan.tables[table.index].replication.strategy === 'NetworkTopologyStrategy',
  };
}

/** The factor of which a local quorum is a majority: the data centre's own, or the whole one where placement does not look
 * at data centres (cassandra.g-quorum). */
function factorByDc(replication: PlanReplication, { dcs }: PlanNumbers): number[] {
  if (replication.strategy === 'SimpleStrategy') return dcs.map(() => replication.factor);
  return dcs.map((dc) => replication.factors[dc] ?? 0);
}

/** Fewest copies that any range of the table has in each data centre. */
function leastByDc(table: RangeHolders, { dcs, dcOf }: PlanNumbers): number[] {
  const least = dcs.map(() => table.copies);
  for (let first = 0; first < table.replicas.length; first += table.copies) {
    const copies = dcs.map(() => 0);
    for (let copy = 0; copy < table.copies; copy += 1) copies[dcOf[table.replicas[first + copy]]] += 1;
    copies.forEach((count, dc) => (least[dc] = Math.min(least[dc], count)));
  }
  return least;
}

const TRACED: Readonly<Record<PlanStatementOperation, number>> = {
  insert: OPERATION.write,
  update: OPERATION.write,
  delete: OPERATION.deleteRow,
  delete_cell: OPERATION.deleteCell,
  delete_partition: OPERATION.deletePartition,
};

function traceRowsOf(arrivals: PlanArrivals): TraceRows | null {
  if (arrivals.kind !== 'trace') return null;
  return {
    operation: Uint8Array.from(arrivals.operations, (name) => TRACED[name]),
    key: Int32Array.from(arrivals.keys),
    row: arrivals.rows === undefined ? null : Int32Array.from(arrivals.rows),
    groups: arrivals.groups === undefined ? null : Uint8Array.from(arrivals.groups),
  };
}

/** At most so many rows have an older content somewhere. */
function olderRows(plan: Plan, { table: id, copy }: PlanEntry & { kind: 'divergeLoaded' }): number {
  const table = plan.tables.find((each) => each.id === id);
  return table === undefined || copy !== 'older' ? 0 : table.partitions * table.rows_per_partition;
}

/** Mutations that the plan's workloads will issue, and room for damaged versions. */
export function countMutations(plan: Plan, workloads: readonly Workload[]): number {
  const written = workloads.reduce((sum, workload) => sum + workload.arrivals.total() * (workload.batch?.size ?? 1), 0);
  const slots = (tableId: string): number => {
    const table = plan.tables.find(({ id }) => id === tableId);
    return table === undefined ? 0 : table.rows_per_partition * (table.column_groups + 1);
  };
  const damaged = plan.entries.reduce(
    (sum, entry) => sum + (entry.kind === 'damageCopy' ? entry.keys.length * slots(entry.table) : 0),
    0,
  );
  const older = plan.entries.reduce(
    (sum, entry) => sum + (entry.kind === 'divergeLoaded' ? olderRows(plan, entry) : 0),
    0,
  );
  return written + damaged + older;
}
