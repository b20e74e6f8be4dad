/** What can be wrong with a repair on a schedule: its code, its place, what is expected. */
import { expect, test } from 'vitest';
import { cassandra } from '../../src/dialect/cassandra/dialect.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { unmark } from '../scenario/marked.ts';

const HEAD = `format: 1
database: cassandra@4.1
duration: 3d
cluster: { nodes: 3 }
data:
  keyspaces: { ks: { replication: 3 }, other: { replication: 3 } }
  tables: { ks.t: { partitions: 1k, row: 100B }, ks.u: { partitions: 1k, row: 100B }, other.t: { partitions: 1k, row: 100B } }
`;

function load(repairs: string, head = HEAD) {
  const { text, line, column } = unmark(`${head}repairs:\n${repairs}`);
  const options = { dialects: [cassandra], version: '0' };
  const read = loadScenario({ file: 'a.yaml', text, readFile: () => ({ error: 'no file' }) }, options);
  return { ...read, line, column };
}

test.each([
  ['four fields', 'r: { repair: reaper, keyspace: ks, schedule: «"0 2 * *"» }', 'S181', undefined],
  ['a misspelt day', 'r: { repair: reaper, keyspace: ks, schedule: «Thr 02:00» }', 'S181', 'thu'],
  [
    'an hour too late',
    'r: { repair: nodetool, node: n1, run: nodetool repair -full ks, schedule: «0 25 * * *» }',
    'S181',
    undefined,
  ],
  [
    'a schedule and a period',
    'r: { repair: reaper, keyspace: ks, every: 1d, «schedule»: "@daily" }',
    'S119',
    undefined,
  ],
  ['a schedule and a time', 'r: { repair: reaper, keyspace: ks, at: 1d, «schedule»: "@daily" }', 'S119', undefined],
  ['neither', 'r: «{ repair: reaper, keyspace: ks }»', 'S111', undefined],
  ['no time of a command', 'r: «{ repair: nodetool, node: n1, run: nodetool repair -full ks }»', 'S111', undefined],
  ['which keyspace', 'r: «{ repair: reaper, every: 1d }»', 'S111', undefined],
  ['an unknown keyspace', 'r: { repair: reaper, keyspace: «kss», every: 1d }', 'S132', 'ks'],
  ['an unknown table', 'r: { repair: reaper, keyspace: ks, tables: [t, «uu»], every: 1d }', 'S131', 'u'],
  ['no segments', 'r: { repair: reaper, keyspace: ks, segments_per_node: «0», every: 1d }', 'S117', '64'],
  ['too many segments', 'r: { repair: reaper, keyspace: ks, segments_per_node: «1M», every: 1d }', 'S117', '64'],
  ['half a segment', 'r: { repair: reaper, keyspace: ks, segments_per_node: «0.5», every: 1d }', 'S123', undefined],
  ['no intensity', 'r: { repair: reaper, keyspace: ks, intensity: «0», every: 1d }', 'S117', '0.9'],
  ['too much intensity', 'r: { repair: reaper, keyspace: ks, intensity: «1.5», every: 1d }', 'S124', undefined],
  ['a time-out of nothing', 'r: { repair: reaper, keyspace: ks, segment_timeout: «0», every: 1d }', 'S117', undefined],
  ['a period of nothing', 'r: { repair: reaper, keyspace: ks, every: «0» }', 'S117', undefined],
  ['no runs', 'r: { repair: reaper, keyspace: ks, max_parallel_repairs: «0», every: 1d }', 'S117', '2'],
  [
    'an unknown parallelism',
    'r: { repair: reaper, keyspace: ks, parallelism: «SEQUENTAL», every: 1d }',
    'S112',
    'parallelism: SEQUENTIAL',
  ],
  [
    'incremental and sequential',
    'r: { repair: reaper, keyspace: ks, incremental: true, «parallelism»: SEQUENTIAL, every: 1d }',
    'S119',
    undefined,
  ],
  [
    'incremental in segments',
    'r: { repair: reaper, keyspace: ks, incremental: true, «segments_per_node»: 8, every: 1d }',
    'S119',
    undefined,
  ],
  ['auto-repair before 5.0', 'r: { repair: «auto», keyspace: ks }', 'D216', 'repair: reaper'],
])('%s', (_name, repair, code, suggestion) => {
  const { mistakes, plan, line, column } = load(`  ${repair}\n`);
  expect(plan).toBeNull();
  expect(mistakes.map((mistake) => [mistake.code, mistake.line, mistake.column])).toEqual([[code, line, column]]);
  expect(mistakes[0].suggestion).toBe(suggestion);
});

test('a schedule that fires every minute for years is refused, not listed', () => {
  const { mistakes } = load(
    '  r: { repair: reaper, keyspace: ks, schedule: «"* * * * *"» }\n',
    HEAD.replace('3d', '100w'),
  );
  expect(mistakes).toMatchObject([
    { code: 'S117', message: expect.stringContaining('more than 10000 times') as string },
  ]);
});

test('a schedule that never fires within the run is a warning that says when it would', () => {
  const { warnings, plan, line, column } = load('  r: { repair: reaper, keyspace: ks, schedule: «Sun 02:30» }\n');
  expect(warnings).toMatchObject([
    { code: 'S207', line, column, expected: expect.stringContaining('6d2h30m') as string },
  ]);
  expect(plan?.entries).toMatchObject([{ at_micros: 6 * 86_400e6 + 9000e6 }]);
  const never = load('  r: { repair: reaper, keyspace: ks, schedule: «0 0 30 feb *» }\n');
  expect(never.warnings).toMatchObject([{ code: 'S207', expected: 'days that there are' }]);
});

test('two schedules that begin at one moment on the same table are warned of', () => {
  const pair = (first: string, second: string) =>
    load(`  one: { repair: reaper, keyspace: ks, ${first} }\n  two: { repair: reaper, keyspace: ks, ${second} }\n`);
  const { warnings, plan } = pair('schedule: "0 2 * * *"', 'schedule: "0 */2 * * 2"');
  expect(warnings).toMatchObject([{ code: 'S208', path: 'repairs.two' }]);
  expect(warnings[0].message).toContain('repairs.two and repairs.one both begin at 1d2h and both repair ks.t');
  expect(plan).not.toBeNull();
  expect(pair('schedule: "0 2 * * *"', 'schedule: "0 3 * * *"').warnings).toEqual([]);
  expect(pair('tables: [t], schedule: "0 2 * * *"', 'tables: [ks.u], schedule: "0 2 * * *"').warnings).toEqual([]);
});

test('the plan lists the times of a calendar, and references follow its first', () => {
  const head = `${HEAD}start: 2026-11-21T02:00:00Z\nfaults:\n  f: { fault: stop, node: n2, at: repairs.r.start + 1h, for: 1h }\n`;
  const { plan, mistakes } = load('  r: { repair: reaper, keyspace: ks, schedule: "30 3 * * *" }\n', head);
  expect(mistakes).toEqual([]);
  const [fault, repair] = plan?.entries ?? [];
  expect(repair).toMatchObject({
    at_micros: 5400e6,
    every_micros: null,
    again_micros: [1, 2].map((day) => day * 86_400e6 + 5400e6),
    command: 'nodetool repair -full -dcpar ks',
    segments: { by: 'reaper', cut: 'ring', per_node: 64, intensity: 0.9, pending_compactions_max: 20 },
  });
  expect(fault.at_micros).toBe(9000e6);
});
