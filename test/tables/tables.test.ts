/** Files of result tables, read back by two readers that are not ours; the dictionary; rows of a study. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { afterAll, describe, expect, it } from 'vitest';
import { tableCsv } from '../../src/report/tables/csv.ts';
import { dictionaryCsv, dictionaryMarkdown } from '../../src/report/tables/dictionary.ts';
import { DICTIONARY_KEY, FORMAT_KEY, tableParquet } from '../../src/report/tables/parquet.ts';
import { runsTable, seriesTable } from '../../src/report/tables/table.ts';
import type { RunRow, SeriesRow, TableDictionary } from '../../src/studies/sweep/rows.ts';
import { KNOWN_DOUBLES, KNOWN_WHOLES, TEXTS, hardTable } from './sample-table.ts';

const home = mkdtempSync(join(tmpdir(), 'reconverge-tables-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const bufferOf = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

async function duckRows(path: string, sql: string) {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  return (await connection.runAndReadAll(sql.replace('FILE', `'${path}'`))).getRows();
}

describe('a table as Parquet', () => {
  it('is read back by hyparquet as it was', async () => {
    const rows = await parquetReadObjects({ file: bufferOf(tableParquet(hardTable())) });
    expect(rows.map(({ text }) => text)).toEqual(TEXTS);
    expect(rows.map(({ double }) => double)).toEqual(KNOWN_DOUBLES);
    expect(rows.map(({ whole }) => whole)).toEqual(KNOWN_WHOLES);
    expect(rows[1]['odd name, "quoted"']).toBe(9007199254740991n);
    expect(rows.slice(0, 3).map(({ flag }) => flag)).toEqual([true, false, null]);
  });

  it('is read back by DuckDB as it was', async () => {
    const path = join(home, 'hard.parquet');
    writeFileSync(path, tableParquet(hardTable()));
    const rows = await duckRows(path, 'select text, double, whole from read_parquet(FILE)');
    expect(rows.map(([text]) => text)).toEqual(TEXTS);
    expect(rows.map(([, double]) => double)).toEqual(KNOWN_DOUBLES);
    expect(rows.map(([, , whole]) => whole)).toEqual(KNOWN_WHOLES);
    // A zero has no sign, so that equal values are equal bytes.
    expect(Object.is(rows[1][1], 0)).toBe(true);
  });

  it('has the same bytes each time, and its dictionary with it', () => {
    const bytes = tableParquet(hardTable());
    expect(tableParquet(hardTable())).toEqual(bytes);
    const { key_value_metadata: notes = [], created_by: maker } = parquetMetadata(bufferOf(bytes));
    const noteOf = (wanted: string): string => notes.find(({ key }) => key === wanted)?.value ?? '';
    expect(noteOf(FORMAT_KEY)).toBe('1');
    expect(JSON.parse(noteOf(DICTIONARY_KEY))).toEqual(hardTable().dictionary);
    expect(maker).toMatch(/^reconverge \d/);
  });

  it('may hold no row', async () => {
    const { dictionary } = hardTable();
    const bytes = tableParquet({ dictionary, columns: dictionary.columns.map(() => []) });
    expect(await parquetReadObjects({ file: bufferOf(bytes) })).toEqual([]);
    expect(parquetMetadata(bufferOf(bytes)).schema.map(({ name }) => name)).toContain('whole');
  });

  it('refuses a whole number that is none rather than cut it', () => {
    const { dictionary } = hardTable();
    const wide = dictionary.columns.map((_, index) => [index === 2 ? 2n ** 63n : null]);
    expect(() => tableParquet({ dictionary, columns: wide })).toThrow(/out of range/);
  });
});

describe('a table as CSV', () => {
  it('quotes what must be quoted; no value is an empty field, an empty text is not', () => {
    const lines = tableCsv(hardTable()).split('\n');
    expect(lines[0]).toBe('text,double,whole,flag,"odd name, ""quoted"""');
    expect(lines[1]).toBe('"",0.1,0,true,0');
    expect(lines[2]).toBe('ä 日本 🜂,0,9007199254740991,false,9007199254740991');
    expect(tableCsv(hardTable())).toContain('"a,b ""c""\r\nd",5e-324,9223372036854775807,,');
  });
});

describe('a data dictionary', () => {
  it('names every column and metric', () => {
    const { dictionary } = hardTable();
    expect(dictionaryMarkdown([dictionary])).toContain('| latent_copies | copies | Copies \\| that wait. |');
    expect(dictionaryMarkdown([dictionary])).toContain('| whole | whole |  | Of type whole. May hold no value. |');
    expect(dictionaryCsv([dictionary])).toContain('runs,metric,latent_copies,double,copies,Copies | that wait.\n');
    expect(dictionaryCsv([dictionary]).split('\n')).toHaveLength(8);
  });
});

describe('rows of a study', () => {
  const columnsOf = (names: readonly string[]): TableDictionary => ({
    ...{ table: 'runs', meaning: '', metrics: [] },
    columns: names.map((name) => ({ name, type: 'text', unit: null, meaning: '', nullable: true })),
  });

  it('become columns in the order of the dictionary, axes among them', () => {
    const row: RunRow = {
      ...{ study: 's', cell: 3, run_id: 'r', plan_hash: 'p', fingerprint: 'f', seed: '1', repairs: null },
      ...{ axes: { window: '3h' }, metric: 'm', where: null, value: 7, unit: 'copies' },
    };
    const table = runsTable(columnsOf(['seed', 'window', 'axes', 'value', 'other']), [row]);
    expect(table.columns).toEqual([['1'], ['3h'], [null], [7], [null]]);
  });

  it('of a series too', () => {
    const row: SeriesRow = { run_id: 'r', cell: 0, seed: '1', at_micros: 5, metric: 'm', where: null, value: null };
    expect(seriesTable(columnsOf(['at_micros', 'value', 'toString']), [row]).columns).toEqual([[5], [null], [null]]);
  });
});
