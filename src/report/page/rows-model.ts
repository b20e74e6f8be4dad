/**
 * What of the comparison by rows is shown when some strategies are: the kinds of rows (who of them left those) with their
 * counts, the rows themselves, and the commands that explain one. Works on what the document has; counts nothing anew.
 */
import type { ComparedRow, RowsCompared } from '../../studies/compare/rows-compared.ts';

export interface RowKind {
  /** Of the strategies that are shown. */
  left: string[];
  rows: number;
}

/** Rows that one of the strategies left and another healed, by who left them; most rows first. */
export function kindsOf({ patterns }: RowsCompared, shown: readonly string[]): RowKind[] {
  const kinds = new Map<string, RowKind>();
  for (const { left, rows } of patterns) {
    const own = shown.filter((id) => left.includes(id));
    if (own.length === 0 || own.length === shown.length) continue;
    const kind = kinds.get(own.join()) ?? { left: own, rows: 0 };
    kind.rows += rows;
    kinds.set(own.join(), kind);
  }
  return [...kinds.values()].sort((one, other) => other.rows - one.rows);
}

/** Rows of combinations that are too rare to be listed. */
export function unlistedRows({ differing, patterns }: RowsCompared): number {
  return differing - patterns.reduce((sum, { rows }) => sum + rows, 0);
}

/** `kind` null: of all kinds. */
export function rowsOfKind(
  { rows }: RowsCompared,
  shown: readonly string[],
  kind: readonly string[] | null,
): ComparedRow[] {
  return rows.filter(({ left }) => {
    const own = shown.filter((id) => Object.hasOwn(left, id));
    return kind === null ? own.length > 0 && own.length < shown.length : own.join() === kind.join();
  });
}

/** Runs the strategy and tells the row, as `explain` does. */
export function explainCommand(
  replay: string,
  { table, key, row }: Pick<ComparedRow, 'table' | 'key' | 'row'>,
): string {
  const name = shellWord(`${table}:${key}`);
  return `${replay} && npx reconverge explain last --key ${name}${row > 0 ? ` --row ${row}` : ''}`;
}

function shellWord(text: string): string {
  return /^[\w.=+:/@%,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
