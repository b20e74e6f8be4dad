/**
 * Section h of the facts, world by world: three nodes, of which n3 is away while row 0 is deleted, and no hints; what
 * compaction and repair then make of it. Purge by itself: test/replica/compaction.test.ts.
 */
import { describe, expect, test } from 'vitest';
import { cassandra } from '../../src/dialect/cassandra/dialect.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import type { Plan, PlanEntry } from '../../src/scenario/plan.ts';
import { plainNodes, plainPlan, plainTable, plainWorkload, repairEntry, seconds, traceArrivals } from './plain-plan.ts';
import { outcomeOf, tell, type Story } from './reading.ts';

const N3 = 2;
const ROW = { table: 'shop.orders', tables: ['shop.orders'] };
const OTHERS = ['n1', 'n2'];

function compactedAt(at: number, nodes: string[] = OTHERS): PlanEntry[] {
  const common = { tables: ROW.tables, nodes, every_micros: null, command: '' };
  return [
    { ...common, id: `operations.f${at}`, at_micros: seconds(at - 1), kind: 'flushTables' },
    { ...common, id: `operations.c${at}`, at_micros: seconds(at), kind: 'compactTables', split_output: false },
  ];
}

const repairAt = (at: number): PlanEntry => repairEntry({ id: `repairs.r${at}`, at: seconds(at), nodes: ['n1'] });
const alteredAt = (at: number, to: number): PlanEntry => ({
  ...{ id: 'operations.alter', at_micros: seconds(at), kind: 'alterTable', nodes: ['n1'], table: ROW.table },
  ...{ gc_grace_micros: seconds(to), command: '' },
});

const awayUntil = (until: number): PlanEntry => ({
  ...{ id: 'faults.n3', at_micros: seconds(10), kind: 'stopNode', nodes: ['n3'], for_micros: seconds(until - 10) },
});

/** Deleted at 20 s; gc_grace_seconds is 20; n3 is away from 10 s to 30 s. */
function deleted(entries: PlanEntry[], given: { gcGrace?: number; plan?: Partial<Plan> } = {}): Story {
  const gc_grace_micros = seconds(given.gcGrace ?? 20);
  return tell(
    plainPlan({
      duration_micros: seconds(150),
      nodes: plainNodes(3, { dcs: 3 }),
      settings: { hinted_handoff_enabled: false },
      tables: [plainTable({ loaded: 'equal', deletes_rows: true, gc_grace_micros })],
      workload: {
        w: plainWorkload({
          arrivals: traceArrivals([{ at: seconds(20), key: 0, operation: 'delete' }]),
          consistency: 'TWO',
        }),
      },
      entries: entries.some(({ id }) => id === 'faults.n3') ? entries : [awayUntil(30), ...entries],
      ...given.plan,
    }),
  );
}

const copies = ({ result: { final } }: Story): number[] => [final.stale_copies, final.zombie_copies];
const [SOUND, STALE] = [
  [0, 0],
  [1, 0],
];

describe('a deletion that one replica missed', () => {
  test('cassandra.h3: purged everywhere else, the old row is the newest, and repair spreads it', () => {
    const story = deleted([...compactedAt(60), repairAt(80)]);
    expect(new Set(story.of('purged').map(({ node }) => node))).toEqual(new Set([0, 1]));
    expect(copies(story)).toEqual([0, 3]);
    expect(copies(deleted(compactedAt(60)))).toEqual([0, 1]);
    // n1 gets the row from n3, and n2, which looks as empty as n1, gives its tombstone to n3 alone. If n2 and n3 then
    // compact what they have they are rid of both, and n1 spreads the row; else n1 gets the tombstone the time after.
    const half = [...compactedAt(60, ['n1']), repairAt(80), repairAt(120)];
    expect(copies(deleted(half.slice(0, -1)))).toEqual([0, 1]);
    expect(copies(deleted([...half, ...compactedAt(100, ['n2', 'n3'])]))).toEqual([0, 3]);
    const { compaction } = plainTable();
    const by = { loaded: 'equal' as const, deletes_rows: true, gc_grace_micros: seconds(20) };
    const tables = [plainTable({ ...by, compaction: { ...compaction, enabled: false } })];
    expect(copies(deleted(half, { plan: { tables } }))).toEqual(SOUND);
  });

  test('cassandra.h3: repaired before gc_grace is over it is everywhere, and stays dead', () => {
    expect(copies(deleted([repairAt(35), ...compactedAt(60), repairAt(80)]))).toEqual(SOUND);
  });

  test('cassandra.h1: nothing is purged within gc_grace', () => {
    const story = deleted([...compactedAt(38), repairAt(80)]);
    expect(story.of('purged')).toEqual([]);
    expect(copies(story)).toEqual(SOUND);
  });

  test('cassandra.h5: repaired after gc_grace but before the purge, the tombstone comes along', () => {
    const story = deleted([repairAt(60), ...compactedAt(100, [...OTHERS, 'n3'])]);
    expect(story.result.repairs['repairs.r60'].differing_ranges).toBeGreaterThan(0);
    expect(copies(story)).toEqual(SOUND);
    expect(copies(deleted([]))).toEqual([0, 1]);
  });

  test('cassandra.h6: of a row that n3 never had, the tombstone is a difference until gc_grace is over', () => {
    const never = { tables: [plainTable({ deletes_rows: true, gc_grace_micros: seconds(20) })] };
    const ranges = (at: number): number =>
      deleted([repairAt(at)], { plan: never }).result.repairs[`repairs.r${at}`].differing_ranges;
    expect(ranges(35)).toBeGreaterThan(0);
    expect(ranges(60)).toBe(0);
  });
});

test('cassandra.h2: an SSTable of nothing but what may go is dropped unread, unless something older lives', () => {
  const dropped = (otherAt: number): number => {
    const rows = [
      { at: seconds(otherAt), key: 1 },
      { at: seconds(20), key: 0, operation: 'delete' as const },
    ].sort((left, right) => left.at - right.at);
    const [flush] = compactedAt(26);
    const story = deleted([flush, ...compactedAt(60)], {
      plan: {
        tables: [plainTable({ deletes_rows: true, gc_grace_micros: seconds(20) })],
        workload: { w: plainWorkload({ arrivals: traceArrivals(rows) }) },
      },
    });
    return story.simulation.replicas.compaction.counts.expired_sstables;
  };
  expect(dropped(40)).toBe(2);
  expect(dropped(15)).toBe(0);
});

describe('cassandra.h10: a cell with a time to live that one replica missed', () => {
  const written = (entries: PlanEntry[], gcGrace: number): Story =>
    deleted(entries, {
      gcGrace,
      plan: {
        workload: {
          w: plainWorkload({
            ...{ arrivals: traceArrivals([{ at: seconds(20), key: 0 }]), consistency: 'TWO', ttl_seconds: 25 },
          }),
        },
      },
    });

  test('goes as soon as it has expired and gc_grace is over since the write', () => {
    expect(written(compactedAt(44), 20).of('purged')).toEqual([]);
    expect(written(compactedAt(50), 20).of('purged')).toHaveLength(2);
    expect(written(compactedAt(50), 40).of('purged')).toEqual([]);
    expect(written(compactedAt(65), 40).of('purged')).toHaveLength(2);
  });

  test('once it is gone, the older value of n3 comes back', () => {
    const held = ({ simulation }: Story): number[] =>
      [0, 1, N3].map((node) => {
        const { storage, tables } = simulation.world;
        return storage.heldVersion(node, tables[0].slotBase + tables[0].ordinalOfKey[0] * tables[0].slotsPerPartition);
      });
    const [first, second, third] = held(written([...compactedAt(60), repairAt(80)], 20));
    expect([first, second]).toEqual([third, third]);
    expect(copies(written([...compactedAt(60), repairAt(80)], 20))[1]).toBe(3);
    expect(copies(written([repairAt(35), ...compactedAt(60)], 20))).toEqual(SOUND);
  });
});

describe('ALTER TABLE (cassandra.h11)', () => {
  const LONG = { gcGrace: 1000 };

  test('a gc_grace that is lowered lets tombstones go at once', () => {
    expect(copies(deleted([...compactedAt(60), repairAt(80)], LONG))).toEqual(SOUND);
    expect(copies(deleted([...compactedAt(60)], LONG))).toEqual(STALE);
    const story = deleted([alteredAt(50, 20), ...compactedAt(60), repairAt(80)], LONG);
    expect(story.of('gcGraceChanged').map(({ micros, c }) => [micros, c])).toEqual([[seconds(50), 20]]);
    expect(story.of('purged').every(({ micros }) => micros >= seconds(60))).toBe(true);
    expect(copies(story)).toEqual([0, 3]);
  });

  test('one that is raised in time keeps them', () => {
    expect(copies(deleted([alteredAt(35, 1000), ...compactedAt(60), repairAt(80)]))).toEqual(SOUND);
  });

  test('typed at a node that is down it does nothing', () => {
    const atN3 = { ...alteredAt(25, 20), nodes: ['n3'] } as PlanEntry;
    expect(deleted([atN3], LONG).of('gcGraceChanged')).toEqual([]);
  });
});

// ------------------------------------------------------------------ from the scenario

const TEXT = `
format: 1
name: statements
database: cassandra@4.1
seed: 1
start: 2026-11-21T02:00:00Z
duration: 20m
cluster: { nodes: { dc1: { r1: 3 } }, settings: { num_tokens: 1 } }
data:
  keyspaces: { shop: { replication: 3 } }
  tables: { shop.orders: { partitions: 10, row: 100B, loaded: equal } }
workload:
  w: { table: shop.orders, rate: 1/s, from: 2026-11-21T02:01:00Z, until: 2026-11-21T03:02:00+01:00, consistency: ONE }
faults:
  away: { fault: stop, node: n3, at: 2026-11-21T02:05:00Z, until: 2026-11-21T02:15:00Z }
operations:
  gone: { do: cql, node: n2, run: "DELETE FROM shop.orders WHERE id = 4", at: 2026-11-21T02:10:00Z, consistency: LEVEL }
  off: { do: nodetool, node: n2, run: nodetool disablehandoff, at: 2026-11-21T02:11:00Z, until: 2026-11-21T02:12:00Z }
expect:
  e: { check: never, metric: divergent_copies, above: 30, during: 2026-11-21T02:01:00Z .. 2026-11-21T02:19:30Z }
`;

function planOf(text: string): Plan {
  const options = { dialects: [cassandra], version: '0' };
  const { plan, mistakes } = loadScenario({ file: 'a.yaml', text, readFile: () => ({ error: 'none' }) }, options);
  if (plan === null) throw new Error(mistakes.map(({ message }) => message).join('; '));
  return plan;
}

/** Row 0 is written at 12 s and deleted at 25 s while n3 is away from 10 s to 60 s; hints are made for 10 s only. */
function hinted(off: string[]): Story {
  return deleted([awayUntil(60), ...compactedAt(50)], {
    plan: {
      settings: { max_hint_window: seconds(10) },
      tables: [plainTable({ loaded: 'empty', deletes_rows: true, gc_grace_micros: seconds(20) })],
      workload: {
        w: plainWorkload({
          arrivals: traceArrivals([
            { at: seconds(12), key: 0 },
            { at: seconds(25), key: 0, operation: 'delete' },
          ]),
          consistency: 'TWO',
        }),
      },
      model: { off },
    },
  });
}

test('cassandra.h9: a hint is older than the deletion that was purged: it expires, or the row is back', () => {
  const kept = hinted([]);
  expect(kept.result.hints['expired']).toBe(1);
  expect(copies(kept)).toEqual(SOUND);
  const back = hinted(['cassandra.e17']);
  expect(back.result.hints['delivered']).toBe(1);
  expect(copies(back)).toEqual([0, 1]);
});

test('a DELETE lands with the coordinator, the level and the timestamp of its moment', () => {
  const at = seconds(600);
  const outcome = (level: string): { node: number; timestamp: number; outcome: string; applied: number[] } => {
    const story = tell(planOf(TEXT.replace('LEVEL', level)));
    const issued = story.of('issued').filter(({ micros }) => micros === at);
    const [{ a }] = issued.length > 0 ? issued : story.of('rejected').filter(({ micros }) => micros === at);
    const { arrays } = story.simulation.world.versions;
    const answered = story.of('answered', 'rejected').find((record) => record.a === a);
    const applied = story.of('applied').filter((record) => record.a === a && record.micros < at + seconds(60));
    return {
      ...{ node: arrays.coordinator[a], timestamp: arrays.timestamp[a] },
      outcome: answered === undefined ? 'none' : outcomeOf(answered),
      applied: [...new Set(applied.map(({ node }) => node))].sort((left, right) => left - right),
    };
  };
  expect(outcome('QUORUM')).toEqual({ node: 1, timestamp: at, outcome: 'success', applied: [0, 1] });
  expect(outcome('ALL')).toMatchObject({ node: 1, outcome: 'unavailable', applied: [] });
});

test('ISO instants are offsets from start, wherever a time may stand', () => {
  const plan = planOf(TEXT.replace('LEVEL', 'ONE'));
  const entry = (id: string): Record<string, unknown> => ({ ...plan.entries.find((of) => of.id === id) });
  expect(entry('faults.away')).toMatchObject({ at_micros: seconds(300), for_micros: seconds(600) });
  expect(entry('operations.off')).toMatchObject({ at_micros: seconds(660), for_micros: seconds(60) });
  expect(entry('operations.gone')).toMatchObject({ at_micros: seconds(600) });
  expect(plan.workload['w']).toMatchObject({ from_micros: seconds(60), until_micros: seconds(120) });
  expect(plan.expect['e']).toMatchObject({ from_micros: seconds(60), to_micros: seconds(1170) });
});
