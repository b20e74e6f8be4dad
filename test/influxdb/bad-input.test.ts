/** Bad input of operators: each is a mistake with its file, line and column, and what would be right. */
import { describe, expect, it } from 'vitest';
import { dialects } from '../../src/dialect/index.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import type { LoadResult } from '../../src/scenario/load-options.ts';

const SHOW = `Data Nodes
==========
ID  TCP Address  Version
4   data1:8088   1.8.10-c1.8.10
5   data2:8088   1.8.10-c1.8.10
`;
const SHARDS = (owner: string): string => `Shards
==========
ID  Database  Retention Policy  Desired Replicas  Shard Group  Start                 End                   Expires  Owners
22  telegraf  day               2                 7            2026-03-02T00:00:00Z  2026-03-03T00:00:00Z           [{4 data1:8088} ${owner}]
`;

function load(changes: Record<string, string>, files: Record<string, string> = {}): LoadResult {
  const parts: Record<string, string> = {
    cluster: 'cluster: { data_nodes: 3, meta_nodes: 3 }',
    data: 'data: { databases: { telegraf: { policies: { day: { duration: 30d, replication: 2 } } } } }',
    workload:
      'workload: { agents: { into: telegraf.day, rate: 10/s, series: 100, batch: 50, bytes_per_point: 50, consistency: one } }',
    ...changes,
  };
  const head = 'format: 1\nseed: 5\ndatabase: influxdb@1.8\nstart: 2026-03-02T00:30:00Z\nduration: 2h\n';
  const text = `${head}${Object.values(parts).join('\n')}\n`;
  const readFile = (path: string): { text: string } | { error: string } =>
    Object.hasOwn(files, path) ? { text: files[path] } : { error: 'not there' };
  return loadScenario({ file: 'x.yaml', text, readFile }, { dialects, version: '0.1.0' });
}

const settings = (text: string): Record<string, string> => ({
  cluster: `cluster: { data_nodes: 3, meta_nodes: 3, settings: ${text} }`,
});
const from = (files: string): Record<string, string> => ({ cluster: `cluster: { from: [${files}] }` });
const fault = (text: string): Record<string, string> => ({ faults: `faults: { x: ${text} }` });
const operation = (text: string): Record<string, string> => ({ operations: `operations: { x: ${text} }` });
const repair = (text: string): Record<string, string> => ({ repairs: `repairs: { x: ${text} }` });

interface Case {
  of: Record<string, string>;
  files?: Record<string, string>;
  code: string;
  file?: string;
  line?: number;
  expected: RegExp;
}

const CASES: Record<string, Case> = {
  'no meta node at all': {
    of: { cluster: 'cluster: { data_nodes: 3, meta_nodes: 0 }' },
    code: 'S117',
    expected: /1 to \d+ meta nodes/,
  },
  'a data node in the place of another': {
    of: operation("{ do: influxd-ctl, run: 'update-data n3:8088 n2:8088', at: 20m }"),
    code: 'S231',
    expected: /a machine that is no member/,
  },
  'a wrong unit of a size': {
    of: settings('{ hinted-handoff: { max-size: 10parsec } }'),
    code: 'S171',
    expected: /size|bytes/,
  },
  'a wrong unit of a duration': {
    of: settings('{ hinted-handoff: { max-age: 10g } }'),
    code: 'S171',
    expected: /w, d, h, m, s, ms, us/,
  },
  'a word that a setting does not take': {
    of: settings('{ model: { torn-segment: half } }'),
    code: 'S171',
    expected: /segment.*block.*stuck/,
  },
  'a wrong unit in influxdb.conf': {
    of: settings('{ from: influxdb.conf }'),
    files: { 'influxdb.conf': '[hinted-handoff]\n  enabled = true\n  max-age = "7 fortnights"\n' },
    ...{ code: 'D303', file: 'influxdb.conf', line: 3, expected: /168h/ },
  },
  'a truncated influxdb.conf': {
    of: settings('{ from: influxdb.conf }'),
    files: { 'influxdb.conf': '[hinted-handoff]\n  enabled = true\n  max-age = "16' },
    ...{ code: 'D301', file: 'influxdb.conf', line: 3, expected: /max-age = "168h0m0s"/ },
  },
  'more copies than nodes': {
    of: { data: 'data: { databases: { telegraf: { policies: { day: { duration: 30d, replication: 4 } } } } }' },
    ...{ code: 'S117', expected: /1 to 3/ },
  },
  'a level that there is not': {
    of: { workload: 'workload: { agents: { into: telegraf.day, rate: 10/s, series: 100, consistency: two } }' },
    ...{ code: 'S112', expected: /any.*one.*quorum.*all/ },
  },
  'an owner that show does not list': {
    of: from('show.txt, shards.txt'),
    files: { 'show.txt': SHOW, 'shards.txt': SHARDS('{9 data9:8088}') },
    ...{ code: 'I303', file: 'shards.txt', line: 4, expected: /\{4 data1:8088\} \{5 data2:8088\}/ },
  },
  'a shard without owners': {
    of: from('show.txt, shards.txt'),
    files: { 'show.txt': SHOW, 'shards.txt': SHARDS('{9 data9').replace(/\]$/m, '') },
    ...{ code: 'I302', file: 'shards.txt', line: 4, expected: /owners at the end/ },
  },
  'a shard that nobody owns': {
    of: from('show.txt, shards.txt'),
    files: { 'show.txt': SHOW, 'shards.txt': SHARDS('').replace('[{4 data1:8088} ]', '[]') },
    ...{ code: 'I302', file: 'shards.txt', line: 4, expected: /at least one owner/ },
  },
  'a shard that ends before it starts': {
    of: from('show.txt, shards.txt'),
    files: { 'show.txt': SHOW, 'shards.txt': SHARDS('{5 data2:8088}').replace('2026-03-03', '2026-02-03') },
    ...{ code: 'I302', file: 'shards.txt', line: 4, expected: /an end after 2026-03-02/ },
  },
  'an owner with the number of another node': {
    of: from('show.txt, shards.txt'),
    files: { 'show.txt': SHOW, 'shards.txt': SHARDS('{4 data2:8088}') },
    ...{ code: 'I303', file: 'shards.txt', line: 4, expected: /\{4 data1:8088\} or \{5 data2:8088\}/ },
  },
  'a data node twice': {
    of: from('show.txt, shards.txt'),
    files: { 'show.txt': SHOW.replace('5   data2', '4   data1'), 'shards.txt': SHARDS('') },
    ...{ code: 'I304', file: 'show.txt', line: 5, expected: /each node once/ },
  },
  'a rate of something else': {
    of: { workload: 'workload: { agents: { into: telegraf.day, rate: 10 writes/s, series: 100 } }' },
    ...{ code: 'S122', expected: /20k points\/s 10 points\/s/ },
  },
  'a fault of an unknown node': { of: fault('{ fault: panic, node: n9, at: 1m }'), code: 'S130', expected: /n1/ },
  'a queue for an unknown node': {
    of: fault('{ fault: queue-torn, node: n1, target: n9, at: 1m }'),
    code: 'S130',
    expected: /n1/,
  },
  'a cache that is written out at once': {
    of: fault('{ fault: ack-before-fsync, node: n1, lag: 0s, at: 1m }'),
    code: 'S117',
    expected: /above 0/,
  },
  'a request of no workload': {
    of: fault('{ fault: batch-cut, after: { batch: agent } }'),
    code: 'S137',
    expected: /agents/,
  },
  'an unknown command': {
    of: operation('{ do: influxd-ctl, run: copy-shards, at: 1m }'),
    code: 'D308',
    expected: /copy-shard/,
  },
  'a command without its words': {
    of: operation('{ do: influxd-ctl, run: remove-shard n1, at: 1m }'),
    code: 'D308',
    expected: /remove-shard NODE/,
  },
  'a shard that is no number': {
    of: operation('{ do: influxd-ctl, run: remove-shard n1 x, at: 1m }'),
    code: 'D308',
    expected: /SHARD/,
  },
  'a delay that is none': {
    of: operation('{ do: influxd-ctl, run: truncate-shards -delay soon, at: 1m }'),
    code: 'D308',
    expected: /-delay 1m/,
  },
  'a shard that there is not': {
    of: operation('{ do: influxd-ctl, run: remove-shard n1 99, at: 1m }'),
    code: 'S131',
    expected: /1/,
  },
  'a node of a command that there is not': {
    of: operation('{ do: influxd-ctl, run: "remove-data n9:8088", at: 1m }'),
    code: 'S130',
    expected: /n1/,
  },
  'a copy from who never owns the shard': {
    of: repair('{ repair: manual, at: 1m, steps: [copy-shard n3 n1 1] }'),
    code: 'S226',
    expected: /owners of it: n1, n2/,
  },
  'a copy taken from who never has one': {
    of: repair('{ repair: manual, at: 1m, steps: [remove-shard n3 1] }'),
    code: 'S226',
    expected: /owners of it: n1, n2/,
  },
  'points that are sent again too early': {
    of: {
      workload: 'workload: { agents: { into: telegraf.day, rate: 10/s, series: 100, until: 30m, repeat_after: 10m } }',
    },
    code: 'S230',
    expected: /the length of the window/,
  },
  'a copy to itself': {
    of: repair('{ repair: manual, at: 1m, steps: [copy-shard n1 n1 1] }'),
    code: 'S226',
    expected: /another node/,
  },
  'a truncation at a time that is not known': {
    of: repair('{ repair: manual, at: 1m, steps: [remove-shard n1 1, truncate-shards] }'),
    ...{ code: 'S225', expected: /first step/ },
  },
};

describe('bad input', () => {
  it.each(Object.entries(CASES))(
    '%s is a mistake with its place',
    (_name, { of, files, code, file, line, expected }) => {
      const { plan, mistakes } = load(of, files);
      expect(plan).toBeNull();
      const found = mistakes.find((mistake) => mistake.code === code);
      expect(mistakes.map((mistake) => mistake.code)).toContain(code);
      expect(found?.file).toBe(file ?? 'x.yaml');
      expect(found?.line).toBeGreaterThan(0);
      expect(found?.column).toBeGreaterThan(0);
      if (line !== undefined) expect(found?.line).toBe(line);
      expect(`${found?.expected ?? ''} ${found?.suggestion ?? ''}`).toMatch(expected);
    },
  );

  it('in a workload is no second mistake of those who ask for its series', () => {
    const { mistakes } = load({
      workload: 'workload: { agents: { into: telegraf.dya, rate: 10/s, series: 100 } }',
      probes: 'probes: { d: { probe: dashboard, query: "mean x of cpu" } }',
      ...operation('{ do: influxql, node: n1, run: DROP MEASUREMENT cpu, at: 1m }'),
    });
    expect(mistakes.map(({ code }) => code)).toEqual(['S132']);
  });

  it('of influxd-ctl show is said once, there', () => {
    const files = { 'show.txt': 'Data Nodes\n==========\n', 'shards.txt': SHARDS('{5 data2:8088}') };
    const { mistakes } = load(from('show.txt, shards.txt'), files);
    expect(mistakes.map(({ code, file, message }) => [code, file, message])).toEqual([
      ['I302', 'show.txt', 'influxd-ctl show lists no data node'],
    ]);
  });

  it('is none where only the headings were cut off', () => {
    const files = { 'show.txt': SHOW.replace(/^ID.*\n/m, ''), 'shards.txt': SHARDS('{5 data2:8088}') };
    const { plan, mistakes } = load(from('show.txt, shards.txt'), files);
    expect(mistakes).toEqual([]);
    expect(plan?.nodes.map(({ id }) => id)).toEqual(['data1', 'data2']);
    expect(plan?.assumptions.join('\n')).toMatch(/influxd-ctl show says 1.8.10-c1.8.10; the run takes the version/);
  });

  it('warns of a policy that is not as its shards are', () => {
    const { plan, warnings } = load(
      {
        ...from('show.txt, shards.txt'),
        data: 'data: { databases: { telegraf: { policies: { day: { duration: 30d, shard_duration: 7d, replication: 1 } } } } }',
      },
      { 'show.txt': SHOW, 'shards.txt': SHARDS('{5 data2:8088}') },
    );
    expect(plan).not.toBeNull();
    expect(warnings.filter(({ code }) => code === 'S240').map(({ path, expected }) => [path, expected])).toEqual([
      ['data.databases.telegraf.policies.day.shard_duration', 'shard_duration: 1d'],
      ['data.databases.telegraf.policies.day.replication', 'replication: 2'],
    ]);
  });

  it('of a good kind is none', () => {
    expect(load({}).mistakes).toEqual([]);
    expect(
      load(from('show.txt, shards.txt'), { 'show.txt': SHOW, 'shards.txt': SHARDS('{5 data2:8088}') }).mistakes,
    ).toEqual([]);
  });
});
