/** The parts of a plan of points as people read it: policies with their shards, and what agents send. */
import { formatBytes, formatCount, formatSpan, plural } from '../base/human.ts';
import type { VirtualClock } from '../base/virtual-clock.ts';
import type { Plan, PlanPointProbe, PlanPoints } from '../scenario/plan.ts';
import { pointsOf } from '../base/point-count.ts';
import type { Line } from './lines.ts';
import { labelled } from './table.ts';

export function clusterText({ nodes }: Plan): string {
  return plural(nodes.length, 'data node');
}

/** A line for each policy: how it is cut. */
export function policyLines({ tables }: Plan, columns: number): Line[] {
  const policies = [...new Set(tables.flatMap(({ shard }) => shard?.policy ?? []))];
  return policies.flatMap((policy) => {
    const own = tables.filter(({ shard }) => shard?.policy === policy);
    const groups = new Set(own.map(({ shard }) => shard?.group)).size;
    const copies = Math.max(...own.map(({ owners = [] }) => owners.length));
    const rows = own.reduce((sum, table) => sum + table.partitions * table.rows_per_partition, 0);
    const numbers = `${own[0].name} to ${own[own.length - 1].name}`;
    const text = `${plural(groups, 'shard group')}, ${plural(own.length, 'shard')} (${numbers}) of ${plural(copies, 'copy', 'copies')}, room for ${plural(rows, 'point')} of ${formatBytes(own[0].row_bytes)}`;
    return labelled('policy', `${policy}: ${text}`, columns);
  });
}

export function pointLines({ points = {} }: Plan, clock: VirtualClock, columns: number): Line[] {
  return Object.entries(points).flatMap(([id, writer]) =>
    labelled(`workload ${id}`, writerText(writer, clock), columns),
  );
}

function writerText(writer: PlanPoints, clock: VirtualClock): string {
  const { policy, series, series_key: key, interval_micros: interval, batch, consistency, through, retry } = writer;
  const window = `${clock.moment(writer.from_micros)} to ${clock.moment(writer.until_micros)}`;
  const again = retry === null ? '' : `, again at most ${plural(retry.attempts, 'time')}${reasonsOf(retry)}`;
  return [
    `${plural(pointsOf(writer), 'point')} into ${policy}, ${window}${repeatText(writer)}`,
    `${formatCount(series)} series ${key}, each every ${formatSpan(interval)}`,
    `requests of ${formatCount(batch)} at ${consistency} through ${through ?? 'a balancer'}${again}`,
  ].join('; ');
}

function repeatText({ repeat_after_micros: after }: PlanPoints): string {
  return after === undefined ? '' : ` and once more ${formatSpan(after)} later`;
}

function reasonsOf({ on_timeout: onTimeout, on_error: onError }: NonNullable<PlanPoints['retry']>): string {
  const reasons = [...(onTimeout ? ['a timeout'] : []), ...(onError ? ['an error'] : [])];
  return ` after ${reasons.join(' or ')}`;
}

/** `mean of 40 000 series over 5 min, every 10 s`. */
export function pointProbeText(probe: PlanPointProbe): string {
  if (probe.kind === 'alert') {
    const { dashboard, above, below, for_micros: micros } = probe;
    const threshold = above === null ? `below ${below ?? 0}` : `above ${above}`;
    return `alert on ${dashboard}: ${threshold}${micros === 0 ? '' : ` for ${formatSpan(micros)}`}`;
  }
  const every = `every ${formatSpan(probe.every_micros)}`;
  if (probe.kind === 'size') return `sizes of all shards ${every}`;
  const { aggregate, series, window } = probe.query;
  const what = `${aggregate} of ${series.reduce((sum, { from, to }) => sum + to - from, 0)} series`;
  const span = `over ${formatSpan(window.until_micros - window.from_micros)}`;
  return `${probe.kind === 'count' ? 'on each owner ' : ''}${what} ${span} ${every}`;
}
