/**
 * A table as CSV (RFC 4180, but with line feeds): a header, then its rows. What has no value is an empty field, an empty text
 * is `""`. Numbers are the shortest text that reads back as the same number.
 */
import { csvField, csvNumber } from '../csv.ts';
import { plainCell, rowCount } from './table.ts';
import type { Table, TableCell } from './table.ts';

export function tableCsv(table: Table): string {
  const { columns: facts } = table.dictionary;
  const lines = [facts.map(({ name }) => csvField(name)).join(',')];
  for (let row = 0; row < rowCount(table); row++) {
    lines.push(facts.map((column, index) => cellText(plainCell(column, table.columns[index][row]))).join(','));
  }
  return `${lines.join('\n')}\n`;
}

function cellText(cell: TableCell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return csvNumber(cell);
  return typeof cell === 'string' ? csvField(cell) : String(cell);
}
