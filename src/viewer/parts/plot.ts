/**
 * One chart on a canvas (uPlot): built from a chart model, kept in step with the view: the stretch of time that all charts show
 * and the moment that was chosen. Dragging chooses a stretch, a click a moment, a double click shows all again.
 */
import uPlot from 'uplot';
import type { VirtualClock } from '../../base/virtual-clock.ts';
import { drawnValues, topOf } from '../../report/page/chart-model.ts';
import type { ChartLine, ChartModel } from '../../report/page/chart-model.ts';
import { timeMarks } from '../../report/page/chart-svg.ts';
import { markText, roundMarks } from '../../report/page/chart-text.ts';
import type { PageBand } from '../../report/page/page-data.ts';
import type { Palette } from '../../report/page/palette.ts';
import type { ViewStore } from '../view-state.ts';

/** Pixels left and right of every plot, so that plots and lanes below one another stand on one time axis. */
export const PLOT_LEFT = 60;
export const PLOT_RIGHT = 14;
const SMALL_LEFT = 44;
const FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const CLICK_PIXELS = 4;

export interface PlotOptions {
  model: ChartModel;
  width: number;
  height: number;
  clock: VirtualClock;
  palette: Palette;
  view: ViewStore;
  faults: readonly PageBand[];
  repairs: readonly PageBand[];
  isSmall: boolean;
  /** All small charts of one kind end at the same height. */
  top?: number;
  /** The row under the pointer, or null. */
  onRow(row: number | null): void;
}

export function makePlot(place: HTMLElement, options: PlotOptions): uPlot {
  const plot = new uPlot(plotOptions(options), plotData(options.model), place);
  const { fromMicros, toMicros } = options.view.get();
  plot.setScale('x', { min: fromMicros, max: toMicros });
  listenForMoments(plot, options.view);
  return plot;
}

/** uPlot draws series in order: the top of a stack first, so that what is below covers it. */
function plotData(model: ChartModel): uPlot.AlignedData {
  const values = drawnValues(model).map((column) =>
    Array.from(column, (value) => (Number.isNaN(value) ? null : value)),
  );
  return [Array.from(model.times), ...(model.isStacked ? values.reverse() : values)];
}

function plotOptions(options: PlotOptions): uPlot.Options {
  const { model, width, height, palette, view, isSmall } = options;
  const lines = model.isStacked ? [...model.lines].reverse() : model.lines;
  const top = options.top ?? topOf(model);
  return {
    width,
    height,
    padding: [10, PLOT_RIGHT, 0, 0],
    legend: { show: false },
    scales: { x: { time: false }, y: { range: (_, __, most) => [0, Math.max(options.top ?? most, 1e-9) * 1.06] } },
    axes: axesOf(options, top),
    series: [
      {},
      ...lines.map((line): uPlot.Series => ({
        stroke: model.isStacked ? palette.background : palette.tones[line.tone],
        width: model.isStacked ? 1 : 1.6,
        ...fillOf(line, options),
        ...(line.isDashed === true ? { dash: [5, 3] } : {}),
        points: { show: false },
      })),
    ],
    cursor: {
      sync: { key: 'time', setSeries: false },
      drag: { x: true, y: false, setScale: false, dist: CLICK_PIXELS },
      points: { show: !model.isStacked && !isSmall, size: 6 },
      y: false,
      bind: { dblclick: () => () => (showAll(view, model), null) },
    },
    hooks: {
      drawClear: [(plot) => drawBands(plot, options)],
      draw: [(plot) => drawMoment(plot, options)],
      setSelect: [(plot) => zoomTo(plot, view)],
      setCursor: [(plot) => options.onRow(plot.cursor.idx ?? null)],
    },
  };
}

/** Areas of a stack are solid, since they cover one another; a small chart's first line stands on a light one. */
function fillOf(line: ChartLine, { model, palette, isSmall }: PlotOptions): Pick<uPlot.Series, 'fill'> {
  if (model.isStacked) return { fill: palette.tones[line.tone] };
  return isSmall && line === model.lines[0] ? { fill: `${palette.tones[line.tone]}40` } : {};
}

function axesOf({ model, clock, palette, isSmall, width }: PlotOptions, top: number): uPlot.Axis[] {
  const look = { stroke: palette.faint, font: FONT, grid: { stroke: palette.grid, width: 1 }, ticks: { show: false } };
  const most = Math.max(2, Math.floor(width / (isSmall ? 90 : 110)));
  return [
    {
      ...look,
      size: 26,
      grid: { show: false },
      ticks: { show: true, stroke: palette.grid, size: 4 },
      splits: (_, __, min, max) => timeMarks(min, max, { most, clock }).map(({ at }) => at),
      values: (plot, splits) => labelsOf(plot, splits, { most, clock }),
    },
    {
      ...look,
      size: isSmall ? SMALL_LEFT : PLOT_LEFT,
      splits: (plot) => roundMarks(plot.scales['y'].max ?? top, isSmall ? 2 : 6),
      values: (_, splits) => splits.map((mark) => markText(mark, model.unit, splits[splits.length - 1])),
    },
  ];
}

function labelsOf(plot: uPlot, splits: number[], options: { most: number; clock: VirtualClock }): string[] {
  const marks = timeMarks(plot.scales['x'].min ?? 0, plot.scales['x'].max ?? 1, options);
  return splits.map((at) => marks.find((mark) => mark.at === at)?.label ?? '');
}

/** Faults and repairs behind the lines, over the whole height. */
function drawBands(plot: uPlot, { faults, repairs, palette, isSmall }: PlotOptions): void {
  const { ctx, bbox } = plot;
  ctx.save();
  for (const { bands, colour, alpha } of [
    { bands: faults, colour: palette.fault, alpha: 0.13 },
    { bands: repairs, colour: palette.repair, alpha: 0.2 },
  ]) {
    ctx.fillStyle = colour;
    for (const band of bands) {
      const from = Math.max(bbox.left, plot.valToPos(band.fromMicros, 'x', true));
      const to = Math.min(bbox.left + bbox.width, plot.valToPos(band.toMicros, 'x', true));
      if (to < bbox.left || from > bbox.left + bbox.width) continue;
      ctx.globalAlpha = to - from < 2 ? 0.6 : alpha;
      ctx.fillRect(from, bbox.top, Math.max(isSmall ? 1 : 1.5, to - from), bbox.height);
    }
  }
  ctx.restore();
}

function drawMoment(plot: uPlot, { view, palette }: PlotOptions): void {
  const { momentMicros } = view.get();
  if (momentMicros === null) return;
  const { ctx, bbox } = plot;
  const x = Math.round(plot.valToPos(momentMicros, 'x', true));
  if (x < bbox.left || x > bbox.left + bbox.width) return;
  ctx.save();
  ctx.fillStyle = palette.text;
  ctx.fillRect(x, bbox.top, devicePixelRatio, bbox.height);
  ctx.restore();
}

function zoomTo(plot: uPlot, view: ViewStore): void {
  const { left, width } = plot.select;
  if (width <= CLICK_PIXELS) return;
  const fromMicros = Math.max(0, Math.round(plot.posToVal(left, 'x')));
  const toMicros = Math.round(plot.posToVal(left + width, 'x'));
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  if (toMicros - fromMicros >= 1000) view.set({ fromMicros, toMicros });
}

function showAll(view: ViewStore, { times }: ChartModel): void {
  view.set({ fromMicros: 0, toMicros: times[times.length - 1] });
}

/** A click that was no drag chooses the moment under it. */
function listenForMoments(plot: uPlot, view: ViewStore): void {
  let pressed = NaN;
  plot.over.addEventListener('mousedown', (event) => (pressed = event.clientX));
  plot.over.addEventListener('click', (event) => {
    if (Math.abs(event.clientX - pressed) > CLICK_PIXELS) return;
    const at = plot.posToVal(event.clientX - plot.over.getBoundingClientRect().left, 'x');
    view.set({ momentMicros: Math.max(0, Math.round(at)) });
  });
}
