/**
 * Reads `nodetool repair …` as an operator types it: words, flags, keyspace and tables, then the rules of which flags go
 * together (table d of the reference; the texts are nodetool's and RepairOption's own). Not responsible for what a
 * repair does, nor for what needs the ring (`repair-limits.ts`).
 */
import type { PlacelessMistake, RepairCommandContext } from '../../scenario/dialect-rules.ts';
import type { PlanRepairOptions } from '../../scenario/plan.ts';
import { commandWordOf, wordsOf } from './command-words.ts';
import type { Words } from './command-words.ts';
import { isFlagOf } from './repair-flags.ts';
import type { FlagId } from './repair-flags.ts';
import { readHosts, refusePlacement, valuesOf } from './repair-limits.ts';
import { readNames } from './repair-names.ts';
import { refuseTogether } from './repair-refusals.ts';
import { readFlags } from './repair-words.ts';
import type { CommandMistake, Given } from './repair-words.ts';
import { readTokenOptions } from './token-range.ts';
import { isAtLeast, versionOf } from './versions.ts';
import type { CassandraLine, CassandraVersion } from './versions.ts';

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
  const given = readFlags(split.words.slice(start + 1), version.line);
  refuseTogether(given, version);
  checkSupport(given, version);
  const tokens = readTokens(given);
  const names = readNames(given, context);
  const named = readHosts(given, context);
  const hosts = wins(given, 'inDc', 'inHosts') ? [] : named;
  const options = { ...names, ...optionsOf(given, version), ...tokens, hosts };
  if (given.mistakes.length === 0) refusePlacement(given, options, { ...context, patch: version.patch });
  if (given.mistakes.length > 0)
    return { mistakes: given.mistakes.map((mistake) => placed(mistake, split, start + 1)) };
  noteOverrides(given);
  return { options, assumptions: given.assumptions };
}

type FlagOptions = Omit<
  PlanRepairOptions,
  'keyspace' | 'tables' | 'further_keyspaces' | 'start_token' | 'end_token' | 'hosts'
>;

function optionsOf(given: Given, version: CassandraVersion): FlagOptions {
  const has = (flag: FlagId): boolean => given.flags.has(flag);
  const isLocal = has('inLocalDc') && !wins(given, 'inDc', 'inLocalDc');
  const threads = jobThreadsOf(given);
  return {
    strategy: strategyOf(given, version),
    primary_range: has('primaryRange') && !has('startToken'),
    local_dc: isLocal,
    data_centers: isLocal ? [] : valuesOf(given, 'inDc'),
    force: has('force'),
    pull: has('pull'),
    optimise_streams: has('optimiseStreams') && !has('pull'),
    preview: previewOf(given, version),
    ignore_unreplicated: has('ignoreUnreplicated'),
    ...(threads > 1 ? { job_threads: threads } : {}),
  };
}

/** Of two flags the one that counts, where nodetool does not say so. */
const OVERRIDES: readonly { wins: FlagId; over: FlagId; since?: CassandraLine; until?: CassandraLine; text: string }[] =
  [
    { wins: 'startToken', over: 'primaryRange', text: '-st and -et override -pr' },
    { wins: 'inDc', over: 'inLocalDc', until: '2.1', text: '-dc overrides -local' },
    { wins: 'inLocalDc', over: 'inDc', since: '2.2', text: '-local overrides -dc' },
    { wins: 'inDc', over: 'inHosts', until: '3.0', text: '-dc overrides -hosts' },
    { wins: 'sequential', over: 'dcParallel', text: '-seq overrides -dcpar' },
    { wins: 'validate', over: 'preview', text: '--validate overrides --preview' },
    { wins: 'pull', over: 'optimiseStreams', text: '-pl overrides -os' },
  ];

/** Are both given, and does this version go by the first one? */
function wins({ flags, line }: Given, winner: FlagId, loser: FlagId): boolean {
  return OVERRIDES.some(
    ({ wins: first, over, since = '2.0', until = '5.0' }) =>
      first === winner && over === loser && flags.has(first) && flags.has(over) && isBetween(line, since, until),
  );
}

function isBetween(line: CassandraLine, since: CassandraLine, until: CassandraLine): boolean {
  return isAtLeast(line, since) && isAtLeast(until, line);
}

function noteOverrides(given: Given): void {
  for (const { wins: winner, over, text } of OVERRIDES)
    if (wins(given, winner, over)) given.assumptions.push(`${text}, as in nodetool`);
}

function jobThreadsOf({ flags, line }: Given): number {
  const given = flags.get('jobThreads');
  return given?.flag.matters?.includes(line) === true ? Number(given.values.at(-1)) : 1;
}

/** A preview marks nothing, whatever it looks at: it is carried out as a full repair is. */
function strategyOf(given: Given, version: CassandraVersion): string {
  const { strategies } = version.repair;
  const kind =
    isFull(given, version) || previewOf(given, version) !== 'none' ? strategies.full : strategies.incremental;
  if (given.flags.has('sequential') || isSequentialByDefault(given, version)) return `${kind}-${strategies.sequential}`;
  return given.flags.has('dcParallel') ? `${kind}-dc-parallel` : `${kind}-parallel`;
}

function previewOf(given: Given, version: CassandraVersion): PlanRepairOptions['preview'] {
  if (given.flags.has('validate')) return 'repaired';
  if (!given.flags.has('preview')) return 'none';
  return isFull(given, version) ? 'all' : 'unrepaired';
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
  return version.repair.parallelism === 'sequential' && !given.flags.has('parallel') && !given.flags.has('dcParallel');
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
  const index = commandWordOf(words);
  return words[index] === 'repair' ? index : -1;
}

function checkSupport(given: Given, { line }: CassandraVersion): void {
  for (const { flag, name } of given.flags.values()) {
    if (!isFlagOf(line, flag)) {
      given.mistakes.push({
        code: 'D205',
        message: `nodetool of cassandra ${line} has no ${name} and would take it for a keyspace`,
        found: name,
        about: name,
        ...(flag.instead === undefined ? {} : { suggestion: flag.instead }),
      });
      continue;
    }
    if (flag.support === 'later')
      given.mistakes.push({
        code: 'D204',
        message: `${name} is not in this version of Reconverge`,
        found: `${name} (${flag.note})`,
        about: name,
      });
    const isHarmless = flag.support === 'harmless' && flag.matters?.includes(line) !== true;
    if (isHarmless) given.assumptions.push(`${name} is read and changes nothing: ${flag.note}`);
  }
}

function readTokens(given: Given): Pick<PlanRepairOptions, 'start_token' | 'end_token'> {
  const start = given.flags.get('startToken')?.values.at(-1) ?? null;
  const end = given.flags.get('endToken')?.values.at(-1) ?? null;
  if (start === null && end === null) return { start_token: null, end_token: null };
  const { mistakes, startToken, endToken } = readTokenOptions(start, end, given.line);
  // The one that is missing is said at the other.
  const other = given.flags.get(start === null ? 'endToken' : 'startToken')?.name ?? '';
  given.mistakes.push(...mistakes.map((mistake) => (mistake.code === 'D203' ? { ...mistake, about: other } : mistake)));
  return { start_token: startToken, end_token: endToken };
}
