/** Damage: keys of which the node holds a copy, given or drawn from the seed. */
import { PlanRandom } from '../kernel/random.ts';
import { findTable, requireTargets } from './drafting.ts';
import type { Drafting } from './drafting.ts';
import type { FaultInput, FaultOf } from './fault-input.ts';
import { Holders } from './holders.ts';
import type { Path } from './places.ts';
import type { PlanEntry } from './plan.ts';

export function draftDamage(drafting: Drafting, { fault, path, id, at }: FaultInput<FaultOf<'damage'>>): PlanEntry[] {
  const nodes = requireTargets(drafting, fault, path);
  const table = findTable(drafting, fault.table, [...path, 'table']);
  const ways = (['key', 'keys', 'partitions'] as const).filter((name) => fault[name] !== undefined);
  if (ways.length !== 1)
    drafting.list.add(path, {
      code: 'S119',
      message: 'damage needs exactly one of key, keys, partitions',
      expected: 'key: 7, keys: [7, 8] or partitions: 1',
    });
  if (table === null || ways.length !== 1 || nodes.length === 0) return [];
  const holders = new Holders(drafting.nodes, table);
  const entries: PlanEntry[] = [];
  for (const node of nodes) {
    const keys = damagedKeys(drafting, { fault, path, node, holders, partitions: table.partitions });
    if (keys.length > 0)
      entries.push({ id, at_micros: at, kind: 'damageCopy', node, table: table.id, what: fault.what, keys });
  }
  return entries;
}

function damagedKeys(
  drafting: Drafting,
  input: { fault: FaultOf<'damage'>; path: Path; node: string; holders: Holders; partitions: number },
): number[] {
  const { fault, path, node, holders, partitions } = input;
  if (fault.partitions !== undefined) {
    const keys =
      fault.partitions > partitions
        ? []
        : holders.draw(node, fault.partitions, new PlanRandom(drafting.seed, ...path, 'partitions', node));
    if (keys.length === fault.partitions && keys.length > 0) return keys;
    drafting.list.add([...path, 'partitions'], {
      code: 'S117',
      message: `${node} has no ${fault.partitions} partitions of ${fault.table} to damage`,
      expected: `1 to the partitions that ${node} holds`,
    });
    return [];
  }
  const given = fault.key ?? fault.keys ?? [];
  const keys = [...new Set(typeof given === 'number' ? [given] : given)].sort((left, right) => left - right);
  const wrong = keys.find((key) => key >= partitions || !holders.holds(node, key));
  if (wrong === undefined) return keys;
  const message =
    wrong >= partitions
      ? `${fault.table} has no key ${wrong}`
      : `${node} holds no copy of key ${wrong} of ${fault.table}`;
  drafting.list.add([...path, fault.key === undefined ? 'keys' : 'key'], {
    code: 'S138',
    message,
    expected: `keys from 0 to ${partitions - 1} of which ${node} holds a copy`,
  });
  return [];
}
