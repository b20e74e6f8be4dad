/**
 * Exhaustive small worlds: three copies, two rows, up to five events out of a pool in every order (a version's deliveries
 * and fates follow its issue, nothing else is required). After each event the oracle and the naive model must agree.
 */
import { expect, it } from 'vitest';
import { CAUSE, OUTCOME, STATE, VIA } from '../../src/data/causes.ts';
import { APPLIED_ONE_SLOT } from '../../src/data/records.ts';
import { BASE, NOTHING, OPERATION } from '../../src/data/versions.ts';
import { Oracle } from '../../src/observe/oracle.ts';
import { compare } from './compare.ts';
import { NaiveOracle } from './naive.ts';
import { addVersion, nodeOf, packed, smallWorld, tableOfSlot, type PlainRecord, type World } from './small-world.ts';

const DEPTH = 5;
const STEP_MICROS = 7;
/** Beyond gc grace (1 ms) and a TTL of one second. */
const LONG_MICROS = 1_500_000;

interface Event {
  kind: PlainRecord['kind'];
  a: number;
  /** Slot. */
  b: number;
  copy?: number;
  c?: number;
  /** Time that passes before it. */
  wait?: number;
}

const issue = (a: number, b: number): Event => ({ kind: 'issued', a, b });
const apply = (a: number, b: number, copy: number, c: number = VIA.delivery): Event => ({
  kind: 'applied',
  a,
  b,
  copy,
  c,
});
const lose = (a: number, b: number, copy: number): Event => ({
  kind: 'missed',
  a,
  b,
  copy,
  c: CAUSE.nodeDown | (STATE.latent << 6) | (1 << 8),
});
const hint = (a: number, b: number, copy: number): Event => ({
  kind: 'missed',
  a,
  b,
  copy,
  c: CAUSE.timeout | (STATE.hintPending << 6) | (2 << 8),
});
const succeed = (a: number, b: number): Event => ({ kind: 'answered', a, b, c: OUTCOME.success });
const revert = (held: number, b: number, copy: number, cause: number): Event => ({
  kind: 'reverted',
  a: held,
  b,
  copy,
  c: cause | (1 << 8),
});
const purge = (a: number, b: number, copy: number, held: number): Event => ({ kind: 'purged', a, b, copy, c: held });
const pass = (wait: number): Event => ({ kind: 'rejected', a: 2, b: 0, c: OUTCOME.unavailable, wait });

/** May the event come now? Only issues come out of nothing. */
function isPossible(event: Event, issued: ReadonlySet<number>): boolean {
  if (event.kind === 'issued' || event.kind === 'rejected' || event.a <= BASE) return true;
  return event.kind === 'reverted' || issued.has(event.a);
}

/** Every order of up to DEPTH events of the pool; gives how many sequences were compared. */
function everyOrder(world: World, pool: readonly Event[]): number {
  const oracle = new Oracle({
    versions: world.versions,
    tables: world.tables,
    nodeCount: world.options.nodes,
    entryCount: 2,
    order: world.options.order,
    runEndMicros: 1e9,
  });
  const path: string[] = [];
  let sequences = 0;
  const explore = (naive: NaiveOracle, left: readonly Event[], issued: ReadonlySet<number>, micros: number): void => {
    if (path.length === DEPTH) return;
    const state = oracle.save();
    for (const event of left) {
      if (!isPossible(event, issued)) continue;
      const record = recordOf(world, event, micros + STEP_MICROS + (event.wait ?? 0));
      path.push(JSON.stringify(record));
      const next = naive.fork();
      oracle.load(state);
      step(oracle, next, record, path);
      sequences += 1;
      const nowIssued = event.kind === 'issued' ? new Set([...issued, event.a]) : issued;
      explore(
        next,
        left.filter((other) => other !== event),
        nowIssued,
        record.micros,
      );
      path.pop();
    }
  };
  explore(new NaiveOracle(world), pool, new Set(), 0);
  oracle.check();
  return sequences;
}

function step(oracle: Oracle, naive: NaiveOracle, record: PlainRecord, path: readonly string[]): void {
  try {
    oracle.fold(packed([record]), 1);
    naive.take(record);
    compare(oracle, naive);
  } catch (error) {
    throw new Error(`${String(error)}\nafter\n${path.join('\n')}`, { cause: error });
  }
}

function recordOf(world: World, { kind, a, b, copy = 0, c = 0 }: Event, micros: number): PlainRecord {
  return { micros, kind, node: nodeOf(tableOfSlot(world, b), b, copy), copy, a, b, c };
}

it('writes that are delivered, hinted, lost and taken back', () => {
  const world = smallWorld();
  const first = addVersion(world, { at: 1, row: 0 });
  const second = addVersion(world, { at: 2, row: 0 });
  const other = addVersion(world, { at: 3, row: 1 });
  const pool = [
    ...[issue(first, 0), issue(second, 0), issue(other, 1)],
    ...[apply(first, 0, 0), apply(first, 0, 1), apply(second, 0, 0), apply(second, 0, 2, VIA.hint)],
    ...[lose(first, 0, 1), hint(first, 0, 2), lose(second, 0, 1), lose(second, 0, 0), lose(other, 1, 0)],
    ...[succeed(first, 0), succeed(second, 0), revert(NOTHING, 0, 0, CAUSE.lostBeforeFsync)],
  ];
  expect(everyOrder(world, pool)).toBe(11_020);
});

it('a delete of loaded rows, its purge, and what comes back', () => {
  const world = smallWorld({ loaded: true, gcGraceMicros: 1000 });
  const tombstone = addVersion(world, { at: 1, row: 0, operation: OPERATION.deleteCell });
  const write = addVersion(world, { at: 2, row: 0 });
  const repair = VIA.repair | APPLIED_ONE_SLOT | (2 << 8);
  const pool = [
    ...[
      issue(tombstone, 0),
      apply(tombstone, 0, 0),
      apply(tombstone, 0, 1),
      lose(tombstone, 0, 2),
      succeed(tombstone, 0),
    ],
    ...[pass(1500), purge(tombstone, 0, 0, NOTHING), purge(tombstone, 0, 1, NOTHING)],
    ...[apply(BASE, 0, 0, repair), apply(BASE, 0, 2, repair), issue(write, 0), apply(write, 0, 2), lose(write, 0, 0)],
  ];
  expect(everyOrder(world, pool)).toBe(12_061);
});

it('cells that expire', () => {
  const world = smallWorld({ gcGraceMicros: 2_000_000 });
  const brief = addVersion(world, { at: 1, row: 0, ttlSeconds: 1 });
  const lasting = addVersion(world, { at: 2, row: 0 });
  const pool = [
    ...[
      issue(brief, 0),
      issue(lasting, 0),
      apply(brief, 0, 0),
      apply(brief, 0, 1),
      lose(brief, 0, 1),
      succeed(brief, 0),
    ],
    ...[apply(lasting, 0, 0), lose(lasting, 0, 1), lose(lasting, 0, 0), succeed(lasting, 0)],
    ...[pass(LONG_MICROS), revert(brief, 0, 2, CAUSE.lostBeforeFsync)],
  ];
  expect(everyOrder(world, pool)).toBe(5_496);
});

it('what was promised is lost, until it would have run out anyway', () => {
  const world = smallWorld({ copies: 1, gcGraceMicros: 1000 });
  const brief = addVersion(world, { at: 1, row: 0, ttlSeconds: 1 });
  const tombstone = addVersion(world, { at: 2, row: 0, operation: OPERATION.deleteCell });
  const pool = [
    ...[issue(brief, 0), apply(brief, 0, 0), succeed(brief, 0), lose(brief, 0, 0), pass(LONG_MICROS), pass(1500)],
    ...[issue(tombstone, 0), apply(tombstone, 0, 0), succeed(tombstone, 0), revert(NOTHING, 0, 0, CAUSE.diskLost)],
    revert(brief, 0, 0, CAUSE.oldDataRestored),
  ];
  expect(everyOrder(world, pool)).toBe(7_776);
});

it('two column groups and the deletion of the row', () => {
  const world = smallWorld({ groups: 2, deletesRows: true, loaded: true });
  const one = addVersion(world, { at: 1, row: 0, groups: 1 });
  const both = addVersion(world, { at: 2, row: 0, groups: 3 });
  const deletion = addVersion(world, { at: 3, row: 0, operation: OPERATION.deleteRow });
  const pool = [
    ...[issue(one, 0), issue(both, 0), issue(deletion, 0), apply(one, 0, 0), apply(both, 0, 1), lose(both, 0, 0)],
    ...[apply(deletion, 0, 0), lose(deletion, 0, 1), succeed(both, 0), succeed(deletion, 0)],
    ...[revert(BASE, 1, 1, CAUSE.bitRot), pass(1500)],
  ];
  expect(everyOrder(world, pool)).toBe(6_416);
});

it('order of arrival: the newer generation wins, a delete leaves nothing', () => {
  const world = smallWorld({ order: 'arrival', copies: 2 });
  const first = addVersion(world, { at: 1, row: 0 });
  const second = addVersion(world, { at: 2, row: 0 });
  const deletion = addVersion(world, { at: 3, row: 0, operation: OPERATION.deleteCell });
  const pool = [
    ...[issue(first, 0), issue(second, 0), issue(deletion, 0), apply(first, 0, 0), apply(second, 0, 0)],
    ...[apply(first, 0, 1), apply(second, 0, 1), apply(deletion, 0, 0), lose(deletion, 0, 1)],
    ...[succeed(second, 0), succeed(deletion, 0), apply(first, 0, 0, VIA.repair | (1 << 8))],
  ];
  expect(everyOrder(world, pool)).toBe(2_958);
});

it('a value damaged in place, which wins the merge', () => {
  const world = smallWorld({ skewed: true });
  const write = addVersion(world, { at: 1, timestamp: 10, row: 0 });
  const later = addVersion(world, { at: 2, timestamp: 5, row: 0 });
  const damaged = addVersion(world, { at: 1, timestamp: 10, operation: OPERATION.corrupt, row: 0 });
  const pool = [
    ...[issue(write, 0), apply(write, 0, 0), apply(write, 0, 1), lose(write, 0, 2), succeed(write, 0)],
    ...[issue(later, 0), apply(later, 0, 0), succeed(later, 0)],
    ...[revert(damaged, 0, 0, CAUSE.bitRot), revert(damaged, 0, 1, CAUSE.bitRot), revert(NOTHING, 0, 1, CAUSE.bitRot)],
  ];
  const spread = { ...apply(damaged, 0, 2, VIA.repair | APPLIED_ONE_SLOT | (2 << 8)), wait: 1 };
  expect(everyOrder(world, [...pool, spread])).toBe(5_809);
});
