/** What tests of repair on the real engine share: a crash, a run to its end, and where each node's runs stand in repair. */
import type { RepairLedger } from '../../src/observe/result.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan, PlanEntry } from '../../src/scenario/plan.ts';

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
