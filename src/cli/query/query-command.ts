/**
 * `query`: the results of runs and studies, asked in SQL. Without SQL: which tables there are and what stands in them. Reads the
 * folders it was given and writes nothing but the file of `-o`.
 */
import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import type { DuckDBResult } from '@duckdb/node-api';
import { plural } from '../../base/human.ts';
import { VERSION } from '../../base/version.ts';
import { answerCsvRow, answerJson, answerMarkdown, renderAnswer } from '../../report/tables/answer.ts';
import type { Answer, AnswerCell } from '../../report/tables/answer.ts';
import { renderOverview } from '../../report/tables/overview.ts';
import { tableParquet } from '../../report/tables/parquet.ts';
import type { TextOptions } from '../../report/lines.ts';
import { escapeControls } from '../../report/width.ts';
import type { Command } from '../command.ts';
import { commandMistake } from '../command-mistake.ts';
import { EXIT } from '../exit-codes.ts';
import { mistakeOrBug } from '../failure.ts';
import { columnsOf, shellWord, wantsColor } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { choiceOption, flag, inOrder, textOption, wholeOption } from '../words.ts';
import type { Words } from '../words.ts';
import { answerColumns, tableColumn } from './answer-cells.ts';
import { fileOutput, standardOutput } from './answer-output.ts';
import type { AnswerOutput } from './answer-output.ts';
import { Question } from './ask.ts';
import { openDatabase } from './database.ts';
import { loadDuckDb } from './duckdb.ts';
import type { DuckDbLoader } from './duckdb.ts';
import { findSources } from './sources.ts';

const FORMATS = ['table', 'csv', 'json', 'markdown', 'parquet'] as const;
type Format = (typeof FORMATS)[number];

const FORMAT_OF_ENDING: Readonly<Record<string, Format>> = {
  '.csv': 'csv',
  '.json': 'json',
  '.md': 'markdown',
  '.parquet': 'parquet',
  '.txt': 'table',
};
const TABLE_ROWS = 40;
const ROWS_MAX = 999_999_999;

interface QueryOptions {
  named: readonly string[];
  /** null: which tables are there? */
  sql: string | null;
  format: Format;
  output: string | null;
  /** Rows that are shown; Infinity: all. */
  limit: number;
  columns: number | null;
  noColor: boolean;
}

export const queryCommand: Command = async (words, terminal, typed) => queryWith(words, terminal, { typed });

export async function queryWith(
  words: Words,
  terminal: Terminal,
  { typed, load }: { typed: readonly string[]; load?: DuckDbLoader },
): Promise<typeof EXIT.held> {
  const options = queryOptions(words, terminal, typed);
  const sources = await findSources(options.named, terminal);
  const duckDb = await loadDuckDb(load);
  const database = await openDatabase(duckDb, sources, terminal);
  try {
    if (options.sql === null) {
      terminal.out.write(
        renderOverview(await Question.overview(database), exampleOf(options.named), lookOf(options, terminal)),
      );
      return EXIT.held;
    }
    const question = await Question.of(options.sql, database);
    const result = await question.ask(duckDb);
    const output = options.output === null ? standardOutput(terminal) : fileOutput(options.output, terminal);
    const rowCount = await writeAnswer(result, question.rows(result), { output, options, terminal });
    if (options.output !== null)
      terminal.out.write(`${plural(rowCount, 'row')} in ${escapeControls(options.output)}\n`);
    return EXIT.held;
  } catch (error) {
    throw mistakeOrBug(error, typed);
  } finally {
    database.close();
  }
}

function exampleOf(named: readonly string[]): string {
  const inputs = named.length <= 1 ? named.map(shellWord) : named.map((name) => `--in ${shellWord(name)}`);
  return ['reconverge query', ...inputs, '"SELECT metric, part, value, unit FROM runs"'].join(' ');
}

function lookOf({ output, columns, noColor }: QueryOptions, terminal: Terminal): TextOptions {
  return {
    columns: columnsOf(terminal.out, columns),
    color: output === null && wantsColor(terminal, terminal.out, noColor),
  };
}

function queryOptions(words: Words, terminal: Terminal, typed: readonly string[]): QueryOptions {
  const output = textOption(words, 'output');
  const format = choiceOption(words, 'format', FORMATS) ?? formatOf(output);
  if (format === 'parquet' && output === null) {
    throw commandMistake('C176', '--format parquet is for a file', { expected: '-o FILE.parquet' });
  }
  const limit = wholeOption(words, 'limit', 0, ROWS_MAX) ?? (format === 'table' && output === null ? TABLE_ROWS : 0);
  const given = inOrder(typed, ['in']).map(([, folder]) => folder);
  const { run, sql } = questionOf(words, terminal);
  if (sql === null && (output !== null || format !== 'table')) {
    throw commandMistake('C171', 'there is no query', { expected: 'reconverge query RUN "SELECT …"' });
  }
  return {
    named: run === null ? given : [...given, run],
    sql,
    ...{ format, output, limit: limit === 0 ? Infinity : limit },
    columns: wholeOption(words, 'columns', 40, 400),
    noColor: flag(words, 'no-color'),
  };
}

function formatOf(output: string | null): Format {
  if (output === null) return 'table';
  const format = FORMAT_OF_ENDING[extname(output).toLowerCase()];
  if (format !== undefined) return format;
  throw commandMistake('C176', `${output} names no format`, {
    expected: `--format, or a name that ends in ${Object.keys(FORMAT_OF_ENDING).join(', ')}`,
  });
}

/** `[RUN] [SQL]`: SQL has a space in it, the name of a run rarely; what is there is a run. */
function questionOf(words: Words, terminal: Terminal): { run: string | null; sql: string | null } {
  const given = Array.isArray(words['words']) ? words['words'].map(String) : [];
  const [first, second] = given;
  if (given.length > 2) {
    throw commandMistake('C171', `${given.length} words`, {
      expected: 'reconverge query RUN "SELECT …", the SQL in quotes as one word',
    });
  }
  if (second !== undefined) return { run: first, sql: nonEmpty(second) };
  if (first === undefined) return { run: null, sql: null };
  const isSql = /\s/.test(first) && !existsSync(resolve(terminal.folder, first));
  return isSql || first === '' ? { run: null, sql: nonEmpty(first) } : { run: first, sql: null };
}

function nonEmpty(sql: string): string {
  if (sql.replaceAll(/--.*|\/\*[^]*?\*\//g, '').trim() !== '') return sql;
  throw commandMistake('C171', 'there is no query', { expected: 'reconverge query RUN "SELECT …"' });
}

interface Writing {
  output: AnswerOutput;
  options: QueryOptions;
  terminal: Terminal;
}

async function writeAnswer(
  result: DuckDBResult,
  chunks: AsyncGenerator<AnswerCell[][]>,
  { output, options, terminal }: Writing,
): Promise<number> {
  const { limit } = options;
  try {
    const written = { csv: writeCsv, json: writeJson }[String(options.format)];
    const rowCount =
      written === undefined
        ? await writeWhole(result, chunks, { output, options, terminal })
        : await written(result, chunks, { output, limit });
    output.finish();
    return rowCount;
  } catch (error) {
    output.abandon();
    throw error;
  }
}

interface Rows {
  output: AnswerOutput;
  limit: number;
}

async function writeCsv(
  result: DuckDBResult,
  chunks: AsyncGenerator<AnswerCell[][]>,
  { output, limit }: Rows,
): Promise<number> {
  output.write(answerCsvRow(result.deduplicatedColumnNames()));
  let rowCount = 0;
  for await (const rows of limited(chunks, limit)) {
    output.write(rows.map(answerCsvRow).join(''));
    rowCount += rows.length;
  }
  return rowCount;
}

/** An array with one line for each row. */
async function writeJson(
  result: DuckDBResult,
  chunks: AsyncGenerator<AnswerCell[][]>,
  { output, limit }: Rows,
): Promise<number> {
  const names = result.deduplicatedColumnNames();
  let rowCount = 0;
  for await (const rows of limited(chunks, limit)) {
    const lines = rows.map((row) => `  ${answerJson({ fields: row.map((cell, index) => [names[index], cell]) })}`);
    if (lines.length > 0) output.write(`${rowCount === 0 ? '[' : ','}\n${lines.join(',\n')}`);
    rowCount += lines.length;
  }
  output.write(rowCount === 0 ? '[]\n' : '\n]\n');
  return rowCount;
}

async function* limited(chunks: AsyncGenerator<AnswerCell[][]>, limit: number): AsyncGenerator<AnswerCell[][]> {
  let left = limit;
  for await (const rows of chunks) {
    yield rows.slice(0, left);
    left -= rows.length;
    if (left <= 0) return;
  }
}

async function writeWhole(
  result: DuckDBResult,
  chunks: AsyncGenerator<AnswerCell[][]>,
  { output, options, terminal }: Writing,
): Promise<number> {
  const rows: AnswerCell[][] = [];
  let rowCount = 0;
  for await (const chunk of chunks) {
    rows.push(...chunk.slice(0, Math.max(0, options.limit - rowCount)));
    rowCount += chunk.length;
  }
  const answer = { columns: answerColumns(result), rows, rowCount };
  const plan = options.format === 'table' ? planText(answer) : null;
  if (plan !== null) output.write(plan);
  else if (options.format === 'parquet') output.write(parquetOf(result, rows, options.sql ?? ''));
  else if (options.format === 'markdown') output.write(answerMarkdown(answer));
  else output.write(renderAnswer(answer, lookOf(options, terminal)));
  return rows.length;
}

/** Of EXPLAIN: a drawing of many lines in one cell. */
function planText({ columns, rows }: Answer): string | null {
  if (columns.map(({ name }) => name).join() !== 'explain_key,explain_value') return null;
  return rows
    .map(([, drawing]) => `${String(drawing).split('\n').map(escapeControls).join('\n').trimEnd()}\n`)
    .join('');
}

function parquetOf(result: DuckDBResult, rows: readonly AnswerCell[][], sql: string): Uint8Array {
  const types = result.columnTypes().map(String);
  const columns = answerColumns(result).map((column, index) =>
    tableColumn(
      column,
      types[index],
      rows.map((row) => row[index]),
    ),
  );
  return tableParquet({
    dictionary: {
      table: 'query',
      meaning: `Answer of reconverge ${VERSION} to: ${sql}`,
      columns: columns.map(({ facts }) => facts),
      metrics: [],
    },
    columns: columns.map(({ cells }) => cells),
  });
}
