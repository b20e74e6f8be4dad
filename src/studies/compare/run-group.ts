/**
 * Runs strategies that share their failure history: the common part once, without any repair, then each strategy from its
 * snapshot. One strategy alone is run whole.
 */
import type { RepairLedger, RunOutput } from '../../observe/result.ts';
import { Simulation } from '../../run/simulation.ts';
import { HistoryPrint } from './history-print.ts';
import { rowsLeft, type RowsLeft } from './rows-left.ts';
import { unionPlan, type DrawnStrategy } from './union-plan.ts';

export interface GroupRun {
  id: string;
  output: RunOutput;
  print: HistoryPrint;
  forkedMicros: number | null;
  /** Of the run up to there, also what its repairs had cost by their ids; nothing of one that was run whole. */
  before: { divergentRowHours: number; wrongRowHours: number; repairs: Record<string, RepairLedger> };
  /** Which rows it left: until the next run begins. */
  rows: () => RowsLeft;
}

const NONE_BEFORE: GroupRun['before'] = { divergentRowHours: 0, wrongRowHours: 0, repairs: {} };
const HOUR_MICROS = 3_600_000_000;

export function* runGroup(strategies: readonly DrawnStrategy[]): Generator<GroupRun, void, void> {
  if (strategies.length === 1) yield runWhole(strategies[0]);
  else yield* runForked(strategies);
}

/** Also one strategy alone. Above 0, `fromMicros` is where the snapshot is taken: they share all repairs that begin before. */
export function* runForked(strategies: readonly DrawnStrategy[], fromMicros = 0): Generator<GroupRun, void, void> {
  const { plan, firstRepair, own, forkMicros: firstMicros } = unionPlan(strategies, fromMicros);
  const forkMicros = fromMicros > 0 ? fromMicros : firstMicros;
  const { simulation: trunk, print } = simulate(plan, firstRepair, null);
  trunk.runTo(forkMicros);
  const snapshot = trunk.save();
  const before = { ...rowHoursAt(trunk, forkMicros), repairs: trunk.repairCosts() };
  for (const [index, { id, ends = [] }] of strategies.entries()) {
    const { simulation, print: ownPrint } = simulate(plan, firstRepair, print);
    simulation.load(snapshot);
    simulation.wake(own[index].first, own[index].end);
    simulation.endAlgorithms(ends, forkMicros);
    simulation.runTo(simulation.world.endMicros);
    const output = simulation.finish();
    yield { id, output, print: ownPrint, forkedMicros: forkMicros, before, rows: () => rowsLeft(simulation) };
  }
}

/** Brings the oracle of a saved simulation to the moment: nothing goes on from it any more. */
function rowHoursAt({ oracle }: Simulation, micros: number): Omit<GroupRun['before'], 'repairs'> {
  oracle.advance(micros);
  return {
    divergentRowHours: oracle.divergentRowMicros() / HOUR_MICROS,
    wrongRowHours: oracle.wrongRowMicros() / HOUR_MICROS,
  };
}

function runWhole({ id, plan }: DrawnStrategy): GroupRun {
  const { simulation, print } = simulate(plan, plan.entries.length, null);
  simulation.runTo(simulation.world.endMicros);
  const output = simulation.finish();
  return { id, output, print, forkedMicros: null, before: NONE_BEFORE, rows: () => rowsLeft(simulation) };
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
