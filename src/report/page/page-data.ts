/**
 * What a report page holds: plain data, put into `report.html` as JSON and read by the viewer. One format number; a page of
 * another number says so instead of guessing. Only types: builders stand beside this file, one for each kind of page.
 */
import type { Result, TimelineEvent } from '../../observe/result.ts';
import type { PageView } from '../../observe/view/page-view.ts';
import type { Plan } from '../../scenario/plan.ts';
import type { Comparison } from '../../studies/compare/compare.ts';
import type { StudySummary } from '../../studies/sweep/summary.ts';
import type { PackedSeries } from './packed-series.ts';

export const PAGE_FORMAT = 1;

interface PageHead {
  format: typeof PAGE_FORMAT;
  /** Version of Reconverge that wrote it. */
  version: string;
  title: string;
}

/** A stretch of virtual time that is shown beside charts. A moment has equal ends. */
export interface PageBand {
  /** Of the plan entry: `faults.rack-r2`. */
  id: string;
  /** Without the family: `rack-r2`. */
  label: string;
  /** The plan's word: crashNode, cutLink, repair, … */
  kind: string;
  /** What it does, in words. */
  detail: string;
  fromMicros: number;
  /** Never beyond the end of the run. */
  toMicros: number;
  /** It goes on after the end. */
  isOpen: boolean;
}

export interface RunPage extends PageHead {
  kind: 'run';
  plan: Plan;
  result: Result;
  series: PackedSeries;
  timeline: TimelineEvent[];
  faults: PageBand[];
  repairs: PageBand[];
  /** Sentences: what must happen, and by when; what to watch out for. */
  deadlines: string[];
  warnings: string[];
  /** Command that runs it again, as a person types it. */
  replay: string;
  /** Null where the run was not watched for it. */
  view: PageView | null;
}

/** How one strategy went with the first seed. */
export interface StrategySketch {
  series: PackedSeries;
  repairs: PageBand[];
  /** Copies that differ at the end, by node and by cause. */
  leftByNode: Record<string, number>;
  leftByCause: Record<string, number>;
}

export interface ComparePage extends PageHead {
  kind: 'compare';
  database: string;
  /** As `plan.start` and the length of every run. */
  start: string | null;
  endMicros: number;
  comparison: Comparison;
  /** Of the first seed, by strategy. */
  sketches: Record<string, StrategySketch>;
  faults: PageBand[];
  /** By strategy: the command that runs it, with the first seed. */
  replays: Record<string, string>;
}

export interface SweepPage extends PageHead {
  kind: 'sweep';
  database: string;
  summary: StudySummary;
  /** Of each factor its values as numbers, where all of them are: an axis to draw on. */
  scales: (number[] | null)[];
  /** By cell: the command that runs it with the first seed. */
  replays: string[];
  /** The whole study again. */
  replay: string;
  notModelled: string[];
}

export interface TestedScenario {
  file: string;
  name: string;
  status: string;
  held: number;
  undecided: number;
  expectations: number;
  variants: number;
  seconds: number;
  fingerprint: string | null;
  notes: string[];
  /** What did not hold, or not as it should, and how to see it again. */
  complaints: { expectation: string; said: string; replay: string }[];
}

export interface TestPage extends PageHead {
  kind: 'test';
  scenarios: TestedScenario[];
  runs: number;
  runsFromCache: number;
  seconds: number;
  outcome: string;
}

export type PageData = RunPage | ComparePage | SweepPage | TestPage;
export type PageKind = PageData['kind'];
