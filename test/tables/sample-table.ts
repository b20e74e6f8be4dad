/** A table with everything that is hard to write: texts of all kinds, no value, numbers at the edges of what fits. */
import type { ColumnType, TableDictionary } from '../../src/studies/sweep/rows.ts';
import type { Table, TableCell } from '../../src/report/tables/table.ts';

export const TEXTS = ['', 'ä 日本 🜂', 'a,b "c"\r\nd', '\u0000\u001b[31m\u202e', null, 'NULL', '\\N', 'null'];
const DOUBLES = [0.1, -0, 5e-324, 1.7976931348623157e308, null, NaN, Infinity, -Infinity];
const WHOLES = [0, 9007199254740991, 9223372036854775807n, -9223372036854775808n, null, 1, -1, 42n];
const FLAGS = [true, false, null, true, false, true, false, true];

const COLUMNS: readonly [name: string, type: ColumnType, cells: readonly TableCell[]][] = [
  ['text', 'text', TEXTS],
  ['double', 'double', DOUBLES],
  ['whole', 'whole', WHOLES],
  ['flag', 'flag', FLAGS],
  ['odd name, "quoted"', 'micros', WHOLES],
];

/** What a file can hold of it: no value instead of what is no number. */
export const KNOWN_DOUBLES = [0.1, 0, 5e-324, 1.7976931348623157e308, null, null, null, null];
export const KNOWN_WHOLES = WHOLES.map((cell) => (cell === null ? null : BigInt(cell)));

const dictionary: TableDictionary = {
  table: 'runs',
  meaning: 'One row for each trouble.',
  columns: COLUMNS.map(([name, type]) => ({ name, type, unit: null, meaning: `Of type ${type}.`, nullable: true })),
  metrics: [{ name: 'latent_copies', unit: 'copies', meaning: 'Copies | that wait.' }],
};

export function hardTable(): Table {
  return { dictionary, columns: COLUMNS.map(([, , cells]) => cells) };
}
