/**
 * Runs a plan of points again and keeps what the anti-entropy service does around a moment: of one shard or of all. Bounded on
 * both sides of the moment; what is farther away is left out and counted.
 */
import { assert } from '../base/assert.ts';
import type { EntropyStep } from '../data/entropy-step.ts';
import { PointWorld } from '../run/point-world.ts';
import { Simulation } from '../run/simulation.ts';
import type { Plan } from '../scenario/plan.ts';

export interface EntropyWatched {
  /** In order of time. */
  steps: EntropyStep[];
  /** Before and after those. */
  leftOut: number;
}

export interface EntropyWanted {
  /** Index of the shard's table; null: of all. */
  table: number | null;
  atMicros: number;
  onShare: (share: number) => void;
  /** On each side of the moment. */
  stepsMax?: number;
}

const STEPS_MAX = 1500;

export function watchEntropy(
  plan: Plan,
  { table, atMicros, onShare, stepsMax = STEPS_MAX }: EntropyWanted,
): EntropyWatched {
  let before: EntropyStep[] = [];
  const after: EntropyStep[] = [];
  let leftOut = 0;
  const simulation = new Simulation(plan, { batched: true, observed: false });
  const { world } = simulation;
  assert(world instanceof PointWorld, 'a plan of points makes a world of points');
  world.entropy.telling.onStep = (step) => {
    if (table !== null && step.table !== table) return;
    if (step.micros > atMicros) {
      if (after.length < stepsMax) after.push(step);
      else leftOut += 1;
      return;
    }
    before.push(step);
    if (before.length < 2 * stepsMax) return;
    before = before.slice(stepsMax);
    leftOut += stepsMax;
  };
  simulation.runTo(world.endMicros, (micros) => onShare(micros / world.endMicros));
  leftOut += Math.max(0, before.length - stepsMax);
  return { steps: [...before.slice(-stepsMax), ...after], leftOut };
}
