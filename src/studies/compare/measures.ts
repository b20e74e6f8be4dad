/**
 * What strategies are compared by, read from one run: how long copies differed and were wrong, how fast the cluster came
 * together after the last fault, and what the repairs cost. Nothing is computed here that the run did not count.
 */
import type { Result, RunOutput } from '../../observe/result.ts';
import { convergedMicros } from '../converged.ts';

export interface Measures {
  divergent_row_hours: number;
  wrong_row_hours: number;
  /** From the end of the last fault until no copy waits for a hint or is latent any more, to the sample after; null: never. */
  converge_micros: number | null;
  read_bytes: number;
  sent_bytes: number;
  /** Least bytes for what the repairs healed: each version once for each copy that lacked it. */
  floor_bytes: number;
  latent_copies: number;
  wrong_copies: number;
  zombie_copies: number;
  lost_acknowledged: number;
  /** Repairs that failed or had not ended. */
  unfinished: number;
  /** 99th percentile of the workload whose reads were slowest, µs; null where nothing is read. */
  read_p99_micros: number | null;
}

export type MeasureName = keyof Measures;

export const MEASURES: readonly MeasureName[] = [
  'divergent_row_hours',
  'wrong_row_hours',
  'converge_micros',
  'read_bytes',
  'sent_bytes',
  'floor_bytes',
  'latent_copies',
  'wrong_copies',
  'zombie_copies',
  'lost_acknowledged',
  'unfinished',
  'read_p99_micros',
];

const MICROS_PER_HOUR = 3_600_000_000;

export interface Counted {
  /** Ids of the repairs that count; all where it is left out. */
  repair?: (id: string) => boolean;
  /** Ids of the workloads whose reads count. */
  reads?: (id: string) => boolean;
}

/** `calmMicros`: the end of the last fault. */
export function measuresOf({ result, series }: RunOutput, calmMicros: number, counted: Counted = {}): Measures {
  const repairs = Object.values(result.repairs).filter(
    ({ id, outcome }) => outcome !== 'not_started' && counted.repair?.(id) !== false,
  );
  const sum = (read: (repair: (typeof repairs)[number]) => number): number =>
    repairs.reduce((total, repair) => total + read(repair), 0);
  const { final, totals } = result;
  const converged = convergedMicros(series);
  return {
    divergent_row_hours: totals.divergent_row_hours,
    wrong_row_hours: totals.wrong_row_hours,
    converge_micros: converged === null ? null : Math.max(0, converged - calmMicros),
    read_bytes: sum((repair) => repair.read_bytes),
    sent_bytes: sum((repair) => repair.sent_bytes),
    floor_bytes: sum((repair) => repair.floor_bytes),
    latent_copies: final.latent_copies,
    wrong_copies: final.wrong_copies,
    zombie_copies: final.zombie_copies,
    lost_acknowledged: final.lost_acknowledged,
    unfinished: sum((repair) => (repair.outcome === 'finished' ? 0 : 1)),
    read_p99_micros: readP99(result, counted),
  };
}

function readP99({ reads = {} }: Result, { reads: counts }: Counted): number | null {
  const found = Object.entries(reads).flatMap(([id, { latency_micros: latency }]) =>
    latency === null || counts?.(id) === false ? [] : [latency.p99],
  );
  return found.length === 0 ? null : found.reduce((most, p99) => Math.max(most, p99), 0);
}

/**
 * Row-hours of divergence that nobody can heal: what a node misses while it does not run differs until it is back. Of the
 * nodes that are away at a moment only the one that missed most counts, since they may have missed the same rows.
 */
export function leastRowHours({ series, timeline }: RunOutput): number {
  const { time_micros: times, columns } = series;
  const away = awayOf(timeline).map((one) => ({ ...one, row: rowAt(times, one.from) }));
  let total = 0;
  for (let row = 1; row < times.length; row += 1) {
    let most = 0;
    for (const { node, from, until, row: before } of away) {
      const divergent = columns[`divergent_copies{node=${node}}`];
      if (divergent === undefined || from > times[row - 1] || until < times[row]) continue;
      most = Math.max(most, divergent[row - 1] - divergent[before]);
    }
    total += (most * (times[row] - times[row - 1])) / MICROS_PER_HOUR;
  }
  return total;
}

function awayOf(timeline: RunOutput['timeline']): { node: string; from: number; until: number }[] {
  const away: { node: string; from: number; until: number }[] = [];
  for (const { name, node, at_micros: at } of timeline) {
    if (node === null) continue;
    if (name === 'nodeCrashed' || name === 'nodeStopped') away.push({ node, from: at, until: Infinity });
    const open = away.find((one) => one.node === node && one.until === Infinity);
    if (name === 'nodeStarted' && open !== undefined) open.until = at;
  }
  return away;
}

/** The first sample at or after the moment. */
function rowAt(times: readonly number[], micros: number): number {
  const row = times.findIndex((time) => time >= micros);
  return row < 0 ? times.length - 1 : row;
}
