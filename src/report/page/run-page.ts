/**
 * The page of one run: its plan and result as they are, its series in few characters, its faults and repairs as bands, its
 * deadlines as sentences. Bounded: rows of the series are thinned to a budget of values (thin-series.ts), phases of repairs
 * to the first ones of each; both are said where they are shown.
 */
import { VirtualClock } from '../../base/virtual-clock.ts';
import { VERSION } from '../../base/version.ts';
import type { Result, RunOutput, Series, TimelineEvent } from '../../observe/result.ts';
import type { PageView } from '../../observe/view/page-view.ts';
import type { Plan, PlanEntry } from '../../scenario/plan.ts';
import { endFrom, entryStart } from '../bands.ts';
import { entryText } from '../plan.ts';
import { deadlineSentences } from '../run-deadlines.ts';
import { packSeries } from './packed-series.ts';
import type { PackedSeries } from './packed-series.ts';
import { PAGE_FORMAT } from './page-data.ts';
import type { PageBand, RunPage } from './page-data.ts';
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

interface BandContext {
  timeline: readonly TimelineEvent[];
  clock: VirtualClock;
  endMicros: number;
}

/** Entries that are one fault of the scenario, at one time, are one band. */
function faultBands(plan: Plan, { timeline, clock, endMicros }: BandContext): PageBand[] {
  const bands = new Map<string, PageBand>();
  for (const entry of plan.entries) {
    const start = entry.kind === 'repair' ? null : entryStart(entry, timeline);
    if (start === null || start > endMicros) continue;
    const end = endFrom(entry, start);
    const key = `${entry.id} ${start} ${end ?? ''}`;
    if (!bands.has(key))
      bands.set(key, bandOf(entry, { start, end, endMicros, detail: entryText(entry, plan, clock) }));
  }
  return sorted([...bands.values()]);
}

function bandOf(
  { id, kind }: Pick<PlanEntry, 'id' | 'kind'>,
  { start, end, endMicros, detail }: { start: number; end: number | null; endMicros: number; detail: string },
): PageBand {
  return {
    id,
    label: id.slice(id.indexOf('.') + 1),
    kind,
    detail,
    fromMicros: start,
    toMicros: Math.min(end ?? endMicros, endMicros),
    isOpen: end === null || end > endMicros,
  };
}

/** Repairs that started; one that repeats is a band for each of its runs. */
function repairBands(plan: Plan, { repairs, virtual_micros: endMicros }: Result, clock: VirtualClock): PageBand[] {
  const bands = Object.values(repairs).flatMap((ledger) => {
    if (ledger.outcome === 'not_started') return [];
    const entry = plan.entries.find(({ id }) => id === ledger.id);
    const detail = entry === undefined ? ledger.command : entryText(entry, plan, clock);
    const runs = ledger.runs !== undefined && ledger.runs.length > 0 ? ledger.runs : [ledger];
    return runs.map(({ started_micros: start, finished_micros: end, outcome }) =>
      bandOf(
        { id: ledger.id, kind: 'repair' },
        { start, end, endMicros, detail: outcome === 'finished' ? detail : `${detail} (${outcome})` },
      ),
    );
  });
  return sorted(bands);
}

function sorted(bands: readonly PageBand[]): PageBand[] {
  return [...bands].sort((left, right) => left.fromMicros - right.fromMicros || (left.id < right.id ? -1 : 1));
}
