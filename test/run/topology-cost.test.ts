/** What changes of topology cost, in the result of real runs; and ALTER KEYSPACE as a statement, its mistakes at their place. */
import { describe, expect, test } from 'vitest';
import { resultShape } from '../../src/cli/result-schema.ts';
import { check, load, run } from '../../src/index.ts';
import type { Result, TopologyChange } from '../../src/observe/result.ts';
import { unmark } from '../scenario/marked.ts';

const text = (operations: string, more = ''): string => `
format: 1
name: Topology
database: cassandra@4.1
seed: 3
duration: 6m
settle: 1m
cluster: { nodes: { dc1: { r1: 2, r2: 1, r3: 1 } }, settings: { num_tokens: 1 } }
data:
  keyspaces: { shop: { replication: { dc1: 2 } } }
  tables: { shop.orders: { partitions: 500, row: 300B, loaded: equal } }
workload:
  orders: { table: shop.orders, rate: 2/s, consistency: ONE }
operations:
${operations}
${more}
`;

const resultOf = (operations: string, more = ''): Result => run(load(text(operations, more))).result;

function changeIn({ topology = {} }: Result, id: string): TopologyChange {
  return topology[`operations.${id}`];
}

describe('in the result', () => {
  test('a node that joins: who sent how much, and for how long', () => {
    const result = resultOf('  grow: { do: add, node: n9, dc: dc1, rack: r2, at: 1m }');
    const change = changeIn(result, 'grow');
    expect(resultShape.safeParse(result).success).toBe(true);
    expect(change).toMatchObject({
      kind: 'add',
      node: 'n9',
      outcome: 'finished',
      failures: [],
      streamed_in_vain_bytes: 0,
    });
    const sent = Object.values(change.sources);
    expect(change.streamed_rows).toBeGreaterThan(50);
    expect(sent.reduce((rows, source) => rows + source.rows, 0)).toBe(change.streamed_rows);
    expect(sent.reduce((bytes, source) => bytes + source.bytes, 0)).toBe(change.streamed_bytes);
    expect(Object.keys(change.sources)).not.toContain('n9');
    // It waits for gossip and for the ring to be known before it streams.
    expect((change.finished_micros ?? 0) - (change.started_micros ?? 0)).toBeGreaterThan(30e6);
  });

  test('a node that leaves hands its hints over, and streams what it has by itself', () => {
    const operations = "  shrink: { do: nodetool, node: n2, run: 'nodetool decommission', at: 3m }";
    const away = 'faults: { away: { fault: crash, node: n4, mode: process, at: 1m, for: 5m30s } }';
    const change = changeIn(resultOf(operations, away), 'shrink');
    expect(change).toMatchObject({ kind: 'decommission', outcome: 'finished', failures: [] });
    expect(change.hints_handed_over).toBeGreaterThan(0);
    expect(change.streamed_bytes).toBeGreaterThan(0);
    expect(Object.keys(change.sources)).toEqual(['n2']);
  });

  test('a removed node: the hints for it are dropped', () => {
    const operations = '  out: { do: remove, node: n4, at: 3m }';
    const away = 'faults: { away: { fault: crash, node: n4, mode: process, at: 1m } }';
    const change = changeIn(resultOf(operations, away), 'out');
    expect(change).toMatchObject({ kind: 'remove', node: 'n4', outcome: 'finished' });
    expect(change.hints_dropped).toBeGreaterThan(0);
    expect(Object.keys(change.sources)).not.toContain('n4');
  });

  test('hints that reach a node which replicates their row no more are written anew', () => {
    const away = 'faults: { away: { fault: crash, node: n4, mode: process, at: 1m, for: 3m } }';
    const change = changeIn(
      resultOf('  thin: { do: alter, keyspace: shop, replication: { dc1: 1 }, at: 3m }', away),
      'thin',
    );
    expect(change).toMatchObject({ kind: 'alter', outcome: 'finished', streamed_bytes: 0 });
    expect(change.hints_rehinted).toBeGreaterThan(0);
  });

  test('a joiner that dies half-way: what was streamed in vain; a second change is refused, in words', () => {
    const operations = `  grow: { do: add, node: n9, dc: dc1, rack: r2, at: 1m }
  again: { do: remove, node: n4, at: 2m30s }`;
    const faults = `faults:
  away: { fault: crash, node: n4, mode: process, at: 2m20s }
  dies: { fault: crash, node: n9, mode: process, at: 70s }`;
    const result = resultOf(operations, faults);
    expect(changeIn(result, 'grow')).toMatchObject({ outcome: 'failed', streamed_rows: 0 });
    expect(changeIn(result, 'grow').failures.join()).toContain('Some data streaming failed: n9 is gone');
    expect(changeIn(result, 'again')).toMatchObject({ outcome: 'refused', streamed_bytes: 0, sources: {} });
    expect(changeIn(result, 'again').failures.join()).toContain('n9 joins, leaves or is replaced');
  });

  test('nothing where nothing changes', () => {
    expect(resultOf("  clean: { do: nodetool, node: n1, run: 'nodetool flush', at: 1m }").topology).toBeUndefined();
  });
});

describe('ALTER KEYSPACE as a statement', () => {
  const cql = (statement: string): string => `  raise: { do: cql, node: n1, run: "${statement}", at: 1m }`;
  const NTS = "ALTER KEYSPACE shop WITH replication = {'class': 'NetworkTopologyStrategy',";

  test('is the same change as do: alter', () => {
    const plain = resultOf('  raise: { do: alter, keyspace: shop, replication: { dc1: 3 }, at: 1m }');
    const said = resultOf(cql(`${NTS} 'dc1': 3}`));
    expect(said.fingerprint).toBe(plain.fingerprint);
    expect(changeIn(said, 'raise')).toMatchObject({
      kind: 'alter',
      node: null,
      outcome: 'finished',
      streamed_bytes: 0,
    });
    expect(said.final.by_cause.bootstrap_missed?.copies).toBeGreaterThan(0);
  });

  test.each([
    [`ALTER KEYSPACE «shap» WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 3}`, 'S132'],
    [`${NTS} «'dc7': 3»}`, 'S133'],
    [`${NTS} «'dc1': 9»}`, 'S202'],
    [`ALTER KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', «'replication_factor': 9»}`, 'S202'],
    [`ALTER KEYSPACE shop WITH replication = «{'class': 'NetworkTopologyStrategy', 'dc1': 0}»`, 'S117'],
  ])('%s', (statement, code) => {
    const marked = unmark(text(cql(statement)));
    const { mistakes, warnings } = check(marked.text);
    const { line, column, length } = marked;
    expect([...mistakes, ...warnings]).toMatchObject([{ code, line, column, length, path: 'operations.raise.run' }]);
  });

  test('is refused where the node that is told is down', () => {
    const down = 'faults: { away: { fault: crash, node: n1, mode: process, at: 50s, for: 1m } }';
    const result = resultOf(cql(`${NTS} 'dc1': 3}`), down);
    expect(changeIn(result, 'raise')).toMatchObject({ outcome: 'refused', failures: ['n1 is down'] });
    expect(result.final.by_cause.bootstrap_missed).toBeUndefined();
  });

  test('has no level of consistency', () => {
    const operation = cql(`${NTS} 'dc1': 3}`).replace(' at: 1m', ' at: 1m, consistency: ONE');
    expect(check(text(operation)).mistakes.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'S175 ALTER KEYSPACE has no consistency',
    ]);
  });
});
