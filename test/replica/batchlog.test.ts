/** Batches, whole and interrupted: what the batchlog brings, and what is missing for good without one. */
import { describe, expect, test } from 'vitest';
import type { ConsistencyLevel, Plan, PlanEntry, SettingValue } from '../../src/scenario/plan.ts';
import { plainNodes, plainPlan, plainTable, plainWorkload, repairEntry, seconds } from '../run/plain-plan.ts';
import { runLogged } from '../run/twins.ts';
import { fateOf, outcomeOf, tell, viaOf, type Story } from '../run/reading.ts';

const SIZE = 4;
const AT = seconds(12);

interface Scene {
  logged: boolean;
  entries?: PlanEntry[];
  settings?: Record<string, SettingValue>;
  model?: Plan['model'];
  consistency?: ConsistencyLevel;
}

/** One batch of four mutations at 12 s, of six nodes in three racks, three copies each, latencies of 1 ms. */
function scene(given: Scene): Story {
  return tell(planOf(given));
}

function planOf({ logged, entries = [], settings = {}, model, consistency = 'QUORUM' }: Scene): Plan {
  const batch = plainWorkload({
    arrivals: { kind: 'fixed', per_second: 1 },
    from_micros: AT,
    count: 1,
    keys: { kind: 'sequential', from: 0, to: 20 },
    batch: { size: SIZE, logged },
    consistency,
  });
  return plainPlan({
    nodes: plainNodes(6, { racks: 3 }),
    tables: [plainTable()],
    workload: { b: batch },
    entries,
    settings,
    ...(model === undefined ? {} : { model }),
  });
}

/** The coordinator is back before the batchlog is replayed, or stays away. */
const cut = (mutations: number, copies: number, lasts = 5): PlanEntry => ({
  id: 'faults.cut',
  at_micros: AT,
  kind: 'cutBatch',
  workload: 'b',
  batch: 0,
  mutations,
  copies,
  mode: 'process',
  for_micros: seconds(lasts),
});

const applied = (story: Story): number => new Set(story.of('applied').map(({ a, node }) => `${a}/${node}`)).size;

describe('a logged batch', () => {
  test('is stored on two other nodes of other racks, sent, and removed when all mutations are acknowledged', () => {
    const story = scene({ logged: true });
    const [coordinator] = story.of('issued').map(({ node }) => node);
    const holders = story.of('batchStored').map(({ node }) => node);
    expect(new Set([coordinator, ...holders].map((node) => node % 3)).size).toBe(3);
    // Stored and acknowledged in 2 ms, then sent.
    expect(new Set(story.of('applied').map(({ micros }) => micros))).toEqual(new Set([AT + 3000]));
    expect(story.of('answered').map((record) => [outcomeOf(record), record.micros])).toEqual(
      Array(SIZE).fill(['success', AT + 4000]),
    );
    expect(story.of('batchRemoved').map(({ node }) => node)).toEqual(holders);
    expect(story.result.storage.replayed_batches).toBe(0);
  });

  test('whose coordinator died is replayed by each holder itself, at a tick after twice the time-out', () => {
    const story = scene({ logged: true, entries: [cut(1, 2)] });
    // Holders look when they have been up for 30 s, then every 10 s.
    expect(story.of('batchReplayed').map(({ node, micros }) => [node, micros])).toEqual(
      story
        .of('batchStored')
        .map(({ node }) => [node, seconds(30)])
        .sort(([left], [right]) => left - right),
    );
    expect(applied(story)).toBe(SIZE * 3);
    const replayed = story.of('applied').filter((record) => viaOf(record) === 'batchlog');
    expect(replayed).toHaveLength(2 * SIZE * 3);
    // A message each takes a millisecond; what the holder has itself it writes at once.
    expect(new Set(replayed.map(({ micros }) => micros))).toEqual(new Set([seconds(30), seconds(30.001)]));
    expect(story.result.final.divergent_copies).toBe(0);
    // The client knows nothing, and yet it is written.
    expect(story.result.writes).toMatchObject({ issued: SIZE, acknowledged: 0, unknown: SIZE });
  });

  test('is not replayed before twice the write time-out', () => {
    const story = scene({ logged: true, entries: [cut(1, 2)], settings: { write_request_timeout: seconds(10) } });
    expect(story.of('batchReplayed').map(({ micros }) => micros)).toEqual([seconds(40), seconds(40)]);
  });

  test('is replayed as hints to who is down (cassandra.e2)', () => {
    const victim = (scene({ logged: true }).of('issued')[0].node + 3) % 6;
    const away: PlanEntry = {
      id: 'faults.away',
      at_micros: seconds(1),
      kind: 'stopNode',
      nodes: [`n${victim + 1}`],
      for_micros: seconds(30),
    };
    const story = scene({ logged: true, entries: [away, cut(0, 0)] });
    const copies = story.of('applied').filter(({ node }) => node === victim);
    expect(story.result.storage.replayed_batches).toBe(2);
    expect(copies.every((record) => viaOf(record) === 'hint')).toBe(true);
    expect(copies.length).toBe(story.result.hints.delivered);
    expect(story.result.final.divergent_copies).toBe(0);
  });

  test('is gone when its coordinator and, before a sync, both holders are', () => {
    const [first, second] = scene({ logged: true })
      .of('batchStored')
      .map(({ node }) => `n${node + 1}`);
    const power: PlanEntry = {
      id: 'faults.power',
      at_micros: AT + seconds(0.01),
      kind: 'crashNode',
      nodes: [first, second],
      mode: 'power-loss',
      for_micros: seconds(5),
    };
    const story = scene({
      logged: true,
      entries: [cut(0, 0), power],
      settings: { commitlog_sync_period: seconds(1000) },
    });
    expect(story.result.storage.replayed_batches).toBe(0);
    expect(story.of('applied')).toEqual([]);
    expect(new Set(story.of('missed').map(fateOf))).toEqual(new Set(['coordinator_lost latent']));
    expect(story.result.final.in_flight_copies).toBe(0);
  });

  test('a process crash takes what its log held since the last marker, and nothing older (cassandra.f3)', () => {
    const nodes = scene({ logged: true })
      .of('batchStored')
      .map(({ node }) => `n${node + 1}`);
    const crashedAfter = (micros: number, off: string[] = []): Story => {
      const crash: PlanEntry = {
        id: 'faults.crash',
        at_micros: AT + micros,
        kind: 'crashNode',
        nodes,
        mode: 'process',
        for_micros: seconds(5),
      };
      return scene({ logged: true, entries: [cut(0, 0), crash], model: { off } });
    };
    const young = crashedAfter(seconds(0.002));
    expect(young.result.storage.replayed_batches).toBe(0);
    expect(new Set(young.of('missed').map(fateOf))).toEqual(new Set(['coordinator_lost latent']));
    // A marker every 100 ms.
    expect(crashedAfter(seconds(0.102)).result.storage.replayed_batches).toBe(2);
    expect(crashedAfter(seconds(0.002), ['cassandra.f3']).result.storage.replayed_batches).toBe(2);
  });

  test('what a node found in its log when it started it does not lose any more', () => {
    const nodes = scene({ logged: true })
      .of('batchStored')
      .map(({ node }) => `n${node + 1}`);
    const crash = (id: string, at: number, mode: 'process' | 'power-loss'): PlanEntry => ({
      id,
      at_micros: at,
      kind: 'crashNode',
      nodes,
      mode,
      for_micros: seconds(1),
    });
    const power = crash('faults.power', AT + seconds(3), 'power-loss');
    const settings = { commitlog_sync_period: seconds(1000) };
    const story = scene({
      logged: true,
      entries: [cut(0, 0), crash('faults.first', AT + seconds(1), 'process'), power],
      settings,
    });
    expect(story.result.storage.replayed_batches).toBe(2);
    expect(scene({ logged: true, entries: [cut(0, 0), power], settings }).result.storage.replayed_batches).toBe(0);
  });

  test('survives that with a log that is synced first', () => {
    const [first, second] = scene({ logged: true })
      .of('batchStored')
      .map(({ node }) => `n${node + 1}`);
    const power: PlanEntry = {
      id: 'faults.power',
      at_micros: AT + seconds(0.01),
      kind: 'crashNode',
      nodes: [first, second],
      mode: 'power-loss',
      for_micros: seconds(5),
    };
    const story = scene({ logged: true, entries: [cut(0, 0), power], settings: { commitlog_sync: 'batch' } });
    expect(story.result.storage.replayed_batches).toBe(2);
    expect(applied(story)).toBe(SIZE * 3);
  });
});

describe('where the batchlog is in trouble', () => {
  const holders = scene({ logged: true })
    .of('batchStored')
    .map(({ node }) => node);
  const coordinator = scene({ logged: true }).of('issued')[0].node;
  const gone = (kind: 'stopNode' | 'crashNode', nodes: number[], at: number): PlanEntry => ({
    id: 'faults.gone',
    at_micros: at,
    nodes: nodes.map((node) => `n${node + 1}`),
    for_micros: null,
    ...(kind === 'stopNode' ? { kind } : { kind, mode: 'process' }),
  });
  const others = [0, 1, 2, 3, 4, 5].filter((node) => node !== coordinator);

  test('a holder that is down unseen: the client hears of a time-out, nothing is sent, the other one replays it', () => {
    const story = scene({ logged: true, entries: [gone('crashNode', [holders[0]], AT - seconds(1))] });
    expect(story.of('batchStored').map(({ node }) => node)).toEqual([holders[1]]);
    expect(new Set(story.of('answered').map((record) => `${outcomeOf(record)} ${record.micros - AT}`))).toEqual(
      new Set([`timed_out ${seconds(2)}`]),
    );
    expect(story.of('batchReplayed').map(({ node, micros }) => [node, micros])).toEqual([[holders[1], seconds(30)]]);
    const written = story.of('applied');
    expect(written.filter((record) => viaOf(record) !== 'batchlog')).toEqual([]);
    // All live copies; those of the dead holder are hints.
    expect(applied(story) + story.result.hints.pending).toBe(SIZE * 3);
  });

  test('no other live node in the data centre: refused, and alone in it the coordinator keeps the log', () => {
    // Three copies on six nodes: rows whose copies are all down would be refused anyway, so all but one table copy is up.
    const story = scene({ logged: true, entries: [gone('stopNode', others, AT - seconds(1))] });
    expect(story.of('batchStored')).toEqual([]);
    expect(new Set(story.of('rejected').map(outcomeOf))).toEqual(new Set(['unavailable']));
    const alone = tell(
      plainPlan({
        nodes: plainNodes(3, { dcs: 3 }),
        workload: { b: plainWorkload({ from_micros: AT, count: SIZE, batch: { size: SIZE, logged: true } }) },
      }),
    );
    expect(new Set(alone.of('batchStored').map(({ node }) => node))).toEqual(new Set([0]));
    expect(alone.result.storage.replayed_batches).toBe(0);
  });

  test('what is lost on the way becomes a hint of the holder, as old as the batch', () => {
    const lossy: PlanEntry = {
      id: 'faults.cut-off',
      at_micros: seconds(29),
      kind: 'cutLink',
      from: holders.map((node) => `n${node + 1}`),
      to: others.filter((node) => !holders.includes(node)).map((node) => `n${node + 1}`),
      two_way: true,
      for_micros: seconds(10),
    };
    const story = scene({ logged: true, entries: [cut(0, 0), lossy] });
    expect(story.result.hints.enqueued).toBeGreaterThan(0);
    const made = story.of('missed').filter((record) => fateOf(record).endsWith('hint_pending'));
    expect(new Set(made.map(({ micros }) => micros))).toEqual(new Set([seconds(32)]));
    expect(story.result.final.divergent_copies).toBe(0);
  });

  test('batches of one holder pass its throttle one after the other', () => {
    const busy = plainWorkload({
      arrivals: { kind: 'fixed', per_second: 100 },
      from_micros: AT,
      count: 5,
      keys: { kind: 'sequential', from: 0, to: 20 },
      batch: { size: SIZE, logged: true },
      consistency: 'ALL',
    });
    const plan = plainPlan({
      nodes: plainNodes(3),
      workload: { b: busy },
      settings: { batchlog_replay_throttle: 300 },
      // Every batch is stored and sent, and no acknowledgement of n3 ever comes back.
      entries: [
        {
          id: 'faults.one-way',
          at_micros: AT + 1500,
          kind: 'cutLink',
          from: ['n1'],
          to: ['n3'],
          two_way: true,
          for_micros: 500_000,
        },
        {
          id: 'faults.two-way',
          at_micros: AT + 1500,
          kind: 'cutLink',
          from: ['n2'],
          to: ['n3'],
          two_way: true,
          for_micros: 500_000,
        },
      ],
    });
    const story = tell(plan);
    const byNode = [0, 1, 2].map((node) => story.of('batchReplayed').filter((record) => record.node === node));
    for (const replays of byNode)
      replays.forEach(({ micros }, place) => {
        // 400 bytes a batch, at 100 B/s a node.
        expect(micros).toBe(seconds(30 + 4 * place));
      });
    expect(Math.max(...byNode.map(({ length }) => length))).toBeGreaterThan(1);
    expect(runLogged(plan, true).lines).toEqual(runLogged(plan, false).lines);
  });
});

describe('an unlogged batch', () => {
  test('is sent at once and stored nowhere', () => {
    const story = scene({ logged: false });
    expect(story.of('batchStored')).toEqual([]);
    expect(new Set(story.of('applied').map(({ micros }) => micros))).toEqual(new Set([AT + 1000]));
  });

  test.each([
    [0, 1],
    [1, 2],
    [2, 0],
    [3, 1],
  ])(
    'cut after %i mutations and %i copies stays partial, and a repair completes only what some copy has',
    (mutations, copies) => {
      const coordinator = scene({ logged: false }).of('issued')[0].node;
      const story = scene({ logged: false, entries: [cut(mutations, copies, 100)] });
      // The whole ones reach all copies, the next one the first so many; the coordinator is no more when they arrive.
      const reached = story.of('applied').map(({ a, copy }) => `${a - 2}/${copy}`);
      const sent = Array.from({ length: SIZE * 3 }, (_none, place) => place).filter(
        (place) => place < mutations * 3 + copies,
      );
      const gone = story.of('missed').filter((record) => fateOf(record) === 'coordinator_lost latent');
      expect(gone.every(({ node }) => node === coordinator)).toBe(true);
      const expected = sent.map((place) => `${Math.floor(place / 3)}/${place % 3}`);
      expect([...reached, ...gone.map(({ a, copy }) => `${a - 2}/${copy}`)].sort()).toEqual(expected.sort());
      expect(story.of('missed').filter((record) => fateOf(record) === 'partial_batch latent')).toHaveLength(
        copies === 0 ? 0 : 3 - copies,
      );
      expect(story.of('batchReplayed')).toEqual([]);
    },
  );

  /** A node stopped before the batch, which the first `before` mutations do not need and the next one does. */
  const awayFrom = (before: number): PlanEntry => {
    const applied = scene({ logged: false }).of('applied');
    const coordinator = scene({ logged: false }).of('issued')[0].node;
    const needs = (place: number, node: number): boolean =>
      applied.some((of) => of.a === place + 2 && of.node === node);
    const node = [0, 1, 2, 3, 4, 5].find((candidate) => {
      const first = [0, 1, 2, 3].find((place) => needs(place, candidate));
      return first === before && candidate !== coordinator;
    });
    if (node === undefined) throw new Error(`no node that the mutation after ${before} is the first to need`);
    return { id: 'faults.away', at_micros: seconds(1), kind: 'stopNode', nodes: [`n${node + 1}`], for_micros: null };
  };

  test('is refused in the middle: what comes before the refused mutation is sent (cassandra.e-unlogged)', () => {
    const given: Scene = { logged: false, consistency: 'ALL', entries: [awayFrom(1)] };
    const story = scene(given);
    expect(story.of('issued').map(({ a }) => a)).toEqual([2]);
    expect(story.of('rejected').map(({ a }) => a)).toEqual([3, 4, 5]);
    expect(story.of('applied').map(({ a }) => a)).toEqual([2, 2, 2]);
    // The client hears of it at once, and of nothing else afterwards.
    expect(story.of('answered').map((record) => [record.a, outcomeOf(record), record.micros])).toEqual([
      [2, 'unavailable', AT],
    ]);
    expect(story.result.writes).toMatchObject({ issued: SIZE, acknowledged: 0, unavailable: SIZE });
    expect(story.result.storage.partial_batches).toBe(1);
    expect(story.result.rules_exercised).toContain('cassandra.e-unlogged');
    expect(runLogged(planOf(given), true).lines).toEqual(runLogged(planOf(given), false).lines);
    // A logged one is judged whole.
    const whole = scene({ ...given, logged: true });
    expect([whole.of('issued'), whole.of('batchStored'), whole.of('applied')]).toEqual([[], [], []]);
    expect(whole.of('rejected')).toHaveLength(SIZE);
  });

  test('that is refused before its coordinator was to die is not cut; one that is cut before is', () => {
    const away = awayFrom(1);
    const refused = scene({ logged: false, consistency: 'ALL', entries: [away, cut(2, 0)] });
    expect(refused.of('nodeCrashed')).toEqual([]);
    expect(refused.of('answered').map(outcomeOf)).toEqual(['unavailable']);
    const died = scene({ logged: false, consistency: 'ALL', entries: [away, cut(0, 1)] });
    expect(died.of('nodeCrashed')).toHaveLength(1);
    expect(died.result.writes).toMatchObject({ unavailable: 0, unknown: SIZE });
  });

  test('a repair spreads the copies that were reached', () => {
    const repair = repairEntry({ at: seconds(45), nodes: ['n1', 'n2', 'n3', 'n4', 'n5', 'n6'] });
    const story = scene({ logged: false, entries: [cut(1, 1), repair] });
    expect(story.result.storage.partial_batches).toBe(1);
    expect(story.result.final.divergent_copies).toBe(0);
    expect(story.result.final.by_cause.partial_batch?.healed_by).toEqual({ 'repairs.by-hand': 2 });
  });
});
