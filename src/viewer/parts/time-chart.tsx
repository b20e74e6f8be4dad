/**
 * A chart over virtual time with all that belongs to it: title, legend with values, keys, export, and the same numbers as a
 * table for those who do not see a canvas. Keys: arrows move the cursor (Shift: further), Enter chooses the moment, + and −
 * change the stretch, Escape shows all.
 */
import type uPlot from 'uplot';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { VirtualClock } from '../../base/virtual-clock.ts';
import { rowAt } from '../../report/page/chart-model.ts';
import type { ChartModel } from '../../report/page/chart-model.ts';
import { valueText } from '../../report/page/chart-text.ts';
import type { PageBand } from '../../report/page/page-data.ts';
import type { ViewStore } from '../view-state.ts';
import type { TimeChartProps } from './chart-props.ts';
import { ChartMenu } from './chart-menu.tsx';
import { PrintChart } from './print-chart.tsx';
import { ChartTable } from './chart-table.tsx';
import { makePlot } from './plot.ts';
import { usePalette } from './theme.ts';
import { useWidth } from './use-width.ts';
import { useStore } from './use-store.ts';

const NO_BANDS: readonly PageBand[] = [];

export function TimeChart(props: TimeChartProps) {
  const { model, clock, view, isSmall = false } = props;
  const [row, setRow] = useState<number | null>(null);
  const { place, plot } = usePlot(props, setRow);
  const shown =
    row ??
    chosenRow(
      model,
      useStore(view, ({ momentMicros }) => momentMicros),
    );
  const onKeyDown = (event: KeyboardEvent): void => {
    if (plot.current !== null && keyed(event, plot.current, props)) event.preventDefault();
  };
  return (
    <figure class={isSmall ? 'chart small-chart' : 'chart'} id={`chart-${model.id}`}>
      <figcaption>
        <span class="chart-title" title={isSmall ? props.place : undefined}>
          {isSmall ? (props.place ?? model.title) : model.title}
        </span>
        {!isSmall && <span class="chart-what">{model.what}</span>}
        {!isSmall && <ChartMenu {...props} />}
      </figcaption>
      {props.note !== undefined && <p class="note">{props.note}</p>}
      <div
        ref={place}
        class="plot"
        tabIndex={0}
        role="group"
        aria-label={`${model.title}: chart of ${model.what} over time. Arrows move the cursor; the table below has the numbers.`}
        onKeyDown={onKeyDown}
      />
      <PrintChart {...props} />
      {!isSmall && <Legend model={model} row={shown} clock={clock} />}
      <ChartTable model={model} clock={clock} isSmall={isSmall} />
    </figure>
  );
}

function chosenRow({ times }: ChartModel, momentMicros: number | null): number | null {
  return momentMicros === null ? null : Math.max(0, rowAt(times, momentMicros));
}

/** Made again when its size, its colours or its numbers change; told of every change of the view. */
function usePlot(props: TimeChartProps, onRow: (row: number | null) => void) {
  const { model, clock, view, faults = NO_BANDS, repairs = NO_BANDS, isSmall = false, height = 260, top } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const width = useWidth(place);
  const palette = usePalette();
  useEffect(() => {
    if (place.current === null || width <= 0) return;
    const more = top === undefined ? {} : { top };
    const made = makePlot(place.current, {
      model,
      width,
      height,
      clock,
      palette,
      view,
      faults,
      repairs,
      isSmall,
      onRow,
      ...more,
    });
    plot.current = made;
    const stop = followView(made, view);
    return () => {
      stop();
      plot.current = null;
      made.destroy();
    };
  }, [model, width, height, clock, palette, faults, repairs, top]);
  return { place, plot };
}

/** Once a frame, and only while the chart is in sight: the others follow when they come into it. */
function followView(plot: uPlot, view: ViewStore): () => void {
  let isInSight = true;
  let isBehind = false;
  let frame = 0;
  const follow = (): void => {
    frame = 0;
    isBehind = false;
    const { fromMicros, toMicros } = view.get();
    const { min, max } = plot.scales['x'];
    // A new moment moves one line: paths are drawn as they were.
    if (min === fromMicros && max === toMicros) plot.redraw(false);
    else plot.setScale('x', { min: fromMicros, max: toMicros });
  };
  const schedule = (): void => {
    if (isInSight && isBehind && frame === 0) frame = requestAnimationFrame(follow);
  };
  const observer = new IntersectionObserver(([entry]) => {
    isInSight = entry.isIntersecting;
    schedule();
  });
  observer.observe(plot.root);
  const stop = view.subscribe(() => {
    isBehind = true;
    schedule();
  });
  return () => {
    stop();
    observer.disconnect();
    cancelAnimationFrame(frame);
  };
}

const FAR_ROWS = 10;
const ZOOM = 0.6;

/** True if the key was ours. */
function keyed(event: KeyboardEvent, plot: uPlot, { model, view, endMicros }: TimeChartProps): boolean {
  const { times } = model;
  const { fromMicros, toMicros, momentMicros } = view.get();
  const here = plot.cursor.idx ?? Math.max(0, rowAt(times, momentMicros ?? fromMicros));
  const far = event.shiftKey ? FAR_ROWS : 1;
  const moves: Readonly<Record<string, number>> = {
    ArrowRight: here + far,
    ArrowLeft: here - far,
    Home: 0,
    End: times.length - 1,
  };
  if (event.key in moves) {
    const row = Math.max(0, Math.min(times.length - 1, moves[event.key]));
    plot.setCursor({ left: plot.valToPos(times[row], 'x'), top: 10 });
    return true;
  }
  switch (event.key) {
    case 'Enter':
      view.set({ momentMicros: times[here] });
      return true;
    case 'Escape':
    case '0':
      view.set({ fromMicros: 0, toMicros: endMicros });
      return true;
    case '+':
    case '=':
      view.set(zoomed(times[here], fromMicros, toMicros, ZOOM, endMicros));
      return true;
    case '-':
      view.set(zoomed(times[here], fromMicros, toMicros, 1 / ZOOM, endMicros));
      return true;
    default:
      return false;
  }
}

function zoomed(around: number, from: number, to: number, factor: number, end: number) {
  const middle = around < from || around > to ? (from + to) / 2 : around;
  const fromMicros = Math.max(0, Math.round(middle - (middle - from) * factor));
  const toMicros = Math.min(end, Math.round(middle + (to - middle) * factor));
  return toMicros - fromMicros < 1000 ? {} : { fromMicros, toMicros };
}

function Legend({ model, row, clock }: { model: ChartModel; row: number | null; clock: VirtualClock }) {
  const palette = usePalette();
  const lines = useMemo(() => (model.isStacked ? [...model.lines].reverse() : model.lines), [model]);
  const when = row === null ? 'point at the chart for values' : `at ${clock.moment(model.times[row])}`;
  return (
    <div class="legend">
      <span class="legend-when">{when}</span>
      <ul>
        {lines.map((line) => (
          <li key={line.id}>
            <svg class="swatch" width="14" height="12" aria-hidden="true">
              {model.isStacked ? (
                <rect width="14" height="12" rx="3" fill={palette.tones[line.tone]} />
              ) : (
                <line
                  x1="0"
                  x2="14"
                  y1="6"
                  y2="6"
                  stroke={palette.tones[line.tone]}
                  stroke-width="3"
                  {...(line.isDashed === true ? { 'stroke-dasharray': '5 3' } : {})}
                />
              )}
            </svg>
            <b>{line.label}</b>
            {row !== null && <output>{valueText(line.values[row], model.unit)}</output>}
            {line.meaning !== '' && <span class="meaning">{line.meaning}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}
