/** What the checks of a plan share: the plan, what its database knows, the list of mistakes, and small refusals. */
import type { DialectRules } from '../dialect-rules.ts';
import { addUnknown } from '../drafting.ts';
import type { MetricFacts } from '../expect-bounds.ts';
import type { Finding, MistakeList, Path } from '../places.ts';
import type { Plan } from '../plan.ts';

/** What a plan may name; null: not checked. */
export interface KnownNames {
  metrics: readonly MetricFacts[] | null;
  laws: readonly string[] | null;
  strategies: readonly string[] | null;
}

export interface Checking {
  plan: Plan;
  rules: DialectRules;
  list: MistakeList;
  known: KnownNames;
  nodeIds: ReadonlySet<string>;
  tableIds: readonly string[];
  dcs: readonly string[];
  endMicros: number;
}

/** The code of parts of a plan that do not fit together, which no scenario could say. */
export const MISFIT = 'P107';

export function refuse({ list }: Checking, path: Path, finding: Finding): false {
  list.add(path, finding);
  return false;
}

export function isWithin(
  checking: Checking,
  path: Path,
  value: number,
  [least, most]: readonly [number, number],
): boolean {
  if (value >= least && value <= most) return true;
  const expected = most === Infinity ? `at least ${least}` : `${least} to ${most}`;
  const message = `${String(value)} is out of range`;
  return refuse(checking, path, { code: 'S117', message, expected, found: String(value) });
}

export function isNode(checking: Checking, path: Path, name: string): boolean {
  if (checking.nodeIds.has(name)) return true;
  addUnknown(checking.list, path, { code: 'S130', kind: 'node', name, names: [...checking.nodeIds] });
  return false;
}

/** All of them known, each once and at least one. */
export function areNodes(checking: Checking, path: Path, names: readonly string[]): boolean {
  if (names.length === 0)
    return refuse(checking, path, { code: 'S118', message: 'no node is named', expected: 'at least one node' });
  const first = new Map<string, number>();
  let sound = true;
  for (const [index, name] of names.entries()) {
    if (first.has(name))
      sound = refuse(checking, [...path, index], {
        code: MISFIT,
        message: `the node "${name}" stands twice in this list`,
        expected: 'each node once',
      });
    else sound = isNode(checking, [...path, index], name) && sound;
    first.set(name, index);
  }
  return sound;
}

export function isTable(checking: Checking, path: Path, name: string): boolean {
  if (checking.tableIds.includes(name)) return true;
  addUnknown(checking.list, path, { code: 'S131', kind: 'table', name, names: checking.tableIds });
  return false;
}

export function isDc(checking: Checking, path: Path, name: string): boolean {
  if (checking.dcs.includes(name)) return true;
  addUnknown(checking.list, path, { code: 'S133', kind: 'data centre', name, names: checking.dcs });
  return false;
}

/** Is the level one that the database has and this version models? */
export function isLevel(checking: Checking, path: Path, level: string): boolean {
  const levels = checking.rules.consistencyLevels(checking.plan.database);
  if (levels.some((name) => name === level)) return true;
  const message = `consistency ${level} is not in this version of Reconverge`;
  return refuse(checking, path, { code: 'S116', message, expected: levels.join(' | '), found: level });
}

export function isReadLevel(checking: Checking, path: Path, level: string): boolean {
  const levels = checking.rules.readLevels(checking.plan.database);
  if (levels.some((name) => name === level)) return true;
  const message = `${level} is no level of reads`;
  return refuse(checking, path, { code: 'S112', message, expected: levels.join(' | '), found: level });
}

/** Values that stand twice: each is reported at its second place. */
export function areDistinct(checking: Checking, what: string, named: readonly { name: string; path: Path }[]): boolean {
  const seen = new Set<string>();
  let sound = true;
  for (const { name, path } of named) {
    if (seen.has(name))
      sound = refuse(checking, path, {
        code: MISFIT,
        message: `the ${what} "${name}" stands twice`,
        expected: 'each once',
        found: name,
      });
    seen.add(name);
  }
  return sound;
}
