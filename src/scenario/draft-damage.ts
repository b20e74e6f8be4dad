/**
 * Damage: keys of which the node holds a copy, given or drawn from the seed; SSTables that are gone; a table that goes back
 * to an old snapshot.
 */
import { PlanRandom } from '../kernel/random.ts';
import { findTable, requireTargets } from './drafting.ts';
import type { Drafting } from './drafting.ts';
import type { FaultInput, FaultOf } from './fault-input.ts';
import { Holders } from './holders.ts';
import type { Path } from './places.ts';
import type { PlanEntry } from './plan.ts';
import { seedFor } from './seed-purposes.ts';

export function draftDamage(drafting: Drafting, { fault, path, id, at }: FaultInput<FaultOf<'damage'>>): PlanEntry[] {
  const nodes = requireTargets(drafting, fault, path);
  const table = findTable(drafting, fault.table, [...path, 'table']);
  refuseForeignKeys(drafting, fault, path);
  if (fault.what === 'old-snapshot') return draftSnapshot(drafting, { fault, path, id, at }, nodes);
  if (fault.what === 'lost-sstable') {
    if (fault.sstables === 0)
      drafting.list.add([...path, 'sstables'], {
        code: 'S117',
        message: 'sstables is out of range',
        expected: 'a number above 0',
      });
    const lost = { kind: 'loseSstables' as const, count: fault.sstables ?? 1, which: fault.which ?? 'drawn' };
    return table === null ? [] : nodes.map((node) => ({ id, at_micros: at, node, table: table.id, ...lost }));
  }
  const { what } = fault;
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
    if (keys.length > 0) entries.push({ id, at_micros: at, kind: 'damageCopy', node, table: table.id, what, keys });
  }
  return entries;
}

/** What each kind of damage says beside its place and time. */
const KEYS_OF = {
  missing: ['key', 'keys', 'partitions'],
  corrupt: ['key', 'keys', 'partitions'],
  'lost-sstable': ['sstables', 'which'],
  'old-snapshot': ['taken'],
} as const;
const ALL_KEYS = ['key', 'keys', 'partitions', 'sstables', 'which', 'taken'] as const;

function refuseForeignKeys({ list }: Drafting, fault: FaultOf<'damage'>, path: Path): void {
  const own: readonly string[] = KEYS_OF[fault.what];
  for (const key of ALL_KEYS) {
    if (fault[key] === undefined || own.includes(key)) continue;
    list.add([...path, key], {
      code: 'S119',
      message: `damage of the kind ${fault.what} has no ${key}`,
      expected: own.join(' | '),
      part: 'key',
    });
  }
}

function draftSnapshot(
  drafting: Drafting,
  { fault, path, id, at }: Omit<FaultInput<FaultOf<'damage'>>, 'forMicros'>,
  nodes: readonly string[],
): PlanEntry[] {
  const { list, times } = drafting;
  if (fault.taken === undefined) {
    list.add(path, { code: 'S111', message: 'missing key "taken"', expected: 'taken: when the snapshot was taken' });
    return [];
  }
  const taken = times.resolve(fault.taken, [...path, 'taken']);
  if (taken === null) return [];
  if (taken >= at) {
    list.add([...path, 'taken'], {
      code: 'S177',
      message: 'the snapshot is taken when it is restored, or after',
      expected: 'a time before at',
    });
    return [];
  }
  return nodes.map((node) => ({
    ...{ id, at_micros: at, kind: 'restoreSnapshot', node, table: fault.table, taken_micros: taken },
  }));
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
        : holders.draw(
            node,
            fault.partitions,
            new PlanRandom(seedFor(drafting, 'faults'), ...path, 'partitions', node),
          );
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
