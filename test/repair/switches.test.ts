/** Each rule that can be turned off changes what it is about, and every rule that decides something is marked. */
import { expect, test } from 'vitest';
import { FakeHost } from '../support/fake-host.ts';
import type { FakeOptions } from '../support/fake-host.ts';
import { repair, startRepairs } from '../support/repair-bench.ts';
import type { RepairOptions } from '../support/repair-bench.ts';

const GRACE = 10e6;

/** 400 equal partitions on three nodes, some of which node 3 has missed. */
function ledgerWith(off: string[], options: Partial<RepairOptions> = {}, world: Partial<FakeOptions> = {}) {
  const host = new FakeHost({
    nodes: 3,
    replicas: 3,
    partitions: [400],
    loaded: 'equal',
    rowBytes: 1_000_000,
    off,
    ...world,
  });
  for (const ordinal of [100, 101, 102, 103, 250]) host.write(0, ordinal, [0, 1]);
  const ledger = repair(startRepairs(host), { strategy: 'full-parallel', node: 0, ...options });
  return { host, ledger };
}

test('cassandra.a8 off: one leaf, all of every range with a difference is streamed', () => {
  expect(ledgerWith([]).ledger.distinct_partitions).toBeLessThan(20);
  const { host, ledger } = ledgerWith(['cassandra.a8']);
  const { rangeOfOrdinal } = host.tables[0];
  const differing = new Set([100, 101, 102, 103, 250].map((ordinal) => rangeOfOrdinal[ordinal]));
  expect(ledger.distinct_partitions).toBe(rangeOfOrdinal.filter((range) => differing.has(range)).length);
  expect(ledger.tree_depth_max).toBe(0);
});

test('cassandra.a16 off: trees are empty, nothing is found', () => {
  const { host, ledger } = ledgerWith(['cassandra.a16']);
  expect(ledger).toMatchObject({ outcome: 'finished', hashed_rows: 0, differing_ranges: 0, sent_bytes: 0 });
  expect(host.divergentSlots()).toBe(5);
});

test('cassandra.a19: what may be purged is not hashed; off, copies that differ only in it mismatch', () => {
  const after = (off: string[]) => {
    const host = new FakeHost({ nodes: 3, replicas: 3, partitions: [400], off, gcGraceMicros: GRACE });
    for (let ordinal = 0; ordinal < 400; ordinal += 1) host.write(0, ordinal, ordinal === 9 ? [] : [0, 1, 2]);
    host.write(0, 9, [0], { delete: true });
    host.run(GRACE + 2e6);
    return repair(startRepairs(host), { strategy: 'full-parallel', node: 0 });
  };
  expect(after([])).toMatchObject({ differing_ranges: 0, hashed_rows: 3 * 399 });
  expect(after(['cassandra.a19'])).toMatchObject({ differing_ranges: 2, hashed_rows: 3 * 399 + 1 });
});

test('cassandra.a26 off: leaves that differ are listed one by one, the same partitions are streamed', () => {
  const on = ledgerWith([], {}, { partitions: [4000] }).ledger;
  const off = ledgerWith(['cassandra.a26'], {}, { partitions: [4000] }).ledger;
  expect(off.differing_ranges).toBeGreaterThanOrEqual(on.differing_ranges);
  expect(off.sent_bytes).toBe(on.sent_bytes);
  const all = (rules: string[]) => {
    const host = new FakeHost({ nodes: 3, replicas: 3, partitions: [400], loaded: 'equal', off: rules });
    for (let ordinal = 0; ordinal < 400; ordinal += 1) host.write(0, ordinal, [0, 1]);
    return repair(startRepairs(host), { strategy: 'full-parallel', node: 0 }).differing_ranges_by_pair['n1|n3'];
  };
  expect(all([])).toBeLessThan(all(['cassandra.a26']));
});

test('cassandra.b2 off: -pr is ignored', () => {
  const primary = { primaryRange: true };
  expect(ledgerWith([], primary).ledger.ranges).toBe(1);
  expect(ledgerWith(['cassandra.b2'], primary).ledger.ranges).toBe(3);
});

test('cassandra.b8: a sequential repair takes snapshots of one moment; off, it validates what is live', () => {
  const run = (off: string[]) => {
    const host = new FakeHost({
      nodes: 3,
      replicas: 3,
      partitions: [400],
      loaded: 'equal',
      off,
      diskBytesPerSecond: 400_000,
    });
    const bench = startRepairs(host);
    bench.manager.start(0, 'repairs.r0', 0, {
      keyspace: 'ks',
      tables: ['ks.t0'],
      strategy: 'full-sequential',
      primary_range: false,
      start_token: null,
      end_token: null,
      local_dc: false,
      data_centers: [],
      hosts: [],
      force: false,
      pull: false,
      optimise_streams: false,
      preview: 'none',
      ignore_unreplicated: false,
      further_keyspaces: [],
    });
    // Written to all while the second replica validates: one that is asked later sees it.
    host.run(1.5e6);
    expect(host.snapshots.size).toBe(off.length > 0 ? 0 : 3);
    host.write(0, 33, [0, 1, 2]);
    host.run(3600e6);
    const ledger = bench.manager.ledger(0);
    expect(host.snapshots.size).toBe(0);
    return ledger;
  };
  expect(run([])).toMatchObject({ differing_ranges: 0, snapshots_taken: 3, snapshots_removed: 3 });
  const live = run(['cassandra.b8']);
  expect(live?.snapshots_taken).toBe(0);
  expect(live?.differing_ranges).toBeGreaterThan(0);
});

test('cassandra.b9 off: a sequential repair asks all at once', () => {
  const slow = { diskBytesPerSecond: 400e6 };
  const sequential = { strategy: 'full-sequential' };
  const on = ledgerWith([], sequential, slow).ledger;
  const off = ledgerWith(['cassandra.b9'], sequential, slow).ledger;
  const span = ({ phases }: typeof on) => {
    const validations = phases.filter(({ phase }) => phase === 'validate');
    return Math.max(...validations.map((v) => v.end_micros)) - Math.min(...validations.map((v) => v.start_micros));
  };
  expect(span(on)).toBeGreaterThan(2.9 * span(off));
  expect(on.rounds).toBe(off.rounds + 2);
});

test('cassandra.b10 off: only pairs with the coordinator are compared', () => {
  expect(ledgerWith([]).ledger.comparisons).toBe(3);
  const { ledger } = ledgerWith(['cassandra.b10']);
  expect(ledger.comparisons).toBe(2);
  expect(Object.keys(ledger.differing_ranges_by_pair).sort((a, b) => (a < b ? -1 : 1))).toEqual(['n1|n2', 'n1|n3']);
});

test('cassandra.b12 off: a replica takes a range from one peer only', () => {
  const toThird = (host: FakeHost) => host.streams.filter(({ to }) => to === 2).length;
  const on = ledgerWith([]);
  const off = ledgerWith(['cassandra.b12']);
  expect(toThird(on.host)).toBe(2);
  expect(toThird(off.host)).toBe(1);
  expect(off.host.divergentSlots()).toBe(0);
});

test('cassandra.b13 off: only partitions that differ are streamed', () => {
  const { host, ledger } = ledgerWith(['cassandra.b13']);
  expect(ledger.distinct_partitions).toBe(5);
  expect(host.divergentSlots()).toBe(0);
  expect(ledgerWith([]).ledger.distinct_partitions).toBeGreaterThan(5);
});

test('cassandra.b14: a received run keeps the mark of the run it comes from, one run per section', () => {
  const host = new FakeHost({ nodes: 2, replicas: 2, partitions: [100] });
  const first = host.write(0, 1, [0]);
  host.flushAll();
  const second = host.write(0, 2, [0]);
  host.flushAll();
  host.liveRuns(0, 0)[0].repairedAt = 77;
  repair(startRepairs(host), { strategy: 'full-parallel', node: 0 });
  const received = host.received.map(({ node, run }) => [node, run.repairedAt, ...run.versions]);
  expect(received).toEqual([
    [1, 77, first],
    [1, 0, second],
  ]);
});

test('two tables, two data centres: a job per table, bytes that cross are counted', () => {
  const host = new FakeHost({ nodes: 4, replicas: 4, partitions: [100, 200], loaded: 'equal', dcs: [0, 0, 1, 1] });
  host.write(1, 20, [0]);
  const ledger = repair(startRepairs(host), { strategy: 'full-parallel', node: 0, tables: ['ks.t0', 'ks.t1'] });
  expect(ledger).toMatchObject({ outcome: 'finished', sessions: 1, ranges: 4, trees: 2 * 4 * 4, comparisons: 2 * 6 });
  // n1 to each of the others, and back; four of these six streams cross, as do the trees of two replicas.
  expect(host.streams.length).toBe(6);
  const crossing = host.streams.filter(({ from, to }) => host.dcOf(from) !== host.dcOf(to));
  expect(ledger.cross_dc_bytes).toBe(
    crossing.reduce((bytes, { bytes: more }) => bytes + more, 0) + (ledger.tree_bytes * 2) / 3,
  );
  expect(host.rules.exercised()).toEqual(
    expect.arrayContaining(['cassandra.a6', 'cassandra.b4', 'cassandra.b10', 'cassandra.b16']),
  );
});

test('cassandra.b6: validations wait for one of the threads of their node', () => {
  const duration = (threads: number) => {
    const settings = { concurrent_validations: threads };
    const host = new FakeHost({ nodes: 3, replicas: 3, partitions: [100, 100, 100], loaded: 'equal', settings });
    const { phases } = repair(startRepairs(host), {
      strategy: 'full-parallel',
      node: 0,
      tables: ['ks.t0', 'ks.t1', 'ks.t2'],
    });
    const onFirst = phases.filter(({ phase, node }) => phase === 'validate' && node === 'n1');
    return onFirst.map(({ start_micros, end_micros }) => [start_micros - 1000, end_micros - 1000]);
  };
  // 100 kB a table at 100 MB/s.
  expect(duration(1)).toEqual([0, 1000, 2000].map((start) => [start, start + 1000]));
  expect(duration(3)).toEqual([0, 0, 0].map((start) => [start, start + 3000]));
});
