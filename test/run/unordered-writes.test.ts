/**
 * Healthy plain writes that nobody observes are taken in no order (replica/unordered-writes.ts). What they leave must be
 * what event by event leaves: the same fingerprint, and the same entries in every memory, log and file.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan } from '../../src/scenario/plan.ts';
import { plainNodes, plainPlan, plainTable, plainWorkload, sameLatency, seconds } from './plain-plan.ts';
import { plans, runs } from './plans.ts';

/** The same plan with nothing but whole writes of one column group, so that its healthy stretches are plain. */
function plainOf(plan: Plan): Plan {
  return {
    ...plan,
    tables: plan.tables.map((table) => ({ ...table, column_groups: 1, deletes_rows: false, default_ttl_seconds: 0 })),
    workload: Object.fromEntries(
      Object.entries(plan.workload).map(([id, workload]) => [
        id,
        {
          ...workload,
          ttl_seconds: 0,
          update_groups: 1,
          mix: { insert: 1, update: 0, delete_cell: 0, delete_row: 0, delete_range: 0, delete_partition: 0 },
        },
      ]),
    ),
    entries: plan.entries.filter(({ kind }) => kind !== 'damageCopy'),
  };
}

const bare = (plan: Plan, batched: boolean): Simulation => new Simulation(plan, { batched, observed: false });

/** Entries of every memory as pairs in order, of every file as they lie, and what is durable of each log. */
function heldBy({ world }: Simulation): unknown {
  return world.storage.nodeTables.map(({ memtable, flushes, runs: files }) => ({
    memories: [...flushes.map((flush) => flush.memtable), memtable].map(({ slots, versions, count, log }) => ({
      entries: Array.from({ length: count }, (_none, entry) => [versions[entry], slots[entry]]).sort(
        ([left], [right]) => left - right,
      ),
      durable: [false, true].map((powerLoss) => log.durableCount(world.kernel.now, powerLoss, count)),
    })),
    files: files.map(({ slots, versions }) => [[...slots], [...versions]]),
  }));
}

function sameAt(plan: Plan, moments: readonly number[]): number {
  const [quick, slow] = [bare(plan, true), bare(plan, false)];
  let taken = 0;
  const { unordered } = quick.replicas.writePath;
  const take = unordered.take.bind(unordered);
  unordered.take = (from, limit) => {
    const done = take(from, limit);
    taken += Number(done);
    return done;
  };
  const end = quick.world.endMicros;
  for (const moment of [...moments.filter((at) => at < end).sort((left, right) => left - right), end]) {
    quick.runTo(moment);
    slow.runTo(moment);
    expect(heldBy(quick)).toEqual(heldBy(slow));
    expect(quick.world.trace.fingerprint()).toBe(slow.world.trace.fingerprint());
  }
  expect([...quick.world.versions.arrays.outcome]).toEqual([...slow.world.versions.arrays.outcome]);
  expect(quick.replicas.writePath.client.counts).toEqual(slow.replicas.writePath.client.counts);
  return taken;
}

test('whatever happens: the same as event by event', () => {
  let taken = 0;
  fc.assert(
    fc.property(plans, fc.array(fc.integer({ min: 1, max: seconds(70) }), { maxLength: 3 }), (plan, moments) => {
      taken += sameAt(plainOf(plan), moments);
    }),
    { numRuns: runs(60) },
  );
  expect(taken).toBeGreaterThan(300);
}, 300_000);

const LONG_TAIL = sameLatency({ kind: 'pareto', scale: 200, shape: 1.2 });

test('a busy cluster with flushes, messages that take minutes and a power loss between two syncs', () => {
  const plan = plainPlan({
    nodes: plainNodes(4, { dcs: 2, racks: 1 }),
    links: { local: LONG_TAIL, rack: LONG_TAIL, dc: LONG_TAIL, wan: LONG_TAIL, between: {} },
    tables: [
      plainTable({ replication: { strategy: 'NetworkTopologyStrategy', factors: { dc1: 2, dc2: 1 } }, row_bytes: 1e6 }),
    ],
    workload: {
      w: plainWorkload({ arrivals: { kind: 'poisson', per_second: 400 }, consistency: 'QUORUM', clients: { dc1: 1 } }),
      v: plainWorkload({ arrivals: { kind: 'fixed', per_second: 70 }, consistency: 'LOCAL_ONE', clients: { dc2: 1 } }),
    },
    entries: [
      {
        id: 'loss',
        kind: 'crashNode',
        at_micros: seconds(17.3),
        nodes: ['n2'],
        mode: 'power-loss',
        for_micros: seconds(4),
      },
    ],
  });
  const taken = sameAt(plan, [seconds(3), seconds(17.3), seconds(17.4), seconds(40.00001)]);
  expect(taken).toBeGreaterThan(500);
}, 120_000);
