/**
 * When deleted data may come back, and when it has: small stories by hand. Three copies of one row; gc_grace is 1000 µs.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { CAUSE, OUTCOME, STATE, VIA } from '../../src/data/causes.ts';
import { NOTHING, OPERATION } from '../../src/data/versions.ts';
import { ANY } from '../../src/observe/counters.ts';
import { Oracle } from '../../src/observe/oracle.ts';
import { zombiesSpread } from '../../src/observe/zombie-alarms.ts';
import { addVersion, nodeOf, packed, smallWorld, type PlainRecord, type World } from './small-world.ts';

const NAMES = {
  nodes: ['n0', 'n1', 'n2', 'n3'],
  tables: ['k.t0'],
  origins: ['workload', 'faults.away', 'repairs.late'],
};
const HINT_PASSED = CAUSE.hintWindowPassed | (STATE.latent << 6) | (1 << 8);
const HINTED = CAUSE.nodeDown | (STATE.hintPending << 6) | (1 << 8);
const BY_REPAIR = VIA.repair | (2 << 8);

let world: World;
let oracle: Oracle;

function newOracle(): Oracle {
  const { versions, tables } = world;
  return new Oracle({ versions, tables, nodeCount: 4, entryCount: 2, order: 'timestamp', runEndMicros: 1e9 });
}

function tell(micros: number, kind: PlainRecord['kind'], a: number, copy = 0, c = 0): void {
  oracle.fold(packed([{ micros, kind, node: nodeOf(world.tables[0], 0, copy), copy, a, b: 0, c }]), 1);
  oracle.check();
}

/** Issued, and applied to these copies a microsecond later; the others have the fate. */
function write(at: number, version: number, copies: readonly number[], fate: number): void {
  tell(at, 'issued', version);
  for (let copy = 0; copy < 3; copy += 1) {
    if (copies.includes(copy)) tell(at + 1, 'applied', version, copy, VIA.delivery);
    else tell(at + 1, 'missed', version, copy, fate);
  }
  tell(at + 2, 'answered', version, 0, OUTCOME.success);
}

const margin = (): number => oracle.resurrectionDeadline(0) - oracle.nowMicros();
const spread = (): number => oracle.zombiesSpread(ANY, ANY, ANY);

beforeEach(() => {
  world = smallWorld({ rows: 1 });
  oracle = newOracle();
});

/** A document that all copies hold, deleted at 100 on copies 0 and 1 only. */
function deletedOnTwo(fate = HINT_PASSED): { data: number; deletion: number } {
  const data = addVersion(world, { at: 10, row: 0 });
  write(10, data, [0, 1, 2], 0);
  const deletion = addVersion(world, { at: 100, row: 0, operation: OPERATION.deleteRow });
  write(100, deletion, [0, 1], fate);
  return { data, deletion };
}

describe('the margin', () => {
  it('is none while no copy has missed a deletion, also while one is on its way', () => {
    const data = addVersion(world, { at: 10, row: 0 });
    write(10, data, [0, 1], HINT_PASSED);
    expect(margin()).toBe(Infinity);
    const deletion = addVersion(world, { at: 100, row: 0, operation: OPERATION.deleteRow });
    tell(100, 'issued', deletion);
    tell(101, 'applied', deletion, 0, VIA.delivery);
    expect(margin()).toBe(Infinity);
    // Copy 2 never had the document: nothing can come back from there.
    tell(102, 'applied', deletion, 1, VIA.delivery);
    tell(103, 'missed', deletion, 2, HINT_PASSED);
    expect(margin()).toBe(Infinity);
  });

  it('runs from gc_grace down to 0 at the moment at which the tombstone may be purged, and on', () => {
    deletedOnTwo();
    expect(margin()).toBe(1100 - 102);
    oracle.advance(1100);
    expect(margin()).toBe(0);
    oracle.advance(1500);
    expect(margin()).toBe(-400);
    expect(oracle.snapshotFinal(NAMES).resurrection).toEqual({ 'k.t0': { margin_micros: -400, rows: 1 } });
  });

  it('is none again when a hint or repair brings the deletion in time', () => {
    const { deletion } = deletedOnTwo(HINTED);
    expect(margin()).toBe(998);
    tell(500, 'applied', deletion, 2, VIA.hint);
    expect(margin()).toBe(Infinity);
    expect(spread()).toBe(0);
  });

  it('is none where something newer has overwritten the deletion', () => {
    deletedOnTwo();
    const again = addVersion(world, { at: 300, row: 0 });
    tell(300, 'issued', again);
    expect(margin()).toBe(Infinity);
  });

  it('goes on where both copies with the tombstone have purged it', () => {
    const { deletion } = deletedOnTwo();
    tell(1200, 'purged', deletion, 0, NOTHING);
    tell(1300, 'purged', deletion, 1, NOTHING);
    expect(margin()).toBe(-200);
    expect(oracle.wrongCopies(3, ANY)).toBe(1);
  });

  it('follows gc_grace when a statement changes it', () => {
    deletedOnTwo();
    oracle.fold(packed([{ micros: 200, kind: 'gcGraceChanged', node: 0, copy: 0, a: 0, b: 1, c: 0 }]), 1);
    oracle.check();
    // gc_grace_seconds = 0: purgeable since 100; copy 2 is a zombie from now on.
    expect(margin()).toBe(-100);
    expect(oracle.wrongCopies(3, ANY)).toBe(1);
  });

  it('of a cell with a TTL counts from its expiry, or from gc_grace after the write', () => {
    const old = addVersion(world, { at: 10, row: 0 });
    write(10, old, [0, 1, 2], 0);
    const passing = addVersion(world, { at: 100, row: 0, ttlSeconds: 1 });
    write(100, passing, [0, 1], HINT_PASSED);
    expect(oracle.resurrectionDeadline(0)).toBe(1_000_100);
  });

  it('is the same after a snapshot', () => {
    deletedOnTwo();
    const other = newOracle();
    other.load(structuredClone(oracle.save()));
    other.check();
    expect(other.resurrectionDeadline(0)).toBe(1100);
  });
});

describe('the alarm', () => {
  it('sounds when a repair brings a purged document back, with the chain behind it', () => {
    const { data, deletion } = deletedOnTwo();
    tell(1200, 'purged', deletion, 0, NOTHING);
    tell(1300, 'purged', deletion, 1, NOTHING);
    expect(spread()).toBe(0);
    tell(2000, 'applied', data, 0, BY_REPAIR);
    expect(spread()).toBe(1);
    expect(oracle.zombiesSpread(2, 0, nodeOf(world.tables[0], 0, 0))).toBe(1);
    expect(oracle.zombiesSpread(2, 0, nodeOf(world.tables[0], 0, 1))).toBe(0);
    expect(oracle.zombiesSpread(1, ANY, ANY)).toBe(0);
    const { copies, by, alarms } = zombiesSpread(oracle.spreads(NAMES.origins), NAMES);
    expect(copies).toBe(1);
    expect(by).toEqual({ 'repairs.late': 1 });
    expect(alarms).toEqual([
      {
        at_micros: 2000,
        ...{ table: 'k.t0', key: 0, row: 0 },
        ...{ node: 'n0', from: [NAMES.nodes[nodeOf(world.tables[0], 0, 2)]] },
        ...{ by: 'repairs.late', wrong: 'zombie' },
        ...{ cause: 'hint_window_passed', origin: 'faults.away' },
        ...{ written_micros: 10, promised_micros: 100 },
      },
    ]);
  });

  it('is silent where the same repair brings the tombstone at the same moment, in another file', () => {
    const { data, deletion } = deletedOnTwo();
    tell(1200, 'purged', deletion, 0, NOTHING);
    tell(2000, 'applied', data, 0, BY_REPAIR);
    tell(2000, 'applied', deletion, 0, BY_REPAIR);
    expect(spread()).toBe(0);
    expect(zombiesSpread(oracle.spreads(NAMES.origins), NAMES)).toEqual({ copies: 0, by: {}, alarms: [] });
  });

  it('sounds where the tombstone comes later, or by something else', () => {
    const { data, deletion } = deletedOnTwo();
    tell(1200, 'purged', deletion, 0, NOTHING);
    tell(2000, 'applied', data, 0, BY_REPAIR);
    tell(2001, 'applied', deletion, 0, BY_REPAIR);
    expect(spread()).toBe(1);
  });

  it('sounds on a copy that has purged, also while another one still has the tombstone', () => {
    const { data, deletion } = deletedOnTwo();
    tell(1200, 'purged', deletion, 0, NOTHING);
    tell(2000, 'applied', data, 0, BY_REPAIR);
    expect(spread()).toBe(1);
  });

  it('is silent where the tombstone is still there and wins', () => {
    const { data } = deletedOnTwo();
    tell(2000, 'applied', data, 0, BY_REPAIR);
    expect(spread()).toBe(0);
  });

  it('is silent where an older version comes first and the newer one after it', () => {
    const old = addVersion(world, { at: 10, row: 0 });
    write(10, old, [0, 1], HINTED);
    const newer = addVersion(world, { at: 20, row: 0 });
    write(20, newer, [0, 1], HINTED);
    tell(50, 'applied', old, 2, VIA.hint);
    expect(spread()).toBe(0);
  });

  it('sounds where what replaced the version is lost for good', () => {
    const old = addVersion(world, { at: 10, row: 0 });
    write(10, old, [0, 1], HINT_PASSED);
    const newer = addVersion(world, { at: 20, row: 0 });
    write(20, newer, [0], HINT_PASSED);
    tell(30, 'reverted', old, 0, CAUSE.lostBeforeFsync | (1 << 8));
    tell(40, 'applied', old, 2, VIA.readRepair);
    const { by, alarms } = zombiesSpread(oracle.spreads(NAMES.origins), NAMES);
    expect(by).toEqual({ read_repair: 1 });
    expect(alarms[0]).toMatchObject({ wrong: 'lost', by: 'read_repair', from: ['n0', 'n2'] });
  });
});
