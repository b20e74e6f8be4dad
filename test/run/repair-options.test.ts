/**
 * Options of repair on the real engine, where anticompaction and marks matter (cassandra.c9, c14, d-force, d-preview): which
 * repairs promote, and what a preview of repaired data stumbles over.
 */
import { describe, expect, test } from 'vitest';

import type { Plan, PlanEntry, PlanRepairOptions } from '../../src/scenario/plan.ts';
import { plainNodes, plainPlan, plainTable, plainWorkload, repairEntry, seconds, traceArrivals } from './plain-plan.ts';
import { crash, run, silos } from './silos.ts';

const NODES = ['n1', 'n2', 'n3', 'n4'];

/** Two data centres of two nodes with a copy of everything; ten keys are written in the first second. */
function plan(entries: PlanEntry[], given: Partial<Plan> = {}): Plan {
  const early = Array.from({ length: 10 }, (_none, key) => ({ at: seconds(0.1) * (key + 1), key }));
  return plainPlan({
    nodes: plainNodes(4, { dcs: 2 }),
    tables: [plainTable({ partitions: 200, loaded: 'equal', factor: 4 })],
    workload: {
      w: plainWorkload({
        arrivals: traceArrivals(early),
        keys: { kind: 'uniform', from: 0, to: 200 },
        consistency: 'ONE',
      }),
    },
    entries,
    ...given,
  });
}

function repair(id: string, at: number, more: Partial<PlanRepairOptions> & { nodes?: string[] } = {}): PlanEntry {
  return repairEntry({ id, at: seconds(at), nodes: ['n1'], strategy: 'incremental-parallel', ...more });
}

describe('c9: an incremental repair of some replicas', () => {
  test.each([
    ['-local', { local_dc: true }, 2],
    ['-dc', { data_centers: ['dc1', 'dc2'] }, 4],
    ['-hosts', { hosts: ['n1', 'n2', 'n3'] }, 3],
  ])('with %s sets apart and marks nothing as repaired', (_flag, more, nodes) => {
    const { simulation, repairs } = run(plan([repair('repairs.one', 10, more), repair('repairs.two', 20, more)]));
    expect(repairs['repairs.one']).toMatchObject({ outcome: 'finished', sstables_marked: 2 * nodes });
    expect(silos(simulation).join(' ')).not.toMatch(/(^| )(repaired|pending)/);
    expect(repairs['repairs.two'].hashed_rows).toBe(repairs['repairs.one'].hashed_rows);
  });

  test('of none fewer promotes', () => {
    const { simulation } = run(plan([repair('repairs.one', 10)]));
    expect(silos(simulation)).toEqual(NODES.map(() => 'repaired repaired'));
  });

  test('with a sub-range promotes what lies in it', () => {
    const quarter = { start_token: '-9000000000000000000', end_token: '-8000000000000000000' };
    const { simulation } = run(plan([repair('repairs.one', 10, quarter)]));
    expect(silos(simulation)[0]).toMatch(/^repaired( repaired)? unrepaired$/);
  });
});

describe('d-force: a forced incremental repair', () => {
  const forced = repair('repairs.one', 40, { force: true });

  test('promotes if nobody was left out', () => {
    const { simulation, repairs } = run(plan([forced]));
    expect(repairs['repairs.one'].outcome).toBe('finished');
    expect(silos(simulation)).toEqual(NODES.map(() => 'repaired repaired'));
  });

  test('marks nothing if one was', () => {
    const { simulation, repairs } = run(plan([crash(seconds(5), 'n3', null), forced]));
    expect(repairs['repairs.one']).toMatchObject({ outcome: 'finished', sstables_marked: 6 });
    expect(silos(simulation).join(' ')).not.toMatch(/(^| )(repaired|pending)/);
    const unforced = run(plan([crash(seconds(5), 'n3', null), repair('repairs.one', 40)]));
    expect(unforced.repairs['repairs.one'].failures).toEqual(['Endpoint not alive: n3']);
  });
});

describe('c14: a preview of repaired data', () => {
  const validate = (at: number): PlanEntry =>
    repair('repairs.check', at, { preview: 'repaired', strategy: 'full-parallel' });
  /** Slow disks: what a repair or a preview reads takes it half a minute. */
  const slow = {
    devices: {
      disk_read_bytes_per_second: 500,
      disk_write_bytes_per_second: 500,
      fsync_micros: 2000,
      link_bytes_per_second: 125e6,
    },
    duration_micros: seconds(600),
    settle_micros: seconds(600),
  };

  test('reads what is repaired, and finds it equal', () => {
    const { simulation, repairs } = run(plan([repair('repairs.one', 10), validate(30)]));
    expect(repairs['repairs.check']).toMatchObject({ outcome: 'finished', hashed_rows: 800, differing_ranges: 0 });
    expect(silos(simulation)).toEqual(NODES.map(() => 'repaired repaired'));
    expect(run(plan([validate(30)])).repairs['repairs.check'].hashed_rows).toBe(0);
  });

  test('fails where it meets the data of a session that is open', () => {
    const { repairs } = run(plan([repair('repairs.one', 10), validate(12)], slow));
    expect(repairs['repairs.one'].outcome).toBe('finished');
    expect(repairs['repairs.check'].failures[0]).toMatch(/^Validation failed in n\d$/);
    const off = run(plan([repair('repairs.one', 10), validate(12)], { ...slow, model: { off: ['cassandra.c14'] } }));
    expect(off.repairs['repairs.check']).toMatchObject({ outcome: 'finished', hashed_rows: 0 });
  });

  test('fails if an incremental repair finishes on its coordinator meanwhile', () => {
    // The first repairs everything; what the second finds new takes it no time, the preview reads for half a minute.
    const entries = (at: number): PlanEntry[] => [repair('repairs.one', 10), validate(300), repair('repairs.two', at)];
    const failures = (of: PlanEntry[]) => run(plan(of, slow)).repairs['repairs.check'].failures;
    expect(failures(entries(310))[0]).toMatch(
      /^An incremental repair with session id \d+ finished during this preview repair runtime$/,
    );
    // After its end.
    expect(failures(entries(500))).toEqual([]);
  });
});

test('d-preview: a preview leaves every sstable as it is', () => {
  const preview = repair('repairs.look', 10, { preview: 'unrepaired', strategy: 'full-parallel' });
  const { simulation, repairs } = run(
    plan([crash(seconds(0.5), 'n3', seconds(5)), preview], { settings: { hinted_handoff_enabled: false } }),
  );
  expect(repairs['repairs.look']).toMatchObject({ outcome: 'finished', sent_bytes: 0, sstables_marked: 0 });
  expect(repairs['repairs.look'].estimated_bytes).toBeGreaterThan(0);
  expect(silos(simulation).join(' ')).not.toMatch(/(^| )(repaired|pending)/);
  expect(simulation.oracle.divergentRows()).toBeGreaterThan(0);
});

test('b11: settings of a node optimise its incremental repairs', () => {
  const entries = [crash(seconds(0.5), 'n3', seconds(5)), repair('repairs.one', 40)];
  const sent = (settings: Plan['settings']) =>
    run(plan(entries, { settings: { hinted_handoff_enabled: false, ...settings } })).repairs['repairs.one'];
  const plain = sent({});
  const optimised = sent({ auto_optimise_inc_repair_streams: true });
  expect(optimised.healed_copies).toBe(plain.healed_copies);
  expect(optimised.healed_copies).toBeGreaterThan(0);
  expect(optimised.sent_rows).toBeLessThan(plain.sent_rows);
});
