/** Copies that differ, as it was and as it would be, over the same time. */
import type { VirtualClock } from '../../base/virtual-clock.ts';
import { formatCount } from '../../base/human.ts';
import type { Series } from '../../observe/result.ts';
import { largestOf } from '../../report/page/chart-model.ts';
import type { RunPage } from '../../report/page/page-data.ts';
import { SeriesView } from '../../report/page/packed-series.ts';

interface WhatIfChartProps {
  page: RunPage;
  edited: Series;
  clock: VirtualClock;
}

const WIDTH = 900;
const HEIGHT = 170;
const LEFT = 64;
const BOTTOM = 20;
const COLUMN = 'divergent_copies';

export function WhatIfChart({ page, edited, clock }: WhatIfChartProps) {
  const series = new SeriesView(page.series);
  const [was, would] = [series.column(COLUMN) ?? [], edited.columns[COLUMN] ?? []];
  const endMicros = Math.max(page.result.virtual_micros, edited.time_micros[edited.time_micros.length - 1] ?? 0);
  const top = Math.max(1, largestOf(was), largestOf(would));
  const line = (times: ArrayLike<number>, values: ArrayLike<number>): string => path({ times, values, endMicros, top });
  const said = `Copies that differ: at most ${formatCount(largestOf(was))} as it was, ${formatCount(largestOf(would))} as it would be`;
  return (
    <figure class="what-if-chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={said}>
        <text class="axis" x={LEFT - 8} y={16} text-anchor="end">
          {formatCount(top)}
        </text>
        <text class="axis" x={LEFT - 8} y={HEIGHT - BOTTOM} text-anchor="end">
          0
        </text>
        {[0, 0.25, 0.5, 0.75, 1].map((share) => (
          <text
            key={share}
            class="axis"
            x={LEFT + (WIDTH - LEFT) * share}
            y={HEIGHT - 4}
            text-anchor={share === 0 ? 'start' : share === 1 ? 'end' : 'middle'}
          >
            {clock.moment(Math.round((endMicros * share) / 6e7) * 6e7)}
          </text>
        ))}
        <line class="axis-line" x1={LEFT} x2={WIDTH} y1={HEIGHT - BOTTOM} y2={HEIGHT - BOTTOM} />
        <path class="was" d={line(series.times, was)} />
        <path class="would" d={line(edited.time_micros, would)} />
      </svg>
      <figcaption class="note">
        <span class="key was">— as it was</span> <span class="key would">– – as it would be</span> {said}.
      </figcaption>
    </figure>
  );
}

interface Line {
  times: ArrayLike<number>;
  values: ArrayLike<number>;
  endMicros: number;
  top: number;
}

/** The highest of each column of pixels, so that no peak is lost. */
function path({ times, values, endMicros, top }: Line): string {
  const columns = new Map<number, number>();
  for (let row = 0; row < values.length; row += 1) {
    const x = Math.round(LEFT + ((WIDTH - LEFT) * times[row]) / endMicros);
    columns.set(x, Math.max(columns.get(x) ?? 0, values[row]));
  }
  const points = [...columns].map(
    ([x, value]) => `${x} ${(HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - 10)).toFixed(1)}`,
  );
  return points.length === 0 ? '' : `M${points.join(' L')}`;
}
