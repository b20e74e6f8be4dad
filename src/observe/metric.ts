/** One entry of the registry of metrics (`metrics.ts`), and how it is written there: its name and its sentence in one text. */
import type { PlanWhere } from '../scenario/plan.ts';

export type MetricUnit =
  | 'copies'
  | 'rows'
  | 'bits'
  | 'bytes'
  | 'count'
  | 'share'
  | 'ratio'
  | 'row_hours'
  | 'copy_hours'
  | 'seconds'
  | 'micros';
export type MetricKind = 'level' | 'total' | 'final';
export type WhereMember = keyof PlanWhere;

export interface Metric {
  name: string;
  meaning: string;
  unit: MetricUnit;
  kind: MetricKind;
  /** Members of `where` that it accepts; they are conjunctive. */
  where: readonly WhereMember[];
  /** Read from the ledger of a repair: no value while no such repair has started. */
  ofRepair: boolean;
  /** Read from the ledger of a change of topology: no value while no such change has begun. */
  ofTopology: boolean;
}

export function metric(kind: MetricKind, unit: MetricUnit, where: readonly WhereMember[], text: string): Metric {
  const at = text.indexOf(': ');
  return {
    name: text.slice(0, at),
    meaning: text.slice(at + 2),
    unit,
    kind,
    where,
    ofRepair: where.includes('repair') && kind === 'final',
    ofTopology: where.includes('origin') && kind === 'final',
  };
}
