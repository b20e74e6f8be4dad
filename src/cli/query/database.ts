/**
 * A database in memory over the files of the sources: `runs`, `series`, `final` and `dictionary`. Parquet files are read when they
 * are asked for; once all is there nothing else can be: no other file, no network, no extension, no changed setting.
 */
import { closeSync, openSync, readSync, fstatSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { METRICS, findMetric } from '../../observe/metrics.ts';
import { splitColumn } from '../../studies/end-values.ts';
import type { RunRow } from '../../studies/sweep/rows.ts';
import { systemReason } from '../system-reason.ts';
import { shownPath } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import type { DuckDbModule } from './duckdb.ts';
import { readName, readResult, runRows } from './run-values.ts';
import { damagedRun } from './sources.ts';
import type { RunFolder, Source, StudyFolder } from './sources.ts';
import { errorText } from './sql-mistake.ts';
import {
  csvSamples,
  finalView,
  parquetFiles,
  quotedName,
  runsSelect,
  seriesSelect,
  textLiteral,
  view,
  wideSeriesSelect,
} from './views.ts';

export interface Database {
  connection: DuckDBConnection;
  /** Files that it reads, to the names by which a person here knows them. */
  files: ReadonlyMap<string, string>;
  close(): void;
}

const HEAD_BYTES = 1 << 16;
const WHERE = quotedName('where');
const RUN_TABLE = `run_id VARCHAR, study VARCHAR, cell BIGINT, plan_hash VARCHAR, fingerprint VARCHAR, seed VARCHAR, repairs VARCHAR, metric VARCHAR, ${WHERE} VARCHAR, value DOUBLE, unit VARCHAR`;
const EMPTY_SERIES = `(SELECT NULL::VARCHAR AS run_id, NULL::BIGINT AS cell, NULL::VARCHAR AS seed, NULL::BIGINT AS at_micros, NULL::VARCHAR AS metric, NULL::VARCHAR AS ${WHERE}, NULL::DOUBLE AS value WHERE false)`;

export async function openDatabase(
  duckDb: DuckDbModule,
  sources: readonly Source[],
  terminal: Terminal,
): Promise<Database> {
  const instance = await duckDb.DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  const studies = sources.filter((source) => source.kind === 'study');
  const runs = sources.filter((source) => source.kind === 'run');
  const paths = studies.flatMap((study) => [...study.runs, ...study.series]);
  const database: Database = {
    connection,
    files: new Map(paths.map((path) => [path, shownPath(terminal, path)])),
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
  await connection.run('SET errors_as_json = true');
  await addDictionary(connection, studies);
  const loaded = await addRuns(connection, runs);
  await addViews(connection, studies, loaded);
  await shutIn(connection, paths);
  return database;
}

/** From here on nothing but these files can be reached, and nobody can change that. */
async function shutIn(connection: DuckDBConnection, paths: readonly string[]): Promise<void> {
  await connection.run("SET temp_directory = ''");
  await connection.run(`SET allowed_paths = [${paths.map(textLiteral).join(', ')}]`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
}

/** Metrics; and of studies their columns, and metrics of their own, such as the highest of one. */
async function addDictionary(connection: DuckDBConnection, studies: readonly StudyFolder[]): Promise<void> {
  await connection.run('CREATE TABLE dictionary (name VARCHAR, kind VARCHAR, unit VARCHAR, meaning VARCHAR)');
  const appender = await connection.createAppender('dictionary');
  const own = new Map(studies.flatMap(({ facts }) => facts).map((facts) => [facts.name, { kind: 'study', ...facts }]));
  for (const { name, kind, unit, meaning } of [...METRICS, ...own.values()]) {
    if (kind === 'study' && findMetric(name) !== undefined) continue;
    for (const text of [name, kind, unit, meaning]) appender.appendVarchar(text);
    appender.endRow();
  }
  appender.closeSync();
}

/** Selects of `series`, one for each run; the values at the end go to the table `run_values`. */
async function addRuns(connection: DuckDBConnection, runs: readonly RunFolder[]): Promise<string[]> {
  if (runs.length === 0) return [];
  await connection.run(`CREATE TABLE run_values (${RUN_TABLE})`);
  const appender = await connection.createAppender('run_values');
  const names = runs.map(({ folder }) => folder.split(/[\\/]/).at(-1) ?? folder);
  const selects: string[] = [];
  for (const [index, run] of runs.entries()) {
    const isAlone = names.filter((name) => name === names[index]).length === 1;
    const run_id = isAlone ? names[index] : run.shown;
    const result = readResult(run);
    const samples = `samples_${index}`;
    const columns = await addSamples(connection, run, samples);
    const last = await lastSample(connection, samples, columns);
    for (const row of runRows(result, last, { run_id, study: readName(run) })) appendRow(appender, row);
    selects.push(wideSeriesSelect({ samples, columns: `${samples}_columns`, run_id, seed: result.seed }));
  }
  appender.closeSync();
  return selects;
}

type Appender = Awaited<ReturnType<DuckDBConnection['createAppender']>>;

function appendRow(appender: Appender, row: RunRow): void {
  const text = (value: string | null): void => (value === null ? appender.appendNull() : appender.appendVarchar(value));
  text(row.run_id);
  text(row.study);
  appender.appendBigInt(BigInt(row.cell));
  for (const value of [row.plan_hash, row.fingerprint, row.seed, row.repairs, row.metric, row.where]) text(value);
  if (row.value === null) appender.appendNull();
  else appender.appendDouble(row.value);
  text(row.unit);
  appender.endRow();
}

/** Reads series.csv into a table, with a table of its columns beside it. Gives the columns. */
async function addSamples(
  connection: DuckDBConnection,
  { folder, shown }: RunFolder,
  table: string,
): Promise<string[]> {
  const path = join(folder, 'series.csv');
  const names = seriesColumns(path, shown);
  try {
    await connection.run(`CREATE TABLE ${table} AS SELECT * FROM ${csvSamples(path, names)}`);
  } catch (error) {
    throw damagedRun(shown, 'series.csv', errorText(error).split('\n')[0]);
  }
  await connection.run(`CREATE TABLE ${table}_columns (name VARCHAR, metric VARCHAR, ${WHERE} VARCHAR)`);
  const appender = await connection.createAppender(`${table}_columns`);
  for (const name of names) {
    const { metric, where } = splitColumn(name);
    appender.appendVarchar(name);
    appender.appendVarchar(metric);
    if (where === null) appender.appendNull();
    else appender.appendVarchar(where);
    appender.endRow();
  }
  appender.closeSync();
  return names;
}

/** Names in the header of a series that is whole: it begins with the time and ends with a line feed. */
function seriesColumns(path: string, shown: string): string[] {
  const { head, end } = edgesOf(path, shown);
  const header = head.split('\n', 1)[0];
  const names = [...header.matchAll(/"((?:[^"]|"")*)"|([^",]+)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain,
  );
  if (names[0] !== 'time_micros') throw damagedRun(shown, 'series.csv', 'it does not begin with time_micros');
  if (end !== '\n') throw damagedRun(shown, 'series.csv', 'its last line is cut off');
  return names.slice(1);
}

/** The first line, and the last character. */
function edgesOf(path: string, shown: string): { head: string; end: string } {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw damagedRun(shown, 'series.csv', systemReason(error));
  }
  try {
    const size = fstatSync(file).size;
    return { head: firstLine(file, size), end: textAt(file, Math.max(0, size - 1), Math.min(size, 1)) };
  } finally {
    closeSync(file);
  }
}

function firstLine(file: number, size: number): string {
  for (let length = HEAD_BYTES; ; length *= 2) {
    const head = textAt(file, 0, Math.min(length, size));
    if (head.includes('\n') || length >= size) return head;
  }
}

function textAt(file: number, from: number, length: number): string {
  const bytes = new Uint8Array(length);
  readSync(file, bytes, 0, length, from);
  return new TextDecoder().decode(bytes);
}

async function lastSample(
  connection: DuckDBConnection,
  table: string,
  names: readonly string[],
): Promise<Record<string, number>> {
  const [row] = await (await connection.run(`SELECT * FROM ${table} ORDER BY rowid DESC LIMIT 1`)).getRows();
  return Object.fromEntries(names.map((name, index) => [name, Number(row?.[index + 1] ?? NaN)]));
}

async function addViews(
  connection: DuckDBConnection,
  studies: readonly StudyFolder[],
  seriesOfRuns: readonly string[],
): Promise<void> {
  const runs = studies.map((study) => runsSelect(parquetFiles(study.runs)));
  if (seriesOfRuns.length > 0) runs.push(runsSelect('run_values'));
  const series = studies
    .filter((study) => study.series.length > 0)
    .map((study) => seriesSelect(parquetFiles(study.series)));
  await connection.run(view('runs', runs));
  const all = [...series, ...seriesOfRuns];
  await connection.run(view('series', all.length === 0 ? [seriesSelect(EMPTY_SERIES)] : all));
  const found = await connection.run('SELECT DISTINCT metric FROM runs WHERE part IS NULL');
  const metrics = (await found.getRows()).map(([metric]) => String(metric));
  await connection.run(finalView(inOrder(metrics)));
}

/** Of the registry, then others by name. */
function inOrder(metrics: readonly string[]): string[] {
  const known = METRICS.map(({ name }) => name).filter((name) => metrics.includes(name));
  const others = metrics.filter((name) => !known.includes(name));
  return [...known, ...others.sort((left, right) => (left < right ? -1 : 1))];
}
