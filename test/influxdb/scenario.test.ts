/** Scenarios of databases and policies: what becomes of them as a plan, and what is refused. */
import { describe, expect, it } from 'vitest';
import { dialects } from '../../src/dialect/index.ts';
import { run } from '../../src/run/run.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import type { LoadResult } from '../../src/scenario/load-options.ts';
import { mistakesOfPlan } from '../../src/scenario/load-plan.ts';
import { keyTextsOf } from '../../src/scenario/points/series-names.ts';

const FILES: Record<string, string> = {};

function load(changes: Record<string, string> = {}, files: Record<string, string> = FILES): LoadResult {
  const parts: Record<string, string> = {
    database: 'database: influxdb@1.8',
    start: 'start: 2026-03-02T00:30:00Z',
    duration: 'duration: 2h',
    cluster: 'cluster: { data_nodes: 3, meta_nodes: 3 }',
    data: 'data: { databases: { telegraf: { policies: { day: { duration: 1d, replication: 2 } } } } }',
    workload:
      'workload: { agents: { into: telegraf.day, rate: 10 points/s, series: 100, batch: 50, bytes_per_point: 50, consistency: one } }',
    ...changes,
  };
  const text = `format: 1\nseed: 5\n${Object.values(parts).join('\n')}\n`;
  const readFile = (path: string): { text: string } | { error: string } =>
    Object.hasOwn(files, path) ? { text: files[path] } : { error: 'not there' };
  return loadScenario({ file: 'x.yaml', text, readFile }, { dialects, version: '0.1.0' });
}

describe('a plan of points', () => {
  it('has the shards of each group, aligned by the clock, with owners round robin', () => {
    const { plan, mistakes } = load();
    expect(mistakes).toEqual([]);
    expect(plan?.database).toBe('influxdb@1.8.10');
    const tables = plan?.tables ?? [];
    // Groups of an hour: half of one, one, half of one; three nodes and two copies make three shards.
    expect(tables.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => `telegraf.day.${number}`));
    expect(tables.slice(0, 6).map(({ owners }) => owners?.join(' '))).toEqual([
      ...['n1 n2', 'n3 n1', 'n2 n3'],
      ...['n2 n3', 'n1 n2', 'n3 n1'],
    ]);
    expect(tables.map(({ shard }) => (shard?.from_micros ?? 0) / 60e6)).toEqual([
      -30, -30, -30, 30, 30, 30, 90, 90, 90,
    ]);
    expect(tables.slice(0, 3).reduce((sum, { partitions }) => sum + partitions, 0)).toBe(100);
    expect(tables.map(({ rows_per_partition: rows }) => rows)).toEqual([180, 180, 180, 360, 360, 360, 180, 180, 180]);
    expect(plan?.points?.agents.interval_micros).toBe(10e6);
  });

  it('names every series once in a group, and is sound as a plan file', () => {
    const { plan } = load();
    if (plan === null) throw new Error('no plan');
    const named = plan.tables.slice(0, 3).flatMap((table) => keyTextsOf(plan, table));
    expect(new Set(named).size).toBe(100);
    expect(named).toContain('cpu,host=web-17');
    expect(mistakesOfPlan('plan.json', JSON.parse(JSON.stringify(plan)), { dialects })).toEqual([]);
    const broken = JSON.parse(JSON.stringify(plan)) as { tables: { rows_per_partition: number; owners: string[] }[] };
    broken.tables[0].rows_per_partition = 10;
    expect(mistakesOfPlan('plan.json', broken, { dialects })[0].path).toBe('tables[0].rows_per_partition');
    broken.tables[0].owners = ['n9'];
    expect(mistakesOfPlan('plan.json', broken, { dialects })[0].code).toBe('S130');
  });

  it('runs, and all points arrive', () => {
    const { plan } = load({ duration: 'duration: 10m' });
    if (plan === null) throw new Error('no plan');
    const { result } = run(plan);
    expect(result.writes.acknowledged).toBe(6000);
    expect(result.final.divergent_copies).toBe(0);
  });

  it('begins groups at time 0 without a start, and takes default durations by rule', () => {
    const { plan } = load({
      start: '',
      data: 'data: { databases: { telegraf: { policies: { day: { replication: 2 } } } } }',
    });
    const week = 7 * 86_400e6;
    expect(plan?.tables.map(({ shard }) => [shard?.from_micros, shard?.until_micros])).toEqual([
      ...[[0, week]],
      ...[[0, week]],
      ...[[0, week]],
    ]);
  });
});

const POLICY = (text: string): Record<string, string> => ({
  data: `data: { databases: { telegraf: { policies: { day: ${text} } } } }`,
});
const WORKLOAD = (more: string): Record<string, string> => ({
  workload: `workload: { agents: { into: telegraf.day, rate: 10 points/s, series: 100, ${more} } }`,
});
const SETTINGS = (text: string): Record<string, string> => ({
  cluster: `cluster: { data_nodes: 3, settings: ${text} }`,
});

describe('a scenario of points', () => {
  it.each<[string, Record<string, string>, code: string, path: string]>([
    [
      'more copies than nodes',
      POLICY('{ replication: 4 }'),
      'S117',
      'data.databases.telegraf.policies.day.replication',
    ],
    [
      'groups of minutes',
      POLICY('{ replication: 2, shard_duration: 5m }'),
      'S117',
      'data.databases.telegraf.policies.day.shard_duration',
    ],
    ['a level that there is not', WORKLOAD('consistency: quorom'), 'S112', 'workload.agents.consistency'],
    [
      'an unknown policy',
      { workload: 'workload: { a: { into: telegraf.month, rate: 1/s, series: 1 } }' },
      'S132',
      'workload.a.into',
    ],
    ['a node that there is not', WORKLOAD('through: { node: n9 }'), 'S130', 'workload.agents.through.node'],
    [
      'the same series at other moments',
      {
        workload:
          'workload: { a: { into: telegraf.day, rate: 10/s, series: 100 }, b: { into: telegraf.day, rate: 20/s, series: 100 } }',
      },
      'S118',
      'workload.b',
    ],
    [
      'a series of another template',
      {
        workload:
          "workload: { a: { into: telegraf.day, rate: 10/s, series: 100 }, b: { into: telegraf.day, rate: 1/s, series: 1, tag: 'host=web-7' } }",
      },
      'S118',
      'workload.b',
    ],
    ['one tag for all', WORKLOAD('tag: host=a'), 'S118', 'workload.agents.tag'],
    [
      'a wrong unit',
      SETTINGS('{ hinted-handoff: { max-age: 10g } }'),
      'S171',
      'cluster.settings.hinted-handoff.max-age',
    ],
    [
      'another wrong unit',
      SETTINGS('{ hinted-handoff: { max-size: 24h } }'),
      'S171',
      'cluster.settings.hinted-handoff.max-size',
    ],
    [
      'a misspelt setting',
      SETTINGS('{ hinted-handoff: { max-agee: 10h } }'),
      'S172',
      'cluster.settings.hinted-handoff.max-agee',
    ],
    ['too many shards', { duration: 'duration: 200d' }, 'S151', 'duration'],
    ['nodes of a ring', { cluster: 'cluster: { nodes: 3, data_nodes: 3 }' }, 'S119', 'cluster.nodes'],
    ['tables', { data: 'data: { tables: { a.b: { partitions: 1 } } }', workload: '' }, 'S119', 'data.tables'],
    [
      'damage',
      { faults: 'faults: { rot: { fault: damage, node: n1, table: a, what: corrupt, at: 1m } }' },
      'S116',
      'faults.rot.fault',
    ],
    ['a probe', { probes: 'probes: { p: { probe: read, table: a } }' }, 'S119', 'probes.p.probe'],
    ['a patch to come', { database: 'database: influxdb@1.8.99' }, 'D310', 'database'],
  ])('is refused for %s', (_name, changes, code, path) => {
    const { mistakes } = load(changes);
    expect(mistakes.map((mistake) => [mistake.code, mistake.path])).toContainEqual([code, path]);
    expect(mistakes.every(({ line }) => line > 0)).toBe(true);
  });

  it('reads settings as the database writes them', () => {
    const { plan } = load(
      SETTINGS(
        '{ hinted-handoff: { max-size: 10g, max-age: 10m0s }, data: { max-concurrent-deletes: 2 }, http: { x: 1 } }',
      ),
    );
    expect(plan?.settings['hinted-handoff.max-size']).toBe(10 * 1024 ** 3);
    expect(plan?.settings['hinted-handoff.max-age']).toBe(600e6);
    expect(plan?.settings['hinted-handoff.retry-max-interval']).toBe(10e6);
    expect(plan?.not_modelled).toEqual(expect.arrayContaining(['data.max-concurrent-deletes', 'http']));
    expect(load({ database: 'database: influxdb@1.9' }).plan?.settings['hinted-handoff.retry-max-interval']).toBe(
      200e6,
    );
    expect(load({ database: 'database: influxdb@1.5.2' }).plan?.settings['model.size-per-shard']).toBe(true);
  });
});
