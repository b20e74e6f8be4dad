/** Known answers of the real system's small repair tests, retold on a cluster in memory. */
import { describe, expect, test } from 'vitest';
import { FakeHost } from '../support/fake-host.ts';
import { repair, startRepairs } from '../support/repair-bench.ts';

for (const strategy of ['full-parallel', 'full-sequential']) {
  describe(strategy, () => {
    test('one key missing on node 3 of 3: one range for the pairs with node 3, none for the other', () => {
      // Rows so large that a stream takes longer than a message: nobody sends on what has just arrived.
      const host = new FakeHost({ nodes: 3, replicas: 3, partitions: [2001], rowBytes: 1_000_000 });
      for (let ordinal = 0; ordinal < 2001; ordinal += 1) host.write(0, ordinal, ordinal === 1234 ? [0, 1] : [0, 1, 2]);
      const bench = startRepairs(host);
      const ledger = repair(bench, { strategy, node: 0 });
      expect(ledger.outcome).toBe('finished');
      expect(ledger.differing_ranges_by_pair).toEqual({ 'n1|n2': 0, 'n1|n3': 1, 'n2|n3': 1 });
      // The two pairs differ in the same leaf and both stream it, also the bad replica's (old) part of it back.
      expect(ledger.healed_copies).toBe(1);
      expect(ledger.floor_bytes).toBe(1_000_000);
      expect(host.divergentSlots()).toBe(0);
      const mates = ledger.distinct_partitions;
      expect(ledger.sent_rows).toBe(2 * mates + 2 * (mates - 1));
      expect(ledger.sent_bytes).toBe(1_000_000 * ledger.sent_rows);
      expect(ledger.sent_for_nothing_bytes).toBe(ledger.sent_bytes - 1_000_000);
    });

    test('a repair of equal copies hashes everything and streams nothing', () => {
      const host = new FakeHost({ nodes: 3, replicas: 3, loaded: 'equal' });
      const ledger = repair(startRepairs(host), { strategy, node: 1 });
      expect(ledger).toMatchObject({ outcome: 'finished', sent_bytes: 0, differing_ranges: 0, hashed_rows: 3000 });
      expect(ledger.comparisons).toBe(3);
      expect(ledger.read_bytes).toBe(3 * 1000 * 1000);
      expect(host.streams).toEqual([]);
    });

    test('the losing version is overwritten everywhere, the newest one reaches all', () => {
      const host = new FakeHost({ nodes: 3, replicas: 3, partitions: [50], loaded: 'equal' });
      const old = host.write(0, 7, [0]);
      host.run(10);
      const newer = host.write(0, 7, [1]);
      expect(newer).toBeGreaterThan(old);
      repair(startRepairs(host), { strategy, node: 2 });
      expect([0, 1, 2].map((node) => host.heldVersion(node, 7))).toEqual([newer, newer, newer]);
    });
  });
}

test('older versions of what one stream brings count as sent for nothing, not as a second healing', () => {
  const host = new FakeHost({ nodes: 3, replicas: 3, partitions: [50] });
  host.write(0, 7, [0, 1]);
  // Another run on the two nodes: the older version stays in the first one, and is streamed with it.
  host.flushAll();
  const bench = startRepairs(host);
  host.run(10);
  const newer = host.write(0, 7, [0, 1]);
  const ledger = repair(bench, { strategy: 'full-parallel', node: 0 });
  expect(host.heldVersion(2, 7)).toBe(newer);
  expect(ledger.healed_copies).toBe(1);
  expect(ledger.floor_bytes).toBe(1000);
  expect(ledger.sent_bytes).toBe(ledger.floor_bytes + ledger.sent_for_nothing_bytes);
});

test('the end of a repair is not before the disks have read what it validates', () => {
  const host = new FakeHost({ nodes: 3, replicas: 3, loaded: 'equal', diskBytesPerSecond: 100_000 });
  const ledger = repair(startRepairs(host), { strategy: 'full-parallel', node: 0 });
  // A million bytes at 100 000 B/s on each of three disks, at once; then a few messages.
  expect(ledger.finished_micros).toBeGreaterThan(10e6);
  expect(ledger.finished_micros).toBeLessThan(10.1e6);
  const sequential = repair(
    startRepairs(new FakeHost({ nodes: 3, replicas: 3, loaded: 'equal', diskBytesPerSecond: 100_000 })),
    {
      strategy: 'full-sequential',
      node: 0,
    },
  );
  expect(sequential.finished_micros).toBeGreaterThan(30e6);
  expect(sequential.finished_micros).toBeLessThan(30.1e6);
});
