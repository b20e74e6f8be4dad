/** Faults: who, when, how long; each becomes a plan entry whose id is its path in the scenario. */
import { draftDamage } from './draft-damage.ts';
import { draftLinkFault } from './draft-link-faults.ts';
import { draftSlowDisk } from './draft-slow-disk.ts';
import { addUnknown, lastingMicros, requireTargets } from './drafting.ts';
import { tableWorkloads } from './table-workloads.ts';
import type { Drafting } from './drafting.ts';
import { isLasting, type FaultInput, type FaultOf } from './fault-input.ts';
import type { Path } from './places.ts';
import type { CrashMode, PlanEntry } from './plan.ts';
import { draftPointFault, isPointFault, partsOfRequest } from './points/draft-point-faults.ts';
import { durationText } from './units.ts';

export function draftFaults(drafting: Drafting): PlanEntry[] {
  const entries: PlanEntry[] = [];
  for (const [id, fault] of Object.entries(drafting.scenario.faults ?? {})) {
    const path = ['faults', id] as const;
    const at = drafting.times.edge('faults', id, 'start');
    const forMicros = isLasting(fault) ? lastingMicros(drafting, fault, path) : null;
    if (at === null) {
      if (fault.fault === 'batch-cut') checkBatch(drafting, fault, path);
      continue;
    }
    if (at >= drafting.times.endMicros)
      drafting.list.warn([...path, 'at'], {
        code: 'S203',
        message: `the fault begins after the end of the run (${durationText(at)})`,
        expected: `before ${durationText(drafting.times.endMicros)}`,
      });
    entries.push(...draftFault(drafting, { fault, id: `faults.${id}`, path, at, forMicros }));
  }
  return entries;
}

function draftFault(drafting: Drafting, input: FaultInput): PlanEntry[] {
  const { fault } = input;
  if (isPointFault(fault)) return draftPointFault(drafting, { ...input, fault });
  switch (fault.fault) {
    case 'crash':
    case 'stop':
    case 'pause':
    case 'skew':
    case 'hint-store-lost':
      return draftNodeFault(drafting, { ...input, fault });
    case 'slow-disk':
      return draftSlowDisk(drafting, { ...input, fault });
    case 'partition':
    case 'loss':
    case 'slow-link':
      return draftLinkFault(drafting, { ...input, fault });
    case 'batch-cut':
      return draftBatchCut(drafting, { ...input, fault });
    case 'damage':
      return draftDamage(drafting, { ...input, fault });
  }
}

function draftNodeFault(
  drafting: Drafting,
  input: FaultInput<FaultOf<'crash' | 'stop' | 'pause' | 'skew' | 'hint-store-lost'>>,
): PlanEntry[] {
  const { fault, path, id, at, forMicros } = input;
  const nodes = requireTargets(drafting, fault, path);
  const base = { id, at_micros: at, nodes };
  if (nodes.length === 0) return [];
  switch (fault.fault) {
    case 'crash':
      return [{ ...base, kind: 'crashNode', mode: crashMode(drafting, fault, id), for_micros: forMicros }];
    case 'stop':
      return [{ ...base, kind: 'stopNode', for_micros: forMicros }];
    case 'hint-store-lost':
      return [{ ...base, kind: 'loseHints' }];
    case 'skew':
      return [{ ...base, kind: 'skewClock', by_micros: fault.by, for_micros: forMicros }];
    case 'pause':
      if (forMicros === null && fault.for === undefined && fault.until === undefined) {
        drafting.list.add(path, {
          code: 'S111',
          message: 'missing key "for" in a fault of type pause',
          expected: 'for: how long the node stands still',
        });
      }
      return forMicros === null ? [] : [{ ...base, kind: 'pauseNode', for_micros: forMicros }];
  }
}

function crashMode({ assumptions }: Drafting, { mode }: { mode?: CrashMode | undefined }, id: string): CrashMode {
  if (mode === undefined) assumptions.push(`mode of ${id} not given: process`);
  return mode ?? 'process';
}

function draftBatchCut(
  drafting: Drafting,
  { fault, path, id, at, forMicros }: FaultInput<FaultOf<'batch-cut'>>,
): PlanEntry[] {
  const size = checkBatch(drafting, fault, path);
  if (size === null) return [];
  const { batch, index = 0, mutations = 1, copies = 0 } = fault.after;
  if (mutations > size || (mutations === size && copies > 0)) {
    drafting.list.add([...path, 'after', 'mutations'], {
      code: 'S117',
      message: `a batch of ${batch} has ${size} mutations`,
      expected: `0 to ${size}`,
      found: String(mutations),
    });
    return [];
  }
  return [
    {
      id,
      at_micros: at,
      kind: 'cutBatch',
      workload: batch,
      batch: index,
      mutations,
      copies,
      mode: crashMode(drafting, fault, id),
      for_micros: forMicros,
    },
  ];
}

/** Mutations in each batch of the workload that it names; null after a mistake. */
function checkBatch(drafting: Drafting, fault: FaultOf<'batch-cut'>, path: Path): number | null {
  const workload = tableWorkloads(drafting.scenario);
  const { batch } = fault.after;
  const at = [...path, 'after', 'batch'];
  if (drafting.rules.points !== undefined) return partsOfRequest(drafting, batch, at);
  if (!Object.hasOwn(workload, batch)) {
    addUnknown(drafting.list, at, { code: 'S137', kind: 'workload', name: batch, names: Object.keys(workload) });
    return null;
  }
  const size = workload[batch].batch?.size ?? null;
  if (size === null)
    drafting.list.add(at, {
      code: 'S137',
      message: `the workload ${batch} writes no batches`,
      expected: 'a workload with batch: { size: … }',
    });
  return size;
}
