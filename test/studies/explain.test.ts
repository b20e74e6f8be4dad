/** The stories of a run cover every copy that differs or is wrong, exactly; what they say heals it, does. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rulesOfCause } from '../../src/dialect/cassandra/cause-rules.ts';
import { RULE_IDS } from '../../src/dialect/cassandra/rules.ts';
import { CAUSES } from '../../src/data/causes.ts';
import { check, load } from '../../src/index.ts';
import type { Plan } from '../../src/index.ts';
import { renderExplanation } from '../../src/report/explain.ts';
import { renderRow } from '../../src/report/explain-row.ts';
import { namesOf } from '../../src/observe/counters-reader.ts';
import { momentOf } from '../../src/operator/moment.ts';
import { run } from '../../src/run/run.ts';
import { explain, explainStory } from '../../src/studies/explain/explain.ts';
import { explainRow } from '../../src/studies/explain/explain-row.ts';
import type { Explanation, RowExplanation } from '../../src/studies/explain/explanation.ts';
import type { RowWanted } from '../../src/studies/explain/find-row.ts';
import type { EditKind } from '../../src/scenario/load.ts';
import { plans, runs } from '../run/plans.ts';

const TEXT = readFileSync(new URL('../cli/fixtures/away.yaml', import.meta.url), 'utf8');
const LOOK = { columns: 80, color: false };

/** n3 is away for two minutes, nobody hints, a tenth are deletes and their tombstones may go after a minute. */
const LEFT: [EditKind, string][] = [
  ['set', 'cluster.settings.hinted_handoff_enabled=false'],
  ['set', 'workload.orders.mix={ insert: 90%, delete: 10% }'],
  ['set', 'workload.orders.until=3m'],
  ['set', 'data.tables.shop.orders.gc_grace=4m'],
];

function planOf(...edits: [EditKind, string][]): Plan {
  return load({ text: TEXT, edits });
}

function explained(plan: Plan, atMicros: number | null = null, edits: [EditKind, string][] | null = null): Explanation {
  const draw =
    edits === null
      ? null
      : (more: readonly [EditKind, string][]) => check({ text: TEXT, edits: [...edits, ...more] }).plan;
  return explain(plan, { atMicros, rulesOf: rulesOfCause, draw });
}

function rowOf(plan: Plan, wanted: RowWanted, atMicros: number | null = null): RowExplanation {
  const row = explainRow(plan, wanted, { atMicros, rulesOf: rulesOfCause });
  if ('problem' in row) throw new Error(row.problem);
  return row;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

describe('the stories', () => {
  it('sum to what the result counts, whatever the plan', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const { stories, final } = explained(plan);
        const counted = run(plan).result.final;
        expect(final).toEqual(counted);
        expect(sum(stories.map((story) => story.divergent_copies))).toBe(counted.divergent_copies);
        expect(sum(stories.map((story) => story.latent_copies))).toBe(counted.latent_copies);
        expect(sum(stories.flatMap(({ wrong }) => Object.values(wrong)))).toBe(counted.wrong_copies);
        for (const { copies, by_node: nodes, by_table: tables } of stories) {
          expect(sum(Object.values(nodes))).toBe(copies);
          expect(sum(Object.values(tables))).toBe(copies);
        }
        for (const { copies, afterwards } of stories)
          expect(sum(Object.values(afterwards.healed).map((one) => one.copies)) + afterwards.left).toBe(copies);
      }),
      { numRuns: runs(6) },
    );
  });

  it('at an earlier moment are those of the run cut there, and say what became of them', () => {
    const repair: [EditKind, string] = [
      'add',
      'repairs.all={ repair: nodetool, node: n3, run: "nodetool repair -full shop", at: 4m }',
    ];
    const plan = planOf(...LEFT, repair);
    const { stories, final } = explained(plan, 200e6);
    expect(final.latent_copies).toBeGreaterThan(50);
    expect(sum(stories.map((story) => story.latent_copies))).toBe(final.latent_copies);
    const [first] = stories;
    expect(first).toMatchObject({ cause: 'hints_off', origin: 'faults.away', state: 'latent' });
    expect(first.afterwards.left).toBe(0);
    expect(first.afterwards.healed['repairs.all'].copies).toBe(first.copies);
    expect(first.afterwards.healed['repairs.all'].by_micros).toBeGreaterThan(240e6);
    expect(first.next_repairs[0]).toMatchObject({ id: 'repairs.all', at_micros: 240e6, reaches_copies: first.copies });
  });

  it('are of the same moment as the view of an operator: what happens at that microsecond belongs to it', () => {
    const plan = planOf(['set', 'faults.away.mode=power-loss']);
    const { stories, final, at_micros: at } = explained(plan, 60e6);
    expect(at).toBe(60e6);
    const lost = stories.findIndex(({ cause }) => cause === 'lost_before_fsync');
    expect(lost).toBeGreaterThanOrEqual(0);
    expect(stories[lost].events.map(({ text }) => text)).toContain('n3 without power (faults.away)');
    const { oracle } = momentOf(plan, 60e6);
    oracle.advance(60e6 + 1);
    expect(oracle.snapshotFinal(namesOf(plan))).toEqual(final);
    const row = rowOf(plan, { by: 'group', number: lost + 1 }, 60e6);
    expect(row.at_micros).toBe(60e6);
    expect(row.copies.map(({ cause }) => cause)).toContain('lost_before_fsync');
  });

  it('that hints will heal are followed beyond the end', () => {
    const plan = planOf(['set', 'faults.away.at=290s'], ['set', 'faults.away.for=5m']);
    const { stories, seen_until_micros: seen, end_micros: end } = explained(plan);
    const hinted = stories.find(({ state }) => state === 'hint_pending');
    expect(hinted).toMatchObject({ cause: 'node_down', afterwards: { left: 0 } });
    expect(seen).toBeGreaterThan(end);
    expect(Object.keys(hinted?.afterwards.healed ?? {})).toEqual(['hint']);
  });

  it('name what would have prevented them only after a run has shown it', () => {
    const [first] = explained(planOf(...LEFT), null, LEFT).stories;
    expect(first.prevented_by).toHaveLength(1);
    expect(first.prevented_by[0].edits).toEqual([['set', 'cluster.settings.hinted_handoff_enabled=true']]);
    const there = run(planOf(...LEFT, ['set', 'cluster.settings.hinted_handoff_enabled=true'])).result;
    expect(first.prevented_by[0].latent_copies.edited).toBe(there.final.latent_copies);
    expect(first.prevented_by[0].hint_bytes.edited).toBe(there.hints['delivered_bytes']);
    expect(explained(planOf(...LEFT)).stories[0].prevented_by).toEqual([]);
  });

  it('try what would have prevented one of them for that one, and nothing where there is none such', () => {
    const plan = planOf(...LEFT);
    const tried: string[] = [];
    const draw = ([[kind, text]]: readonly [EditKind, string][]): Plan | null => {
      tried.push(text);
      return check({ text: TEXT, edits: [...LEFT, [kind, text]] }).plan;
    };
    const options = { atMicros: 90e6, rulesOf: rulesOfCause, draw };
    const all = explain(plan, { ...options, draw: null }).stories;
    expect(all.length).toBeGreaterThan(1);
    const hintless = all.findIndex(({ cause }) => cause === 'hints_off') + 1;
    expect(explainStory(plan, all.length + 1, options)).toEqual({
      problem: `there is no story ${all.length + 1}`,
      expected: `a number from 1 to ${all.length}`,
    });
    expect(tried).toEqual([]);
    const one = explainStory(plan, hintless, options);
    expect(tried).toEqual(['cluster.settings.hinted_handoff_enabled=true']);
    if ('problem' in one) throw new Error(one.problem);
    expect(one.stories.map(({ prevented_by: remedies }) => remedies.length > 0)).toEqual(
      all.map(({ number }) => number === hintless),
    );
  });

  it('read so', () => {
    const text = renderExplanation(explained(planOf(...LEFT), null, LEFT), { ...LOOK, group: null, run: 'last' });
    expect(text).toMatchInlineSnapshot(`
      "One node is away for two minutes                                 cassandra 4.1.7
      at 6m 00s, the end of the run · seed 3

      100 copies differ (100 latent, 0 hint pending, 0 in flight); 100 wrong for
      clients (89 stale, 11 missing). One story covers all of them.

      1  100 copies of 100 rows · hints off · from faults.away
         1m 00s  n3 crashed (faults.away)
         1m 02s  hints are off: nothing is hinted (n3)
         1m 18s  the others begin to see n3 down                                 g-phi
         2m 59s  the last of 2 400 that n3 missed so
         3m 00s  n3 back
         state       latent: nothing under way will heal it · wrong: 89 stale, 11
                     missing
         on          n3 100 · shop.orders
         heals next  nothing: no repair of the plan is ahead; only a repair that
                     reaches them or a newer write
         if nobody   6 of them lack a delete: between 6m 53s after the start and 6m
                     58s after the start the tombstones may go; after that what was
                     deleted wins on the next repair (h3)
         prevented   with cluster.settings.hinted_handoff_enabled=true all of these (a
                     run showed it: latent 100 → 0, wrong 100 → 0, hints +840 kB)

       one row reconverge explain last --group 1 --one
      "
    `);
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('are none where nothing differs', () => {
    const text = renderExplanation(explained(planOf()), { ...LOOK, group: null, run: 'last' });
    expect(text).toContain('there is nothing to explain');
  });

  it('name rules that the ledger has', () => {
    for (const cause of CAUSES) for (const id of rulesOfCause(cause)) expect(RULE_IDS).toContain(id);
  });
});

describe('one row', () => {
  const plan = planOf(...LEFT);

  it('of a story has a copy that is amiss for its cause', () => {
    const { stories } = explained(plan);
    for (const { number, cause, origin } of stories) {
      const row = rowOf(plan, { by: 'group', number });
      expect(row.copies.some((copy) => copy.cause === cause && copy.origin === origin)).toBe(true);
    }
  });

  it('tells the zombie: what it has, and the delete that it missed', () => {
    const late = planOf(...LEFT, ['set', 'data.tables.shop.orders.gc_grace=30s']);
    const row = rowOf(late, { by: 'zombie' });
    const zombie = row.copies.find(({ wrong }) => wrong === 'zombie');
    expect(zombie).toMatchObject({ node: 'n3' });
    expect(row.promised.kind).toMatch(/^delete/);
    expect(row.purge_micros).toBe((row.promised.at_micros ?? 0) + 30e6);
    expect(row.events.map(({ text }) => text).join('\n')).toContain(
      `${row.promised.name} misses n3: hints off, latent`,
    );
  });

  it('reads so', () => {
    const text = renderRow(rowOf(plan, { by: 'group', number: 1 }), LOOK);
    expect(text).toMatchInlineSnapshot(`
      "One node is away for two minutes                                 cassandra 4.1.7
      at 6m 00s, the end of the run · seed 3
      shop.orders:19 · token -8829757208421597067 · 1 copy of 3 amiss

         should be   v2 written 2m 57s by orders through n1, acknowledged

       copy        has                since   state
       n1  dc1 r1  v2 written 2m 57s  –       right
       n2  dc1 r1  v2 written 2m 57s  –       right
       n3  dc1 r1  v1 written 59 s    2m 57s  stale, latent: hints off

         59 s    v1: orders writes through n2
         59 s    v1 reaches n1, n2, n3
         59 s    v1: its client is told success
         1m 00s  n3 crashed (faults.away)
         1m 18s  the others begin to see n3 down                                 g-phi
         2m 57s  v2: orders writes through n1
         2m 57s  v2 misses n3: hints off, latent, from faults.away
         2m 57s  v2 reaches n1, n2
         2m 57s  v2: its client is told success
         3m 00s  n3 back
         and 40 versions of which no copy has anything left

         heals next  nothing: no repair of the plan is ahead; only a repair that
                     reaches it or a newer write
      "
    `);
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('is found by its key, and by its token', () => {
    const byKey = rowOf(plan, { by: 'key', table: 'shop.orders', key: '17', row: null });
    const byToken = rowOf(plan, { by: 'token', table: null, token: BigInt(byKey.token), row: null });
    expect(byToken).toEqual(byKey);
    const next = rowOf(plan, { by: 'token', table: null, token: BigInt(byKey.token) - 1n, row: null });
    expect(next.key).toBe('17');
  });

  it('that is lost says so', () => {
    // All copies lie on one node, which loses what it had not synced.
    const alone = planOf(
      ['set', 'data.keyspaces.shop.replication=1'],
      ['set', 'faults.away.mode=power-loss'],
      ['set', 'workload.orders.until=61s'],
      ['set', 'workload.orders.consistency.write=ONE'],
    );
    const row = rowOf(alone, { by: 'lost' });
    expect(row.lost).toBe(true);
    expect(row.copies[0].wrong).toBe('lost');
    const { stories } = explained(alone);
    expect(stories[0]).toMatchObject({ state: 'agreed', cause: 'lost_before_fsync', origin: 'faults.away' });
    expect(renderRow(row, LOOK)).toContain('what was promised is lost for good');
  });

  it('that is not there is a problem, not a row', () => {
    const problems: [RowWanted, RegExp][] = [
      [{ by: 'key', table: null, key: '100', row: null }, /shop.orders has no key 100/],
      [{ by: 'key', table: 'shop.order', key: '1', row: null }, /there is no table shop.order/],
      [{ by: 'key', table: null, key: '1', row: 3 }, /there is no row 3/],
      [{ by: 'series', series: 'cpu' }, /there is no series cpu/],
      [{ by: 'group', number: 9 }, /there is no story 9/],
      [{ by: 'lost' }, /no copy has lost/],
    ];
    for (const [wanted, said] of problems)
      expect(explainRow(plan, wanted, { atMicros: null, rulesOf: rulesOfCause })).toMatchObject({
        problem: expect.stringMatching(said) as string,
      });
  });

  it('a series is found in whichever shard has a point of it that is amiss', () => {
    const url = new URL('../../scenarios/influxdb/a-queue-that-meets-max-size.yaml', import.meta.url);
    const points = load({ text: readFileSync(url, 'utf8') });
    const story = rowOf(points, { by: 'group', number: 1 });
    const row = rowOf(points, { by: 'series', series: story.key });
    expect(row).toMatchObject({ key: story.key, table: story.table });
    expect(row.copies.some(({ divergent }) => divergent)).toBe(true);
    const none = { by: 'series', series: 'no,such=series' } as const;
    expect(explainRow(points, none, { atMicros: null, rulesOf: rulesOfCause })).toMatchObject({
      expected: expect.stringMatching(/^such as \w+,host=/) as string,
    });
  });
});
