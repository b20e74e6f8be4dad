/**
 * What a query is about: folders of runs (plan.json, result.json, series.csv) and of studies (runs.parquet, series.parquet, in one
 * file each or several). Finds their files and refuses what is damaged, of a newer format, or none of ours; reads no rows.
 */
import { closeSync, fstatSync, openSync, readSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parquetMetadataAsync } from 'hyparquet';
import type { AsyncBuffer, FileMetaData } from 'hyparquet';
import { DICTIONARY_KEY, FORMAT_KEY, TABLE_FORMAT } from '../../report/tables/parquet.ts';
import type { MetricFactsOfTable, TableDictionary } from '../../studies/sweep/rows.ts';
import { otherFormat } from '../../base/other-format.ts';
import { commandMistake } from '../command-mistake.ts';
import { replayCommand } from '../failure.ts';
import { LAST, runArgument } from '../run-argument.ts';
import { systemReason } from '../system-reason.ts';
import { shownPath } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

export interface RunFolder {
  kind: 'run';
  folder: string;
  /** As a person here would type it. */
  shown: string;
}

export interface StudyFolder {
  kind: 'study';
  folder: string;
  shown: string;
  runs: readonly string[];
  series: readonly string[];
  /** What its files say of their columns and metrics, beyond what every run has. */
  facts: readonly MetricFactsOfTable[];
}

export type Source = RunFolder | StudyFolder;

const NEEDED: Readonly<Record<'runs' | 'series', readonly string[]>> = {
  runs: ['run_id', 'seed', 'metric', 'where', 'value', 'unit'],
  series: ['run_id', 'seed', 'at_micros', 'metric', 'where', 'value'],
};

export async function findSources(named: readonly string[], terminal: Terminal): Promise<Source[]> {
  const wanted = named.length === 0 ? [LAST] : named;
  const sources = wanted.map((name) => sourceOf(name, terminal));
  const distinct = sources.filter(({ folder }, index) => sources.findIndex((one) => one.folder === folder) === index);
  return Promise.all(
    distinct.map(async (source) =>
      source.kind === 'study' ? { ...source, facts: await refuseBadTables(source, terminal) } : source,
    ),
  );
}

function sourceOf(named: string, terminal: Terminal): Source {
  const study = studyAt(resolve(terminal.folder, named), terminal);
  if (study !== null) return study;
  const plan = resolve(terminal.folder, runArgument({ run: named }, terminal));
  const folder = dirname(plan);
  const shown = shownPath(terminal, folder);
  if (basename(plan) === 'plan.json' && isFile(join(folder, 'result.json'))) return { kind: 'run', folder, shown };
  throw commandMistake('C174', `${named} holds no results`, {
    expected: 'a folder that run or sweep has written',
    suggestion: `reconverge run ${shownPath(terminal, plan)}`,
  });
}

function studyAt(folder: string, terminal: Terminal): StudyFolder | null {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return null;
  const runs = filesOf(folder, 'runs');
  if (runs.length === 0 && isFile(join(folder, 'study.json'))) {
    throw commandMistake('C174', `${shownPath(terminal, folder)} is a study without tables`, {
      expected: 'runs.parquet, which sweep writes when it ends or stops',
      notes: ['the same sweep again goes on where it was'],
    });
  }
  if (runs.length === 0) return null;
  return {
    kind: 'study',
    folder,
    shown: shownPath(terminal, folder),
    runs,
    series: filesOf(folder, 'series'),
    facts: [],
  };
}

/** `runs.parquet`, `runs-3.parquet`, …, by name. */
function filesOf(folder: string, table: 'runs' | 'series'): string[] {
  const pattern = new RegExp(`^${table}([-_.].*)?\\.parquet$`);
  const names = readdirSync(folder).filter((name) => pattern.test(name));
  return names.sort((left, right) => (left < right ? -1 : 1)).map((name) => join(folder, name));
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** Looks at the end of every file; gives what they say of themselves. */
async function refuseBadTables({ runs, series }: StudyFolder, terminal: Terminal): Promise<MetricFactsOfTable[]> {
  const facts = new Map<string, MetricFactsOfTable>();
  const look = async (path: string, table: 'runs' | 'series'): Promise<void> => {
    const footer = await footerOf(path, terminal);
    refuseForeign(footer, table, shownPath(terminal, path));
    for (const each of factsOf(footer)) facts.set(each.name, each);
  };
  for (const path of runs) await look(path, 'runs');
  for (const path of series) await look(path, 'series');
  return [...facts.values()];
}

function factsOf({ key_value_metadata: notes = [] }: FileMetaData): MetricFactsOfTable[] {
  const text = notes.find(({ key }) => key === DICTIONARY_KEY)?.value ?? '{}';
  const { columns = [], metrics = [] } = dictionaryIn(text);
  return [...columns.map(({ name, unit, meaning }) => ({ name, unit: unit ?? '', meaning })), ...metrics];
}

/** A dictionary that cannot be read explains nothing; the rows are there all the same. */
function dictionaryIn(text: string): Partial<TableDictionary> {
  try {
    const found = JSON.parse(text) as Partial<TableDictionary> | null;
    return Array.isArray(found?.columns) && Array.isArray(found.metrics) ? found : {};
  } catch {
    return {};
  }
}

/** A file of one run, and the command that makes it again. */
export function damagedRun(shown: string, name: string, reason: string): Error {
  const isPlan = name === 'plan.json';
  return commandMistake('C173', `${shown}/${name} is damaged`, {
    found: reason,
    notes: [
      `nothing was changed; make it again: ${isPlan ? 'run its scenario' : replayCommand(['run', `${shown}/plan.json`])}`,
    ],
  });
}

/** A table that cannot be read, and what to do about it. */
export function damagedTable(shown: string, reason: string): Error {
  return commandMistake('C173', `${shown} is damaged`, {
    found: reason,
    notes: [
      'nothing was changed; make it again: the run of its plan.json, or the sweep, which does only what is missing',
    ],
  });
}

async function footerOf(path: string, terminal: Terminal): Promise<FileMetaData> {
  try {
    const file = openSync(path, 'r');
    try {
      return await parquetMetadataAsync(fileBuffer(file));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw damagedTable(shownPath(terminal, path), systemReason(error));
  }
}

function fileBuffer(file: number): AsyncBuffer {
  const byteLength = fstatSync(file).size;
  return {
    byteLength,
    slice: (start, end = byteLength) => {
      const bytes = new Uint8Array(Math.max(0, end - start));
      readSync(file, bytes, 0, bytes.length, start);
      return bytes.buffer;
    },
  };
}

function refuseForeign(
  { key_value_metadata: notes = [], schema }: FileMetaData,
  table: 'runs' | 'series',
  shown: string,
) {
  const format = notes.find(({ key }) => key === FORMAT_KEY)?.value;
  const columns = schema.map(({ name }) => name);
  const missing = NEEDED[table].filter((name) => !columns.includes(name));
  if (format !== undefined && Number(format) !== TABLE_FORMAT) {
    const { message, ...details } = otherFormat({
      ...{ what: `${shown} is a table`, format, known: TABLE_FORMAT },
      renew: 'let the same sweep write it again',
    });
    throw commandMistake('C174', message, details);
  }
  if (format === undefined || missing.length > 0) {
    throw commandMistake('C174', `${shown} is not a table of a study`, {
      expected: `a file that sweep has written, with ${NEEDED[table].join(', ')}`,
      found: format === undefined ? `no ${FORMAT_KEY} in its metadata` : `no column ${missing.join(', ')}`,
    });
  }
}
