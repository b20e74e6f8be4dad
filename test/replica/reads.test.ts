/** The parts of the read path that can be held up to the light alone: the snitch, the percentile, the arrivals. */
import { describe, expect, test } from 'vitest';
import { streamKey } from '../../src/kernel/random.ts';
import { FixedArrivals } from '../../src/replica/arrivals.ts';
import { Cluster } from '../../src/replica/cluster.ts';
import { DynamicSnitch } from '../../src/replica/reads/dynamic-snitch.ts';
import { LatencyHistogram } from '../../src/replica/reads/latency-histogram.ts';
import { ThinnedArrivals } from '../../src/replica/reads/thinned-arrivals.ts';

const MS = 1000;
const SECOND = 1_000_000;

const snitch = (badnessThreshold: number): { at: (micros: number) => void; of: DynamicSnitch } => {
  let now = 0;
  const cluster = new Cluster({ dc: [0, 0, 0], rack: [0, 1, 2] });
  const of = new DynamicSnitch({
    cluster,
    updateMicros: 100 * MS,
    resetMicros: 600 * SECOND,
    badnessThreshold,
    now: () => now,
  });
  return { at: (micros) => (now = micros), of };
};

const order = (of: DynamicSnitch): number[] => {
  const nodes = Int32Array.of(0, 1, 2);
  of.reorder(0, nodes, 3);
  return [...nodes];
};

describe('the dynamic snitch', () => {
  test('prefers who answers sooner, from the next update on, and forgets after ten minutes', () => {
    const { at, of } = snitch(0.1);
    at(10 * MS);
    of.note(0, 0, 30 * MS);
    of.note(0, 1, 5 * MS);
    of.note(0, 2, 4 * MS);
    at(99 * MS);
    expect(order(of)).toEqual([0, 1, 2]);
    at(100 * MS);
    expect(order(of)).toEqual([2, 1, 0]);
    at(600 * SECOND);
    expect(order(of)).toEqual([0, 1, 2]);
  });

  test('leaves the order of proximity where nobody is worse by more than the threshold', () => {
    const { at, of } = snitch(0.1);
    at(10 * MS);
    of.note(0, 0, 109 * MS);
    of.note(0, 1, 100 * MS);
    of.note(0, 2, 100 * MS);
    at(200 * MS);
    expect(order(of)).toEqual([0, 1, 2]);
    for (let count = 0; count < 3; count += 1) of.note(0, 0, 111 * MS);
    at(300 * MS);
    expect(order(of)).toEqual([1, 2, 0]);
  });

  test('counts whole milliseconds: below one all are the same', () => {
    const { at, of } = snitch(0.1);
    at(10 * MS);
    of.note(0, 0, 999);
    of.note(0, 1, 1);
    at(200 * MS);
    expect(order(of)).toEqual([0, 1, 2]);
  });

  test('weighs what is young', () => {
    const { at, of } = snitch(0.1);
    at(10 * MS);
    for (let count = 0; count < 50; count += 1) of.note(0, 0, 50 * MS);
    of.note(0, 1, 10 * MS);
    of.note(0, 2, 10 * MS);
    at(10 * SECOND);
    of.note(0, 0, 2 * MS);
    at(10 * SECOND + 100 * MS);
    expect(order(of)).toEqual([0, 1, 2]);
  });

  test('goes on from a saved state as if nothing had happened', () => {
    const { at, of } = snitch(0.1);
    at(10 * MS);
    of.note(0, 0, 30 * MS);
    at(150 * MS);
    const other = snitch(0.1);
    other.of.load(structuredClone(of.save()));
    other.at(150 * MS);
    expect(order(other.of)).toEqual(order(of));
    expect(order(of)).toEqual([1, 2, 0]);
  });
});

describe('the percentile of a speculative retry', () => {
  test('begins at half the time-out and follows what was read', () => {
    const histogram = new LatencyHistogram(0.99, 5 * SECOND);
    expect(histogram.thresholdMicros(0)).toBe(2.5 * SECOND);
    for (let count = 0; count < 99; count += 1) histogram.add(1000, SECOND);
    histogram.add(50_000, SECOND);
    expect(histogram.thresholdMicros(4.9 * SECOND)).toBe(2.5 * SECOND);
    const threshold = histogram.thresholdMicros(5 * SECOND);
    expect(threshold).toBeGreaterThanOrEqual(1000);
    expect(threshold).toBeLessThan(1200);
  });

  test('of a minute ago counts half', () => {
    const histogram = new LatencyHistogram(0.6, 5 * SECOND);
    for (let count = 0; count < 100; count += 1) histogram.add(10_000, SECOND);
    histogram.thresholdMicros(61 * SECOND);
    for (let count = 0; count < 100; count += 1) histogram.add(1000, 61 * SECOND);
    expect(histogram.thresholdMicros(65 * SECOND)).toBeLessThan(1200);
  });
});

describe('reads and writes of one workload', () => {
  const all = (): FixedArrivals => new FixedArrivals(1000, { fromMicros: 0, untilMicros: 5 * SECOND, count: Infinity });
  const half = (takesReads: boolean): ThinnedArrivals =>
    new ThinnedArrivals(all(), { key: streamKey('1', 'mix'), readBelow: 2 ** 31, takesReads });
  const timesOf = (arrivals: ThinnedArrivals): number[] => {
    const times: number[] = [];
    for (; arrivals.peek() < Infinity; arrivals.advance()) times.push(arrivals.peek());
    return times;
  };

  test('are all its arrivals, each once', () => {
    const reads = timesOf(half(true));
    const writes = timesOf(half(false));
    expect(reads.length + writes.length).toBe(5000);
    expect(Math.abs(reads.length - 2500)).toBeLessThan(150);
    expect(new Set([...reads, ...writes]).size).toBe(5000);
    expect(half(true).total()).toBe(reads.length);
  });

  test('can be found by number', () => {
    const times = timesOf(half(true));
    const arrivals = half(true);
    for (const index of [0, 1, 1023, 1024, 2000, 3]) {
      arrivals.seek(index);
      expect(arrivals.peek()).toBe(times[index]);
    }
  });
});
