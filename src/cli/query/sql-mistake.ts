/** What DuckDB says against a query, as a mistake with its place, or about one of our files, as damage to it. */
import { nearestName } from '../../base/nearest.ts';
import type { Mistake } from '../../base/mistake.ts';
import { findMetric } from '../../observe/metrics.ts';
import { columnsText } from '../../report/tables/overview.ts';
import { InputError } from '../failure.ts';
import { damagedTable } from './sources.ts';

const FILE = 'query';
/** In the order in which they are worth knowing. */
export const TABLE_NAMES: readonly string[] = ['final', 'runs', 'series', 'dictionary'];

/** A table and its columns. */
export type Tables = ReadonlyMap<string, readonly string[]>;

/** Files that the query may read, by path, as a person here knows them; and what it may ask. */
interface Known {
  files: ReadonlyMap<string, string>;
  tables: Tables;
}

/** What only the reader of Parquet says. */
const OF_TABLES = /^(TProtocolException|Snappy|ZSTD|GZIP|LZ4|Out of buffer)\b/i;

interface DuckDbError {
  exception_type: string;
  exception_message: string;
  position?: string;
  error_subtype?: string;
  type?: string;
  name?: string;
  candidates?: string;
}

/** Errors come as JSON, sometimes behind a few words; some come as text. */
function parsed(error: unknown): DuckDbError {
  const text = error instanceof Error ? error.message : String(error);
  const brace = text.indexOf('{');
  try {
    const found: unknown = JSON.parse(text.slice(Math.max(0, brace)));
    if (typeof found === 'object' && found !== null && 'exception_message' in found) return found as DuckDbError;
  } catch {
    // It is text.
  }
  const [, type = '', message = text] = /^([A-Z][\w ]*) Error: ([^]*)$/.exec(text) ?? [];
  return { exception_type: type, exception_message: message };
}

export function errorText(error: unknown): string {
  return parsed(error).exception_message;
}

/** The mistake to throw; a bug of DuckDB or of ours is given back as it came. */
export function sqlMistake(error: unknown, sql: string, { files, tables }: Known): unknown {
  const found = parsed(error);
  const damaged = [...files].find(([path]) => found.exception_message.includes(path));
  if (damaged !== undefined) {
    const [path, shown] = damaged;
    return damagedTable(shown, found.exception_message.replaceAll(path, shown).split('\n')[0]);
  }
  // Its reader of tables does not name the file.
  const tablesRead = [...files].flatMap(([path, shown]) => (path.endsWith('.parquet') ? [shown] : []));
  if (tablesRead.length > 0 && found.position === undefined && OF_TABLES.test(found.exception_message))
    return damagedTable(
      tablesRead.length === 1 ? tablesRead[0] : `one of ${tablesRead.join(', ')}`,
      found.exception_message,
    );
  if (found.exception_type === 'INTERNAL' || found.exception_type === 'FATAL' || found.exception_type === '')
    return error;
  return queryMistake(sql, {
    ...placeOf(sql, found),
    ...(isOutside(found) ? outside() : wrongSql(found, tablesIn(sql, tables))),
  });
}

type Said = Pick<Mistake, 'code' | 'message'> & Partial<Pick<Mistake, 'expected' | 'suggestion' | 'notes'>>;
interface Place {
  at: number;
  length: number;
}

/** `at` and `length` in the text; at −1 the whole query is meant. */
export function queryMistake(sql: string, { at, length, ...said }: Said & Place): InputError {
  const before = sql.slice(0, Math.max(0, at)).split('\n');
  const place = { line: before.length, column: (before.at(-1) ?? '').length + 1, length };
  return new InputError(
    [{ severity: 'mistake', file: FILE, path: '', ...(at < 0 ? { line: 1, column: 1, length: 1 } : place), ...said }],
    new Map([[FILE, sql]]),
  );
}

/** DuckDB counts bytes. */
function placeOf(sql: string, { position, name }: DuckDbError): Place {
  if (position === undefined) return { at: -1, length: 1 };
  const bytes = new TextEncoder().encode(sql).slice(0, Number(position));
  const at = new TextDecoder().decode(bytes).length;
  const rest = sql.slice(at);
  const named = name !== undefined && rest.toLowerCase().startsWith(name.toLowerCase()) ? name : null;
  return { at, length: (named ?? /^("[^"]*"|[\p{L}\p{N}_.]+|.)/u.exec(rest)?.[0] ?? '.').length };
}

function isOutside({ exception_type: kind, exception_message: text }: DuckDbError): boolean {
  return kind === 'Permission' || /configuration has been locked/.test(text);
}

function outside(): Said {
  return {
    code: 'C175',
    message: 'a query reads the results of its runs and nothing else',
    expected: 'the tables runs, series, final and dictionary',
    notes: ['other files, the network, extensions and settings are shut off; -o FILE writes the answer to a file'],
  };
}

function wrongSql(found: DuckDbError, tables: Tables): Said {
  const [message, ...more] = found.exception_message.split('\n').map((line) => line.trim());
  const { name, error_subtype: subtype } = found;
  const said = { code: 'C172', message: lowerFirst(message) };
  if (name === undefined) return { ...said, ...noted(more.filter((line) => line !== '')) };
  const isColumn = subtype === 'COLUMN_NOT_FOUND';
  const own = isColumn ? [...tables.values()].flat() : found.type === 'Table' ? TABLE_NAMES : [];
  const foreign = (found.candidates ?? '')
    .split(',')
    .filter((candidate) => candidate !== '' && !candidate.includes('('));
  const nearest = nearestName(
    name,
    (own.length === 0 ? foreign : own).filter((candidate) => candidate !== name),
  );
  return {
    ...said,
    ...(own.length === 0 ? {} : { expected: isColumn ? tablesText(tables) : own.join(', ') }),
    ...(nearest === null ? {} : { suggestion: nearest }),
    ...(isColumn && findMetric(name) !== undefined
      ? { notes: [`${name} is a metric: a column of final; in runs and series: WHERE metric = '${name}'`] }
      : {}),
  };
}

function noted(notes: string[]): { notes?: string[] } {
  return notes.length === 0 ? {} : { notes };
}

function tablesText(tables: Tables): string {
  return [...tables].map(([name, columns]) => `${name}: ${columnsText(columns)}`).join('\n');
}

/** Those that the query names; all where it names none. */
function tablesIn(sql: string, tables: Tables): Tables {
  const named = [...tables].filter(([name]) => new RegExp(`\\b${name}\\b`, 'i').test(sql));
  return named.length === 0 ? tables : new Map(named);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
