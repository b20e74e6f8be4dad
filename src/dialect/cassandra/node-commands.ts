/**
 * The nodetool commands by which an operator changes how a running node behaves: their versions, arguments and units
 * (cassandra.e20 and the settings that they change), and which setting is changed by which of them. The words have been
 * split already (operation-command.ts). Source: tools/nodetool/* and tools/NodeTool of 2.1, 3.11, 4.0 and 4.1.
 */
import type { OperationContext, PlacelessMistake, TextPart } from '../../scenario/dialect-rules.ts';
import type { PlanOperation } from '../../scenario/plan.ts';
import { isAtLeast, versionOf } from './versions.ts';
import type { CassandraLine } from './versions.ts';

export interface Word {
  text: string;
  part: TextPart;
}

/** What the words after a command mean. */
export type NodeCommandResult = PlanOperation | { mistakes: PlacelessMistake[] };

interface NodeCommand {
  since: CassandraLine;
  /** How it is typed, for mistakes. */
  usage: string;
  read: (args: readonly Word[], context: OperationContext) => NodeCommandResult;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const MEGABIT = 125_000;
const MILLISECOND = 1000;

/** A command whose one argument is a number in the unit that a setting is changed by. */
function setter(since: CassandraLine, name: string, setting: string, scale: number): [string, NodeCommand] {
  const read: NodeCommand['read'] = ([word, ...more]) => {
    if (word !== undefined && more.length === 0 && /^\d{1,12}$/.test(word.text))
      return { kind: 'changeSettings', settings: { [setting]: Number(word.text) * scale }, dc_hints: null };
    return wrong(more[0] ?? word, `nodetool ${name} needs one whole number`, 'a whole number');
  };
  return [name, { since, usage: `${name} <value>`, read }];
}

/** A command without arguments. */
function plain(name: string, operation: () => PlanOperation): [string, NodeCommand] {
  const read: NodeCommand['read'] = ([word]) =>
    word === undefined ? operation() : wrong(word, `nodetool ${name} takes no arguments`, 'nothing more');
  return [name, { since: '2.0', usage: name, read }];
}

function handoff(enabled: boolean): () => PlanOperation {
  return () => ({ kind: 'changeSettings', settings: { hinted_handoff_enabled: enabled }, dc_hints: null });
}

function hintsForDc(name: string, stored: boolean): [string, NodeCommand] {
  const read: NodeCommand['read'] = ([word, ...more], { dcs = [] }) => {
    if (word === undefined || more.length > 0)
      return wrong(more[0], `nodetool ${name} needs one data centre`, dcs.join(' | '));
    if (!dcs.includes(word.text)) return wrong(word, `there is no data centre ${word.text}`, dcs.join(' | '));
    return { kind: 'changeSettings', settings: {}, dc_hints: { dc: word.text, stored } };
  };
  return [name, { since: '3.0', usage: `${name} <datacenter>`, read }];
}

const COMMANDS: ReadonlyMap<string, NodeCommand> = new Map([
  plain('pausehandoff', () => ({ kind: 'pauseHandoff' })),
  plain('resumehandoff', () => ({ kind: 'resumeHandoff' })),
  plain('disablehandoff', handoff(false)),
  plain('enablehandoff', handoff(true)),
  hintsForDc('disablehintsfordc', false),
  hintsForDc('enablehintsfordc', true),
  setter('2.0', 'sethintedhandoffthrottlekb', 'hinted_handoff_throttle', KIB),
  setter('4.0', 'setmaxhintwindow', 'max_hint_window', MILLISECOND),
  setter('2.0', 'setcompactionthroughput', 'compaction_throughput', MIB),
  setter('2.0', 'setstreamthroughput', 'stream_throughput_outbound', MEGABIT),
  setter('3.0', 'setinterdcstreamthroughput', 'inter_dc_stream_throughput_outbound', MEGABIT),
  ['truncatehints', { since: '2.0', usage: 'truncatehints [node …]', read: readTargets }],
]);

export const NODE_COMMANDS: readonly string[] = [...COMMANDS.keys()];

/** Null where there is no such command here. */
export function readNodeCommand(
  command: Word,
  args: readonly Word[],
  context: OperationContext,
): NodeCommandResult | null {
  const known = COMMANDS.get(command.text);
  if (known === undefined) return null;
  const line = versionOf(context.database)?.line;
  if (line !== undefined && !isAtLeast(line, known.since))
    return wrong(command, `nodetool of ${line} has no ${command.text}`, `a version from ${known.since} on`);
  return known.read(args, context);
}

function readTargets(args: readonly Word[], { nodes = [] }: OperationContext): NodeCommandResult {
  const named = args.map(({ text }) => nodes.find(({ id, address }) => id === text || address === text)?.id);
  const unknown = args.find((_, index) => named[index] === undefined);
  if (unknown !== undefined)
    return wrong(unknown, `there is no node ${unknown.text}`, nodes.map(({ id }) => id).join(' | '));
  return { kind: 'truncateHints', targets: named.filter((id) => id !== undefined) };
}

function wrong(word: Word | undefined, message: string, expected: string): { mistakes: PlacelessMistake[] } {
  const place = word === undefined ? {} : { found: word.text, within: word.part };
  return { mistakes: [{ code: 'D232', message, expected, ...place }] };
}

/** By what a setting is changed while the node runs. */
const SETTERS: Readonly<Record<string, { by: string; since: CassandraLine; else?: string }>> = {
  hinted_handoff_enabled: { by: 'nodetool disablehandoff | enablehandoff', since: '2.0' },
  hinted_handoff_disabled_datacenters: { by: 'nodetool disablehintsfordc | enablehintsfordc', since: '3.0' },
  hinted_handoff_throttle: { by: 'nodetool sethintedhandoffthrottlekb', since: '2.0' },
  max_hint_window: { by: 'nodetool setmaxhintwindow', since: '4.0', else: 'JMX StorageProxy.MaxHintWindow' },
  compaction_throughput: { by: 'nodetool setcompactionthroughput', since: '2.0' },
  stream_throughput_outbound: { by: 'nodetool setstreamthroughput', since: '2.0' },
  inter_dc_stream_throughput_outbound: { by: 'nodetool setinterdcstreamthroughput', since: '3.0' },
};

/** Null where nothing does: cassandra.yaml and a restart, or not modelled. */
export function settingCommand(database: string, setting: string): string | null {
  const line = versionOf(database)?.line;
  const setter = Object.hasOwn(SETTERS, setting) ? SETTERS[setting] : undefined;
  if (line === undefined || setter === undefined) return null;
  return isAtLeast(line, setter.since) ? setter.by : (setter.else ?? null);
}

export const CHANGEABLE_SETTINGS: readonly string[] = Object.keys(SETTERS);
