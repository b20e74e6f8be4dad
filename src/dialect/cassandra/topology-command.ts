/**
 * Reads the nodetool commands that change who replicates what: `decommission [-f]`, `removenode <node>` and `assassinate
 * <node>`. Nodes are named as in the scenario, by id or address, since host ids are drawn by the database.
 */
import type { OperationResult, PlacelessMistake } from '../../scenario/dialect-rules.ts';
import type { Word } from './node-commands.ts';
import { isAtLeast, versionOf } from './versions.ts';

export const TOPOLOGY_COMMANDS = ['decommission', 'removenode', 'assassinate'] as const;
type Command = (typeof TOPOLOGY_COMMANDS)[number];

export function isTopologyCommand(word: string | undefined): word is Command {
  return TOPOLOGY_COMMANDS.some((command) => command === word);
}

/** `others`: what stands after the command. */
export function readTopologyCommand(command: Command, others: readonly Word[], database: string): OperationResult {
  const mayForce = isAtLeast(versionOf(database)?.line ?? '4.1', '4.0');
  const flags = command === 'decommission' && mayForce ? ['-f', '--force'] : [];
  const names = others.filter(({ text }) => !text.startsWith('-'));
  const mistakes = others
    .filter(({ text }) => text.startsWith('-') && !flags.includes(text))
    .map((word) => refusedFlag(command, flags, word));
  const wanted = command === 'decommission' ? 0 : 1;
  if (names.length !== wanted) mistakes.push(wrongCount(command, names));
  if (mistakes.length > 0) return { mistakes };
  if (command === 'decommission') return { topology: { kind: 'decommissionNode' } };
  return { topology: { kind: 'removeNode', name: names[0].text, assassinate: command === 'assassinate' } };
}

function refusedFlag(command: Command, flags: readonly string[], { text, part }: Word): PlacelessMistake {
  return {
    code: 'D143',
    message: `nodetool ${command} has no flag ${text} here`,
    expected: flags.join(' | ') || 'no flag',
    found: text,
    within: part,
  };
}

function wrongCount(command: Command, names: readonly Word[]): PlacelessMistake {
  const expected = command === 'decommission' ? 'nodetool decommission' : `nodetool ${command} and one node`;
  const extra = names[command === 'decommission' ? 0 : 1];
  return {
    code: 'D143',
    message: `nodetool ${command} names ${names.length} nodes`,
    expected,
    ...(extra === undefined ? {} : { found: extra.text, within: extra.part }),
  };
}
