/** Schedules in whole runs: batched = event by event = saved in the middle and continued; costs of runs sum to their entry. */
import { expect, test } from 'vitest';
import { cassandra } from '../../src/dialect/cassandra/dialect.ts';
import type { RepairRun } from '../../src/observe/result.ts';
import { run } from '../../src/run/run.ts';
import { Simulation } from '../../src/run/simulation.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import type { Plan } from '../../src/scenario/plan.ts';

const HOUR = 3600e6;

const TEXT = `format: 1
database: cassandra@4.1
seed: 9
start: 2026-11-21T02:00:00Z
duration: 3h
cluster:
  nodes: { dc1: { r1: 5 } }
  settings: { num_tokens: 2, hinted_handoff_enabled: false }
  devices: { disk: { read: 20kB/s, write: 100MB/s } }
data:
  keyspaces: { ks: { replication: 3 } }
  tables: { ks.t: { partitions: 2000, row: 100B, loaded: equal }, ks.u: { partitions: 500, row: 100B } }
workload:
  w: { table: ks.t, rate: 2/s, keys: uniform, consistency: ONE }
  v: { table: ks.u, rate: 1/s, keys: uniform, consistency: ONE }
faults:
  away: { fault: stop, node: n3, at: 9m, for: 12m }
  dead: { fault: crash, node: n1, at: 70m20s, for: 3m }
repairs:
  segments: { repair: reaper, schedule: "10 * * * *", segments_per_node: 3, intensity: 0.5, segment_timeout: 20s }
  daily: { repair: nodetool, node: n2, run: nodetool repair -full -seq ks u, schedule: "11 * * * *" }
  silos: { repair: reaper, tables: [u], incremental: true, at: 40m }
`;

function planOf(text: string): Plan {
  const options = { dialects: [cassandra], version: '0' };
  const { plan, mistakes } = loadScenario({ file: 'a.yaml', text, readFile: () => ({ error: 'none' }) }, options);
  if (plan === null) throw new Error(mistakes.map(({ message }) => message).join('; '));
  return plan;
}

const plan = planOf(TEXT);
const end = plan.duration_micros + plan.settle_micros;

test('batched = event by event, and something happened', () => {
  const batched = run(plan);
  expect(JSON.stringify(run(plan, { mode: 'events' }))).toBe(JSON.stringify(batched));
  const runs = batched.result.repairs['repairs.segments'].runs ?? [];
  expect(runs.length).toBe(3);
  expect(runs.every(({ outcome }) => outcome === 'finished')).toBe(true);
  const sumOf = (key: keyof RepairRun) => runs.reduce((sum, each) => sum + Number(each[key]), 0);
  expect(sumOf('segments_retried')).toBeGreaterThan(0);
  expect(sumOf('segments_postponed')).toBeGreaterThan(0);
  const ledger = batched.result.repairs['repairs.segments'];
  for (const cost of ['sessions', 'read_bytes', 'hashed_rows', 'sent_bytes', 'healed_copies'] as const)
    expect(sumOf(cost)).toBe(ledger[cost]);
  expect(batched.result.repairs['repairs.daily'].runs?.map(({ started_micros: at }) => at / HOUR)).toEqual(
    [11, 71, 131].map((minutes) => minutes / 60),
  );
  expect(batched.result.repairs['repairs.silos'].runs).toMatchObject([{ segments: 5, segments_done: 5 }]);
}, 120_000);

test('saved anywhere and continued = straight', () => {
  const straight = JSON.stringify(run(plan));
  for (const minutes of [10.01, 11.3, 21, 41, 62, 71]) {
    const first = new Simulation(plan, { batched: true });
    first.runTo(minutes * 60e6);
    const second = new Simulation(plan, { batched: true });
    second.load(first.save());
    first.runTo(minutes * 60e6 + HOUR / 4);
    second.runTo(end);
    expect(JSON.stringify(second.finish())).toBe(straight);
  }
}, 240_000);
