/**
 * Which charts the overview of a run has, from the columns of its series: entropy and copies by cause, copies by state, copies
 * that are wrong, hints, devices, latency of reads, and one small chart for each node. A chart of which nothing ever moved is
 * left out. Pure: the page draws them, and a post-mortem takes the first.
 */
import type { Plan } from '../../scenario/plan.ts';
import { plural } from '../../base/human.ts';
import { causeLabel } from '../chart-groups.ts';
import { causeWords, STATE_WORDS } from './cause-words.ts';
import { largestOf } from './chart-model.ts';
import type { ChartLine, ChartModel, ChartUnit, Tone } from './chart-model.ts';
import type { SeriesView } from './packed-series.ts';

/** Causes that stand alone; the others are one group. */
const CAUSES_SHOWN = 7;
/** The same cause has the same colour in every report, as far as colours go. */
const FIXED_TONES: Readonly<Record<string, Tone>> = {
  in_flight: 'grey',
  hint_window_passed: 'red',
  node_down: 'sky',
  partition: 'blue',
  lost_before_fsync: 'purple',
  timeout: 'amber',
  message_lost: 'green',
  delete_missed: 'brown',
};
const FREE_TONES: readonly Tone[] = ['red', 'amber', 'purple', 'sky', 'blue', 'green', 'brown'];

export type CauseMeasure = 'entropy_bits' | 'divergent_copies';

/** Stacked by cause; in flight, which is always there for moments, on top. */
export function causeChart(view: SeriesView, measure: CauseMeasure): ChartModel {
  const pattern = new RegExp(`^${measure}\\{cause=([a-z_0-9]+)\\}$`);
  const found = view.names.flatMap((name) => {
    const cause = pattern.exec(name)?.[1];
    const values = cause === undefined ? null : view.column(name);
    return cause === undefined || values === null || largestOf(values) === 0
      ? []
      : [{ cause, values, largest: largestOf(values) }];
  });
  found.sort((left, right) => right.largest - left.largest || (left.cause < right.cause ? -1 : 1));
  const settled = found.filter(({ cause }) => cause !== 'in_flight');
  const tones = tonesOf(settled.slice(0, CAUSES_SHOWN).map(({ cause }) => cause));
  const lines: ChartLine[] = settled.slice(0, CAUSES_SHOWN).map(({ cause, values }) => ({
    id: cause,
    label: causeLabel(cause),
    meaning: causeWords(cause),
    tone: tones.get(cause) ?? 'brown',
    values,
  }));
  const rest = settled.slice(CAUSES_SHOWN);
  if (rest.length > 0) lines.push(restOf(rest));
  const flight = found.find(({ cause }) => cause === 'in_flight');
  if (flight !== undefined) {
    lines.push({
      id: 'in_flight',
      label: 'in flight',
      meaning: causeWords('in_flight'),
      tone: 'grey',
      values: flight.values,
    });
  }
  const isEntropy = measure === 'entropy_bits';
  return {
    id: isEntropy ? 'entropy-by-cause' : 'copies-by-cause',
    title: isEntropy ? 'Entropy by cause' : 'Copies that differ, by cause',
    what: isEntropy ? 'bits of entropy' : 'copies',
    unit: isEntropy ? 'bits' : 'count',
    isStacked: true,
    times: view.times,
    lines,
  };
}

/** Fixed ones first; the others take what is left. */
function tonesOf(causes: readonly string[]): Map<string, Tone> {
  const tones = new Map<string, Tone>();
  const taken = new Set<Tone>();
  for (const cause of causes) {
    const tone = FIXED_TONES[cause];
    if (tone === undefined || taken.has(tone)) continue;
    tones.set(cause, tone);
    taken.add(tone);
  }
  for (const cause of causes) {
    if (tones.has(cause)) continue;
    const tone = FREE_TONES.find((one) => !taken.has(one)) ?? 'brown';
    tones.set(cause, tone);
    taken.add(tone);
  }
  return tones;
}

function restOf(rest: readonly { cause: string; values: ArrayLike<number> }[]): ChartLine {
  const values = Float64Array.from(rest[0].values, (_, row) => rest.reduce((sum, one) => sum + one.values[row], 0));
  const names = rest.map(({ cause }) => causeLabel(cause)).join(', ');
  return { id: 'other_causes', label: plural(rest.length, 'other cause'), meaning: names, tone: 'brown', values };
}

/** A line of the series, if it ever moved. */
interface Wanted {
  column: string;
  label: string;
  meaning?: string;
  tone: Tone;
  isDashed?: boolean;
}

export function linesOf(view: SeriesView, wanted: readonly Wanted[]): ChartLine[] {
  return wanted.flatMap(({ column, meaning = '', ...line }) => {
    const values = view.column(column);
    return values === null || largestOf(values) === 0 ? [] : [{ id: column, meaning, values, ...line }];
  });
}

function lineChart(
  view: SeriesView,
  head: { id: string; title: string; what: string; unit: ChartUnit; isStacked?: boolean },
  wanted: readonly Wanted[],
): ChartModel {
  return { isStacked: false, ...head, times: view.times, lines: linesOf(view, wanted) };
}

export function stateChart(view: SeriesView): ChartModel {
  return lineChart(
    view,
    {
      id: 'copies-by-state',
      title: 'Copies that differ, by what will heal them',
      what: 'copies',
      unit: 'count',
      isStacked: true,
    },
    [
      { column: 'latent_copies', label: 'latent', meaning: STATE_WORDS.latent, tone: 'red' },
      { column: 'hint_pending_copies', label: 'hint pending', meaning: STATE_WORDS.hint_pending, tone: 'sky' },
      { column: 'in_flight_copies', label: 'in flight', meaning: STATE_WORDS.in_flight, tone: 'grey' },
    ],
  );
}

/** Two numbers, always: what copies disagree on, and what clients would get wrong. */
export function wrongChart(view: SeriesView): ChartModel {
  return lineChart(
    view,
    { id: 'divergent-and-wrong', title: 'Divergent beside wrong', what: 'copies', unit: 'count' },
    [
      {
        column: 'divergent_copies',
        label: 'divergent',
        meaning: 'differs from the newest content that can still spread',
        tone: 'blue',
      },
      {
        column: 'wrong_copies',
        label: 'wrong',
        meaning: 'differs from what clients were promised',
        tone: 'red',
        isDashed: true,
      },
      {
        column: 'zombie_copies',
        label: 'zombies',
        meaning: 'holds what was deleted, so long ago that it may win',
        tone: 'purple',
      },
      {
        column: 'lost_copies',
        label: 'lost',
        meaning: 'of a promise that can no longer spread from anywhere',
        tone: 'brown',
      },
    ],
  );
}

export function hintChart(view: SeriesView): ChartModel {
  return lineChart(view, { id: 'hints-pending', title: 'Hints waiting for delivery', what: 'hints', unit: 'count' }, [
    {
      column: 'hints_pending',
      label: 'hints pending',
      meaning: 'stored by coordinators, not yet delivered',
      tone: 'sky',
    },
  ]);
}

export function deviceChart(view: SeriesView): ChartModel {
  return lineChart(
    view,
    {
      id: 'devices',
      title: 'Disk, network and processor',
      what: 'share in use by background work, mean of nodes',
      unit: 'share',
    },
    [
      { column: 'disk_read_utilisation', label: 'disk read', tone: 'blue' },
      { column: 'disk_write_utilisation', label: 'disk write', tone: 'red', isDashed: true },
      { column: 'network_out_utilisation', label: 'network', tone: 'amber' },
      { column: 'processor_utilisation', label: 'processor', tone: 'green', isDashed: true },
    ],
  );
}

export function latencyChart(view: SeriesView): ChartModel {
  return lineChart(
    view,
    { id: 'read-latency', title: 'Latency of reads', what: 'time until the answer', unit: 'seconds' },
    [
      {
        column: 'read_latency_p999',
        label: 'p999',
        meaning: 'one read of 1 000 took longer',
        tone: 'red',
        isDashed: true,
      },
      { column: 'read_latency_p99', label: 'p99', meaning: 'one read of 100 took longer', tone: 'amber' },
      { column: 'read_latency_p50', label: 'p50', meaning: 'half of the reads took longer', tone: 'blue' },
      { column: 'read_latency_mean', label: 'mean', tone: 'green', isDashed: true },
    ],
  );
}

export interface SmallChart {
  /** Id of the node. */
  label: string;
  /** Where it stands: data centre and rack. */
  place: string;
  chart: ChartModel;
}

/** Copies that differ on each node, and the hints that wait for it. */
export function nodeCharts(view: SeriesView, plan: Plan): SmallChart[] {
  return plan.nodes.map(({ id, dc, rack }) => ({
    label: id,
    place: `${dc} ${rack}`,
    chart: lineChart(view, { id: `node-${id}`, title: `Copies that differ on ${id}`, what: 'copies', unit: 'count' }, [
      { column: `divergent_copies{node=${id}}`, label: 'differ', tone: 'red' },
      { column: `hints_pending{node=${id}}`, label: 'hints for it', tone: 'sky', isDashed: true },
    ]),
  }));
}

/** Copies that differ of each table or shard; none where there is only one. */
export function tableCharts(view: SeriesView, { tables }: Plan): SmallChart[] {
  if (tables.length < 2) return [];
  return tables.map(({ id, owners }) => ({
    label: id,
    place: owners === undefined ? '' : `on ${owners.join(', ')}`,
    chart: lineChart(view, { id: `table-${id}`, title: `Copies that differ of ${id}`, what: 'copies', unit: 'count' }, [
      { column: `divergent_copies{table=${id}}`, label: 'differ', tone: 'blue' },
    ]),
  }));
}
