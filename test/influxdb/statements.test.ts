/** InfluxQL of operators and `repair: entropy`: what they mean in a plan, and what is refused with its place. */
import { describe, expect, it } from 'vitest';
import { dialects } from '../../src/dialect/index.ts';
import { readPointStatement } from '../../src/dialect/influxdb/influxql/statement.ts';
import { run } from '../../src/run/run.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import type { LoadResult } from '../../src/scenario/load-options.ts';
import { mistakesOfPlan } from '../../src/scenario/load-plan.ts';

const SERIES = ['cpu,host=web-1,dc=a', 'cpu,host=web-17,dc=b', 'mem,host=web-1', 'disk,path=/var'];

function meant(text: string): string[] {
  const read = readPointStatement(text);
  if (!('statement' in read) || read.statement.kind !== 'deletePoints') throw new Error(JSON.stringify(read));
  const { matches } = read.statement;
  return SERIES.filter((key) => matches(key));
}

describe('a statement', () => {
  it.each<[text: string, series: number[]]>([
    ['DROP MEASUREMENT cpu', [0, 1]],
    ['drop measurement "mem";', [2]],
    ["DROP SERIES FROM cpu WHERE host = 'web-17'", [1]],
    ["DROP SERIES FROM cpu, mem WHERE host = 'web-1'", [0, 2]],
    ["DROP SERIES WHERE host != 'web-1'", [1, 3]],
    ['DROP SERIES FROM cpu WHERE host =~ /^web-1$/', [0]],
    ['DROP SERIES FROM disk WHERE path =~ /^\\/var/', [3]],
    ["DROP SERIES FROM cpu WHERE host !~ /7/ AND dc = 'a'", [0]],
    ["DELETE FROM cpu WHERE host = 'web-17' OR (dc = 'a' AND host <> 'x')", [0, 1]],
    ["DELETE FROM cpu WHERE dc = 'a' AND time < now() - 1h", [0]],
  ])('%s', (text, series) => {
    expect(meant(text)).toEqual(series.map((index) => SERIES[index]));
  });

  it('has a time of its own, in microseconds', () => {
    const times = (text: string): unknown[] => {
      const read = readPointStatement(text);
      if (!('statement' in read) || read.statement.kind !== 'deletePoints') throw new Error(JSON.stringify(read));
      return [read.statement.from, read.statement.until];
    };
    // Without a time DELETE takes what is older than now, DROP takes all.
    expect(times('DELETE FROM cpu')).toEqual([null, { fromNow: true, micros: 0 }]);
    expect(times('DROP SERIES FROM cpu')).toEqual([null, null]);
    expect(times('DELETE WHERE time > now() - 1h30m AND time <= 1500000000000000000')).toEqual([
      { fromNow: true, micros: -5400e6 + 1 },
      { fromNow: false, micros: 1500000000000001 },
    ]);
    expect(times("DELETE FROM cpu WHERE time >= '1970-01-02' AND time < '1970-01-02 00:00:01'")).toEqual([
      { fromNow: false, micros: 86_400e6 },
      { fromNow: false, micros: 86_401e6 },
    ]);
  });

  it.each<[text: string, column: number, message: RegExp]>([
    ['SELECT * FROM cpu', 0, /queries are probes/],
    ['DROP RETENTION POLICY day', 25, /"ON" is missing/],
    ['DROP SERIES FROM cpu WHERE time < now()', 27, /doesn't support time/],
    ['DELETE', 6, /all series/],
    ["DELETE FROM cpu WHERE host = 'a' OR time < now()", 36, /a time beside OR/],
    ["DELETE FROM cpu WHERE time < now() OR host = 'a'", 22, /a time beside OR/],
    ['DELETE FROM cpu WHERE host = "a"', 29, /single quotes/],
    ['DELETE FROM cpu WHERE host =~ /(/', 30, /regular expression/],
    ["DELETE FROM cpu WHERE time < 'yesterday'", 29, /not an instant/],
    ['DROP SHARD one', 11, /number of a shard/],
    ['DROP MEASUREMENT cpu WHERE host', 21, /ends before/],
  ])('is refused: %s', (text, column, message) => {
    const read = readPointStatement(text);
    if (!('mistakes' in read)) throw new Error('read');
    expect(read.mistakes[0]).toMatchObject({ code: 'D330', within: { start: column } });
    expect(read.mistakes[0].message).toMatch(message);
  });
});

function load(changes: Record<string, string> = {}): LoadResult {
  const parts: Record<string, string> = {
    database: 'database: influxdb@1.8',
    start: 'start: 2026-03-02T00:00:00Z',
    cluster: 'cluster: { data_nodes: 3 }',
    data: 'data: { databases: { telegraf: { policies: { day: { duration: 1d, replication: 2 } } } } }',
    workload:
      'workload: { agents: { into: telegraf.day, rate: 10 points/s, series: 100, batch: 50, bytes_per_point: 50, consistency: one } }',
    ...changes,
  };
  const text = `format: 1\nseed: 5\nduration: 50m\n${Object.values(parts).join('\n')}\n`;
  const readFile = (): { error: string } => ({ error: 'not there' });
  return loadScenario({ file: 'x.yaml', text, readFile }, { dialects, version: '0.1.0' });
}

const DROP = (run_: string, more = ''): Record<string, string> => ({
  operations: `operations: { drop: { do: influxql, node: n1, run: "${run_}", at: 20m${more} } }`,
});
const PROBE = (text: string): Record<string, string> => ({ probes: `probes: { p: { ${text} } }` });
const ENTROPY = (more: string): Record<string, string> => ({
  repairs: `repairs: { ae: { repair: entropy, at: 30m, ${more} } }`,
});

describe('a scenario with statements and repairs of points', () => {
  it('names the series of the agents, and shards by number', () => {
    const { plan, mistakes } = load({
      ...DROP("DELETE FROM cpu WHERE host =~ /-1.$/ AND time > '2026-03-02T00:10:00Z'"),
      ...ENTROPY('node: n2, shards: [3, 1]'),
    });
    expect(mistakes).toEqual([]);
    expect(plan?.entries).toMatchObject([
      {
        ...{ id: 'operations.drop', kind: 'deletePoints', nodes: ['n1'], at_micros: 1200e6 },
        ...{ series: [{ writer: 'agents', from: 10, to: 20 }], from_micros: 600e6 + 1, until_micros: 1200e6 },
      },
      { id: 'repairs.ae', kind: 'repairShards', nodes: ['n2'], shards: ['telegraf.day.3', 'telegraf.day.1'] },
    ]);
    expect(mistakesOfPlan('plan.json', JSON.parse(JSON.stringify(plan)), { dialects })).toEqual([]);
  });

  it('drops a shard by its number, and has series that are late or ahead', () => {
    const agents = (more: string): Record<string, string> => ({
      workload: `workload: { agents: { into: telegraf.day, rate: 10 points/s, series: 100, batch: 50, bytes_per_point: 50, consistency: one, until: 10m${more} } }`,
    });
    const { plan, mistakes } = load(DROP('DROP SHARD 2'));
    expect(mistakes.map(({ code, message }) => [code, message])).toEqual([
      ['S211', expect.stringMatching(/agents still writes into shard 2/)],
    ]);
    const sound = load({ ...agents(', future: { share: 1%, by: 95s }'), ...DROP('DROP SHARD 3') });
    expect(sound.mistakes).toEqual([]);
    expect(sound.plan?.entries).toMatchObject([{ kind: 'dropShard', shard: 'telegraf.day.3' }]);
    expect(sound.plan?.points?.agents.shifted).toEqual([{ from: 0, to: 1, by_micros: 100e6 }]);
    expect(mistakesOfPlan('plan.json', JSON.parse(JSON.stringify(sound.plan)), { dialects })).toEqual([]);
    expect(plan).toBeNull();
    for (const statement of ['drop retention policy day on telegraf', 'DROP DATABASE telegraf;']) {
      const whole = load({ ...agents(''), ...DROP(statement) });
      expect(whole.mistakes).toEqual([]);
      expect(whole.plan?.entries).toMatchObject([
        { kind: 'dropPolicy', shards: ['telegraf.day.1', 'telegraf.day.2', 'telegraf.day.3'], command: statement },
      ]);
      expect(mistakesOfPlan('plan.json', JSON.parse(JSON.stringify(whole.plan)), { dialects })).toEqual([]);
      expect(load(DROP(statement)).mistakes.map(({ code }) => code)).toEqual(['S211']);
    }
    const codes = (statement: string): string[] => load(DROP(statement)).mistakes.map(({ code }) => code);
    expect(codes('DROP RETENTION POLICY week ON telegraf')).toEqual(['S132']);
    expect(codes('DROP DATABASE telegraph')).toEqual(['S132']);
    const late = load({
      ...agents(', late: { share: 10%, by: 2h }'),
      data: 'data: { databases: { telegraf: { policies: { day: { duration: 1h, replication: 2 } } } } }',
    });
    // Two hours late where one is kept.
    expect(late.plan?.tables.every(({ shard }) => shard?.keep_micros === 3600e6)).toBe(true);
    if (late.plan === null) throw new Error('no plan');
    expect(run(late.plan).result.writes).toMatchObject({ issued: 90 * 60, beyond_policy: 10 * 60 });
  });

  it('as a plan file is refused where its entries name what is not there', () => {
    const { plan } = load({ ...DROP('DROP MEASUREMENT cpu'), ...ENTROPY('node: n2, shards: 1') });
    const broken = JSON.parse(JSON.stringify(plan)) as {
      entries: { series?: { writer: string; to: number }[]; shards?: string[] }[];
    };
    const [drop, repair] = broken.entries;
    if (drop.series === undefined) throw new Error('no series');
    drop.series[0].to = 101;
    repair.shards = ['telegraf.day.9'];
    expect(mistakesOfPlan('plan.json', broken, { dialects }).map(({ path }) => path)).toEqual([
      'entries[0].series[0].to',
      'entries[1].shards[0]',
    ]);
    drop.series[0].writer = 'others';
    expect(mistakesOfPlan('plan.json', broken, { dialects })[0].code).toBe('S137');
  });

  it('takes points away', () => {
    const { plan } = load(DROP("DELETE FROM cpu WHERE host = 'web-7' AND time < now() - 5m"));
    if (plan === null) throw new Error('no plan');
    const { result } = run(plan);
    expect(result.rules_exercised).toContain('influxdb.4-everywhere');
    expect(result.final).toMatchObject({ divergent_copies: 0, wrong_copies: 0 });
  });

  it.each<[string, Record<string, string>, code: string, path: string]>([
    ['a statement that is none', DROP('DROP SERIE FROM cpu'), 'D330', 'operations.drop.run'],
    ['a statement that nobody can mean', DROP('DELETE FROM mem'), 'S209', 'operations.drop.run'],
    [
      'times that exclude each other',
      DROP('DELETE FROM cpu WHERE time > now() AND time < now() - 1h'),
      'S209',
      'operations.drop.run',
    ],
    [
      'two nodes',
      { operations: 'operations: { d: { do: influxql, node: all, run: x, at: 1m } }' },
      'S117',
      'operations.d.node',
    ],
    [
      'a database that there is not',
      DROP('DROP MEASUREMENT cpu', ', database: other'),
      'S132',
      'operations.drop.database',
    ],
    [
      'a clock time without a start',
      { ...DROP("DELETE FROM cpu WHERE time < '2026-03-02T00:10:00Z'"), start: '' },
      'S129',
      'operations.drop.run',
    ],
    ['a dropped shard that there is not', DROP('DROP SHARD 99'), 'S131', 'operations.drop.run'],
    [
      'late points of which there are none',
      { workload: 'workload: { a: { into: telegraf, rate: 1/s, series: 10, late: { share: 1%, by: 6h } } }' },
      'S210',
      'workload.a.late',
    ],
    ['a query that cannot be read', PROBE('probe: dashboard, query: median x of cpu'), 'D330', 'probes.p.query'],
    ['a query of nothing', PROBE('probe: count, query: count of mem'), 'S212', 'probes.p.query'],
    ['a query of too much', PROBE('probe: count, query: count of cpu, over: 1d, every: 1ms'), 'S212', 'probes.p.query'],
    ['an alert without a threshold', PROBE('probe: alert, on: p'), 'S139', 'probes.p.on'],
    [
      'an alert with two',
      {
        probes:
          'probes: { d: { probe: dashboard, query: count of cpu }, p: { probe: alert, on: d, above: 1, below: 2 } }',
      },
      'S119',
      'probes.p',
    ],
    ['an empty stretch', PROBE('probe: count, query: count of cpu, during: 3m .. 2m'), 'S141', 'probes.p.during'],
    [
      'over beside during',
      PROBE('probe: count, query: count of cpu, over: 1m, during: 1m .. 2m'),
      'S119',
      'probes.p.over',
    ],
    ['a probe of a ring', PROBE('probe: read, table: a.b'), 'S119', 'probes.p.probe'],
    [
      'a balancer that there is not',
      PROBE('probe: dashboard, query: count of cpu, through: { node: n9 }'),
      'S130',
      'probes.p.through.node',
    ],
    ['a shard that there is not', ENTROPY('node: n1, shards: 17'), 'S131', 'repairs.ae.shards.0'],
    ['a repair through a node that there is not', ENTROPY('node: n9'), 'S130', 'repairs.ae.node'],
    [
      'a command of a ring',
      { repairs: 'repairs: { r: { repair: nodetool, node: n1, run: x, at: 1m } }' },
      'S119',
      'repairs.r.repair',
    ],
    [
      'an operation of a ring',
      { operations: 'operations: { o: { do: cql, node: n1, run: x, at: 1m } }' },
      'S119',
      'operations.o.do',
    ],
    [
      'points of a ring',
      {
        ...{ database: 'database: cassandra@4.1', cluster: 'cluster: { nodes: 3 }' },
        ...{ data: 'data: { tables: { a.b: { partitions: 1, row: 9B } } }', workload: '' },
        ...DROP('DROP MEASUREMENT cpu'),
      },
      'S119',
      'operations.drop.do',
    ],
  ])('is refused for %s', (_name, changes, code, path) => {
    const { mistakes, warnings } = load(changes);
    expect([...mistakes, ...warnings].map((mistake) => [mistake.code, mistake.path])).toContainEqual([code, path]);
  });
});
