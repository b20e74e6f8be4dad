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

export function draftManualEntries(drafting: Drafting, rules: PointRules): PlanEntry[] {
  const { operations = {}, repairs = {} } = drafting.scenario;
  return [
    ...Object.entries(operations).flatMap(([id, operation]) => {
      if (operation.do !== 'influxd-ctl') return [];
      const at = drafting.times.edge('operations', id, 'start');
      if (at !== null) lateWarning(drafting, id, at);
      const typed = [{ text: operation.run, path: ['operations', id, 'run'] }];
      const nodes =
        operation.node === undefined ? firstNode(drafting) : requireTargets(drafting, operation, ['operations', id]);
      return entryOf(drafting, rules, { id: `operations.${id}`, at, nodes, typed });
    }),
    ...Object.entries(repairs).flatMap(([id, repair]) => {
      if (repair.repair !== 'manual') return [];
      const at = repairTimes(drafting, id, repair)?.at_micros ?? null;
      const typed = repair.steps.map((text, index) => ({ text, path: ['repairs', id, 'steps', index] }));
      const nodes = repair.node === undefined ? firstNode(drafting) : requireTargets(drafting, repair, ['repairs', id]);
      return entryOf(drafting, rules, { id: `repairs.${id}`, at, nodes, typed });
    }),
  ];
}

/** influxd-ctl runs anywhere. */
function firstNode({ nodes }: Drafting): string[] {
  return nodes.slice(0, 1).map(({ id }) => id);
}

function entryOf(
  drafting: Drafting,
  rules: PointRules,
  { id, at, nodes, typed }: { id: string; at: number | null; nodes: string[]; typed: readonly Typed[] },
): PlanEntry[] {
  const steps = typed.map((each, index) => stepOf(drafting, rules, each, index === 0));
  const sound = steps.filter((step) => step !== null);
  if (at === null || nodes.length === 0 || sound.length < steps.length) return [];
  const command = `influxd-ctl ${typed.map(({ text }) => text.replace(/^influxd-ctl\s+/, '')).join(', ')}`;
  return [{ id, at_micros: at, kind: 'repairByHand', nodes, steps: sound, command }];
}

function stepOf(drafting: Drafting, rules: PointRules, { text, path }: Typed, isFirst: boolean): PlanShardStep | null {
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
  return resolved(drafting, step, path);
}

/** With nodes and shards that there are; null after a mistake. */
function resolved(drafting: Drafting, step: CtlStep, path: Path): PlanShardStep | null {
  if (step.kind === 'truncateShards') return { do: 'truncateShards', delay_micros: step.delayMicros };
  const table = 'shard' in step ? shardNamed(drafting, step.shard, path) : '';
  const names = 'from' in step ? [step.from, step.to] : 'node' in step ? [step.node] : [];
  const nodes = names.map((name) => memberNamed(drafting, name, path));
  const [first, second] = nodes;
  if (table === null || nodes.includes(null)) return null;
  switch (step.kind) {
    case 'copyShard':
    case 'killCopyShard':
      if (!areOwners(drafting, { table, nodes: [first, second], path })) return null;
      return { do: step.kind, from: first ?? '', to: second ?? '', table };
    case 'removeShard':
      return areOwners(drafting, { table, nodes: [first], path }) ? { do: step.kind, node: first ?? '', table } : null;
    case 'updateData':
    case 'removeData':
      return { do: step.kind, node: first ?? '' };
    case 'killRepair':
      return { do: step.kind, table };
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

function areOwners(
  { tables, list }: Drafting,
  { table, nodes, path }: { table: string; nodes: readonly (string | null | undefined)[]; path: Path },
): boolean {
  const owners = tables.find(({ id }) => id === table)?.owners ?? [];
  const other = nodes.find((node) => !owners.includes(node ?? ''));
  if (nodes[0] !== undefined && nodes[0] === nodes[1]) {
    list.add(path, {
      code: 'S226',
      message: 'source and destination are the same node',
      expected: 'two owners of the shard',
    });
    return false;
  }
  if (other === undefined) return true;
  const message = `${other ?? ''} does not own the shard; a new owner is not in this version of Reconverge`;
  list.add(path, { code: 'S226', message, expected: `owners of it: ${owners.join(', ')}` });
  return false;
}

/** When groups end because somebody asked for it, µs. */
export function truncationsOf({ scenario, times }: Drafting, { readCtl }: PointRules): Truncation[] {
  const { operations = {}, repairs = {} } = scenario;
  const isOff = (rule: string): boolean => scenario.model?.off?.includes(rule) === true;
  if (isOff('influxdb.7-truncate')) return [];
  const asked = [
    ...Object.entries(operations).flatMap(([id, operation]) =>
      operation.do === 'influxd-ctl' ? [{ text: operation.run, at: times.edge('operations', id, 'start') }] : [],
    ),
    ...Object.entries(repairs).flatMap(([id, repair]) =>
      repair.repair === 'manual' ? [{ text: repair.steps[0] ?? '', at: times.edge('repairs', id, 'start') }] : [],
    ),
  ];
  return asked.flatMap(({ text, at }) => {
    const read = readCtl(text);
    if (!('step' in read) || read.step.kind !== 'truncateShards' || at === null) return [];
    return [{ atMicros: at, untilMicros: at + read.step.delayMicros }];
  });
}
