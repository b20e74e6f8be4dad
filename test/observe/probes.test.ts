import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TableLayout } from '../../src/data/layout.ts';
import { RECORD } from '../../src/data/records.ts';
import { NOTHING, OPERATION, Versions } from '../../src/data/versions.ts';
import { ReadProbe } from '../../src/observe/probes.ts';
import type { ConsistencyLevel, Plan } from '../../src/scenario/plan.ts';
import { block, smallPlan } from './small-plan.ts';

/** One partition of one row with a column group and a deletion slot, on all three nodes. */
const TABLE: TableLayout = {
  ...{ index: 0, id: 'ks.t', partitions: 1, rowsPerPartition: 1, groups: 1, slotsPerRow: 2, slotsPerPartition: 2 },
  ...{ slotBase: 0, slotCount: 2, copies: 3, factor: 3, rowBytes: 1, gcGraceMicros: 1, initialVersion: 0 as const },
  ...{
    tokenHigh: new Int32Array(1),
    tokenLow: new Uint32Array(1),
    ordinalOfKey: new Int32Array(1),
    keyOfOrdinal: new Int32Array(1),
  },
  ...{ rangeOfOrdinal: new Uint32Array(1), ranges: [{ left: 0n, right: 0n }], replicas: Uint16Array.of(0, 1, 2) },
};

const OLD = 2;
const NEW = 3;
const DELETE = 4;

interface World {
  consistency: ConsistencyLevel;
  /** Of the column's slot, by copy; of the deletion slot, by copy. */
  held: [column: number[], deletion: number[]];
  promised: [column: number, deletion: number];
  ttlSeconds?: number;
}

function planWith(factor: number): Plan {
  const small = smallPlan();
  return { ...small, tables: [{ ...small.tables[0], replication: { strategy: 'SimpleStrategy', factor } }] };
}

function probe({ consistency, held, promised, ttlSeconds = 0 }: World, plan = planWith(3), factor = 3) {
  const versions = new Versions(8, { skewed: false });
  for (const version of [OLD, NEW, DELETE]) {
    versions.arrays.issuedAt[version] = version * 10;
    versions.arrays.operation[version] = version === DELETE ? OPERATION.deleteRow : OPERATION.write;
  }
  versions.arrays.ttlSeconds[NEW] = ttlSeconds;
  return new ReadProbe({
    id: 'p',
    probe: { kind: 'read', table: 'ks.t', consistency, every_micros: 10, reads: 100 },
    plan,
    table: { ...TABLE, factor },
    versions,
    held: {
      heldVersion: (slot, copy) => held[slot]?.[copy] ?? NOTHING,
      promisedVersion: (slot) => promised[slot] ?? NOTHING,
    },
    draws: {
      below: (bound, sample, read, choice) =>
        Math.floor((((sample * 7919 + read * 104_729 + choice * 1_299_709) % 1009) / 1009) * bound),
    },
  });
}

/** Reads of 100 that found too few copies, with two copies in dc1 and one in dc2. */
function unavailable(replication: Plan['tables'][number]['replication']): number {
  const small = smallPlan();
  const nodes = small.nodes.slice(0, 3).map((node, index) => ({ ...node, dc: index < 2 ? 'dc1' : 'dc2' }));
  const tables = [{ ...small.tables[0], replication }];
  const one = probe(
    { consistency: 'LOCAL_QUORUM', held: [NONE, NONE], promised: [NOTHING, NOTHING] },
    { ...small, nodes, tables },
  );
  one.sample(100);
  return one.totals.unavailable_reads;
}

const NONE = [NOTHING, NOTHING, NOTHING];

function staleShare(world: World, micros = 100): number {
  const one = probe(world);
  one.sample(micros);
  return one.staleShare();
}

describe('read probes', () => {
  it('one copy out of three is stale for a third of single reads and for no quorum', () => {
    const world = { held: [[NEW, NEW, OLD], NONE] as World['held'], promised: [NEW, NOTHING] as World['promised'] };
    const share = staleShare({ ...world, consistency: 'ONE' });
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.5);
    for (const consistency of ['TWO', 'QUORUM', 'ALL', 'EACH_QUORUM', 'LOCAL_QUORUM'] as const) {
      expect([consistency, staleShare({ ...world, consistency })]).toEqual([consistency, 0]);
    }
  });

  it('asks a local quorum of SimpleStrategy for a majority of the whole factor', () => {
    expect(unavailable({ strategy: 'NetworkTopologyStrategy', factors: { dc1: 2, dc2: 1 } })).toBe(0);
    const withSimple = unavailable({ strategy: 'SimpleStrategy', factor: 3 });
    expect(withSimple).toBeGreaterThan(10);
    expect(withSimple).toBeLessThan(90);
  });

  it('counts the configured factor where there are fewer nodes', () => {
    const unavailableOf = (consistency: ConsistencyLevel, factor: number): number => {
      const one = probe({ consistency, held: [NONE, NONE], promised: [NOTHING, NOTHING] }, planWith(factor), factor);
      one.sample(100);
      return one.totals.unavailable_reads;
    };
    expect(unavailableOf('QUORUM', 5)).toBe(0);
    expect(unavailableOf('QUORUM', 6)).toBe(100);
    expect(unavailableOf('ALL', 4)).toBe(100);
    expect(unavailableOf('TWO', 6)).toBe(0);
    expect(unavailable({ strategy: 'NetworkTopologyStrategy', factors: { dc1: 4, dc2: 2 } })).toBe(100);
  });

  it.each<[string, number, World['held'], World['promised'], number?]>([
    ['an answer newer than promised', 0, [[NEW, NEW, NEW], NONE], [OLD, NOTHING]],
    ['a promise that no copy holds', 1, [NONE, NONE], [NEW, NOTHING]],
    ['a deleted row that all forgot', 0, [NONE, NONE], [OLD, DELETE]],
    ['a deleted row that came back', 1, [[OLD, OLD, OLD], NONE], [OLD, DELETE]],
    [
      'a deletion in its own slot hides the column',
      0,
      [
        [OLD, OLD, OLD],
        [DELETE, DELETE, DELETE],
      ],
      [OLD, DELETE],
    ],
    ['a promise that has expired', 0, [NONE, NONE], [NEW, NOTHING], 1],
  ])('%s: share %d', (_, share, held, promised, ttlSeconds = 0) => {
    expect(staleShare({ consistency: 'ALL', held, promised, ttlSeconds }, 30 + 1e6)).toBe(share);
  });

  it('counts reads that find too few copies apart', () => {
    const one = probe({ consistency: 'QUORUM', held: [[NEW, NEW, OLD], NONE], promised: [NEW, NOTHING] });
    const control = (kind: number, node: number): void => one.control(block([{ at: 1, kind, node }]), 0);
    control(RECORD.nodeCrashed, 0);
    one.sample(100);
    expect(one.totals).toEqual({ samples: 1, reads: 100, stale_reads: 0, unavailable_reads: 0 });
    control(RECORD.nodePaused, 1);
    one.sample(110);
    expect(one.totals).toEqual({ samples: 2, reads: 100, stale_reads: 0, unavailable_reads: 100 });
    expect(one.staleShare()).toBeNaN();
    control(RECORD.nodeResumed, 1);
    one.sample(120);
    expect(one.totals.reads).toBe(200);
  });

  it('ALL is never stale while one copy is right, whatever the others hold', () => {
    const version = fc.constantFrom(NOTHING, OLD, NEW);
    fc.assert(
      fc.property(fc.tuple(version, version), fc.nat(2), ([a, b], right) => {
        const column = [a, b];
        column.splice(right, 0, NEW);
        expect(staleShare({ consistency: 'ALL', held: [column, NONE], promised: [NEW, NOTHING] })).toBe(0);
      }),
    );
  });
});
