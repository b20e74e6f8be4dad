/**
 * Runs strategies that share their failure history: the common part once, without any repair, then each strategy from its
 * snapshot. One strategy alone is run whole.
 */
import type { RunOutput } from '../../observe/result.ts';
import { Simulation } from '../../run/simulation.ts';
import { HistoryPrint } from './history-print.ts';
import { unionPlan, type DrawnStrategy } from './union-plan.ts';

export interface GroupRun {
  id: string;
  output: RunOutput;
  print: HistoryPrint;
  forkedMicros: number | null;
}

export function* runGroup(strategies: readonly DrawnStrategy[]): Generator<GroupRun, void, void> {
  if (strategies.length === 1) {
    yield runWhole(strategies[0]);
    return;
  }
  const { plan, firstRepair, own, forkMicros } = unionPlan(strategies);
  const { simulation: trunk, print } = simulate(plan, firstRepair, null);
  trunk.runTo(forkMicros);
  const snapshot = trunk.save();
  for (const [index, { id }] of strategies.entries()) {
    const { simulation, print: ownPrint } = simulate(plan, firstRepair, print);
    simulation.load(snapshot);
    simulation.wake(own[index].first, own[index].end);
    simulation.runTo(simulation.world.endMicros);
    yield { id, output: simulation.finish(), print: ownPrint, forkedMicros: forkMicros };
  }
}

function runWhole({ id, plan }: DrawnStrategy): GroupRun {
  const { simulation, print } = simulate(plan, plan.entries.length, null);
  simulation.runTo(simulation.world.endMicros);
  return { id, output: simulation.finish(), print, forkedMicros: null };
}

function simulate(
  plan: DrawnStrategy['plan'],
  entryEnd: number,
  copied: HistoryPrint | null,
): { simulation: Simulation; print: HistoryPrint } {
  const end = plan.duration_micros + plan.settle_micros;
  const print = new HistoryPrint(end, 1024, copied);
  return { simulation: new Simulation(plan, { batched: true, observers: [print], entryEnd }), print };
}
