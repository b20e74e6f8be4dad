/** Reads the commands of influxd-ctl that change shards and nodes, as an operator types them (influxdb.7). */
import { nearestName } from '../../../base/nearest.ts';
import type { CtlStep, PlacelessMistake } from '../../../scenario/dialect-rules.ts';

type Read = { step: CtlStep } | { mistakes: PlacelessMistake[] };

interface Command {
  name: string;
  usage: string;
  words: number;
  read(words: readonly string[]): CtlStep | string;
}

const MINUTE = 60_000_000;

const COMMANDS: readonly Command[] = [
  {
    ...{ name: 'truncate-shards', usage: 'truncate-shards [-delay 1m]', words: 0 },
    read: () => ({ kind: 'truncateShards', delayMicros: MINUTE }),
  },
  {
    ...{ name: 'copy-shard', usage: 'copy-shard SOURCE:8088 DESTINATION:8088 SHARD', words: 3 },
    read: ([from, to, shard]) => numbered(shard, (number) => ({ kind: 'copyShard', from, to, shard: number })),
  },
  {
    ...{ name: 'kill-copy-shard', usage: 'kill-copy-shard SOURCE:8088 DESTINATION:8088 SHARD', words: 3 },
    read: ([from, to, shard]) => numbered(shard, (number) => ({ kind: 'killCopyShard', from, to, shard: number })),
  },
  {
    ...{ name: 'remove-shard', usage: 'remove-shard NODE:8088 SHARD', words: 2 },
    read: ([node, shard]) => numbered(shard, (number) => ({ kind: 'removeShard', node, shard: number })),
  },
  {
    ...{ name: 'update-data', usage: 'update-data OLD:8088 NEW:8088', words: 2 },
    read: ([node, by]) => ({ kind: 'updateData', node, by }),
  },
  {
    ...{ name: 'remove-data', usage: 'remove-data [-force] NODE:8088', words: 1 },
    read: ([node]) => ({ kind: 'removeData', node }),
  },
];

/** Their names are two words. */
const ENTROPY_COMMANDS: readonly Command[] = [
  { ...{ name: 'entropy show', usage: 'entropy show', words: 0 }, read: () => ({ kind: 'entropyShow' }) },
  {
    ...{ name: 'entropy repair', usage: 'entropy repair SHARD', words: 1 },
    read: ([shard]) => numbered(shard, (number) => ({ kind: 'entropyRepair', shard: number })),
  },
  {
    ...{ name: 'entropy kill-repair', usage: 'entropy kill-repair SHARD', words: 1 },
    read: ([shard]) => numbered(shard, (number) => ({ kind: 'killRepair', shard: number })),
  },
];

/** With `influxd-ctl` before it or without. */
export function readCtlCommand(text: string): Read {
  const typed = text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (typed[0] === 'influxd-ctl') typed.shift();
  const length = typed[0] === 'entropy' ? 2 : 1;
  const name = typed.slice(0, length).join(' ');
  const command = [...COMMANDS, ...ENTROPY_COMMANDS].find((known) => known.name === name);
  if (command === undefined) return refuseName(text, name);
  return readWords(text, command, typed.slice(length));
}

function readWords(text: string, command: Command, given: readonly string[]): Read {
  const delay = delayOf(command, given);
  if (typeof delay === 'string') return refuse(text, { message: delay, expected: command.usage });
  const rest = delay === null ? given.filter((word) => !(command.name === 'remove-data' && word === '-force')) : [];
  const option = rest.find((word) => word.startsWith('-'));
  if (option !== undefined)
    return refuse(text, { message: `${command.name} has no option ${option}`, expected: command.usage });
  if (rest.length !== command.words)
    return refuse(text, {
      message: `${command.name} takes ${command.words} words, not ${rest.length}`,
      expected: command.usage,
    });
  const step = command.read(rest);
  if (typeof step === 'string')
    return refuse(text, { message: `"${step}" is not the number of a shard`, expected: command.usage });
  return { step: delay === null ? step : { kind: 'truncateShards', delayMicros: delay } };
}

/** Of truncate-shards; null where nothing is said, a text where it cannot be read. */
function delayOf({ name }: Command, words: readonly string[]): number | string | null {
  if (name !== 'truncate-shards' || words.length === 0) return null;
  const joined = words.join(' ');
  const [, digits, unit] = /^-delay[ =](\d+)(h|m|s)$/.exec(joined) ?? [];
  if (digits === undefined) return `"${joined}" is not a delay`;
  return Number(digits) * (unit === 'h' ? 60 * MINUTE : unit === 'm' ? MINUTE : 1_000_000);
}

function numbered(text: string, step: (number: number) => CtlStep): CtlStep | string {
  return /^\d{1,15}$/.test(text) ? step(Number(text)) : text;
}

function refuseName(text: string, name: string): Read {
  const names = [...COMMANDS, ...ENTROPY_COMMANDS].map((known) => known.name);
  const nearest = nearestName(name, names);
  return refuse(text, {
    message: name === '' ? 'no command' : `influxd-ctl ${name} is not in this version of Reconverge`,
    expected: names.join(' | '),
    ...(nearest === null ? {} : { suggestion: nearest }),
  });
}

function refuse(found: string, mistake: Omit<PlacelessMistake, 'code'>): Read {
  return { mistakes: [{ code: 'D308', ...mistake, found }] };
}
