/**
 * Repair before 4.0 on the real engine (cassandra.c15-c17, b14, b30): who marks what at the end, and how replicas come to
 * hold the same data, here repaired and there not.
 */
import { describe, expect, test } from 'vitest';
import type { Simulation } from '../../src/run/simulation.ts';
import type { Plan, PlanEntry } from '../../src/scenario/plan.ts';
import { plainNodes, plainPlan, plainTable, repairEntry, seconds } from './plain-plan.ts';
import { crash, run, silos, tenKeys, type TenKeys } from './silos.ts';

const NODES = ['n1', 'n2', 'n3'];

const plan = (entries: PlanEntry[], given: TenKeys = {}): Plan =>
  tenKeys(entries, { database: 'cassandra@3.11.17', requested_database: 'cassandra@3.11', ...given });

const late = (id: string, at: number, node = 'n1', options: object = {}): PlanEntry =>
  repairEntry({ id, at: seconds(at), nodes: [node], strategy: 'incremental-then-mark-parallel', ...options });

/** What is left of the machinery at the end. */
const leftOf = ({ replicas }: Simulation): number => replicas.repairs.save().state.noted.size;

describe('at the end of a repair (c15, c16)', () => {
  test('all that was there is marked, and not looked at the next time', () => {
    const { simulation, repairs } = run(plan([late('repairs.one', 10), late('repairs.two', 20)]));
    expect(silos(simulation)).toEqual(NODES.map(() => 'repaired repaired'));
    expect(repairs['repairs.one']).toMatchObject({ outcome: 'finished', hashed_rows: 600, sstables_marked: 6 });
    expect(repairs['repairs.two']).toMatchObject({ outcome: 'finished', hashed_rows: 0, sstables_marked: 0 });
    expect(leftOf(simulation)).toBe(0);
  });

  test('a full repair marks too, and reads everything again', () => {
    const full = { strategy: 'full-then-mark-sequential' };
    const { simulation, repairs } = run(
      plan([late('repairs.one', 10, 'n1', full), late('repairs.two', 20, 'n1', full)]),
    );
    expect(silos(simulation)).toEqual(NODES.map(() => 'repaired repaired'));
    expect(repairs['repairs.two']).toMatchObject({ hashed_rows: 600, sstables_marked: 0, snapshots_taken: 3 });
  });

  test.each([
    ['3.11.17', 2],
    ['2.1.22', 3],
  ])('%s rewrites what lies in the ranges in part, as %i SSTables', (version, count) => {
    const database = `cassandra@${version}`;
    const { simulation, repairs } = run(plan([late('repairs.one', 10, 'n1', { primary_range: true })], { database }));
    expect(repairs['repairs.one']).toMatchObject({ outcome: 'finished', sstables_anticompacted: 6 });
    for (const words of silos(simulation)) {
      expect(words.split(' ').sort()).toEqual(expect.arrayContaining(['repaired', 'unrepaired']));
      expect(words.split(' ').length).toBeGreaterThanOrEqual(count);
    }
  });

  test.each([
    ['hosts', { hosts: NODES }],
    ['the local data centre', { local_dc: true }],
    ['a range', { start_token: '0', end_token: '1000' }],
  ])('a repair that was limited to %s marks nothing', (_name, limits) => {
    const { simulation, repairs } = run(plan([late('repairs.one', 10, 'n1', limits)]));
    expect(repairs['repairs.one']).toMatchObject({
      outcome: 'finished',
      sstables_marked: 0,
      sstables_anticompacted: 0,
    });
    expect(silos(simulation).join(' ')).not.toMatch(/(^| )repaired/);
  });

  test('c16 off: nothing is marked', () => {
    const { simulation } = run(plan([late('repairs.one', 10)], { model: { off: ['cassandra.c16'] } }));
    expect(silos(simulation).join(' ')).not.toMatch(/(^| )repaired/);
    expect(leftOf(simulation)).toBe(0);
  });
});

describe('where it goes wrong', () => {
  test('b30: the second of two at once fails its validation', () => {
    const devices = { ...plainPlan().devices, disk_read_bytes_per_second: 2000 };
    const { repairs } = run(plan([late('repairs.one', 10), late('repairs.two', 12, 'n2')], { devices }));
    expect(repairs['repairs.one'].outcome).toBe('finished');
    expect(repairs['repairs.two'].failures).toContain('Cannot start multiple repair sessions over the same sstables');
    expect(repairs['repairs.two'].failures.some((text) => text.startsWith('Validation failed in n'))).toBe(true);
  });

  test('b14: what was streamed stays marked although the session has failed', () => {
    const away = crash(seconds(3), 'n3', seconds(7));
    const missed = Array.from({ length: 40 }, (_none, index) => ({ at: seconds(5) + index, key: 20 + index }));
    const of = plan([away, late('repairs.one', 35), crash(seconds(39), 'n2', null)], {
      late: missed,
      settings: { hinted_handoff_enabled: false, stream_throughput_outbound: 2000, num_tokens: 1 },
      settle_micros: seconds(60),
    });
    of.workload.w.consistency = 'QUORUM';
    const { simulation, repairs } = run(of);
    expect(repairs['repairs.one']).toMatchObject({ outcome: 'failed', failures: ['Endpoint n2 died'] });
    const [first, , third] = silos(simulation);
    // Its own two, which nobody has marked, and what n3 sent back.
    expect(first).toMatch(/^unrepaired unrepaired/);
    expect(third).toMatch(/(^| )repaired/);
    expect(repairs['repairs.one'].sstables_marked).toBe(0);
  });

  test('c17: a node that goes down while it marks keeps its copy unrepaired', () => {
    const slow = { compaction_throughput: 1000, num_tokens: 1 };
    const entries = [late('repairs.one', 10, 'n1', { primary_range: true }), crash(seconds(20), 'n3', null)];
    const { simulation, repairs } = run(plan(entries, { settings: slow, settle_micros: seconds(120) }));
    expect(repairs['repairs.one']).toMatchObject({ outcome: 'failed', failures: ['Endpoint n3 died'] });
    const [first, second, third] = silos(simulation);
    expect([first, second].every((words) => /(^| )repaired/.test(words))).toBe(true);
    expect(third).not.toMatch(/(^| )repaired/);
  });

  /** Two sessions of n1, one with n4, one with n2, which crashes while it validates. */
  function afterAFailedSession(version: string): string {
    const of = plan([late('repairs.one', 10), crash(seconds(12), 'n2', null)], {
      database: `cassandra@${version}`,
      nodes: plainNodes(4),
      tables: [
        plainTable({ partitions: 200, loaded: 'equal', replication: { strategy: 'SimpleStrategy', factor: 2 } }),
      ],
      devices: { ...plainPlan().devices, disk_read_bytes_per_second: 2000 },
      settings: { num_tokens: 1, compaction_throughput: 0 },
      settle_micros: seconds(120),
    });
    const { simulation, repairs } = run(of);
    expect(repairs['repairs.one'].failures).toEqual(['Endpoint n2 died']);
    return silos(simulation)[0];
  }

  test('after the failure of one session 2.2 to 3.11 mark the ranges of the others', () => {
    expect(afterAFailedSession('3.11.17')).toMatch(/(^| )repaired/);
    expect(afterAFailedSession('2.2.19')).toMatch(/(^| )repaired/);
  });

  test('and 2.1 marks nothing', () => {
    expect(afterAFailedSession('2.1.22')).not.toMatch(/(^| )repaired/);
  });
});

describe('cassandra.b26: repair.retries of 5.0', () => {
  /** Of four messages between n1 and n2 one arrives, for a minute. */
  function through(attempts: number | null): string {
    const lossy: PlanEntry = {
      id: 'faults.lossy',
      at_micros: seconds(5),
      kind: 'loseMessages',
      from: ['n1'],
      to: ['n2'],
      two_way: true,
      share: 0.75,
      for_micros: seconds(600),
    };
    const settings = {
      num_tokens: 1,
      repair_request_timeout: seconds(2),
      request_timeout: seconds(2),
      ...(attempts === null ? {} : { 'repair.retries.max_attempts': attempts }),
    };
    const entries = [lossy, late('repairs.one', 10, 'n1', { strategy: 'full-parallel' })];
    const of = plan(entries, { database: 'cassandra@5.0.1', settings, settle_micros: seconds(1200) });
    of.workload = {};
    return run(of).repairs['repairs.one'].outcome;
  }

  test('bring a repair through a bad link, on which one without them fails', () => {
    expect(through(null)).toBe('failed');
    expect(through(30)).toBe('finished');
  });
});
