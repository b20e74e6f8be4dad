/**
 * What the page may ask the core for, and what it gets: the messages between page and worker. Plain data. Every request carries
 * its plan, so a worker needs no memory; one that has it may use it.
 */
import type { RunOutput } from '../../observe/result.ts';
import type { RowRecord, SessionRecord } from '../../observe/view/row-record.ts';
import type { Plan } from '../../scenario/plan.ts';
import type { EntropyWatched } from '../../studies/entropy-watch.ts';
import type { RowExplanation } from '../../studies/explain/explanation.ts';
import type { WhatIf } from '../../studies/what-if.ts';

export type EditKind = 'set' | 'remove' | 'shift' | 'add';

/** As on the command line: `set`, `cluster.settings.max_hint_window=6h`. */
export interface EditText {
  kind: EditKind;
  text: string;
}

export interface RowAsked {
  /** Null where there is one table. */
  table: string | null;
  key: string;
  row: number | null;
}

export type CoreRequest =
  | { ask: 'run'; plan: Plan }
  | { ask: 'row'; plan: Plan; row: RowAsked; atMicros: number }
  | { ask: 'rows'; plan: Plan; node: number | null; atMicros: number }
  | { ask: 'session'; plan: Plan; session: number; atMicros: number }
  | { ask: 'entropy'; plan: Plan; table: number | null; atMicros: number }
  | { ask: 'operator'; plan: Plan; node: string; command: string; atMicros: number }
  | { ask: 'what-if'; plan: Plan; edits: readonly EditText[] };

/** A row of which a copy differs or is wrong at the moment. */
export interface AmissRow {
  table: string;
  key: string;
  row: number;
  copies: { node: string; cause: string; state: string; origin: string; wrong: string }[];
}

export interface AmissRows {
  rows: AmissRow[];
  /** All of them, also those that are not among `rows`. */
  rowCount: number;
  copyCount: number;
  groups: { cause: string; state: string; origin: string; copies: number }[];
}

export interface RowTold {
  explanation: RowExplanation;
  text: string;
  records: readonly RowRecord[];
}

export interface WhatIfTold {
  study: WhatIf;
  text: string;
  /** The edited world's series, thinned by the page. */
  output: RunOutput;
  editedPlan: Plan;
}

export interface CoreAnswers {
  run: { fingerprint: string; events: number };
  row: RowTold;
  rows: AmissRows;
  session: { records: SessionRecord[] };
  entropy: EntropyWatched;
  operator: { sees: string[]; truth: string[] };
  'what-if': WhatIfTold;
}

export type Ask = CoreRequest['ask'];

/** From the worker to the page. `refused`: what is asked for does not exist or is wrong, in words for the person. */
export type CoreMessage =
  | { id: number; kind: 'progress'; share: number }
  | { id: number; kind: 'answer'; answer: unknown }
  | { id: number; kind: 'refused'; reason: string }
  | { id: number; kind: 'failed'; reason: string };

/** From the page to the worker. */
export interface CoreOrder {
  id: number;
  request: CoreRequest;
}
