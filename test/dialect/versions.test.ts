/** What the tables say of each version (tables a8, d and g of the reference), and that runs go by it. */
import { describe, expect, it } from 'vitest';
import { treeDepth } from '../../src/data/tree-depth.ts';
import { behaviourOfDatabase } from '../../src/dialect/cassandra/behaviours.ts';
import { cassandra } from '../../src/dialect/cassandra/dialect.ts';
import { holdsFor } from '../../src/dialect/cassandra/ledger/rule.ts';
import { readRepairCommand } from '../../src/dialect/cassandra/repair-command.ts';
import { LEDGER } from '../../src/dialect/cassandra/rules.ts';
import { settingsOf } from '../../src/dialect/cassandra/settings-table.ts';
import { CASSANDRA_LINES, CASSANDRA_VERSIONS } from '../../src/dialect/cassandra/versions.ts';
import type { CassandraLine } from '../../src/dialect/cassandra/versions.ts';

const databaseOf = (line: CassandraLine): string => `cassandra@${CASSANDRA_VERSIONS[line].patch}`;

const NODES = ['n1', 'n2', 'n3'].map((id) => ({ id, dc: 'dc1', rack: 'r1', tokens: [], settings: {} }));

const read = (line: CassandraLine, flags: string): ReturnType<typeof readRepairCommand> =>
  readRepairCommand(`nodetool repair ${flags} ks`, {
    database: databaseOf(line),
    node: 'n1',
    nodes: NODES,
    tables: [{ id: 'ks.t', keyspace: 'ks', name: 't' }],
  });

function strategyOf(line: CassandraLine, flags: string): string {
  const result = read(line, flags);
  return 'mistakes' in result ? result.mistakes.map(({ code }) => code).join() : result.options.strategy;
}

function saidOf(line: CassandraLine, flags: string): string[] {
  const result = read(line, flags);
  const notes = 'mistakes' in result ? result.mistakes.flatMap((mistake) => mistake.notes ?? []) : [];
  return notes.filter((note) => note.startsWith('nodetool says')).map((note) => note.replace('nodetool says  ', ''));
}

describe('nodetool repair by version (table d)', () => {
  it.each([
    ['', 'full-sequential-in-turn full-sequential incremental-then-mark-parallel', 'incremental-parallel'],
    ['-full', 'D205 D205 full-then-mark-parallel', 'full-parallel'],
    ['-par', 'full-parallel full-parallel D205', 'D205'],
    ['-par -inc', 'D205 incremental-then-mark-parallel D205,D205', 'D205,D205'],
    ['-seq', 'D205 D205 incremental-then-mark-sequential', 'incremental-sequential'],
    ['-dcpar', 'full-dc-parallel full-dc-parallel incremental-then-mark-dc-parallel', 'incremental-dc-parallel'],
  ])('"%s" is carried out by', (flags, before, since) => {
    const old = before.split(' ');
    expect(['2.0', '2.1', '2.2', '3.0', '3.11'].map((line) => strategyOf(line as CassandraLine, flags))).toEqual([
      ...old,
      old[2],
      old[2],
    ]);
    expect(['4.0', '4.1', '5.0'].map((line) => strategyOf(line as CassandraLine, flags))).toEqual([
      since,
      since,
      since,
    ]);
  });

  const since = (line: CassandraLine): CassandraLine[] => CASSANDRA_LINES.slice(CASSANDRA_LINES.indexOf(line));
  it.each([
    ['-full', since('2.2')],
    ['-seq', since('2.2')],
    ['-j 2', since('2.2')],
    ['-tr', since('2.2')],
    ['-iuk', since('3.11')],
    ['-force', since('4.0')],
    ['-prv', since('4.0')],
    ['-vd', since('4.0')],
    ['-os', since('4.0')],
    ['-skip-paxos', since('4.1')],
    ['-dcpar', CASSANDRA_LINES],
    ['-pr', CASSANDRA_LINES],
  ] as const)('%s exists in %j', (flags, lines) => {
    expect(CASSANDRA_LINES.filter((line) => 'options' in read(line, flags))).toEqual(lines);
  });

  const MIXED = 'It is not possible to mix sequential repair and incremental repairs.';
  const PRIMARY = 'Primary range repair should be performed on all nodes in the cluster.';
  const BOTH = 'Cannot combine -dc and -hosts options.';
  it.each([
    ['-inc', { '2.1': [MIXED] }],
    ['-inc -dcpar', { '2.1': [MIXED] }],
    ['-par -inc', {}],
    ['-pr -dc dc1', Object.fromEntries(CASSANDRA_LINES.map((line) => [line, [PRIMARY]]))],
    ['-pr -hosts n1,n2', Object.fromEntries(CASSANDRA_LINES.map((line) => [line, [PRIMARY]]))],
    ['-dc dc1 -hosts n1,n2', Object.fromEntries(since('3.11').map((line) => [line, [BOTH]]))],
    [
      '-st 7 -et 7',
      Object.fromEntries(since('3.0').map((line) => [line, ['Start and end tokens must be different.']])),
    ],
    ['-j 5', Object.fromEntries(since('2.2').map((line) => [line, ['Too many job threads. Max is 4']]))],
  ] as const)('%s is refused in the words of %j', (flags, said) => {
    const texts: Partial<Record<CassandraLine, readonly string[]>> = said;
    for (const line of CASSANDRA_LINES) {
      // A flag that the version does not have says nothing of its own.
      const own = saidOf(line, flags);
      expect([line, own]).toEqual([line, texts[line] ?? []]);
    }
  });

  it('goes by -dc before -hosts up to 3.0, and by -dc before -local in 2.1', () => {
    const options = (line: CassandraLine, flags: string) => {
      const result = read(line, flags);
      return 'options' in result ? result.options : null;
    };
    expect(options('3.0', '-dc dc1 -hosts n1,n2')).toMatchObject({ data_centers: ['dc1'], hosts: [] });
    expect(options('2.1', '-dc dc1 -local')).toMatchObject({ data_centers: ['dc1'], local_dc: false });
    expect(options('2.2', '-dc dc1 -local')).toMatchObject({ data_centers: [], local_dc: true });
  });

  it('wants one job thread at least', () => {
    for (const line of since('2.2')) expect(read(line, '-j 0')).toMatchObject({ mistakes: [{ code: 'D203' }] });
  });

  it('refuses a range that ends where it starts in these words from 3.0 on', () => {
    const text = 'Start and end tokens must be different.';
    const lines = CASSANDRA_LINES.filter((line) => saidOf(line, '-st 5 -et 5').includes(text));
    expect(lines).toEqual(since('3.0'));
  });

  it('lets -j count in 3.0 and 3.11 only', () => {
    const threads = CASSANDRA_LINES.slice(2).map((line) => {
      const result = read(line, '-j 3');
      return 'options' in result ? (result.options.job_threads ?? 1) : 0;
    });
    expect(threads).toEqual([1, 3, 3, 1, 1, 1]);
  });
});

describe('settings by version (table g)', () => {
  const fallbacks = (name: string): unknown[] => CASSANDRA_LINES.map((line) => settingsOf(line)[name]?.fallback);
  it.each([
    ['num_tokens', [256, 256, 256, 256, 256, 16, 16, 16]],
    ['hint_window_persistent_enabled', [, , , , , , true, true]],
    ['repair_request_timeout', [, , , , , 60e6, 120e6, 120e6]],
    ['repair_session_max_tree_depth', [, , , 18, 18, 20, 20, 20]],
    ['stream_throughput_outbound', [25e6, 25e6, 25e6, 25e6, 25e6, 25e6, 25_165_824, 25_165_824]],
    ['compaction_throughput', [16, 16, 16, 16, 16, 64, 64, 64].map((mebibytes) => mebibytes * 1_048_576)],
    ['use_offheap_merkle_trees', [, , , , , true, true, true]],
    ['repair.retries.max_attempts', [, , , , , , , null]],
  ])('%s', (name, expected) => {
    expect(fallbacks(name)).toEqual(Array.from<unknown>(expected));
  });

  it('take the group mode of the commit log since 4.0', () => {
    expect(CASSANDRA_LINES.filter((line) => settingsOf(line).commitlog_sync.values?.includes('group'))).toEqual([
      '4.0',
      '4.1',
      '5.0',
    ]);
  });

  it('hold what a version does that has no such setting yet', () => {
    const { fixed } = behaviourOfDatabase(databaseOf('4.0'));
    expect(fixed).toEqual({ hint_window_persistent_enabled: false, max_hints_size_per_host: 0 });
    expect(behaviourOfDatabase(databaseOf('3.11')).fixed).toMatchObject({ use_offheap_merkle_trees: false });
    for (const line of CASSANDRA_LINES)
      for (const name of Object.keys(behaviourOfDatabase(databaseOf(line)).fixed))
        expect([line, name, settingsOf(line)[name]]).toEqual([line, name, undefined]);
  });
});

describe('depth of a tree by version (table a8)', () => {
  /** One replica of three, 8 GiB of heap; the range holds `share` of the request. */
  const depths = (partitions: number, share = 1): number[] =>
    CASSANDRA_LINES.map((line) => {
      const depth = settingsOf(line).repair_session_max_tree_depth?.fallback;
      return treeDepth({
        rule: behaviourOfDatabase(databaseOf(line)).repair.tree,
        partitions,
        partitionsOfRequest: partitions / share,
        sessionSpaceBytes: 512 * 1_048_576,
        replicationFactor: 3,
        maxTreeDepth: typeof depth === 'number' ? depth : null,
        overflows: true,
      });
    });

  it.each([
    [0, 1, [0, 0, 0, 0, 0, 0, 0, 0]],
    [2, 1, [15, 0, 1, 1, 1, 1, 1, 1]],
    [3, 1, [15, 1, 2, 2, 2, 2, 2, 2]],
    [1000, 1, [15, 6, 10, 10, 10, 10, 10, 10]],
    [1_000_000, 1, [15, 13, 20, 18, 18, 19, 19, 19]],
    [1_000_000_000, 1, [15, 20, 20, 18, 18, 19, 19, 19]],
    [1_000_000, 1 / 16, [15, 13, 20, 14, 14, 15, 15, 15]],
    [1_000_000, 1 / 1_048_576, [15, 13, 20, 0, 0, 1, 1, 1]],
  ])('%i partitions, share %d', (partitions, share, expected) => {
    expect(depths(partitions, share)).toEqual(expected);
  });
});

describe('what a version is', () => {
  it('has sentences of what is left out, its own among them', () => {
    for (const line of CASSANDRA_LINES) {
      const left = cassandra.notModelled(databaseOf(line));
      expect(left.every((text) => text.endsWith('.'))).toBe(true);
      expect(left.some((text) => text.includes('system.hints'))).toBe(['2.0', '2.1', '2.2'].includes(line));
      expect(left.some((text) => text.includes('BTI'))).toBe(line === '5.0');
    }
  });

  it('bounds the rules of the ledger', () => {
    const spans = LEDGER.filter(({ since, until }) => since !== undefined || until !== undefined);
    expect(spans.length).toBeGreaterThan(20);
    for (const rule of spans)
      expect([rule.id, CASSANDRA_LINES.some((line) => holdsFor(line, rule))]).toEqual([rule.id, true]);
    const two = LEDGER.find(({ id }) => id === 'cassandra.c2');
    expect(two !== undefined && CASSANDRA_LINES.filter((line) => holdsFor(line, two))).toEqual(['4.0', '4.1', '5.0']);
  });
});
