/** What operators change on a running cluster, and whole files that are lost or old: small worlds, counted by hand. */
import { describe, expect, test } from 'vitest';
import type { Plan, PlanEntry } from '../../src/scenario/plan.ts';
import { plainNodes, plainPlan, plainTable, plainWorkload, repairEntry, seconds, traceArrivals } from './plain-plan.ts';
import { fateOf, tell, viaOf, type Story } from './reading.ts';

const N3 = 2;

type Given = Partial<Plan> & { for?: number };

const stop = (node: string, from: number, to: number): PlanEntry => ({
  ...{ id: `faults.${node}`, at_micros: seconds(from), kind: 'stopNode', nodes: [node] },
  for_micros: seconds(to - from),
});

type Change = Extract<PlanEntry, { kind: 'changeSettings' }>;

const change = (at: number, given: Partial<Change>): PlanEntry => ({
  ...{ id: 'operations.change', at_micros: seconds(at), kind: 'changeSettings', nodes: ['n1'], command: 'set' },
  ...{ settings: {}, dc_hints: null, for_micros: null, ...given },
});

const restart = (at: number, settings: Change['settings'], id = 'operations.restart'): PlanEntry => ({
  ...{ id, at_micros: seconds(at), kind: 'restartNode', nodes: ['n1'], settings, for_micros: seconds(2) },
});

/** Each node is a data centre of its own; n1 alone coordinates, a key a write. */
function writesAt(times: readonly number[], entries: PlanEntry[], given: Given = {}): Story {
  const rows = times.map((at, key) => ({ at: seconds(at), key }));
  return tell(
    plainPlan({
      duration_micros: seconds(200),
      nodes: plainNodes(3, { dcs: 3 }),
      workload: { w: plainWorkload({ arrivals: traceArrivals(rows), until_micros: seconds(200) }) },
      entries,
      ...given,
    }),
  );
}

/** By key: what became of the copy on n3, and the entry behind it. */
function fates(story: Story): string[] {
  const { originOf } = story.simulation.world.numbers;
  const nameOf = (number: number): string => [...originOf].find(([, own]) => own === number)?.[0] ?? 'none';
  const issued = story.of('issued').map(({ a }) => a);
  const missed = story.of('missed').filter(({ node }) => node === N3);
  return issued.map((version) => {
    const last = missed.findLast(({ a }) => a === version);
    return last === undefined ? 'came' : `${fateOf(last)} ${nameOf(last.c >> 8)}`;
  });
}

const HINTED = 'node_down hint_pending faults.n3';
const hintedAt = (story: Story): number[] =>
  story
    .of('applied')
    .filter((record) => viaOf(record) === 'hint')
    .map(({ micros }) => micros / 1e6);

describe('hints', () => {
  const away = stop('n3', 10, 30);

  test('wait while delivery is paused, until it is resumed', () => {
    const pause: PlanEntry = {
      ...{ id: 'operations.p', at_micros: seconds(15), kind: 'pauseHandoff', nodes: ['n1'], command: '' },
      for_micros: seconds(100),
    };
    const [plain] = hintedAt(writesAt([20], [away]));
    expect(plain).toBeGreaterThan(30);
    expect(plain).toBeLessThan(60);
    const paused = writesAt([20], [away, pause]);
    const [late] = hintedAt(paused);
    expect(late).toBeGreaterThan(115);
    expect(late).toBeLessThan(140);
    expect(paused.result.final.divergent_copies).toBe(0);
    const resume: PlanEntry = {
      ...{ id: 'operations.r', at_micros: seconds(70), kind: 'resumeHandoff', nodes: ['n1'], command: '' },
    };
    const [earlier] = hintedAt(writesAt([20], [away, pause, resume]));
    expect(earlier).toBeGreaterThan(70);
    expect(earlier).toBeLessThan(95);
    expect(hintedAt(writesAt([20], [away, pause], { model: { off: ['cassandra.e20'] } }))).toEqual([plain]);
  });

  test('are not made while handoff is off: by the operation that turned it off', () => {
    const off = change(14, { settings: { hinted_handoff_enabled: false }, for_micros: seconds(8) });
    const refused = 'hints_off latent operations.change';
    expect(fates(writesAt([12, 16, 24], [away, off]))).toEqual([HINTED, refused, HINTED]);
    // The cluster's own file says no: nobody's operation.
    const settings = { hinted_handoff_enabled: false };
    expect(fates(writesAt([12], [away], { settings }))).toEqual(['hints_off latent faults.n3']);
    // To turn off what is off changes nothing, and the end of the second does not end the first.
    const forGood = { ...off, id: 'operations.first', for_micros: null, at_micros: seconds(11) } as PlanEntry;
    const first = 'hints_off latent operations.first';
    expect(fates(writesAt([12, 16, 24], [away, forGood, off]))).toEqual([first, first, first]);
  });

  test('are not made for a data centre, and are for the others', () => {
    const off = (dc: string): PlanEntry => change(14, { dc_hints: { dc, stored: false } });
    const on = { ...change(18, { dc_hints: { dc: 'dc3', stored: true } }), id: 'operations.on' };
    const refused = 'hints_off latent operations.change';
    expect(fates(writesAt([12, 16, 20], [away, off('dc3')]))).toEqual([HINTED, refused, refused]);
    expect(fates(writesAt([12, 16, 20], [away, off('dc2')]))).toEqual([HINTED, HINTED, HINTED]);
    expect(fates(writesAt([12, 16, 20], [away, off('dc3'), on]))).toEqual([HINTED, refused, HINTED]);
  });

  test('in closed files are deleted by truncatehints, for the targets that are named', () => {
    const drop = (targets: string[]): PlanEntry => ({
      ...{ id: 'operations.drop', at_micros: seconds(25), kind: 'truncateHints', nodes: ['n1'], command: '' },
      targets,
    });
    // A restart closes the file.
    const entries = [away, restart(17, {})];
    const lost = 'hint_lost latent operations.drop';
    expect(fates(writesAt([12, 24], [...entries, drop([])]))).toEqual([lost, HINTED]);
    expect(fates(writesAt([12, 24], [...entries, drop(['n3'])]))).toEqual([lost, HINTED]);
    expect(fates(writesAt([12, 24], [...entries, drop(['n2'])]))).toEqual([HINTED, HINTED]);
    expect(writesAt([12, 24], [...entries, drop([])]).result.final.by_cause.hint_lost).toMatchObject({ left: 1 });
  });

  test('are made for as long as the window that was set', () => {
    const shorter = change(12, { settings: { max_hint_window: seconds(5) } });
    const passed = 'hint_window_passed latent faults.n3';
    expect(fates(writesAt([14, 20], [away]))).toEqual([HINTED, HINTED]);
    expect(fates(writesAt([14, 20], [away, shorter]))).toEqual([HINTED, passed]);
    expect(fates(writesAt([20], [away, { ...shorter, nodes: ['n2'] } as PlanEntry]))).toEqual([HINTED]);
  });
});

describe('a restart', () => {
  test('forgets what nodetool set, and keeps what is in the file from then on', () => {
    const off = change(5, { settings: { hinted_handoff_enabled: false } });
    const on = { ...change(40, { settings: { hinted_handoff_enabled: true } }), id: 'operations.on' };
    const away = stop('n3', 20, 80);
    expect(fates(writesAt([25], [off, restart(10, {}), away]))).toEqual([HINTED]);
    const inFile = restart(10, { hinted_handoff_enabled: false });
    const refused = 'hints_off latent operations.restart';
    expect(fates(writesAt([25], [inFile, away]))).toEqual([refused]);
    // On for a while by nodetool, and off again with the next start.
    const entries = [inFile, away, on, restart(50, {}, 'operations.again')];
    expect(fates(writesAt([25, 45, 60], entries))).toEqual([refused, HINTED, refused]);
  });

  test('is a stop in good order: nothing in memory is lost, and the node is down for as long as it says', () => {
    const story = writesAt([5], [restart(10, {})], { settings: { commitlog_sync_period: seconds(1000) } });
    expect(story.of('reverted')).toEqual([]);
    expect(story.of('nodeStopped', 'nodeStarted').map(({ name, micros }) => `${name} ${micros / 1e6}`)).toEqual([
      'nodeStopped 10',
      'nodeStarted 12',
    ]);
  });
});

describe('files', () => {
  const loaded = { tables: [plainTable({ loaded: 'equal' })] };

  test('a lost SSTable takes what lay nowhere else on its node, until a repair', () => {
    const lost: PlanEntry = {
      ...{ id: 'faults.gone', at_micros: seconds(20), kind: 'loseSstables', node: 'n3', table: 'shop.orders' },
      ...{ count: 1, which: 'largest' },
    };
    // Keys 0 and 1 have been written since: in memory.
    const story = writesAt([5, 6], [lost], loaded);
    expect(story.of('reverted')).toHaveLength(18);
    expect(story.of('reverted').every(({ node, micros }) => node === N3 && micros === seconds(20))).toBe(true);
    expect(story.result.final.missing_copies).toBe(18);
    expect(story.result.final.by_cause).toMatchObject({ sstable_lost: { born: 18, left: 18 } });
    const repaired = writesAt([5, 6], [lost, repairEntry({ at: seconds(60), nodes: ['n3'] })], loaded);
    expect(repaired.result.final.by_cause).toMatchObject({ sstable_lost: { born: 18, healed: 18, left: 0 } });
  });

  test('an old snapshot has what was written before it was taken, and nothing of later', () => {
    const restore: PlanEntry = {
      ...{ id: 'faults.old', at_micros: seconds(30), kind: 'restoreSnapshot', node: 'n3', table: 'shop.orders' },
      taken_micros: seconds(15),
    };
    const story = writesAt([10, 20, 40], [restore], loaded);
    expect(story.of('reverted').map(({ node, micros }) => [node, micros])).toEqual([[N3, seconds(30)]]);
    expect(story.result.final.by_cause).toMatchObject({ old_data_restored: { born: 1, left: 1 } });
    expect([story.result.final.stale_copies, story.result.final.divergent_copies]).toEqual([1, 1]);
  });
});

describe('a load that differs', () => {
  const diverged = (given: Partial<Extract<PlanEntry, { kind: 'divergeLoaded' }>>): PlanEntry => ({
    ...{ id: 'data.tables.shop.orders', at_micros: 0, kind: 'divergeLoaded', table: 'shop.orders' },
    ...{ share: 1, nodes: ['n3'], copy: 'missing', ...given },
  });
  const loaded = { tables: [plainTable({ loaded: 'equal', partitions: 200 })] };

  test('differs from time 0: of all rows, on the nodes that are named', () => {
    const story = writesAt([], [diverged({})], loaded);
    expect(story.of('reverted').map(({ micros, node }) => [micros, node])).toEqual(Array(200).fill([0, N3]));
    expect(story.result.final.by_cause).toMatchObject({ loaded_diverged: { born: 200, left: 200 } });
    expect(story.result.final.missing_copies).toBe(200);
    expect(writesAt([], [diverged({ copy: 'older' })], loaded).result.final.stale_copies).toBe(200);
  });

  test('of a share of the rows one drawn copy each', () => {
    const story = writesAt([], [diverged({ share: 0.5, nodes: null })], loaded);
    const { divergent_copies: copies } = story.result.final;
    // 200 draws at one half: mean 100, deviation 7.
    expect(Math.abs(copies - 100)).toBeLessThan(35);
    expect(new Set(story.of('reverted').map(({ b }) => b)).size).toBe(copies);
    expect(new Set(story.of('reverted').map(({ node }) => node)).size).toBe(3);
  });
});
