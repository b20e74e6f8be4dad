/**
 * Which copies of shards a repair of the plan reaches, by what its entry names alone: shards, and the nodes that its steps
 * bring files to. Not whether it gets there: a shard that is hot is not compared, and a step may fail (influxdb.6.5, 7).
 */
import type { PlanEntry } from '../../scenario/plan.ts';

export type ShardRepair = Extract<PlanEntry, { kind: 'repairShards' | 'repairByHand' }>;

/** A copy of a shard that is amiss. */
export interface ShardCopy {
  table: string;
  node: string;
  /** It lacks a delete: it has more than the others. */
  lacksDelete: boolean;
}

/** Commands that are no repair of the scenario are its operations. */
export function isShardRepair(entry: PlanEntry): entry is ShardRepair {
  return entry.kind === 'repairShards' || (entry.kind === 'repairByHand' && entry.id.startsWith('repairs.'));
}

/** Null where the repair reaches the copy, else why not. */
export function shardMissedBecause(entry: ShardRepair, { table, node, lacksDelete }: ShardCopy): string | null {
  const adds = 'it only adds: what was deleted goes from there to the other owners';
  if (entry.kind === 'repairShards') {
    if (entry.shards !== null && !entry.shards.includes(table)) return `it does not repair ${table}`;
    return lacksDelete ? adds : null;
  }
  const { steps } = entry;
  if (steps.some((step) => step.do === 'copyShard' && step.table === table && step.to === node)) return null;
  if (steps.some((step) => step.do === 'removeShard' && step.table === table && step.node === node)) return null;
  if (!steps.some((step) => step.do === 'entropyRepair' && step.table === table))
    return `none of its steps brings ${table} to ${node}`;
  return lacksDelete ? adds : null;
}
