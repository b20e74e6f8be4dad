/**
 * One run that `test` asks for, and what comes back: plain data, so that both pass between threads and into the cache. The
 * answer holds what is judged and what a golden compares, never a whole series.
 */
import type { Mistake } from '../../base/mistake.ts';
import type { ExpectationVerdict } from '../../observe/result.ts';
import type { PlanExpectation, PlanVariant } from '../../scenario/plan.ts';

export interface TestJob {
  /** As the person would type it. */
  file: string;
  /** Null: the scenario's own. */
  seed: string | null;
  variant: JobVariant | null;
  /** Edits as typed: `--set`, `faults.a.for=2h`. */
  edits: readonly string[];
  /** Texts of files by absolute path, instead of those that lie there. */
  overlay: Readonly<Record<string, string>> | null;
  /** Where results are kept; null: nowhere. */
  cache: CacheFolder | null;
}

/** With its edit, so that whoever reports the job can say how to run it again. */
export interface JobVariant {
  id: string;
  edit: PlanVariant['edit'];
}

export interface CacheFolder {
  folder: string;
}

/** What is known of a scenario once it is drawn. */
export interface TestFacts {
  name: string;
  seed: string;
  database: string;
  expect: Readonly<Record<string, PlanExpectation>>;
  variants: Readonly<Record<string, PlanVariant>>;
  /** Files that the scenario read, itself among them, as shown. */
  files: readonly string[];
}

/** What one run gave. */
export interface TestRun {
  fingerprint: string;
  planHash: string;
  expectations: Record<string, ExpectationVerdict>;
  repairs: { id: string; outcome: string }[];
  rules: string[];
  /** What a golden compares, in its order. */
  summary: Record<string, number>;
  /** Divergent copies over time, from 0 to 7. */
  shape: number[];
  /** Copies that ever differed, by cause. */
  born: Record<string, number>;
}

export type TestOutcome =
  | { kind: 'done'; facts: TestFacts; run: TestRun; fromCache: boolean; seconds: number }
  | { kind: 'mistake'; mistakes: readonly Mistake[]; sources: ReadonlyMap<string, string> }
  | { kind: 'bug'; message: string; stack: string | null; replay: string }
  /** Time was over, or enough had failed. */
  | { kind: 'not_run' };
