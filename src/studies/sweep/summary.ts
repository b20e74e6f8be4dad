/** What a study found by now, as plain data for reports: counts, a mean and its interval for each cell and measure, looks, failures. */
import { meanInterval } from '../statistics/mean-interval.ts';
import type { MeanInterval } from '../statistics/mean-interval.ts';
import { textOf } from './axis-values.ts';
import { factsOfMetric, whereText } from './measured.ts';
import { addressOf, looksOf, runsUpTo, valuesOfCell } from './progress-of-study.ts';
import type { Look, Records, RunRecord } from './progress-of-study.ts';
import type { Study } from './study.ts';
import { nameOfMeasure } from './table-rows.ts';

export interface StudySummary {
  name: string;
  seeds: string[];
  /** Seeds of which there is any run. */
  seedsUsed: number;
  done: number;
  failed: RunRecord[];
  /** Runs that are due and not there. */
  missing: number;
  /** Titles of the columns that tell cells apart. */
  factors: string[];
  measures: { title: string; unit: string }[];
  cells: CellSummary[];
  looks: Look[];
  /** What the stop rule is about. */
  stopMetric: string | null;
}

export interface CellSummary {
  /** By factor, in words. */
  values: string[];
  runs: number;
  /** By measure; null where no run had a value. */
  means: (MeanInterval | null)[];
  /** Runs that had none, by measure. */
  without: number[];
}

const CONFIDENCE = 0.95;

export function summarize(study: Study, records: Records): StudySummary {
  const all = [...records.values()];
  const { looks, due } = looksOf(study, records);
  const used = new Set(all.map(({ seed }) => seed));
  return {
    name: study.name,
    seeds: study.seeds,
    seedsUsed: used.size,
    done: all.filter(({ outcome }) => outcome === 'done').length,
    failed: all.filter(({ outcome }) => outcome === 'failed'),
    missing: runsUpTo(study, due ?? 0).filter((address) => !records.has(addressOf(address))).length,
    factors: factorTitles(study),
    measures: study.measures.map((measure) => {
      const where = whereText(measure.where);
      const title = `${nameOfMeasure(measure)}${where === null ? '' : ` ${where}`}`;
      return { title, unit: factsOfMetric(measure.metric).unit };
    }),
    cells: cellsOf(study, records),
    looks,
    stopMetric: study.stop === null ? null : study.measures[study.stop.measure].metric,
  };
}

function cellsOf(study: Study, records: Records): CellSummary[] {
  const seeds = study.seeds.length;
  return study.cells.map(({ cell, repairs, values }) => {
    const runs = study.seeds.filter((seed) => records.get(addressOf({ cell, seed }))?.outcome === 'done').length;
    const measured = study.measures.map((_, measure) => valuesOfCell(study, { cell, measure, seeds }, records));
    return {
      values: [
        ...(repairs === null ? [] : [repairs]),
        ...values.map((value) => (value === null ? 'removed' : textOf(value))),
      ],
      runs,
      means: measured.map((own) => (own.length === 0 ? null : meanInterval(own, CONFIDENCE))),
      without: measured.map((own) => runs - own.length),
    };
  });
}

/** The last step of a path, where it tells axes apart. */
function factorTitles({ axes, cells }: Study): string[] {
  const short = axes.map(({ path }) => path.split('.').slice(-1)[0]);
  const titles = axes.map(({ path }, own) =>
    short.filter((each) => each === short[own]).length > 1 ? path : short[own],
  );
  return cells[0].repairs === null ? titles : ['repairs', ...titles];
}
