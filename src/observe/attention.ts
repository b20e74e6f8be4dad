/**
 * How closely a watched value must be followed so that its extremes and first moments are exact. Most values that
 * expectations are about stand still while healthy writes come and go; the oracle then folds whole stretches of records
 * at once and stops only where such a value may have changed. This file says for each metric which sort it is; what
 * counts as a rare change is counted in oracle-counters.ts (`rareChanges`).
 */
import type { PlanWhere } from '../scenario/plan.ts';
import { isQueryMetric } from './query-metrics.ts';
import { isGauge } from './gauges.ts';

export const ATTENTION = {
  /** Changes with samples only. */
  atStops: 0,
  /** Changes only where `LiveCounters.rareChanges` rises. */
  rare: 1,
  /** May change with every record. */
  always: 2,
} as const;

export type Attention = (typeof ATTENTION)[keyof typeof ATTENTION];

const IN_FLIGHT = 'in_flight';
const WORKLOAD = 'workload';
const ALWAYS_RARE: ReadonlySet<string> = new Set([
  'hint_pending_copies',
  'latent_copies',
  'lost_acknowledged',
  'zombie_copies',
  'lost_copies',
  'hints_pending',
  'zombies_spread',
]);
/** Of copies: rare where the filter leaves out those to which a message is on its way. */
const RARE_BY_FILTER: ReadonlySet<string> = new Set([
  'divergent_copies',
  'in_flight_copies',
  'left_copies',
  'entropy_bits',
  'born_copies',
  'healed_copies',
]);

export function attentionFor(metric: string, where: PlanWhere): Attention {
  // Of devices control records tell, after each of which all watches are checked.
  if (metric === 'stale_reads_share' || isGauge(metric) || isQueryMetric(metric)) return ATTENTION.atStops;
  if (ALWAYS_RARE.has(metric)) return ATTENTION.rare;
  return RARE_BY_FILTER.has(metric) && leavesOutInFlight(where) ? ATTENTION.rare : ATTENTION.always;
}

/** Copies in flight have the cause and the state of that name, and the workload for their origin. */
function leavesOutInFlight({ cause, state, origin }: PlanWhere): boolean {
  if (cause !== undefined && cause !== IN_FLIGHT) return true;
  if (state !== undefined && state !== IN_FLIGHT) return true;
  return origin !== undefined && origin !== WORKLOAD;
}
