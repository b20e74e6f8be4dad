/**
 * The page of one run: its plan and result as they are, its series in few characters, its faults and repairs as bands, its
 * deadlines as sentences. Bounded: rows of the series are thinned to a budget of values (thin-series.ts), phases of repairs
 * to the first ones of each; both are said where they are shown.
 */
import { VirtualClock } from '../../base/virtual-clock.ts';
import { VERSION } from '../../base/version.ts';
import type { Result, RunOutput, Series } from '../../observe/result.ts';
import type { PageView } from '../../observe/view/page-view.ts';
import type { Plan } from '../../scenario/plan.ts';
import { deadlineSentences } from '../run-deadlines.ts';
import { faultBands, repairBands } from './bands.ts';
import { packSeries } from './packed-series.ts';
import type { PackedSeries } from './packed-series.ts';
import { PAGE_FORMAT } from './page-data.ts';
import type { RunPage } from './page-data.ts';
import { thinRows } from './thin-series.ts';

/** Rows × columns that a page carries, and rows at most: a screen has fewer columns of pixels. */
const SERIES_VALUES_MAX = 300_000;
const SERIES_ROWS_MAX = 2000;
const SERIES_ROWS_MIN = 300;
/** Of each repair. */
const PHASES_MAX = 2000;

export interface RunPageOptions {
  replay: string;
  /** What the run was watched for; absent: the page does not travel in time. */
  view?: PageView | null;
}

export function runPage(
  { result, series, timeline }: RunOutput,
  plan: Plan,
  { replay, view = null }: RunPageOptions,
): RunPage {
  const clock = new VirtualClock(plan.start, result.virtual_micros);
  return {
    format: PAGE_FORMAT,
    kind: 'run',
    version: VERSION,
    title: plan.name,
    plan,
    result: withFewPhases(result),
    series: packedSeries(series),
    timeline,
    faults: faultBands(plan, { timeline, clock, endMicros: result.virtual_micros }),
    repairs: repairBands(plan, result, clock),
    ...deadlineSentences(plan, result, clock),
    replay,
    view,
  };
}

/** Columns that are 0 from end to end are left out: they are 0. */
function packedSeries(series: Series): PackedSeries {
  const moving = Object.entries(series.columns).filter(([, values]) => values.some((value) => value !== 0));
  const shown: Series = { ...series, columns: Object.fromEntries(moving) };
  const rowsMax = Math.floor(SERIES_VALUES_MAX / Math.max(1, moving.length));
  const { keep, strayShare } = thinRows(shown, Math.max(SERIES_ROWS_MIN, Math.min(SERIES_ROWS_MAX, rowsMax)));
  return packSeries(shown, keep, strayShare);
}

function withFewPhases(result: Result): Result {
  const repairs = Object.entries(result.repairs).map(([id, ledger]) => {
    return [id, { ...ledger, phases: ledger.phases.slice(0, PHASES_MAX) }] as const;
  });
  return { ...result, repairs: Object.fromEntries(repairs) };
}
