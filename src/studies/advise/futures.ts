/**
 * Plans with the same past and another future: from a moment on each workload is followed by one that differs in nothing
 * but its name, so all that is drawn for its clients (which rows, when, through whom, how long messages take) is drawn
 * anew, and all before is drawn as it was. What cannot be cut goes on as planned. Faults and operations stay as they are.
 */
import type { Plan, PlanEntry, PlanWorkload } from '../../scenario/plan.ts';
import { isShardRepair } from '../explain/shard-reach.ts';
import type { ShardRepair } from '../explain/shard-reach.ts';

const SECOND = 1_000_000;
/** Sorts behind every letter, so workloads keep their order; no id of a scenario holds it. */
const MARK = '~';

export interface FutureOptions {
  fromMicros: number;
  /** At least until then clients go on, µs. */
  clientsUntilMicros: number;
  seed: string;
}

/** Workloads of which no future can be drawn that leaves the past alone. */
export function fixedWorkloads(plan: Plan): string[] {
  return [...Object.keys(plan.workload).filter((id) => isFixed(plan, id)), ...Object.keys(plan.points ?? {})];
}

/** Is the workload one that began at the moment? */
export function isOfFuture(id: string): boolean {
  return id.includes(MARK);
}

export function futurePlan(plan: Plan, options: FutureOptions): Plan {
  const { duration_micros: duration, workload } = plan;
  const lasts = Math.max(duration, options.clientsUntilMicros);
  const drawn = Object.entries(workload).flatMap(([id, own]): [string, PlanWorkload][] => {
    if (isFixed(plan, id)) return [[id, own]];
    const cut = cutMicros(own, options.fromMicros);
    const until = own.until_micros === duration ? lasts : own.until_micros;
    const past: [string, PlanWorkload] = [id, { ...own, until_micros: Math.min(own.until_micros, cut) }];
    const future: [string, PlanWorkload] = [
      `${id}${MARK}${options.seed}`,
      { ...own, from_micros: cut, until_micros: until },
    ];
    return [...(cut > own.from_micros ? [past] : []), ...(until > cut ? [future] : [])];
  });
  const entries = openEntries(plan, lasts);
  return { ...plan, duration_micros: lasts, workload: Object.fromEntries(drawn), entries, expect: {} };
}

/** An algorithm that goes on to the end of the plan goes on for as long as is looked ahead, as clients do. */
function openEntries({ entries, duration_micros: duration }: Plan, untilMicros: number): PlanEntry[] {
  const until = Math.max(duration, untilMicros);
  return entries.map((entry) =>
    entry.kind === 'repair' && entry.algorithm?.until_micros === duration
      ? { ...entry, algorithm: { ...entry.algorithm, until_micros: until } }
      : entry,
  );
}

/** Ids of the algorithms that have begun by the moment and that nothing ends before it. */
export function algorithmsAt({ entries, duration_micros: duration }: Plan, micros: number): string[] {
  return entries.flatMap((entry) => {
    if (entry.kind !== 'repair' || entry.algorithm === undefined || entry.at_micros >= micros) return [];
    const { until_micros: until } = entry.algorithm;
    return until > micros || until === duration ? [entry.id] : [];
  });
}

/** Counts, sequences and traces are of the whole workload; others name it. */
function isFixed({ workload, probes, entries }: Plan, id: string): boolean {
  const { arrivals, count, keys } = workload[id];
  if (arrivals.kind === 'trace' || count !== null || keys.kind === 'sequential') return true;
  const isProbed = Object.values(probes).some((probe) => 'workload' in probe && probe.workload === id);
  return isProbed || entries.some((entry) => entry.kind === 'cutBatch' && entry.workload === id);
}

/** Poisson arrivals are drawn second by second from the workload's start: a second is never cut in two. */
function cutMicros({ arrivals, from_micros: from }: PlanWorkload, micros: number): number {
  if (micros <= from) return from;
  return arrivals.kind === 'poisson' ? from + Math.ceil((micros - from) / SECOND) * SECOND : micros;
}

type RepairEntry = Extract<PlanEntry, { kind: 'repair' }>;

/**
 * The plan's entries up to the moment, and its repairs ahead: a repair that repeats is divided there. Who repairs in
 * segments keeps his own time and is not divided.
 */
export function dividedRepairs(
  plan: Plan,
  fromMicros: number,
): { past: PlanEntry[]; ahead: (RepairEntry | ShardRepair)[] } {
  const past: PlanEntry[] = [];
  const ahead: (RepairEntry | ShardRepair)[] = [];
  for (const entry of plan.entries) {
    if (isShardRepair(entry)) (entry.at_micros >= fromMicros ? ahead : past).push(entry);
    else if (entry.kind !== 'repair') past.push(entry);
    else if (entry.at_micros >= fromMicros) ahead.push(entry);
    else if (entry.segments !== undefined || !repeats(entry)) past.push(entry);
    else {
      const { begun, next } = timesOf(entry, fromMicros);
      past.push({ ...entry, every_micros: null, again_micros: begun });
      if (next.length > 0) ahead.push({ ...entry, at_micros: next[0], again_micros: next.slice(1) });
    }
  }
  return { past, ahead };
}

function repeats({ every_micros: every, again_micros: again = [] }: RepairEntry): boolean {
  return every !== null || again.length > 0;
}

/** When a repair that repeats began again, and when it does next: all times of a calendar, one where it has a rhythm. */
function timesOf(
  { at_micros: at, every_micros: every, again_micros: again = [] }: RepairEntry,
  fromMicros: number,
): { begun: number[]; next: number[] } {
  if (every === null) {
    return { begun: again.filter((time) => time < fromMicros), next: again.filter((time) => time >= fromMicros) };
  }
  const begun: number[] = [];
  let time = at + every;
  for (; time < fromMicros; time += every) begun.push(time);
  return { begun, next: [time] };
}
