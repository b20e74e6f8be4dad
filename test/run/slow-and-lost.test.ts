/** Slow links and disks, a disk that is lost and hints that are lost: small runs, counted by hand. */
import { describe, expect, test } from 'vitest';
import type { Plan, PlanEntry } from '../../src/scenario/plan.ts';
import { plainNodes, plainPlan, plainTable, plainWorkload, repairEntry, seconds, traceArrivals } from './plain-plan.ts';
import { fateOf, outcomeOf, tell, type Story } from './reading.ts';

const N3 = 2;

function slowLink(times: number, given: Partial<PlanEntry & { kind: 'slowLink' }> = {}): PlanEntry {
  return {
    id: 'faults.slow',
    at_micros: seconds(10),
    kind: 'slowLink',
    from: ['n1'],
    to: ['n3'],
    two_way: false,
    latency_times: times,
    bytes_per_second: null,
    for_micros: seconds(20),
    ...given,
  };
}

/** n1 alone coordinates; every message takes a millisecond. */
function writesAt(times: readonly number[], entries: PlanEntry[], given: Partial<Plan> = {}): Story {
  return tell(
    plainPlan({
      nodes: plainNodes(3, { dcs: 3 }),
      workload: {
        w: plainWorkload({
          arrivals: traceArrivals(times.map((at, key) => ({ at: seconds(at), key }))),
          consistency: 'ALL',
        }),
      },
      entries,
      ...given,
    }),
  );
}

describe('a slow link', () => {
  test('a message takes so many times as long if it is sent while the link is slow', () => {
    const story = writesAt([9.9999, 10, 29.9999, 30], [slowLink(50)]);
    const ways = story
      .of('applied')
      .filter(({ node }) => node === N3)
      .sort((left, right) => left.a - right.a)
      .map(({ micros, a }) => micros - (story.of('issued').find((record) => record.a === a)?.micros ?? 0));
    expect(ways).toEqual([1000, 50_000, 50_000, 1000]);
  });

  test('one way is slow there, both ways there and back; the client waits for the copy that its level needs', () => {
    const delay = (twoWay: boolean): number => {
      const story = writesAt([15], [slowLink(50, { two_way: twoWay })]);
      return story.of('answered')[0].micros - story.of('issued')[0].micros;
    };
    expect([delay(false), delay(true)]).toEqual([51_000, 100_000]);
  });

  test('what comes after write_request_timeout is dropped and hinted', () => {
    const story = writesAt([15], [slowLink(3000)]);
    expect(story.of('answered').map(outcomeOf)).toEqual(['timed_out']);
    expect(story.of('missed').map(fateOf)).toContain('timeout hint_pending');
    expect(story.result.final.divergent_copies).toBe(0);
  });

  test('transfers have its rate, and again what they had when it ends', () => {
    const rows = plainTable({ partitions: 10, row_bytes: 1_000_000, loaded: 'equal' });
    const took = (entries: PlanEntry[]): number => {
      const damage: PlanEntry = {
        ...{ id: 'faults.d', at_micros: 0, kind: 'damageCopy', node: 'n3', table: rows.id },
        ...{ what: 'missing', keys: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] },
      };
      const repair = repairEntry({ at: seconds(11), nodes: ['n1'] });
      const story = writesAt([], [damage, ...entries, repair], { tables: [rows] });
      expect(story.result.final.divergent_copies).toBe(0);
      return story.of('repairFinished')[0].micros - seconds(11);
    };
    const slow = slowLink(1, { from: ['n1', 'n2'], bytes_per_second: 1_000_000 });
    expect(took([])).toBeLessThan(seconds(2));
    // Twice ten rows at 1 MB/s do not fit into 19 s; the rest goes at the old speed.
    expect(took([slow])).toBeGreaterThan(seconds(18));
    expect(took([slow])).toBeLessThan(seconds(21));
  });
});

test('a slow disk: a flush takes so much longer, and only while it is slow', () => {
  const flushOf = (at: number, lasts: number): number => {
    const entries: PlanEntry[] = [
      { id: 'operations.o', at_micros: seconds(at), kind: 'flushTables', nodes: ['n3'], ...flush },
      { id: 'faults.s', at_micros: seconds(10), kind: 'slowDisk', nodes: ['n3'], ...slow, for_micros: seconds(lasts) },
    ];
    const story = writesAt([1], entries, { tables: [plainTable({ row_bytes: 300_000_000 })] });
    const [start] = story.of('flushStarted').filter(({ node }) => node === N3);
    const [end] = story.of('flushFinished').filter(({ node }) => node === N3);
    return (end.micros - start.micros) / 1e6;
  };
  const flush = { tables: ['shop.orders'], every_micros: null, command: 'flush' };
  const slow = { speed_share: 0.1, fsync_micros: null };
  expect(flushOf(5, 20)).toBeCloseTo(1, 3);
  expect(flushOf(10, 20)).toBeCloseTo(10, 3);
  expect(flushOf(10, 5)).toBeCloseTo(5.5, 3);
});

describe('what is lost with its disk', () => {
  const crash = (mode: 'power-loss' | 'disk-lost'): PlanEntry => ({
    id: 'faults.c',
    at_micros: seconds(30),
    kind: 'crashNode',
    nodes: ['n3'],
    mode,
    for_micros: seconds(5),
  });

  test('data, flushed or not, is gone: a copy of every row, with its cause; repair brings it back', () => {
    const flush: PlanEntry = {
      ...{ id: 'operations.o', at_micros: seconds(20), kind: 'flushTables', nodes: ['n3'], tables: ['shop.orders'] },
      ...{ every_micros: null, command: 'flush' },
    };
    const tables = [plainTable({ loaded: 'equal' })];
    const { final } = writesAt([1, 2, 25], [flush, crash('disk-lost')], { tables }).result;
    expect(final.by_cause.disk_lost).toMatchObject({ copies: 20, left: 20 });
    const entries = [flush, crash('disk-lost'), repairEntry({ at: seconds(40), nodes: ['n1'] })];
    const repaired = writesAt([1, 2, 25], entries, { tables }).result.final;
    expect([repaired.divergent_copies, repaired.by_cause.disk_lost?.healed]).toEqual([0, 20]);
    expect(writesAt([1, 2], [flush, crash('power-loss')], { tables }).result.final.divergent_copies).toBe(0);
  });

  test('all copies lost: the client was told success, and nothing can bring it back', () => {
    const all = { ...crash('disk-lost'), nodes: ['n1', 'n2', 'n3'] } as PlanEntry;
    expect(writesAt([1, 2], [all]).result.final).toMatchObject({ lost_acknowledged: 2, divergent_copies: 0 });
  });

  test.each(['cassandra@4.1.7', 'cassandra@2.1.22'])('hints are gone for whomever they were, %s', (database) => {
    const away: PlanEntry = {
      ...{ id: 'faults.a', at_micros: seconds(5), kind: 'stopNode', nodes: ['n3'], for_micros: seconds(40) },
    };
    const lost: PlanEntry = { id: 'faults.l', at_micros: seconds(25), kind: 'loseHints', nodes: ['n1'] };
    const story = writesAt([6, 7, 22, 30], [away, lost], {
      database,
      workload: {
        w: plainWorkload({
          arrivals: traceArrivals([6, 7, 22, 30].map((at, key) => ({ at: seconds(at), key }))),
          consistency: 'ONE',
        }),
      },
    });
    // In files only what was flushed by then (at 10 s and 20 s); rows are there at once.
    const inBuffer = database === 'cassandra@4.1.7' ? 1 : 0;
    expect(story.result.hints.lost).toBe(3 - inBuffer);
    expect(story.result.final.by_cause.hint_lost?.left).toBe(3 - inBuffer);
    expect(story.result.hints.delivered).toBe(1 + inBuffer);
    expect(story.of('hintStoreLost')[0].b).toBe(3 - inBuffer);
  });
});
