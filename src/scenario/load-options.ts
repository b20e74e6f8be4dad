/** What loading a scenario or a plan takes and gives. */
import type { Mistake } from '../base/mistake.ts';
import type { DialectRules } from './dialect-rules.ts';
import type { Edit } from './edit.ts';
import type { MetricFacts } from './expect-bounds.ts';
import type { Plan } from './plan.ts';

/** Reads a file that the scenario names. */
export type ReadFile = (path: string) => { text: string } | { error: string };

export interface ScenarioInput {
  file: string;
  text: string;
  /** Reads a file whose path is relative to the scenario. */
  readFile: ReadFile;
}

export interface LoadOptions {
  seed?: string;
  edits?: readonly Edit[];
  dialects: readonly DialectRules[];
  /** Of Reconverge; it stands in the plan. */
  version: string;
  /** Warnings become mistakes. */
  strict?: boolean;
  /** Id of the variant to load instead of the scenario as it is. */
  variant?: string;
  /** Known metrics, with their units and `where` members if these are to be checked too. */
  metrics?: readonly (string | MetricFacts)[];
  /** Names of the laws that an expectation may ask for. */
  laws?: readonly string[];
  /** Names of the repair strategies that an edited plan may ask for. */
  strategies?: readonly string[];
}

/** A plan, and what was wrong or doubtful. `plan` is null exactly where there are mistakes. */
export interface LoadResult {
  plan: Plan | null;
  mistakes: Mistake[];
  warnings: Mistake[];
}
