/** Families of plan entries: kinds that are checked, begun and ended in one place each. */
import type { PlanEntry, PlanRepairOptions, PlanTopologyChange } from './plan.ts';

/** What changes who replicates what. */
export const TOPOLOGY_KINDS = [
  'alterKeyspace',
  'addNode',
  'replaceNode',
  'decommissionNode',
  'removeNode',
] as const satisfies readonly PlanTopologyChange['kind'][];

/** What operators do to nodes and tables, damage to files, and a load that differs. */
const OPERATION_KINDS = [
  'changeSettings',
  'pauseHandoff',
  'resumeHandoff',
  'truncateHints',
  'switchCompaction',
  'runStatement',
  'alterTable',
  'restartNode',
  'loseSstables',
  'restoreSnapshot',
  'divergeLoaded',
] as const satisfies readonly PlanEntry['kind'][];

export type TopologyEntry = Extract<PlanEntry, { kind: PlanTopologyChange['kind'] }>;
export type OperationEntry = Extract<PlanEntry, { kind: (typeof OPERATION_KINDS)[number] }>;

export function isTopologyEntry(entry: PlanEntry): entry is TopologyEntry {
  return (TOPOLOGY_KINDS as readonly string[]).includes(entry.kind);
}

export function isOperationEntry(entry: PlanEntry): entry is OperationEntry {
  return (OPERATION_KINDS as readonly string[]).includes(entry.kind);
}

/** A crash that takes the disk of its node, and with it data, log and hints. */
export function losesDisk(entry: PlanEntry): boolean {
  return (entry.kind === 'crashNode' || entry.kind === 'cutBatch') && entry.mode === 'disk-lost';
}

export function isIncremental({ strategy }: PlanRepairOptions): boolean {
  return strategy.startsWith('incremental');
}
