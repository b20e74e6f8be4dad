/** The options of `explain` that name one row: `--key`, `--series`, `--token`, `--group N --one`, `--zombie`, `--lost`. */
import type { RowWanted } from '../studies/explain/find-row.ts';
import { commandMistake } from './command-mistake.ts';
import { flag, textOption, wholeOption } from './words.ts';
import type { Words } from './words.ts';

const ROW_MAX = 999_999_999;
const TOKEN_LEAST = -(2n ** 63n);
const TOKEN_MOST = 2n ** 63n - 1n;

/** Null where no row is named. */
export function rowWanted(words: Words, group: number | null): RowWanted | null {
  const row = wholeOption(words, 'row', 0, ROW_MAX);
  const key = textOption(words, 'key');
  const series = textOption(words, 'series');
  const token = textOption(words, 'token');
  const wanted: RowWanted[] = [];
  if (key !== null) wanted.push({ by: 'key', ...splitTable(key), row });
  if (series !== null) wanted.push({ by: 'series', series });
  if (token !== null) wanted.push(byToken(token, row));
  if (flag(words, 'one')) wanted.push(byGroup(group));
  if (flag(words, 'zombie')) wanted.push({ by: 'zombie' });
  if (flag(words, 'lost')) wanted.push({ by: 'lost' });
  if (wanted.length > 1) {
    throw commandMistake('C134', `${wanted.length} rows are named`, {
      expected: 'one of --key, --series, --token, --group N --one, --zombie, --lost',
    });
  }
  if (group !== null && wanted.length > 0 && !flag(words, 'one')) {
    throw commandMistake('C134', '--group says which story, and another option names a row', {
      expected:
        '--group N --one for a row of that story, or one of --key, --series, --token, --zombie, --lost without --group',
    });
  }
  if (row !== null && key === null && token === null) {
    throw commandMistake('C134', '--row needs a partition', { expected: '--key TABLE:KEY --row N' });
  }
  return wanted[0] ?? null;
}

function byGroup(number: number | null): RowWanted {
  if (number !== null) return { by: 'group', number };
  throw commandMistake('C134', '--one needs a story', { expected: '--group N --one', suggestion: '--group 1 --one' });
}

function byToken(text: string, row: number | null): RowWanted {
  const { table, rest } = splitName(text);
  if (!/^-?\d{1,19}$/.test(rest)) {
    throw commandMistake('C134', `--token ${text} is not a token`, {
      expected: 'a whole number, as nodetool prints it',
    });
  }
  const token = BigInt(rest);
  if (BigInt.asIntN(64, token) !== token) {
    throw commandMistake('C134', `--token ${text} is outside the ring`, {
      expected: `a whole number from ${TOKEN_LEAST} to ${TOKEN_MOST}`,
    });
  }
  return { by: 'token', table, token, row };
}

function splitTable(text: string): { table: string | null; key: string } {
  const { table, rest } = splitName(text);
  if (rest !== '') return { table, key: rest };
  throw commandMistake('C134', `--key ${text} names no key`, { expected: '--key TABLE:KEY' });
}

/** `shop.orders:4711`; keys may hold colons, tables do not. */
function splitName(text: string): { table: string | null; rest: string } {
  const at = text.indexOf(':');
  return at < 0 ? { table: null, rest: text } : { table: text.slice(0, at), rest: text.slice(at + 1) };
}
