/** What `explain` says of who and what was at work is what the run was made of: clients, settings, healers. */
import { describe, expect, it } from 'vitest';
import { rulesOfCause } from '../../src/dialect/cassandra/cause-rules.ts';
import { check, load } from '../../src/index.ts';
import type { Plan } from '../../src/index.ts';
import { renderExplanation } from '../../src/report/explain.ts';
import type { EditKind } from '../../src/scenario/load.ts';
import { explain } from '../../src/studies/explain/explain.ts';
import { explainRow } from '../../src/studies/explain/explain-row.ts';
import type { Explanation, Story } from '../../src/studies/explain/explanation.ts';

const OPTIONS = { atMicros: null, rulesOf: rulesOfCause };

describe('the client of a version', () => {
  // In the file the workloads stand in another order than that of their ids, by which a run numbers them.
  const plan = load({
    text: `
format: 1
name: two applications
database: cassandra@4.1
seed: 5
duration: 2m
cluster:
  nodes: { dc1: { r1: 3 } }
data:
  keyspaces: { ks: { replication: 3 } }
  tables:
    ks.bills: { partitions: 20, row: 1kB, loaded: equal }
    ks.carts: { partitions: 20, row: 1kB, loaded: equal }
workload:
  writes-carts: { table: ks.carts, rate: 1/s, keys: sequential, consistency: ONE }
  bills: { table: ks.bills, rate: 1/s, keys: sequential, consistency: ONE }
`,
  });

  it.each([
    ['ks.carts', 'writes-carts'],
    ['ks.bills', 'bills'],
  ])('of %s is %s, wherever it stands in the file', (table, workload) => {
    const row = explainRow(plan, { by: 'key', table, key: '7', row: null }, OPTIONS);
    if ('problem' in row) throw new Error(row.problem);
    expect(row.promised.workload).toBe(workload);
    expect(row.copies.map(({ holds }) => holds.workload)).toEqual([workload, workload, workload]);
    expect(row.events[0].text).toMatch(new RegExp(`^v1: ${workload} writes through n\\d$`));
  });
});

const CLUSTER = `
format: 1
name: a node away
database: cassandra@4.1
seed: 5
duration: 20m
cluster:
  nodes: { dc1: { r1: 3 } }
  settings: { num_tokens: 4, max_hint_window: 1m }
data:
  keyspaces: { ks: { replication: 3 } }
  tables: { ks.t: { partitions: 100, row: 1kB, loaded: equal } }
workload:
  w: { table: ks.t, rate: 2/s, keys: sequential, consistency: ONE, until: 6m }
faults:
  a: { fault: stop, node: n3, at: 1m, for: 5m }
`;

function storiesAt(atMicros: number, ...edits: [EditKind, string][]): Explanation {
  const draw = (more: readonly [EditKind, string][]): Plan | null =>
    check({ text: CLUSTER, edits: [...edits, ...more] }).plan;
  return explain(load({ text: CLUSTER, edits }), { ...OPTIONS, atMicros, draw });
}

function firstStory(atMicros: number, ...edits: [EditKind, string][]): Story {
  return storiesAt(atMicros, ...edits).stories[0];
}

function told({ events }: Story): string {
  return events.map(({ text }) => text).join('\n');
}

describe('the hint window of a story', () => {
  it('is that of the coordinators, which is what a longer one is asked of', () => {
    const story = firstStory(
      390e6,
      ['set', 'cluster.settings.max_hint_window=3h'],
      ['set', 'cluster.node_settings={ n1: { max_hint_window: 1m }, n2: { max_hint_window: 1m } }'],
    );
    expect(story.cause).toBe('hint_window_passed');
    expect(told(story)).toContain('max_hint_window of 1 min is over');
    expect(story.prevented_by.map(({ edits }) => edits)).toEqual([
      [
        ['set', 'cluster.node_settings.n1.max_hint_window=1h'],
        ['set', 'cluster.node_settings.n2.max_hint_window=1h'],
      ],
    ]);
    expect(story.prevented_by[0]).toMatchObject({ prevented_copies: story.copies, left_copies: 0 });
  });

  it('may be another on each of them: one that is long enough is left as it is', () => {
    const story = firstStory(390e6, ['set', 'cluster.node_settings={ n1: { max_hint_window: 2m } }']);
    expect(told(story)).toContain('max_hint_window of 1 min on n2 and 2 min on n1 is over');
    const long = firstStory(390e6, ['set', 'cluster.node_settings={ n1: { max_hint_window: 3h } }']);
    expect(told(long)).toContain('max_hint_window of 1 min is over');
    expect(long.prevented_by.map(({ edits }) => edits)).toEqual([[['set', 'cluster.settings.max_hint_window=1h']]]);
  });

  it('is not told where an operator may have set another by then', () => {
    const changed = '{ do: set, at: 30s, node: n1, settings: { max_hint_window: 2m } }';
    const story = firstStory(390e6, ['add', `operations.longer=${changed}`]);
    expect(told(story)).toContain('max_hint_window is over');
  });
});

describe('what would have prevented a story', () => {
  const QUEUE: [EditKind, string] = ['set', 'cluster.settings.max_hints_size_per_host=64KiB'];

  it('says how many of its own copies are as amiss then, and why', () => {
    const room: [EditKind, string][] = [
      ['set', 'cluster.settings.max_hints_size_per_host=128KiB'],
      ['set', 'data.tables.ks.t.partitions=400'],
    ];
    const story = firstStory(390e6, ...room);
    const [{ edits, prevented_copies: prevented, left_copies: left, left_causes: causes, latent_copies: latent }] =
      story.prevented_by;
    expect([story.cause, edits[0][1]]).toEqual(['hint_window_passed', 'cluster.settings.max_hint_window=1h']);
    expect(prevented).toBeGreaterThan(0);
    expect(left).toBeGreaterThan(0);
    expect(prevented + left).toBe(story.copies);
    expect(causes).toEqual({ hint_queue_full: left });
    expect(latent.base - latent.edited).toBe(prevented);
    const look = { columns: 400, color: false, group: null, run: 'last' };
    const text = renderExplanation(storiesAt(390e6, ...room), look);
    expect(text).toContain(`=1h ${prevented} of these; ${left} are amiss then too: hint queue full (a run showed it`);
  });

  it('is not listed where they are all as amiss with it', () => {
    // Keys return every fifty seconds, so the last writes are what is missed, and those the full queue refuses as well.
    const story = firstStory(390e6, QUEUE);
    expect([story.cause, story.copies]).toEqual(['hint_window_passed', 100]);
    expect(story.prevented_by).toEqual([]);
  });
});

describe('what heals next', () => {
  it('is a newer write where a hint brings it that was not there at the moment', () => {
    // All hints of the outage have come by 10 min; x writes the same keys while n3 is away again.
    const story = firstStory(
      600e6,
      ['add', 'workload.x={ table: ks.t, rate: 2/s, keys: sequential, consistency: ONE, from: 12m, until: 13m }'],
      ['add', 'faults.b={ fault: stop, node: n3, at: 12m, for: 30s }'],
    );
    expect(story).toMatchObject({ state: 'latent', copies: 100, afterwards: { left: 0 } });
    expect(Object.keys(story.afterwards.healed)).toEqual(['overwritten']);
  });

  it('is the hint where it waits at the moment', () => {
    const story = firstStory(340e6, ['set', 'cluster.settings.max_hint_window=1h']);
    expect(story.state).toBe('hint_pending');
    expect(Object.keys(story.afterwards.healed)).toContain('hint');
  });

  it('says of whom it is that nothing heals them', () => {
    const part: [EditKind, string] = [
      'add',
      'workload.x={ table: ks.t, rate: 2/s, keys: sequential, consistency: ONE, from: 12m, until: 12m20s }',
    ];
    const look = { columns: 400, color: false, group: null, run: 'last' };
    expect(renderExplanation(storiesAt(600e6, part), look)).toMatch(
      /\d+ are left at 21m 00s\n +those left by nothing: no repair/,
    );
  });
});
