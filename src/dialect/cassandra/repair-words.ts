/**
 * Tells the words after `nodetool repair` apart: flags with their values, keyspace and tables. Not responsible for what a
 * flag means or which go together (`repair-refusals.ts`, `repair-command.ts`).
 */
import { nearestName } from '../../base/nearest.ts';
import type { PlacelessMistake } from '../../scenario/dialect-rules.ts';
import { isFlagOf, REPAIR_FLAGS } from './repair-flags.ts';
import type { FlagId, RepairFlag } from './repair-flags.ts';
import type { CassandraLine } from './versions.ts';

/** What a command gives, and what was found while reading it. */
export interface Given {
  line: CassandraLine;
  flags: Map<FlagId, { flag: RepairFlag; name: string; values: string[] }>;
  /** What misspelt flags most likely mean. */
  meant: FlagId[];
  /** Keyspace and tables. */
  names: string[];
  mistakes: CommandMistake[];
  assumptions: string[];
}

/** `about` is the flag, value or name that it is about, as typed. */
export type CommandMistake = PlacelessMistake & { about?: string };

export function readFlags(words: readonly string[], line: CassandraLine): Given {
  const given: Given = { line, flags: new Map(), meant: [], names: [], mistakes: [], assumptions: [] };
  let index = 0;
  while (index < words.length) {
    const word = words[index];
    if (word === '--') {
      given.names.push(...words.slice(index + 1));
      break;
    }
    if (word.startsWith('-') && word.length > 1) index += readFlag(given, word, words[index + 1]);
    else given.names.push(word);
    index += 1;
  }
  return given;
}

/** Returns how many further words the flag took. */
function readFlag(given: Given, word: string, next: string | undefined): number {
  const [name, ...rest] = word.startsWith('--') ? word.split('=') : [word];
  const inline = rest.length > 0 ? rest.join('=') : null;
  const flag = REPAIR_FLAGS.find(({ names }) => names.includes(name));
  if (flag === undefined) return readUnknownFlag(given, name, { inline, next });
  const value = flag.takesValue ? (inline ?? next ?? null) : null;
  if (flag.takesValue && value === null) {
    given.mistakes.push({
      code: 'D203',
      message: `${name} needs a value`,
      expected: `${name} VALUE (${flag.note})`,
      found: 'the end of the command',
      about: name,
    });
    return 0;
  }
  const entry = given.flags.get(flag.id) ?? { flag, name, values: [] };
  if (value !== null) entry.values.push(value);
  given.flags.set(flag.id, entry);
  return flag.takesValue && inline === null ? 1 : 0;
}

/** What stands behind a misspelt flag with a value is that value, not a keyspace. */
function readUnknownFlag(
  given: Given,
  name: string,
  { inline, next }: { inline: string | null; next: string | undefined },
): number {
  const nearest = nearestFlag(given.line, name);
  if (!given.mistakes.some(({ about }) => about === name))
    given.mistakes.push(unknownFlag(given.line, name, nearest?.name ?? null));
  if (nearest !== null) given.meant.push(nearest.flag.id);
  return nearest?.flag.takesValue === true && inline === null && next !== undefined ? 1 : 0;
}

/** The flag that was most likely meant, and the name that is nearest. */
function nearestFlag(line: CassandraLine, name: string): { flag: RepairFlag; name: string } | null {
  const flags = REPAIR_FLAGS.filter((flag) => isFlagOf(line, flag));
  const nearest = nearestName(
    name,
    flags.flatMap(({ names }) => names),
  );
  const flag = flags.find(({ names }) => nearest !== null && names.includes(nearest));
  return flag === undefined || nearest === null ? null : { flag, name: nearest };
}

function unknownFlag(line: CassandraLine, name: string, nearest: string | null): CommandMistake {
  const names = REPAIR_FLAGS.filter((flag) => isFlagOf(line, flag)).flatMap((flag) => flag.names);
  return {
    code: 'D202',
    message: `nodetool repair has no flag ${name}`,
    expected: names.filter((candidate) => !candidate.startsWith('--')).join(' '),
    found: name,
    about: name,
    ...(nearest === null ? {} : { suggestion: nearest }),
  };
}
