/** What clients are told, when and by how many copies, at each consistency level; what a coordinator's end means. */
import { describe, expect, test } from 'vitest';
import {
  sameLatency,
  constant,
  plainNodes,
  plainPlan,
  plainTable,
  plainWorkload,
  seconds,
  traceArrivals,
} from '../run/plain-plan.ts';
import type { ConsistencyLevel, Plan, PlanEntry, PlanWorkload } from '../../src/scenario/plan.ts';
import { fateOf, outcomeOf, tell, viaOf, type Story } from '../run/reading.ts';

/** Two data centres of three nodes, three copies in each: 1 ms in the rack, 5 ms in the data centre, 40 ms between. */
function twoDcs(consistency: ConsistencyLevel, entries: PlanEntry[] = [], given: Partial<PlanWorkload> = {}): Story {
  const links: Plan['links'] = {
    local: sameLatency(constant(100)),
    rack: sameLatency(constant(1000)),
    dc: sameLatency(constant(5000)),
    wan: sameLatency(constant(40_000)),
    between: {},
  };
  return tell(
    plainPlan({
      nodes: plainNodes(6, { dcs: 2, racks: 3 }),
      tables: [plainTable({ replication: { strategy: 'NetworkTopologyStrategy', factors: { dc1: 3, dc2: 3 } } })],
      links,
      workload: { w: plainWorkload({ arrivals: traceArrivals([{ at: seconds(30), key: 3 }]), consistency, ...given }) },
      entries,
    }),
  );
}

const down = (nodes: string[], lasts: number | null = null): PlanEntry => ({
  id: 'faults.f',
  at_micros: seconds(29.9),
  kind: 'crashNode',
  nodes,
  mode: 'process',
  for_micros: lasts === null ? null : seconds(lasts),
});
const away = (nodes: string[]): PlanEntry => ({
  id: 'faults.f',
  at_micros: 1,
  kind: 'stopNode',
  nodes,
  for_micros: null,
});

describe('levels', () => {
  test.each([
    ['ANY', 200],
    ['ONE', 200],
    ['LOCAL_ONE', 200],
    ['TWO', 10_000],
    ['LOCAL_QUORUM', 10_000],
    ['THREE', 10_000],
    ['QUORUM', 80_000],
    ['EACH_QUORUM', 80_000],
    ['ALL', 80_000],
  ] as const)('%s answers after %i µs', (level, delay) => {
    const [answer] = twoDcs(level).of('answered');
    expect(outcomeOf(answer)).toBe('success');
    expect(answer.micros - seconds(30)).toBe(delay);
  });

  test.each([
    ['TWO', ['n2', 'n4', 'n6'], 'success'],
    ['QUORUM', ['n2', 'n4'], 'success'],
    ['QUORUM', ['n2', 'n4', 'n6'], 'timed_out'],
    ['LOCAL_QUORUM', ['n2', 'n4', 'n6'], 'success'],
    // A quorum of all six would be met; that of dc2 is not.
    ['EACH_QUORUM', ['n2', 'n4'], 'timed_out'],
    ['EACH_QUORUM', ['n1', 'n2'], 'success'],
    ['ALL', ['n6'], 'timed_out'],
  ] as const)('%s with %j just gone: %s', (level, nodes, outcome) => {
    const [answer] = twoDcs(level, [down([...nodes])]).of('answered');
    expect(outcomeOf(answer)).toBe(outcome);
    if (outcome === 'timed_out') expect(answer.micros - seconds(30)).toBe(seconds(2));
  });

  test.each([
    ['QUORUM', ['n2', 'n4', 'n6']],
    ['EACH_QUORUM', ['n2', 'n4']],
    ['EACH_QUORUM', ['n1', 'n3']],
    ['ALL', ['n6']],
  ] as const)(
    '%s with %j known down: unavailable at once, nothing is sent or hinted (cassandra.e2)',
    (level, nodes) => {
      const story = twoDcs(level, [away([...nodes])]);
      expect(story.of('rejected')).toHaveLength(1);
      expect(story.of('issued', 'applied', 'missed', 'answered')).toEqual([]);
      expect(story.result.writes.unavailable).toBe(1);
    },
  );

  test('local levels count the copies of the coordinator’s data centre', () => {
    expect(twoDcs('LOCAL_QUORUM', [away(['n1', 'n3'])]).of('rejected')).toHaveLength(1);
    expect(twoDcs('LOCAL_QUORUM', [away(['n1'])]).of('rejected')).toEqual([]);
  });
});

describe('clients', () => {
  test('a client that retries sends the same content again through a coordinator of its data centre', () => {
    const story = twoDcs('ALL', [down(['n6'], 1)], {
      retry: { attempts: 2, timeout_micros: seconds(2) },
    });
    expect(story.of('answered').map(outcomeOf)).toEqual(['timed_out', 'success']);
    expect(new Set(story.of('issued', 'applied').map(({ a }) => a))).toEqual(new Set([2]));
    expect(story.result.writes).toMatchObject({ issued: 1, retried: 1, acknowledged: 1, timed_out: 1 });
    expect(story.of('applied').filter((record) => viaOf(record) === 'retry')).toHaveLength(6);
  });

  test('retries end after the attempts that were asked for', () => {
    const story = twoDcs('ALL', [down(['n6'])], { retry: { attempts: 3, timeout_micros: seconds(2) } });
    expect(story.result.writes).toMatchObject({ timed_out: 4, retried: 3, acknowledged: 0 });
  });

  test('a client takes another coordinator of its data centre when its own does not answer, and none when all are gone', () => {
    const some = twoDcs('ONE', [away(['n1', 'n3'])]);
    expect(some.of('issued').map(({ node }) => node)).toEqual([4]);
    const none = twoDcs('ONE', [away(['n1', 'n3', 'n5'])]);
    expect(none.of('rejected')).toHaveLength(1);
  });
});

describe('the end of a coordinator', () => {
  /** Whoever coordinates in dc1 is gone 20 ms later: messages to dc2 are under way. */
  const ends: PlanEntry = {
    id: 'faults.f',
    at_micros: seconds(30.02),
    kind: 'crashNode',
    nodes: ['n1', 'n3', 'n5'],
    mode: 'process',
    for_micros: null,
  };

  test('its client does not know, messages under way arrive', () => {
    const story = twoDcs('ALL', [ends]);
    expect(story.of('answered').map((record) => [outcomeOf(record), record.micros])).toEqual([
      ['unknown', seconds(30.02)],
    ]);
    expect(story.of('applied').filter(({ node }) => node % 2 === 1)).toHaveLength(3);
  });

  test('what is lost then, nobody hints', () => {
    const story = twoDcs('ONE', [{ ...ends, nodes: ['n1', 'n3', 'n5', 'n2'] }]);
    const misses = story.of('missed');
    expect(misses.map((record) => [record.node, fateOf(record), record.c >> 8])).toEqual([
      [1, 'coordinator_lost latent', 1],
    ]);
    expect(story.result.hints.enqueued).toBe(0);
  });

  test('a client that retries goes on with another data centre’s nothing: it is told so', () => {
    const story = twoDcs('ALL', [{ ...ends, nodes: ['n1', 'n3', 'n5'] }], {
      retry: { attempts: 1, timeout_micros: seconds(2) },
    });
    expect(story.of('answered', 'rejected').map(outcomeOf)).toEqual(['unknown', 'unavailable']);
  });
});

describe('a paused node', () => {
  const pause = (lasts: number): PlanEntry => ({
    id: 'faults.f',
    at_micros: seconds(29.99),
    kind: 'pauseNode',
    nodes: ['n2'],
    for_micros: seconds(lasts),
  });

  test('takes what waited when it goes on', () => {
    const story = twoDcs('ALL', [pause(1)]);
    expect(story.of('applied').find(({ node }) => node === 1)?.micros).toBe(seconds(30.99));
    expect(story.of('answered').map((record) => [outcomeOf(record), record.micros])).toEqual([
      ['success', seconds(31.03)],
    ]);
  });

  test('drops what is older than the time-out; the hint is there by then', () => {
    const story = twoDcs('ALL', [pause(4)]);
    expect(story.of('answered').map(outcomeOf)).toEqual(['timed_out']);
    expect(story.of('missed').map(fateOf)).toEqual(['node_down hint_pending']);
    expect(
      story
        .of('applied')
        .filter(({ node }) => node === 1)
        .map(viaOf),
    ).toEqual(['hint']);
  });

  test('loses what waited when its process ends', () => {
    const story = twoDcs('ONE', [pause(1.5), { ...down(['n2'], 0.2), id: 'faults.g', at_micros: seconds(30.5) }]);
    expect(
      story
        .of('applied')
        .filter(({ node }) => node === 1)
        .map(viaOf),
    ).toEqual(['hint']);
  });
});
