/** What operators do with influxd-ctl: repairs of several steps, single commands, and the shards that truncate-shards ends. */
import { lateWarning } from '../draft-operations.ts';
import { addUnknown, addUnknownNode, nodeNamed, requireTargets } from '../drafting.ts';
import type { Drafting } from '../drafting.ts';
import type { CtlStep, PointRules } from '../dialect-rules.ts';
import type { Path } from '../places.ts';
import type { PlanEntry } from '../plan.ts';
import type { PlanShardStep } from '../plan-shards.ts';
import type { Truncation } from './shard-groups.ts';
import { repairTimes } from '../repair-times.ts';

/** A command with its place in the scenario. */
interface Typed {
  text: string;
  path: Path;
}

/** What all steps are read with: `members` are, by the id of a shard's table, its owners and those that copy-shard makes. */
interface Manual {
  drafting: Drafting;
  rules: PointRules;
  members: ReadonlyMap<string, readonly string[]>;
}

export function draftManualEntries(drafting: Drafting, rules: PointRules): PlanEntry[] {
  const { operations = {}, repairs = {} } = drafting.scenario;
  const manual = { drafting, rules, members: membersOf(drafting, rules) };
  return [
    ...Object.entries(operations).flatMap(([id, operation]) => {
      if (operation.do !== 'influxd-ctl') return [];
      const at = drafting.times.edge('operations', id, 'start');
      if (at !== null) lateWarning(drafting, id, at);
      const typed = [{ text: operation.run, path: ['operations', id, 'run'] }];
      const nodes =
        operation.node === undefined ? firstNode(drafting) : requireTargets(drafting, operation, ['operations', id]);
      return entryOf(manual, { id: `operations.${id}`, at, nodes, typed });
    }),
    ...Object.entries(repairs).flatMap(([id, repair]) => {
      if (repair.repair !== 'manual') return [];
      const at = repairTimes(drafting, id, repair)?.at_micros ?? null;
      const typed = repair.steps.map((text, index) => ({ text, path: ['repairs', id, 'steps', index] }));
      const nodes = repair.node === undefined ? firstNode(drafting) : requireTargets(drafting, repair, ['repairs', id]);
      return entryOf(manual, { id: `repairs.${id}`, at, nodes, typed });
    }),
  ];
}

/** influxd-ctl runs anywhere. */
function firstNode({ nodes }: Drafting): string[] {
  return nodes.slice(0, 1).map(({ id }) => id);
}

function entryOf(
  manual: Manual,
  { id, at, nodes, typed }: { id: string; at: number | null; nodes: string[]; typed: readonly Typed[] },
): PlanEntry[] {
  const steps = typed.map((each, index) => stepOf(manual, each, index === 0));
  const sound = steps.filter((step) => step !== null);
  if (at === null || nodes.length === 0 || sound.length < steps.length) return [];
  const command = `influxd-ctl ${typed.map(({ text }) => text.replace(/^influxd-ctl\s+/, '')).join(', ')}`;
  return [{ id, at_micros: at, kind: 'repairByHand', nodes, steps: sound, command }];
}

function stepOf(manual: Manual, { text, path }: Typed, isFirst: boolean): PlanShardStep | null {
  const { drafting, rules } = manual;
  const read = rules.readCtl(text);
  if ('mistakes' in read) {
    for (const mistake of read.mistakes) drafting.list.add(path, mistake, text);
    return null;
  }
  const { step } = read;
  if (step.kind === 'truncateShards' && !isFirst) {
    const message = 'when truncate-shards runs must be known: it can only be the first step';
    drafting.list.add(path, {
      code: 'S225',
      message,
      expected: 'truncate-shards as the first step, or a repair of its own',
    });
    return null;
  }
  return resolved(manual, step, path);
}

/** With nodes and shards that there are; null after a mistake. */
function resolved(manual: Manual, step: CtlStep, path: Path): PlanShardStep | null {
  const { drafting } = manual;
  if (step.kind === 'truncateShards') return { do: 'truncateShards', delay_micros: step.delayMicros };
  const table = 'shard' in step ? shardNamed(drafting, step.shard, path) : '';
  const names = 'from' in step ? [step.from, step.to] : 'node' in step ? [step.node] : [];
  const nodes = names.map((name) => memberNamed(drafting, name, path));
  const [first, second] = nodes;
  if (table === null || nodes.includes(null)) return null;
  switch (step.kind) {
    case 'copyShard':
    case 'killCopyShard':
      if (!mayCopy(manual, { table, from: first, to: second, path }, step.kind)) return null;
      return { do: step.kind, from: first ?? '', to: second ?? '', table };
    case 'removeShard':
      return isMember(manual, { table, node: first, path }) ? { do: step.kind, node: first ?? '', table } : null;
    case 'updateData':
      if (!isNew(manual, { by: step.by, node: first, path })) return null;
      return { do: step.kind, node: first ?? '' };
    case 'removeData':
      return { do: step.kind, node: first ?? '' };
    case 'killRepair':
    case 'entropyRepair':
      return { do: step.kind, table };
    case 'entropyShow':
      return { do: step.kind };
  }
}

/** `n3`, `n3:8088`, or an address of a real cluster. */
function memberNamed({ nodes, list }: Drafting, name: string, path: Path): string | null {
  const id = nodeNamed(nodes, name) ?? nodeNamed(nodes, name.replace(/:\d+$/, ''));
  if (id === null && nodes.length > 0) addUnknownNode(list, nodes, { name: name.replace(/:\d+$/, ''), path });
  return id;
}

function shardNamed({ tables, list }: Drafting, number: number, path: Path): string | null {
  const found = tables.find(({ shard }) => shard?.number === number);
  if (found !== undefined) return found.id;
  const names = tables.map(({ shard }) => String(shard?.number));
  if (names.length > 0) addUnknown(list, path, { code: 'S131', kind: 'shard', name: String(number), names });
  return null;
}

function mayCopy(
  manual: Manual,
  { table, from, to, path }: { table: string; from: string | null; to: string | null; path: Path },
  kind: 'copyShard' | 'killCopyShard',
): boolean {
  if (from === to) {
    const message = 'source and destination are the same node';
    manual.drafting.list.add(path, { code: 'S226', message, expected: 'an owner of the shard, and another node' });
    return false;
  }
  // A copy makes its destination an owner.
  const owners = kind === 'copyShard' ? [from] : [from, to];
  return owners.every((node) => isMember(manual, { table, node, path }));
}

/** A machine that is none of the others: itself with another disk, or a new one. */
function isNew(
  { drafting: { nodes, list } }: Manual,
  { by, node, path }: { by: string; node: string | null; path: Path },
): boolean {
  const known = nodeNamed(nodes, by) ?? nodeNamed(nodes, by.replace(/:\d+$/, ''));
  if (known === null || known === node) return true;
  const message = `${known} is a data node of the cluster already: it takes no other’s place`;
  list.add(path, {
    code: 'S231',
    message,
    expected: 'the node itself, with a new disk, or a machine that is no member',
  });
  return false;
}

/** An owner at the start, or by a copy-shard of any time: whether it is one then is seen in the run. */
function isMember(
  { drafting, members }: Manual,
  { table, node, path }: { table: string; node: string | null; path: Path },
): boolean {
  const owners = members.get(table) ?? [];
  if (node !== null && owners.includes(node)) return true;
  const message = `${node ?? ''} does not own the shard, and no copy-shard makes it an owner`;
  drafting.list.add(path, { code: 'S226', message, expected: `owners of it: ${owners.join(', ')}` });
  return false;
}

function membersOf(drafting: Drafting, { readCtl }: PointRules): Map<string, string[]> {
  const { tables, nodes } = drafting;
  const members = new Map(tables.map(({ id, owners = [] }) => [id, [...owners]]));
  for (const { text } of typedCommands(drafting)) {
    const read = readCtl(text);
    if (!('step' in read) || read.step.kind !== 'copyShard') continue;
    const { to, shard: number } = read.step;
    const own = members.get(tables.find(({ shard }) => shard?.number === number)?.id ?? '');
    const node = nodeNamed(nodes, to) ?? nodeNamed(nodes, to.replace(/:\d+$/, ''));
    if (node !== null && own?.includes(node) === false) own.push(node);
  }
  return members;
}

/** All that operators type in the run; `isFirst`: when is known. */
function typedCommands({ scenario }: Drafting): { text: string; isFirst: boolean; of: Entry }[] {
  const { operations = {}, repairs = {} } = scenario;
  return [
    ...Object.entries(operations).flatMap(([id, operation]) =>
      operation.do === 'influxd-ctl' ? [{ text: operation.run, isFirst: true, of: ['operations', id] as const }] : [],
    ),
    ...Object.entries(repairs).flatMap(([id, repair]) =>
      repair.repair === 'manual'
        ? repair.steps.map((text, index) => ({ text, isFirst: index === 0, of: ['repairs', id] as const }))
        : [],
    ),
  ];
}

type Entry = readonly [list: 'operations' | 'repairs', id: string];

/** When groups end because somebody asked for it, µs. */
export function truncationsOf(drafting: Drafting, { readCtl, truncationRule }: PointRules): Truncation[] {
  const { scenario, times } = drafting;
  if (scenario.model?.off?.includes(truncationRule) === true) return [];
  return typedCommands(drafting).flatMap(({ text, isFirst, of: [list, id] }) => {
    const read = readCtl(text);
    const at = isFirst ? times.edge(list, id, 'start') : null;
    if (!('step' in read) || read.step.kind !== 'truncateShards' || at === null) return [];
    return [{ atMicros: at, untilMicros: at + read.step.delayMicros }];
  });
}
