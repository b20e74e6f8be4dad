/**
 * A result table in memory: its dictionary (columns with type, unit and meaning) and one list of cells for each column. The
 * long tables of a study are made here from its rows; files are written from it (parquet.ts, csv.ts). Knows no file and no study.
 */
import type { ColumnFacts, RunRow, SeriesRow, TableDictionary } from '../../studies/sweep/rows.ts';

/** Beyond what a study holds also whole numbers above 2^53, as a query may give them. */
export type TableCell = string | number | bigint | boolean | null;

/** A study has `runs` and `series`; other tables have other names. */
export type Dictionary = Omit<TableDictionary, 'table'> & { table: string };

export interface Table {
  dictionary: Dictionary;
  /** By column of the dictionary, in its order; all of one length. */
  columns: readonly (readonly TableCell[])[];
}

/** Columns of axes read from `axes`, the others from the row itself. */
export function runsTable(dictionary: Dictionary, rows: readonly RunRow[]): Table {
  return {
    dictionary,
    columns: dictionary.columns.map(({ name }) =>
      rows.map((row) => (isOwn(row, name) ? row[name] : (row.axes[name] ?? null))),
    ),
  };
}

export function seriesTable(dictionary: Dictionary, rows: readonly SeriesRow[]): Table {
  return {
    dictionary,
    columns: dictionary.columns.map(({ name }) => rows.map((row) => cellOf(row, name))),
  };
}

export function rowCount(table: Table): number {
  return table.columns[0]?.length ?? 0;
}

function isOwn(row: RunRow, name: string): name is Exclude<keyof RunRow, 'axes'> {
  return name !== 'axes' && Object.hasOwn(row, name);
}

function cellOf(row: SeriesRow, name: string): TableCell {
  return Object.hasOwn(row, name) ? row[name as keyof SeriesRow] : null;
}

/** What a column may hold as a file does: no NaN and no infinity, and no zero with a sign. */
export function plainCell({ type }: ColumnFacts, cell: TableCell): TableCell {
  if (typeof cell !== 'number' || type === 'text') return cell;
  if (!Number.isFinite(cell)) return null;
  return cell === 0 ? 0 : cell;
}
