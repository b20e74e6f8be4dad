/**
 * What the chart of a run stacks: copies in flight, copies with a hint, and latent copies by their causes (the largest
 * ones, the rest together). Each group has its own fill and its own colour, so that the chart reads without colours.
 */
import { plural } from '../base/human.ts';
import type { Series } from '../observe/result.ts';
import type { Style } from './lines.ts';

export interface ChartGroup {
  label: string;
  fill: string;
  style: Style;
  /** One value a row of the series. */
  values: readonly number[];
  largest: number;
}

const LATENT_LOOKS: readonly { fill: string; style: Style }[] = [
  { fill: '█', style: 'red' },
  { fill: '▓', style: 'magenta' },
  { fill: '▒', style: 'yellow' },
];
const REST_LOOK: { fill: string; style: Style } = { fill: '▚', style: 'blue' };
const HINT_LOOK: { fill: string; style: Style } = { fill: '░', style: 'cyan' };
const FLIGHT_LOOK: { fill: string; style: Style } = { fill: '·', style: 'gray' };

const LATENT_COLUMN = /^divergent_copies\{cause=([a-z_]+),state=latent\}$/;

/** From the bottom of the stack to its top; groups that are always 0 are left out. */
export function chartGroups(series: Series): ChartGroup[] {
  const latent: ChartGroup[] = [];
  for (const [column, values] of Object.entries(series.columns)) {
    const cause = LATENT_COLUMN.exec(column)?.[1];
    if (cause !== undefined)
      latent.push({ label: causeLabel(cause), values, largest: largestOf(values), ...REST_LOOK });
  }
  latent.sort((left, right) => right.largest - left.largest || (left.label < right.label ? -1 : 1));
  const groups = [
    ...withRest(latent).map((group, index) => ({ ...group, ...(LATENT_LOOKS[index] ?? REST_LOOK) })),
    group('hint pending', series.columns['hint_pending_copies'], HINT_LOOK),
    group('in flight', series.columns['in_flight_copies'], FLIGHT_LOOK),
  ];
  return groups.filter((one) => one.largest > 0);
}

export function causeLabel(cause: string): string {
  return cause.replaceAll('_', ' ');
}

function group(label: string, values: readonly number[] = [], look: { fill: string; style: Style }): ChartGroup {
  return { label, values, largest: largestOf(values), ...look };
}

function withRest(latent: readonly ChartGroup[]): ChartGroup[] {
  const shown = latent.slice(0, LATENT_LOOKS.length).map((one) => ({ ...one, label: `latent: ${one.label}` }));
  const rest = latent.slice(LATENT_LOOKS.length);
  if (rest.length === 0) return shown;
  const values = rest[0].values.map((_, row) => rest.reduce((sum, one) => sum + (one.values[row] ?? 0), 0));
  return [...shown, group(`latent: ${plural(rest.length, 'other cause')}`, values, REST_LOOK)];
}

function largestOf(values: readonly number[]): number {
  let largest = 0;
  for (const value of values) if (value > largest) largest = value;
  return largest;
}
