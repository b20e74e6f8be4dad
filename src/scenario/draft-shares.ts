/** What of a workload is shares: its mix of mutations and its clients by data centre; and its consistency level. */
import { addUnknown, distinct } from './drafting.ts';
import type { Drafting } from './drafting.ts';
import type { Path } from './places.ts';
import type { ConsistencyLevel, PlanMix } from './plan.ts';
import type { ScenarioWorkload } from './schema/scenario.ts';

/** Levels that some version of the database has; one that the dialect does not list is not in this version of ours. */
const ALL_LEVELS = [
  'ANY',
  'ONE',
  'TWO',
  'THREE',
  'QUORUM',
  'LOCAL_ONE',
  'LOCAL_QUORUM',
  'EACH_QUORUM',
  'ALL',
  'SERIAL',
  'LOCAL_SERIAL',
];

const MIX_MEMBERS = ['insert', 'update', 'delete_cell', 'delete_row', 'delete_range', 'delete_partition'] as const;

export function draftMix(drafting: Drafting, { mix }: ScenarioWorkload, path: Path): PlanMix | null {
  const plan: PlanMix = { insert: 0, update: 0, delete_cell: 0, delete_row: 0, delete_range: 0, delete_partition: 0 };
  const read = mix?.read ?? 0;
  if (mix === undefined) return { ...plan, insert: 1 };
  for (const member of MIX_MEMBERS) plan[member] = mix[member] ?? 0;
  plan.delete_row += mix.delete ?? 0;
  const sum = MIX_MEMBERS.reduce((total, member) => total + plan[member], read);
  if (sumsToOne(sum)) return read > 0 ? { ...plan, read } : plan;
  drafting.list.add([...path, 'mix'], {
    code: 'S156',
    message: `the shares of mix sum to ${percent(sum)}`,
    expected: 'shares that sum to 100 %',
  });
  return null;
}

export function draftClients(
  drafting: Drafting,
  { clients }: ScenarioWorkload,
  path: Path,
): Record<string, number> | null {
  const dcs = distinct(drafting.nodes.map(({ dc }) => dc));
  if (dcs.length === 0) return null;
  if (clients === undefined) {
    if (dcs.length > 1)
      drafting.assumptions.push(`clients of ${path[1]} not given: spread evenly over ${dcs.join(', ')}`);
    return Object.fromEntries(dcs.map((dc) => [dc, 1 / dcs.length]));
  }
  const unknown = Object.keys(clients).filter((dc) => !dcs.includes(dc));
  for (const dc of unknown)
    addUnknown(drafting.list, [...path, 'clients', dc], { code: 'S133', kind: 'data centre', name: dc, names: dcs });
  const sum = Object.values(clients).reduce((total, share) => total + share, 0);
  if (!sumsToOne(sum))
    drafting.list.add([...path, 'clients'], {
      code: 'S156',
      message: `the shares of clients sum to ${percent(sum)}`,
      expected: 'shares that sum to 100 %',
    });
  if (unknown.length > 0 || !sumsToOne(sum)) return null;
  return Object.fromEntries(dcs.filter((dc) => Object.hasOwn(clients, dc)).map((dc) => [dc, clients[dc]]));
}

export function sumsToOne(sum: number): boolean {
  return sum > 1 - 1e-9 && sum < 1 + 1e-9;
}

export function percent(sum: number): string {
  return `${Math.round(sum * 1e6) / 1e4} %`;
}

/** A level that this version models; `ONE` where none is given. */
export function consistency(drafting: Drafting, given: string | undefined, path: Path): ConsistencyLevel | null {
  if (given === undefined) {
    drafting.assumptions.push(`consistency of ${path[0]}.${path[1]} not given: ONE`);
    return 'ONE';
  }
  const levels = drafting.rules.consistencyLevels(drafting.database);
  const level = levels.find((name) => name === given);
  if (level !== undefined) return level;
  const at = [...path, 'consistency'];
  if (ALL_LEVELS.includes(given))
    drafting.list.add(at, {
      code: 'S116',
      message: `consistency ${given} is not in this version of Reconverge`,
      expected: levels.join(' | '),
      found: given,
    });
  else addUnknown(drafting.list, at, { code: 'S112', kind: 'consistency level', name: given, names: levels });
  return null;
}
