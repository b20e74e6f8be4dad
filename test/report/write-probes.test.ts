/** What probes of writes found: in the text, in the document, and as metrics of expectations. */
import { beforeAll, expect, it } from 'vitest';
import { resultShape } from '../../src/cli/result-schema.ts';
import { load, run } from '../../src/index.ts';
import type { RunOutput } from '../../src/observe/result.ts';
import { resultJson } from '../../src/report/json.ts';
import { renderPlan } from '../../src/report/plan.ts';
import { renderRun } from '../../src/report/run.ts';
import type { Plan } from '../../src/scenario/plan.ts';

const SCENARIO = `
format: 1
database: cassandra@4.1
duration: 4s
cluster:
  nodes: 3
  latencies: { local: &slow { write: { exponential: 8ms }, ack: 1ms, read: { exponential: 1ms }, response: 1ms }, rack: *slow }
data: { replication: 3, tables: { shop.orders: { partitions: 50, row: 100B } } }
workload: { orders: { table: shop.orders, rate: 200/s, consistency: ONE } }
probes:
  soon: { probe: t-visibility, workload: orders, consistency: ONE, times: [0ms, 20ms] }
  behind: { probe: k-staleness, workload: orders, consistency: TWO, versions: 2, share: 50% }
expect:
  some: { check: at, at: end, metric: p_current, where: { probe: soon, t: 0ms }, between: [10%, 90%] }
  more: { check: at, at: end, metric: p_current, where: { probe: soon, t: 20ms }, above: 80% }
  seen: { check: at, at: end, metric: t_visible_p999, where: { probe: soon }, between: [10ms, 200ms] }
  near: { check: at, at: end, metric: p_within_k, where: { probe: behind, k: 2 }, above: 90% }
  reads: { check: at, at: end, metric: probe_read_latency_p999, where: { probe: soon }, between: [1ms, 20ms] }
  writes: { check: at, at: end, metric: probe_write_latency_p999, where: { probe: behind }, above: 1s }
`;

let plan: Plan;
let output: RunOutput;
beforeAll(() => {
  plan = load(SCENARIO);
  output = run(plan);
});

it('is judged by its metrics', () => {
  const verdicts = Object.entries(output.result.expectations).map(([id, { verdict }]) => `${id} ${verdict}`);
  expect(verdicts).toEqual(['some held', 'more held', 'seen held', 'near held', 'reads held', 'writes violated']);
  expect(output.result.expectations['some'].expected).toContain('p_current{probe=soon,t=');
});

it('is a document that its schema knows', () => {
  const document = JSON.parse(resultJson(output.result)) as { probes: Record<string, unknown> };
  expect(resultShape.safeParse(document).error).toBeUndefined();
  expect(document.probes['soon']).toMatchObject({ kind: 't-visibility', workload: 'orders', consistency: 'ONE' });
  expect(document.probes['behind']).toMatchObject({ kind: 'k-staleness', within: [{ k: 1 }, { k: 2 }] });
});

it('is told as tables', () => {
  const text = renderRun(output, plan, { columns: 80, color: false, details: false });
  expect(text).toMatch(/probe +write +read +t 99.9 % +read 99.9 % +write 99.9 % +samples/);
  expect(text).toMatch(/soon +ONE +ONE +[\d.]+ ms +[\d.]+ ms +[\d.]+ ms +\d+/);
  expect(text).toMatch(/soon +\d+\.\d\d % +\d+\.\d\d %/);
  expect(text).toMatch(/behind +\d+\.\d\d % +\d+\.\d\d %/);
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

it('is announced by the plan', () => {
  const text = renderPlan(plan, { columns: 100, color: false }).replaceAll(/\s+/g, ' ');
  expect(text).toContain('soon (t-visibility of the writes of orders at ONE, 2 times up to 20 ms after each)');
  expect(text).toContain('behind (k-staleness of 50 % of the writes of orders at TWO, 0 s after each)');
});
