/**
 * Reads the nodetool commands, other than repair, that an operator may run, with or without `nodetool` and its connection
 * options before them: `compact [-s] [keyspace [tables]]`, `flush`, `disableautocompaction` and `enableautocompaction`, and
 * those that change how a node behaves (node-commands.ts). Says all that is wrong.
 */
import { nearestName } from '../../base/nearest.ts';
import type { OperationContext, OperationResult, PlacelessMistake } from '../../scenario/dialect-rules.ts';
import { commandWordOf, wordsOf } from './command-words.ts';
import { NODE_COMMANDS, readNodeCommand } from './node-commands.ts';
import type { Word } from './node-commands.ts';
import { isTopologyCommand, readTopologyCommand, TOPOLOGY_COMMANDS } from './topology-command.ts';

const COMMANDS = ['compact', 'flush', 'disableautocompaction', 'enableautocompaction'] as const;
type Command = (typeof COMMANDS)[number];

const FLAGS: Readonly<Record<Command, readonly string[]>> = {
  compact: ['-s', '--split-output'],
  flush: [],
  disableautocompaction: [],
  enableautocompaction: [],
};
/** Flags that nodetool has and this version of the model does not. */
const NOT_MODELLED: Readonly<Record<Command, readonly string[]>> = {
  compact: ['-st', '--start-token', '-et', '--end-token', '--user-defined', '--partition'],
  flush: [],
  disableautocompaction: [],
  enableautocompaction: [],
};

export function readOperation(text: string, context: OperationContext): OperationResult {
  const split = wordsOf(text);
  if ('problem' in split) {
    const { problem, found, part } = split;
    return { mistakes: [{ code: 'D201', message: 'not a nodetool command', expected: problem, found, within: part }] };
  }
  // An unknown option of nodetool stands where its command should.
  const named = commandWordOf(split.words);
  const first = named >= 0 ? named : split.words[0] === 'nodetool' ? 1 : 0;
  const [word, ...others] = split.words
    .map((each, index): Word => ({ text: each, part: split.parts[index] }))
    .slice(first);
  if (isTopologyCommand(word?.text)) return readTopologyCommand(word.text, others, context.database);
  const changed = word === undefined ? null : readNodeCommand(word, others, context);
  if (changed !== null) return 'mistakes' in changed ? changed : { operation: changed };
  const command = COMMANDS.find((name) => name === word?.text);
  if (command === undefined) return { mistakes: [unknownCommand(word)] };
  const flags = others.filter((each) => each.text.startsWith('-'));
  const tables = namedTables(
    others.filter((each) => !each.text.startsWith('-')),
    context,
  );
  // What stands behind a flag that is not modelled may be its value.
  const isSure = !flags.some(({ text: flag }) => NOT_MODELLED[command].includes(flag));
  const mistakes = [...flags.flatMap((flag) => refusedFlag(command, flag)), ...(isSure ? tables.mistakes : [])];
  if (mistakes.length > 0) return { mistakes };
  if (command === 'flush') return { operation: { kind: 'flushTables', tables: tables.ids } };
  if (command !== 'compact')
    return { operation: { kind: 'switchCompaction', tables: tables.ids, enabled: command === 'enableautocompaction' } };
  return { operation: { kind: 'compactTables', tables: tables.ids, split_output: flags.length > 0 } };
}

function unknownCommand(word: Word | undefined): PlacelessMistake {
  const known = [...COMMANDS, ...NODE_COMMANDS, ...TOPOLOGY_COMMANDS];
  const expected = `nodetool ${known.join(' | ')}`;
  if (word === undefined) return { code: 'D143', message: 'a command is missing', expected };
  const nearest =
    word.text === 'repair' ? 'an entry of repairs, { repair: nodetool, … }' : nearestName(word.text, known);
  return {
    code: 'D143',
    message: `nodetool ${word.text} is not an operation of this version of Reconverge`,
    expected,
    found: word.text,
    within: word.part,
    ...(nearest === null ? {} : { suggestion: nearest }),
  };
}

function refusedFlag(command: Command, { text, part }: Word): PlacelessMistake[] {
  if (FLAGS[command].includes(text)) return [];
  const isKnown = NOT_MODELLED[command].includes(text);
  return [
    {
      code: 'D143',
      message: isKnown
        ? `nodetool ${command} ${text} is not in this version of Reconverge`
        : `nodetool ${command} has no flag ${text}`,
      expected: FLAGS[command].join(' | ') || 'no flag',
      found: text,
      within: part,
    },
  ];
}

function namedTables(
  [keyspace, ...names]: readonly Word[],
  { tables }: OperationContext,
): { ids: string[]; mistakes: PlacelessMistake[] } {
  if (keyspace === undefined) return { ids: tables.map(({ id }) => id), mistakes: [] };
  const inKeyspace = tables.filter((table) => table.keyspace === keyspace.text);
  if (inKeyspace.length === 0) {
    const message = `Keyspace [${keyspace.text}] does not exist.`;
    const expected = [...new Set(tables.map((table) => table.keyspace))].join(' | ');
    return { ids: [], mistakes: [{ code: 'D208', message, expected, found: keyspace.text, within: keyspace.part }] };
  }
  const mistakes = names
    .filter(({ text }) => !inKeyspace.some((table) => table.name === text))
    .map(({ text, part }): PlacelessMistake => {
      const message = `Unknown keyspace/cf pair (${keyspace.text}.${text})`;
      return {
        code: 'D209',
        message,
        expected: inKeyspace.map(({ name }) => name).join(' | '),
        found: text,
        within: part,
      };
    });
  const wanted = inKeyspace.filter(({ name }) => names.length === 0 || names.some(({ text }) => text === name));
  return { ids: wanted.map(({ id }) => id), mistakes };
}
