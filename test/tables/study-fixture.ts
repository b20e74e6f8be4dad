/** A folder of a study, as sweep leaves it: two cells, two seeds, names that a terminal must not believe. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableParquet } from '../../src/report/tables/parquet.ts';
import { runsTable, seriesTable } from '../../src/report/tables/table.ts';
import type { ColumnType, RunRow, SeriesRow, TableDictionary } from '../../src/studies/sweep/rows.ts';

const TYPES: Readonly<Record<string, ColumnType>> = { cell: 'whole', at_micros: 'micros', value: 'double' };

function dictionary(table: 'runs' | 'series', names: readonly string[]): TableDictionary {
  const columns = names.map((name) => ({
    ...{ name, type: TYPES[name] ?? ('text' as const), unit: null, meaning: '', nullable: true },
  }));
  const axis = columns.find(({ name }) => name === 'hint_window');
  if (axis !== undefined) Object.assign(axis, { unit: 'us', meaning: 'How long hints are kept.' });
  return { table, meaning: '', columns, metrics: [] };
}

const IDS = ['study', 'cell', 'run_id', 'plan_hash', 'fingerprint', 'seed', 'repairs', 'hint_window'];
const RUNS = dictionary('runs', [...IDS, 'metric', 'where', 'value', 'unit']);
const SERIES = dictionary('series', ['run_id', 'cell', 'seed', 'at_micros', 'metric', 'where', 'value']);

export const STEERING = 'two\u001b[31m';

export function runRowsOfStudy(): RunRow[] {
  return [0, 1].flatMap((cell) =>
    ['1', '2'].flatMap((seed) => {
      const run = { study: STEERING, cell, run_id: `r${cell}-${seed}`, plan_hash: 'p', fingerprint: 'f', seed };
      const shared = { ...run, repairs: cell === 0 ? null : 'weekly', axes: { hint_window: `${cell + 1}h` } };
      return [
        { ...shared, metric: 'latent_copies', where: null, value: cell * 10 + Number(seed), unit: 'copies' },
        { ...shared, metric: 'born_copies', where: 'cause=node_down,healer=hint', value: 7, unit: 'copies' },
        { ...shared, metric: 'read_bytes', where: null, value: null, unit: 'bytes' },
      ];
    }),
  );
}

function seriesRowsOfStudy(): SeriesRow[] {
  return [0, 60_000_000].map((at) => ({
    ...{ run_id: 'r0-1', cell: 0, seed: '1', at_micros: at, metric: 'latent_copies', where: null, value: at / 1e6 },
  }));
}

export const runsBytes = (): Uint8Array => tableParquet(runsTable(RUNS, runRowsOfStudy()));

export function writeStudy(folder: string, runs: Uint8Array = runsBytes()): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'runs.parquet'), runs);
  writeFileSync(join(folder, 'series.parquet'), tableParquet(seriesTable(SERIES, seriesRowsOfStudy())));
}
