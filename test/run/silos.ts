/** What tests of repair on the real engine share: a small plan, a crash, a run to its end, where each node's runs stand in repair. */
import type { RepairLedger } from '../../src/observe/result.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan, PlanEntry } from '../../src/scenario/plan.ts';
import { plainPlan, plainTable, plainWorkload, seconds, traceArrivals } from './plain-plan.ts';

export const crash = (atMicros: number, node: string, forMicros: number | null): PlanEntry => ({
  id: `faults.${node}`,
  at_micros: atMicros,
  kind: 'crashNode',
  nodes: [node],
  mode: 'process',
  for_micros: forMicros,
});

/** Of each node's first table: `repaired`, `pending` or `unrepaired`, a word a run, in order of age. */
export function silos({ world }: Simulation): string[] {
  return world.plan.nodes.map((_node, node) =>
    world.storage
      .of(node, 0)
      .runs.map((run) => (run.pendingRepair > 0 ? 'pending' : run.repairedAt > 0 ? 'repaired' : 'unrepaired'))
      .join(' '),
  );
}

export function run(of: Plan): { simulation: Simulation; repairs: Record<string, RepairLedger> } {
  const simulation = new Simulation(of, { batched: true });
  simulation.runTo(simulation.world.endMicros);
  return { simulation, repairs: simulation.finish().result.repairs };
}

/** Members of the plan, and more writes: when, µs, and to which key. */
export type TenKeys = Partial<Plan> & { late?: { at: number; key: number }[] };

/** Three nodes with a table of 200 partitions; writes at ALL to keys 0-9 in the first second. */
export function tenKeys(entries: PlanEntry[], given: TenKeys = {}): Plan {
  const { late = [], ...rest } = given;
  const early = Array.from({ length: 10 }, (_none, key) => ({ at: seconds(0.1) * (key + 1), key }));
  return plainPlan({
    tables: [plainTable({ partitions: 200, loaded: 'equal' })],
    workload: {
      w: plainWorkload({
        arrivals: traceArrivals([...early, ...late]),
        keys: { kind: 'uniform', from: 0, to: 200 },
        consistency: 'ALL',
      }),
    },
    entries,
    ...rest,
  });
}
