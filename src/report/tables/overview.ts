/** Which tables a query may ask, with their rows and columns: what is shown where nothing was asked. */
import { formatExact } from '../../base/human.ts';
import { labelled } from '../table.ts';
import { renderLines } from '../lines.ts';
import type { TextOptions } from '../lines.ts';

export interface TableOverview {
  name: string;
  rowCount: number;
  columns: readonly string[];
}

/** A column of each metric is too many to list. */
const COLUMNS_MOST = 24;

/** `question` is the command that asks one of them. */
export function renderOverview(tables: readonly TableOverview[], question: string, options: TextOptions): string {
  const lines = tables.flatMap(({ name, rowCount, columns }) => [
    ...labelled(name, `${formatExact(rowCount)} ${rowCount === 1 ? 'row' : 'rows'}`, options.columns, 'bold'),
    ...labelled('', columnsText(columns), options.columns),
  ]);
  return renderLines([...lines, ...labelled('ask', question, options.columns)], options);
}

export function columnsText(columns: readonly string[]): string {
  const shown = columns.slice(0, COLUMNS_MOST).join(', ');
  return columns.length > COLUMNS_MOST ? `${shown} and ${columns.length - COLUMNS_MOST} more` : shown;
}
