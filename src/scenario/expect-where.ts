/** `where` of an expectation: every name in it must be one that the plan or a registry has. */
import { CAUSES, STATES, VIAS } from '../data/causes.ts';
import { checkProbeMetric } from './expect-probe.ts';
import { addUnknown, addUnknownNode, nodeNamed, tableNames } from './drafting.ts';
import type { Drafting } from './drafting.ts';
import type { MetricFacts } from './expect-bounds.ts';
import type { Path } from './places.ts';
import type { PlanWhere } from './plan.ts';

type Given = { [member in keyof PlanWhere]?: PlanWhere[member] | undefined };

interface Member {
  code: string;
  kind: string;
  names: (drafting: Drafting) => readonly string[];
}

const idsOf = (section: 'faults' | 'operations' | 'repairs' | 'probes' | 'workload') => (drafting: Drafting) =>
  Object.keys(drafting.scenario[section] ?? {});
const nodeIds = (drafting: Drafting): string[] => [...drafting.nodes, ...drafting.joiners].map(({ id }) => id);
const entryIds = (drafting: Drafting): string[] => [
  ...idsOf('faults')(drafting).map((id) => `faults.${id}`),
  ...idsOf('operations')(drafting).map((id) => `operations.${id}`),
  ...idsOf('repairs')(drafting).map((id) => `repairs.${id}`),
  ...Object.keys(drafting.scenario.data.tables).map((id) => `data.tables.${id}`),
  'workload',
];

const MEMBERS: Record<Exclude<keyof PlanWhere, 'between' | 't' | 'k'>, Member> = {
  cause: { code: 'S139', kind: 'cause', names: () => CAUSES.filter((cause) => cause !== 'retired_18') },
  state: { code: 'S139', kind: 'state', names: () => STATES },
  healer: { code: 'S139', kind: 'healer', names: (drafting) => [...VIAS, ...idsOf('repairs')(drafting)] },
  node: { code: 'S130', kind: 'node', names: nodeIds },
  table: { code: 'S131', kind: 'table', names: tableNames },
  origin: { code: 'S134', kind: 'entry', names: entryIds },
  repair: { code: 'S134', kind: 'repair', names: idsOf('repairs') },
  probe: { code: 'S137', kind: 'probe', names: idsOf('probes') },
  workload: { code: 'S137', kind: 'workload', names: idsOf('workload') },
};

/** Null after a mistake. */
export function draftWhere(
  drafting: Drafting,
  { where, metric, path }: { where: Given; metric: MetricFacts | null; path: Path },
): PlanWhere | null {
  let sound = true;
  const plan: PlanWhere = {};
  for (const key of Object.keys(where) as (keyof PlanWhere)[]) {
    if (where[key] === undefined) continue;
    if (metric?.where !== undefined && !metric.where.includes(key)) {
      drafting.list.add([...path, key], {
        code: 'S114',
        message: `${metric.name} is not known by ${key}`,
        expected: metric.where.length === 0 ? 'no where' : `one of ${metric.where.join(', ')}`,
        found: key,
        part: 'key',
      });
      sound = false;
    } else if (key === 'between') sound = checkBetween(drafting, where.between ?? ['', ''], [...path, key]) && sound;
    else if (key !== 't' && key !== 'k')
      sound = checkName(drafting, { key, name: where[key] ?? '', path: [...path, key] }) && sound;
    Object.assign(plan, { [key]: normalised(drafting, key, where[key]) });
  }
  if (sound && metric !== null) sound = checkProbeMetric(drafting, { metric: metric.name, where: plan, path });
  return sound ? plan : null;
}

function checkBetween(drafting: Drafting, pair: readonly string[], path: Path): boolean {
  return pair.map((name, index) => checkName(drafting, { key: 'node', name, path: [...path, index] })).every(Boolean);
}

function checkName(
  drafting: Drafting,
  { key, name, path }: { key: keyof typeof MEMBERS; name: string; path: Path },
): boolean {
  const { code, kind, names } = MEMBERS[key];
  const known = names(drafting);
  const bare = normalised(drafting, key, name) as string;
  if (known.includes(bare) || known.includes(name) || wasRemoved(drafting, key, name)) return true;
  if (key === 'node') {
    if (drafting.nodes.length > 0)
      addUnknownNode(drafting.list, [...drafting.nodes, ...drafting.joiners], { name, path });
    return false;
  }
  addUnknown(drafting.list, path, { code, kind, name, names: known });
  return false;
}

/** An entry that an edit took away may still be named: its metric then has no value. */
function wasRemoved({ times }: Drafting, key: keyof typeof MEMBERS, name: string): boolean {
  const sections = { repair: 'repairs', healer: 'repairs', probe: 'probes', workload: 'workload' } as const;
  if (key === 'origin') {
    const [section, id] = name.split('.');
    return id !== undefined && times.exists(section, id);
  }
  return key in sections && times.exists(sections[key as keyof typeof sections], name.replace(/^[a-z]+\./, ''));
}

/** Repairs are named by their id, with or without `repairs.`; nodes by their id or their address. */
function normalised({ nodes: initial, joiners }: Drafting, key: keyof PlanWhere, value: unknown): unknown {
  const nodes = [...initial, ...joiners];
  const idOf = (name: string): string => nodeNamed(nodes, name) ?? name;
  if (key === 'node' && typeof value === 'string') return idOf(value);
  if (key === 'between' && Array.isArray(value)) return value.map((name) => idOf(String(name)));
  return (key === 'repair' || key === 'healer') && typeof value === 'string' ? value.replace(/^repairs\./, '') : value;
}
