/** Reads in small worlds, event by event: every message takes one millisecond, and what each step does is written out. */
import { describe, expect, test } from 'vitest';
import { OUTCOME, VIA } from '../../src/data/causes.ts';
import type { Plan, PlanEntry, PlanMix, PlanTable, PlanWorkload } from '../../src/scenario/plan.ts';
import { plainNodes, plainPlan, plainTable, plainWorkload, seconds, traceArrivals } from './plain-plan.ts';
import { tell, type Story } from './reading.ts';

const MS = 1000;
const READS: PlanMix = {
  read: 1,
  insert: 0,
  update: 0,
  delete_cell: 0,
  delete_row: 0,
  delete_range: 0,
  delete_partition: 0,
};

/** One write of key 0 at 1 s, one read at 10 s through n1, which is alone in dc1. */
const reading = (
  given: {
    level?: PlanWorkload['read_consistency'];
    table?: Partial<PlanTable>;
    entries?: PlanEntry[];
  } & Partial<Plan>,
): Plan => {
  const { level = 'QUORUM', table = {}, ...plan } = given;
  return plainPlan({
    nodes: plainNodes(3, { dcs: 3 }),
    tables: [plainTable({ partitions: 1, ...table })],
    workload: {
      r: plainWorkload({
        mix: READS,
        read_consistency: level,
        arrivals: { kind: 'fixed', per_second: 1 },
        from_micros: seconds(10),
        count: 1,
        keys: { kind: 'uniform', from: 0, to: 1 },
      }),
      w: plainWorkload({
        arrivals: traceArrivals([{ at: seconds(1), key: 0 }]),
        keys: { kind: 'uniform', from: 0, to: 1 },
        consistency: 'ALL',
      }),
    },
    ...plan,
  });
};

const lose = (node: string, at = 5): PlanEntry => ({
  id: 'faults.lost',
  at_micros: seconds(at),
  kind: 'damageCopy',
  node,
  table: 'shop.orders',
  what: 'missing',
  keys: [0],
});

/** What a read does from its begin on: name, milliseconds since then, node. */
const steps = (story: Story): string[] =>
  story.records
    .filter(({ name, micros }) => micros >= seconds(10) && (name.startsWith('read') || /applied|digest/.test(name)))
    .map(({ name, micros, node }) => `${name} +${(micros - seconds(10)) / MS} n${node + 1}`);

const answerOf = (story: Story): { outcome: number; latency: number } => {
  const [{ c }] = story.of('readAnswered');
  return { outcome: c & 7, latency: c >>> 3 };
};

/** The replica that a QUORUM read of n1 asks beside n1. */
const secondAsked = (plan: (node: string) => Plan): string =>
  ['n2', 'n3'].find((node) => tell(plan(node)).of('digestMismatched').length > 0) ?? 'none';

describe('a read', () => {
  test('of copies that are the same is answered after one round, with what they hold', () => {
    const story = tell(reading({}));
    expect(steps(story)).toEqual(['readStarted +0 n1', 'readShown +2 n1', 'readAnswered +2 n1']);
    expect(answerOf(story)).toEqual({ outcome: OUTCOME.success, latency: 2 * MS });
    expect(story.of('readShown')[0].a).toBe(story.of('issued')[0].a);
  });

  test('that finds copies different reads all data, writes what is missing, and waits for that', () => {
    const story = tell(reading({ level: 'ALL', entries: [lose('n2')] }));
    expect(steps(story)).toEqual([
      'readStarted +0 n1',
      'digestMismatched +2 n1',
      'readRepairSent +4 n2',
      'applied +5 n2',
      'readShown +6 n1',
      'readAnswered +6 n1',
    ]);
    expect(story.of('applied').at(-1)).toMatchObject({ node: 1, c: VIA.readRepair });
    expect(story.result.final.by_cause.bit_rot?.healed_by).toEqual({ read_repair: 1 });
  });

  test('with read_repair NONE answers the newest and writes nothing', () => {
    const story = tell(reading({ level: 'ALL', entries: [lose('n2')], table: { read_repair: 'NONE' } }));
    expect(steps(story)).toEqual([
      'readStarted +0 n1',
      'digestMismatched +2 n1',
      'readShown +4 n1',
      'readAnswered +4 n1',
    ]);
    expect(story.of('readShown')[0].a).toBe(story.of('issued')[0].a);
    expect(story.result.final.divergent_copies).toBe(1);
  });

  test('at ONE asks the nearest copy and takes what it says, also nothing', () => {
    const story = tell(reading({ level: 'ONE', entries: [lose('n1')] }));
    expect(steps(story)).toEqual(['readStarted +0 n1', 'readShown +2 n1', 'readAnswered +2 n1']);
    expect(story.result.reads?.['r']).toMatchObject({ answered: 1, missing: 1, stale: 0, digest_mismatches: 0 });
  });

  test('is refused where too few replicas are seen alive, and times out where they only seem so', () => {
    const stop = (at: number): PlanEntry => ({
      id: 'faults.away',
      at_micros: at,
      kind: 'crashNode',
      nodes: ['n2'],
      mode: 'process',
      for_micros: null,
    });
    // 40 s are more than the failure detector needs.
    const refused = reading({ level: 'ALL', entries: [stop(seconds(2))] });
    refused.workload['r'].from_micros = seconds(50);
    expect(answerOf(tell(refused))).toEqual({ outcome: OUTCOME.unavailable, latency: 0 });
    const late = tell(reading({ level: 'ALL', entries: [stop(seconds(9.9))] }));
    expect(answerOf(late)).toEqual({ outcome: OUTCOME.timedOut, latency: seconds(5) });
  });

  test('whose coordinator dies is never answered', () => {
    const dies: PlanEntry = {
      id: 'faults.dies',
      at_micros: seconds(10) + 1500,
      kind: 'crashNode',
      nodes: ['n1'],
      mode: 'process',
      for_micros: seconds(5),
    };
    expect(answerOf(tell(reading({ entries: [dies] })))).toEqual({ outcome: OUTCOME.unknown, latency: 1500 });
  });

  test('waits in a paused replica', () => {
    const pause: PlanEntry = {
      id: 'faults.pause',
      at_micros: seconds(9.5),
      kind: 'pauseNode',
      nodes: ['n2'],
      for_micros: seconds(1),
    };
    expect(answerOf(tell(reading({ level: 'ALL', entries: [pause] })))).toEqual({
      outcome: OUTCOME.success,
      latency: 501 * MS,
    });
  });
});

describe('a repair whose write is lost', () => {
  const cut = (node: string): PlanEntry => ({
    id: 'faults.cut',
    at_micros: seconds(10) + 3500,
    kind: 'cutLink',
    from: ['n1'],
    to: [node],
    two_way: false,
    for_micros: null,
  });
  const second = secondAsked((node) => reading({ entries: [lose(node)] }));
  const other = second === 'n2' ? 'n3' : 'n2';

  test('goes to the third replica from 4.0 on, and the client is answered', () => {
    const story = tell(reading({ entries: [lose(second), cut(second)] }));
    expect(steps(story).slice(2)).toEqual([
      `readRepairSent +4 ${second}`,
      `readRepairSent +1004 ${other}`,
      `applied +1005 ${other}`,
      'readShown +1006 n1',
      'readAnswered +1006 n1',
    ]);
  });

  test('makes the read time out before 4.0, write_request_timeout after it was sent', () => {
    const story = tell(reading({ entries: [lose(second), cut(second)], database: 'cassandra@3.11.17' }));
    expect(answerOf(story)).toEqual({ outcome: OUTCOME.timedOut, latency: 4 * MS + seconds(2) });
  });
});

describe('a replica that was asked and is silent', () => {
  const second = secondAsked((node) => reading({ entries: [lose(node)] }));
  const other = second === 'n2' ? 'n3' : 'n2';
  const pause: PlanEntry = {
    id: 'faults.pause',
    at_micros: seconds(9.5),
    kind: 'pauseNode',
    nodes: [second],
    for_micros: seconds(20),
  };
  const table: Partial<PlanTable> = { speculative_retry: { kind: 'after', micros: 3 * MS } };

  test('does not count as one that lacks nothing: the client waits for the repair of the other', () => {
    expect(steps(tell(reading({ entries: [lose(other), pause], table })))).toEqual([
      'readStarted +0 n1',
      `readSpeculated +3 ${other}`,
      'digestMismatched +5 n1',
      `readRepairSent +7 ${other}`,
      `applied +8 ${other}`,
      'readShown +9 n1',
      'readAnswered +9 n1',
    ]);
  });

  test('gets what the other does not acknowledge', () => {
    const cut: PlanEntry = {
      id: 'faults.cut',
      at_micros: seconds(10) + 6500,
      kind: 'cutLink',
      from: ['n1'],
      to: [other],
      two_way: false,
      for_micros: null,
    };
    const resumed = { ...pause, for_micros: seconds(1) };
    expect(steps(tell(reading({ entries: [lose(other), cut, resumed], table }))).slice(3)).toEqual([
      `readRepairSent +7 ${other}`,
      `readRepairSent +1007 ${second}`,
      `applied +1008 ${second}`,
      'readShown +1009 n1',
      'readAnswered +1009 n1',
    ]);
  });
});

describe('a read at EACH_QUORUM', () => {
  const atEach = (table: Partial<PlanTable>, database = 'cassandra@4.1.7'): Story => {
    const pause: PlanEntry = {
      id: 'faults.pause',
      at_micros: seconds(9.5),
      kind: 'pauseNode',
      nodes: ['n2'],
      for_micros: seconds(1),
    };
    const replication = { strategy: 'NetworkTopologyStrategy', factors: { dc1: 3, dc2: 1 } } as const;
    const nodes = plainNodes(6, { dcs: 2 }).filter(({ id }) => id === 'n2' || ['n1', 'n3', 'n5'].includes(id));
    return tell(reading({ level: 'EACH_QUORUM', nodes, table: { replication, ...table }, entries: [pause], database }));
  };

  test('never asks one more: it would stand in for the only replica of the other data centre', () => {
    const story = atEach({ speculative_retry: { kind: 'after', micros: 3 * MS } });
    expect(story.of('readSpeculated')).toEqual([]);
    expect(answerOf(story).latency).toBe(501 * MS);
    expect(answerOf(atEach({ speculative_retry: { kind: 'always' } })).latency).toBe(501 * MS);
  });

  test('asks all by the chance of the table, not by that of the data centre (before 4.0)', () => {
    const asked = (table: Partial<PlanTable>): number => {
      const [{ c }] = atEach(table, 'cassandra@3.11.17').of('readStarted');
      return c.toString(2).replaceAll('0', '').length;
    };
    expect(asked({ read_repair_chance: 1 })).toBe(4);
    expect(asked({ dclocal_read_repair_chance: 1 })).toBe(3);
  });
});

describe('before 4.0 a read by chance', () => {
  const asking = (table: Partial<PlanTable>, off: string[] = []): Story =>
    tell(
      reading({
        level: 'ONE',
        entries: [lose('n3')],
        table,
        database: 'cassandra@3.11.17',
        model: { off },
      }),
    );

  test('asks all replicas, answers at its level, and repairs in the background', () => {
    const story = asking({ read_repair_chance: 1 });
    expect(steps(story)).toEqual([
      'readStarted +0 n1',
      'readShown +2 n1',
      'readAnswered +2 n1',
      'digestMismatched +2 n1',
      'readRepairSent +4 n3',
      'applied +5 n3',
    ]);
  });

  test('of its data centre compares only if nobody is left to ask for speculation, or that one answered too', () => {
    const mismatches = (given: Partial<PlanTable>): number => {
      const replication = { strategy: 'NetworkTopologyStrategy', factors: { dc1: 2, dc2: 1 } } as const;
      const table = { replication, dclocal_read_repair_chance: 1, ...given };
      const nodes = plainNodes(4, { dcs: 2 });
      const database = 'cassandra@3.11.17';
      return tell(reading({ level: 'ONE', nodes, table, database, entries: [lose('n3')] })).of('digestMismatched')
        .length;
    };
    expect(mismatches({ speculative_retry: { kind: 'never' } })).toBe(1);
    expect(mismatches({})).toBe(0);
    expect(mismatches({ speculative_retry: { kind: 'after', micros: MS } })).toBe(1);
  });

  test('does not without a chance, nor where the rule is off', () => {
    const unasked = ['readStarted +0 n1', 'readShown +2 n1', 'readAnswered +2 n1'];
    expect(steps(asking({ dclocal_read_repair_chance: 0 }))).toEqual(unasked);
    expect(steps(asking({ read_repair_chance: 1 }, ['cassandra.i-read-repair-chance']))).toEqual(unasked);
  });
});

describe('a tombstone in an answer', () => {
  /** n3 missed the delete at 2 s; the read at 10 s asks all. */
  const deleted = (graceMicros: number): Plan => {
    const plan = reading({ level: 'ALL', table: { deletes_rows: true, gc_grace_micros: graceMicros } });
    plan.workload['w'].arrivals = traceArrivals([
      { at: seconds(1), key: 0 },
      { at: seconds(2), key: 0, operation: 'delete' },
    ]);
    plan.workload['w'].consistency = 'ONE';
    plan.settings['hinted_handoff_enabled'] = false;
    plan.entries = [
      {
        id: 'faults.cut',
        at_micros: seconds(1.5),
        kind: 'cutLink',
        from: ['n1', 'n2'],
        to: ['n3'],
        two_way: false,
        for_micros: seconds(5),
      },
    ];
    plan.workload['w'].clients = { dc1: 1 };
    return plan;
  };

  test('deletes what others hold until gc_grace_seconds have passed, to the microsecond', () => {
    const story = tell(deleted(seconds(8) + 1));
    expect(story.result.reads?.['r']).toMatchObject({ digest_mismatches: 1, zombie: 0, stale: 0 });
    // The delete of the row, and of its column group, which it hides.
    expect(story.of('readRepairSent')).toMatchObject([{ node: 2 }]);
  });

  test('is left out from then on: the row is back', () => {
    const story = tell(deleted(seconds(8)));
    expect(story.result.reads?.['r']).toMatchObject({ digest_mismatches: 1, zombie: 1 });
    expect(story.of('readRepairSent').map(({ node }) => node)).toEqual([0, 1]);
  });

  test('is judged by gc_grace_seconds as they were when it was read', () => {
    const plan = deleted(seconds(8));
    const command = 'ALTER TABLE shop.orders WITH gc_grace_seconds = 864000';
    plan.entries.push({
      id: 'operations.later',
      kind: 'alterTable',
      at_micros: seconds(12),
      nodes: ['n1'],
      table: 'shop.orders',
      gc_grace_micros: seconds(864_000),
      command,
    });
    expect(tell(plan).result.reads?.['r']).toMatchObject({ zombie: 1, stale: 0 });
  });
});

describe('an answer of nothing because a deletion is left out', () => {
  /** Written at 1 s and read at 5 s; deleted at 6 s; read again at 15 s, when gc_grace_seconds have passed. */
  const readTwice = (entries: PlanEntry[] = []): Plan => {
    const table = { deletes_rows: true, gc_grace_micros: seconds(8) };
    const plan = reading({ level: 'ALL', table, entries, duration_micros: seconds(60) });
    plan.workload['w'].arrivals = traceArrivals([
      { at: seconds(1), key: 0 },
      { at: seconds(6), key: 0, operation: 'delete' },
    ]);
    const arrivals = { kind: 'fixed', per_second: 0.1 } as const;
    plan.workload['r'] = { ...plan.workload['r'], from_micros: seconds(5), arrivals, count: 2 };
    return plan;
  };

  test('does not go back behind what was read before', () => {
    expect(tell(readTwice()).result.reads?.['r']).toMatchObject({ answered: 2, backward: 0, missing: 0, zombie: 0 });
  });
});
