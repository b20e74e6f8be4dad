/** Values of DuckDB as plain cells of an answer: numbers, texts, lists and fields. What is none of these is its text in SQL. */
import type { DuckDBResult, DuckDBValue } from '@duckdb/node-api';
import type { AnswerCell, AnswerColumn } from '../../report/tables/answer.ts';
import type { ColumnFacts, ColumnType } from '../../studies/sweep/rows.ts';
import type { TableCell } from '../../report/tables/table.ts';
import { answerJson } from '../../report/tables/answer.ts';

const WHOLE = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/;
const FRACTION = /^(FLOAT|DOUBLE|DECIMAL)/;
const INT64_MAX = 2n ** 63n - 1n;

/** Names are made distinct: `a`, `a:1`. */
export function answerColumns(result: DuckDBResult): AnswerColumn[] {
  const types = result.columnTypes().map(String);
  return result
    .deduplicatedColumnNames()
    .map((name, index) => ({ name, isNumber: WHOLE.test(types[index]) || FRACTION.test(types[index]) }));
}

export function answerCell(value: DuckDBValue): AnswerCell {
  if (value === null || typeof value !== 'object') return value;
  // A decimal is a number with a point; its text has all its digits.
  if ('scale' in value && 'width' in value) return Number(String(value));
  if ('items' in value) return value.items.map(answerCell);
  if (!('entries' in value)) return String(value);
  const { entries } = value;
  if (!Array.isArray(entries))
    return { fields: Object.entries(entries).map(([name, field]) => [name, answerCell(field)]) };
  return entries.map((entry) => ({
    fields: [
      ['key', answerCell(entry.key)],
      ['value', answerCell(entry.value)],
    ],
  }));
}

/** How a column of the answer is kept in a file, and its cells in that form. */
export function tableColumn(
  { name }: AnswerColumn,
  sqlType: string,
  cells: readonly AnswerCell[],
): { facts: ColumnFacts; cells: TableCell[] } {
  const type = columnType(sqlType, cells);
  return {
    facts: { name, type, unit: null, meaning: `A column of the query, ${sqlType}.`, nullable: true },
    cells: cells.map((cell) => tableCell(type, cell)),
  };
}

function columnType(sqlType: string, cells: readonly AnswerCell[]): ColumnType {
  if (sqlType === 'BOOLEAN') return 'flag';
  if (FRACTION.test(sqlType)) return 'double';
  return WHOLE.test(sqlType) && cells.every(fitsInt64) ? 'whole' : 'text';
}

/** Sums are wider than what they sum. */
function fitsInt64(cell: AnswerCell): boolean {
  return typeof cell !== 'bigint' || (cell <= INT64_MAX && cell >= -INT64_MAX - 1n);
}

function tableCell(type: ColumnType, cell: AnswerCell): TableCell {
  if (cell === null || (type !== 'text' && typeof cell !== 'object')) return cell;
  return typeof cell === 'object' ? answerJson(cell) : String(cell);
}
