/** The result and the report say what became of each change of topology, and a contradiction is a mistake with its place. */
import { expect, test } from 'vitest';
import { resultShape } from '../../src/cli/result-schema.ts';
import { check, load, MistakeError } from '../../src/index.ts';
import { renderRun } from '../../src/report/run.ts';
import { run } from '../../src/run/run.ts';

const story = (rest: string): string => `
format: 1
name: changes
database: cassandra@4.1
duration: 6m
cluster: { nodes: { dc1: { r1: 2, r2: 2, r3: 1 } } }
data:
  keyspaces: { ks: { replication: { dc1: 3 } } }
  tables: { ks.t: { partitions: 100, loaded: equal } }
workload:
  w: { table: ks.t, rate: 4/s, consistency: QUORUM }
${rest}`;

function report(rest: string): { outcomes: Record<string, string>; text: string } {
  const plan = load({ text: story(rest) });
  const output = run(plan);
  expect(resultShape.safeParse(output.result).error).toBeUndefined();
  const text = renderRun(output, plan, { columns: 100, color: false, details: false });
  const outcomes = Object.entries(output.result.topology ?? {}).map(([id, { outcome }]) => [id, outcome]);
  return { outcomes: Object.fromEntries(outcomes) as Record<string, string>, text };
}

test('what is refused because another change is under way is told with the reason', () => {
  const { outcomes, text } = report(`
operations:
  join: { do: add, node: n6, at: 1m }
  join2: { do: add, node: n7, at: 70s }
  leave: { do: nodetool, node: n2, run: nodetool decommission, at: 80s }
`);
  expect(outcomes).toEqual({
    'operations.join': 'finished',
    'operations.join2': 'refused',
    'operations.leave': 'refused',
  });
  expect(text.replace(/\s+/g, ' ')).toContain('join2: Other bootstrapping/leaving/moving nodes detected (n6)');
  expect(text.replace(/\s+/g, ' ')).toContain('leave: n6 joins, leaves or is replaced');
});

test('a change whose stream ends with its node is told as failed', () => {
  const { outcomes, text } = report(`
operations:
  join: { do: add, node: n6, at: 1m }
faults:
  crash: { fault: crash, node: n6, at: 80s }
`);
  expect(outcomes).toEqual({ 'operations.join': 'failed' });
  expect(text).toContain('Some data streaming failed: n6 is gone');
});

test('nobody keeps hints for a node that another has replaced', () => {
  const { outcomes, text } = report(`
faults:
  dead: { fault: crash, node: n3, at: 1m }
operations:
  other: { do: replace, node: n3, with: n6, at: 2m }
`);
  expect(outcomes).toEqual({ 'operations.other': 'finished' });
  expect(text).not.toContain('still down at the end');
});

test('assassinate of a node that is up is a mistake; of one that starts meanwhile it is refused', () => {
  const assassinate = 'operations:\n  kill: { do: nodetool, node: n1, run: nodetool assassinate n3, at: 2m }\n';
  expect(() => load({ text: story(assassinate) })).toThrow(MistakeError);
  const away = (length: string): string => `faults:\n  away: { fault: stop, node: n3, at: 1m, for: ${length} }\n`;
  expect(report(assassinate + away('70s')).outcomes).toEqual({ 'operations.kill': 'refused' });
  expect(report(assassinate + away('4m')).outcomes).toEqual({ 'operations.kill': 'finished' });
});

test('what is done to a node that has left, or has not come yet, is warned of at its place', () => {
  const text = story(`
operations:
  leave: { do: nodetool, node: n5, run: nodetool decommission, at: 1m }
  join: { do: add, node: n6, at: 3m }
  again: { do: restart, node: n5, at: 4m }
  fine: { do: restart, node: n6, at: 5m }
faults:
  early: { fault: crash, node: n6, at: 2m, for: 10s }
`);
  const { warnings } = check({ text });
  expect(warnings.filter(({ code }) => code === 'S169').map(({ path, message }) => [path, message])).toEqual([
    ['operations.again', 'n5 leaves before, by operations.leave'],
    ['faults.early', 'n6 joins only later, by operations.join'],
  ]);
});
