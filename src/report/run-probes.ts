/**
 * What probes of writes found, as tables: how soon writes are visible and how long reads and writes took, one row a probe;
 * then the share of current reads at each listed time, and that of reads within k versions.
 */
import { formatCount, formatDuration, formatShare, formatSpan, plural } from '../base/human.ts';
import type { PercentileResult, PointProbeResult, ProbeResult, Result } from '../observe/result.ts';
import type { StalenessResult, VisibilityResult } from '../observe/result.ts';
import type { Plan } from '../scenario/plan.ts';
import { span } from './lines.ts';
import type { Line } from './lines.ts';
import { labelled, renderTable } from './table.ts';
import type { Column, Row } from './table.ts';

type WriteProbe = VisibilityResult | StalenessResult;
type Named<P> = [id: string, probe: P][];

/** Empty without such probes. */
export function writeProbeTables(plan: Plan, result: Result, columns: number): Line[] {
  const all = Object.entries(result.probes).filter((entry): entry is [string, WriteProbe] => 'workload' in entry[1]);
  if (all.length === 0) return [];
  const visible = all.filter((entry): entry is [string, VisibilityResult] => entry[1].kind === 't-visibility');
  const stale = all.filter((entry): entry is [string, StalenessResult] => entry[1].kind === 'k-staleness');
  return [
    ...latencyTable(plan, all, columns),
    ...(visible.length === 0 ? [] : [EMPTY, ...currentTable(visible, columns)]),
    ...(stale.length === 0 ? [] : [EMPTY, ...withinTable(stale, columns)]),
  ];
}

/** Indicators of operators, a line each. */
export function indicatorLines(result: Result, columns: number): Line[] {
  return Object.entries(result.probes).flatMap(([id, probe]) =>
    isIndicator(probe) ? labelled(`probe ${id}`, indicatorText(probe), columns) : [],
  );
}

function isIndicator(probe: ProbeResult): probe is PointProbeResult {
  return 'kind' in probe && !('workload' in probe);
}

function indicatorText(probe: PointProbeResult): string {
  switch (probe.kind) {
    case 'dashboard': {
      const { answers, failed, flaps, flaps_per_minute_most: most, values, latency_micros: latency } = probe;
      const between = values === null ? '' : `, ${shortNumber(values.least)} to ${shortNumber(values.most)}`;
      const flapped = `, ${plural(flaps, 'flap')}${flaps === 0 ? '' : `, at most ${most} a minute`}`;
      const took = latency === null ? '' : `, latency p50 ${timeText(latency.p50)}, p99 ${timeText(latency.p99)}`;
      const none = failed === 0 ? '' : `, ${formatCount(failed)} failed`;
      return `${plural(answers, 'answer')}${between}${flapped}${took}${none}`;
    }
    case 'alert':
      return `fired ${plural(probe.fired, 'time')}, cleared ${formatCount(probe.cleared)}, for ${formatSpan(probe.firing_micros)} in all`;
    default: {
      const what = probe.kind === 'count' ? 'points' : 'bytes';
      return `${what} of an owner up to ${formatShare(probe.most_spread)} below those of another`;
    }
  }
}

function shortNumber(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : value.toPrecision(4);
}

const EMPTY: Line = [];

function right(title: string): Column {
  return { title, align: 'right' };
}

function latencyTable(plan: Plan, probes: Named<WriteProbe>, columns: number): Line[] {
  const titles = ['t 99.9 %', 'read 99.9 %', 'write 99.9 %', 'samples'].map(right);
  const heads: Column[] = [
    { title: 'probe', align: 'left' },
    { title: 'write', align: 'left' },
    { title: 'read', align: 'left' },
  ];
  const rows = probes.map(([id, probe]): Row => {
    const level = plan.workload[probe.workload]?.consistency ?? '';
    const visible = probe.kind === 't-visibility' ? timeText(probe.t_visible_p999_micros) : '';
    const { read_latency_micros: read, write_latency_micros: write } = probe;
    return { cells: [id, level, probe.consistency, visible, p999(read), p999(write), formatCount(probe.samples)] };
  });
  return renderTable([...heads, ...titles], rows, columns);
}

function p999(latency: PercentileResult | null): string {
  return timeText(latency?.p999 ?? null);
}

function timeText(micros: number | null): string {
  if (micros === null) return '–';
  if (micros < 1000) return formatDuration(micros);
  return micros < 1e6 ? `${(micros / 1000).toPrecision(4)} ms` : `${(micros / 1e6).toPrecision(4)} s`;
}

/** A table for each list of times. */
function currentTable(probes: Named<VisibilityResult>, columns: number): Line[] {
  const groups = new Map<string, Named<VisibilityResult>>();
  for (const [id, probe] of probes) {
    const times = probe.current.map(({ t_micros }) => formatSpan(t_micros)).join('|');
    groups.set(times, [...(groups.get(times) ?? []), [id, probe]]);
  }
  return [...groups.values()].flatMap((group) => {
    const times = group[0][1].current.map(({ t_micros }) => right(t_micros === 0 ? '0' : formatSpan(t_micros)));
    const rows = group.map(([id, { current }]): Row => ({
      cells: [id, ...current.map(({ share }) => shareText(share))],
    }));
    return [
      [span(' current at t after the acknowledgement', 'dim')] as Line,
      ...renderTable([{ title: 'probe', align: 'left' }, ...times], rows, columns),
    ];
  });
}

function withinTable(probes: Named<StalenessResult>, columns: number): Line[] {
  const most = probes.reduce((longest, [, { within }]) => Math.max(longest, within.length), 0);
  const titles = Array.from({ length: most }, (_, index) => right(`k = ${index + 1}`));
  const rows = probes.map(([id, { within }]): Row => ({
    cells: [id, ...titles.map((_, index) => shareText(within[index]?.share ?? null))],
  }));
  return [
    [span(' one of the k newest versions', 'dim')],
    ...renderTable([{ title: 'probe', align: 'left' }, ...titles], rows, columns),
  ];
}

function shareText(share: number | null): string {
  return share === null ? '–' : `${(share * 100).toFixed(2)} %`;
}
