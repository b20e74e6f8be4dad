/** Changes of topology that cannot be meant: each is a mistake at its place, with what was meant where that is known. */
import { expect, test } from 'vitest';
import { cassandra } from '../../src/dialect/cassandra/dialect.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { unmark } from '../scenario/marked.ts';

const HEAD = `format: 1
database: cassandra@4.1
duration: 1h
cluster: { nodes: { dc1: { r1: 4 } }, tokens: even, settings: { num_tokens: 1 } }
data:
  keyspaces: { ks: { replication: { dc1: 3 } } }
  tables: { ks.t: { partitions: 1k, row: 100B } }
faults:
  dies: { fault: crash, node: n2, mode: process, at: 10m }
  away: { fault: stop, node: n3, at: 10m, for: 10m }
operations:
`;

function load(operations: string) {
  const { text, line, column } = unmark(`${HEAD}${operations}\n`);
  const options = { dialects: [cassandra], version: '0' };
  const read = loadScenario({ file: 'a.yaml', text, readFile: () => ({ error: 'no file' }) }, options);
  return { ...read, line, column };
}

test.each([
  [
    'replace who is up',
    '  o: { do: replace, node: «n1», with: n5, at: 20m }',
    'S167',
    'a fault that stops n1 before, for good',
  ],
  [
    'replace who is back',
    '  o: { do: replace, node: «n3», with: n5, at: 30m }',
    'S167',
    'a fault that stops n3 before, for good',
  ],
  [
    'remove who is up',
    '  o: { do: remove, node: «n1», at: 20m }',
    'S167',
    '{ do: nodetool, node: n1, run: nodetool decommission }',
  ],
  [
    'remove by command who is up',
    '  o: { do: nodetool, node: n4, run: «nodetool removenode n1», at: 20m }',
    'S167',
    '{ do: nodetool, node: n1, run: nodetool decommission }',
  ],
  [
    'assassinate who is up',
    '  o: { do: nodetool, node: n4, run: «nodetool assassinate n1», at: 20m }',
    'S167',
    '{ do: nodetool, node: n1, run: nodetool decommission }',
  ],
  [
    'decommission who is down',
    '  o: { do: nodetool, node: n2, run: «nodetool decommission», at: 20m }',
    'S167',
    '{ do: remove, node: n2 }',
  ],
  [
    'decommission below the factor',
    '  o: { do: nodetool, node: n1, run: nodetool decommission, at: 1m }\n  p: { do: nodetool, node: n4, run: «nodetool decommission», at: 5m }',
    'S168',
    'nodetool decommission --force',
  ],
  ['go twice', '  o: { do: remove, node: n2, at: 20m }\n  p: { do: remove, node: «n2», at: 30m }', 'S169', undefined],
  [
    'go before it has come',
    '  o: { do: add, node: n5, at: 30m }\n  p: { do: nodetool, node: n5, run: «nodetool decommission», at: 20m }',
    'S169',
    undefined,
  ],
  ['an id that is taken', '  o: { do: add, node: «n4», at: 1m }', 'S165', 'n5'],
  ['an id that is taken for a replacement', '  o: { do: replace, node: n2, with: «n1», at: 20m }', 'S165', 'n5'],
  ['an id that joins twice', '  o: { do: add, node: n5, at: 1m }\n  p: { do: add, node: «n5», at: 5m }', 'S165', 'n6'],
  ['a token that is taken', '  o: { do: add, node: n5, tokens: «2305843009213693952», at: 1m }', 'S180', undefined],
  ['an unknown node', '  o: { do: remove, node: «m2», at: 20m }', 'S130', 'n2'],
  [
    'an unknown node in a command',
    '  o: { do: nodetool, node: n1, run: «nodetool removenode m2», at: 20m }',
    'S130',
    'n2',
  ],
  ['an unknown data centre', '  o: { do: add, node: n5, dc: «dc2», at: 1m }', 'S133', 'dc1'],
  ['an unknown keyspace', '  o: { do: alter, keyspace: «kx», replication: { dc1: 2 }, at: 1m }', 'S132', 'ks'],
  [
    'several who leave at once',
    '  o: { do: nodetool, nodes: «[n1, n4]», run: nodetool decommission, at: 1m }',
    'S117',
    undefined,
  ],
])('%s', (_name, operations, code, suggestion) => {
  const { mistakes, line, column } = load(operations);
  expect(mistakes.map((each) => each.code)).toEqual([code]);
  expect({ line: mistakes[0].line, column: mistakes[0].column }).toEqual({ line, column });
  expect(mistakes[0].suggestion).toBe(suggestion);
});

test.each([
  ['replace who is down', '  o: { do: replace, node: n2, with: n5, at: 20m }'],
  ['remove who is down', '  o: { do: remove, node: n2, at: 20m }'],
  [
    'leave with force',
    '  o: { do: nodetool, node: n1, run: nodetool decommission, at: 1m }\n  p: { do: nodetool, node: n4, run: nodetool decommission --force, at: 5m }',
  ],
  [
    'leave after another has come',
    '  n: { do: add, node: n5, at: 1m }\n  o: { do: nodetool, node: n1, run: nodetool decommission, at: 3m }\n  p: { do: nodetool, node: n4, run: nodetool decommission, at: 5m }',
  ],
])('no mistake: %s', (_name, operations) => {
  const { text } = unmark(`${HEAD}${operations}\n`);
  expect(text).not.toContain('«');
  expect(load(operations).mistakes.filter(({ severity }) => severity === 'mistake')).toEqual([]);
});
