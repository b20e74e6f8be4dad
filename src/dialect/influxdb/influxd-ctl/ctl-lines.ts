/** Lines and columns of what influxd-ctl prints, with their places. Columns stand two blanks or a tab apart. */
import type { Mistake } from '../../../base/mistake.ts';
import type { ImportedFile } from '../../../scenario/dialect-rules.ts';
import type { InfluxMistakeCode } from '../mistake-codes.ts';

export interface Column {
  text: string;
  /** From 1. */
  at: number;
}

export interface CtlLine {
  /** From 1. */
  number: number;
  text: string;
  columns: Column[];
}

export interface CtlTable {
  /** `Data Nodes`. */
  title: string;
  /** The line with the names of the columns; null where there is none. */
  header: CtlLine | null;
  rows: CtlLine[];
}

/** A title, a line of `=`, the names of the columns, rows up to an empty line. */
export function tablesOf(text: string): CtlTable[] {
  const tables: CtlTable[] = [];
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  let table: CtlTable | null = null;
  lines.forEach((line, index) => {
    if (/^=+\s*$/.test(line)) {
      table = { title: (lines[index - 1] ?? '').trim(), header: null, rows: [] };
      tables.push(table);
    } else if (table === null || line.trim() === '' || /^=+\s*$/.test(lines[index + 1] ?? '')) {
      if (line.trim() === '' && table !== null && (table.header !== null || table.rows.length > 0)) table = null;
    } else {
      const read = { number: index + 1, text: line, columns: columnsOf(line) };
      // A row begins with a number: who cut the headings off gives rows all the same.
      if (table.header === null && table.rows.length === 0 && !/^\s*\d/.test(line)) table.header = read;
      else table.rows.push(read);
    }
  });
  return tables;
}

export function columnsOf(line: string): Column[] {
  return [...line.matchAll(/\S+(?: \S+)*/g)].map((match) => ({ text: match[0], at: match.index + 1 }));
}

export interface Finding extends Partial<Pick<Mistake, 'expected' | 'found' | 'suggestion'>> {
  message: string;
  /** Characters of the line; absent: all of it. */
  part?: Column;
}

export function ctlMistake(
  file: ImportedFile,
  code: InfluxMistakeCode,
  { line, part, ...finding }: Finding & { line: { number: number; text: string } | null },
): Mistake {
  const text = part?.text ?? line?.text.trim() ?? '';
  return {
    ...{ code, severity: 'mistake', file: file.path, path: 'cluster.from' },
    ...{ line: line?.number ?? 1, column: part?.at ?? 1, length: Math.max(1, text.length) },
    ...finding,
  };
}
