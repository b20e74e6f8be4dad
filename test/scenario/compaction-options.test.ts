/** Options of compaction strategies and operators' commands: what a version or a class does not know is a mistake. */
import { describe, expect, test } from 'vitest';
import { compaction } from '../../src/scenario/schema/compaction.ts';
import { compactionClasses } from '../../src/dialect/cassandra/compaction-classes.ts';
import { readOperation } from '../../src/dialect/cassandra/operation-command.ts';

const tables = [
  { id: 'shop.orders', keyspace: 'shop', name: 'orders' },
  { id: 'shop.carts', keyspace: 'shop', name: 'carts' },
  { id: 'log.events', keyspace: 'log', name: 'events' },
];
const read = (command: string): ReturnType<typeof readOperation> =>
  readOperation(command, { database: 'cassandra@4.1.7', tables });
const codeOf = (command: string): string | null => {
  const result = read(command);
  return 'mistakes' in result ? result.mistakes[0].code : null;
};

test('date-tiered ends with 4.1, unified begins with 5.0', () => {
  expect(compactionClasses('cassandra@4.1.7')).toContain('DateTieredCompactionStrategy');
  expect(compactionClasses('cassandra@4.1.7')).not.toContain('UnifiedCompactionStrategy');
  expect(compactionClasses('cassandra@5.0.1')).toContain('UnifiedCompactionStrategy');
  expect(compactionClasses('cassandra@5.0.1')).not.toContain('DateTieredCompactionStrategy');
});

describe('commands', () => {
  test('compact and flush, with or without nodetool, of all tables, a keyspace or some of its tables', () => {
    expect(read('compact')).toEqual({
      operation: { kind: 'compactTables', tables: tables.map(({ id }) => id), split_output: false },
    });
    expect(read('nodetool compact -s shop orders')).toEqual({
      operation: { kind: 'compactTables', tables: ['shop.orders'], split_output: true },
    });
    expect(read('flush shop')).toEqual({ operation: { kind: 'flushTables', tables: ['shop.orders', 'shop.carts'] } });
  });

  test('others, unknown flags, keyspaces and tables are mistakes', () => {
    expect(codeOf('compacct shop')).toBe('D143');
    expect(codeOf('compact -st 5 shop')).toBe('D143');
    expect(codeOf('flush -s shop')).toBe('D143');
    expect(codeOf('compact shopp')).toBe('D208');
    expect(codeOf('compact shop order')).toBe('D209');
    expect(codeOf('compact shop; flush')).toBe('D201');
  });

  test('connection options of nodetool are read over', () => {
    expect(read('nodetool -h 127.0.0.1 -p 7199 flush log')).toEqual({
      operation: { kind: 'flushTables', tables: ['log.events'] },
    });
    expect(read('nodetool -x flush')).toMatchObject({ mistakes: [{ code: 'D143', found: '-x' }] });
  });

  test('all that is wrong is said, each at its word', () => {
    const command = 'compact -x shop order orders cart';
    const result = read(command);
    const found = 'mistakes' in result ? result.mistakes : [];
    expect(found.map(({ code, found: word }) => [code, word])).toEqual([
      ['D143', '-x'],
      ['D209', 'order'],
      ['D209', 'cart'],
    ]);
    for (const { found: word, within } of found)
      expect(command.slice(within?.start, (within?.start ?? 0) + (within?.length ?? 0))).toBe(word);
    expect(read('nodetool repair shop')).toMatchObject({
      mistakes: [{ suggestion: expect.stringContaining('repairs') }],
    });
  });
});

describe('options as CQL has them', () => {
  test('a class with its package, quoted flags and a plain number for scaling', () => {
    expect(
      compaction.parse({
        class: 'org.apache.cassandra.db.compaction.UnifiedCompactionStrategy',
        enabled: 'false',
        only_purge_repaired_tombstones: 'true',
        scaling_parameters: 4,
      }),
    ).toEqual({
      class: 'UnifiedCompactionStrategy',
      enabled: false,
      only_purge_repaired_tombstones: true,
      scaling_parameters: '4',
    });
  });

  test('no other words for a flag, no class of another package', () => {
    expect(compaction.safeParse({ enabled: 'yes' }).success).toBe(false);
    expect(compaction.safeParse({ class: 'com.example.UnifiedCompactionStrategy' }).success).toBe(false);
  });
});
