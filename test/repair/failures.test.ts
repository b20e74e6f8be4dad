/** How repairs fail (cassandra.b7, b18, b21-b29), and that nothing is left behind. */
import { describe, expect, test } from 'vitest';
import { FakeHost } from '../support/fake-host.ts';
import type { FakeOptions } from '../support/fake-host.ts';
import { begin, ledgerOf, repair, startRepairs } from '../support/repair-bench.ts';
import type { RepairBench } from '../support/repair-bench.ts';

const SECOND = 1e6;

/** Disks so slow that a validation takes ten seconds. */
function slowBench(options: Partial<FakeOptions> = {}): RepairBench {
  return startRepairs(
    new FakeHost({ nodes: 3, replicas: 3, loaded: 'equal', diskBytesPerSecond: 100_000, ...options }),
  );
}

function crash(bench: RepairBench, node: number): void {
  bench.host.stop(node);
  bench.manager.nodeCrashed(node);
}

describe('before it begins', () => {
  test('a neighbour that is seen down fails the command at once', () => {
    const bench = slowBench();
    bench.host.dead.add('0|1');
    const ledger = repair(bench, { strategy: 'full-parallel', node: 0 });
    expect(ledger).toMatchObject({
      outcome: 'failed',
      failures: ['Endpoint not alive: n2'],
      finished_micros: 0,
      sessions: 0,
    });
    expect(bench.ended).toEqual([{ command: 1, entry: 0 }]);
  });

  test('a prepare message that is lost fails the command after request_timeout', () => {
    const bench = slowBench();
    bench.host.cuts.add('0|2');
    const ledger = repair(bench, { strategy: 'full-parallel', node: 0 });
    expect(ledger.failures).toEqual(['Did not get replies from all endpoints.']);
    expect(ledger.finished_micros).toBe(10 * SECOND);
  });

  test('a node that is down starts nothing', () => {
    const bench = slowBench();
    bench.host.stop(1);
    expect(repair(bench, { strategy: 'full-parallel', node: 1 }).failures).toEqual(['n2 is not running']);
  });

  test('ranges: imprecise, foreign, empty, whole', () => {
    const host = new FakeHost({ nodes: 4, replicas: 2, loaded: 'equal' });
    const bench = startRepairs(host);
    const ask = (node: number, startToken: bigint, endToken: bigint) =>
      repair(bench, { strategy: 'full-parallel', node, startToken, endToken });
    const quarter = 1n << 62n;
    // The ring's ranges end at -2^63 + k x 2^62 - 1.
    expect(ask(1, -quarter - 10n, -quarter + 10n).failures[0]).toMatch(
      /^Requested range \(.*\] intersects a local range \(\(.*\]\) but is not fully contained in one; this would lead to imprecise repair\./,
    );
    const foreign = [0, 1, 2, 3].filter((node) => ask(node, 10n, 20n).outcome === 'failed');
    expect(foreign.length).toBe(2);
    expect(ask(foreign[0], 10n, 20n).failures).toEqual(['Nothing to repair for (10,20] in ks - aborting']);
    expect(ask(0, 10n, 10n).failures).toEqual(['Start and end tokens must be different.']);
  });

  test('cassandra.b2: with one replica nothing is done', () => {
    const bench = startRepairs(new FakeHost({ nodes: 3, replicas: 1, loaded: 'equal' }));
    expect(repair(bench, { strategy: 'full-parallel', node: 0 })).toMatchObject({
      outcome: 'finished',
      sessions: 0,
      read_bytes: 0,
    });
  });
});

describe('during validation', () => {
  test('cassandra.b23: the conviction of a participant fails the session; what other nodes do goes on', () => {
    const bench = slowBench();
    begin(bench, { strategy: 'full-parallel', node: 0 });
    bench.host.run(2 * SECOND);
    crash(bench, 2);
    bench.manager.markedDown(1, 2);
    bench.host.run(1 * SECOND);
    expect(ledgerOf(bench, 0).outcome).toBe('running');
    bench.manager.markedDown(0, 2);
    bench.host.run(1 * SECOND);
    expect(ledgerOf(bench, 0)).toMatchObject({ outcome: 'failed', failures: ['Endpoint n3 died'], hashed_rows: 0 });
    bench.host.run(60 * SECOND);
    expect(ledgerOf(bench, 0).hashed_rows).toBe(2000);
    expect(bench.host.devices.runningCount).toBe(0);
    expect(bench.host.recordsOf('sessionFailed').length).toBe(1);
  });

  test('cassandra.b24: an announced stop does not fail it, the restart does', () => {
    const bench = slowBench();
    begin(bench, { strategy: 'full-parallel', node: 0 });
    bench.host.run(2 * SECOND);
    bench.host.stop(2);
    bench.manager.nodeStopped(2);
    bench.manager.markedDown(0, 2);
    bench.host.run(600 * SECOND);
    expect(ledgerOf(bench, 0).outcome).toBe('running');
    bench.host.restart(2);
    bench.manager.nodeStarted(2);
    bench.host.run(1);
    expect(ledgerOf(bench, 0).failures).toEqual(['Endpoint n3 died']);
  });

  test('cassandra.b26: a validation request that is not acknowledged fails the session after repair_request_timeout', () => {
    const bench = slowBench();
    begin(bench, { strategy: 'full-parallel', node: 0 });
    // The prepare round is over after a message there and one back.
    bench.host.run(600);
    bench.host.cuts.add('0|1');
    bench.host.run(600 * SECOND);
    const ledger = ledgerOf(bench, 0);
    expect(ledger.failures).toEqual(['Got VALIDATION_REQ failure from n2: TIMEOUT']);
    expect(ledger.finished_micros).toBe(120 * SECOND + 1000);
  });

  test('cassandra.b29: the coordinator crashes: the command has failed, nobody is told, replicas finish their validation', () => {
    const bench = slowBench();
    begin(bench, { strategy: 'full-sequential', node: 0 });
    bench.host.run(2 * SECOND);
    expect(bench.host.snapshots.size).toBe(3);
    crash(bench, 0);
    bench.host.run(60 * SECOND);
    expect(ledgerOf(bench, 0)).toMatchObject({ outcome: 'failed', hashed_rows: 1000 });
    expect(bench.ended.length).toBe(1);
    // Snapshots stay until each node starts again.
    expect(bench.host.snapshots.size).toBe(3);
    for (const node of [0, 1, 2]) {
      bench.host.restart(node);
      bench.manager.nodeStarted(node);
    }
    expect(bench.host.snapshots.size).toBe(0);
    expect(ledgerOf(bench, 0)).toMatchObject({ snapshots_taken: 3, snapshots_removed: 3 });
  });

  test('a participant that was restarted between prepare and validation has forgotten the command', () => {
    const bench = slowBench();
    begin(bench, { strategy: 'full-sequential', node: 0 });
    bench.host.run(15 * SECOND);
    // n2's tree has arrived at 10 s, n3 builds its own, n1 comes last. Restart n3 without telling the manager.
    crash(bench, 2);
    bench.host.restart(2);
    bench.host.run(200 * SECOND);
    expect(ledgerOf(bench, 0).outcome).toBe('running');
    bench.manager.nodeStarted(2);
    bench.host.run(1 * SECOND);
    expect(ledgerOf(bench, 0)).toMatchObject({ outcome: 'failed', failures: ['Endpoint n3 died'] });
    bench.host.run(1 * SECOND);
    expect(bench.host.snapshots.size).toBe(0);
  });
});

describe('during synchronisation', () => {
  function inStream(): RepairBench {
    const host = new FakeHost({
      nodes: 3,
      replicas: 3,
      loaded: 'equal',
      rowBytes: 1_000_000,
      partitions: [300],
      diskBytesPerSecond: 1e9,
    });
    for (let ordinal = 0; ordinal < 300; ordinal += 1) host.write(0, ordinal, [0, 1]);
    const bench = startRepairs(host);
    begin(bench, { strategy: 'full-parallel', node: 0 });
    host.run(2 * SECOND);
    expect(host.streams.length).toBeGreaterThan(0);
    return bench;
  }

  test('cassandra.b24: after an announced stop the peer sees its stream end, and the session fails', () => {
    const bench = inStream();
    bench.host.stop(2);
    bench.manager.nodeStopped(2);
    bench.host.run(1 * SECOND);
    expect(ledgerOf(bench, 0).failures).toEqual(['Sync failed between n3 and n1']);
  });

  test('cassandra.b27: a stream over a cut link waits for it, for 300 s', () => {
    const healed = inStream();
    healed.host.cuts.add('2|0');
    healed.host.run(100 * SECOND);
    expect(ledgerOf(healed, 0).outcome).toBe('running');
    healed.host.cuts.clear();
    healed.host.run(60 * SECOND);
    expect(ledgerOf(healed, 0)).toMatchObject({ outcome: 'finished', healed_copies: 300 });
    const broken = inStream();
    broken.host.cuts.add('2|0');
    broken.host.run(600 * SECOND);
    expect(ledgerOf(broken, 0).failures).toEqual(['Sync failed between n3 and n1']);
  });

  test('after a crash the failure detector decides; the streams of the dead node are gone', () => {
    const bench = inStream();
    crash(bench, 2);
    expect(bench.host.devices.runningCount).toBe(0);
    bench.host.run(15 * SECOND);
    expect(ledgerOf(bench, 0).outcome).toBe('running');
    bench.manager.markedDown(0, 2);
    bench.host.run(1);
    const ledger = ledgerOf(bench, 0);
    expect(ledger).toMatchObject({ outcome: 'failed', sent_rows: 0, healed_copies: 0 });
    // What had left before the crash went for nothing.
    expect(ledger.sent_bytes).toBeGreaterThan(0);
    expect(ledger.sent_for_nothing_bytes).toBe(ledger.sent_bytes);
  });

  test('cassandra.b23: streams go on when their session has failed, and what they bring stays', () => {
    const bench = inStream();
    bench.manager.markedDown(0, 1);
    bench.host.run(3600 * SECOND);
    expect(ledgerOf(bench, 0)).toMatchObject({ outcome: 'failed', healed_copies: 300 });
    expect(bench.host.divergentSlots()).toBe(0);
  });
});
