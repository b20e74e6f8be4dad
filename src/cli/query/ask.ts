/** Puts one question to the database and gives the answer chunk by chunk. Only questions: what would write is refused. */
import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import type { AnswerCell } from '../../report/tables/answer.ts';
import type { TableOverview } from '../../report/tables/overview.ts';
import { answerCell } from './answer-cells.ts';
import type { Database } from './database.ts';
import type { DuckDbModule } from './duckdb.ts';
import { TABLE_NAMES, queryMistake, sqlMistake } from './sql-mistake.ts';
import type { Tables } from './sql-mistake.ts';

const TABLES_SQL =
  'SELECT table_name, column_name FROM information_schema.columns ORDER BY table_name, ordinal_position';

export class Question {
  readonly #sql: string;
  readonly #database: Database;
  readonly #tables: Tables;

  private constructor(sql: string, database: Database, tables: Tables) {
    this.#sql = sql;
    this.#database = database;
    this.#tables = tables;
  }

  static async of(sql: string, database: Database): Promise<Question> {
    return new Question(sql, database, await tablesOf(database.connection));
  }

  /** Of all tables, instead of asking one. */
  static async overview(database: Database): Promise<TableOverview[]> {
    const tables = await tablesOf(database.connection);
    const overviews: TableOverview[] = [];
    for (const name of TABLE_NAMES) {
      const question = new Question(`SELECT count(*) FROM ${name}`, database, tables);
      const [[count]] = await question.#guarded(async () => (await database.connection.run(question.#sql)).getRows());
      overviews.push({ name, rowCount: Number(count), columns: tables.get(name) ?? [] });
    }
    return overviews;
  }

  /** Throws a mistake for what is wrong with it, or with the files that it reads. */
  async ask(duckDb: DuckDbModule): Promise<DuckDBResult> {
    const { connection } = this.#database;
    return this.#guarded(async () => {
      const statements = await connection.extractStatements(this.#sql);
      this.#refuseSeveral(statements.count);
      for (let index = 0; ; index++) {
        const statement = await statements.prepare(index);
        const isLast = index === statements.count - 1;
        this.#refuseWriting(duckDb, statement.statementType, isLast);
        if (isLast) return await statement.stream();
        await statement.run();
      }
    });
  }

  async *rows(result: DuckDBResult): AsyncGenerator<AnswerCell[][]> {
    for (;;) {
      const chunk = await this.#guarded(() => result.fetchChunk());
      if (chunk === null || chunk.rowCount === 0) return;
      yield chunk.getRows().map((row) => row.map(answerCell));
    }
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw sqlMistake(error, this.#sql, { files: this.#database.files, tables: this.#tables });
    }
  }

  /** PIVOT without a list is two: it first looks up its columns. */
  #refuseSeveral(count: number): void {
    if (count === 1 || (count === 2 && /\bpivot/i.test(this.#sql))) return;
    throw queryMistake(this.#sql, {
      ...{ at: -1, length: 1, code: count === 0 ? 'C171' : 'C175' },
      message: count === 0 ? 'there is no query' : `${count} statements`,
      expected: 'one SELECT',
    });
  }

  #refuseWriting({ StatementType: types }: DuckDbModule, type: number, isLast: boolean): void {
    const allowed: number[] = isLast ? [types.SELECT, types.EXPLAIN] : [types.CREATE];
    if (allowed.includes(type)) return;
    throw queryMistake(this.#sql, {
      ...{ at: -1, length: 1, code: 'C175', expected: 'a SELECT' },
      message: `a query only reads, this is ${types[type]}`,
      notes: ['-o FILE writes the answer to a file'],
    });
  }
}

async function tablesOf(connection: DuckDBConnection): Promise<Tables> {
  const tables = new Map<string, string[]>();
  for (const [table, column] of await (await connection.run(TABLES_SQL)).getRows()) {
    if (!TABLE_NAMES.includes(String(table))) continue;
    const columns = tables.get(String(table)) ?? [];
    tables.set(String(table), [...columns, String(column)]);
  }
  return tables;
}
