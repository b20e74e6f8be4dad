/** Means over one axis with their 95 % intervals, a curve for each value of the other; as SVG, which is also what is saved. */
import { useRef } from 'preact/hooks';
import { TONES } from '../../report/page/chart-model.ts';
import type { SweepPage } from '../../report/page/page-data.ts';
import { measureText, positionsOf } from '../../report/page/sweep-model.ts';
import type { Grid, Place } from '../../report/page/sweep-model.ts';
import { roundMarks } from '../../report/page/chart-text.ts';
import type { Palette } from '../../report/page/palette.ts';
import { pngOf, saveFile } from './save-file.ts';
import { usePalette } from './theme.ts';
import { useWidth } from './use-width.ts';

export interface CurvesProps {
  page: SweepPage;
  grid: Grid;
  measure: number;
  across: number;
  down: number;
}

const HEIGHT = 300;
const LEFT = 70;
const RIGHT = 120;
const BOTTOM = 34;
const CURVES_MAX = 7;
const DASHES = ['', '6 3', '2 3', '8 3 2 3'];

export function Curves({ page, grid, measure, across, down }: CurvesProps) {
  const place = useRef<HTMLDivElement>(null);
  const width = Math.max(320, useWidth(place));
  const palette = usePalette();
  const { title, unit } = page.summary.measures[measure];
  const x = positionsOf(page, across).map((share) => LEFT + share * (width - LEFT - RIGHT));
  const tops = grid.places.flat().flatMap(({ mean, halfWidth }) => (mean === null ? [] : [mean + (halfWidth ?? 0)]));
  const top = tops.reduce((most, value) => Math.max(most, value), 0) * 1.05 || 1;
  const y = (value: number): number => HEIGHT - BOTTOM - (Math.max(0, value) / top) * (HEIGHT - BOTTOM - 14);
  const curves = grid.rows.slice(0, CURVES_MAX);
  const svg = (): string =>
    new XMLSerializer().serializeToString(place.current?.querySelector('svg') ?? new Document());
  return (
    <figure class="chart" id="chart-curves">
      <figcaption>
        <span class="chart-title">{`${title} over ${page.summary.factors[across]}`}</span>
        <span class="chart-what">
          {down < 0
            ? 'means with 95 % intervals'
            : `a curve for each ${page.summary.factors[down]}, with 95 % intervals`}
        </span>
        <span class="chart-menu">
          <button
            type="button"
            class="small"
            onClick={() => saveFile('curves.svg', new Blob([svg()], { type: 'image/svg+xml' }))}
          >
            SVG
          </button>
          <button
            type="button"
            class="small"
            onClick={() => void pngOf(svg()).then((png) => saveFile('curves.png', png))}
          >
            PNG
          </button>
          <button
            type="button"
            class="small"
            onClick={() => saveFile('curves.csv', new Blob([csvOf(page, grid, measure)], { type: 'text/csv' }))}
          >
            CSV
          </button>
        </span>
      </figcaption>
      <div ref={place}>
        <svg
          xmlns="http://www.w3.org/2000/svg"
          width={width}
          height={HEIGHT}
          role="img"
          font-size="11"
          font-family="system-ui, sans-serif"
        >
          <title>{`${title} over ${page.summary.factors[across]}; the table above has the numbers`}</title>
          <rect width={width} height={HEIGHT} fill={palette.background} />
          <Axes {...{ palette, width, top, unit, x, y }} labels={grid.columns} />
          {curves.map((row, index) => (
            <Curve key={row} name={row} index={index} places={grid.places[index]} {...{ palette, x, y, width }} />
          ))}
        </svg>
      </div>
      {grid.rows.length > CURVES_MAX && (
        <p class="note">{`The first ${CURVES_MAX} of ${grid.rows.length}; choose another axis for the rest.`}</p>
      )}
    </figure>
  );
}

interface AxesProps {
  palette: Palette;
  width: number;
  top: number;
  unit: string;
  x: readonly number[];
  y: (value: number) => number;
  labels: readonly string[];
}

function Axes({ palette, width, top, unit, x, y, labels }: AxesProps) {
  const step = Math.ceil((labels.length * 64) / (width - LEFT - RIGHT));
  return (
    <g>
      {roundMarks(top, 5).map((mark) => (
        <g key={mark}>
          <line x1={LEFT} x2={width - RIGHT} y1={y(mark)} y2={y(mark)} stroke={palette.grid} />
          <text x={LEFT - 8} y={y(mark) + 4} text-anchor="end" fill={palette.faint}>
            {measureText(mark, unit)}
          </text>
        </g>
      ))}
      {labels.map((label, index) =>
        index % step === 0 ? (
          <text key={label} x={x[index]} y={HEIGHT - 12} text-anchor="middle" fill={palette.faint}>
            {label}
          </text>
        ) : null,
      )}
    </g>
  );
}

interface CurveProps {
  name: string;
  index: number;
  places: readonly Place[];
  palette: Palette;
  x: readonly number[];
  y: (value: number) => number;
  width: number;
}

function Curve({ name, index, places, palette, x, y, width }: CurveProps) {
  const colour = palette.tones[TONES[index % TONES.length]];
  const known = places.flatMap((place, at) => (place.mean === null ? [] : [{ ...place, mean: place.mean, x: x[at] }]));
  if (known.length === 0) return null;
  const last = known[known.length - 1];
  return (
    <g>
      <polyline
        points={known.map(({ mean, x: at }) => `${at},${y(mean)}`).join(' ')}
        fill="none"
        stroke={colour}
        stroke-width="2"
        stroke-dasharray={DASHES[index % DASHES.length]}
      />
      {known.map(({ mean, halfWidth, x: at }) => (
        <g key={at}>
          {halfWidth !== null && (
            <line
              x1={at}
              x2={at}
              y1={y(mean - halfWidth)}
              y2={y(mean + halfWidth)}
              stroke={colour}
              stroke-width="1.5"
            />
          )}
          <circle cx={at} cy={y(mean)} r="3.5" fill={colour} />
        </g>
      ))}
      <text x={Math.min(last.x + 10, width - RIGHT + 8)} y={y(last.mean) + 4} fill={palette.text}>
        {name}
      </text>
    </g>
  );
}

function csvOf({ summary }: SweepPage, grid: Grid, measure: number): string {
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const lines = grid.rows.flatMap((row, at) =>
    grid.places[at].map(
      ({ mean, halfWidth }, column) =>
        `${quoted(row)},${quoted(grid.columns[column])},${mean ?? ''},${halfWidth ?? ''}`,
    ),
  );
  return ['down,across,mean,half_width', ...lines, `# ${summary.measures[measure].title}`].join('\n');
}
