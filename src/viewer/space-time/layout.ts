/**
 * Places a space-time diagram: a column a node, time down. Time is not to scale: moments lie closer the closer they are, by
 * steps of ten, and a quiet second or more is folded into one gap that says how long it was. Bounded: of more marks than the
 * budget those nearest to the moment in focus are kept, and the rest is counted. Pure.
 */
import type { Arrow, Bar, Dot, SpaceTime } from './space-time.ts';

export interface LayoutOptions {
  /** Marks at most. */
  budget?: number;
  columnWidth?: number;
  /** Null: from the beginning. */
  focusMicros?: number | null;
}

export interface PlacedDot extends Dot {
  x: number;
  y: number;
  /** False where it would lie on another. */
  isLabelled: boolean;
}

export interface PlacedArrow extends Arrow {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

export interface PlacedBar extends Bar {
  x: number;
  y1: number;
  y2: number;
}

export interface Fold {
  y: number;
  height: number;
  micros: number;
}

export interface SpaceTimeLayout {
  width: number;
  height: number;
  columns: { node: number; x: number }[];
  dots: PlacedDot[];
  arrows: PlacedArrow[];
  bars: PlacedBar[];
  folds: Fold[];
  ticks: { y: number; micros: number }[];
  /** Marks that were left out, before and after what is shown. */
  before: number;
  after: number;
}

export const MARKS_MAX = 600;
export const HEAD = 44;
export const GUTTER = 128;
/** Room for the labels of the last column. */
const MARGIN = 96;
const FOLD_HEIGHT = 34;
const FOLD_MICROS = 1e6;
const TICK_EVERY = 30;
const LABEL_HEIGHT = 13;
/** Up to so many µs apart, so many pixels. */
const STEPS: readonly [micros: number, pixels: number][] = [
  [10, 4],
  [100, 7],
  [1000, 11],
  [10_000, 15],
  [100_000, 20],
  [FOLD_MICROS, 25],
];

export function layoutSpaceTime(whole: SpaceTime, options: LayoutOptions = {}): SpaceTimeLayout {
  const { budget = MARKS_MAX, columnWidth = 150, focusMicros = null } = options;
  const { kept, before, after } = within(whole, budget, focusMicros);
  const columns = kept.nodes.map((node, index) => ({ node, x: GUTTER + columnWidth * index + columnWidth / 2 }));
  const scale = scaleOf(momentsOf(kept));
  const xOf = new Map(columns.map(({ node, x }) => [node, x]));
  const at = (node: number): number => xOf.get(node) ?? 0;
  return {
    width: GUTTER + columnWidth * Math.max(1, columns.length) + MARGIN,
    height: scale.height,
    columns,
    dots: labelled(kept.dots.map((dot) => ({ ...dot, x: at(dot.node), y: scale.yOf(dot.micros), isLabelled: false }))),
    arrows: kept.arrows.map((arrow) => ({
      ...arrow,
      ...{ x1: at(arrow.from), y1: scale.yOf(arrow.fromMicros), x2: at(arrow.to), y2: scale.yOf(arrow.toMicros) },
    })),
    bars: kept.bars.map((bar) => ({
      ...bar,
      ...{ x: at(bar.node), y1: scale.yOf(bar.fromMicros), y2: scale.yOf(bar.toMicros) },
    })),
    folds: scale.folds,
    ticks: ticksOf(scale),
    ...{ before, after },
  };
}

// ---------------------------------------------------------------- the budget

interface Within {
  kept: SpaceTime;
  before: number;
  after: number;
}

function within(whole: SpaceTime, budget: number, focusMicros: number | null): Within {
  const times = [
    ...whole.dots.map(({ micros }) => micros),
    ...whole.arrows.map(({ toMicros }) => toMicros),
    ...whole.bars.map(({ toMicros }) => toMicros),
  ].sort((left, right) => left - right);
  if (times.length <= budget) return { kept: whole, before: 0, after: 0 };
  const focus = focusMicros === null ? 0 : firstFrom(times, focusMicros);
  const first = Math.max(0, Math.min(times.length - budget, focus - Math.floor(budget / 2)));
  const [from, to] = [times[first], times[first + budget - 1]];
  // Of marks at the very edge no more than fit.
  let left = budget;
  const keep = <Mark>(marks: readonly Mark[], moment: (mark: Mark) => number): Mark[] =>
    marks.filter((mark) => moment(mark) >= from && moment(mark) <= to && left-- > 0);
  const dots = keep(whole.dots, ({ micros }) => micros);
  const arrows = keep(whole.arrows, ({ toMicros }) => toMicros);
  const bars = keep(whole.bars, ({ toMicros }) => toMicros);
  const shown = dots.length + arrows.length + bars.length;
  const before = firstFrom(times, from);
  return { kept: { nodes: whole.nodes, dots, arrows, bars }, before, after: times.length - before - shown };
}

/** How many of the ascending times are before the moment. */
function firstFrom(times: readonly number[], micros: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < micros) low = middle + 1;
    else high = middle;
  }
  return low;
}

// ---------------------------------------------------------------- the scale of time

interface Scale {
  moments: readonly number[];
  ys: readonly number[];
  folds: Fold[];
  height: number;
  yOf: (micros: number) => number;
}

function momentsOf({ dots, arrows, bars }: SpaceTime): number[] {
  const all = new Set<number>();
  for (const { micros } of dots) all.add(micros);
  for (const { fromMicros, toMicros } of [...arrows, ...bars]) all.add(fromMicros).add(toMicros);
  return [...all].sort((left, right) => left - right);
}

function scaleOf(moments: readonly number[]): Scale {
  const ys: number[] = [];
  const folds: Fold[] = [];
  let y = HEAD + LABEL_HEIGHT;
  moments.forEach((micros, index) => {
    if (index > 0) {
      const gap = micros - moments[index - 1];
      const step = STEPS.find(([most]) => gap <= most);
      if (step === undefined) folds.push({ y, height: FOLD_HEIGHT, micros: gap });
      y += step === undefined ? FOLD_HEIGHT : step[1];
    }
    ys.push(y);
  });
  const yOf = (micros: number): number => {
    if (moments.length === 0) return y;
    const index = firstFrom(moments, micros);
    if (index >= moments.length) return ys[moments.length - 1];
    if (index === 0 || moments[index] === micros) return ys[index];
    const share = (micros - moments[index - 1]) / (moments[index] - moments[index - 1]);
    return ys[index - 1] + (ys[index] - ys[index - 1]) * share;
  };
  return { moments, ys, folds, height: y + LABEL_HEIGHT * 2, yOf };
}

function ticksOf({ moments, ys }: Scale): SpaceTimeLayout['ticks'] {
  const ticks: SpaceTimeLayout['ticks'] = [];
  let last = -Infinity;
  moments.forEach((micros, index) => {
    if (ys[index] - last < TICK_EVERY) return;
    last = ys[index];
    ticks.push({ y: ys[index], micros });
  });
  return ticks;
}

/** A label per dot, where none of the same column lies under it. */
function labelled(dots: PlacedDot[]): PlacedDot[] {
  const lastByColumn = new Map<number, number>();
  const ordered = [...dots].sort((left, right) => left.y - right.y);
  for (const dot of ordered) {
    if (dot.y - (lastByColumn.get(dot.x) ?? -Infinity) < LABEL_HEIGHT) continue;
    lastByColumn.set(dot.x, dot.y);
    dot.isLabelled = true;
  }
  return ordered;
}
