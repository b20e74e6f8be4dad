/** Statements of operators: the grammar by example, and where a mistake stands in the text. */
import { describe, expect, it } from 'vitest';
import { readStatement } from '../../src/dialect/cassandra/cql-statement.ts';
import type { StatementContext } from '../../src/scenario/dialect-rules.ts';

const CONTEXT: StatementContext = {
  database: 'cassandra@4.1.7',
  tables: [
    { id: 'shop.orders', keyspace: 'shop', partitions: 5000, rowsPerPartition: 1, columnGroups: 1 },
    { id: 'shop.lines', keyspace: 'shop', partitions: 10, rowsPerPartition: 4, columnGroups: 3 },
    {
      ...{ id: 'shop.named', keyspace: 'shop', partitions: 10, rowsPerPartition: 1, columnGroups: 1 },
      keyTexts: ['anna', 'bert'],
    },
  ],
};

const ALTER = 'ALTER KEYSPACE shop WITH replication =';

function read(text: string): unknown {
  const result = readStatement(text, CONTEXT);
  if ('statement' in result) return result.statement;
  const [{ code, message, within }] = result.mistakes;
  return `${code} ${text.slice(within?.start, (within?.start ?? 0) + (within?.length ?? 0))}: ${message}`;
}

describe('writes', () => {
  it('are of a row or a partition', () => {
    expect(read('DELETE FROM shop.orders WHERE id = 4711')).toEqual({
      ...{ kind: 'write', operation: 'delete', table: 'shop.orders', key: 4711, row: 0, groups: 1, ttlSeconds: null },
    });
    expect(read('delete from shop.lines where id=3;')).toMatchObject({ operation: 'delete_partition', key: 3 });
    expect(read('DELETE FROM shop.lines WHERE id = 3 AND line = 2')).toMatchObject({ operation: 'delete', row: 2 });
    expect(read('DELETE g2, g3 FROM shop.lines WHERE id = 3 AND line = 2')).toMatchObject({
      operation: 'delete_cell',
      groups: 0b110,
    });
  });

  it('insert and update, with a life of their own', () => {
    expect(read("INSERT INTO shop.orders (id, text) VALUES (7, 'it''s') USING TTL 60")).toMatchObject({
      ...{ operation: 'insert', key: 7, groups: 1, ttlSeconds: 60 },
    });
    expect(read('INSERT INTO shop.lines (id, line) VALUES (7, 1)')).toMatchObject({ row: 1, groups: 0b111 });
    expect(read('UPDATE shop.lines USING TTL 0 SET g1 = 3 WHERE id = 1 AND line = 0')).toMatchObject({
      ...{ operation: 'update', groups: 1, ttlSeconds: 0 },
    });
  });

  it('name a key by its number or by the text that a trace gave it', () => {
    expect(read("DELETE FROM shop.named WHERE name = 'bert'")).toMatchObject({ key: 1 });
    expect(read('DELETE FROM shop.named WHERE name = 5')).toMatchObject({ key: 5 });
  });
});

it('ALTER TABLE changes gc_grace_seconds', () => {
  expect(read('ALTER TABLE shop.orders WITH gc_grace_seconds = 3600')).toEqual({
    ...{ kind: 'alter', table: 'shop.orders', gcGraceSeconds: 3600 },
  });
});

it('ALTER KEYSPACE changes the replication, and knows where its parts stand', () => {
  const text = "ALTER KEYSPACE shop WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 3, 'dc2' : '2'};";
  const placeOf = (part: string) => ({ start: text.indexOf(part), length: part.length });
  expect(read(text)).toMatchObject({
    ...{ kind: 'alterKeyspace', keyspace: 'shop', replication: { dc1: 3, dc2: 2 } },
    parts: {
      keyspace: placeOf('shop'),
      replication: placeOf("{'class': 'NetworkTopologyStrategy', 'dc1': 3, 'dc2' : '2'}"),
      factors: { dc1: placeOf("'dc1': 3"), dc2: placeOf("'dc2' : '2'") },
    },
  });
  const simple = `${ALTER} {'replication_factor': 2, 'class': 'org.apache.cassandra.locator.SimpleStrategy'}`;
  expect(read(simple)).toMatchObject({
    replication: 2,
    parts: { replication: { start: simple.indexOf("'replication_factor'"), length: "'replication_factor': 2".length } },
  });
});

describe('mistakes stand at their place', () => {
  it.each([
    ['DELETE FROM shop.orders', 'D230 D: the end where WHERE must stand'],
    ['DELETE FROM shop.orders WHERE id = 5000', 'D230 5000: 5000 is not one of the keys of shop.orders'],
    ["DELETE FROM shop.named WHERE name = 'carl'", "D230 'carl': shop.named has no key 'carl'"],
    ['DELETE FROM shop.orders WHERE id = 1 AND line = 2', 'D230 2: a partition of shop.orders is one row'],
    ['DELETE FROM shop.order WHERE id = 1', 'D209 shop.order: there is no table shop.order'],
    ['DELETE FROM shap.orders WHERE id = 1', 'D208 shap.orders: there is no table shap.orders'],
    ['DELETE FROM shop.orders WHERE id > 1', 'D231 >: one row or partition a statement'],
    ['DELETE FROM shop.orders WHERE id = 1 IF EXISTS', 'D231 IF: lightweight transactions are not modelled'],
    ['DELETE FROM shop.orders USING TIMESTAMP 5 WHERE id = 1', 'D231 TIMESTAMP: USING TIMESTAMP'],
    ['UPDATE shop.lines SET g4 = 1 WHERE id = 1 AND line = 0', 'D230 g4: shop.lines has no column group "g4"'],
    ['INSERT INTO shop.orders (id, v) VALUES (1)', 'D230 1: 2 columns and 1 values'],
    ['TRUNCATE shop.orders', 'D231 TRUNCATE: TRUNCATE is not in this version'],
    ['ALTER KEYSPACE shop WITH replication = 3', 'D230 3: "3" where { must stand'],
    ['ALTER KEYSPACE shop WITH durable_writes = false', 'D231 durable_writes: ALTER KEYSPACE'],
    ["ALTER KEYSPACE shop WITH replication = {'dc1': 3}", 'D230 }: the replication has no class'],
    [`${ALTER} {'class': 'LocalStrategy'}`, "D231 'LocalStrategy': LocalStrategy is no strategy of replication"],
    [`${ALTER} {'class': 'SimpleStrategy'}`, 'D230 }: SimpleStrategy needs a number of copies'],
    [`${ALTER} {'class': 'SimpleStrategy', 'dc1': 3}`, "D230 'dc1': SimpleStrategy has no option dc1"],
    [`${ALTER} {'class': 'NetworkTopologyStrategy'}`, 'D230 }: no data centre is named'],
    [`${ALTER} {'class': 'NetworkTopologyStrategy', 'replication_factor': 3}`, "D231 'replication_factor'"],
    [`${ALTER} {'class': 'NetworkTopologyStrategy', 'dc1': '3/1'}`, "D231 '3/1': transient replication"],
    [`${ALTER} {'class': 'NetworkTopologyStrategy', 'dc1': -1}`, 'D230 -1: "-1" where a number of copies'],
    [`${ALTER} {'class': 'NetworkTopologyStrategy', 'dc1': 1, 'dc1': 2}`, "D230 'dc1': dc1 stands twice"],
    [`${ALTER} {'class': 'NetworkTopologyStrategy', dc1: 1}`, 'D230 dc1: "dc1" where a key in quotes'],
    ['ALTER TABLE shop.orders WITH compression = 1', 'D231 compression: ALTER TABLE'],
    ['DROP', 'D231 DROP'],
  ])('%s', (text, mistake) => {
    const said = String(read(text));
    // At the end of the text there is no character to point at.
    expect(said.replace(/^D230 :/, 'D230 D:')).toContain(mistake.replace(/^(D230) D: the end/, '$1 D: the end'));
  });
});
