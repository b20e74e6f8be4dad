/**
 * Reads the nodetool commands, other than repair, that an operator may run: `compact [-s] [keyspace [tables]]` and
 * `flush [keyspace [tables]]`, with or without `nodetool` before them.
 */
import { nearestName } from '../../base/nearest.ts';
import type { OperationContext, OperationResult, PlacelessMistake } from '../../scenario/dialect-rules.ts';
import { wordsOf } from './command-words.ts';

const COMMANDS = ['compact', 'flush'] as const;
type Command = (typeof COMMANDS)[number];

const FLAGS: Readonly<Record<Command, readonly string[]>> = { compact: ['-s', '--split-output'], flush: [] };
/** Flags that nodetool has and this version of the model does not. */
const NOT_MODELLED: Readonly<Record<Command, readonly string[]>> = {
  compact: ['-st', '--start-token', '-et', '--end-token', '--user-defined', '--partition'],
  flush: [],
};

export function readOperation(text: string, context: OperationContext): OperationResult {
  const split = wordsOf(text);
  if ('problem' in split)
    return refused({ code: 'D201', message: `not a command: ${split.problem} is missing`, found: split.found });
  const words = split.words[0] === 'nodetool' ? split.words.slice(1) : split.words;
  const command = COMMANDS.find((name) => name === words[0]);
  if (command === undefined) {
    const nearest = nearestName(words[0] ?? '', COMMANDS);
    return refused({
      code: 'D143',
      message: `nodetool ${words[0] ?? ''} is not an operation of this version of Reconverge`,
      expected: COMMANDS.map((name) => `nodetool ${name} [keyspace [tables]]`).join(' | '),
      ...(nearest === null ? {} : { suggestion: nearest }),
    });
  }
  const flags = words.slice(1).filter((word) => word.startsWith('-'));
  const unknown = flags.find((flag) => !FLAGS[command].includes(flag));
  if (unknown !== undefined)
    return refused({
      code: 'D143',
      message: NOT_MODELLED[command].includes(unknown)
        ? `nodetool ${command} ${unknown} is not in this version of Reconverge`
        : `nodetool ${command} has no flag ${unknown}`,
      expected: FLAGS[command].join(' | ') || 'no flag',
      found: unknown,
    });
  const tables = namedTables(
    words.slice(1).filter((word) => !word.startsWith('-')),
    context,
  );
  if ('mistake' in tables) return refused(tables.mistake);
  if (command === 'flush') return { operation: { kind: 'flushTables', tables: tables.ids } };
  return { operation: { kind: 'compactTables', tables: tables.ids, split_output: flags.length > 0 } };
}

function refused(mistake: PlacelessMistake): OperationResult {
  return { mistakes: [mistake] };
}

function namedTables(
  [keyspace, ...names]: readonly string[],
  { tables }: OperationContext,
): { ids: string[] } | { mistake: PlacelessMistake } {
  if (keyspace === undefined) return { ids: tables.map(({ id }) => id) };
  const inKeyspace = tables.filter((table) => table.keyspace === keyspace);
  const keyspaces = [...new Set(tables.map((table) => table.keyspace))];
  if (inKeyspace.length === 0)
    return {
      mistake: {
        code: 'D208',
        message: `Keyspace [${keyspace}] does not exist.`,
        expected: keyspaces.join(' | '),
        found: keyspace,
      },
    };
  const unknown = names.find((name) => !inKeyspace.some((table) => table.name === name));
  if (unknown !== undefined)
    return {
      mistake: {
        code: 'D209',
        message: `Unknown keyspace/cf pair (${keyspace}.${unknown})`,
        expected: inKeyspace.map(({ name }) => name).join(' | '),
        found: unknown,
      },
    };
  return { ids: inKeyspace.filter(({ name }) => names.length === 0 || names.includes(name)).map(({ id }) => id) };
}
