/** Probes: reads that sample what clients would see. */
import { inRange } from './draft-tables.ts';
import { consistency } from './draft-shares.ts';
import { findTable } from './drafting.ts';
import type { Drafting } from './drafting.ts';
import type { PlanProbe } from './plan.ts';
import type { ScenarioProbe } from './schema/scenario.ts';

const DEFAULT_PROBE_READS = 100;

export function draftProbes(drafting: Drafting, everyMicros: number): Record<string, PlanProbe> {
  const probes: Record<string, PlanProbe> = {};
  for (const [id, probe] of Object.entries(drafting.scenario.probes ?? {})) {
    const drafted = draftProbe(drafting, { id, probe }, everyMicros);
    if (drafted !== null) probes[id] = drafted;
  }
  return probes;
}

function draftProbe(
  drafting: Drafting,
  { id, probe }: { id: string; probe: ScenarioProbe },
  everyMicros: number,
): PlanProbe | null {
  const path = ['probes', id];
  const table = findTable(drafting, probe.table, [...path, 'table']);
  const level = consistency(drafting, probe.consistency, path);
  const every = probe.every ?? everyMicros;
  const sound =
    inRange(drafting, [...path, 'every'], every, [1, drafting.times.endMicros]) &&
    inRange(drafting, [...path, 'reads'], probe.reads ?? DEFAULT_PROBE_READS, [1, 1_000_000]);
  if (table === null || level === null || !sound) return null;
  return {
    kind: 'read',
    table: table.id,
    consistency: level,
    every_micros: every,
    reads: probe.reads ?? DEFAULT_PROBE_READS,
  };
}
