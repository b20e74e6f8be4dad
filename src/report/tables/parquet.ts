/**
 * A table as the bytes of a Parquet file, which pandas, R, Spark and DuckDB read. The same table gives the same bytes on every
 * machine. Units and meanings of columns stand in the file's key-value metadata: `reconverge.format`, `reconverge.version`,
 * and `reconverge.dictionary` (JSON).
 */
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { ColumnSource } from 'hyparquet-writer';
import { VERSION } from '../../base/version.ts';
import type { ColumnFacts, ColumnType } from '../../studies/sweep/rows.ts';
import { plainCell } from './table.ts';
import type { Table, TableCell } from './table.ts';

/** Of the files. A reader refuses a newer one. */
export const TABLE_FORMAT = 1;
export const FORMAT_KEY = 'reconverge.format';
export const DICTIONARY_KEY = 'reconverge.dictionary';
const VERSION_KEY = 'reconverge.version';
/** One size for all: how rows are grouped shows in the bytes. */
const GROUP_ROWS = 100_000;

const PARQUET_TYPES: Readonly<Record<ColumnType, NonNullable<ColumnSource['type']>>> = {
  text: 'STRING',
  double: 'DOUBLE',
  whole: 'INT64',
  micros: 'INT64',
  flag: 'BOOLEAN',
};

export function tableParquet(table: Table): Uint8Array {
  const bytes = parquetWriteBuffer({
    columnData: table.dictionary.columns.map((facts, index) => columnSource(facts, table.columns[index])),
    rowGroupSize: GROUP_ROWS,
    createdBy: `reconverge ${VERSION}`,
    kvMetadata: [
      { key: FORMAT_KEY, value: String(TABLE_FORMAT) },
      { key: VERSION_KEY, value: VERSION },
      { key: DICTIONARY_KEY, value: JSON.stringify(table.dictionary) },
    ],
  });
  return new Uint8Array(bytes);
}

function columnSource(facts: ColumnFacts, cells: readonly TableCell[]): ColumnSource {
  const data = cells.map((cell) => physicalCell(facts, cell));
  return { name: facts.name, type: PARQUET_TYPES[facts.type], nullable: facts.nullable, data };
}

function physicalCell(facts: ColumnFacts, cell: TableCell): TableCell {
  const plain = plainCell(facts, cell);
  const isWhole = facts.type === 'whole' || facts.type === 'micros';
  return isWhole && typeof plain === 'number' ? BigInt(plain) : plain;
}
