/**
 * Exhaustive small worlds: three nodes, two rows, and every order of up to five events, each long after the one before;
 * what every copy holds in the end is what a cluster of a few lines says (naive-cluster.ts).
 */
import { expect, test } from 'vitest';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan, PlanEntry } from '../../src/scenario/plan.ts';
import { NaiveCluster, type SmallEvent } from './naive-cluster.ts';
import { plainNodes, plainPlan, plainTable, plainWorkload, repairEntry, seconds, traceArrivals } from './plain-plan.ts';

const ROWS = 2;
/** Time for conviction, time-outs, hint ticks, gossip and a repair. */
const GAP = seconds(90);
/** Every log was synced once, within the first 10 s, and is not synced again. */
const START = seconds(20);
const NEVER = seconds(100_000);

const EVENTS: SmallEvent[] = [
  { do: 'write', row: 0, needs: 1 },
  { do: 'write', row: 1, needs: 2 },
  { do: 'down', node: 0, mode: 'process' },
  { do: 'down', node: 0, mode: 'power-loss' },
  { do: 'down', node: 2, mode: 'process' },
  { do: 'down', node: 2, mode: 'power-loss' },
  { do: 'down', node: 2, mode: 'stop' },
  { do: 'start', node: 0 },
  { do: 'start', node: 2 },
  { do: 'repair' },
];

const timeOf = (place: number): number => START + place * GAP;

function planOf(events: readonly SmallEvent[]): Plan {
  const writes = (needs: number): { at: number; key: number }[] =>
    events.flatMap((event, place) =>
      event.do === 'write' && event.needs === needs ? [{ at: timeOf(place), key: event.row }] : [],
    );
  const workload = (needs: number, consistency: 'ONE' | 'QUORUM'): Plan['workload'][string] =>
    plainWorkload({
      arrivals: traceArrivals(writes(needs)),
      keys: { kind: 'uniform', from: 0, to: ROWS },
      consistency,
      until_micros: timeOf(events.length),
    });
  return plainPlan({
    // Each node is a data centre of its own, so that clients of dc1 always use n1.
    nodes: plainNodes(3, { dcs: 3 }),
    tables: [plainTable({ partitions: ROWS })],
    settings: { commitlog_sync_period: NEVER },
    duration_micros: timeOf(events.length),
    settle_micros: 0,
    workload: { one: workload(1, 'ONE'), quorum: workload(2, 'QUORUM') },
    entries: events.flatMap((event, place) => entryOf(events, event, place)),
  });
}

function entryOf(events: readonly SmallEvent[], event: SmallEvent, place: number): PlanEntry[] {
  const at = timeOf(place);
  if (event.do === 'repair') return [repairEntry({ id: `repairs.r${place}`, at, nodes: ['n1'] })];
  if (event.do !== 'down') return [];
  const back = events.findIndex((other, later) => later > place && other.do === 'start' && other.node === event.node);
  const base = {
    id: `faults.f${place}`,
    at_micros: at,
    nodes: [`n${event.node + 1}`],
    for_micros: back < 0 ? null : timeOf(back) - at,
  };
  return [event.mode === 'stop' ? { ...base, kind: 'stopNode' } : { ...base, kind: 'crashNode', mode: event.mode }];
}

/** Version of each row by node, in the end. */
function heldBy(plan: Plan, batched: boolean): number[][] {
  const simulation = new Simulation(plan, { batched, observed: false });
  const { world } = simulation;
  simulation.runTo(world.endMicros);
  const [table] = world.tables;
  return [0, 1, 2].map((node) =>
    Array.from({ length: ROWS }, (_none, key) =>
      world.storage.heldVersion(node, table.slotBase + table.ordinalOfKey[key]),
    ),
  );
}

/** Runs every history of exactly so many events that can happen, and says how many there were. */
function compareAll(length: number, keeps: (index: number) => boolean): number {
  let compared = 0;
  let index = 0;
  const extend = (events: SmallEvent[], naive: NaiveCluster): void => {
    if (events.length === length) {
      index += 1;
      if (!keeps(index)) return;
      const held = heldBy(planOf(events), compared % 2 === 0);
      expect(held, JSON.stringify(events)).toEqual(naive.nodes.map((node) => node.held));
      compared += 1;
      return;
    }
    for (const event of EVENTS) if (naive.allows(event)) extend([...events, event], replay([...events, event]));
  };
  extend([], new NaiveCluster(ROWS));
  return compared;
}

function replay(events: readonly SmallEvent[]): NaiveCluster {
  const naive = new NaiveCluster(ROWS);
  for (const event of events) naive.happen(event);
  return naive;
}

test('every history of up to three events ends as the naive cluster says', () => {
  expect([1, 2, 3].map((length) => compareAll(length, () => true))).toEqual([8, 56, 364]);
}, 120_000);

/** All of them with RECONVERGE_RUNS=100 and more: some twenty thousand. */
test.each([4, 5])(
  'histories of %i events end as the naive cluster says',
  (length) => {
    const every = Math.max(1, Math.floor((length === 4 ? 20 : 200) / Number(process.env.RECONVERGE_RUNS ?? 1)));
    expect(compareAll(length, (index) => index % every === 0)).toBeGreaterThan(50);
  },
  600_000,
);
