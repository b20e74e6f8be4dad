/** The share of one run in the costs of its entry: what the ledger gained from its start to its end. */
import type { RepairLedger, RepairRun } from '../observe/result.ts';

/** Costs that are told for each run. */
const COSTS = [
  'sessions',
  'read_bytes',
  'hashed_rows',
  'tree_bytes',
  'sent_bytes',
  'sent_for_nothing_bytes',
  'floor_bytes',
  'healed_copies',
] as const;

export type SegmentCount = 'segments_done' | 'segments_retried' | 'segments_postponed' | 'segments_timed_out';

export function newRun(atMicros: number, segments: number): RepairRun {
  return {
    started_micros: atMicros,
    finished_micros: null,
    outcome: 'running',
    segments,
    segments_done: 0,
    segments_retried: 0,
    segments_postponed: 0,
    segments_timed_out: 0,
    sessions: 0,
    read_bytes: 0,
    hashed_rows: 0,
    tree_bytes: 0,
    sent_bytes: 0,
    sent_for_nothing_bytes: 0,
    floor_bytes: 0,
    healed_copies: 0,
  };
}

/** Gives the run that goes on what no earlier run has: the sums of all runs are those of the entry. */
export function chargeOpenRun(ledger: RepairLedger): void {
  const { runs } = ledger;
  if (runs === undefined || runs.length === 0) return;
  const open = runs[runs.length - 1];
  for (const cost of COSTS) {
    let before = 0;
    for (const run of runs) if (run !== open) before += run[cost];
    open[cost] = ledger[cost] - before;
  }
}
