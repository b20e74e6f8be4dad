/** How many points agents send, by the same arithmetic as the run: every series once an interval. */

interface Stretch {
  from_micros: number;
  until_micros: number;
  interval_micros: number;
}

/** Steps whose time lies in [from, until). */
export function stepsIn(
  { from_micros: begin, until_micros: end, interval_micros: interval }: Stretch,
  from: number,
  until: number,
): number {
  const first = Math.max(0, Math.ceil((from - begin) / interval));
  const beyond = Math.ceil((Math.min(until, end) - begin) / interval);
  return Math.max(0, beyond - first);
}

/** At most; of the last step some series may lie beyond the end. */
export function pointsOf(writer: Stretch & { series: number }): number {
  return stepsIn(writer, writer.from_micros, writer.until_micros) * writer.series;
}

/** Points of a request where the scenario says nothing. */
export const DEFAULT_BATCH = 5000;
