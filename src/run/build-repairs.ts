/** The repair entries of a plan with numbers for names, and what each asks for where it is cut into segments. */
import type { TableLayout } from '../data/layout.ts';
import type { RoundsEntry } from '../repair/rounds.ts';
import type { SegmentedEntry } from '../repair/schedules/segment-runs.ts';
import { scheduledSegments } from '../repair/schedules/scheduled-segments.ts';
import type { Plan, PlanEntry } from '../scenario/plan.ts';
import type { PlanNumbers } from './build-cluster.ts';

type RepairEntry = Extract<PlanEntry, { kind: 'repair' }>;

/** By index of the plan entry. */
export interface Repairs {
  entries: ReadonlyMap<number, RoundsEntry>;
  segmented: ReadonlyMap<number, SegmentedEntry>;
}

export function buildRepairs(plan: Plan, numbers: PlanNumbers, tables: readonly TableLayout[]): Repairs {
  const entries = new Map<number, RoundsEntry>();
  const segmented = new Map<number, SegmentedEntry>();
  for (const entry of plan.entries) {
    if (entry.kind !== 'repair') continue;
    const index = numbers.originOf.get(entry.id) ?? 0;
    entries.set(index, roundsEntry(entry, numbers));
    const cut = segmentedEntry(entry, plan, tables);
    if (cut !== null) segmented.set(index, cut);
  }
  return { entries, segmented };
}

function roundsEntry(entry: RepairEntry, { nodeOf }: PlanNumbers): RoundsEntry {
  return {
    id: entry.id,
    nodes: entry.nodes.map((id) => nodeOf.get(id) ?? 0),
    oneAfterAnother: entry.one_after_another,
    everyMicros: entry.every_micros,
    againMicros: entry.again_micros ?? [],
    options: entry.options,
    command: entry.command,
  };
}

function segmentedEntry(entry: RepairEntry, plan: Plan, tables: readonly TableLayout[]): SegmentedEntry | null {
  const { id, options, command, segments: how } = entry;
  const layout = tables.find((table) => table.id === options.tables[0]);
  if (how === undefined || layout === undefined) return null;
  return { id, options, command, how, segments: scheduledSegments(layout, how, plan.nodes.length) };
}
