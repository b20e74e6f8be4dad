/** DuckDB answers queries. It is 70 MB, so it is not installed with Reconverge: who queries installs it. */
import type * as DuckDb from '@duckdb/node-api';
import { commandMistake } from '../command-mistake.ts';

export type DuckDbModule = typeof DuckDb;
export type DuckDbLoader = () => Promise<DuckDbModule>;

/** The version that is tested; package.json names the same. */
const DUCKDB = '@duckdb/node-api@1.5.5-r.5';

/** A variable, so that nothing looks for a package that need not be there before it is wanted. */
const SPECIFIER: string = '@duckdb/node-api';
const importDuckDb: DuckDbLoader = async () => (await import(/* @vite-ignore */ SPECIFIER)) as DuckDbModule;

export async function loadDuckDb(load: DuckDbLoader = importDuckDb): Promise<DuckDbModule> {
  try {
    return await load();
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
    const [reason = ''] = error instanceof Error ? error.message.split('\n') : [];
    throw commandMistake('C170', isMissing ? 'query needs DuckDB, which is not installed' : 'DuckDB does not start', {
      ...(isMissing ? {} : { found: reason }),
      notes: [
        `npm install ${DUCKDB}`,
        'without it: series.csv, result.json and the .parquet files of a study for other tools',
      ],
    });
  }
}
