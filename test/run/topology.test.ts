/** Changes of topology in small worlds by hand: which copies count when, what streams bring, and what becomes of hints. */
import { describe, expect, test } from 'vitest';
import { TOPOLOGY_REFUSAL } from '../../src/data/records.ts';
import { NOTHING } from '../../src/data/versions.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan, PlanEntry, PlanNode, PlanTopologyChange } from '../../src/scenario/plan.ts';
import { plainNodes, plainPlan, plainTable, plainWorkload, repairEntry, seconds, traceArrivals } from './plain-plan.ts';
import { fateOf, tell, viaOf, type Story } from './reading.ts';
import { crash } from './silos.ts';

const KEYS = 20;
/** Between n3 and n4 of four. */
const MIDDLE = String(2n ** 61n);

/** `count` nodes of one rack, and who joins by `operations.change`. */
function nodes(count: number, joiner?: Partial<PlanNode> & { id: string }): PlanNode[] {
  const ring = plainNodes(count, { racks: 1 });
  if (joiner === undefined) return ring;
  return [...ring, { dc: 'dc1', rack: 'r1', tokens: [], joins: 'operations.change', ...joiner }];
}

function change(at: number, of: PlanTopologyChange): PlanEntry {
  return { id: 'operations.change', at_micros: seconds(at), command: of.kind, ...of };
}

const removal = (at: number, node: string, assassinate = false): PlanEntry =>
  change(at, { kind: 'removeNode', node, assassinate });

/** Four nodes with three copies of all rows. */
function plan(given: Partial<Plan>): Plan {
  return plainPlan({
    nodes: nodes(4),
    tables: [plainTable({ loaded: 'equal', partitions: KEYS })],
    duration_micros: seconds(150),
    settle_micros: seconds(50),
    ...given,
  });
}

/** To all keys in turn, ten a second. */
const writing = (given: Partial<Plan['workload'][string]> = {}): Plan['workload'] => ({
  writes: plainWorkload({
    keys: { kind: 'sequential', from: 0, to: KEYS },
    until_micros: seconds(150),
    consistency: 'QUORUM',
    ...given,
  }),
});

/** Keys of which the node stores something. */
function keysOf({ simulation: { world } }: Story, node: number): number[] {
  const [table] = world.tables;
  return Array.from({ length: KEYS }, (_none, key) => key).filter(
    (key) => world.storage.heldVersion(node, table.slotBase + table.ordinalOfKey[key]) !== NOTHING,
  );
}

/** Keys that the node replicates now. */
function ownedBy({ simulation: { replicas: world } }: Story, node: number): number[] {
  const [table] = world.tables;
  return Array.from({ length: KEYS }, (_none, key) => key).filter((key) => {
    const base = table.rangeOfOrdinal[table.ordinalOfKey[key]] * table.copies;
    for (let place = base; place < base + table.copies; place += 1)
      if (table.replicas[place] === node && world.placements.roleAt(table, place) === 1) return true;
    return false;
  });
}

const at = (story: Story, name: string): number => story.of(name)[0]?.micros / 1e6;

describe('ALTER KEYSPACE', () => {
  const raised = (entries: PlanEntry[] = []): Plan =>
    plan({
      nodes: nodes(3),
      tables: [plainTable({ loaded: 'equal', partitions: KEYS, factor: 1 })],
      entries: [
        change(30, { kind: 'alterKeyspace', keyspace: 'shop', replication: { strategy: 'SimpleStrategy', factor: 3 } }),
        ...entries,
      ],
    });

  test('what the new copies lack is missing by its own cause, and nothing but a repair brings it', () => {
    const { result } = tell(raised());
    expect(result.final.by_cause['bootstrap_missed']).toMatchObject({ born: 2 * KEYS, healed: 0, left: 2 * KEYS });
    expect(result.final.by_origin['operations.change'].copies).toBe(2 * KEYS);
    const repaired = tell(raised([repairEntry({ at: seconds(60), nodes: ['n1'] })]));
    expect(repaired.result.final.by_cause['bootstrap_missed']).toMatchObject({ healed: 2 * KEYS, left: 0 });
    expect(repaired.of('applied').map(viaOf)).toEqual(new Array(2 * KEYS).fill('repair'));
  });

  test('levels ask what the new factor asks, from that moment on', () => {
    const entries = [crash(seconds(20), 'n2', null), crash(seconds(20), 'n3', null)];
    const told = tell({ ...raised(entries), workload: writing({ clients: { dc1: 1 }, consistency: 'QUORUM' }) });
    const { writes } = told.result;
    // One copy of one is a quorum, one of three is not: of the 1 200 writes after 30 s none is acknowledged.
    expect(writes.unavailable).toBeGreaterThan(1100);
    expect(tell({ ...raised(entries), entries, workload: writing() }).result.writes.unavailable).toBeLessThan(1050);
  });
});

describe('a node that joins', () => {
  const joiner = { id: 'n5', tokens: [MIDDLE] };
  const joining = (given: Partial<Plan> = {}, entries: PlanEntry[] = []): Plan =>
    plan({
      nodes: nodes(4, joiner),
      entries: [change(30, { kind: 'addNode', node: 'n5' }), ...entries],
      ...given,
    });

  test('waits, streams each range from who loses it, and has them all when it counts', () => {
    const story = tell(joining({ workload: writing() }));
    expect(at(story, 'rangesStreamStarted')).toBeCloseTo(61, 1);
    expect(at(story, 'topologyFinished')).toBeGreaterThan(61);
    expect(story.result.final.divergent_copies).toBe(0);
    expect(ownedBy(story, 4).length).toBeGreaterThan(5);
    expect(keysOf(story, 4)).toEqual(ownedBy(story, 4));
    // Three losers, one for each range; the one that follows it on the ring but two keeps all of its.
    expect(story.of('rangesStreamStarted')).toHaveLength(3);
    const before = tell(plan({}));
    for (const { node } of story.of('rangesStreamStarted'))
      expect(ownedBy(story, node).length, `n${node + 1}`).toBeLessThan(ownedBy(before, node).length);
  });

  test('is sent writes before it counts, and every level waits for it', () => {
    // Writes only between its announcement and its streams, to keys with nothing loaded.
    const rows = Array.from({ length: KEYS }, (_none, key) => ({ at: seconds(40), key }));
    const given = {
      tables: [plainTable({ partitions: KEYS })],
      workload: writing({ arrivals: traceArrivals(rows), keys: { kind: 'uniform', from: 0, to: KEYS } }),
    };
    const story = tell(joining(given));
    const direct = story.of('applied').filter((seen) => seen.node === 4 && viaOf(seen) === 'late_delivery');
    expect(direct.length).toBe(ownedBy(story, 4).length);
    for (const { micros } of direct) expect(micros).toBeLessThan(seconds(45));
    // Copies that are pending are nobody's loss: nothing is born of them.
    expect(story.result.final.by_cause['bootstrap_missed']?.born ?? 0).toBe(0);

    const cut: PlanEntry = {
      id: 'faults.cut',
      at_micros: seconds(35),
      kind: 'cutLink',
      from: ['n1', 'n2', 'n3', 'n4'],
      to: ['n5'],
      two_way: false,
      for_micros: seconds(10),
    };
    const all = (extra: PlanEntry[]): number => {
      const workload = { writes: { ...given.workload['writes'], consistency: 'ALL' as const } };
      return tell(joining({ ...given, workload }, extra)).result.writes.acknowledged;
    };
    expect(all([])).toBe(KEYS);
    expect(all([cut])).toBe(KEYS - ownedBy(story, 4).length);
  });

  test('is refused while the replica that loses a range is down, and all is as before', () => {
    const story = tell(joining({}, [crash(seconds(35), 'n1', null)]));
    const strict = tell(joining());
    const losers = strict.of('rangesStreamStarted').map(({ node }) => node);
    expect(losers).toContain(0);
    expect(story.of('topologyRefused').map(({ a, c }) => [a, c])).toEqual([[TOPOLOGY_REFUSAL.sourceDown, 0]]);
    expect(story.of('topologyFinished')).toHaveLength(0);
    expect(story.simulation.world.cluster.present[4]).toBe(0);
    expect(ownedBy(story, 4)).toEqual([]);
    const loose = tell(joining({ model: { off: ['cassandra.g-bootstrap'] } }, [crash(seconds(35), 'n1', null)]));
    expect(loose.of('topologyFinished')).toHaveLength(1);
  });

  test('stays joining when a source dies in the middle', () => {
    const settings = { stream_throughput_outbound: 100 };
    const story = tell(joining({ settings }, [crash(seconds(62), 'n1', null)]));
    expect(story.of('topologyFailed').map(({ node, c }) => [node, c])).toEqual([[4, 0]]);
    expect(story.of('topologyFinished')).toHaveLength(0);
    expect(story.simulation.replicas.placements.epoch).not.toBe(0);
    expect(ownedBy(story, 4)).toEqual([]);
  });
});

describe('a node that takes a dead one’s place', () => {
  const dead = crash(seconds(10), 'n2', null);
  const replacing = (given: Partial<Plan> = {}): Plan =>
    plan({
      nodes: nodes(4, { id: 'n5' }),
      entries: [dead, change(60, { kind: 'replaceNode', node: 'n2', with: 'n5' })],
      workload: writing(),
      ...given,
    });

  test('has its tokens and all of its rows; hints for the dead one are dropped', () => {
    const story = tell(replacing());
    const before = tell(plan({}));
    expect(ownedBy(story, 4)).toEqual(ownedBy(before, 1));
    expect(ownedBy(story, 1)).toEqual([]);
    expect(keysOf(story, 4)).toEqual(ownedBy(story, 4));
    expect(story.result.final.divergent_copies).toBe(0);
    const { hints } = story.result;
    expect(hints['lost']).toBeGreaterThan(100);
    expect(hints['lost']).toBe(hints['enqueued']);
    expect(hints['pending']).toBe(0);
    expect(at(story, 'rangesStreamStarted')).toBeCloseTo(91, 1);
  });

  test('lacks what its sources lack, by the cause of the change', () => {
    // n2 is dead; whoever else missed the writes of 20 s to 50 s without a hint is a source now.
    const settings = { hinted_handoff_enabled: false };
    const without = tell(replacing({ settings })).result.final;
    expect(without.by_node['n5']?.copies ?? 0).toBe(0);
    const behind = ['n1', 'n3', 'n4'].map((node, index) => crash(seconds(20 + index * 10), node, seconds(10)));
    const rows = Array.from({ length: KEYS }, (_none, key) => ({ at: seconds(21 + key * 1.4), key }));
    const story = tell(
      replacing({
        settings,
        entries: [dead, ...behind, change(60, { kind: 'replaceNode', node: 'n2', with: 'n5' })],
        workload: writing({ arrivals: traceArrivals(rows), keys: { kind: 'uniform', from: 0, to: KEYS } }),
      }),
    );
    expect(story.result.final.by_node['n5']?.copies).toBeGreaterThan(0);
    expect(Object.keys(story.result.final.by_cause)).toContain('bootstrap_missed');
  });
});

describe('a node that leaves', () => {
  const leaving = (given: Partial<Plan> = {}, entries: PlanEntry[] = []): Plan =>
    plan({
      nodes: nodes(5),
      entries: [...entries, change(30, { kind: 'decommissionNode', node: 'n5' })],
      workload: writing(),
      ...given,
    });

  test('sends its ranges to who takes them over before it goes', () => {
    const story = tell(leaving());
    const finished = story.of('rangesStreamFinished');
    expect(new Set(finished.map(({ node }) => node))).toEqual(new Set([4]));
    const gone = story.of('nodeStopped').find(({ node }) => node === 4);
    for (const { micros } of finished) expect(micros).toBeLessThan(gone?.micros ?? 0);
    expect(story.result.final.divergent_copies).toBe(0);
    for (const node of [0, 1, 2, 3]) for (const key of ownedBy(story, node)) expect(keysOf(story, node)).toContain(key);
    expect([0, 1, 2, 3].reduce((sum, node) => sum + ownedBy(story, node).length, 0)).toBe(3 * KEYS);
  });

  test('hands its hints on, unless transfer_hints_on_decommission is false', () => {
    const away = crash(seconds(10), 'n2', seconds(100));
    const kept = tell(leaving({}, [away]));
    expect(kept.of('hintsTransferred').map(({ node, c }) => [node, c > 0])).toEqual([[4, true]]);
    expect(kept.result.hints['lost']).toBe(0);
    expect(kept.result.final.divergent_copies).toBe(0);
    const dropped = tell(leaving({ settings: { transfer_hints_on_decommission: false } }, [away]));
    expect(dropped.of('hintsTransferred')).toHaveLength(0);
    expect(dropped.result.hints['lost']).toBeGreaterThan(0);
    expect(dropped.result.final.by_cause['hint_lost']?.born).toBeGreaterThan(0);
  });

  test('nobody keeps a hint for it that comes too late (CASSANDRA-13740)', () => {
    // A write is on its way for a quarter of a second, and its time-out comes two seconds after the node has gone.
    const links = plainPlan().links;
    const slow = { ...links.rack, write: { kind: 'constant' as const, value: seconds(0.25) } };
    const story = tell(leaving({ links: { ...links, rack: slow } }));
    const gone = story.of('nodeStopped').find(({ node }) => node === 4);
    const last = story.of('issued').filter(({ micros }) => micros < (gone?.micros ?? 0));
    expect(last.length).toBeGreaterThan(100);
    expect(story.result.hints['pending']).toBe(0);
    expect(story.result.final.divergent_copies).toBe(0);
  });
});

describe('a dead node that is removed', () => {
  const dead = crash(seconds(10), 'n5', null);
  const removing = (assassinate: boolean, given: Partial<Plan> = {}): Plan =>
    plan({ nodes: nodes(5), entries: [dead, removal(60, 'n5', assassinate)], workload: writing(), ...given });

  test('is replaced by streams of the others, and its hints are dropped', () => {
    const story = tell(removing(false));
    const senders = story.of('rangesStreamStarted').map(({ node }) => node);
    expect(senders.length).toBeGreaterThan(0);
    expect(senders).not.toContain(4);
    expect(story.result.final.divergent_copies).toBe(0);
    expect(story.result.hints['lost']).toBe(story.result.hints['enqueued']);
    expect(story.result.hints['pending']).toBe(0);
  });

  test('nodetool assassinate streams nothing', () => {
    const story = tell(removing(true, { workload: {} }));
    expect(story.of('rangesStreamStarted')).toHaveLength(0);
    expect(at(story, 'topologyFinished')).toBeCloseTo(90, 1);
    expect(story.result.final.by_cause['bootstrap_missed']?.left).toBeGreaterThan(0);
    for (const seen of story.of('missed')) expect(fateOf(seen)).toContain('bootstrap_missed');
  });
});

test('a hint that reaches a node which replicates its row no more is kept for those that do', () => {
  // Only n1 cannot be reached while n5 takes a range over from it: streams cannot bring what n1 lacks.
  const cut: PlanEntry = {
    id: 'faults.cut',
    at_micros: seconds(10),
    kind: 'cutLink',
    from: ['n2', 'n3', 'n4'],
    to: ['n1'],
    two_way: false,
    for_micros: seconds(80),
  };
  const moved = (off: string[]): Story =>
    tell(
      plan({
        nodes: nodes(4, { id: 'n5', tokens: [MIDDLE] }),
        entries: [cut, change(30, { kind: 'addNode', node: 'n5' })],
        workload: writing({ until_micros: seconds(25), consistency: 'ONE' }),
        model: { off },
      }),
    );
  expect(moved([]).result.final.divergent_copies).toBe(0);
  const without = moved(['cassandra.e16']).result;
  expect(without.hints['pending']).toBe(0);
  expect(without.final.by_node['n5']?.copies).toBeGreaterThan(0);
});

test('only one change that moves data may be under way', () => {
  const joiners = ['n5', 'n6'].map((id, index) => ({
    ...{ id, dc: 'dc1', rack: 'r1', tokens: [String(2n ** 61n * BigInt(1 - 2 * index))], joins: `operations.${id}` },
  }));
  const add = (node: string, second: number): PlanEntry => ({
    ...change(second, { kind: 'addNode', node }),
    id: `operations.${node}`,
  });
  const both = (second: number): Story =>
    tell(plan({ nodes: [...nodes(4), ...joiners], entries: [add('n5', 30), add('n6', second)] }));
  const soon = both(40);
  expect(soon.of('topologyRefused').map(({ a, c }) => [a, c])).toEqual([[TOPOLOGY_REFUSAL.otherUnderWay, 4]]);
  expect(soon.of('topologyFinished')).toHaveLength(1);
  expect(both(80).of('topologyFinished')).toHaveLength(2);
});

describe('a node that joins later changes nothing before', () => {
  const until = (given: Partial<Plan>): string => {
    const simulation = new Simulation(plan({ workload: writing(), ...given }), { batched: true });
    simulation.runTo(seconds(29));
    return simulation.world.trace.fingerprint();
  };
  const joins = change(30, { kind: 'addNode', node: 'n5' });
  const fiveNodes = nodes(4, { id: 'n5', tokens: [MIDDLE] });

  test('the same requests through the same coordinators', () => {
    expect(until({ nodes: fiveNodes, entries: [joins] })).toBe(until({ nodes: nodes(4) }));
  });

  test('the same copies differ of a table that was loaded', () => {
    const diverge: PlanEntry = {
      ...{ id: 'data.tables.shop.orders', at_micros: 0, kind: 'divergeLoaded', table: 'shop.orders' },
      ...{ share: 0.5, nodes: null, copy: 'missing' },
    };
    const left = tell(plan({ nodes: nodes(4), entries: [diverge] })).of('reverted');
    const right = tell(plan({ nodes: fiveNodes, entries: [diverge, joins] })).of('reverted');
    expect(left.length).toBeGreaterThan(3);
    expect(right).toEqual(left);
  });
});
