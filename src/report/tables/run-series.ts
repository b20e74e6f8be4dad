/** The series of one run as a table: a row for each sample and a column for each metric, as in series.csv, with units and meanings. */
import type { Series } from '../../observe/result.ts';
import type { ColumnFacts } from '../../studies/sweep/rows.ts';
import type { Table } from './table.ts';

export type FactsOfColumn = (column: string) => { unit: string | null; meaning: string };

export function runSeriesTable({ time_micros: times, columns, notes = [] }: Series, factsOf: FactsOfColumn): Table {
  const named = Object.entries(columns);
  const time: ColumnFacts = {
    ...{ name: 'time_micros', type: 'micros', unit: 'us', nullable: false },
    meaning: 'Virtual time of the sample; before and after a change of regime there are two.',
  };
  return {
    dictionary: {
      table: 'series',
      meaning: ['The series of one run: a row for each sample.', ...notes].join(' '),
      columns: [
        time,
        ...named.map(([name]): ColumnFacts => ({ name, type: 'double', nullable: true, ...factsOf(name) })),
      ],
      metrics: [],
    },
    columns: [times, ...named.map(([, values]) => times.map((_, row) => values[row] ?? null))],
  };
}
