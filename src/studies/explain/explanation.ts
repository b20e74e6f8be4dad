/**
 * The documents of `explain`: the stories behind all copies that differ or are wrong, and one row with what happened to
 * it. Plain data, snake_case; times in µs from the start of the run.
 */
import type { CauseName, StateName, WrongName } from '../../data/causes.ts';
import type { FinalState } from '../../observe/result.ts';

export interface StoryEvent {
  at_micros: number;
  text: string;
  /** Ids of the fidelity ledger that are at work here. */
  rules: string[];
}

/** What became of the copies when the run went on. */
export interface Aftermath {
  /** By healer: a mechanism, or the id of a repair. */
  healed: Record<string, { copies: number; by_micros: number }>;
  left: number;
}

/** A repair that the plan still has ahead. */
export interface NextRepair {
  id: string;
  at_micros: number;
  /** Of the copies of the story, those that it reaches, and why it does not reach the others. */
  reaches_copies: number;
  misses_because: string[];
  /** It looks only at data that is not marked as repaired. */
  incremental: boolean;
}

/** What a run with one edit showed. */
export interface Remedy {
  /** As on the command line: option, value. */
  edits: [option: string, value: string][];
  /** Of the story's own copies that are amiss for good: how many are right with the edits, or wait for a hint or a message.
   * At least one. */
  prevented_copies: number;
  /** The others, and what they have for a cause then. */
  left_copies: number;
  left_causes: Partial<Record<CauseName, number>>;
  /** All latent ones, and all wrong ones, before and with the edits. */
  latent_copies: { base: number; edited: number };
  wrong_copies: { base: number; edited: number };
  /** Bytes of hints that were delivered or wait. */
  hint_bytes: { base: number; edited: number };
}

export interface Story {
  /** From 1; `--group`. */
  number: number;
  cause: CauseName;
  /** `agreed`: all copies agree, on what clients were not promised; `spreading`: these hold it, others do not yet. */
  state: Exclude<StateName, 'none'> | 'agreed' | 'spreading';
  /** Plan entry, or `workload`. */
  origin: string;
  copies: number;
  rows: number;
  /** Copies that differ from what can still spread. */
  divergent_copies: number;
  latent_copies: number;
  wrong: Record<Exclude<WrongName, 'right'>, number>;
  by_node: Record<string, number>;
  by_table: Record<string, number>;
  rules: string[];
  events: StoryEvent[];
  afterwards: Aftermath;
  next_repairs: NextRepair[];
  /** Copies that lack a delete, and from when to when its tombstones may be purged elsewhere. */
  missed_deletes: { copies: number; first_purge_micros: number; last_purge_micros: number } | null;
  prevented_by: Remedy[];
}

/** Identity of the run that is explained. */
export interface Explained {
  format: 1;
  version: string;
  name: string;
  database: string;
  seed: string;
  start: string | null;
  plan_hash: string;
  at_micros: number;
  /** Of the plan: its duration and settling. */
  end_micros: number;
  /** Until when the run was driven on, to see what becomes of what is left. */
  seen_until_micros: number;
  /** Points, of which the one that came last on a copy wins there: no tombstone tells of a delete later. */
  by_arrival?: true;
}

export interface Explanation extends Explained {
  final: FinalState;
  stories: Story[];
}

export interface VersionShown {
  /** How events call it: v1, v2, … in the order of issue; `loaded` and `nothing`. */
  name: string;
  kind: 'nothing' | 'loaded' | 'write' | 'delete_cell' | 'delete_row' | 'delete_range' | 'delete_partition' | 'damaged';
  /** When the client asked for it; null for what was loaded. */
  at_micros: number | null;
  workload: string | null;
  coordinator: string | null;
  /** What the client was told. */
  told: string | null;
}

export interface CopyShown {
  node: string;
  dc: string;
  rack: string;
  holds: VersionShown;
  /** Since when it is amiss; null where it is right, or for ever. */
  since_micros: number | null;
  wrong: WrongName;
  divergent: boolean;
  cause: CauseName | null;
  state: StateName | null;
  origin: string | null;
}

export interface RowExplanation extends Explained {
  table: string;
  key: string;
  /** Of its partition, from 0. */
  row: number;
  token: string;
  /** The newest that clients were promised, and the newest that can still spread. */
  promised: VersionShown;
  expected: VersionShown;
  /** Can what was promised no longer spread? */
  lost: boolean;
  copies: CopyShown[];
  events: StoryEvent[];
  /** Further versions of the row, of which nothing is left. */
  other_versions: number;
  missed_chances: StoryEvent[];
  afterwards: Aftermath;
  next_repairs: NextRepair[];
  /** When the delete that a copy lacks may be purged elsewhere; null where there is none. */
  purge_micros: number | null;
}
