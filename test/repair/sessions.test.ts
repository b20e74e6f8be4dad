/** Repair sessions under trouble that `failures.test.ts` does not tell: lost messages of every kind, refusals, repairs that
 * meet, memory of trees (cassandra.a11, a13, b5, b7, b25, b26, b30). */
import { describe, expect, test } from 'vitest';
import { FakeHost } from '../support/fake-host.ts';
import type { FakeOptions } from '../support/fake-host.ts';
import { begin, ledgerOf, repair, startRepairs } from '../support/repair-bench.ts';
import type { RepairBench } from '../support/repair-bench.ts';

const SECOND = 1e6;

function slowBench(options: Partial<FakeOptions> = {}): RepairBench {
  return startRepairs(
    new FakeHost({ nodes: 3, replicas: 3, loaded: 'equal', diskBytesPerSecond: 100_000, ...options }),
  );
}

describe('cassandra.b26: a request that is lost fails its session after repair_request_timeout', () => {
  test('of a snapshot', () => {
    const bench = slowBench();
    begin(bench, { strategy: 'full-sequential', node: 0 });
    bench.host.run(600);
    bench.host.cuts.add('0|1');
    bench.host.run(600 * SECOND);
    expect(ledgerOf(bench, 0)).toMatchObject({
      outcome: 'failed',
      failures: ['Could not create snapshot at n2'],
      hashed_rows: 0,
    });
    expect(ledgerOf(bench, 0).finished_micros).toBe(120 * SECOND + 1000);
  });

  test('of a synchronisation', () => {
    const bench = slowBench();
    for (let ordinal = 0; ordinal < 50; ordinal += 1) bench.host.write(0, ordinal, [0]);
    begin(bench, { strategy: 'full-parallel', node: 2 });
    bench.host.run(9 * SECOND);
    // n1 leads the exchange with n2; n3 asks it to.
    bench.host.cuts.add('2|0');
    bench.host.run(600 * SECOND);
    const { outcome, failures } = ledgerOf(bench, 0);
    expect(outcome).toBe('failed');
    expect(failures).toContain('Got SYNC_REQ failure from n1: TIMEOUT');
  });

  test('a tree that is lost leaves the session waiting until a participant is convicted', () => {
    const bench = slowBench();
    begin(bench, { strategy: 'full-parallel', node: 0 });
    bench.host.run(5 * SECOND);
    bench.host.cuts.add('1|0');
    bench.host.run(3600 * SECOND);
    expect(ledgerOf(bench, 0)).toMatchObject({ outcome: 'running', hashed_rows: 3000 });
    bench.manager.markedDown(0, 1);
    bench.host.run(1);
    expect(ledgerOf(bench, 0).failures).toEqual(['Endpoint n2 died']);
  });

  test('a cleanup that is lost leaves the snapshot until the node starts again', () => {
    const bench = slowBench();
    begin(bench, { strategy: 'full-sequential', node: 0 });
    bench.host.run(35 * SECOND);
    expect(ledgerOf(bench, 0).outcome).toBe('finished');
    const lossy = slowBench();
    begin(lossy, { strategy: 'full-sequential', node: 0 });
    lossy.host.run(29 * SECOND);
    lossy.host.cuts.add('0|2');
    lossy.host.run(60 * SECOND);
    expect(ledgerOf(lossy, 0)).toMatchObject({ outcome: 'finished', snapshots_removed: 2 });
    lossy.host.restart(2);
    lossy.manager.nodeStarted(2);
    expect(ledgerOf(lossy, 0).snapshots_removed).toBe(3);
  });
});

describe('cassandra.b7: too many compactions ahead', () => {
  test('of a participant, of the coordinator, of none', () => {
    const settings = { reject_repair_compaction_threshold: 10 };
    const reasons = [1, 0, 2].map((behind) => {
      const bench = slowBench({ settings });
      bench.host.pending.set(behind, 11);
      const { outcome, failures, hashed_rows: rows } = repair(bench, { strategy: 'full-parallel', node: 0 });
      return [outcome, rows, ...failures];
    });
    expect(reasons).toEqual([
      ['failed', 0, 'Got negative replies from endpoints [n2]'],
      ['failed', 0, 'Rejecting incoming repair, pending compactions above threshold'],
      ['failed', 0, 'Got negative replies from endpoints [n3]'],
    ]);
    const within = slowBench({ settings });
    within.host.pending.set(1, 10);
    expect(repair(within, { strategy: 'full-parallel', node: 0 }).outcome).toBe('finished');
    const unlimited = slowBench();
    unlimited.host.pending.set(1, 100_000);
    expect(repair(unlimited, { strategy: 'full-parallel', node: 0 }).outcome).toBe('finished');
  });
});

describe('cassandra.b25: a participant convicts the coordinator', () => {
  test('what it is asked afterwards it refuses; what it works on goes on', () => {
    const bench = slowBench();
    begin(bench, { strategy: 'full-sequential', node: 0 });
    // n2 validates first, then n3, then n1 itself.
    bench.host.run(15 * SECOND);
    bench.manager.markedDown(1, 0);
    bench.host.run(1 * SECOND);
    expect(ledgerOf(bench, 0).outcome).toBe('running');
    bench.host.run(20 * SECOND);
    expect(ledgerOf(bench, 0)).toMatchObject({ outcome: 'finished', hashed_rows: 3000 });
    const other = slowBench();
    begin(other, { strategy: 'full-sequential', node: 0 });
    other.host.run(5 * SECOND);
    other.manager.markedDown(2, 0);
    other.host.run(60 * SECOND);
    expect(ledgerOf(other, 0)).toMatchObject({ outcome: 'failed', failures: ['Validation failed in n3'] });
    expect(other.host.rules.exercised()).toContain('cassandra.b25');
  });

  test('not after an announced shutdown', () => {
    const bench = slowBench();
    begin(bench, { strategy: 'full-sequential', node: 0 });
    bench.host.run(5 * SECOND);
    bench.manager.nodeStopped(0);
    bench.manager.markedDown(2, 0);
    expect(bench.host.rules.exercised()).not.toContain('cassandra.b25');
  });
});

describe('cassandra.b30: repairs of the same ranges at once', () => {
  test('full ones read and stream each for itself, and both finish', () => {
    const alone = slowBench();
    for (let ordinal = 0; ordinal < 20; ordinal += 1) alone.host.write(0, ordinal, [0, 1]);
    const single = repair(alone, { strategy: 'full-parallel', node: 0 });
    const bench = slowBench();
    for (let ordinal = 0; ordinal < 20; ordinal += 1) bench.host.write(0, ordinal, [0, 1]);
    begin(bench, { strategy: 'full-parallel', node: 0 });
    begin(bench, { strategy: 'full-parallel', node: 1 });
    bench.host.run(3600 * SECOND);
    const both = [0, 1].map((entry) => ledgerOf(bench, entry));
    expect(both.map(({ outcome, hashed_rows: rows }) => [outcome, rows])).toEqual([
      ['finished', 3000],
      ['finished', 3000],
    ]);
    // They share the disks: neither is done as early as one alone.
    for (const { finished_micros: at } of both) expect(at).toBeGreaterThan(single.finished_micros ?? NaN);
    // What one brings the other brings again, for nothing.
    expect(both[0].sent_bytes + both[1].sent_bytes).toBe(2 * single.sent_bytes);
    expect(both[0].healed_copies + both[1].healed_copies).toBe(single.healed_copies);
    expect(bench.host.rules.exercised()).toContain('cassandra.b30');
    expect(alone.host.rules.exercised()).not.toContain('cassandra.b30');
  });
});

describe('memory of trees on the coordinator', () => {
  const tables = ['ks.t0', 'ks.t1', 'ks.t2', 'ks.t3'];
  const peak = (settings: Record<string, number>): number =>
    repair(slowBench({ partitions: [500, 500, 500, 500], settings }), {
      strategy: 'full-parallel',
      node: 0,
      tables,
    }).peak_tree_bytes;

  test('cassandra.b5: concurrent_merkle_tree_requests holds the trees of so many tables at a time', () => {
    const wide = { concurrent_validations: 4 };
    const [all, two, one] = [0, 2, 1].map((limit) => peak({ ...wide, concurrent_merkle_tree_requests: limit }));
    // A table's trees go when the third is in, while those of the others wait: 3, 4 and 6 replicas' trees.
    expect([two / one, all / one]).toEqual([4 / 3, 2]);
  });

  test('cassandra.a11: from 2048 MiB of repair_session_space on the product overflows, and trees have one level', () => {
    const depth = (mebibytes: number) =>
      repair(slowBench({ settings: { repair_session_space: mebibytes * 1_048_576 } }), {
        strategy: 'full-parallel',
        node: 0,
      }).tree_depth_max;
    expect([512, 2047, 2048, 3000].map(depth)).toEqual([9, 9, 1, 1]);
  });
});
