/**
 * Expectations as sentences: `always latent_copies{node=n17} below 1 000`. Numbers carry the unit of their metric.
 */
import { formatBytes, formatCount, formatDuration, formatExact, formatShare, formatSpan } from '../base/human.ts';
import type { VirtualClock } from '../base/virtual-clock.ts';
import type { PlanBounds, PlanExpectation, PlanWhere } from '../scenario/plan.ts';
import { findMetric } from './metrics.ts';

/** A value in its metric's unit; exact as far as a line has room for it. */
export function formatMetric(metric: string | null, value: number): string {
  const unit = metric === null ? 'count' : (findMetric(metric)?.unit ?? 'count');
  if (unit === 'bytes') return value < 1e6 ? `${formatExact(value)} B` : formatBytes(value);
  if (unit === 'share') return formatShare(value);
  if (unit === 'seconds') return formatDuration(value * 1e6);
  if (unit === 'micros' && !Number.isFinite(value)) return 'none';
  if (unit === 'micros') return formatDuration(value);
  return value < 1e9 ? formatExact(value) : formatCount(value);
}

/** `latent_copies{cause=node_down,node=n3}`. */
export function describeMetric(metric: string, where: PlanWhere): string {
  const parts = Object.entries(where)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${whereText(name, value)}`);
  return parts.length === 0 ? metric : `${metric}{${parts.join(',')}}`;
}

function whereText(name: string, value: unknown): string {
  if (name === 't' && typeof value === 'number') return formatSpan(value);
  return Array.isArray(value) ? value.join('|') : String(value);
}

export function describeBounds(bounds: PlanBounds, metric: string | null): string {
  const say = (value: number): string => formatMetric(metric, value);
  const parts: string[] = [];
  if (bounds.is !== undefined) parts.push(`is ${say(bounds.is)}`);
  if (bounds.not !== undefined) parts.push(`is not ${say(bounds.not)}`);
  if (bounds.above !== undefined) parts.push(`above ${say(bounds.above)}`);
  if (bounds.below !== undefined) parts.push(`below ${say(bounds.below)}`);
  if (bounds.between !== undefined) parts.push(`between ${say(bounds.between[0])} and ${say(bounds.between[1])}`);
  if (bounds.near !== undefined) parts.push(`within ${formatShare(bounds.within_share ?? 0)} of ${say(bounds.near)}`);
  return parts.join(' and ');
}

/** The whole expectation as one sentence without its window. */
export function describeExpectation(expectation: PlanExpectation, clock: VirtualClock, endMicros: number): string {
  const { check, metric, law } = expectation;
  if (law !== null) return `${check} ${law}`;
  if (check === 'order') return `in order ${expectation.events.join(', ')}`;
  const what = `${describeMetric(metric ?? '', expectation.where)} ${describeBounds(expectation.bounds, metric)}`;
  if (check === 'at') {
    const at = expectation.at_micros ?? endMicros;
    return `${at >= endMicros ? 'at the end' : `at ${clock.moment(at)}`} ${what}`;
  }
  if (check === 'eventually' && expectation.within_micros !== null)
    return `eventually ${what} within ${formatSpan(expectation.within_micros)}`;
  return `${check} ${what}`;
}
