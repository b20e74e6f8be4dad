/**
 * Every value that a run ended with, one line each: levels and totals from the last sample of its series, finals from the
 * result, as a whole and by repair, change of topology, probe, cause and workload. It computes nothing that the run did not count.
 */
import { finalValue } from '../observe/expect-final.ts';
import type { Measured } from '../observe/expect-final.ts';
import { METRICS, findMetric } from '../observe/metrics.ts';
import type { Metric } from '../observe/metrics.ts';
import { COUNT_OF_METRIC } from '../observe/read-metrics.ts';
import type { PlanWhere } from '../scenario/plan.ts';

export interface EndValue {
  metric: string;
  /** `cause=node_down,state=latent`; null: of the whole run. */
  where: string | null;
  /** null: the metric had no value. */
  value: number | null;
  unit: string;
}

/** `last`: the columns of the series, each with its last value. */
export function endValues(result: Measured, last: Readonly<Record<string, number>>): EndValue[] {
  const finals = METRICS.filter(({ kind }) => kind === 'final');
  return [
    ...Object.entries(last)
      .map(([column, value]) => ({ ...splitColumn(column), value: known(value) }))
      .map(withUnit),
    ...finals.flatMap((metric) => finalValues(metric, result)),
    ...causeValues(result),
    ...readerValues(result),
  ];
}

/** `divergent_copies{cause=node_down,state=latent}` is a metric and what narrows it. */
export function splitColumn(column: string): { metric: string; where: string | null } {
  const brace = column.indexOf('{');
  return brace < 0
    ? { metric: column, where: null }
    : { metric: column.slice(0, brace), where: column.slice(brace + 1, -1) };
}

function known(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function withUnit(row: Omit<EndValue, 'unit'>): EndValue {
  return { ...row, unit: findMetric(row.metric)?.unit ?? 'count' };
}

function endValue(metric: string, where: PlanWhere, value: number | null): EndValue {
  const parts = Object.entries(where).map(([name, narrowed]) => `${name}=${String(narrowed)}`);
  return withUnit({ metric, where: parts.length === 0 ? null : parts.join(','), value });
}

function finalValues({ name, where, ofRepair, ofTopology }: Metric, result: Measured): EndValue[] {
  const narrowed: PlanWhere[] = [];
  if (ofRepair) for (const repair of Object.keys(result.repairs)) narrowed.push({ repair });
  if (ofTopology) for (const origin of Object.keys(result.topology ?? {})) narrowed.push({ origin });
  if (where.includes('probe')) narrowed.push(...probeParts(name, result));
  const whole = where.includes('probe') ? [] : [{}];
  return [...whole, ...narrowed].map((part) => endValue(name, part, known(finalValue(name, part, result))));
}

/** A probe of several times or of several versions has a value for each. */
function probeParts(metric: string, { probes }: Measured): PlanWhere[] {
  return Object.entries(probes).flatMap(([probe, found]): PlanWhere[] => {
    if (metric === 'p_current') return 'current' in found ? found.current.map(({ t_micros: t }) => ({ probe, t })) : [];
    if (metric === 'p_within_k') return 'within' in found ? found.within.map(({ k }) => ({ probe, k })) : [];
    return 'read_latency_micros' in found ? [{ probe }] : [];
  });
}

function causeValues({ final }: Measured): EndValue[] {
  return Object.entries(final.by_cause).flatMap(([cause, { born, healed, left, healed_by: healers }]) => [
    endValue('born_copies', { cause }, born),
    endValue('healed_copies', { cause }, healed),
    ...Object.entries(healers).map(([healer, copies]) => endValue('healed_copies', { cause, healer }, copies)),
    endValue('left_copies', { cause }, left),
  ]);
}

function readerValues({ reads = {} }: Measured): EndValue[] {
  return Object.entries(reads).flatMap(([workload, counts]) =>
    [...COUNT_OF_METRIC].map(([metric, count]) => endValue(metric, { workload }, counts[count])),
  );
}
