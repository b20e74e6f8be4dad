/**
 * How large a plan is before it runs: writes, rows, copies, and roughly how much memory a run takes. The memory is a
 * sum of array widths (a version 40 bytes, a copy of one in a run 12, a held copy 4, what the oracle keeps of a slot
 * 24), rounded by nobody: it says whether a laptop is enough, not more.
 */
import type { Plan, PlanTable, PlanWorkload } from '../scenario/plan.ts';
import { pointsOf } from '../base/point-count.ts';

export interface PlanSize {
  /** Of clients; mutations are those of the writes, of which a batch has several. */
  reads: number;
  writes: number;
  mutations: number;
  rows: number;
  copies: number;
  memoryBytes: number;
}

const VERSION_BYTES = 40;
const RUN_ENTRY_BYTES = 12;
const HELD_BYTES = 4;
const SLOT_BYTES = 24;
const FIXED_BYTES = 60e6;

export function planSize(plan: Plan): PlanSize {
  const size: PlanSize = { reads: 0, writes: 0, mutations: 0, rows: 0, copies: 0, memoryBytes: FIXED_BYTES };
  for (const table of plan.tables) {
    const rows = table.partitions * table.rows_per_partition;
    const factor = copiesPerRow(table, plan);
    const slots = rows * (table.column_groups + (table.deletes_rows ? 1 : 0));
    size.rows += rows;
    size.copies += rows * factor;
    size.memoryBytes += slots * (SLOT_BYTES + factor * HELD_BYTES);
  }
  for (const workload of Object.values(plan.workload)) {
    const arrivals = expectedArrivals(workload);
    const reads = Math.round(arrivals * (workload.mix.read ?? 0));
    const writes = arrivals - reads;
    const mutations = writes * (workload.batch?.size ?? 1);
    const table = plan.tables.find((one) => one.id === workload.table);
    const factor = table === undefined ? 1 : copiesPerRow(table, plan);
    size.reads += reads;
    size.writes += writes;
    size.mutations += mutations;
    size.memoryBytes += mutations * (VERSION_BYTES + factor * RUN_ENTRY_BYTES);
  }
  for (const writer of Object.values(plan.points ?? {})) {
    const points = pointsOf(writer);
    const table = plan.tables.find(({ shard }) => shard?.policy === writer.policy);
    const factor = table === undefined ? 1 : copiesPerRow(table, plan);
    size.writes += points;
    size.mutations += points;
    size.memoryBytes += points * (VERSION_BYTES + factor * RUN_ENTRY_BYTES);
  }
  return size;
}

/** Replicas of a row; a data centre with fewer nodes than its factor has a copy on each. */
export function copiesPerRow(table: PlanTable, plan: Plan): number {
  const { replication } = table;
  if (replication.strategy === 'SimpleStrategy') return Math.min(replication.factor, plan.nodes.length);
  return Object.entries(replication.factors).reduce((sum, [dc, factor]) => {
    const nodes = plan.nodes.filter((node) => node.dc === dc).length;
    return sum + Math.min(factor, nodes);
  }, 0);
}

/** Exact for fixed rates and traces, the mean for Poisson. */
export function expectedArrivals({ arrivals, from_micros, until_micros, count }: PlanWorkload): number {
  if (arrivals.kind === 'trace') return arrivals.times_micros.length;
  const fits = Math.max(0, Math.floor(((until_micros - from_micros) / 1e6) * arrivals.per_second));
  return count === null ? fits : Math.min(count, fits);
}
