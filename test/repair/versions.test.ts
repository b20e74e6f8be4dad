/** What repair does differently in other versions than 4.1 (cassandra.a20, b3, b5, b8, b10, b19, b21, b23, b26). */
import { describe, expect, test } from 'vitest';
import { FakeHost } from '../support/fake-host.ts';
import type { FakeOptions } from '../support/fake-host.ts';
import { begin, ledgerOf, repair, startRepairs } from '../support/repair-bench.ts';
import type { RepairBench } from '../support/repair-bench.ts';

const SECOND = 1e6;
const DAY = 86_400 * SECOND;

/** Disks so slow that a validation of a thousand rows takes ten seconds. */
function slowBench(database: string, options: Partial<FakeOptions> = {}): RepairBench {
  const slow = { nodes: 3, replicas: 3, loaded: 'equal' as const, diskBytesPerSecond: 100_000 };
  return startRepairs(new FakeHost({ ...slow, database: `cassandra@${database}`, ...options }));
}

/** [start, end] of a phase, in order of their starts. */
function phasesOf(bench: RepairBench, entry: number, wanted: string): { table: string; start: number; end: number }[] {
  return ledgerOf(bench, entry)
    .phases.filter(({ phase }) => phase === wanted)
    .map(({ table, start_micros: start, end_micros: end }) => ({ table, start, end }))
    .sort((left, right) => left.start - right.start);
}

describe('cassandra.b26: a validation request that is lost', () => {
  function afterALoss(database: string): RepairBench {
    const bench = slowBench(database);
    begin(bench, { strategy: 'full-parallel', node: 0 });
    bench.host.run(600);
    bench.host.cuts.add('0|1');
    bench.host.run(DAY);
    return bench;
  }

  test.each(['2.0.17', '2.1.22', '2.2.19', '3.0.30', '3.11.17'])('leaves a repair of %s hanging', (database) => {
    expect(ledgerOf(afterALoss(database), 0)).toMatchObject({ outcome: 'running', failures: [] });
  });

  test.each(['4.0.14', '4.1.7', '5.0.1'])('fails one of %s', (database) => {
    expect(ledgerOf(afterALoss(database), 0).failures).toEqual(['Got VALIDATION_REQ failure from n2: TIMEOUT']);
  });
});

describe('cassandra.b3: sessions', () => {
  test.each([
    ['2.2.19', 9],
    ['3.0.30', 1],
    ['4.0.14', 1],
  ])('of %s: %i for nine ranges of the same three nodes', (database, sessions) => {
    const bench = slowBench(database, { tokensPerNode: 3 });
    const ledger = repair(bench, { strategy: 'full-parallel', node: 0 });
    expect(ledger).toMatchObject({ outcome: 'finished', sessions, ranges: 9, trees: 27 });
  });
});

describe('cassandra.b5: tables of one command', () => {
  const tables = ['ks.t0', 'ks.t1', 'ks.t2'];
  /** Most tables of which a validation runs at one moment. */
  function mostAtOnce(bench: RepairBench, more = {}): number {
    const entry = begin(bench, { strategy: 'full-parallel', node: 0, tables, more });
    bench.host.run(DAY);
    expect(ledgerOf(bench, entry).outcome).toBe('finished');
    const phases = phasesOf(bench, entry, 'validate');
    const running = phases.map(({ start }) => phases.filter((other) => other.start <= start && other.end > start));
    return Math.max(...running.map((some) => new Set(some.map(({ table }) => table)).size));
  }
  const partitions = [100, 100, 100];
  const settings = { concurrent_validations: 8 };

  test.each([
    ['3.0.30', {}, 1],
    ['3.11.17', { job_threads: 2 }, 2],
    ['2.2.19', {}, 3],
    ['4.0.14', { job_threads: 1 }, 3],
  ])('%s with %j: %i at once', (database, more, expected) => {
    expect(mostAtOnce(slowBench(database, { partitions, settings }), more)).toBe(expected);
  });

  test('concurrent_merkle_tree_requests bounds them until their trees are compared', () => {
    const bounded = { ...settings, concurrent_merkle_tree_requests: 1 };
    expect(mostAtOnce(slowBench('4.1.7', { partitions, settings: bounded }))).toBe(1);
  });

  test('a table that fails its session frees its thread for the next session', () => {
    const bench = slowBench('3.11.17', { nodes: 4, replicas: 2, partitions: [1000, 1000, 1000] });
    const entry = begin(bench, { strategy: 'full-parallel', node: 0, tables });
    bench.host.run(2 * SECOND);
    bench.host.stop(1);
    bench.manager.nodeCrashed(1);
    bench.manager.markedDown(0, 1);
    bench.host.run(DAY);
    const ledger = ledgerOf(bench, entry);
    expect(ledger).toMatchObject({ outcome: 'failed', sessions: 2, failures: ['Endpoint n2 died'] });
    expect(bench.host.recordsOf('sessionFinished')).toHaveLength(1);
  });
});

describe('cassandra.b8: snapshots of a sequential repair of two tables', () => {
  test.each([
    ['3.11.17', 6],
    ['4.1.7', 6],
    ['5.0.1', 3],
  ])('of %s: %i', (database, snapshots) => {
    const bench = slowBench(database, { partitions: [100, 100] });
    const ledger = repair(bench, { strategy: 'full-sequential', node: 0, tables: ['ks.t0', 'ks.t1'] });
    expect(ledger).toMatchObject({ outcome: 'finished', snapshots_taken: snapshots, snapshots_removed: snapshots });
  });
});

test('cassandra.a20: before 4.0 a replica purges by the moment of its own snapshot', () => {
  const moments = (database: string): number[] => {
    const bench = slowBench(database, { partitions: [1000] });
    // Half a millisecond a message: n1 takes its snapshot just before the second, the others just behind it.
    bench.host.run(998_600);
    begin(bench, { strategy: 'full-sequential', node: 0 });
    const seen: number[] = [];
    for (let step = 0; step < 60; step += 1) {
      bench.host.run(SECOND);
      for (const { nowMicros } of bench.manager.save().state.validations.values())
        if (!seen.includes(nowMicros)) seen.push(nowMicros);
    }
    return seen;
  };
  expect(moments('3.11.17')).toEqual([SECOND, 0]);
  expect(moments('4.1.7')).toEqual([SECOND]);
});

describe('cassandra.b10: a sequential repair of 2.0', () => {
  test('compares and exchanges pair after pair', () => {
    const bench = slowBench('2.0.17', { diskBytesPerSecond: 1e6 });
    for (let ordinal = 0; ordinal < 300; ordinal += 1) bench.host.write(0, ordinal, [ordinal % 3]);
    bench.host.flushAll();
    const entry = begin(bench, { strategy: 'full-sequential-in-turn', node: 0, primaryRange: true });
    bench.host.run(DAY);
    expect(ledgerOf(bench, entry)).toMatchObject({ outcome: 'finished', comparisons: 3 });
    expect(ledgerOf(bench, entry).healed_copies).toBeGreaterThan(150);
    const compares = phasesOf(bench, entry, 'compare').map(({ end }) => end);
    const streams = phasesOf(bench, entry, 'stream');
    expect(new Set(compares).size).toBe(3);
    expect(streams).toHaveLength(6);
    // Of each pair both ways at once, and only after the pair before.
    for (let pair = 1; pair < 3; pair += 1) {
      const before = streams.slice(2 * pair - 2, 2 * pair).map(({ end }) => end);
      expect(compares[pair]).toBeGreaterThanOrEqual(Math.max(...before));
      expect(streams[2 * pair].start).toBeGreaterThan(compares[pair] - 1);
    }
  });
});

describe('who takes part', () => {
  const spread = { nodes: 4, replicas: 2, dcs: [0, 1, 0, 1] };

  test.each([
    ['2.2.19', []],
    ['3.0.30', []],
    ['3.11.17', [expect.stringMatching(/^Nothing to repair for /)]],
    ['4.0.14', [expect.stringMatching(/^Nothing to repair for /)]],
  ])('cassandra.b21: ranges that nobody else holds, in %s', (database, failures) => {
    const bench = slowBench(database, spread);
    expect(repair(bench, { strategy: 'full-parallel', node: 0, more: { local_dc: true } }).failures).toEqual(failures);
  });

  test.each([
    ['3.11.17', 'finished', []],
    ['4.0.14', 'failed', ['data center(s) [dc9] not found']],
  ])('cassandra.b19: a data centre that nobody knows, in %s', (database, outcome, failures) => {
    const bench = slowBench(database, { dcs: [0, 0, 0] });
    const more = { data_centers: ['dc1', 'dc9'] };
    const ledger = repair(bench, { strategy: 'full-parallel', node: 0, more });
    expect([ledger.outcome, ledger.failures]).toEqual([outcome, failures]);
  });
});

describe('cassandra.b23: a session that fails while data flow', () => {
  function streamingBench(database: string): RepairBench {
    const bench = slowBench(database, { diskBytesPerSecond: 1e5, partitions: [300] });
    for (let ordinal = 0; ordinal < 300; ordinal += 1) bench.host.write(0, ordinal, [0, 2]);
    bench.host.flushAll();
    begin(bench, { strategy: 'full-parallel', node: 0 });
    while (bench.host.streams.length === 0) bench.host.run(SECOND / 10);
    bench.host.stop(2);
    bench.manager.nodeCrashed(2);
    bench.manager.markedDown(0, 2);
    bench.host.run(1);
    return bench;
  }

  test.each([
    ['4.1.7', true],
    ['5.0.1', false],
  ])('goes on with the streams of %s: %s', (database, goesOn) => {
    const bench = streamingBench(database);
    expect(ledgerOf(bench, 0).outcome).toBe('failed');
    expect(bench.host.devices.runningCount > 0).toBe(goesOn);
  });
});
