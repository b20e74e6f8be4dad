/**
 * Faults that meet: entries that overlap on a node or a link, and views that outlive their reason. Each says what must
 * hold while both last, when one of them is over, and what the loss is put down to.
 */
import { describe, expect, test } from 'vitest';
import { CAUSE, OUTCOME } from '../../src/data/causes.ts';
import { FIRST_VERSION } from '../../src/data/versions.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { PlanEntry } from '../../src/scenario/plan.ts';
import { plainPlan, plainNodes, plainTable, plainWorkload, seconds } from './plain-plan.ts';
import { runLogged } from './twins.ts';

const LATENT_OR_PENDING = /^(\d+) missed node=\d+ copy=\d+ a=\d+ b=\d+ c=(\d+)$/;

interface Miss {
  micros: number;
  cause: number;
  origin: number;
}

function missesOf(entries: PlanEntry[]): { misses: Miss[]; lines: string[] } {
  const plan = plainPlan({ workload: { w: plainWorkload({ arrivals: { kind: 'fixed', per_second: 20 } }) }, entries });
  const { lines } = runLogged(plan, true);
  const misses = lines.flatMap((line) => {
    const match = LATENT_OR_PENDING.exec(line);
    return match === null
      ? []
      : [{ micros: Number(match[1]), cause: Number(match[2]) & 63, origin: Number(match[2]) >> 8 }];
  });
  return { misses, lines };
}

const crash = (id: string, at: number, lasts: number): PlanEntry => ({
  id,
  at_micros: seconds(at),
  kind: 'crashNode',
  nodes: ['n3'],
  mode: 'process',
  for_micros: seconds(lasts),
});
const pause = (id: string, at: number, lasts: number): PlanEntry => ({
  id,
  at_micros: seconds(at),
  kind: 'pauseNode',
  nodes: ['n3'],
  for_micros: seconds(lasts),
});
const loss = (id: string, at: number, lasts: number, share: number): PlanEntry => ({
  id,
  at_micros: seconds(at),
  kind: 'loseMessages',
  from: ['n3'],
  to: ['n1', 'n2'],
  two_way: true,
  share,
  for_micros: seconds(lasts),
});
const cut = (id: string, at: number, lasts: number): PlanEntry => ({
  id,
  at_micros: seconds(at),
  kind: 'cutLink',
  from: ['n3'],
  to: ['n1', 'n2'],
  two_way: true,
  for_micros: seconds(lasts),
});

describe('entries that overlap', () => {
  test('a link loses messages until the last entry that says so is over', () => {
    const { misses } = missesOf([loss('faults.a', 5, 10, 0.5), loss('faults.b', 10, 30, 0.5)]);
    // A loss shows when the write times out, two seconds later.
    const late = misses.filter(({ micros }) => micros > seconds(20));
    expect(late.length).toBeGreaterThan(50);
    expect(Math.max(...misses.map(({ micros }) => micros))).toBeLessThanOrEqual(seconds(42));
    expect(new Set(late.map(({ origin }) => origin))).toEqual(new Set([2]));
  });

  test('a cut that is left is named, not the one that is over', () => {
    const { misses } = missesOf([cut('faults.a', 5, 40), cut('faults.b', 6, 4)]);
    const late = misses.filter(({ micros }) => micros > seconds(14) && micros < seconds(44));
    expect(late.length).toBeGreaterThan(100);
    expect(new Set(late.map(({ origin }) => origin))).toEqual(new Set([1]));
  });

  test('what is missed after the first of two crashes is over is put down to the second', () => {
    const { misses } = missesOf([crash('faults.a', 5, 5), crash('faults.b', 8, 40)]);
    const late = misses.filter(({ micros }) => micros > seconds(13));
    expect(late.length).toBeGreaterThan(100);
    expect(new Set(late.map(({ cause, origin }) => `${cause}/${origin}`))).toEqual(new Set([`${CAUSE.nodeDown}/2`]));
  });

  test('a pause that ended with the process does not make a later one longer', () => {
    const { lines } = missesOf([pause('faults.a', 5, 40), crash('faults.b', 8, 1), pause('faults.c', 20, 3)]);
    expect(lines.filter((line) => line.includes('nodeResumed'))).toEqual([
      `${seconds(23)} nodeResumed node=2 copy=0 a=3 b=0 c=0`,
    ]);
  });

  test('a longer pause that is under way stays the reason', () => {
    const { misses, lines } = missesOf([pause('faults.a', 5, 40), pause('faults.b', 8, 2)]);
    expect(lines.filter((line) => line.includes('nodeResumed'))).toHaveLength(1);
    expect(new Set(misses.map(({ origin }) => origin))).toEqual(new Set([1]));
  });
});

describe('views that outlive their reason', () => {
  test('between the end of a cut and the next gossip, hints are put down to the cut, whatever befell the node before', () => {
    const { misses, lines } = missesOf([crash('faults.crash', 2, 1), cut('faults.cut', 10, 30)]);
    const after = misses.filter(({ micros }) => micros >= seconds(40));
    expect(after.length).toBeGreaterThan(0);
    expect(new Set(after.map(({ cause, origin }) => `${cause}/${origin}`))).toEqual(new Set([`${CAUSE.partition}/2`]));
    const marked = lines.filter((line) => line.includes('markedDown'));
    expect(marked.length).toBeGreaterThan(0);
    for (const line of marked) expect(line).toContain('a=2 ');
  });

  test('a node that is down convicts nobody', () => {
    const both: PlanEntry = {
      id: 'faults.b',
      at_micros: seconds(10),
      kind: 'crashNode',
      nodes: ['n1', 'n2'],
      mode: 'process',
      for_micros: seconds(40),
    };
    const { lines } = missesOf([crash('faults.a', 9, 40), both]);
    expect(lines.filter((line) => line.includes('markedDown'))).toEqual([]);
  });
});

describe('a level that no node can reach', () => {
  test('is refused although all nodes are up', () => {
    const workload = { w: plainWorkload({ consistency: 'THREE' }) };
    const few = runLogged(plainPlan({ tables: [plainTable({ factor: 2 })], workload }), true).output.result;
    expect(few.writes.unavailable).toBe(few.writes.issued);
    const enough = runLogged(plainPlan({ workload }), true).output.result;
    expect(enough.writes.acknowledged).toBe(enough.writes.issued);
  });

  test.each([
    ['QUORUM', 2, 4, 0],
    ['QUORUM', 3, 4, 1],
    ['ALL', 3, 4, 0],
    ['TWO', 2, 4, 1],
  ] as const)('%s on %i nodes counts the factor %i, not the copies there are', (consistency, nodes, factor, share) => {
    const plan = plainPlan({
      nodes: plainNodes(nodes),
      tables: [plainTable({ factor })],
      workload: { w: plainWorkload({ consistency }) },
    });
    const batched = runLogged(plan, true);
    const { writes } = batched.output.result;
    expect(writes).toMatchObject({ acknowledged: writes.issued * share, unavailable: writes.issued * (1 - share) });
    expect(batched.lines).toEqual(runLogged(plan, false).lines);
  });

  test.each([
    ['LOCAL_QUORUM', { dc1: 4, dc2: 1 }, 0],
    ['LOCAL_QUORUM', { dc1: 3, dc2: 1 }, 1],
    ['QUORUM', { dc1: 4, dc2: 3 }, 1],
    ['QUORUM', { dc1: 5, dc2: 3 }, 0],
  ] as const)('%s with factors %o on two nodes each', (consistency, factors, share) => {
    const plan = plainPlan({
      nodes: plainNodes(4, { dcs: 2 }),
      tables: [plainTable({ replication: { strategy: 'NetworkTopologyStrategy', factors: { ...factors } } })],
      workload: { w: plainWorkload({ consistency, clients: { dc1: 1 } }) },
    });
    const { writes } = runLogged(plan, true).output.result;
    expect(writes.acknowledged).toBe(writes.issued * share);
  });

  test('LOCAL_QUORUM from a data centre without copies is refused, batched and event by event', () => {
    const replication = { strategy: 'NetworkTopologyStrategy' as const, factors: { dc1: 2 } };
    const plan = plainPlan({
      nodes: plainNodes(4, { dcs: 2 }),
      tables: [plainTable({ replication })],
      workload: { w: plainWorkload({ consistency: 'LOCAL_QUORUM', clients: { dc2: 1 } }) },
    });
    const batched = runLogged(plan, true);
    expect(batched.output.result.writes.unavailable).toBe(batched.output.result.writes.issued);
    expect(batched.lines).toEqual(runLogged(plan, false).lines);
  });

  test.each(['dc1', 'dc2'])('LOCAL_QUORUM over SimpleStrategy wants two of the three copies in %s', (dc) => {
    const plan = plainPlan({
      nodes: plainNodes(5, { dcs: 2 }),
      workload: { w: plainWorkload({ consistency: 'LOCAL_QUORUM', clients: { [dc]: 1 } }) },
    });
    const simulation = new Simulation(plan, { batched: true, observers: [] });
    simulation.runTo(simulation.world.endMicros);
    const { versions, tables, cluster } = simulation.world;
    const { outcome, replicaBase } = versions.arrays;
    const counts = new Set<string>();
    for (let version = FIRST_VERSION; version < versions.count; version += 1) {
      const nodes = tables[0].replicas.subarray(replicaBase[version], replicaBase[version] + 3);
      const local = nodes.filter((node) => cluster.dcOf[node] === Number(dc === 'dc2')).length;
      expect(outcome[version]).toBe(local < 2 ? OUTCOME.unavailable : OUTCOME.success);
      counts.add(String(local));
    }
    expect(counts).toEqual(new Set(['1', '2']));
  });
});
