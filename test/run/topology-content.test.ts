/** What operators do to files and hints of a cluster whose placement or gc_grace changes on the way: small worlds by hand. */
import { describe, expect, test } from 'vitest';
import { expiryOf } from '../../src/data/run-summary.ts';
import { NOTHING } from '../../src/data/versions.ts';
import { segmentsEverHeld } from '../../src/data/held-ordinals.ts';
import type { Plan, PlanEntry } from '../../src/scenario/plan.ts';
import { plainNodes, plainPlan, plainTable, plainWorkload, seconds, traceArrivals } from './plain-plan.ts';
import { tell, viaOf, type Story } from './reading.ts';
import { crash } from './silos.ts';

const KEYS = 20;

const leaves: PlanEntry = {
  ...{ id: 'operations.change', at_micros: seconds(30), command: '', kind: 'decommissionNode', node: 'n5' },
};

/** Five nodes with three copies of all rows, of which n5 leaves at 30 s. */
function leaving(entries: PlanEntry[], given: Partial<Plan> = {}): Story {
  return tell(
    plainPlan({
      nodes: plainNodes(5, { racks: 1 }),
      tables: [plainTable({ loaded: 'equal', partitions: KEYS })],
      duration_micros: seconds(150),
      entries: [...entries, leaves],
      ...given,
    }),
  );
}

describe('files of a node that has gained ranges', () => {
  /** Slots of which n1 is a replica at the end, and at the start. */
  function slotsOf(story: Story, epoch: number): number[] {
    const [{ epochs, copies, replicas, rangeOfOrdinal, slotBase }] = story.simulation.world.tables;
    return Array.from({ length: KEYS }, (_none, ordinal) => ordinal)
      .filter((ordinal) => {
        const base = rangeOfOrdinal[ordinal] * copies;
        const places = Array.from({ length: copies }, (_none, copy) => base + copy);
        return places.some((place) => replicas[place] === 0 && epochs?.roles[epoch][place] === 1);
      })
      .map((ordinal) => slotBase + ordinal);
  }

  test('that are lost: all that they had is told, also what came with the ranges', () => {
    const lost: PlanEntry = {
      ...{ id: 'faults.gone', at_micros: seconds(100), kind: 'loseSstables', node: 'n1', table: 'shop.orders' },
      ...{ count: 100, which: 'largest' },
    };
    const story = leaving([lost]);
    const owned = slotsOf(story, story.simulation.replicas.placements.epoch);
    expect(owned.length).toBeGreaterThan(slotsOf(story, 0).length);
    expect(story.of('reverted').map(({ b }) => b)).toEqual(owned);
    expect(story.result.final.missing_copies).toBe(owned.length);
  });

  test('that are those of a snapshot of before: what came with the ranges is gone', () => {
    const restore: PlanEntry = {
      ...{ id: 'faults.old', at_micros: seconds(100), kind: 'restoreSnapshot', node: 'n1', table: 'shop.orders' },
      taken_micros: seconds(15),
    };
    const compact: PlanEntry = {
      ...{ id: 'operations.all', kind: 'compactTables', split_output: false, command: 'compact', nodes: ['n1'] },
      ...{ tables: ['shop.orders'], at_micros: seconds(90), every_micros: null },
    };
    const story = leaving([restore, compact]);
    const before = slotsOf(story, 0);
    expect(story.of('reverted').every(({ node, a }) => node === 0 && a === NOTHING)).toBe(true);
    const gained = slotsOf(story, story.simulation.replicas.placements.epoch).filter((slot) => !before.includes(slot));
    expect(gained.length).toBeGreaterThan(0);
    expect(story.of('reverted').map(({ b }) => b)).toEqual(gained);
    expect(story.result.final.missing_copies).toBe(gained.length);
  });
});

test('a hint that has expired is not applied by the node that takes the hints of one that leaves', () => {
  const pause: PlanEntry = {
    ...{ id: 'operations.pause', at_micros: seconds(2), kind: 'pauseHandoff', command: '', for_micros: null },
    nodes: ['n1', 'n2', 'n3', 'n4', 'n5'],
  };
  const given = (off: string[]): Partial<Plan> => ({
    tables: [plainTable({ loaded: 'equal', partitions: KEYS, gc_grace_micros: seconds(15) })],
    workload: { writes: plainWorkload({ from_micros: seconds(11), until_micros: seconds(18) }) },
    model: { off },
  });
  // The first that lives takes them: n1, for which most of them are.
  const entries = [pause, crash(seconds(10), 'n1', seconds(10))];
  const byHint = (story: Story): number =>
    story.of('applied').filter((seen) => seen.node === 0 && viaOf(seen) === 'hint').length;
  const story = leaving(entries, given([]));
  expect(story.of('hintsTransferred').map(({ a }) => a)).toEqual([0]);
  expect(story.result.hints['expired']).toBeGreaterThan(0);
  expect(story.of('hintExpired')).toHaveLength(story.result.hints['expired']);
  expect(byHint(story)).toBe(0);
  expect(byHint(leaving(entries, given(['cassandra.e17'])))).toBeGreaterThan(0);
});

test('SSTables of an old snapshot expire as the gc_grace says that holds when they are put back', () => {
  const restore: PlanEntry = {
    ...{ id: 'faults.old', at_micros: seconds(40), kind: 'restoreSnapshot', node: 'n1', table: 'shop.orders' },
    taken_micros: seconds(15),
  };
  const alter: PlanEntry = {
    ...{ id: 'operations.alter', at_micros: seconds(30), kind: 'alterTable', nodes: ['n1'], command: '' },
    ...{ table: 'shop.orders', gc_grace_micros: seconds(600) },
  };
  const rows = [3, 5, 8].map((at, key) => ({ at: seconds(at), key, operation: 'delete' as const }));
  const workload = { w: plainWorkload({ arrivals: traceArrivals(rows) }) };
  const { world } = tell(plainPlan({ tables: [plainTable()], workload, entries: [restore, alter] })).simulation;
  const { runs } = world.storage.of(0, 0);
  expect(runs.length).toBeGreaterThan(0);
  for (const run of runs) expect(run.expiresAt).toBe(expiryOf(world.versions, run.versions, seconds(600)));
});

test('what a node ever holds are the ranges of which it is a member, whatever it holds at the start', () => {
  const [table] = leaving([]).simulation.world.tables;
  const { copies, replicas, rangeOfOrdinal } = table;
  for (let node = 0; node < 5; node += 1) {
    const isMember = (ordinal: number): boolean =>
      replicas.subarray(rangeOfOrdinal[ordinal] * copies, (rangeOfOrdinal[ordinal] + 1) * copies).includes(node);
    const segments = segmentsEverHeld(table, node);
    const held = segments.flatMap(({ from, to }) => Array.from({ length: to - from }, (_none, index) => from + index));
    expect(held).toEqual(Array.from({ length: KEYS }, (_none, ordinal) => ordinal).filter(isMember));
    expect(segmentsEverHeld(table, node)).toBe(segments);
  }
});
