/** How many points agents send, by the same arithmetic as the run: every series once an interval. */
import type { PlanPoints } from '../plan-points.ts';

/** Steps whose time lies in [from, until). */
export function stepsIn(
  { from_micros: begin, until_micros: end, interval_micros: interval }: PlanPoints,
  from: number,
  until: number,
): number {
  const first = Math.max(0, Math.ceil((from - begin) / interval));
  const beyond = Math.ceil((Math.min(until, end) - begin) / interval);
  return Math.max(0, beyond - first);
}

/** At most; of the last step some series may lie beyond the end. */
export function pointsOf(writer: PlanPoints): number {
  return stepsIn(writer, writer.from_micros, writer.until_micros) * writer.series;
}
