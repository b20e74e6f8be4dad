/** What a plan holds, given a sound scenario: everything resolved, nothing that depends on the order of drawing. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/scenario/plan.ts';
import { planHash, scenarioSchema } from '../../src/scenario/load.ts';
import { load, scenarioText } from './fake-dialect.ts';

function planOf(sections: Record<string, string | null> = {}, files: Record<string, string> = {}): Plan {
  const { plan, mistakes } = load(scenarioText(sections), {}, files);
  if (plan === null) throw new Error(JSON.stringify(mistakes, null, 1));
  return plan;
}

const noFaults = { faults: null, repairs: null, variants: null };

describe('a sound scenario', () => {
  it('gives a plan, no mistakes, no warnings', () => {
    const { plan, mistakes, warnings } = load(scenarioText());
    expect({ mistakes, warnings }).toEqual({ mistakes: [], warnings: [] });
    expect(plan).toMatchObject({
      database: 'fakedb@1.0.7',
      requested_database: 'fakedb@1',
      seed: '1',
      name: 'test',
      duration_micros: 3600e6,
      settle_micros: 60e6,
    });
  });

  it('gives the same bytes each time, and JSON loses nothing of them', () => {
    const first = JSON.stringify(planOf());
    expect(JSON.stringify(planOf())).toBe(first);
    expect(JSON.parse(first)).toEqual(planOf());
  });

  it('gives other draws for another seed', () => {
    expect(planOf({ seed: 'seed: 2' }).nodes[0].tokens).not.toEqual(planOf().nodes[0].tokens);
  });

  it('keeps seeds as text', () => {
    expect(planOf({ seed: 'seed: 18446744073709551616' }).seed).toBe('18446744073709551616');
    expect(planOf({ seed: 'seed: autumn' }).seed).toBe('autumn');
    expect(planOf({ seed: 'seed: 42' }).seed).toBe('42');
  });

  it('refers to the place of an expectation', () => {
    const text = scenarioText().split('\n');
    const { line, column } = planOf().expect['seen'];
    expect(text[line - 1].slice(column - 1)).toMatch(/^seen:/);
  });
});

describe('nodes and tokens', () => {
  it('numbers nodes over data centres and racks', () => {
    const { nodes } = planOf({ cluster: 'cluster: { nodes: { dc1: { r1: 1, r2: 2 }, dc2: 1 } }' });
    expect(nodes.map(({ id, dc, rack }) => `${id} ${dc} ${rack}`)).toEqual([
      'n1 dc1 r1',
      'n2 dc1 r2',
      'n3 dc1 r2',
      'n4 dc2 r1',
    ]);
  });

  it('draws tokens node by node: a node keeps its own when another comes', () => {
    const three = planOf();
    const four = planOf({ cluster: 'cluster: { nodes: 4 }' });
    expect(four.nodes.slice(0, 3)).toEqual(three.nodes);
    for (const { tokens } of four.nodes) {
      expect(tokens).toHaveLength(4);
      expect([...tokens].sort((left, right) => (BigInt(left) < BigInt(right) ? -1 : 1))).toEqual(tokens);
    }
  });

  it('spreads one token a node evenly', () => {
    const { nodes } = planOf({ cluster: 'cluster: { nodes: 3, settings: { num_tokens: 1 } }' });
    expect(nodes.map(({ tokens }) => tokens)).toEqual([['-6148914691236517206'], ['0'], ['6148914691236517205']]);
  });

  it('takes given tokens exactly', () => {
    const { nodes } = planOf({
      cluster: 'cluster: { nodes: 3, tokens: { n1: -9223372036854775807, n2: [9223372036854775807, 5], n3: "17" } }',
    });
    expect(nodes.map(({ tokens }) => tokens)).toEqual([['-9223372036854775807'], ['5', '9223372036854775807'], ['17']]);
  });

  it('imports a topology and embeds its text', () => {
    const sections = {
      cluster: 'cluster: { from: ring.txt }',
      data: 'data: { replication: { east: 2 }, tables: { shop.orders: { partitions: 1k } } }',
      ...noFaults,
    };
    const plan = planOf(sections, { 'ring.txt': 'a b c' });
    expect(plan.nodes.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(plan.source.imports).toEqual({ 'ring.txt': 'a b c' });
    expect(plan.assumptions).toContain('racks not given');
  });
});

describe('a factor above the nodes', () => {
  it('is kept, and the warning says that levels count it', () => {
    const { plan, warnings } = load(
      scenarioText({ data: 'data: { replication: 4, tables: { shop.orders: { partitions: 10 } } }' }),
    );
    expect(plan?.tables[0].replication).toEqual({ strategy: 'SimpleStrategy', factor: 4 });
    expect(warnings.map(({ code, message }) => [code, message])).toEqual([
      [
        'S202',
        'replication factor 4 is above the 3 nodes of the cluster: each node holds one copy, and consistency levels still count 4',
      ],
    ]);
  });
});

describe('settings', () => {
  const cluster = (settings: string): Record<string, string> => ({
    cluster: `cluster: { nodes: 3, settings: ${settings} }`,
  });

  it('fills in defaults and converts units', () => {
    expect(planOf().settings).toEqual({
      num_tokens: 4,
      max_hint_window: 10_800e6,
      write_request_timeout: 2e6,
      hinted_handoff_enabled: true,
      max_hints_file_size: 134_217_728,
      commitlog_sync: 'periodic',
    });
    expect(planOf(cluster('{ max_hint_window: 6h, max_hints_file_size: 1MiB }')).settings).toMatchObject({
      max_hint_window: 21_600e6,
      max_hints_file_size: 1_048_576,
    });
  });

  it('takes a client for patient that waits as long as its coordinator', () => {
    const retrying = (timeout: string): Record<string, string> => ({
      workload: `workload: { w: { table: shop.orders, rate: 1/s, consistency: ONE, retry: { attempts: 1, timeout: ${timeout} } } }`,
    });
    expect(planOf(retrying('2s')).workload.w.retry).toEqual({ attempts: 1, timeout_micros: 2e6 });
    const sooner = { ...cluster('{ write_request_timeout: 500ms }'), ...retrying('1s') };
    expect(planOf(sooner).workload.w.retry?.timeout_micros).toBe(1e6);
    const { mistakes } = load(scenarioText(retrying('1s')));
    expect(mistakes.map(({ message }) => message)).toEqual([
      "the client gives up before write_request_timeout (2 s): in this version it waits for the coordinator's answer, which may take that long",
    ]);
  });

  it('reads old names by their own unit', () => {
    expect(planOf(cluster('{ max_hint_window_in_ms: 3600000 }')).settings['max_hint_window']).toBe(3600e6);
  });

  it('what is written wins over the file', () => {
    expect(planOf(cluster('{ from: db.conf }'), { 'db.conf': 'batch' }).settings['commitlog_sync']).toBe('batch');
    expect(
      planOf(cluster('{ from: db.conf, commitlog_sync: group }'), { 'db.conf': 'batch' }).settings['commitlog_sync'],
    ).toBe('group');
  });

  it('lists what the database has and the model has not', () => {
    expect(planOf(cluster('{ cdc_enabled: true }')).not_modelled).toEqual(['cdc_enabled', 'materialised views']);
  });

  it('takes whatever stands under a setting that the model has not', () => {
    const { not_modelled } = planOf(cluster('{ cdc_enabled: [{ class_name: A, parameters: [{ seeds: x }] }] }'));
    expect(not_modelled).toContain('cdc_enabled');
  });

  it('keeps settings of single nodes apart', () => {
    const { nodes } = planOf({ cluster: 'cluster: { nodes: 3, node_settings: { n2: { commitlog_sync: batch } } }' });
    expect(nodes.map(({ settings }) => settings)).toEqual([undefined, { commitlog_sync: 'batch' }, undefined]);
  });
});

describe('workload', () => {
  const workload = (text: string): Record<string, string> => ({ workload: `workload:\n  w: ${text}` });

  it('marks tables whose rows are deleted', () => {
    expect(planOf().tables[0].deletes_rows).toBe(true);
    expect(
      planOf(workload('{ table: shop.orders, rate: 1/s, mix: { insert: 90%, delete_cell: 10% } }')).tables[0]
        .deletes_rows,
    ).toBe(false);
    expect(
      planOf(workload('{ table: shop.orders, rate: { csv: t.csv } }'), { 't.csv': 'time,op,key\n1s,delete,5\n' })
        .tables[0].deletes_rows,
    ).toBe(true);
  });

  it('reads a trace whose keys are numbers', () => {
    const { workload: drafted, tables } = planOf(
      workload('{ table: shop.orders, rate: { csv: t.csv }, from: 1s, until: 10s }'),
      { 't.csv': 'time,op,key,bytes\n500ms,insert,1,9\n1s,insert,5,100\n1s,update,7,2KiB\n10s,insert,8,1\n' },
    );
    expect(drafted['w'].arrivals).toEqual({
      kind: 'trace',
      times_micros: [1e6, 1e6],
      operations: ['insert', 'update'],
      keys: [5, 7],
      bytes: [100, 2048],
    });
    expect(tables[0].key_texts).toBeUndefined();
  });

  it('gives named keys numbers by first appearance', () => {
    const { workload: drafted, tables } = planOf(workload('{ table: shop.orders, rate: { csv: t.csv } }'), {
      't.csv': 'time_micros,op,key\n1,insert,ord-9\n2,insert,"a,b"\n3,insert,ord-9\n',
    });
    expect(tables[0].key_texts).toEqual(['ord-9', 'a,b']);
    expect(drafted['w'].arrivals).toMatchObject({ keys: [0, 1, 0], bytes: [350, 350, 350], times_micros: [1, 2, 3] });
  });

  it.each([
    ['time,op\n', 'S152', 1, 1],
    ['time,op,kee\n1s,insert,1\n', 'S152', 1, 1],
    ['time;op;key\n1s;insert;1\n', 'S152', 1, 1],
    ['time,op,time,key\n1s,insert,2s,1\n', 'S152', 1, 1],
    ['time,op,key\n1s,insert\n', 'S152', 2, 1],
    ['time,op,key\n1s,upsert,1\n', 'S152', 2, 4],
    ['time,op,key\n1s,insert,\n', 'S152', 2, 11],
    ['time,op,key\n5,insert,1\n', 'S120', 2, 1],
    ['time,op,key\n2s,insert,1\n1s,insert,1\n', 'S153', 3, 1],
    ['op,time,key\ninsert,2s,1\ninsert,1s,1\n', 'S153', 3, 8],
    ['time,op,key\n', 'S152', 7, 41],
  ])('refuses the trace %j', (csv, code, line, column) => {
    const { mistakes } = load(
      scenarioText({ ...noFaults, ...workload('{ table: shop.orders, rate: { csv: t.csv } }') }),
      {},
      { 't.csv': csv },
    );
    expect(mistakes.map((mistake) => [mistake.code, mistake.line, mistake.column])).toEqual([[code, line, column]]);
  });

  it('refuses a trace of which nothing lies in its window', () => {
    const { mistakes } = load(
      scenarioText({ ...noFaults, ...workload('{ table: shop.orders, rate: { csv: t.csv }, from: 10m }') }),
      {},
      { 't.csv': 'time,op,key\n1s,insert,1\n9m,insert,1\n' },
    );
    expect(mistakes.map(({ code, path, message }) => [code, path, message])).toEqual([
      ['S141', 'workload.w.rate', 'no line of the trace lies in the window of its workload: it goes from 1 s to 9 min'],
    ]);
  });

  it('does not list a thousand mistakes of a trace', () => {
    const csv = `time,op,key\n${'x,insert,1\n'.repeat(1000)}`;
    const { mistakes } = load(
      scenarioText({ ...noFaults, ...workload('{ table: shop.orders, rate: { csv: t.csv } }') }),
      {},
      { 't.csv': csv },
    );
    expect(mistakes).toHaveLength(21);
    expect(mistakes[20].message).toContain('980 more');
  });
});

describe('faults', () => {
  const entry = (text: string): unknown =>
    planOf({
      ...noFaults,
      faults: `faults:\n  x: ${text}`,
      cluster: 'cluster: { nodes: { dc1: { r1: 2, r2: 2 }, dc2: { r1: 2 } } }',
      data: 'data: { replication: { dc1: 2 }, tables: { shop.orders: { partitions: 1k, row: 350B } } }',
    }).entries[0];

  it.each([
    [
      '{ fault: stop, nodes: { dc: dc1, rack: r2 }, at: 1s }',
      { kind: 'stopNode', id: 'faults.x', nodes: ['n3', 'n4'], at_micros: 1e6, for_micros: null },
    ],
    ['{ fault: pause, node: n1, at: 1s, for: 2s }', { kind: 'pauseNode', nodes: ['n1'], for_micros: 2e6 }],
    [
      '{ fault: crash, nodes: all, mode: power-loss, at: 1s, until: 5s }',
      { kind: 'crashNode', mode: 'power-loss', for_micros: 4e6 },
    ],
    [
      '{ fault: partition, between: [dc1, dc2], way: dc2-to-dc1, at: 1s }',
      { kind: 'cutLink', from: ['n5', 'n6'], to: ['n1', 'n2', 'n3', 'n4'], two_way: false },
    ],
    [
      '{ fault: partition, node: n1, at: 1s }',
      { kind: 'cutLink', from: ['n1'], to: ['n2', 'n3', 'n4', 'n5', 'n6'], two_way: true },
    ],
    [
      '{ fault: loss, share: 1%, at: 0, for: 1m }',
      { kind: 'loseMessages', share: 0.01, two_way: true, from: ['n1', 'n2', 'n3', 'n4', 'n5', 'n6'] },
    ],
    ['{ fault: skew, node: n2, by: -5s, at: 1s }', { kind: 'skewClock', by_micros: -5e6 }],
  ])('%s', (text, expected) => {
    expect(entry(text)).toMatchObject(expected);
  });

  it('damages only copies that the node holds', () => {
    // dc2 holds no copies.
    const { mistakes } = load(
      scenarioText({
        ...noFaults,
        cluster: 'cluster: { nodes: { dc1: 2, dc2: 1 } }',
        data: 'data: { replication: { dc1: 2 }, tables: { shop.orders: { partitions: 1k } } }',
        faults:
          'faults:\n  x: { fault: damage, node: n3, table: shop.orders, what: missing, partitions: 1, at: 1s }\n  y: { fault: damage, node: n3, table: shop.orders, what: missing, key: 4, at: 1s }',
      }),
    );
    expect(mistakes.map(({ code, path }) => `${code} ${path}`)).toEqual([
      'S117 faults.x.partitions',
      'S138 faults.y.key',
    ]);
    const damaged = entry('{ fault: damage, node: n2, table: shop.orders, what: corrupt, partitions: 5, at: 1s }') as {
      keys: number[];
    };
    expect(new Set(damaged.keys).size).toBe(5);
  });

  it('cuts a batch', () => {
    const plan = planOf({
      ...noFaults,
      workload: 'workload:\n  b: { table: shop.orders, rate: 10/s, batch: { size: 4, logged: true }, from: 1m }',
      faults:
        'faults:\n  x: { fault: batch-cut, after: { batch: b, index: 20, mutations: 3, copies: 1 }, mode: process, for: 1m }',
    });
    expect(plan.entries[0]).toEqual({
      id: 'faults.x',
      kind: 'cutBatch',
      at_micros: 62e6,
      workload: 'b',
      batch: 20,
      mutations: 3,
      copies: 1,
      mode: 'process',
      for_micros: 60e6,
    });
    expect(plan.workload['b'].batch).toEqual({ size: 4, logged: true });
  });

  it('draws by address: what else there is changes nothing', () => {
    const drawn =
      'x: { fault: stop, nodes: { pick: 1, of: all }, at: { uniform: [1m, 20m] }, for: { exponential: 1m } }';
    const alone = planOf({ ...noFaults, faults: `faults:\n  ${drawn}` }).entries[0];
    const among = planOf({
      ...noFaults,
      faults: `faults:\n  a: { fault: pause, nodes: { pick: 2, of: all }, at: { uniform: [0s, 1s] }, for: 1s }\n  ${drawn}`,
    }).entries[1];
    expect(among).toEqual(alone);
  });

  it('a uniform draw stays within its bounds and moves with the seed', () => {
    const starts = new Set<number>();
    for (let seed = 0; seed < 40; seed++) {
      const { at_micros: at } = planOf({
        ...noFaults,
        seed: `seed: ${seed}`,
        faults: 'faults:\n  x: { fault: stop, node: n1, at: { uniform: [1m, 2m] } }',
      }).entries[0];
      expect(at).toBeGreaterThanOrEqual(60e6);
      expect(at).toBeLessThanOrEqual(120e6);
      starts.add(at);
    }
    expect(starts.size).toBeGreaterThan(35);
  });
});

describe('times', () => {
  const startOf = (at: string, more: Record<string, string> = {}): number =>
    planOf({
      ...noFaults,
      ...more,
      faults: `faults:\n  a: { fault: stop, node: n1, at: 10m, for: 5m }\n  x: { fault: stop, node: n2, at: ${at} }`,
    }).entries[1].at_micros / 60e6;

  it.each([
    ['14m', 14],
    ['faults.a.start', 10],
    ['faults.a.end + 2m', 17],
    ['faults.a.end - 1m + 30s + 30s', 15],
    ['end - 1m', 60],
    ['workload.checkout.end', 60],
    ['{ uniform: [1m, 1m], after: faults.a.end }', 16],
  ])('%s', (at, minutes) => {
    expect(startOf(at)).toBe(minutes);
  });

  it('an instant is an offset from the start', () => {
    expect(startOf('2026-11-21T02:20:00Z', { start: 'start: 2026-11-21T03:00:00+01:00' })).toBe(20);
  });
});

describe('expectations', () => {
  const drafted = (text: string): unknown =>
    planOf({
      ...noFaults,
      faults: 'faults:\n  a: { fault: stop, node: n1, at: 10m, for: 5m }',
      repairs: 'repairs:\n  r: { repair: rounds, run: nodetool repair -full shop, every: 20m }',
      expect: `expect:\n  x: ${text}`,
    }).expect['x'];

  it.each([
    [
      '{ check: at, at: end, metric: sent_bytes, where: { repair: repairs.r }, near: 400GB, within: 5% }',
      { at_micros: 3660e6, bounds: { near: 400e9, within_share: 0.05 }, where: { repair: 'r' } },
    ],
    [
      '{ check: eventually, metric: divergent_copies, is: 0, within: 12m, after: repairs.r.start }',
      { from_micros: 1200e6, within_micros: 720e6, bounds: { is: 0 } },
    ],
    [
      '{ check: never, metric: divergent_copies, above: 1k, during: faults.a.start .. faults.a.end }',
      { from_micros: 600e6, to_micros: 900e6, bounds: { above: 1000 } },
    ],
    ['{ check: always, metric: repair_seconds, below: 12h }', { bounds: { below: 43_200 } }],
    ['{ check: always, law: born = healed + left }', { law: 'born = healed + left', metric: null }],
    [
      '{ check: order, events: [faults.a, repairs.r.start, nodeCrashed, zombie_copies > 0] }',
      { events: ['faults.a', 'repairs.r.start', 'nodeCrashed', 'zombie_copies > 0'] },
    ],
    [
      '{ check: always, metric: divergent_copies, between: [0, 0.9k], where: { origin: faults.a, node: n1, state: latent } }',
      { bounds: { between: [0, 900] } },
    ],
  ])('%s', (text, expected) => {
    expect(drafted(text)).toMatchObject(expected);
  });
});

describe('the hash of a plan', () => {
  it('ignores what does not run', () => {
    const hash = planHash(planOf());
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(
      planHash(
        planOf({ name: 'name: Other\nstory: s\ntags: [t]\nobserve: { every: 7s }', expect: null, variants: null }),
      ),
    ).toBe(hash);
  });

  it('tells plans apart that run differently', () => {
    const hashes = [
      {},
      { seed: 'seed: 2' },
      { duration: 'duration: 2h' },
      { faults: null, repairs: null, variants: null },
      { model: 'model: { off: [fakedb.e4] }' },
    ].map((sections) => planHash(planOf(sections)));
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('does not ask for an order of keys', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(Object.keys(planOf()), { minLength: Object.keys(planOf()).length }), (keys) => {
        const plan = planOf();
        const shuffled = Object.fromEntries(keys.map((key) => [key, plan[key as keyof Plan]])) as unknown as Plan;
        return planHash(shuffled) === planHash(plan);
      }),
      { numRuns: 10 },
    );
  });
});

describe('the schema for editors', () => {
  it('names the discriminators and describes units', () => {
    const schema = JSON.stringify(scenarioSchema());
    for (const part of ['"const":"batch-cut"', '"const":"rounds"', '"const":"eventually"', '3h17m53s'])
      expect(schema).toContain(part);
  });
});
