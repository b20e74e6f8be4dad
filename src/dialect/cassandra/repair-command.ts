/**
 * Reads `nodetool repair …` as an operator types it: words, flags, keyspace and tables, then the rules of which flags go
 * together (table d of the reference; the texts are nodetool's and RepairOption's own). Not responsible for what a
 * repair does, nor for whether a token range is a local one, which needs the ring (`token-range.ts`).
 */
import type { PlacelessMistake, RepairCommandContext } from '../../scenario/dialect-rules.ts';
import type { PlanRepairOptions } from '../../scenario/plan.ts';
import { nearestName } from '../../base/nearest.ts';
import { wordsOf } from './command-words.ts';
import type { Words } from './command-words.ts';
import { CONNECTION_FLAGS } from './repair-flags.ts';
import { refuseTogether } from './repair-refusals.ts';
import { readFlags } from './repair-words.ts';
import type { CommandMistake, Given } from './repair-words.ts';
import { readTokenOptions } from './token-range.ts';
import { versionOf } from './versions.ts';
import type { CassandraVersion } from './versions.ts';

type SplitCommand = Extract<Words, { words: string[] }>;

export type RepairCommandResult =
  { options: PlanRepairOptions; assumptions: string[] } | { mistakes: PlacelessMistake[] };

/** The options of a repair, or everything that is wrong with the command. */
export function readRepairCommand(command: string, context: RepairCommandContext): RepairCommandResult {
  const version = versionOf(context.database);
  if (version === null) return { mistakes: [{ code: 'D110', message: `there is no database ${context.database}` }] };
  const split = wordsOf(command);
  if ('problem' in split) {
    const { problem, found, part } = split;
    return { mistakes: [{ ...notACommand(command, problem, found), within: part }] };
  }
  const start = repairWordOf(split.words);
  if (start < 0)
    return {
      mistakes: [
        notACommand(command, 'nodetool repair [flags] [keyspace [tables]]', split.words[0] ?? 'an empty command'),
      ],
    };
  const given = readFlags(split.words.slice(start + 1));
  refuseTogether(given, version);
  checkSupport(given, version);
  const { startToken, endToken } = readTokens(given);
  const { keyspace, tables } = readNames(given, context);
  if (given.mistakes.length > 0)
    return { mistakes: given.mistakes.map((mistake) => placed(mistake, split, start + 1)) };
  const ranged = startToken !== null;
  if (ranged && given.flags.has('primaryRange')) given.assumptions.push('-st and -et override -pr, as in nodetool');
  const options = {
    keyspace,
    tables,
    strategy: strategyOf(given, version),
    primary_range: given.flags.has('primaryRange') && !ranged,
    start_token: startToken,
    end_token: endToken,
  };
  return { options, assumptions: given.assumptions };
}

function strategyOf(given: Given, version: CassandraVersion): string {
  const kind = isFull(given, version) ? 'full' : 'incremental';
  const isSequential = given.flags.has('sequential') || isSequentialByDefault(given, version);
  return `${kind}-${isSequential ? 'sequential' : 'parallel'}`;
}

function isFull(given: Given, { repair }: CassandraVersion): boolean {
  return given.flags.has('full') || (repair.kind === 'full' && !given.flags.has('incremental'));
}

/** Points at the word that the mistake is about, among those behind `repair`. */
function placed({ about, ...mistake }: CommandMistake, { words, parts }: SplitCommand, from: number): PlacelessMistake {
  const wanted = about ?? mistake.found;
  const isWanted = (word: string): boolean =>
    word === wanted || word.startsWith(`${wanted}=`) || (word.startsWith('-') && word.endsWith(`=${wanted}`));
  const index = words.findIndex((word, at) => at >= from && isWanted(word));
  return index < 0 ? mistake : { ...mistake, within: parts[index] };
}

function isSequentialByDefault(given: Given, version: CassandraVersion): boolean {
  return version.repair.parallelism === 'sequential' && !given.flags.has('parallel');
}

function notACommand(command: string, expected: string, found: string): PlacelessMistake {
  return {
    code: 'D201',
    message: 'not a nodetool repair command',
    expected,
    found,
    notes: [`the command is: ${command}`],
  };
}

/** Index of the word `repair` after `nodetool` and its connection options; -1 where there is none. */
function repairWordOf(words: readonly string[]): number {
  let index = words[0] === 'sudo' ? 1 : 0;
  if (!/(?:^|\/)nodetool$/.test(words[index] ?? '')) return -1;
  index += 1;
  while (index < words.length && words[index].startsWith('-')) {
    const word = words[index].split('=')[0];
    const flag = CONNECTION_FLAGS.find(({ names }) => names.includes(word));
    if (flag === undefined) return -1;
    index += flag.takesValue && !words[index].includes('=') ? 2 : 1;
  }
  return words[index] === 'repair' ? index : -1;
}

function checkSupport(given: Given, { line, repair }: CassandraVersion): void {
  const isIncremental = repair.kind === 'incremental';
  for (const { flag, name } of given.flags.values()) {
    if (flag.support === 'later')
      given.mistakes.push({
        code: 'D204',
        message: `${name} is not in this version of Reconverge`,
        found: `${name} (${flag.note})`,
        about: name,
      });
    if (flag.support === 'harmless') given.assumptions.push(`${name} is read and changes nothing: ${flag.note}`);
    if (flag.support === 'gone' && isIncremental)
      given.mistakes.push({
        code: 'D205',
        message: `nodetool of cassandra ${line} has no ${name} and would take it for a keyspace`,
        found: name,
        about: name,
        suggestion: flag.note,
      });
  }
}

function readTokens(given: Given): { startToken: string | null; endToken: string | null } {
  const start = given.flags.get('startToken')?.values.at(-1) ?? null;
  const end = given.flags.get('endToken')?.values.at(-1) ?? null;
  if (start === null && end === null) return { startToken: null, endToken: null };
  const { mistakes, startToken, endToken } = readTokenOptions(start, end);
  // The one that is missing is said at the other.
  const other = given.flags.get(start === null ? 'endToken' : 'startToken')?.name ?? '';
  given.mistakes.push(...mistakes.map((mistake) => (mistake.code === 'D203' ? { ...mistake, about: other } : mistake)));
  return { startToken, endToken };
}

function readNames(given: Given, context: RepairCommandContext): Pick<PlanRepairOptions, 'keyspace' | 'tables'> {
  const keyspaces = [...new Set(context.tables.map((table) => table.keyspace))];
  const keyspace = given.names.length === 0 ? onlyKeyspace(given, keyspaces) : given.names[0];
  if (keyspace === null) return { keyspace: '', tables: [] };
  const inKeyspace = context.tables.filter((table) => table.keyspace === keyspace);
  if (inKeyspace.length === 0) {
    given.mistakes.push(unknownKeyspace(keyspace, keyspaces, context));
    return { keyspace, tables: [] };
  }
  const named = [...new Set(given.names.slice(1))];
  const tables = named.flatMap((name) => {
    const table = inKeyspace.find((candidate) => candidate.name === name);
    if (table === undefined)
      given.mistakes.push(
        unknownTable(
          name,
          keyspace,
          inKeyspace.map((candidate) => candidate.name),
        ),
      );
    return table === undefined ? [] : [table.id];
  });
  return { keyspace, tables: named.length === 0 ? inKeyspace.map((table) => table.id) : tables };
}

function onlyKeyspace(given: Given, keyspaces: readonly string[]): string | null {
  if (keyspaces.length === 1) {
    given.assumptions.push(`no keyspace was named: the only one, ${keyspaces[0]}, is repaired`);
    return keyspaces[0];
  }
  given.mistakes.push({
    code: 'D211',
    message: 'a repair of all keyspaces one after the other is not in this version of Reconverge',
    expected: `nodetool repair … KEYSPACE, one of ${keyspaces.join(', ')}`,
    found: `no keyspace, and there are ${keyspaces.length}`,
    suggestion: 'name a keyspace, and add a repair for each further one',
  });
  return null;
}

function unknownKeyspace(
  keyspace: string,
  keyspaces: readonly string[],
  context: RepairCommandContext,
): PlacelessMistake {
  const table = context.tables.find(({ id }) => id === keyspace);
  const nearest = nearestName(keyspace, keyspaces);
  const suggestion =
    table !== undefined ? `${table.keyspace} ${table.name} (nodetool takes keyspace and table as two words)` : nearest;
  return {
    code: 'D208',
    message: `Keyspace [${keyspace}] does not exist.`,
    expected: keyspaces.join(' | '),
    found: keyspace,
    ...(suggestion === null ? {} : { suggestion }),
  };
}

function unknownTable(name: string, keyspace: string, tables: readonly string[]): PlacelessMistake {
  const nearest = nearestName(name, tables);
  return {
    code: 'D209',
    message: `Unknown keyspace/cf pair (${keyspace}.${name})`,
    expected: tables.join(' | '),
    found: name,
    ...(nearest === null ? {} : { suggestion: nearest }),
  };
}
