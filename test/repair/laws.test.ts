/** Laws that every strategy must keep, on random copies. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { REPAIR_STRATEGIES } from '../../src/repair/registry.ts';
import { FakeHost } from '../support/fake-host.ts';
import type { FakeOptions } from '../support/fake-host.ts';
import { begin, ledgerOf, repair, startRepairs } from '../support/repair-bench.ts';
import type { RepairBench } from '../support/repair-bench.ts';

interface World {
  options: FakeOptions;
  writes: { partition: number; missing: number; delete: boolean; flush: boolean }[];
}

const worlds: fc.Arbitrary<World> = fc.record({
  options: fc.record({
    nodes: fc.integer({ min: 3, max: 5 }),
    replicas: fc.integer({ min: 2, max: 3 }),
    tokensPerNode: fc.integer({ min: 1, max: 3 }),
    partitions: fc.constantFrom([40], [300], [60, 150]),
    rowsPerPartition: fc.integer({ min: 1, max: 2 }),
    loaded: fc.constantFrom('equal' as const, 'empty' as const),
  }),
  writes: fc.array(
    fc.record({
      partition: fc.nat(),
      /** A bit per replica that did not get the write. */
      missing: fc.nat(7),
      delete: fc.boolean(),
      flush: fc.boolean(),
    }),
    { maxLength: 40 },
  ),
});

function build({ options, writes }: World): RepairBench {
  const host = new FakeHost(options);
  for (const write of writes) {
    const table = write.partition % host.tables.length;
    const ordinal = write.partition % host.tables[table].partitions;
    const nodes = host.replicasOf(table, ordinal).filter((_node, index) => ((write.missing >> index) & 1) === 0);
    host.write(table, ordinal, nodes, { delete: write.delete });
    if (write.flush) host.flushAll();
    host.run(5);
  }
  return startRepairs(host);
}

const tablesOf = (host: FakeHost): string[] => host.tables.map(({ id }) => id);

/** Everything that lies in any run or memory: `slot:version`. */
function contents(host: FakeHost): Set<string> {
  const all = new Set<string>();
  host.flushAll();
  for (const { slotBase, slotCount } of host.tables) {
    for (let slot = slotBase; slot < slotBase + slotCount; slot += 1) {
      for (let node = 0; node < host.nodeCount; node += 1) {
        const version = host.heldVersion(node, slot);
        if (version !== 0) all.add(`${slot}:${version}`);
      }
    }
  }
  return all;
}

// What needs compactions is held to the same laws on a world (test/run/repair-laws.test.ts).
const STRATEGIES = [...REPAIR_STRATEGIES.values()].filter(({ marking }) => marking === 'none').map(({ name }) => name);

describe.each(STRATEGIES)('%s', (strategy) => {
  test('converges, is idempotent, invents nothing, counts the same bytes on both ends', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const bench = build(world);
        const { host } = bench;
        const before = contents(host);
        const tables = tablesOf(host);
        for (let node = 0; node < host.nodeCount; node += 1) {
          expect(repair(bench, { strategy, node, tables, entry: 0 }).outcome).toBe('finished');
        }
        const ledger = ledgerOf(bench, 0);
        expect(host.divergentSlots()).toBe(0);
        for (const content of contents(host)) expect(before.has(content)).toBe(true);
        expect(ledger.sent_bytes).toBe(host.streams.reduce((bytes, stream) => bytes + stream.bytes, 0));
        expect(ledger.sent_bytes).toBe(host.received.reduce((bytes, { run }) => bytes + run.bytes, 0));
        expect(ledger.sstables_written).toBe(host.received.length);
        expect(ledger.floor_bytes + ledger.sent_for_nothing_bytes).toBe(ledger.sent_bytes);
        expect(ledger.healed_copies + ledger.sent_for_nothing_rows).toBe(ledger.sent_rows);
        for (let node = 0; node < host.nodeCount; node += 1) {
          expect(repair(bench, { strategy, node, tables, entry: 1 })).toMatchObject({
            sent_bytes: 0,
            differing_ranges: 0,
          });
        }
        expect(bench.manager.runningCommands).toBe(0);
        expect(host.devices.runningCount).toBe(0);
        expect(host.snapshots.size).toBe(0);
      }),
      { numRuns: 25 },
    );
  });

  test('twin law: saved at any moment, restored elsewhere and continued = run straight through', () => {
    fc.assert(
      fc.property(worlds, fc.nat(15_000), (world, moment) => {
        const straight = build(world);
        const tables = tablesOf(straight.host);
        begin(straight, { strategy, node: 0, tables });
        begin(straight, { strategy, node: 1, tables });
        straight.host.run(moment);
        const resumed = build(world);
        resumed.host.load(straight.host.save());
        resumed.manager.load(straight.manager.save());
        for (const bench of [straight, resumed]) {
          bench.host.records.length = 0;
          bench.host.run(3600e6);
        }
        expect(resumed.host.records).toEqual(straight.host.records);
        for (const entry of [0, 1]) expect(ledgerOf(resumed, entry)).toEqual(ledgerOf(straight, entry));
      }),
      { numRuns: 25 },
    );
  });
});

test('optimised streams converge as well, and the second time find nothing', () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const bench = build(world);
      const tables = tablesOf(bench.host);
      const more = { optimise_streams: true };
      for (const entry of [0, 1]) {
        for (let node = 0; node < bench.host.nodeCount; node += 1)
          repair(bench, { strategy: 'full-parallel', node, tables, entry, more });
      }
      expect(bench.host.divergentSlots()).toBe(0);
      const { sent_bytes: sent, floor_bytes: floor, sent_for_nothing_bytes: waste } = ledgerOf(bench, 0);
      expect(floor + waste).toBe(sent);
      expect(ledgerOf(bench, 1)).toMatchObject({ outcome: 'finished', differing_ranges: 0, sent_bytes: 0 });
    }),
    { numRuns: 25 },
  );
});

test('sequential validations of a session never overlap; parallel ones do', () => {
  const overlaps = (strategy: string): number => {
    const host = new FakeHost({ nodes: 3, replicas: 3, loaded: 'equal', diskBytesPerSecond: 1e6 });
    const { phases } = repair(startRepairs(host), { strategy, node: 0 });
    const validations = phases.filter(({ phase }) => phase === 'validate');
    expect(validations.length).toBe(3);
    let count = 0;
    for (const one of validations) {
      for (const other of validations) {
        if (one !== other && one.start_micros <= other.start_micros && other.start_micros < one.end_micros) count += 1;
      }
    }
    return count;
  };
  expect(overlaps('full-sequential')).toBe(0);
  expect(overlaps('full-parallel')).toBeGreaterThan(0);
});

test('every node with -pr validates each range once, every node without it RF times', () => {
  const rowsHashed = (primaryRange: boolean): { ranges: number; rows: number } => {
    const host = new FakeHost({ nodes: 5, replicas: 3, tokensPerNode: 4, loaded: 'equal' });
    const bench = startRepairs(host);
    for (let node = 0; node < 5; node += 1) repair(bench, { strategy: 'full-parallel', node, primaryRange, entry: 0 });
    const ledger = ledgerOf(bench, 0);
    return { ranges: ledger.ranges, rows: ledger.hashed_rows };
  };
  // A range is validated on its three replicas each time.
  expect(rowsHashed(true)).toEqual({ ranges: 20, rows: 3 * 1000 });
  expect(rowsHashed(false)).toEqual({ ranges: 3 * 20, rows: 3 * 3 * 1000 });
});

test('-pr on all nodes but one leaves that one its primary ranges', () => {
  const host = new FakeHost({ nodes: 4, replicas: 3, loaded: 'equal' });
  for (let ordinal = 0; ordinal < 1000; ordinal += 1) host.write(0, ordinal, host.replicasOf(0, ordinal).slice(1));
  const bench = startRepairs(host);
  for (const node of [0, 1, 2]) repair(bench, { strategy: 'full-parallel', node, primaryRange: true });
  const ofLast = Array.from({ length: 1000 }, (_value, ordinal) => ordinal).filter(
    (ordinal) => host.replicasOf(0, ordinal)[0] === 3,
  );
  expect(ofLast.length).toBeGreaterThan(100);
  expect(host.divergentSlots()).toBe(ofLast.length);
});
