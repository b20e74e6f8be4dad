/** The page of a comparison: what it found as it is, and how the strategies went with the first seed, side by side. */
import { VirtualClock } from '../../base/virtual-clock.ts';
import { VERSION } from '../../base/version.ts';
import type { Plan } from '../../scenario/plan.ts';
import type { Comparison } from '../../studies/compare/compare.ts';
import type { Sketch } from '../../studies/compare/sketch.ts';
import { bandOf, faultBands, sorted } from './bands.ts';
import { packSeries } from './packed-series.ts';
import { PAGE_FORMAT } from './page-data.ts';
import type { ComparePage, StrategySketch } from './page-data.ts';
import { thinRows } from './thin-series.ts';

const ROWS_MAX = 1000;

export interface ComparePageOptions {
  /** The scenario as it is written, with the first seed. */
  plan: Plan;
  replays: Record<string, string>;
}

export function comparePage(comparison: Comparison, { plan, replays }: ComparePageOptions): ComparePage {
  const sketched = comparison.strategies.flatMap(({ id, runs: [first] }) =>
    first.sketch === undefined ? [] : [[id, first.sketch] as const],
  );
  const endMicros = sketched[0]?.[1].endMicros ?? plan.duration_micros + plan.settle_micros;
  const clock = new VirtualClock(plan.start, endMicros);
  return {
    format: PAGE_FORMAT,
    kind: 'compare',
    version: VERSION,
    title: plan.name,
    database: plan.database,
    start: plan.start,
    endMicros,
    comparison: withoutSketches(comparison),
    sketches: Object.fromEntries(sketched.map(([id, sketch]) => [id, pageSketch(sketch)])),
    faults: faultBands(plan, { timeline: [], clock, endMicros }),
    replays,
  };
}

/** For documents: numbers, without the course of single runs. */
export function withoutSketches(comparison: Comparison): Comparison {
  const strategies = comparison.strategies.map((strategy) => ({
    ...strategy,
    runs: strategy.runs.map((run) => ({ ...run, sketch: undefined })),
  }));
  return JSON.parse(JSON.stringify({ ...comparison, strategies })) as Comparison;
}

function pageSketch({ series, repairs, leftByNode, leftByCause, endMicros }: Sketch): StrategySketch {
  const { keep, strayShare } = thinRows(series, ROWS_MAX);
  const bands = repairs.map(({ id, command, fromMicros, toMicros, outcome }) =>
    bandOf(
      { id, kind: 'repair' },
      {
        start: fromMicros,
        end: toMicros,
        endMicros,
        detail: outcome === 'finished' ? command : `${command} (${outcome})`,
      },
    ),
  );
  return { series: packSeries(series, keep, strayShare), repairs: sorted(bands), leftByNode, leftByCause };
}
