/** The long tables of a study: rows and dictionaries, from its manifest and the runs that ended. In one order, whatever ended first. */
import type { Series } from '../../observe/result.ts';
import { cellOf } from './axis-values.ts';
import { factsOfMetric, metricOfColumn, whereOfColumn, whereText } from './measured.ts';
import { addressOf } from './progress-of-study.ts';
import type { Records, RunRecord } from './progress-of-study.ts';
import type { Cell, ColumnFacts, MetricFactsOfTable, RunRow, TableDictionary } from './rows.ts';
import type { Measure, Study } from './study.ts';

/** Runs that gave values, by cell and then seed. */
export function doneRuns({ cells, seeds }: Study, records: Records): RunRecord[] {
  return cells.flatMap(({ cell }) =>
    seeds.flatMap((seed) => {
      const record = records.get(addressOf({ cell, seed }));
      return record?.outcome === 'done' ? [record] : [];
    }),
  );
}

export function runRows(study: Study, records: Records): RunRow[] {
  return doneRuns(study, records).flatMap((record) => {
    const { values, repairs } = study.cells[record.cell];
    const axes = Object.fromEntries(study.axes.map(({ column, type }, own) => [column, cellOf(values[own], type)]));
    return study.measures.map((measure, index) => ({
      study: study.name,
      cell: record.cell,
      run_id: record.run_id,
      plan_hash: record.plan_hash,
      fingerprint: record.fingerprint,
      seed: record.seed,
      repairs,
      axes,
      metric: nameOfMeasure(measure),
      where: whereText(measure.where),
      value: record.values[index],
      unit: factsOfMetric(measure.metric).unit,
    }));
  });
}

/** `latent_copies`, or `highest_latent_copies`: two measures of one metric are two metrics of the table. */
export function nameOfMeasure({ metric, take }: Measure): string {
  return take === 'end' ? metric : `${take}_${metric}`;
}

/** The table of series, column by column in the order of its dictionary: there may be millions of rows. */
export class SeriesColumns {
  readonly columns: Cell[][] = [[], [], [], [], [], [], []];

  add({ run_id, cell, seed }: RunRecord, { time_micros: times, columns }: Series): void {
    const [ids, cells, seeds, moments, metrics, parts, numbers] = this.columns;
    for (const [name, values] of Object.entries(columns)) {
      const [metric, where] = [metricOfColumn(name), whereOfColumn(name)];
      for (let row = 0; row < times.length; row += 1) {
        ids.push(run_id);
        cells.push(cell);
        seeds.push(seed);
        moments.push(times[row]);
        metrics.push(metric);
        parts.push(where);
        numbers.push(finite(values[row]));
      }
    }
  }
}

function finite(value: number | null | undefined): number | null {
  return value === null || value === undefined || !Number.isFinite(value) ? null : value;
}

function column(
  name: string,
  type: ColumnFacts['type'],
  meaning: string,
  more: Partial<ColumnFacts> = {},
): ColumnFacts {
  return { name, type, unit: null, meaning, nullable: false, ...more };
}

const RUN_ID = column('run_id', 'text', 'Of the run: hash of its plan and of the program.');
const CELL = column('cell', 'whole', 'Number of the cell, from 0, in the order of study.json.');
const SEED = column('seed', 'text', 'The seed of the run.');
const WHERE = column('where', 'text', 'Part that is measured, such as node=n3; no value: all.', { nullable: true });

export function runsDictionary(study: Study): TableDictionary {
  return {
    table: 'runs',
    meaning: 'One measured value of one run.',
    columns: [
      column('study', 'text', 'Name of the study.'),
      CELL,
      RUN_ID,
      column('plan_hash', 'text', 'Hash of the plan: runs of one plan are alike.'),
      column('fingerprint', 'text', 'Of the trace of the run.'),
      SEED,
      column('repairs', 'text', 'Id of the repairs; no value: those of the scenario.', { nullable: true }),
      ...study.axes.map(({ column: name, type, unit, path }) =>
        column(name, type, `What ${path} was set to; no value: it was removed.`, { unit, nullable: true }),
      ),
      column('metric', 'text', 'What was measured.'),
      WHERE,
      column('value', 'double', 'In the unit of this row; no value: the metric had none in this run.', {
        nullable: true,
      }),
      column('unit', 'text', 'Unit of the value.'),
    ],
    metrics: study.measures.map(ofMeasure),
  };
}

function ofMeasure(measure: Measure): MetricFactsOfTable {
  const { unit, meaning } = factsOfMetric(measure.metric);
  const when = { end: 'At the end of the run.', highest: 'The highest of the run.', lowest: 'The lowest of the run.' };
  return { name: nameOfMeasure(measure), unit, meaning: `${meaning} ${when[measure.take]}` };
}

export function seriesDictionary(study: Study): TableDictionary {
  return {
    table: 'series',
    meaning: 'One value of one metric of one run at one sample.',
    columns: [
      RUN_ID,
      CELL,
      SEED,
      column('at_micros', 'micros', 'Virtual time of the sample; before and after a change of regime there are two.', {
        unit: 'us',
      }),
      column('metric', 'text', 'What was sampled.'),
      WHERE,
      column('value', 'double', 'In the unit of the metric; no value: it had none at this moment.', { nullable: true }),
    ],
    metrics: study.series.map((name) => ({ name, ...pick(factsOfMetric(name)) })),
  };
}

function pick({ unit, meaning }: { unit: string; meaning: string }): { unit: string; meaning: string } {
  return { unit, meaning };
}
