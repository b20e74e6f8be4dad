/**
 * From measures to values: a measure becomes an expectation that cannot be broken, so that a run reads it exactly, at every
 * instant and not only at samples; what `compare` computes of a run is read from its result.
 */
import { findMetric } from '../../observe/metrics.ts';
import type { RunOutput, Series } from '../../observe/result.ts';
import type { Plan, PlanExpectation, PlanWhere } from '../../scenario/plan.ts';
import { measuresOf } from '../compare/measures.ts';
import type { MeasureName } from '../compare/measures.ts';
import { calmMicros } from '../compare/union-plan.ts';
import type { Measure } from './study.ts';

/** What `compare` measures and no metric is. */
export const COMPARED: ReadonlyMap<string, { unit: string; meaning: string }> = new Map([
  [
    'converge_micros',
    {
      unit: 'micros',
      meaning:
        'From the end of the last fault until no copy is latent or waits for a hint, to the sample after; no value: never.',
    },
  ],
  ['unfinished', { unit: 'count', meaning: 'Repairs that failed or had not ended.' }],
]);

export function factsOfMetric(name: string): { unit: string; meaning: string } {
  return findMetric(name) ?? COMPARED.get(name) ?? { unit: 'count', meaning: '' };
}

/** The plan that measures: the same run, and its expectations are the measures. */
export function measuringPlan(plan: Plan, measures: readonly Measure[]): Plan {
  const watched = measures.map((measure, index) => [`m${index}`, expectationOf(measure, plan)] as const);
  return { ...plan, expect: Object.fromEntries(watched.filter(([, each]) => !COMPARED.has(each.metric ?? ''))) };
}

function expectationOf({ metric, where, take }: Measure, plan: Plan): PlanExpectation {
  const end = plan.duration_micros + plan.settle_micros;
  return {
    check: take === 'end' ? 'at' : 'always',
    metric,
    where,
    // The extreme that a bound forbids is what is measured.
    bounds: take === 'lowest' ? { above: -Infinity } : { below: Infinity },
    at_micros: take === 'end' ? end : null,
    from_micros: 0,
    to_micros: end,
    within_micros: null,
    events: [],
    law: null,
    line: 0,
    column: 0,
  };
}

/** In the order of the measures; null: no value. */
export function valuesOf(output: RunOutput, plan: Plan, measures: readonly Measure[]): (number | null)[] {
  return measures.map(({ metric }, index) => {
    const value = COMPARED.has(metric)
      ? measuresOf(output, calmMicros(plan))[metric as MeasureName]
      : (output.result.expectations[`m${index}`]?.measured ?? null);
    return value === null || !Number.isFinite(value) ? null : value;
  });
}

/** Columns of the series that are kept: the metrics named, whole and by their parts. */
export function keptSeries({ time_micros, columns }: Series, metrics: readonly string[]): Series {
  const kept = Object.entries(columns).filter(([name]) => metrics.includes(metricOfColumn(name)));
  return { time_micros, columns: Object.fromEntries(kept) };
}

/** `latent_copies{node=n1}` */
export function metricOfColumn(column: string): string {
  const at = column.indexOf('{');
  return at < 0 ? column : column.slice(0, at);
}

/** `node=n1`; null: of the whole run. */
export function whereOfColumn(column: string): string | null {
  const at = column.indexOf('{');
  return at < 0 ? null : column.slice(at + 1, -1);
}

export function whereText(where: PlanWhere): string | null {
  const parts = Object.entries(where).map(
    ([key, value]) => `${key}=${Array.isArray(value) ? value.join('|') : String(value)}`,
  );
  return parts.length === 0 ? null : parts.join(',');
}
