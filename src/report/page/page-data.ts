/**
 * What a report page holds: plain data, put into `report.html` as JSON and read by the viewer. One format number; a page of
 * another number says so instead of guessing. Only types: builders stand beside this file, one for each kind of page.
 */
import type { Result, TimelineEvent } from '../../observe/result.ts';
import type { PageView } from '../../observe/view/page-view.ts';
import type { Plan } from '../../scenario/plan.ts';
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

export type PageKind = PageData['kind'];

export type PageData = RunPage;
