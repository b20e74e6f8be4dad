/**
 * From a metric's name and `where` to a function that reads its present value: names are resolved once (nodes, tables,
 * plan entries, causes), so that reading costs a call. A combination that nobody counts, or a name that the plan does
 * not have, reads as NaN: the metric then has no value and an expectation on it is undecided.
 */
import { CAUSES, STATES, VIA, VIAS, WRONG } from '../data/causes.ts';
import type { Plan, PlanWhere } from '../scenario/plan.ts';
import { ANY, ANY_COPY } from './counters.ts';
import type { CopyFilter, LiveCounters } from './counters.ts';

export type Reader = () => number;

/** What trace records number, by name. */
export interface PlanNames {
  nodes: readonly string[];
  tables: readonly string[];
  /** Id of the plan entry by origin; [0] is the workload. */
  origins: readonly string[];
}

/** Values that are not the oracle's: the recorder and the probes keep them. */
export interface OtherCounters {
  partialBatches(): number;
  staleReadsShare(probe: string | undefined): number;
}

export const WORKLOAD_ORIGIN = 'workload';
const HOUR_MICROS = 3600e6;
const BITS_PER_UNIT = 1 / (1 << 20);

export function namesOf(plan: Plan): PlanNames {
  return {
    nodes: plan.nodes.map((node) => node.id),
    tables: plan.tables.map((table) => table.id),
    origins: [WORKLOAD_ORIGIN, ...plan.entries.map((entry) => entry.id)],
  };
}

/** Tables in which something is deleted or expires. */
export function tablesWithRemovals({ tables, workload }: Plan): string[] {
  const writes = Object.values(workload);
  return tables
    .filter(
      ({ id, deletes_rows: deletes, default_ttl_seconds: ttl }) =>
        deletes ||
        ttl > 0 ||
        writes.some(({ table, mix, ttl_seconds: own }) => table === id && (own > 0 || mix.delete_cell > 0)),
    )
    .map(({ id }) => id);
}

/** Does a person's name of an entry (`rack-r2` or `faults.rack-r2`) mean this id? */
export function namesEntry(written: string, id: string): boolean {
  return id === written || id.endsWith(`.${written}`);
}

/** Reads a level or a total; null for a metric that is only known at the end. */
export function liveReader(
  metric: string,
  where: PlanWhere,
  context: { live: LiveCounters; names: PlanNames; other: OtherCounters },
): Reader | null {
  const { live, names, other } = context;
  return (
    copyReader(metric, where, live, names) ??
    wrongReader(metric, where, live, names) ??
    hintReader(metric, where, live, names) ??
    zombieReader(metric, where, live, names) ??
    plainReader(metric, where, { live, names, other })
  );
}

const STATE_OF_METRIC: ReadonlyMap<string, string> = new Map([
  ['in_flight_copies', 'in_flight'],
  ['hint_pending_copies', 'hint_pending'],
  ['latent_copies', 'latent'],
]);

function copyReader(metric: string, where: PlanWhere, live: LiveCounters, names: PlanNames): Reader | null {
  const state = STATE_OF_METRIC.get(metric);
  const filters = copyFilters(state === undefined ? where : { ...where, state }, names);
  if (metric === 'entropy_bits') return summed(filters, (filter) => live.entropyUnits(filter) * BITS_PER_UNIT);
  if (metric === 'divergent_copies' || state !== undefined)
    return summed(filters, (filter) => live.divergentCopies(filter));
  if (metric === 'left_copies') return summed(filters, (filter) => live.divergentCopies(filter));
  return null;
}

const WRONG_OF_METRIC: ReadonlyMap<string, number> = new Map([
  ['wrong_copies', ANY],
  ['stale_copies', WRONG.stale],
  ['missing_copies', WRONG.missing],
  ['zombie_copies', WRONG.zombie],
  ['lost_copies', WRONG.lost],
]);

function wrongReader(metric: string, where: PlanWhere, live: LiveCounters, names: PlanNames): Reader | null {
  const wrong = WRONG_OF_METRIC.get(metric);
  if (wrong === undefined) return null;
  const node = indexIn(names.nodes, where.node);
  return node === null ? unknown : () => live.wrongCopies(wrong, node);
}

function hintReader(metric: string, where: PlanWhere, live: LiveCounters, names: PlanNames): Reader | null {
  if (metric !== 'hints_pending') return null;
  const node = indexIn(names.nodes, where.node);
  return node === null ? unknown : () => live.hintsPending(node);
}

/** When deleted data may come back, and where it has. */
function zombieReader(metric: string, where: PlanWhere, live: LiveCounters, names: PlanNames): Reader | null {
  if (metric !== 'resurrection_margin' && metric !== 'zombies_spread') return null;
  const table = indexIn(names.tables, where.table);
  const node = indexIn(names.nodes, where.node);
  if (table === null || node === null) return unknown;
  if (metric === 'resurrection_margin') return () => live.resurrectionDeadline(table) - live.nowMicros();
  const repairs = where.repair === undefined ? [ANY] : originsNamed(names, where.repair);
  if (repairs.length === 0) return unknown;
  return () => repairs.reduce((total, repair) => total + live.zombiesSpread(repair, table, node), 0);
}

/** Metrics that nothing splits. */
const WHOLE_CLUSTER: ReadonlyMap<string, (live: LiveCounters) => number> = new Map([
  ['divergent_rows', (live) => live.divergentRows()],
  ['visible_divergent_copies', (live) => live.visibleDivergentCopies()],
  ['wrong_rows', (live) => live.wrongRows()],
  ['lost_acknowledged', (live) => live.lostAcknowledged()],
  ['divergent_row_hours', (live) => live.divergentRowMicros() / HOUR_MICROS],
  ['wrong_row_hours', (live) => live.wrongRowMicros() / HOUR_MICROS],
  ['divergent_copy_hours', (live) => live.divergentCopyMicros() / HOUR_MICROS],
  ['wrong_copy_hours', (live) => live.wrongCopyMicros() / HOUR_MICROS],
]);

function plainReader(
  metric: string,
  where: PlanWhere,
  { live, names, other }: { live: LiveCounters; names: PlanNames; other: OtherCounters },
): Reader | null {
  const plain = WHOLE_CLUSTER.get(metric);
  if (plain !== undefined) return () => plain(live);
  switch (metric) {
    case 'born_copies':
      return bornReader(where, live);
    case 'healed_copies':
      return healedReader(where, live, names);
    case 'partial_batches':
      return () => other.partialBatches();
    case 'stale_reads_share':
      return () => other.staleReadsShare(where.probe);
    default:
      return null;
  }
}

function bornReader(where: PlanWhere, live: LiveCounters): Reader {
  const cause = indexIn(CAUSES, where.cause);
  return cause === null ? unknown : () => live.bornCopies(cause);
}

function healedReader(where: PlanWhere, live: LiveCounters, names: PlanNames): Reader {
  const cause = indexIn(CAUSES, where.cause);
  // A healer is one of the mechanisms, or a repair by its id.
  const mechanism = where.healer === undefined ? ANY : VIAS.indexOf(where.healer as (typeof VIAS)[number]);
  const repairId = where.repair ?? (mechanism < 0 && where.healer !== undefined ? where.healer : undefined);
  if (cause === null) return unknown;
  if (repairId === undefined) return () => live.healedCopies(cause, mechanism, ANY);
  const repairs = originsNamed(names, repairId);
  if (repairs.length === 0) return unknown;
  return () => {
    let total = 0;
    for (const repair of repairs) total += live.healedCopies(cause, VIA.repair, repair);
    return total;
  };
}

function summed(filters: readonly CopyFilter[], read: (filter: CopyFilter) => number): Reader {
  if (filters.length === 0) return unknown;
  const only = filters[0];
  if (filters.length === 1) return () => read(only);
  return () => {
    let total = 0;
    for (const filter of filters) total += read(filter);
    return total;
  };
}

/** One filter for each origin that the name means (entries may share an id); none where a name is not in the plan. */
function copyFilters(where: PlanWhere, names: PlanNames): CopyFilter[] {
  const cause = indexIn(CAUSES, where.cause);
  const state = indexIn(STATES, where.state);
  const node = indexIn(names.nodes, where.node);
  const table = indexIn(names.tables, where.table);
  if (cause === null || state === null || node === null || table === null) return [];
  // The very object where nothing is asked for: an oracle may know it and answer from its total.
  const all = cause === ANY && state === ANY && node === ANY && table === ANY;
  const filter = all ? ANY_COPY : { ...ANY_COPY, cause, state, node, table };
  if (where.origin === undefined) return [filter];
  return originsNamed(names, where.origin).map((origin) => ({ ...filter, origin }));
}

function originsNamed(names: PlanNames, written: string): number[] {
  const found: number[] = [];
  names.origins.forEach((id, origin) => {
    if (namesEntry(written, id)) found.push(origin);
  });
  return found;
}

/** ANY where nothing was asked for, null where the name is not in the list. */
function indexIn(list: readonly string[], name: string | undefined): number | null {
  if (name === undefined) return ANY;
  const index = list.indexOf(name);
  return index < 0 ? null : index;
}

function unknown(): number {
  return NaN;
}
