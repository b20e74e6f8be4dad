/**
 * Known answers: small stories with every figure worked out by hand. They are the definitions in use; the comparison with
 * the naive model is in the other files.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { Bug } from '../../src/base/assert.ts';
import { CAUSE, OUTCOME, STATE, VIA, WRONG } from '../../src/data/causes.ts';
import { APPLIED_ONE_SLOT } from '../../src/data/records.ts';
import { BASE, NOTHING, OPERATION } from '../../src/data/versions.ts';
import { ANY, ANY_COPY } from '../../src/observe/counters.ts';
import { Oracle } from '../../src/observe/oracle.ts';
import { addVersion, nodeOf, packed, smallWorld, tableOfSlot, type PlainRecord, type World } from './small-world.ts';

let world: World;
let oracle: Oracle;

const NAMES = { nodes: ['n0', 'n1', 'n2', 'n3'], origins: ['workload', 'faults.crash', 'repairs.weekly'] };

function begin(options: Parameters<typeof smallWorld>[0] = {}): void {
  world = smallWorld(options);
  oracle = newOracle();
}

function newOracle(): Oracle {
  return new Oracle({
    versions: world.versions,
    tables: world.tables,
    nodeCount: 4,
    entryCount: 2,
    order: world.options.order,
    runEndMicros: 1e9,
  });
}

function tell(micros: number, kind: PlainRecord['kind'], a: number, slot: number, copy = 0, c = 0): void {
  const node = nodeOf(tableOfSlot(world, slot), slot, copy);
  oracle.fold(packed([{ micros, kind, node, copy, a, b: slot, c }]), 1);
  oracle.check();
}

const lost = (cause: number, origin = 1): number => cause | (STATE.latent << 6) | (origin << 8);
const hinted = (cause: number, origin = 1): number => cause | (STATE.hintPending << 6) | (origin << 8);
const copies = (filter: Partial<typeof ANY_COPY> = {}): number => oracle.divergentCopies({ ...ANY_COPY, ...filter });
const bits = (filter: Partial<typeof ANY_COPY> = {}): number =>
  oracle.entropyUnits({ ...ANY_COPY, ...filter }) / (1 << 20);

describe('one write', () => {
  let write = 0;
  beforeEach(() => {
    begin();
    write = addVersion(world, { at: 10, row: 0 });
    tell(10, 'issued', write, 0);
  });

  it('is in flight to all copies at first, without entropy', () => {
    expect(copies()).toBe(3);
    expect(copies({ state: STATE.inFlight })).toBe(3);
    expect(oracle.divergentRows()).toBe(1);
    expect(bits()).toBe(0);
  });

  it('leaves entropy when one copy of three has it, shared by the other two', () => {
    tell(12, 'applied', write, 0, 0, VIA.delivery);
    expect(copies()).toBe(2);
    expect(bits()).toBeCloseTo(0.918296, 5);
    const [, second, third] = [0, 1, 2].map((copy) => nodeOf(world.tables[0], 0, copy));
    expect(bits({ node: second }) + bits({ node: third })).toBe(bits());
  });

  it('is healed by delivery everywhere; three copies differed for 2, 4 and 9 µs', () => {
    tell(12, 'applied', write, 0, 0, VIA.delivery);
    tell(14, 'applied', write, 0, 1, VIA.delivery);
    tell(15, 'answered', write, 0, 0, OUTCOME.success);
    expect(oracle.wrongCopies(WRONG.missing, ANY)).toBe(1);
    tell(19, 'applied', write, 0, 2, VIA.delivery);
    expect(copies()).toBe(0);
    expect(oracle.healedCopies(CAUSE.inFlight, VIA.delivery, ANY)).toBe(3);
    expect(oracle.divergentRowMicros()).toBe(9);
    expect(oracle.divergentCopyMicros()).toBe(2 + 4 + 9);
    expect(oracle.wrongRowMicros()).toBe(4);
  });

  it('ends under the cause that is known last: hinted, then expired, then repaired', () => {
    tell(12, 'applied', write, 0, 0, VIA.delivery);
    tell(12, 'applied', write, 0, 1, VIA.delivery);
    tell(13, 'missed', write, 0, 2, hinted(CAUSE.nodeDown));
    expect(copies({ state: STATE.hintPending, origin: 1 })).toBe(1);
    tell(50, 'missed', write, 0, 2, lost(CAUSE.hintExpired));
    expect(oracle.bornCopies(CAUSE.nodeDown)).toBe(0);
    expect(oracle.bornCopies(CAUSE.hintExpired)).toBe(1);
    tell(60, 'applied', write, 0, 2, VIA.repair | APPLIED_ONE_SLOT | (2 << 8));
    tell(61, 'applied', write, 0, 1, VIA.repair | APPLIED_ONE_SLOT | (2 << 8));
    expect(oracle.healedCopies(CAUSE.hintExpired, VIA.repair, 2)).toBe(1);
    expect(oracle.repairEffects(2)).toEqual({ healedCopies: 1, appliedRows: 2, uselessRows: 1 });
    const final = oracle.snapshotFinal(NAMES);
    expect(final.by_cause.hint_expired).toMatchObject({
      born: 1,
      healed: 1,
      left: 0,
      healed_by: { 'repairs.weekly': 1 },
    });
  });

  it('heals what it overwrites, as overwritten', () => {
    tell(13, 'missed', write, 0, 2, lost(CAUSE.messageLost));
    const next = addVersion(world, { at: 20, row: 0 });
    tell(20, 'issued', next, 0);
    expect(oracle.healedCopies(CAUSE.messageLost, VIA.overwritten, ANY)).toBe(1);
    expect(copies({ state: STATE.inFlight })).toBe(3);
  });

  it('is lost for good when its only holder loses it after success', () => {
    tell(12, 'applied', write, 0, 0, VIA.delivery);
    tell(13, 'answered', write, 0, 0, OUTCOME.success);
    tell(14, 'missed', write, 0, 1, lost(CAUSE.partition));
    tell(14, 'missed', write, 0, 2, lost(CAUSE.partition));
    tell(20, 'reverted', NOTHING, 0, 0, CAUSE.lostBeforeFsync | (1 << 8));
    expect(oracle.expectedVersion(0)).toBe(NOTHING);
    expect(oracle.promisedVersion(0)).toBe(write);
    expect(copies()).toBe(0);
    expect(oracle.healedCopies(CAUSE.partition, VIA.lost, ANY)).toBe(2);
    expect(oracle.lostAcknowledged()).toBe(1);
    expect(oracle.wrongCopies(WRONG.lost, ANY)).toBe(3);
  });

  it('is expected again when a copy turns out to have it', () => {
    for (const copy of [0, 1, 2]) tell(14, 'missed', write, 0, copy, lost(CAUSE.coordinatorLost));
    expect(oracle.expectedVersion(0)).toBe(NOTHING);
    tell(90, 'applied', write, 0, 1, VIA.replay);
    expect(oracle.expectedVersion(0)).toBe(write);
    expect(copies({ cause: CAUSE.coordinatorLost, state: STATE.latent })).toBe(2);
  });
});

describe('a delete that one copy missed', () => {
  let tombstone = 0;
  beforeEach(() => {
    begin({ loaded: true, gcGraceMicros: 1000 });
    tombstone = addVersion(world, { at: 10, row: 0, operation: OPERATION.deleteCell });
    tell(10, 'issued', tombstone, 0);
    tell(11, 'applied', tombstone, 0, 0, VIA.delivery);
    tell(11, 'applied', tombstone, 0, 1, VIA.delivery);
    tell(12, 'missed', tombstone, 0, 2, lost(CAUSE.nodeDown));
    tell(13, 'answered', tombstone, 0, 0, OUTCOME.success);
  });

  it('is stale there, visible to reads, and a zombie from the moment the delete may be purged', () => {
    expect(oracle.wrongCopies(WRONG.stale, ANY)).toBe(1);
    expect(oracle.wrongCopies(WRONG.zombie, ANY)).toBe(0);
    oracle.advance(1009);
    expect(oracle.wrongCopies(WRONG.zombie, ANY)).toBe(0);
    oracle.advance(1010);
    expect(oracle.wrongCopies(WRONG.zombie, ANY)).toBe(1);
    expect(oracle.wrongCopies(WRONG.stale, ANY)).toBe(0);
    oracle.check();
  });

  it('is seen by readers', () => {
    expect(oracle.visibleDivergentCopies()).toBe(1);
    expect(copies({ cause: CAUSE.nodeDown })).toBe(1);
  });

  it('spreads once the tombstone is purged: divergence ends, wrongness grows', () => {
    tell(2000, 'purged', tombstone, 0, 0, NOTHING);
    tell(2000, 'purged', tombstone, 0, 1, NOTHING);
    expect(oracle.expectedVersion(0)).toBe(BASE);
    expect(copies({ cause: CAUSE.tombstonePurged })).toBe(2);
    expect(oracle.healedCopies(CAUSE.nodeDown, VIA.purged, ANY)).toBe(1);
    tell(3000, 'applied', BASE, 0, 0, VIA.repair | APPLIED_ONE_SLOT | (2 << 8));
    tell(3000, 'applied', BASE, 0, 1, VIA.repair | APPLIED_ONE_SLOT | (2 << 8));
    expect(copies()).toBe(0);
    expect(oracle.wrongCopies(WRONG.zombie, ANY)).toBe(3);
    expect(oracle.lostAcknowledged()).toBe(0);
  });
});

it('a copy with nothing where a tombstone is expected differs until gc grace is over, exactly', () => {
  begin({ gcGraceMicros: 1000 });
  const tombstone = addVersion(world, { at: 10, row: 0, operation: OPERATION.deleteCell });
  tell(10, 'issued', tombstone, 0);
  for (const copy of [0, 1]) tell(10, 'applied', tombstone, 0, copy, VIA.delivery);
  tell(10, 'missed', tombstone, 0, 2, lost(CAUSE.messageLost));
  expect(oracle.visibleDivergentCopies()).toBe(0);
  oracle.advance(1009);
  expect(copies()).toBe(1);
  oracle.advance(5000);
  expect(copies()).toBe(0);
  expect(oracle.healedCopies(CAUSE.messageLost, VIA.expired, ANY)).toBe(1);
  expect(oracle.divergentCopyMicros()).toBe(1000);
});

it('the final state names and adds up what is left', () => {
  begin({ tables: 2 });
  const first = addVersion(world, { at: 10, row: 0 });
  const second = addVersion(world, { at: 11, row: 3 });
  tell(10, 'issued', first, 0);
  tell(11, 'issued', second, 3);
  for (const copy of [0, 1]) tell(12, 'applied', first, 0, copy, VIA.delivery);
  tell(13, 'missed', first, 0, 2, lost(CAUSE.hintWindowPassed));
  tell(14, 'applied', second, 3, 0, VIA.delivery);
  const final = oracle.snapshotFinal(NAMES);
  expect(final).toMatchObject({ divergent_rows: 2, divergent_copies: 3, in_flight_copies: 2, latent_copies: 1 });
  expect(Object.keys(final.by_cause)).toEqual(['in_flight', 'hint_window_passed']);
  expect(final.by_cause.hint_window_passed).toMatchObject({
    copies: 1,
    born: 1,
    healed: 0,
    left: 1,
    left_by_state: { latent: 1 },
  });
  expect(final.by_origin).toMatchObject({ workload: { copies: 2 }, 'faults.crash': { copies: 1 } });
  for (const axis of [final.by_cause, final.by_origin, final.by_node, final.by_state]) {
    const shares = Object.values(axis);
    expect(shares.reduce((total, share) => total + share.copies, 0)).toBe(3);
    expect(shares.reduce((total, share) => total + share.bits, 0)).toBe(final.entropy_bits);
  }
});

it('keeps the history of a watched row, and of no other', () => {
  begin({ gcGraceMicros: 100 });
  const tombstone = addVersion(world, { at: 10, row: 0, operation: OPERATION.deleteCell });
  const other = addVersion(world, { at: 11, row: 1 });
  oracle.watchRow(0);
  tell(10, 'issued', tombstone, 0);
  tell(11, 'issued', other, 1);
  tell(12, 'missed', tombstone, 0, 2, hinted(CAUSE.nodeDown));
  tell(13, 'applied', tombstone, 0, 0, VIA.delivery);
  oracle.advance(500);
  const history = oracle.history(0);
  expect(history.map((event) => event.name)).toEqual(['issued', 'missed', 'applied', 'expired']);
  expect(history.map((event) => event.micros)).toEqual([10, 12, 13, 110]);
  expect(history[2].slots[0]).toMatchObject({ expected: tombstone, held: [tombstone, 0, 0] });
  expect(oracle.history(1)).toEqual([]);
  expect(oracle.copyStatus(0, 2)).toEqual({ cause: CAUSE.nodeDown, state: STATE.hintPending, origin: 1 });
});

describe('what must not be is a Bug', () => {
  beforeEach(() => begin());

  it('a record of the past', () => {
    tell(10, 'rejected', 2, 0);
    expect(() => tell(9, 'rejected', 2, 0)).toThrow(Bug);
    expect(() => oracle.advance(9)).toThrow(Bug);
  });

  it('a fate without a cause, or of an origin that is not in the plan', () => {
    const write = addVersion(world, { at: 1, row: 0 });
    tell(1, 'issued', write, 0);
    expect(() => tell(2, 'missed', write, 0, 1, STATE.latent << 6)).toThrow(Bug);
    expect(() => tell(2, 'missed', write, 0, 1, lost(CAUSE.timeout, 3))).toThrow(Bug);
  });

  it('a counter that does not agree with counting again', () => {
    const write = addVersion(world, { at: 1, row: 0 });
    tell(1, 'issued', write, 0);
    const state = oracle.save();
    const spoilt = (spoil: (copy: typeof state) => void): Oracle => {
      const copy = structuredClone(state);
      spoil(copy);
      const other = newOracle();
      other.load(copy);
      return other;
    };
    expect(() => spoilt(() => undefined).check()).not.toThrow();
    expect(() => spoilt((copy) => (copy.counters.all[12] += 1)).check()).toThrow(/entropy/);
    expect(() => spoilt((copy) => (copy.counters.all[13] += 1)).check()).toThrow(Bug);
    expect(() => spoilt((copy) => (copy.counters.classes.statuses = [90])).check()).not.toThrow();
    expect(() => spoilt((copy) => (copy.counters.all[0] += 1)).check()).toThrow(Bug);
    expect(() => spoilt((copy) => (copy.ledger.episodes[CAUSE.inFlight] += 1)).check()).toThrow(/born/);
    expect(() => spoilt((copy) => (copy.cells[0][0] = 0)).check()).toThrow(Bug);
    expect(() => spoilt((copy) => (copy.cells[0][2] = write)).check()).toThrow(/holds what is expected/);
  });
});

describe('what reaches a copy that holds it already', () => {
  it('is counted as useless, and forgotten as a hint', () => {
    begin();
    const first = addVersion(world, { at: 1, row: 0 });
    const second = addVersion(world, { at: 2, row: 0 });
    tell(1, 'issued', first, 0);
    tell(2, 'issued', second, 0);
    tell(3, 'missed', first, 0, 2, hinted(CAUSE.timeout));
    for (const copy of [0, 1, 2]) tell(4, 'applied', second, 0, copy, VIA.delivery);
    tell(5, 'missed', first, 0, 0, lost(CAUSE.nodeDown));
    tell(5, 'missed', first, 0, 1, lost(CAUSE.nodeDown));
    tell(6, 'applied', first, 0, 2, VIA.repair | APPLIED_ONE_SLOT | (2 << 8));
    tell(7, 'applied', second, 0, 2, VIA.repair | APPLIED_ONE_SLOT | (2 << 8));
    expect(oracle.repairEffects(2)).toEqual({ healedCopies: 0, appliedRows: 2, uselessRows: 2 });
    // No hint is left for the first version: when the second is gone nothing can spread.
    for (const copy of [0, 1, 2]) tell(8, 'reverted', NOTHING, 0, copy, CAUSE.diskLost | (1 << 8));
    expect(oracle.expectedVersion(0)).toBe(NOTHING);
  });

  it('is looked up in its own table, also where it was loaded', () => {
    begin({ tables: 2, loaded: true });
    tell(1, 'reverted', NOTHING, 2, 0, CAUSE.diskLost | (1 << 8));
    tell(2, 'applied', BASE, 2, 0, VIA.repair | APPLIED_ONE_SLOT | (2 << 8));
    expect(oracle.heldVersion(2, 0)).toBe(BASE);
    expect(oracle.repairEffects(2)).toEqual({ healedCopies: 1, appliedRows: 1, uselessRows: 0 });
  });

  it('is not useless where one of its slots lacks it', () => {
    begin({ deletesRows: true });
    const deletion = addVersion(world, { at: 1, row: 0, operation: OPERATION.deleteRow });
    tell(1, 'issued', deletion, 0);
    for (const copy of [0, 1, 2]) tell(2, 'applied', deletion, 0, copy, VIA.delivery);
    tell(3, 'reverted', NOTHING, 1, 0, CAUSE.lostBeforeFsync | (1 << 8));
    expect(copies()).toBe(1);
    tell(4, 'applied', deletion, 0, 0, VIA.hint);
    expect(oracle.heldVersion(1, 0)).toBe(deletion);
    expect(copies()).toBe(0);
  });
});
