/** How many points agents send, by the same arithmetic as the run: every series once an interval. */

interface Stretch {
  from_micros: number;
  until_micros: number;
  interval_micros: number;
  /** Series whose timestamps are off by whole intervals: late ones by less than 0. */
  shifted?: readonly { from: number; to: number; by_micros: number }[] | undefined;
}

/** By how many intervals timestamps are off at most: the earliest, and the latest. */
export function shiftsOf({ interval_micros: interval, shifted = [] }: Stretch): { least: number; most: number } {
  let [least, most] = [0, 0];
  for (const { by_micros: by } of shifted) {
    least = Math.min(least, Math.round(by / interval));
    most = Math.max(most, Math.round(by / interval));
  }
  return { least, most };
}

/** Steps whose time lies in [from, until). */
export function stepsIn(stretch: Stretch, from: number, until: number): number {
  const { from_micros: begin, until_micros: end, interval_micros: interval } = stretch;
  const { least, most } = shiftsOf(stretch);
  const first = Math.max(least, Math.ceil((from - begin) / interval));
  const beyond = Math.ceil((Math.min(until, end + most * interval) - begin) / interval);
  return Math.max(0, beyond - first);
}

/** The first moment from `from` on at which a stretch that went on for ever would have points, µs. */
export function firstStampIn(stretch: Stretch, from: number): number {
  const { from_micros: begin, interval_micros: interval } = stretch;
  return begin + Math.max(shiftsOf(stretch).least, Math.ceil((from - begin) / interval)) * interval;
}

/** Rows of [from, until) that hold the points of all stretches: those of writers of the same series, on one grid. */
export function rowsIn(stretches: readonly Stretch[], from: number, until: number): number {
  const first = Math.min(...stretches.map((stretch) => firstStampIn(stretch, from)));
  const rows = stretches.map((stretch) => {
    const own = stepsIn(stretch, from, until);
    return own === 0 ? 0 : own + (firstStampIn(stretch, from) - first) / stretch.interval_micros;
  });
  return Math.max(0, ...rows);
}

/** At most; of the last step some series may lie beyond the end. */
export function pointsOf(writer: Stretch & { series: number; repeat_after_micros?: number | undefined }): number {
  const { from_micros: from, until_micros: until, interval_micros: interval, series } = writer;
  const times = writer.repeat_after_micros === undefined ? 1 : 2;
  return Math.max(0, Math.ceil((until - from) / interval)) * series * times;
}

/** Points of a request where the scenario says nothing. */
export const DEFAULT_BATCH = 5000;
