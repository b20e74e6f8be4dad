/** The data dictionary of tables, written from their descriptions: every column and metric with its unit and meaning. */
import { csvField } from '../csv.ts';
import type { ColumnFacts } from '../../studies/sweep/rows.ts';
import type { Dictionary } from './table.ts';

export function dictionaryMarkdown(dictionaries: readonly Dictionary[]): string {
  const sections = dictionaries.flatMap(({ table, meaning, columns, metrics }) => [
    `## ${table}\n\n${meaning}`,
    pipeTable(['column', 'type', 'unit', 'meaning'], columns.map(columnCells)),
    ...(metrics.length === 0
      ? []
      : [
          pipeTable(
            ['metric', 'unit', 'meaning'],
            metrics.map(({ name, unit, meaning: text }) => [name, unit, text]),
          ),
        ]),
  ]);
  return `${['# Data dictionary', ...sections].join('\n\n')}\n`;
}

export function dictionaryCsv(dictionaries: readonly Dictionary[]): string {
  const rows = dictionaries.flatMap(({ table, columns, metrics }) => [
    ...columns.map((facts) => [table, 'column', ...columnCells(facts)]),
    ...metrics.map(({ name, unit, meaning }) => [table, 'metric', name, 'double', unit, meaning]),
  ]);
  const lines = [['table', 'kind', 'name', 'type', 'unit', 'meaning'], ...rows];
  return `${lines.map((cells) => cells.map((cell) => (cell === '' ? '' : csvField(cell))).join(',')).join('\n')}\n`;
}

function columnCells({ name, type, unit, meaning, nullable }: ColumnFacts): string[] {
  return [name, type, unit ?? '', nullable ? `${meaning} May hold no value.` : meaning];
}

/** GitHub's tables: a bar ends a cell, a line feed the row. */
export function pipeTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(pipeCell).join(' | ')} |`;
  return [line(titles), `|${titles.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

function pipeCell(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|')
    .replaceAll(/\r\n|\r|\n/g, '<br>');
}
