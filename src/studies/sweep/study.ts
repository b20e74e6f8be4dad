/**
 * A study as data: one scenario, the axes on which it is varied, the seeds that repeat it, what is measured and when it is
 * enough. Made by read-study.ts from a person's file; kept in a manifest, from which alone it can be repeated.
 */
import type { Edit } from '../../scenario/load.ts';
import type { PlanWhere } from '../../scenario/plan.ts';
import type { SeedPurpose } from '../../scenario/seed-purposes.ts';
import type { ColumnType } from './rows.ts';

export const MANIFEST_FORMAT = 1;

/** What an axis does at one of its values, as a person would type it; null removes. */
export type AxisValue = unknown;

export interface Axis {
  /** As `--set` takes it. */
  path: string;
  /** Of the table's column. */
  column: string;
  type: ColumnType;
  unit: string | null;
  /** Distinct; in the order of the file. Of a Latin hypercube one a point. */
  values: AxisValue[];
  isSampled: boolean;
}

export type Take = 'end' | 'highest' | 'lowest';

export interface Measure {
  metric: string;
  where: PlanWhere;
  take: Take;
}

export interface StopRule {
  /** Index of the measure. */
  measure: number;
  /** Of the interval of each cell's mean: of the mean itself, or in the metric's unit. */
  halfWidth: number;
  isShare: boolean;
  confidence: number;
  /** Seeds a cell after which it is asked, ascending; the last are all. */
  looks: number[];
}

/** One setting of all factors. */
export interface StudyCell {
  cell: number;
  /** Id of the repairs; null where they are no factor. */
  repairs: string | null;
  /** By axis; null where the axis has removed the entry. */
  values: AxisValue[];
  edits: Edit[];
}

export interface Study {
  name: string;
  axes: Axis[];
  cells: StudyCell[];
  seeds: string[];
  /** Purposes that are held at the first seed's draws. */
  held: SeedPurpose[];
  measures: Measure[];
  /** Metrics of the series that are kept of each run. */
  series: string[];
  stop: StopRule | null;
}

/** Text by name, as the scenario names its files; the scenario's own name stands in `scenario`. */
export interface ScenarioTexts {
  file: string;
  text: string;
  files: Record<string, string>;
}

/** What a repetition is held against. */
export interface StudyResults {
  runs: number;
  /** Of all runs: what each of them was and what was measured of it. */
  fingerprint: string;
}

/** The program that did a study before. */
export interface Repeats {
  version: string;
  model_hash: string;
  /** Null: it had not ended. */
  results: StudyResults | null;
}

/** `study.json`: all that the study is a function of. */
export interface Manifest extends Study {
  format: typeof MANIFEST_FORMAT;
  kind: 'study';
  version: string;
  model_hash: string;
  /** The study's file, as it was read. */
  file: string;
  text: string;
  scenario: ScenarioTexts;
  database: string;
  not_modelled: string[];
  /** Of what the study is (`sealOf`): one that was edited afterwards does not fit it. */
  seal?: string;
  /** Of a study that another program did before. */
  repeats?: Repeats;
  /** From when it has ended. */
  results?: StudyResults;
}

/** One cell at one seed. */
export interface StudyRun {
  /** Of plan and model. */
  id: string;
  cell: number;
  /** Index in the study's seeds. */
  seed: number;
}
