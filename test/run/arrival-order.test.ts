/**
 * A world of two rows and two copies in the other dialect's order: the newer generation on a copy wins, whatever the client
 * meant. Real storage (memtables, flushes, compactions, crashes) beside the real oracle: writes that arrive in another order
 * on two copies leave them different for ever, and nothing was lost.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildTableLayout } from '../../src/data/build-layout.ts';
import { CAUSE, STATE, VIA } from '../../src/data/causes.ts';
import type { TableLayout } from '../../src/data/layout.ts';
import { arrivalOrder } from '../../src/data/merge-order.ts';
import { mergeRuns } from '../../src/data/merge-runs.ts';
import { SimpleStrategy } from '../../src/data/placement.ts';
import { buildRing } from '../../src/data/ring.ts';
import { RECORD } from '../../src/data/records.ts';
import { NOTHING, Versions } from '../../src/data/versions.ts';
import { FluidDevices } from '../../src/device/fluid.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import { Trace } from '../../src/kernel/trace.ts';
import { Oracle } from '../../src/observe/oracle.ts';
import { SyncedLog } from '../../src/replica/durability.ts';
import { EVENT } from '../../src/replica/event-kinds.ts';
import { RunWriter } from '../../src/replica/run-writer.ts';
import { Storage } from '../../src/replica/storage.ts';
import { runs as runsOf } from './plans.ts';

const ROWS = 2;
const NODES = [0, 1];
const JOB_DUE = 150;

function layoutOf(): TableLayout {
  const built = buildRing([
    { dc: 'dc1', rack: 'r1', tokens: [0n] },
    { dc: 'dc1', rack: 'r2', tokens: [1n << 62n] },
  ]);
  if (!built.ok) throw new Error('no ring');
  const placement = new SimpleStrategy(built.ring, 2);
  return buildTableLayout({
    index: 0,
    id: 'k.t',
    partitions: ROWS,
    rowsPerPartition: 1,
    columnGroups: 1,
    deletesRows: false,
    slotBase: 0,
    rowBytes: 100,
    gcGraceMicros: 1e12,
    loaded: 'empty',
    placement,
  });
}

/** Storage of two nodes and an oracle, both by arrival. */
class TwoRows {
  readonly table = layoutOf();
  readonly versions = new Versions(64, { skewed: false });
  readonly kernel = new Kernel();
  readonly oracle: Oracle;
  readonly trace: Trace;
  readonly storage: Storage;
  readonly runs: RunWriter;

  constructor() {
    const { versions, kernel, table } = this;
    this.oracle = new Oracle({
      versions,
      tables: [table],
      nodeCount: 2,
      entryCount: 0,
      order: 'arrival',
      runEndMicros: 1e12,
    });
    this.trace = new Trace({ observers: [this.oracle] });
    this.runs = new RunWriter(versions, arrivalOrder());
    const devices = new FluidDevices(kernel, { dueKind: JOB_DUE });
    kernel.define(JOB_DUE, 'jobDue', 3, (job) => devices.jobDue(job));
    const disk = NODES.map((node) => devices.addResource(`disk ${node}`, 1e9));
    this.storage = new Storage({
      kernel,
      trace: this.trace,
      versions,
      tables: [table],
      nodeCount: 2,
      devices,
      diskWrite: disk,
      flushBytes: 1e9,
      newLog: () => new SyncedLog(),
      runs: this.runs,
    });
    kernel.define(EVENT.flushFinished, 'flushFinished', 3, (place, id) => this.storage.flushFinished(place, id));
    kernel.define(EVENT.hintsTick, 'flushed', 3, () => undefined);
  }

  issue(row: number): number {
    const { versions, trace, kernel } = this;
    const version = versions.count;
    versions.count += 1;
    versions.arrays.issuedAt[version] = kernel.now;
    versions.arrays.firstSlot[version] = row;
    versions.arrays.rowCount[version] = 1;
    versions.arrays.groups[version] = 1;
    versions.arrays.replicaBase[version] = this.table.rangeOfOrdinal[row] * 2;
    trace.record(kernel.now, RECORD.issued, 0, 0, version, row, 0);
    return version;
  }

  arrive(version: number, node: number): void {
    const { trace, kernel, storage, versions } = this;
    const row = versions.arrays.firstSlot[version];
    storage.append(node, 0, row, version);
    trace.record(kernel.now, RECORD.applied, node, this.copyOf(row, node), version, row, VIA.delivery);
  }

  flush(node: number): void {
    this.storage.flush(node, 0, { kind: EVENT.hintsTick, a: 0, b: 0 });
    this.pass(1000);
  }

  compact(node: number): void {
    const place = this.storage.of(node, 0);
    if (place.runs.length < 2) return;
    const two = place.runs.slice(0, 2);
    const merged = mergeRuns({ versions: this.versions, order: this.runs.order, runs: two });
    this.storage.replaceRuns(node, 0, two, [this.runs.fromContent(node, this.table, merged)]);
  }

  pass(micros: number): void {
    this.kernel.runUntil(this.kernel.now + micros);
  }

  copyOf(row: number, node: number): number {
    return this.table.replicas[this.table.rangeOfOrdinal[row] * 2] === node ? 0 : 1;
  }

  held(row: number): number[] {
    return NODES.map((node) => this.storage.heldVersion(node, row));
  }

  /** Records against storage. */
  check(): void {
    this.trace.flush();
    for (let row = 0; row < ROWS; row += 1) {
      for (const node of NODES)
        expect(this.oracle.heldVersion(row, this.copyOf(row, node))).toBe(this.storage.heldVersion(node, row));
    }
    this.oracle.check();
  }
}

describe('two copies that got the same writes in another order', () => {
  test('differ for ever: cause arrival_order, latent, at the copy that ends on the older one', () => {
    const world = new TwoRows();
    const [first, second] = [world.issue(0), world.issue(0)];
    world.arrive(first, 0);
    world.arrive(second, 0);
    world.arrive(second, 1);
    world.arrive(first, 1);
    for (const node of NODES) world.flush(node);
    world.check();
    expect(world.held(0)).toEqual([second, first]);
    expect(world.oracle.copyStatus(0, world.copyOf(0, 1))).toEqual({
      cause: CAUSE.arrivalOrder,
      state: STATE.latent,
      origin: 0,
    });
    // Sending the newer one again is what heals it.
    world.arrive(second, 1);
    world.check();
    expect(world.oracle.divergentRows()).toBe(0);
  });

  test('are equal where the last to arrive is the same', () => {
    const world = new TwoRows();
    const all = [world.issue(1), world.issue(1), world.issue(1)];
    for (const version of [all[0], all[1], all[2]]) world.arrive(version, 0);
    for (const version of [all[1], all[0], all[2]]) world.arrive(version, 1);
    world.check();
    expect(world.oracle.divergentRows()).toBe(0);
  });
});

/** Steps: a write, an arrival of one that is under way, a flush, a compaction. */
const step = fc.oneof(
  fc.record({ do: fc.constant('write' as const), row: fc.nat(ROWS - 1) }),
  fc.record({ do: fc.constant('arrive' as const), which: fc.nat(20) }),
  fc.record({ do: fc.constant('arrive' as const), which: fc.nat(20) }),
  fc.record({ do: fc.constant('flush' as const), node: fc.nat(1) }),
  fc.record({ do: fc.constant('compact' as const), node: fc.nat(1) }),
);

test('any order of arrival, flushes and compactions: a copy holds what came last, and differs only if that is not what was issued last', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const world = new TwoRows();
      const last = NODES.map(() => Array<number>(ROWS).fill(NOTHING));
      const underWay: { version: number; row: number; node: number }[] = [];
      const arrive = (which: number): void => {
        const [{ version, row, node }] = underWay.splice(which % underWay.length, 1);
        world.arrive(version, node);
        last[node][row] = version;
      };
      for (const now of steps) {
        world.pass(1);
        if (now.do === 'write') {
          const version = world.issue(now.row);
          for (const node of NODES) underWay.push({ version, row: now.row, node });
        } else if (now.do === 'flush') world.flush(now.node);
        else if (now.do === 'compact') world.compact(now.node);
        else if (underWay.length > 0) arrive(now.which);
        world.check();
      }
      while (underWay.length > 0) arrive(0);
      world.check();
      for (let row = 0; row < ROWS; row += 1) {
        expect(world.held(row)).toEqual(NODES.map((node) => last[node][row]));
        const newest = Math.max(...NODES.map((node) => last[node][row]));
        for (const node of NODES) {
          const cause = last[node][row] === newest ? CAUSE.none : CAUSE.arrivalOrder;
          expect(world.oracle.copyStatus(row, world.copyOf(row, node)).cause).toBe(cause);
        }
      }
    }),
    { numRuns: runsOf(150) },
  );
});
