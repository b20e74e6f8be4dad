/** Plans with operations as `plan` shows them and reads them again; names of the nodes that operations bring. */
import { describe, expect, it } from 'vitest';
import { VERSION, check, load, renderPlan } from '../../src/index.ts';
import { loadPlan } from '../../src/scenario/load.ts';
import { dialects } from '../../src/dialect/index.ts';

const SCENARIO = `format: 1
database: cassandra@4.1
duration: 1h
cluster: { nodes: { dc1: { r1: 2, r2: 2, r3: 2 } } }
data: { keyspaces: { shop: { replication: { dc1: 3 } } }, tables: { shop.orders: { partitions: 100, row: 1kB } } }
workload: { app: { table: shop.orders, rate: 2/s, mix: { read: 50%, insert: 50% }, consistency: ONE } }
faults: { gone: { fault: crash, node: n2, at: 5m } }
operations:
  instead: { do: replace, node: n2, with: NEW, at: 15m }
  window: { do: set, node: n1, settings: { max_hint_window: 1h }, at: 20m }
  again: { do: restart, node: n1, settings: { hinted_handoff_enabled: false }, at: 25m }
  one: { do: cql, node: n1, run: "DELETE FROM shop.orders WHERE id = 7", at: 30m }
`;

const withNode = (name: string): string => SCENARIO.replace('NEW', JSON.stringify(name));

describe('a plan with operations', () => {
  const plan = load(withNode('n7'));

  it('is read again, though who replaces has no tokens of its own', () => {
    const { plan: again, mistakes } = loadPlan('plan.json', JSON.stringify(plan), { dialects, version: VERSION });
    expect(mistakes).toEqual([]);
    expect(again?.nodes.at(-1)).toMatchObject({ id: 'n7', tokens: [], joins: 'operations.instead' });
    const without = {
      ...plan,
      nodes: plan.nodes.map((node) => ({ ...node, ...(node.id === 'n1' && { tokens: [] }) })),
    };
    const refused = loadPlan('plan.json', JSON.stringify(without), { dialects, version: VERSION });
    expect(refused.mistakes.map(({ message }) => message)).toContain('nodes[0].tokens: n1 owns no token');
  });

  it('shows who comes later, reads, values of settings, and a statement once', () => {
    const text = renderPlan(plan, { columns: 100, color: false });
    expect(text).toMatch(/cluster +6 nodes \(dc1 6\), 96 tokens; 1 more to come/);
    expect(text).toMatch(/size +3 600 reads · 3 601 writes/);
    expect(text).toMatch(/set max_hint_window 1h \(nodetool setmaxhintwindow\) on n1, for good/);
    expect(text).toMatch(/restart n1 with hinted_handoff_enabled false/);
    expect(text).not.toMatch(/workload operations/);
  });
});

describe('the name of a node that joins', () => {
  it.each(['n\u001b[31m', '<b>x</b>', 'all', '', 'a b', '__proto__'])('cannot be %j', (name) => {
    const { plan, mistakes } = check(withNode(name));
    expect([plan, mistakes.map(({ code, line }) => `${code}:${line}`)]).toEqual([null, ['S110:9']]);
  });
});
