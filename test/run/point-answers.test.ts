/** What clients of points are told, word for word, what coordinators count of it, and what their log says (influxdb.2, step 6). */
import { describe, expect, it } from 'vitest';
import { load, operatorView } from '../../src/index.ts';
import type { Plan } from '../../src/index.ts';
import type { Result } from '../../src/observe/result.ts';
import { run } from '../../src/run/run.ts';

interface Given {
  consistency?: string;
  through?: string;
  faults?: string;
  more?: string;
  data?: string;
  settings?: string;
}

/** Two copies, three shards; ten points a second in requests of ten, which have points of all of them. */
const planOf = (given: Given): Plan =>
  load({
    text: `
format: 1
name: answers
database: influxdb@1.8
seed: 7
start: 2026-03-02T00:00:00Z
duration: 4m
cluster:
  data_nodes: 3
  meta_nodes: 3
  settings: { ${given.settings ?? ''} }
data:
  databases: { telegraf: { policies: { day: { ${given.data ?? 'duration: 30d, shard_duration: 1d'}, replication: 2 } } } }
workload:
  agents: { into: telegraf.day, rate: 10/s, series: 10, batch: 10, bytes_per_point: 50, consistency: ${given.consistency ?? 'one'}, through: { node: ${given.through ?? 'n3'} }${given.more ?? ''} }
${given.faults === undefined ? '' : `faults:\n${given.faults}`}
`,
  });
const tell = (given: Given): Result => run(planOf(given)).result;
const statistics = (given: Given, at = '4m'): string =>
  operatorView(planOf(given), { at, command: "SHOW STATS FOR 'write'", node: given.through ?? 'n3' }).lines.join('\n');
const countOf = (text: string, name: string): number => {
  const [names, values] = text
    .split('\n')
    .slice(1)
    .filter((line) => !line.startsWith('-'));
  return Number(values.split(/ +/)[names.split(/ +/).indexOf(name)]);
};
const log = (given: Given): string =>
  operatorView(planOf(given), { at: '4m', command: 'log', node: given.through ?? 'n3' }).lines.join('\n');

const down = (node: string, mode = 'process'): string =>
  `  away-${node}: { fault: crash, node: ${node}, mode: ${mode}, at: 1m, for: 2m }\n`;
const paused =
  '  still: { fault: pause, node: n1, at: 1m, for: 1m }\n  gone: { fault: pause, node: n2, at: 1m, for: 1m }\n';
const both = down('n1') + down('n2');

describe('a client is told', () => {
  it('204 where its level is met', () => {
    const { writes } = tell({});
    expect(writes.told).toEqual({ '204': writes.acknowledged / 10 });
  });

  it('the first error where nobody stored anything: first of the owner, then of the queue that is not empty', () => {
    const { writes } = tell({ faults: both });
    const told = writes.told ?? {};
    expect(told['500 write failed: dial tcp: connection refused']).toBeGreaterThan(0);
    expect(told['500 write failed: hinted handoff queue not empty']).toBeGreaterThan(50);
    expect(writes.queue_not_empty).toBe(10 * told['500 write failed: hinted handoff queue not empty']);
    // Nobody waits for what others store once one part has missed its level.
    expect(writes.partial).toBeLessThan(50);
  });

  it('of a partial write where some owners stored it, but too few', () => {
    const { writes } = tell({ faults: down('n2'), consistency: 'all' });
    expect(writes.told?.['500 partial write']).toBe(writes.failed / 10);
    expect(writes.partial).toBe(writes.failed);
    expect(writes.queue_not_empty).toBe(0);
  });

  it('of a timeout, and of a full queue', () => {
    const slow = tell({ faults: paused, settings: 'cluster: { write-timeout: 2s }' });
    expect(slow.writes.told?.['500 timeout']).toBe(slow.writes.timed_out / 10);
    expect(slow.writes.timed_out).toBeGreaterThan(0);
    const full = tell({ faults: both, settings: 'hinted-handoff: { max-size: 10k }' });
    expect(full.writes.told?.['500 write failed: queue is full']).toBeGreaterThan(0);
  });

  it('of points that are older than the policy keeps, though the others are written', () => {
    const { writes } = tell({ data: 'duration: 1h, shard_duration: 1h', more: ', late: { share: 10%, by: 2h }' });
    const told = writes.told?.['400 partial write: points beyond retention policy dropped'] ?? 0;
    expect(told).toBeGreaterThan(0);
    expect(writes.beyond_policy).toBeGreaterThanOrEqual(told);
    expect(writes.acknowledged).toBe(writes.issued);
  });

  it('so in the words of explain and of the page', () => {
    const page = operatorView(planOf({ faults: both }), { at: '2m', node: 'n3' }).lines.join('\n');
    expect(page).toMatch(/^clients were told +\d+ {3}204$/m);
    expect(page).toMatch(/^ +\d+ {3}500 write failed: hinted handoff queue not empty$/m);
  });
});

describe('a coordinator counts', () => {
  it('an error where nobody stored anything, and a partial write only where somebody did', () => {
    const failed = statistics({ faults: both });
    expect(countOf(failed, 'writeError')).toBeGreaterThan(100);
    expect(countOf(failed, 'writePartial')).toBeLessThan(5);
    expect(countOf(failed, 'subWriteOk')).toBe(countOf(failed, 'req'));
    const partial = statistics({ faults: down('n2'), consistency: 'all' });
    expect(countOf(partial, 'writePartial')).toBeGreaterThan(100);
    expect(countOf(partial, 'writeError')).toBe(0);
  });

  it('points beyond the policy as dropped', () => {
    const given = { data: 'duration: 1h, shard_duration: 1h', more: ', late: { share: 10%, by: 2h }' };
    expect(countOf(statistics(given), 'writeDrop')).toBe(tell(given).writes.beyond_policy);
  });

  it('and logs a timeout where nothing answers, a refusal where only the process has ended', () => {
    expect(log({ faults: both })).toContain('connection refused');
    for (const faults of [down('n1', 'power-loss') + down('n2', 'power-loss'), paused]) {
      expect(log({ faults })).toContain('error="timeout"');
      expect(log({ faults })).not.toContain('refused');
    }
  });
});
