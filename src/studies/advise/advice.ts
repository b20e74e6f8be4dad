/**
 * The document of `advise`: what is amiss at a moment, what heals by itself, what each candidate repair left and cost, and
 * which is advised by which rule. Plain data, snake_case; times in µs from the start of the run.
 */
import type { FinalState } from '../../observe/result.ts';
import type { Aftermath, Explained } from '../explain/explanation.ts';

/** A command to type: on each of these nodes, the next one when it has ended on the one before (or all at once). */
export interface AdvisedCommand {
  command: string;
  nodes: string[];
  at_micros: number;
  at_once: boolean;
}

/** What one candidate came to in one future; row-hours and costs from the moment on. */
export interface FutureRun {
  future: string;
  wrong_row_hours: number;
  divergent_row_hours: number;
  latent_copies: number;
  wrong_copies: number;
  zombie_copies: number;
  lost_acknowledged: number;
  /** From the moment until no copy is latent or waits for a hint, to the sample after; null: not by the end. */
  ready_micros: number | null;
  read_bytes: number;
  sent_bytes: number;
  /** Of reads after the moment; null where nothing is read. */
  read_p99_micros: number | null;
  /** Its repairs that failed, and those that had not ended. */
  failed: number;
  running: number;
}

/** Means over the futures; `ready_micros`: the latest, null where it is never in one of them. */
export type CandidateMeans = Omit<FutureRun, 'future'>;

export interface Candidate {
  id: string;
  /** What it is, in words. */
  about: string;
  commands: AdvisedCommand[];
  /** In the order of the futures; the first only of candidates that fell behind in it. */
  runs: FutureRun[];
  means: CandidateMeans;
}

/** Why a candidate was not tried: the version refuses it, or it makes no sense here. */
export interface NotOffered {
  id: string;
  why: string;
}

/** By when something has to be done. */
export interface Deadline {
  /** repair: the first tombstone that a copy missed may go. hint_expiry: the first hint that waits is not sent any more. */
  kind: 'repair' | 'hint_expiry';
  table: string;
  at_micros: number;
  /** Rows with a copy that missed a delete; hints that wait. */
  rows: number;
}

export interface Advice extends Explained {
  /** The moment, in words: `faults.away.end`; null where it was asked for. */
  moment: string | null;
  /** Until when the candidates were run. */
  until_micros: number;
  final: FinalState;
  /** Copies that a repair or a hint may heal. */
  amiss_copies: number;
  /** Nodes and tables that hold them; token ranges with a difference. */
  amiss_nodes: string[];
  amiss_tables: string[];
  amiss_ranges: number;
  /** Of them, what the run as it is planned heals, and when. */
  afterwards: Aftermath;
  deadlines: Deadline[];
  /** When the first command would be typed. */
  begins_micros: number;
  /** Seeds of the futures; what clients do after the moment is drawn anew with each. One where nothing would differ. */
  futures: string[];
  /** Workloads that go on in all futures as they are planned. */
  fixed_workloads: string[];
  /** Entries of the plan (faults, operations) that are still ahead. */
  ahead: string[];
  candidates: Candidate[];
  not_offered: NotOffered[];
  /** Null where nothing is amiss. */
  advised: Recommendation | null;
}

export interface Recommendation {
  id: string;
  /** The candidates that were run in all futures; the others fell behind in the first. */
  compared: string[];
  /** Of these: those that leave the fewest copies, those of them that are ready in time, those that are as good. */
  leave_least: string[];
  /** So many copies, latent or wrong, these leave at most; and all candidates that do not leave more. */
  left_at_most: number;
  leave_no_more: string[];
  in_time: string[];
  as_good: string[];
  /** Wrong row-hours, and then bytes, above the least by this share are as good. */
  as_good_share: number;
  /** In how many of the futures alone the same rule advises it. */
  futures_agreed: number;
}
