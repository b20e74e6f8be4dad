/** A small run with an outage longer than its hint window and a repair: enough for every section of the page. */
import { load, run } from '../../src/index.ts';
import type { Plan } from '../../src/scenario/plan.ts';
import { runPage } from '../../src/report/page/run-page.ts';
import type { RunPage } from '../../src/report/page/page-data.ts';
import { PageWatch } from '../../src/studies/page-watch.ts';

const SCENARIO = `
format: 1
name: n3 is away longer than hints are kept
database: cassandra@4.1
seed: 7
start: 2026-03-02T00:00:00Z
duration: 40m
cluster: { nodes: { dc1: { r1: 1, r2: 1, r3: 1 } }, settings: { max_hint_window: 5m } }
data:
  keyspaces: { shop: { replication: { dc1: 3 } } }
  tables: { shop.orders: { partitions: 5_000, row: 1kB, loaded: equal } }
workload:
  checkout: { table: shop.orders, rate: { poisson: 10/s }, keys: uniform, consistency: QUORUM }
faults:
  n3-away: { fault: crash, node: n3, mode: power-loss, at: 5m, for: 15m }
  cut: { fault: partition, between: [[n1], [n2]], at: 25m, for: 2m }
repairs:
  by-hand: { repair: nodetool, node: n3, run: "nodetool repair -full shop orders", at: 30m }
observe: { every: 10s }
`;

export function smallRunPlan(): Plan {
  return load(SCENARIO);
}

/** Its page, watched as `run` does. */
export function watchedPage(plan: Plan): RunPage {
  const watch = new PageWatch(plan);
  const output = run(plan, watch.watching);
  return runPage(output, plan, { replay: 'npx reconverge run plan.json', view: watch.view() });
}
