/**
 * From the words that an operator types to lines: `nodetool …`, `log`, `repair ID`. What cannot be asked is a refusal with
 * what was expected and, where there is one, the nearest name; the caller makes a mistake of it.
 */
import { nearestName } from '../base/nearest.ts';
import { isAtLeast } from '../dialect/cassandra/versions.ts';
import type { Moment } from './moment.ts';
import { keyspacesOf } from './moment.ts';
import { refusedText } from './journal-repair.ts';
import { logLines } from './log.ts';
import { NODETOOL_COMMANDS } from './nodetool/registry.ts';
import type { NodetoolCommand } from './nodetool/view.ts';
import { repairIds, repairLines } from './repair-output.ts';

export interface Refusal {
  message: string;
  expected: string;
  found: string;
  suggestion?: string;
}

export interface Question {
  /** Index of the node that is asked. */
  node: number;
  words: readonly string[];
  /** Of `log`: lines from this moment on, µs. */
  sinceMicros: number;
}

export function isRefusal(answer: string[] | Refusal): answer is Refusal {
  return !Array.isArray(answer);
}

/** The lines that the command prints on its standard output. */
export function askMoment(moment: Moment, { node, words, sinceMicros }: Question): string[] | Refusal {
  const [verb, ...rest] = words.flatMap((word) => word.split(/\s+/)).filter((word) => word !== '');
  if (verb === 'log') return rest.length === 0 ? logLines(moment, { node, sinceMicros }) : tooMany('log', rest);
  if (verb === 'repair') return askRepair(moment, node, rest);
  return askNodetool(moment, node, verb === 'nodetool' ? rest : [verb, ...rest]);
}

function askRepair(moment: Moment, node: number, words: readonly string[]): string[] | Refusal {
  const ids = repairIds(moment.plan);
  if (words.length > 1) return tooMany('repair ID', words.slice(1));
  if (words.length === 0) return repairLines(moment, { id: null, node });
  const id = ids.find((known) => known === words[0] || known === `repairs.${words[0]}`);
  if (id !== undefined) return repairLines(moment, { id, node: null });
  return unknown(
    'repair',
    words[0],
    ids.map((known) => known.replace('repairs.', '')),
  );
}

function askNodetool(moment: Moment, node: number, words: readonly string[]): string[] | Refusal {
  const [name = '', ...rest] = words;
  // `nodetool repair …` is what the plan ran; the words behind it have been typed then.
  if (name === 'repair') return repairLines(moment, { id: null, node });
  const command = NODETOOL_COMMANDS.find((known) => known.name === name);
  if (command === undefined)
    return unknown('command', name, [...NODETOOL_COMMANDS.map((known) => known.name), 'repair', 'log']);
  const absent = refuseVersion(moment, command);
  if (absent !== null) return absent;
  const read = readWords(moment, command, rest);
  if ('message' in read) return read;
  if (moment.world.cluster.running[node] === 0) return [refusedText(moment.names.addresses[node])];
  return command.view(moment, { node, ...read });
}

function refuseVersion({ line }: Moment, { name, since }: NodetoolCommand): Refusal | null {
  if (isAtLeast(line, since)) return null;
  return { message: `nodetool of ${line} has no ${name}`, expected: `a database of ${since} or later`, found: name };
}

interface ReadWords {
  words: string[];
  options: ReadonlySet<string>;
}

function readWords(moment: Moment, command: NodetoolCommand, typed: readonly string[]): ReadWords | Refusal {
  const words: string[] = [];
  const options = new Set<string>();
  for (const word of typed) {
    if (!word.startsWith('-')) words.push(word);
    else {
      const names = command.options.find((known) => known.includes(word));
      if (names === undefined) return unknown(`option of ${command.name}`, word, command.options.flat());
      options.add(names[names.length - 1]);
    }
  }
  if (words.length > command.wordsMax) return tooMany(command.usage, words.slice(command.wordsMax));
  if (words.length < command.wordsMin)
    return { message: `${command.name} needs to know of what`, expected: command.usage, found: command.name };
  for (const word of words) {
    const refusal = refuseWord(moment, command, word);
    if (refusal !== null) return refusal;
  }
  return { words, options };
}

function refuseWord({ plan }: Moment, { words }: NodetoolCommand, word: string): Refusal | null {
  const keyspaces = keyspacesOf(plan);
  if (words === 'sub-command') return word === 'list' ? null : unknown('word behind repair_admin', word, ['list']);
  if (words === 'keyspace') return keyspaces.includes(word) ? null : unknown('keyspace', word, keyspaces);
  const known = [...plan.tables.map(({ id }) => id), ...keyspaces];
  return known.includes(word) ? null : unknown('keyspace or table', word, known);
}

function tooMany(usage: string, words: readonly string[]): Refusal {
  return { message: `words too many: ${words.join(' ')}`, expected: usage, found: words.join(' ') };
}

function unknown(what: string, word: string, known: readonly string[]): Refusal {
  const nearest = nearestName(word, known);
  const expected = known.length === 0 ? 'there is none' : known.join(' | ');
  return {
    message: `unknown ${what} ${word}`,
    expected,
    found: word,
    ...(nearest === null ? {} : { suggestion: nearest }),
  };
}
