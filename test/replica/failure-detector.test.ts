/** When observers conclude that a peer is down or back (cassandra.g, failure detector formula; b24, e5). */
import { describe, expect, test } from 'vitest';
import type { Plan, PlanEntry } from '../../src/scenario/plan.ts';
import { plainNodes, plainPlan, seconds } from '../run/plain-plan.ts';
import { tell, type Seen } from '../run/reading.ts';

const LATE = seconds(3000);

function watch(entries: PlanEntry[], given: Partial<Plan> = {}): ReturnType<typeof tell> {
  return tell(plainPlan({ nodes: plainNodes(6), duration_micros: LATE + seconds(200), entries, ...given }));
}

const crash = (at: number, lasts: number | null = seconds(100)): PlanEntry => ({
  id: 'faults.f',
  at_micros: at,
  kind: 'crashNode',
  nodes: ['n3'],
  mode: 'process',
  for_micros: lasts,
});

const after = (at: number, records: Seen[]): number[] => records.map(({ micros }) => (micros - at) / 1e6);

describe('conviction', () => {
  test('with heartbeats of 1 s a silent peer is marked down after 18 to 19 s, by each observer at its own time', () => {
    const delays = after(LATE, watch([crash(LATE)]).of('markedDown'));
    expect(delays).toHaveLength(5);
    // 18.42 s after the last heartbeat, which is up to a second older than the crash, at a check every second.
    for (const delay of delays) expect(delay).toBeGreaterThan(17.42);
    for (const delay of delays) expect(delay).toBeLessThan(19.43);
    expect(new Set(delays).size).toBe(5);
  });

  test('soon after the start the mean still holds the first sample of 2 s', () => {
    const at = seconds(10);
    const delays = after(at, watch([crash(at)]).of('markedDown'));
    // Ten samples: 1.1 s in the mean, 20.3 s of silence.
    for (const delay of delays) expect(delay).toBeGreaterThan(19.2);
    for (const delay of delays) expect(delay).toBeLessThan(22.4);
  });

  test('the threshold scales the silence', () => {
    const delays = after(LATE, watch([crash(LATE)], { settings: { phi_convict_threshold: 12 } }).of('markedDown'));
    for (const delay of delays) expect(Math.abs(delay - 27.6)).toBeLessThan(1.1);
  });

  test('an outage shorter than that is not seen by anybody', () => {
    const { of } = watch([crash(LATE, seconds(15))]);
    expect(of('markedDown', 'markedUp')).toEqual([]);
  });

  test('a graceful stop is known at once (cassandra.b24)', () => {
    const { of } = watch([
      { id: 'faults.f', at_micros: LATE, kind: 'stopNode', nodes: ['n3'], for_micros: seconds(50) },
    ]);
    expect(after(LATE, of('markedDown'))).toEqual([0, 0, 0, 0, 0]);
  });

  test('a node that is back is seen within a second, and sees the others at once', () => {
    const { of } = watch([crash(LATE)]);
    const delays = after(LATE + seconds(100), of('markedUp'));
    expect(delays).toHaveLength(5);
    for (const delay of delays) expect(delay).toBeGreaterThan(0);
    for (const delay of delays) expect(delay).toBeLessThanOrEqual(1);
    expect(of('markedDown', 'markedUp').filter(({ node }) => node === 2)).toEqual([]);
  });
});

describe('partitions', () => {
  const cut = (two_way: boolean, to: string[]): PlanEntry => ({
    id: 'faults.f',
    at_micros: LATE,
    kind: 'cutLink',
    from: ['n3'],
    to,
    two_way,
    for_micros: seconds(60),
  });
  const others = ['n1', 'n2', 'n4', 'n5', 'n6'];

  test('both sides mark each other down', () => {
    const marks = watch([cut(true, others)]).of('markedDown');
    expect(marks.filter(({ node }) => node === 2)).toHaveLength(5);
    expect(marks.filter(({ b }) => b === 2)).toHaveLength(5);
  });

  test('gossip goes around a link that is cut between two nodes only', () => {
    expect(watch([cut(true, ['n1'])]).of('markedDown')).toEqual([]);
  });

  test('gossip is an exchange: one way is not enough', () => {
    expect(watch([cut(false, others)]).of('markedDown')).toHaveLength(10);
  });
});
