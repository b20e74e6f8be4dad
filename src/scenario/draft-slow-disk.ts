/** A disk that reads, writes or syncs slowly for a while. */
import { requireTargets } from './drafting.ts';
import type { Drafting } from './drafting.ts';
import type { FaultInput, FaultOf } from './fault-input.ts';
import type { PlanEntry } from './plan.ts';

export function draftSlowDisk(
  drafting: Drafting,
  { fault, path, id, at, forMicros }: FaultInput<FaultOf<'slow-disk'>>,
): PlanEntry[] {
  const nodes = requireTargets(drafting, fault, path);
  const { speed, fsync } = fault;
  if (speed === undefined && fsync === undefined)
    drafting.list.add(path, {
      code: 'S119',
      message: 'a slow disk needs speed, fsync or both',
      expected: 'speed: 10%, fsync: 2s',
    });
  else if (speed === 0)
    drafting.list.add([...path, 'speed'], {
      code: 'S117',
      message: 'a disk without any speed would never end what it does',
      expected: 'a share above 0',
    });
  else if (nodes.length > 0)
    return [
      {
        ...{ id, at_micros: at, nodes, for_micros: forMicros },
        kind: 'slowDisk',
        speed_share: speed ?? 1,
        fsync_micros: fsync ?? null,
      },
    ];
  return [];
}
