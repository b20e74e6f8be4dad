/**
 * A chart as SVG: for a file, for print, and for a ticket. Only shapes and texts with attributes of their own, no style sheet
 * and no script, so that it is the same wherever it is put. Points that fall into one column of pixels are drawn as its
 * least and its largest value.
 */
import { roundStep } from '../../base/virtual-clock.ts';
import type { VirtualClock } from '../../base/virtual-clock.ts';
import { drawnValues, largestOf } from './chart-model.ts';
import type { ChartLine, ChartModel } from './chart-model.ts';
import { markText, roundMarks } from './chart-text.ts';
import { markupText } from './embed-page.ts';
import type { PageBand } from './page-data.ts';
import type { Palette } from './palette.ts';

export interface SvgOptions {
  width: number;
  height: number;
  fromMicros: number;
  toMicros: number;
  clock: VirtualClock;
  palette: Palette;
  faults?: readonly PageBand[];
  repairs?: readonly PageBand[];
}

const LEFT = 64;
const RIGHT = 16;
const HEAD = 34;
const AXIS = 22;
const LEGEND_ROW = 18;
const CHARACTER = 6.6;
const FONT = 'system-ui, -apple-system, Segoe UI, Roboto, sans-serif';

interface Frame extends SvgOptions {
  top: number;
  bottom: number;
  x(micros: number): number;
  y(value: number): number;
}

export function chartSvg(model: ChartModel, options: SvgOptions): string {
  const legend = legendRows(model, options.width);
  const drawn = drawnValues(model);
  const marks = roundMarks(
    drawn.reduce((most, values) => Math.max(most, largestOf(values)), 0),
    6,
  );
  const frame = frameOf(options, marks, legend.length);
  const parts = [
    `<rect width="${options.width}" height="${options.height}" fill="${options.palette.background}"/>`,
    text(LEFT, 20, model.title, { fill: options.palette.text, size: 14, weight: 600 }),
    text(options.width - RIGHT, 20, model.what, { fill: options.palette.faint, anchor: 'end' }),
    ...bandParts(frame),
    ...axisParts(frame, model, marks),
    ...lineParts(frame, model, drawn),
    ...legend.flatMap((row, index) => legendParts(row, frame, index)),
  ];
  const size = `width="${options.width}" height="${options.height}" viewBox="0 0 ${options.width} ${options.height}"`;
  const title = `<title>${markupText(`${model.title}, ${model.what}`)}</title>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" font-family="${FONT}" font-size="11">${title}${parts.join('')}</svg>\n`;
}

function frameOf(options: SvgOptions, marks: readonly number[], legendCount: number): Frame {
  const { width, height, fromMicros, toMicros } = options;
  const bottom = height - AXIS - legendCount * LEGEND_ROW - 8;
  const largest = marks[marks.length - 1] * 1.08 || 1;
  const span = Math.max(1, toMicros - fromMicros);
  return {
    ...options,
    top: HEAD,
    bottom,
    x: (micros) => LEFT + ((micros - fromMicros) / span) * (width - LEFT - RIGHT),
    y: (value) => bottom - (value / largest) * (bottom - HEAD),
  };
}

interface TextLook {
  fill: string;
  size?: number;
  weight?: number;
  anchor?: 'start' | 'middle' | 'end';
}

function text(x: number, y: number, content: string, { fill, size, weight, anchor }: TextLook): string {
  const looks = [
    size === undefined ? '' : ` font-size="${size}"`,
    weight === undefined ? '' : ` font-weight="${weight}"`,
    anchor === undefined ? '' : ` text-anchor="${anchor}"`,
  ].join('');
  return `<text x="${short(x)}" y="${short(y)}" fill="${fill}"${looks}>${markupText(content)}</text>`;
}

function short(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function bandParts({ faults = [], repairs = [], palette, x, top, bottom, fromMicros, toMicros }: Frame): string[] {
  return [
    { bands: faults, fill: palette.fault, opacity: 0.12 },
    { bands: repairs, fill: palette.repair, opacity: 0.16 },
  ].flatMap(({ bands, fill, opacity }) =>
    bands
      .filter((band) => band.toMicros >= fromMicros && band.fromMicros <= toMicros)
      .map((band) => {
        const from = x(Math.max(band.fromMicros, fromMicros));
        const width = Math.max(1.5, x(Math.min(band.toMicros, toMicros)) - from);
        const title = `<title>${markupText(`${band.label}: ${band.detail}`)}</title>`;
        return `<rect x="${short(from)}" y="${top}" width="${short(width)}" height="${short(bottom - top)}" fill="${fill}" fill-opacity="${opacity}">${title}</rect>`;
      }),
  );
}

function axisParts(frame: Frame, { unit }: ChartModel, marks: readonly number[]): string[] {
  const { palette, width, bottom, fromMicros, toMicros, clock } = frame;
  const parts = marks.flatMap((mark) => {
    const y = frame.y(mark);
    return [
      `<line x1="${LEFT}" x2="${width - RIGHT}" y1="${short(y)}" y2="${short(y)}" stroke="${palette.grid}"/>`,
      text(LEFT - 6, y + 4, markText(mark, unit, marks[marks.length - 1]), { fill: palette.faint, anchor: 'end' }),
    ];
  });
  for (const micros of timeMarks(fromMicros, toMicros, { most: Math.max(2, Math.floor(width / 110)), clock })) {
    const x = frame.x(micros.at);
    parts.push(`<line x1="${short(x)}" x2="${short(x)}" y1="${bottom}" y2="${bottom + 4}" stroke="${palette.faint}"/>`);
    parts.push(text(x, bottom + 16, micros.label, { fill: palette.faint, anchor: 'middle' }));
  }
  return parts;
}

/** Round moments between two others, with their labels. */
export function timeMarks(
  fromMicros: number,
  toMicros: number,
  { most, clock }: { most: number; clock: VirtualClock },
): { at: number; label: string }[] {
  const step = roundStep(toMicros - fromMicros, most);
  const epoch = clock.epochMicros ?? 0;
  const phase = epoch - Math.floor(epoch / step) * step;
  const marks: { at: number; label: string }[] = [];
  for (let at = Math.ceil((fromMicros + phase) / step) * step - phase; at <= toMicros; at += step) {
    marks.push({ at, label: clock.tick(at, step) });
  }
  return marks;
}

/** The top of a stack first, so that what is below covers it. */
function lineParts(frame: Frame, model: ChartModel, drawn: readonly ArrayLike<number>[]): string[] {
  const parts: string[] = [];
  for (let index = model.lines.length - 1; index >= 0; index -= 1) {
    const line = model.lines[index];
    const points = pointsOf(frame, model.times, drawn[index]);
    if (points.length === 0) continue;
    const colour = frame.palette.tones[line.tone];
    const path = points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${short(x)} ${short(y)}`).join('');
    if (model.isStacked) {
      const [last, first] = [points[points.length - 1], points[0]];
      const area = `${path}L${short(last[0])} ${short(frame.bottom)}L${short(first[0])} ${short(frame.bottom)}Z`;
      parts.push(`<path d="${area}" fill="${colour}"/>`);
      parts.push(`<path d="${path}" fill="none" stroke="${frame.palette.background}" stroke-width="1"/>`);
    } else {
      const dash = line.isDashed === true ? ' stroke-dasharray="5 3"' : '';
      parts.push(
        `<path d="${path}" fill="none" stroke="${colour}" stroke-width="1.7" stroke-linejoin="round"${dash}/>`,
      );
    }
  }
  return parts;
}

function pointsOf(frame: Frame, times: ArrayLike<number>, values: ArrayLike<number>): [number, number][] {
  const points: [number, number][] = [];
  let column = NaN;
  let least = Infinity;
  let most = -Infinity;
  const flush = (): void => {
    if (Number.isNaN(column) || least > most) return;
    points.push([column, frame.y(least)]);
    if (most !== least) points.push([column, frame.y(most)]);
  };
  for (let row = 0; row < times.length; row += 1) {
    if (times[row] < frame.fromMicros || times[row] > frame.toMicros || Number.isNaN(values[row])) continue;
    const at = Math.round(frame.x(times[row]) * 2) / 2;
    if (at !== column) {
      flush();
      [column, least, most] = [at, Infinity, -Infinity];
    }
    least = Math.min(least, values[row]);
    most = Math.max(most, values[row]);
  }
  flush();
  return points;
}

function legendRows({ lines }: ChartModel, width: number): ChartLine[][] {
  const rows: ChartLine[][] = [];
  let used = Infinity;
  for (const line of [...lines].reverse()) {
    const needed = 28 + line.label.length * CHARACTER;
    if (used + needed > width - LEFT - RIGHT) {
      rows.push([]);
      used = 0;
    }
    rows[rows.length - 1].push(line);
    used += needed;
  }
  return rows;
}

function legendParts(row: readonly ChartLine[], { palette, bottom }: Frame, index: number): string[] {
  let x = LEFT;
  const y = bottom + AXIS + 16 + index * LEGEND_ROW;
  return row.flatMap((line) => {
    const at = x;
    x += 28 + line.label.length * CHARACTER;
    return [
      `<rect x="${short(at)}" y="${short(y - 9)}" width="10" height="10" rx="2" fill="${palette.tones[line.tone]}"/>`,
      text(at + 15, y, line.label, { fill: palette.text }),
    ];
  });
}
