/**
 * Which runs of a replica a command compares and sends (cassandra.a21): all; of an incremental repair those of its own silo;
 * of a preview those of its kind (cassandra.c14, d-preview). Which of them meet the ranges: `run-choice.ts`.
 */
import type { Run } from '../data/run.ts';
import type { RepairPreview } from '../scenario/plan.ts';
import type { RepairContext } from './context.ts';
import type { LocalSession } from './state.ts';

export interface ComparedRuns {
  /** Session of an incremental repair, 0 = none. */
  readonly silo: number;
  /** Only runs that no repair has marked (an incremental repair before 4.0). */
  readonly unrepairedOnly: boolean;
  readonly preview: RepairPreview;
}

/** Null where a preview of repaired data meets the runs of a session that is still open. */
export function comparedRuns(
  context: RepairContext,
  node: number,
  { silo, unrepairedOnly, preview, runs }: ComparedRuns & { runs: readonly Run[] },
): readonly Run[] | null {
  if (silo !== 0) return runs.filter((run) => run.pendingRepair === silo);
  if (unrepairedOnly) return runs.filter((run) => run.repairedAt === 0);
  if (preview === 'none' || preview === 'all') return runs;
  if (preview === 'unrepaired') return runs.filter((run) => run.repairedAt === 0);
  context.mark('cassandra.c14');
  const repaired: Run[] = [];
  for (const run of runs) {
    const state = run.pendingRepair === 0 ? null : stateOf(context, node, run.pendingRepair);
    const isOpen = state !== null && state !== 'finalized' && state !== 'failed';
    if (isOpen && !context.isOff('cassandra.c14')) return null;
    if (state === 'finalized' || run.repairedAt !== 0) repaired.push(run);
  }
  return repaired;
}

function stateOf(context: RepairContext, node: number, session: number): LocalSession['state'] | null {
  for (const local of context.state.locals.values())
    if (local.session === session && local.node === node) return local.state;
  return null;
}
