/** Small worlds for tests of foreign algorithms: three nodes, a table of twenty rows, and an entry of each algorithm. */
import type { AlgorithmCosts, RepairLedger, Result } from '../../src/observe/result.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan, PlanAlgorithm, PlanEntry } from '../../src/scenario/plan.ts';
import {
  constantLinks,
  plainNodes,
  plainPlan,
  plainTable,
  plainWorkload,
  repairEntry,
  seconds,
  traceArrivals,
} from '../run/plain-plan.ts';

export const DYNAMO: PlanAlgorithm = {
  name: 'dynamo',
  until_micros: seconds(600),
  levels: [1, 4, 16],
  hash_bytes: 16,
  tick_micros: seconds(5),
  concurrency: 1,
  lock_timeout_micros: seconds(60),
  answer_timeout_micros: seconds(600),
  built: true,
  build_every_micros: 0,
  build_pause_micros: 0,
  expiry_micros: null,
  expiry_spread_micros: 0,
  key_pause_micros: 0,
  results_max: null,
  loops_max: 0,
  results_boost: 2,
  passes: 1,
  pause_micros: 0,
};
export const RIAK: PlanAlgorithm = {
  ...DYNAMO,
  name: 'riak-aae',
  hash_bytes: 20,
  tick_micros: seconds(2),
  concurrency: 2,
};
export const TICTAC: PlanAlgorithm = {
  ...{ ...DYNAMO, name: 'tictac', levels: [16, 256], hash_bytes: 4, concurrency: null, results_max: 64, loops_max: 4 },
  ...{ passes: 2, pause_micros: seconds(0.5) },
};

export const TABLE = 'shop.orders';
export const NODES = ['n1', 'n2', 'n3'];

export function foreign(how: PlanAlgorithm, at = 60): PlanEntry {
  const entry = repairEntry({ id: 'repairs.x', at: seconds(at), nodes: NODES, tables: [TABLE], strategy: how.name });
  return { ...entry, command: how.name, algorithm: how } as PlanEntry;
}

export function missedBy(node: string, from = 10, forSeconds = 40): PlanEntry {
  return {
    id: 'faults.away',
    at_micros: seconds(from),
    kind: 'stopNode',
    nodes: [node],
    for_micros: seconds(forSeconds),
  };
}

/** Three nodes, three copies; each key is written once at 5 s, those of `missed` again at 30 s. */
export function world(missed: readonly number[], entries: readonly PlanEntry[], given: Partial<Plan> = {}): Plan {
  const partitions = 20;
  const first = Array.from({ length: partitions }, (_unset, key) => ({ at: seconds(5) + key, key }));
  const again = missed.map((key, index) => ({ at: seconds(30) + index, key }));
  return plainPlan({
    duration_micros: seconds(600),
    nodes: plainNodes(3),
    links: constantLinks(1000),
    settings: { hinted_handoff_enabled: false },
    tables: [plainTable({ partitions })],
    workload: { w: plainWorkload({ arrivals: traceArrivals([...first, ...again]), until_micros: seconds(600) }) },
    entries: [...entries],
    ...given,
  });
}

export function resultOf(plan: Plan): Result {
  const simulation = new Simulation(plan, { batched: true });
  simulation.runTo(simulation.world.endMicros);
  return simulation.finish().result;
}

export function ledgerOf(plan: Plan): RepairLedger & { algorithm: AlgorithmCosts } {
  const ledger = resultOf(plan).repairs['repairs.x'];
  if (ledger.algorithm === undefined) throw new Error('no costs of exchanges');
  return { ...ledger, algorithm: ledger.algorithm };
}

export function off(...rules: string[]): Partial<Plan> {
  return { model: { off: rules } };
}
