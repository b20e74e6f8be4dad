/**
 * Foreign algorithms on the real engine, over drawn plans with faults of every kind: one plan run in two ways says the same;
 * what storage holds is what the records say; after the faults are over copies become alike; no version is invented.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VIA } from '../../src/data/causes.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan } from '../../src/scenario/plan.ts';
import { algorithm, algorithmEntry, type AlgorithmRecipe } from './algorithm-recipes.ts';
import { withoutRepairs } from './extra.ts';
import { assertHeldEqualsStorage, WatchedSimulation } from './held.ts';
import { seconds } from './plain-plan.ts';
import { plans, runs } from './plans.ts';
import { firstDifference, runLogged } from './twins.ts';

/** With the faults going on, and beside the plan's own repairs. */
function inTheMiddle(plan: Plan, recipe: AlgorithmRecipe): Plan {
  const entry = algorithmEntry(plan, recipe, { id: 'repairs.foreign', at: seconds(7), until: seconds(60) });
  return { ...plan, entries: [...plan.entries, entry] };
}

/** After them. */
function afterwards(plan: Plan, recipe: AlgorithmRecipe): Plan {
  const calm = withoutRepairs(plan);
  const often = { ...recipe, tick: seconds(3), keyPause: 0, buildEvery: 0, expiry: null, results: null };
  const times = { id: 'repairs.foreign', at: seconds(300), until: seconds(1500) };
  return { ...calm, entries: [...calm.entries, algorithmEntry(calm, often, times)], settle_micros: seconds(1800) };
}

function fingerprint(plan: Plan, batched: boolean): string {
  const simulation = new Simulation(plan, { batched, observed: false });
  simulation.runTo(simulation.world.endMicros);
  return simulation.world.trace.fingerprint();
}

test('batched = event by event', () => {
  fc.assert(
    fc.property(plans, algorithm, (plan, recipe) => {
      const both = inTheMiddle(plan, recipe);
      if (fingerprint(both, true) === fingerprint(both, false)) return;
      expect(firstDifference(runLogged(both, true).lines, runLogged(both, false).lines)).toBeNull();
      throw new Error('equal records, but not equal fingerprints');
    }),
    { numRuns: runs(25) },
  );
}, 300_000);

test('saved, and restored into a fresh simulation, a run goes on as if nothing had been', () => {
  fc.assert(
    fc.property(plans, algorithm, fc.integer({ min: seconds(7), max: seconds(70) }), (plan, recipe, at) => {
      const both = inTheMiddle(plan, recipe);
      const straight = new Simulation(both, { batched: true });
      straight.runTo(Math.min(at, straight.world.endMicros));
      const state = straight.save();
      straight.runTo(straight.world.endMicros);
      const fork = new Simulation(both, { batched: true });
      fork.load(state);
      fork.runTo(fork.world.endMicros);
      expect(JSON.stringify(fork.finish().result)).toBe(JSON.stringify(straight.finish().result));
    }),
    { numRuns: runs(15) },
  );
}, 300_000);

test('copies become alike, storage is what the records say, and no version is invented', () => {
  fc.assert(
    fc.property(plans, algorithm, fc.boolean(), (plan, recipe, batched) => {
      const whole = afterwards(plan, recipe);
      const watched = new WatchedSimulation(whole, batched);
      watched.runTo(watched.world.endMicros);
      assertHeldEqualsStorage(watched.world, watched.oracle);
      const { final, repairs } = watched.simulation.finish().result;
      expect(repairs['repairs.foreign'].outcome).toBe('finished');
      expect(final.visible_divergent_copies).toBe(0);
    }),
    { numRuns: runs(12) },
  );
}, 300_000);

test('what an algorithm brings, a copy had before', () => {
  fc.assert(
    fc.property(plans, algorithm, (plan, recipe) => {
      const known = new Set<string>(['0', '1']);
      for (const line of runLogged(inTheMiddle(plan, recipe), true).lines) {
        const match = /^\d+ (applied|reverted) .* a=(\d+) b=\d+ c=(\d+)$/.exec(line);
        if (match === null) continue;
        const isRepair = match[1] === 'applied' && (Number(match[3]) & 0x7f) === VIA.repair;
        if (isRepair) expect(known.has(match[2]), line).toBe(true);
        known.add(match[2]);
      }
    }),
    { numRuns: runs(5) },
  );
}, 300_000);
