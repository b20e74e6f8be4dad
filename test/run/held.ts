/**
 * Records against storage (ADR 0004): the oracle's index of what each copy holds, made from the trace alone, must say
 * what merging the runs and memtables of every node gives.
 */
import { ordinalOfSlot } from '../../src/data/build-layout.ts';
import { NO_MEMBER } from '../../src/data/epochs.ts';
import type { TableLayout } from '../../src/data/layout.ts';
import { BASE, NOTHING } from '../../src/data/versions.ts';
import type { TraceObserver } from '../../src/kernel/trace.ts';
import { Oracle } from '../../src/observe/oracle.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { RunnableWorld } from '../../src/run/runnable-world.ts';
import type { World } from '../../src/run/world.ts';
import type { Plan } from '../../src/scenario/plan.ts';

/** A run with an oracle beside it that folds every block at once (a simulation's own one keeps the last instant open). */
export class WatchedSimulation {
  readonly simulation: Simulation;
  readonly oracle: Oracle;

  constructor(plan: Plan, batched: boolean) {
    const relay: { to: TraceObserver | null } & TraceObserver = {
      to: null,
      fold: (words, count) => relay.to?.fold(words, count),
    };
    this.simulation = new Simulation(plan, { batched, observers: [relay] });
    const { replicas: world } = this.simulation;
    this.oracle = oracleOf(world);
    relay.to = this.oracle;
  }

  get world(): World {
    return this.simulation.replicas;
  }

  runTo(micros: number): void {
    this.simulation.runTo(micros);
    this.world.trace.flush();
  }
}

export function oracleOf(world: RunnableWorld, order: 'timestamp' | 'arrival' = 'timestamp'): Oracle {
  const { versions, tables, plan, endMicros } = world;
  return new Oracle({
    versions,
    tables,
    nodeCount: plan.nodes.length,
    entryCount: plan.entries.length,
    order,
    runEndMicros: endMicros,
  });
}

/** Throws where a record and a node's storage disagree on a slot. The trace must be flushed. */
export function assertHeldEqualsStorage(world: RunnableWorld, oracle: Oracle): void {
  for (const table of world.tables) {
    for (let slot = table.slotBase; slot < table.slotBase + table.slotCount; slot += 1) {
      for (let copy = 0; copy < table.copies; copy += 1) compare(world, oracle, { table, slot, copy });
    }
  }
}

function compare(
  world: RunnableWorld,
  oracle: Oracle,
  { table, slot, copy }: { table: TableLayout; slot: number; copy: number },
): void {
  const node = table.replicas[table.rangeOfOrdinal[ordinalOfSlot(table, slot)] * table.copies + copy];
  // Ranges of a table whose placement changes have different numbers of members.
  if (node === NO_MEMBER) return;
  const stored = plain(world, table, slot, world.storage.heldVersion(node, slot));
  const held = plain(world, table, slot, oracle.heldVersion(slot, copy));
  if (stored === held) return;
  throw new Error(
    `slot ${slot}, copy ${copy}, node ${node}, at ${world.kernel.now}: storage has ${stored}, records say ${held}`,
  );
}

/** The initial content has no deletion of a row, so BASE in that slot is nothing; a deletion of points leaves nothing, be it
 * that files say so still or not any more. */
function plain(world: RunnableWorld, table: TableLayout, slot: number, version: number): number {
  if (world.plan.points !== undefined && world.versions.isTombstone(version)) return NOTHING;
  const isDeletion = (slot - table.slotBase) % table.slotsPerRow >= table.groups;
  return isDeletion && version === BASE ? NOTHING : version;
}
