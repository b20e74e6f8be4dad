/**
 * Incremental repair of 4.1 on the real engine (cassandra.c1-c13): what is set apart, what a second one still has to do,
 * who is in doubt after which crash, who wins where two meet.
 */
import { describe, expect, test } from 'vitest';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan, PlanEntry } from '../../src/scenario/plan.ts';
import { repairEntry, seconds } from './plain-plan.ts';
import { crash, run, silos, tenKeys as plan } from './silos.ts';

const NODES = ['n1', 'n2', 'n3'];
const HOUR = 3600;

const incremental = (id: string, at: number, node = 'n1', options: object = {}): PlanEntry =>
  repairEntry({ id, at: seconds(at), nodes: [node], strategy: 'incremental-parallel', ...options });

function states({ replicas: world }: Simulation): string[] {
  return [...world.repairs.save().state.locals.values()]
    .map(({ node, state }) => `n${node + 1} ${state}`)
    .sort((left, right) => (left < right ? -1 : 1));
}

/** When all participants were asked to promise. */
function proposedAt(of: Plan): number {
  const phases = run(of).repairs['repairs.one'].phases.filter(({ phase }) => phase === 'finalize');
  expect(phases).toHaveLength(1);
  return phases[0].start_micros;
}

describe('what is repaired', () => {
  test('is set apart by a mark alone where the ranges are whole, and not looked at again', () => {
    const { simulation, repairs } = run(plan([incremental('repairs.one', 10), incremental('repairs.two', 20)]));
    expect(silos(simulation)).toEqual(['repaired repaired', 'repaired repaired', 'repaired repaired']);
    expect(repairs['repairs.one']).toMatchObject({ outcome: 'finished', hashed_rows: 600, sstables_anticompacted: 0 });
    expect(repairs['repairs.one'].sstables_marked).toBe(6);
    expect(repairs['repairs.two']).toMatchObject({ outcome: 'finished', hashed_rows: 0, sstables_marked: 0, trees: 9 });
  });

  test('is only what was written since, the next time', () => {
    const late = [{ at: seconds(15), key: 150 }];
    const { repairs } = run(plan([incremental('repairs.one', 10), incremental('repairs.two', 20)], { late }));
    expect(repairs['repairs.two']).toMatchObject({ hashed_rows: 3, sstables_marked: 3 });
  });

  test('is rewritten where it lies in the ranges in part', () => {
    const { simulation, repairs } = run(plan([incremental('repairs.one', 10, 'n1', { primary_range: true })]));
    const one = repairs['repairs.one'];
    expect(one.sstables_marked).toBe(0);
    expect(one.sstables_anticompacted).toBe(6);
    expect(one.anticompacted_bytes).toBe(3 * 210 * 100);
    // The initial content and the flushed writes, two a group, become one run in the range and one outside it.
    expect(silos(simulation)).toEqual(Array.from(NODES, () => 'repaired unrepaired'));
    const partitions = simulation.world.storage.of(0, 0).runs.map(({ slots }) => slots.length);
    expect(partitions.reduce((sum, count) => sum + count, 0)).toBe(200);
    expect(one.hashed_rows).toBe(3 * partitions[0]);
  });

  test('all nodes in turn with -pr leave nothing unrepaired', () => {
    const all = repairEntry({
      id: 'repairs.one',
      at: seconds(10),
      nodes: NODES,
      strategy: 'incremental-sequential',
      primary_range: true,
    });
    const { simulation, repairs } = run(plan([all]));
    expect(repairs['repairs.one'].failures).toEqual([]);
    expect(silos(simulation).join(' ')).not.toMatch(/unrepaired|pending/);
  });

  test('heals what differs, and what is streamed is marked too', () => {
    const late = [{ at: seconds(5), key: 7 }];
    const away = crash(seconds(3), 'n3', seconds(20));
    const of = plan([away, incremental('repairs.one', 40)], { late, settings: { hinted_handoff_enabled: false } });
    of.workload.w.consistency = 'QUORUM';
    const { simulation, repairs } = run(of);
    expect(repairs['repairs.one']).toMatchObject({ outcome: 'finished', healed_copies: 1 });
    expect(silos(simulation)[2]).toMatch(/^(repaired ?)+$/);
    expect(simulation.oracle.divergentRows()).toBe(0);
  });
});

describe('rules that a plan may turn off', () => {
  test('c9: without a stamp everything stays unrepaired, and the next repair reads it all again', () => {
    const entries = [incremental('repairs.one', 10), incremental('repairs.two', 20)];
    const { simulation, repairs } = run(plan(entries, { model: { off: ['cassandra.c9'] } }));
    expect(silos(simulation).join(' ')).not.toMatch(/(^| )repaired/);
    expect(repairs['repairs.two'].hashed_rows).toBe(600);
  });

  test('c4: without the marking everything stays pending', () => {
    const { simulation } = run(plan([incremental('repairs.one', 10)], { model: { off: ['cassandra.c4'] } }));
    expect(silos(simulation)).toEqual(Array.from(NODES, () => 'pending pending'));
  });
});

describe('two that meet', () => {
  /** Slow disks: anticompaction of the first takes minutes. */
  const slow = {
    devices: {
      disk_read_bytes_per_second: 200,
      disk_write_bytes_per_second: 200,
      fsync_micros: 2000,
      link_bytes_per_second: 125e6,
    },
    duration_micros: seconds(600),
    settle_micros: seconds(600),
  };
  const entries = [
    incremental('repairs.one', 10, 'n1', { primary_range: true }),
    incremental('repairs.two', 11, 'n2', { primary_range: true }),
  ];

  test('the later one gives up after a minute (c13)', () => {
    const { repairs } = run(plan(entries, slow));
    expect(repairs['repairs.one'].outcome).toBe('finished');
    expect(repairs['repairs.two'].outcome).toBe('failed');
    expect(repairs['repairs.two'].failures[0]).toMatch(
      /^Prepare phase for incremental repair session \d+ has failed because it encountered intersecting sstables/,
    );
    const { finished_micros: end, started_micros: start } = repairs['repairs.two'];
    expect((end ?? 0) - start).toBeGreaterThan(seconds(60));
    expect((end ?? 0) - start).toBeLessThan(seconds(70));
  });

  test('with c13 off both go on', () => {
    const { repairs } = run(plan(entries, { ...slow, model: { off: ['cassandra.c13'] } }));
    expect(repairs['repairs.two'].outcome).toBe('finished');
  });
});

describe('crashes (c12)', () => {
  const quiet = plan([incremental('repairs.one', 10)]);
  const proposed = proposedAt(quiet);
  const long = { duration_micros: seconds(26 * HOUR), settle_micros: seconds(HOUR) };
  const at = (micros: number): number => Math.ceil(micros);

  test('the coordinator dies before the commit: all are in doubt for a day, then nothing is repaired', () => {
    const of = plan([incremental('repairs.one', 10), crash(proposed + 1500, 'n1', seconds(60))], long);
    const simulation = new Simulation(of, { batched: true });
    simulation.runTo(at(proposed + seconds(120)));
    expect(states(simulation)).toEqual(NODES.map((name) => `${name} finalize_promised`));
    expect(silos(simulation)).toEqual(Array.from(NODES, () => 'pending pending'));
    simulation.runTo(seconds(23 * HOUR));
    expect(states(simulation)).toEqual(['n1 finalize_promised', 'n2 finalize_promised', 'n3 finalize_promised']);
    simulation.runTo(simulation.world.endMicros);
    expect(states(simulation)).toEqual(['n1 failed', 'n2 failed', 'n3 failed']);
    expect(silos(simulation)).toEqual(Array.from(NODES, () => 'unrepaired unrepaired'));
  });

  test('a participant that misses the commit learns it after an hour', () => {
    const of = plan([incremental('repairs.one', 10), crash(proposed + 2500, 'n2', seconds(60))], long);
    const simulation = new Simulation(of, { batched: true });
    simulation.runTo(at(proposed + seconds(120)));
    expect(states(simulation)).toEqual(['n1 finalized', 'n2 finalize_promised', 'n3 finalized']);
    expect(silos(simulation)).toEqual(['repaired repaired', 'pending pending', 'repaired repaired']);
    simulation.runTo(seconds(2 * HOUR));
    expect(states(simulation)).toEqual(['n1 finalized', 'n2 finalized', 'n3 finalized']);
    expect(silos(simulation)[1]).toBe('repaired repaired');
  });

  test('a participant that crashes while it sets its runs apart: only what was done is charged', () => {
    const slow = { disk_read_bytes_per_second: 1000, disk_write_bytes_per_second: 1000, fsync_micros: 2000 };
    const of = plan(
      [incremental('repairs.one', 10, 'n1', { primary_range: true }), crash(seconds(15), 'n2', seconds(60))],
      { devices: { ...slow, link_bytes_per_second: 125e6 }, settle_micros: seconds(600) },
    );
    const { simulation, repairs } = run(of);
    const { failures, sstables_anticompacted: rewritten, anticompacted_bytes: bytes } = repairs['repairs.one'];
    expect(failures).toEqual(['Incremental repair session 1 has failed: n2 was restarted or gave it up']);
    expect([rewritten, bytes]).toEqual([4, 2 * 210 * 100]);
    expect(silos(simulation).join(' ')).not.toMatch(/pending|(^| )repaired/);
  });

  test('a participant that crashes before it promises fails the session when it is back', () => {
    const of = plan([incremental('repairs.one', 10), crash(proposed + 500, 'n2', seconds(5))], long);
    const simulation = new Simulation(of, { batched: true });
    simulation.runTo(at(proposed + seconds(3)));
    expect(states(simulation)).toEqual(['n1 finalize_promised', 'n2 repairing', 'n3 finalize_promised']);
    simulation.runTo(at(proposed + seconds(60)));
    expect(states(simulation)).toEqual(['n1 failed', 'n2 failed', 'n3 failed']);
    expect(silos(simulation)).toEqual(Array.from(NODES, () => 'unrepaired unrepaired'));
    const { repairs } = simulation.finish().result;
    expect(repairs['repairs.one']).toMatchObject({ outcome: 'failed' });
  });
});

test('compaction never mixes silos (c1)', () => {
  // Ten flushes after the repair: each of the later repairs flushes once.
  const late = Array.from({ length: 40 }, (_none, index) => ({ at: seconds(15) + index * seconds(1), key: index }));
  const fulls = Array.from({ length: 8 }, (_none, index) =>
    repairEntry({ id: `repairs.full${index}`, at: seconds(20 + 5 * index), nodes: ['n1'], strategy: 'full-parallel' }),
  );
  const { simulation } = run(plan([incremental('repairs.one', 10), ...fulls], { late }));
  const { replicas: world } = simulation;
  expect(world.compaction.counts.compactions).toBeGreaterThan(0);
  const repaired = world.storage.of(0, 0).runs.filter((one) => one.repairedAt > 0);
  const unrepaired = world.storage.of(0, 0).runs.filter((one) => one.repairedAt === 0);
  expect(repaired).toHaveLength(2);
  // What was written before the repair is in the repaired runs alone.
  expect(Math.max(...repaired.map((one) => one.maxTimestamp))).toBeLessThan(seconds(10));
  expect(Math.min(...unrepaired.map((one) => one.minTimestamp))).toBeGreaterThan(seconds(10));
});
