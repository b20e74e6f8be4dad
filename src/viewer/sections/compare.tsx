/**
 * Strategies side by side on the same history: the cost table with the least possible, paired differences with their intervals,
 * the course of two to six of them with zoom kept in step, and what one healed and another did not.
 */
import { useMemo, useState } from 'preact/hooks';
import { formatBytes, formatCount, formatDuration } from '../../base/human.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { causeLabel } from '../../report/chart-groups.ts';
import { largestOf } from '../../report/page/chart-model.ts';
import type { ChartModel } from '../../report/page/chart-model.ts';
import { courseChart, COURSES } from '../../report/page/course-charts.ts';
import type { CourseId } from '../../report/page/course-charts.ts';
import { SeriesView } from '../../report/page/packed-series.ts';
import type { ComparePage, StrategySketch } from '../../report/page/page-data.ts';
import type { StrategyResult } from '../../studies/compare/compare.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Differences } from '../parts/differences.tsx';
import { Lanes } from '../parts/lanes.tsx';
import { RowsHealed } from '../parts/rows-healed.tsx';
import { TimeChart } from '../parts/time-chart.tsx';
import { useStore } from '../parts/use-store.ts';
import type { Section, SectionProps } from '../section.ts';
import type { ViewStore } from '../view-state.ts';

export const compareSection: Section = {
  id: 'compare',
  title: 'Strategies',
  kinds: ['compare'],
  rank: 0,
  Body: ({ page, view }) => (page.kind === 'compare' ? <Compare page={page} view={view} /> : null),
};

const SHOWN_MAX = 6;

function Compare({ page, view }: SectionProps<ComparePage>) {
  const ids = page.comparison.strategies.map(({ id }) => id);
  const [shown, setShown] = useState<readonly string[]>(ids.slice(0, SHOWN_MAX));
  const toggle = (id: string): void => {
    const next = shown.includes(id)
      ? shown.filter((one) => one !== id)
      : ids.filter((one) => one === id || shown.includes(one));
    if (next.length > 0 && next.length <= SHOWN_MAX) setShown(next);
  };
  return (
    <div class="stack">
      <CostTable page={page} />
      <Differences comparison={page.comparison} />
      <Courses page={page} view={view} shown={shown} all={ids} toggle={toggle} />
      {page.comparison.rows !== undefined && <RowsHealed page={page} rows={page.comparison.rows} shown={shown} />}
      <LeftTable page={page} />
      <Replays page={page} />
    </div>
  );
}

type Cost = readonly [title: string, cell: (strategy: StrategyResult) => string];

const count = (value: number | null): string => (value === null ? '–' : formatCount(value));
const bytes = (value: number | null): string => (value === null ? '–' : formatBytes(value));

const COSTS: readonly Cost[] = [
  ['divergent row-hours', ({ means }) => count(means.divergent_row_hours)],
  ['wrong row-hours', ({ means }) => count(means.wrong_row_hours)],
  ['converged, p95', ({ convergeP95Micros: at }) => (at === null ? 'never' : formatDuration(at))],
  ['read', ({ means }) => bytes(means.read_bytes)],
  ['sent', ({ means }) => bytes(means.sent_bytes)],
  ['× the least', ({ means }) => regret(means.sent_bytes, means.floor_bytes)],
  ['latent at the end', ({ means }) => count(means.latent_copies)],
  ['wrong at the end', ({ means }) => count(means.wrong_copies)],
  ['lost', ({ means }) => count(means.lost_acknowledged)],
];
const READ_COST: Cost = [
  'read p99',
  ({ means }) => (means.read_p99_micros === null ? '–' : formatDuration(means.read_p99_micros)),
];

function regret(sent: number | null, least: number | null): string {
  return sent === null || least === null || least === 0 ? '–' : `${formatCount(Math.round((sent / least) * 10) / 10)}×`;
}

function CostTable({ page: { comparison } }: { page: ComparePage }) {
  const { strategies, base, least } = comparison;
  const costs = strategies.some(({ means }) => means.read_p99_micros !== null) ? [...COSTS, READ_COST] : COSTS;
  const extra = (strategy: StrategyResult): number =>
    Number(strategy.means.divergent_row_hours) - least.divergent_row_hours;
  return (
    <section class="card" aria-labelledby="costs-title">
      <h2 id="costs-title">What each strategy cost, and what it left</h2>
      <div class="scroll">
        <table>
          <caption class="unseen">Means over seeds, by strategy</caption>
          <thead>
            <tr>
              <th scope="col">strategy</th>
              {[...costs.map(([title]) => title), 'regret, row-hours'].map((title) => (
                <th key={title} scope="col" class="number">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {strategies.map((strategy) => (
              <tr key={strategy.id}>
                <th scope="row">
                  {strategy.id}
                  {strategy.id === base && <span class="meaning">base</span>}
                  {strategy.otherHistory === true && <OtherHistory />}
                </th>
                {costs.map(([title, cell]) => (
                  <td key={title} class="number">
                    {cell(strategy)}
                  </td>
                ))}
                <td class="number">
                  {strategy.otherHistory === true ? '–' : formatCount(Math.max(0, extra(strategy)))}
                </td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">the least possible</th>
              {costs.map(([title]) => (
                <td key={title} class="number">
                  {title === 'divergent row-hours'
                    ? count(least.divergent_row_hours)
                    : title === 'sent'
                      ? bytes(least.sent_bytes)
                      : ''}
                </td>
              ))}
              <td class="number">0</td>
            </tr>
          </tfoot>
        </table>
      </div>
      <p class="note">
        Regret is what a strategy has above the least possible: rows that differ because a copy’s node is away cannot be
        healed by anybody. “× the least” is what was sent for each byte that had to be sent.
      </p>
      {strategies.some(({ otherHistory }) => otherHistory === true) && (
        <p class="warning">
          {`“another history”: with other faults, clients or settings than ${base}. What it cost cannot be laid to its repairs alone, and the least possible, which is that of ${base}, is not its own.`}
        </p>
      )}
    </section>
  );
}

function OtherHistory() {
  return <span class="other-history">another history</span>;
}

interface CoursesProps {
  page: ComparePage;
  view: ViewStore;
  shown: readonly string[];
  all: readonly string[];
  toggle: (id: string) => void;
}

/** One chart for each strategy, all on one scale and one stretch of time. */
function Courses({ page, view, shown, all, toggle }: CoursesProps) {
  const [course, setCourse] = useState<CourseId>('copies');
  const clock = useMemo(() => new VirtualClock(page.start, page.endMicros), [page]);
  const charts = useMemo(() => chartsOf(page, course), [page, course]);
  const { endMicros, faults } = page;
  const top = charts.reduce(
    (most, { model }) => Math.max(most, ...model.lines.map(({ values }) => largestOf(values))),
    0,
  );
  const isZoomed = useStore(view, ({ fromMicros, toMicros }) => fromMicros > 0 || toMicros < endMicros);
  if (charts.length === 0) return null;
  return (
    <section class="card" aria-labelledby="courses-title">
      <h2 id="courses-title">{`Side by side, seed ${page.comparison.seeds[0]}`}</h2>
      <div class="chart-tools">
        <div class="choice" role="group" aria-label="What the charts show">
          {COURSES.map(({ id, label }) => (
            <button key={id} type="button" aria-pressed={id === course} onClick={() => setCourse(id)}>
              {label}
            </button>
          ))}
        </div>
        <div class="choice" role="group" aria-label="Strategies that are shown, at most six">
          {all.map((id) => (
            <button key={id} type="button" aria-pressed={shown.includes(id)} onClick={() => toggle(id)}>
              {id}
            </button>
          ))}
        </div>
        {isZoomed && (
          <button type="button" class="small" onClick={() => view.set({ fromMicros: 0, toMicros: endMicros })}>
            show all
          </button>
        )}
      </div>
      <div class="side-by-side">
        {charts
          .filter(({ id }) => shown.includes(id))
          .map(({ id, model, sketch }) => (
            <div key={id}>
              {page.comparison.strategies.find((one) => one.id === id)?.otherHistory === true && <OtherHistory />}
              <TimeChart
                {...{ model, clock, view, faults, endMicros }}
                repairs={sketch.repairs}
                height={170}
                {...(top > 0 ? { top } : {})}
              />
              <Lanes {...{ faults, clock, view, endMicros }} repairs={sketch.repairs} />
            </div>
          ))}
      </div>
    </section>
  );
}

interface Course {
  id: string;
  model: ChartModel;
  sketch: StrategySketch;
}

function chartsOf(page: ComparePage, course: CourseId): Course[] {
  return Object.entries(page.sketches).map(([id, sketch]) => {
    return { id, sketch, model: courseChart(new SeriesView(sketch.series), id, course) };
  });
}

/** What each strategy left, by node and by cause: where one healed and another did not. */
function LeftTable({ page }: { page: ComparePage }) {
  const sketches = Object.entries(page.sketches);
  const rows = (['leftByCause', 'leftByNode'] as const).flatMap((kind) => {
    const names = [...new Set(sketches.flatMap(([, sketch]) => Object.keys(sketch[kind])))];
    return names.map((name) => ({
      name: kind === 'leftByCause' ? causeLabel(name) : name,
      what: kind === 'leftByCause' ? 'cause' : 'node',
      counts: sketches.map(([, sketch]) => sketch[kind][name] ?? 0),
    }));
  });
  if (rows.length === 0) return null;
  return (
    <section class="card" aria-labelledby="left-title">
      <h2 id="left-title">{`Left at the end of seed ${page.comparison.seeds[0]}, by cause and node`}</h2>
      <div class="scroll">
        <table>
          <caption class="unseen">Copies that differ at the end, by strategy</caption>
          <thead>
            <tr>
              <th scope="col">of</th>
              {sketches.map(([id]) => (
                <th key={id} scope="col" class="number">
                  {id}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, what, counts }) => (
              <tr key={`${what} ${name}`}>
                <th scope="row">
                  {name} <span class="note">{what}</span>
                </th>
                {counts.map((one, column) => (
                  <td key={sketches[column][0]} class={one > 0 ? 'number left' : 'number'}>
                    {formatCount(one)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Replays({ page }: { page: ComparePage }) {
  return (
    <section class="card" aria-labelledby="replays-title">
      <h2 id="replays-title">{`Each of them again, with seed ${page.comparison.seeds[0]}`}</h2>
      {Object.entries(page.replays).map(([id, command]) => (
        <p key={id} class="replay">
          <b>{id}</b>
          <code>{command}</code>
          <CopyButton text={command} label="Copy" />
        </p>
      ))}
    </section>
  );
}
