/**
 * The repairs that an operator would consider at a moment, from the least work to the most. Each is written in the words of
 * the version, and one that its nodetool refuses is not offered. What they do is found by running them (advise.ts).
 */
import type { ScheduledRepair } from '../../scenario/dialect-rules.ts';
import type { Plan, PlanEntry, PlanRepairOptions } from '../../scenario/plan.ts';
import type { AdvisedCommand, NotOffered } from './advice.ts';
import { SHARD_CANDIDATE_IDS, shardCandidatesAt } from './shard-candidates.ts';
import type { Situation } from './situation.ts';

type RepairEntry = Extract<PlanEntry, { kind: 'repair' }>;

/** What the database's own tools say to a command. */
export interface CommandReader {
  /** The command of the version for what is asked for. */
  compose: (asked: Omit<ScheduledRepair, 'by'>) => { command: string } | { why: string };
  read: (command: string, node: string) => { options: PlanRepairOptions } | { why: string };
}

export interface Offered {
  id: string;
  about: string;
  commands: AdvisedCommand[];
  entries: PlanEntry[];
  /** Do the plan's own repairs go on? */
  keepsSchedule: boolean;
}

/** More commands than these nobody types. */
const RANGES_MAX = 4;
const MINUTE = 60_000_000;

interface Context {
  plan: Plan;
  situation: Situation;
  /** When the first command is typed. */
  beginsMicros: number;
  reader: CommandReader;
  hasSchedule: boolean;
}

interface Asked {
  kind: 'full' | 'incremental';
  parallelism: 'parallel' | 'sequential';
  nodes: readonly string[];
  /** Behind `nodetool repair`. */
  flags: readonly string[];
  atMicros: number;
  atOnce: boolean;
}

interface Kind {
  id: string;
  about: string;
  /** What it asks for; a text: why it makes no sense here; null: no command. */
  ask: (context: Context) => readonly Asked[] | Written[] | string | null;
}

/** A command as it stands, for one node. */
interface Written {
  command: string;
  node: string;
}

const KINDS: readonly Kind[] = [
  { id: 'nothing', about: 'no repair at all: hints, reads and newer writes alone', ask: () => null },
  {
    id: 'wait',
    about: 'what the plan has: its own repairs, when they are due',
    ask: ({ hasSchedule }) => (hasSchedule ? null : 'the plan has no repair ahead'),
  },
  onAmiss('nodes', 'the nodes whose copies differ'),
  onAmiss('nodes-sequential', 'the same, one replica after the other', { parallelism: 'sequential' }),
  onAmiss('nodes-local', 'the same within their data centre', { flags: ['-local'] }),
  {
    id: 'nodes-after-hints',
    about: 'the same when hints have brought what they can',
    ask: (context) => {
      const { situation, beginsMicros } = context;
      if (situation.hintPendingCopies === 0) return 'no hint waits';
      if (situation.hintsDoneMicros === null) return 'the hints do not arrive';
      const waits = Math.max(0, situation.hintsDoneMicros - beginsMicros);
      if (waits === 0) return 'they have arrived when somebody types: it is what "nodes" does';
      const atMicros = beginsMicros + Math.ceil(waits / MINUTE) * MINUTE;
      return asked(context, { nodes: situation.nodes, atMicros });
    },
  },
  onAmiss('nodes-incremental', 'the nodes whose copies differ, what is not marked as repaired', {
    kind: 'incremental',
  }),
  { id: 'subrange', about: 'only the token ranges that differ', ask: subranges },
  onAll('incremental-pr', 'every node, its first ranges, what is not marked as repaired', {
    kind: 'incremental',
    flags: ['-pr'],
  }),
  onAll('full-pr', 'every node, the ranges of which it is the first replica', { flags: ['-pr'] }),
  onAll('full-pr-sequential', 'the same, one replica after the other', { flags: ['-pr'], parallelism: 'sequential' }),
  onAll('full-pr-optimised', 'the same as full-pr, each difference streamed once', { flags: ['-pr', '-os'] }),
  onAll('full-pr-at-once', 'the same as full-pr, all nodes at the same time', { flags: ['-pr'], atOnce: true }),
  onAll('full', 'every node, all its ranges', {}),
];

export const CANDIDATE_IDS: readonly string[] = KINDS.map(({ id }) => id);

/** Of a database whose data is in shards others than of one with a ring. */
export function candidateIdsOf(plan: Plan): readonly string[] {
  return plan.points === undefined ? CANDIDATE_IDS : SHARD_CANDIDATE_IDS;
}

export function candidatesAt(context: Context): { offered: Offered[]; notOffered: NotOffered[] } {
  if (context.plan.points !== undefined) return shardCandidatesAt(context);
  const offered: Offered[] = [];
  const notOffered: NotOffered[] = [];
  for (const kind of KINDS) {
    const made = offer(kind, context);
    if (typeof made === 'string') notOffered.push({ id: kind.id, why: made });
    else offered.push(made);
  }
  return { offered, notOffered };
}

function offer({ id, about, ask }: Kind, context: Context): Offered | string {
  const wanted = ask(context);
  if (typeof wanted === 'string') return wanted;
  const keepsSchedule = id !== 'nothing';
  if (wanted === null) return { id, about, commands: [], entries: [], keepsSchedule };
  const made = wanted.map((one) => ('command' in one ? written(one, context) : composed(one, context)));
  const refused = made.flat().find((one) => typeof one === 'string');
  if (refused !== undefined) return refused;
  const entries = made.flat().filter((one) => typeof one !== 'string');
  const numbered = entries.map((entry, index) => ({ ...entry, id: `advised.${index + 1}` }));
  return { id, about, commands: numbered.map(commandOf), entries: numbered, keepsSchedule };
}

function commandOf({ command, nodes, at_micros, one_after_another: inTurn }: RepairEntry): AdvisedCommand {
  return { command, nodes, at_micros, at_once: !inTurn };
}

function onAmiss(id: string, about: string, how: Partial<Asked> = {}): Kind {
  const isLocal = how.flags?.includes('-local') === true;
  return {
    id,
    about,
    ask: (context) => {
      const { plan, situation } = context;
      const down = situation.nodes.filter((node) => !situation.able.includes(node));
      if (down.length > 0) return `${down.join(', ')} does not run`;
      if (isLocal && plan.nodes.every(({ dc }) => dc === plan.nodes[0].dc)) return 'there is one data centre';
      return asked(context, { nodes: situation.nodes, ...how });
    },
  };
}

function onAll(id: string, about: string, how: Partial<Asked>): Kind {
  return {
    id,
    about,
    ask: (context) => {
      const { nodes, able } = context.situation;
      const isNodes = how.flags === undefined && able.every((node) => nodes.includes(node));
      return isNodes
        ? 'all nodes have copies that differ: it is what "nodes" does'
        : asked(context, { nodes: able, ...how });
    },
  };
}

function asked({ beginsMicros }: Context, how: Partial<Asked>): Asked[] {
  return [
    { kind: 'full', parallelism: 'parallel', nodes: [], flags: [], atMicros: beginsMicros, atOnce: false, ...how },
  ];
}

/** One entry a keyspace that is amiss. */
function composed(
  { kind, parallelism, nodes, flags, atMicros, atOnce }: Asked,
  context: Context,
): (RepairEntry | string)[] {
  const { plan, situation, reader } = context;
  const keyspaces = new Set(
    plan.tables.filter(({ id }) => situation.tables.includes(id)).map((table) => table.keyspace),
  );
  return [...keyspaces].map((keyspace) => {
    const all = plan.tables.filter((table) => table.keyspace === keyspace);
    const own = all.filter(({ id }) => situation.tables.includes(id));
    const tables = own.length === all.length ? [] : own.map(({ name }) => name);
    const made = reader.compose({ keyspace, tables, kind, parallelism });
    if ('why' in made) return made.why;
    const command = made.command.replace(/ repair\b/, [' repair', ...flags].join(' '));
    return entryOf({ command, nodes, atMicros, atOnce }, reader);
  });
}

function written({ command, node }: Written, { beginsMicros, reader }: Context): (RepairEntry | string)[] {
  return [entryOf({ command, nodes: [node], atMicros: beginsMicros, atOnce: false }, reader)];
}

function subranges({ plan, situation: { ranges, able }, reader }: Context): Written[] | string {
  if (ranges === null) return 'placement changes in this run';
  if (ranges.length > RANGES_MAX) return `copies differ in ${ranges.length} ranges, more than ${RANGES_MAX}`;
  const found = ranges.map(({ table, start, end, replicas }): Written | string => {
    const node = replicas.find((id) => able.includes(id));
    const { keyspace, name } = plan.tables.find(({ id }) => id === table) ?? plan.tables[0];
    if (node === undefined) return `no replica of the range after ${start} runs`;
    const made = reader.compose({ keyspace, tables: [name], kind: 'full', parallelism: 'parallel' });
    if ('why' in made) return made.why;
    return { node, command: made.command.replace(/ repair\b/, ` repair -st ${start} -et ${end}`) };
  });
  return found.find((one) => typeof one === 'string') ?? found.filter((one) => typeof one !== 'string');
}

function entryOf(
  {
    command,
    nodes,
    atMicros,
    atOnce,
  }: { command: string; nodes: readonly string[]; atMicros: number; atOnce: boolean },
  reader: CommandReader,
): RepairEntry | string {
  const read = nodes.map((node) => reader.read(command, node));
  const refused = read.find((one) => 'why' in one);
  if (refused !== undefined) return refused.why;
  const options = read.flatMap((one) => ('options' in one ? [one.options] : []))[0];
  if (options === undefined) return 'no node can run it';
  return {
    id: 'advised',
    kind: 'repair',
    nodes: [...nodes],
    one_after_another: !atOnce,
    at_micros: atMicros,
    every_micros: null,
    options,
    command,
  };
}
