/**
 * Workloads that write the same series write the same points (influxdb.1, "Point identity"): they share places, and of two
 * values in one place the one that arrived last stays. So they must agree on how many series there are and on the moments of
 * their points. Series that only partly coincide are refused: which points are the same would depend on the numbers in tags.
 */
import { seriesKey } from '../../data/series-shards.ts';
import type { PlanPoints } from '../plan.ts';

type Writer = Pick<PlanPoints, 'policy' | 'series_key' | 'series' | 'interval_micros' | 'from_micros'>;

/** Do both write the same series into the same policy? */
export function writeSameSeries(left: Writer, right: Writer): boolean {
  return left.policy === right.policy && left.series_key === right.series_key;
}

/** Those of `writers` that write the series of this one, itself too. */
export function writersOfSame<W extends Writer>(writers: readonly W[], writer: Writer): W[] {
  return writers.filter((other) => writeSameSeries(other, writer));
}

/** Have the points of both the same moments? Of writers of the same series. */
export function haveSameMoments(left: Writer, right: Writer): boolean {
  const { series, interval_micros: interval, from_micros: from } = left;
  return series === right.series && interval === right.interval_micros && (right.from_micros - from) % interval === 0;
}

/** A series key that both write, though by other templates; null if there is none. */
export function commonSeries(left: Writer, right: Writer): string | null {
  if (left.policy !== right.policy || left.series_key === right.series_key) return null;
  const [fewer, more] = left.series <= right.series ? [left, right] : [right, left];
  const numberIn = numberReader(more.series_key);
  for (let n = 0; n < fewer.series; n += 1) {
    const key = seriesKey(fewer.series_key, n);
    const other = numberIn(key);
    if (other !== null && other < more.series) return key;
  }
  return null;
}

/** By a template: the number of a key, 0 where the template has none; null where the key is not of it. */
function numberReader(template: string): (key: string) => number | null {
  const [first, ...rest] = template.split('{n}');
  if (rest.length === 0) return (key) => (key === template ? 0 : null);
  return (key) => {
    const digits = key.startsWith(first) ? (/^\d{1,9}/.exec(key.slice(first.length))?.[0] ?? '') : '';
    // What follows the number may begin with digits too.
    for (let length = digits.length; length > 0; length -= 1) {
      const number = Number(digits.slice(0, length));
      if (seriesKey(template, number) === key) return number;
    }
    return null;
  };
}
