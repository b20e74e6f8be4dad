/** Faults that only a database of points by shards knows: panics, full and early disks, queues that are torn or lost. */
import { addUnknown, requireTargets, selectNodes } from '../drafting.ts';
import type { Drafting } from '../drafting.ts';
import type { FaultInput, FaultOf } from '../fault-input.ts';
import type { Path } from '../places.ts';
import type { PlanEntry } from '../plan.ts';
import type { ScenarioFault } from '../schema/scenario.ts';

export const POINT_FAULTS = ['panic', 'full-disk', 'ack-before-fsync', 'queue-torn', 'queue-lost'] as const;
export type PointFault = FaultOf<(typeof POINT_FAULTS)[number]>;

/** What a disk's cache holds at most where nothing is said, and how many shards a request may be cut after. */
const DEFAULT_LAG_MICROS = 5_000_000;
const MAX_PARTS = 255;

export function isPointFault(fault: ScenarioFault): fault is PointFault {
  return (POINT_FAULTS as readonly string[]).includes(fault.fault);
}

export function draftPointFault(drafting: Drafting, input: FaultInput<PointFault>): PlanEntry[] {
  const { fault, path, id, at, forMicros } = input;
  const nodes = requireTargets(drafting, fault, path);
  const base = { id, at_micros: at, nodes };
  if (nodes.length === 0) return [];
  switch (fault.fault) {
    case 'panic':
      return [{ ...base, kind: 'panicNode', before: 'remote-write', for_micros: forMicros }];
    case 'full-disk':
      return [{ ...base, kind: 'fillDisk', for_micros: forMicros }];
    case 'ack-before-fsync':
      return [{ ...base, kind: 'fakeSyncs', lag_micros: lagOf(drafting, fault, input), for_micros: forMicros }];
    case 'queue-torn':
      return [{ ...base, kind: 'tearQueues', targets: targetsOf(drafting, fault, path) ?? drafting.nodes.map(idOf) }];
    case 'queue-lost': {
      const targets = targetsOf(drafting, fault, path);
      return [{ ...base, kind: 'loseHints', ...(targets === null ? {} : { targets }) }];
    }
  }
}

function idOf({ id }: { id: string }): string {
  return id;
}

/** Null: all. */
function targetsOf(drafting: Drafting, { target }: FaultOf<'queue-torn' | 'queue-lost'>, path: Path): string[] | null {
  return target === undefined ? null : selectNodes(drafting, target, [...path, 'target']);
}

function lagOf(
  { list, assumptions }: Drafting,
  { lag }: FaultOf<'ack-before-fsync'>,
  { id, path }: { id: string; path: Path },
): number {
  if (lag === 0)
    list.add([...path, 'lag'], { code: 'S117', message: 'lag is out of range', expected: 'a duration above 0' });
  if (lag === undefined) assumptions.push(`lag of ${id} not given: the disk writes its cache out every 5 s`);
  return lag ?? DEFAULT_LAG_MICROS;
}

/** Parts that a request of the workload may be cut after; null after a mistake. */
export function partsOfRequest({ scenario, list }: Drafting, batch: string, path: Path): number | null {
  const workload = scenario.workload ?? {};
  if (Object.hasOwn(workload, batch)) return MAX_PARTS;
  addUnknown(list, path, { code: 'S137', kind: 'workload', name: batch, names: Object.keys(workload) });
  return null;
}
