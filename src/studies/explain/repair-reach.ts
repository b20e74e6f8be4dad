/**
 * Which copies a repair of the plan reaches, by its options alone: tables, token range, the nodes that run it, the nodes
 * that take part. And when it begins next. Not whether it finds a difference: an incremental one looks only at what is
 * not repaired, and one that fails heals nothing.
 */
import type { TableLayout } from '../../data/layout.ts';
import { int64 } from '../../data/int64-halves.ts';
import type { Plan, PlanEntry, PlanRepairOptions } from '../../scenario/plan.ts';

export type RepairEntry = Extract<PlanEntry, { kind: 'repair' }>;

/** A copy of a partition. */
export interface Place {
  layout: TableLayout;
  ordinal: number;
  node: string;
}

/** Null where the repair reaches the copy, else why not. */
export function missesBecause(plan: Plan, entry: RepairEntry, place: Place): string | null {
  const { options } = entry;
  if (options.preview !== 'none') return 'a preview streams nothing';
  if (!tablesOf(plan, options).includes(place.layout.id)) return `it does not repair ${place.layout.id}`;
  if (!isInRange(options, place)) return 'the row is outside its token range';
  const replicas = replicasOf(plan, place);
  const taking = replicas.filter((id) => takesPart(plan, entry, id));
  if (!taking.includes(place.node)) return `${place.node} takes no part in it`;
  return ranByNone(entry, taking, replicas);
}

function tablesOf(plan: Plan, { keyspace, tables, further_keyspaces: further }: PlanRepairOptions): string[] {
  return [{ keyspace, tables }, ...further].flatMap((one) =>
    one.tables.length > 0
      ? one.tables
      : plan.tables.filter((table) => table.keyspace === one.keyspace).map(({ id }) => id),
  );
}

/** Of (start, end], which may wrap. */
function isInRange({ start_token: start, end_token: end }: PlanRepairOptions, { layout, ordinal }: Place): boolean {
  if (start === null || end === null) return true;
  const token = int64(layout.tokenHigh[ordinal], layout.tokenLow[ordinal]);
  const [left, right] = [BigInt(start), BigInt(end)];
  return left < right ? token > left && token <= right : token > left || token <= right;
}

/** Ids of the nodes that hold the partition, the first replica first. */
export function replicasOf(plan: Plan, { layout, ordinal }: Pick<Place, 'layout' | 'ordinal'>): string[] {
  const from = layout.rangeOfOrdinal[ordinal] * layout.copies;
  return [...layout.replicas.subarray(from, from + layout.copies)].map((node) => plan.nodes[node].id);
}

function takesPart(plan: Plan, { nodes, options }: RepairEntry, id: string): boolean {
  const dcOf = (node: string): string => plan.nodes.find((one) => one.id === node)?.dc ?? '';
  if (options.hosts.length > 0 && !options.hosts.includes(id)) return false;
  if (options.local_dc) return nodes.some((node) => dcOf(node) === dcOf(id));
  return options.data_centers.length === 0 || options.data_centers.includes(dcOf(id));
}

/** Somebody must run it for a range that he holds; with -pr, for one of which he is the first replica. */
function ranByNone({ nodes, options, segments }: RepairEntry, taking: string[], replicas: string[]): string | null {
  if (segments?.cut === 'ring') return null;
  const primaryOnly = options.primary_range || segments?.cut === 'primary_ranges';
  if (!primaryOnly) {
    return taking.some((id) => nodes.includes(id)) ? null : 'no replica of the row runs it';
  }
  const first = options.local_dc ? taking[0] : replicas[0];
  return nodes.includes(first) ? null : `${first}, the first replica of the row, does not run it (-pr)`;
}

/** The next time at or after `micros` at which the entry begins, as its plan says; null where it says none. */
export function nextStart(entry: RepairEntry, micros: number): number | null {
  const { at_micros: at, every_micros: every, again_micros: again = [], algorithm } = entry;
  if (at >= micros) return at;
  // Exchanges go on all the time.
  if (algorithm !== undefined) return micros < algorithm.until_micros ? micros : null;
  if (every !== null) return at + every * Math.ceil((micros - at) / every);
  return again.find((time) => time >= micros) ?? null;
}
