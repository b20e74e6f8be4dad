/** Repairs: what is asked for, the nodes that run it, when and how often; and those that would meet each other. */
import { draftAlgorithm } from './draft-algorithm.ts';
import { draftAutoRepair, draftReaper } from './draft-schedulers.ts';
import { requireTargets, selectTargets } from './drafting.ts';
import type { Drafting } from './drafting.ts';
import type { Path } from './places.ts';
import type { PlanEntry } from './plan.ts';
import { readCommands } from './repair-commands.ts';
import { warnOfMeetings } from './repair-meetings.ts';
import { repairTimes } from './repair-times.ts';
import type { ScenarioRepair, ScenarioRepairOf } from './schema/scenario.ts';

type OwnRepair = ScenarioRepairOf<'nodetool' | 'rounds'>;

export function draftRepairs(drafting: Drafting): PlanEntry[] {
  const entries = Object.entries(drafting.scenario.repairs ?? {}).flatMap(
    ([id, repair]) => draftRepair(drafting, id, repair) ?? [],
  );
  warnOfMeetings(drafting, entries);
  return entries;
}

function draftRepair(drafting: Drafting, id: string, repair: ScenarioRepair): PlanEntry | null {
  switch (repair.repair) {
    case 'reaper':
      return draftReaper(drafting, id, repair);
    case 'algorithm':
      return draftAlgorithm(drafting, id, repair);
    case 'auto':
      return draftAutoRepair(drafting, id, repair);
    case 'entropy':
    case 'manual':
      // Refused in words by whoever tells the databases apart.
      return null;
    default:
      return draftOwn(drafting, id, repair);
  }
}

/** What an operator types, or a timer of the operator. */
function draftOwn(drafting: Drafting, id: string, repair: OwnRepair): PlanEntry | null {
  const path = ['repairs', id];
  const nodes =
    repair.repair === 'rounds' ? roundNodes(drafting, repair, path) : requireTargets(drafting, repair, path);
  const times = repairTimes(drafting, id, repair);
  const options =
    nodes.length === 0 ? null : readCommands(drafting, { command: repair.run, nodes, path: [...path, 'run'] });
  if (times === null || options === null) return null;
  return {
    id: `repairs.${id}`,
    kind: 'repair',
    nodes,
    one_after_another: repair.repair === 'rounds' ? (repair.one_after_another ?? true) : true,
    ...times,
    options,
    command: repair.run,
  };
}

function roundNodes(drafting: Drafting, repair: OwnRepair, path: Path): string[] {
  return selectTargets(drafting, repair, path) ?? drafting.nodes.map(({ id }) => id);
}
