/** The overview of a run: the few numbers, entropy by cause with faults and repairs, the ledger, and the charts beside it. */
import { useMemo, useState } from 'preact/hooks';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { largestOf } from '../../report/page/chart-model.ts';
import {
  causeChart,
  deviceChart,
  hintChart,
  latencyChart,
  nodeCharts,
  stateChart,
  tableCharts,
  wrongChart,
} from '../../report/page/overview-charts.ts';
import type { SmallChart } from '../../report/page/overview-charts.ts';
import type { ChartModel } from '../../report/page/chart-model.ts';
import { SeriesView } from '../../report/page/packed-series.ts';
import type { RunPage } from '../../report/page/page-data.ts';
import { Caveats } from '../parts/caveats.tsx';
import { Deadlines } from '../parts/deadlines.tsx';
import { Expectations } from '../parts/expectations.tsx';
import { KeyNumbers } from '../parts/key-numbers.tsx';
import { Lanes } from '../parts/lanes.tsx';
import { LedgerTable } from '../parts/ledger-table.tsx';
import { RepairTable } from '../parts/repair-table.tsx';
import { ringCharts, ringText } from '../parts/ring-charts.ts';
import { TimeChart } from '../parts/time-chart.tsx';
import { useStore } from '../parts/use-store.ts';
import type { Section, SectionProps } from '../section.ts';
import type { ViewStore } from '../view-state.ts';

export const overviewSection: Section = {
  id: 'overview',
  title: 'Overview',
  kinds: ['run'],
  rank: 0,
  Body: ({ page, view }) => (page.kind === 'run' ? <Overview page={page} view={view} /> : null),
};

interface Shared {
  page: RunPage;
  view: ViewStore;
  clock: VirtualClock;
  endMicros: number;
  series: SeriesView;
}

function Overview({ page, view }: SectionProps<RunPage>) {
  const shared = useMemo((): Shared => {
    const endMicros = page.result.virtual_micros;
    return {
      page,
      view,
      endMicros,
      clock: new VirtualClock(page.plan.start, endMicros),
      series: new SeriesView(page.series),
    };
  }, [page]);
  return (
    <div class="overview">
      <KeyNumbers page={page} clock={shared.clock} />
      <Deadlines page={page} />
      <MainChart {...shared} />
      <LedgerTable page={page} />
      <MoreCharts {...shared} />
      <NodeCharts {...shared} />
      <TableCharts {...shared} />
      <RingCharts {...shared} />
      <RepairTable page={page} clock={shared.clock} />
      <Expectations page={page} />
      <Caveats page={page} />
    </div>
  );
}

const MEASURES = {
  entropy: { label: 'entropy', make: (series: SeriesView) => causeChart(series, 'entropy_bits') },
  causes: { label: 'copies by cause', make: (series: SeriesView) => causeChart(series, 'divergent_copies') },
  states: { label: 'copies by what will heal them', make: stateChart },
} as const;

type Measure = keyof typeof MEASURES;

function MainChart({ page, view, clock, endMicros, series }: Shared) {
  const [measure, setMeasure] = useState<Measure>('entropy');
  const model = useMemo(() => MEASURES[measure].make(series), [measure, series]);
  const { faults, repairs } = page;
  const isZoomed = useStore(view, ({ fromMicros, toMicros }) => fromMicros > 0 || toMicros < endMicros);
  return (
    <section class="card main-chart" aria-label="The copies over time">
      <div class="chart-tools">
        <div class="choice" role="group" aria-label="What the chart shows">
          {(Object.keys(MEASURES) as Measure[]).map((id) => (
            <button key={id} type="button" aria-pressed={id === measure} onClick={() => setMeasure(id)}>
              {MEASURES[id].label}
            </button>
          ))}
        </div>
        {isZoomed && (
          <button type="button" class="small" onClick={() => view.set({ fromMicros: 0, toMicros: endMicros })}>
            show all
          </button>
        )}
      </div>
      {model.lines.length === 0 ? (
        <p class="note">No copy differed at any moment that was sampled.</p>
      ) : (
        <TimeChart {...{ model, clock, view, faults, repairs, endMicros }} height={320} />
      )}
      <Lanes {...{ faults, repairs, clock, view, endMicros }} />
      <p class="note">
        {samplingText(page)} Drag over a chart to show a stretch of time, double-click to show all. With the keys: Tab
        to a chart, then arrows, + and −, Enter for a moment, Escape for all.
      </p>
    </section>
  );
}

/** What the lines leave out. */
function samplingText({ series }: RunPage): string {
  const notes = series.notes.map((note) => `${note[0].toUpperCase()}${note.slice(1)}.`);
  if (series.rows < series.rowsBefore) {
    const share =
      series.strayShare === 0
        ? 'nothing'
        : `at most ${Math.max(0.01, Math.ceil(series.strayShare * 10_000) / 100)} % of its highest value`;
    notes.push(
      `Drawn from ${series.rows} of ${series.rowsBefore} samples: between them no line strays by more than ${share}.`,
    );
  }
  return notes.join(' ');
}

function MoreCharts({ page, view, clock, endMicros, series }: Shared) {
  const charts = useMemo(
    () => [wrongChart, hintChart, deviceChart, latencyChart].map((make) => make(series)),
    [series],
  );
  const { faults, repairs } = page;
  const shown = charts.filter(({ lines }) => lines.length > 0);
  return (
    <section class="card-grid" aria-label="Clients, hints, devices, reads">
      {shown.map((model: ChartModel) => (
        <div class="card" key={model.id}>
          <TimeChart {...{ model, clock, view, faults, repairs, endMicros }} height={190} />
        </div>
      ))}
    </section>
  );
}

const SMALL_SHOWN = 24;

interface SmallProps extends Shared {
  id: string;
  title: string;
  note: string;
  charts: readonly SmallChart[];
  /** More than this: those that differed most, first. */
  shownMax?: number;
}

/** Small charts, all with one height; those that differed most first where there are many. */
function SmallCharts({ page, view, clock, endMicros, id, title, note, charts, shownMax = SMALL_SHOWN }: SmallProps) {
  const [isAll, setIsAll] = useState(false);
  const sorted = useMemo(() => {
    const made = charts.map((one) => ({
      ...one,
      most: one.chart.lines.reduce((most, { values }) => Math.max(most, largestOf(values)), 0),
    }));
    return made.length > shownMax ? made.sort((left, right) => right.most - left.most) : made;
  }, [charts]);
  const top = sorted.reduce((most, one) => Math.max(most, one.most), 0);
  if (top === 0) return null;
  const { faults, repairs } = page;
  const shown = isAll ? sorted : sorted.slice(0, shownMax);
  return (
    <section class="card" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      <p class="note">{note}</p>
      <div class="small-charts">
        {shown.map(({ label, place, chart }) => (
          <TimeChart
            key={label}
            {...{ model: chart, clock, view, faults, repairs, endMicros, top }}
            place={`${label}  ${place}`}
            height={92}
            isSmall
          />
        ))}
      </div>
      {shown.length < sorted.length && (
        <button type="button" class="small" onClick={() => setIsAll(true)}>{`show all ${sorted.length}`}</button>
      )}
    </section>
  );
}

function NodeCharts(shared: Shared) {
  const { series, page } = shared;
  const charts = useMemo(() => nodeCharts(series, page.plan), [series, page]);
  const note = 'Copies that differ on each node (area) and hints that wait for it (broken line), all on one scale.';
  return <SmallCharts {...shared} id="nodes" title="Node by node" note={note} charts={charts} />;
}

function TableCharts(shared: Shared) {
  const { series, page } = shared;
  const charts = useMemo(() => tableCharts(series, page.plan), [series, page]);
  const what = page.plan.points === undefined ? 'Table by table' : 'Shard by shard';
  return (
    <SmallCharts {...shared} id="tables" title={what} note="Copies that differ, all on one scale." charts={charts} />
  );
}

/** In the order of the ring. Absent where there is none, and in pages written before. */
function RingCharts(shared: Shared) {
  const ring = shared.page.view?.ring ?? null;
  const charts = useMemo(() => (ring === null ? [] : ringCharts(ring)), [ring]);
  if (ring === null) return null;
  const title = ring.fold === 'ranges' ? 'Range by range' : 'Around the ring';
  return (
    <SmallCharts {...shared} id="ring" title={title} note={ringText(ring)} {...{ charts, shownMax: charts.length }} />
  );
}
