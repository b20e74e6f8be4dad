/**
 * Twin laws: one plan, run in two ways, says the same of itself word for word. Batched or event by event; again; stopped
 * anywhere; saved, restored into a fresh simulation and forked.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { run } from '../../src/run/run.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan } from '../../src/scenario/plan.ts';
import { seconds } from './plain-plan.ts';
import { plans, runs } from './plans.ts';
import { firstDifference, runLogged } from './twins.ts';

/** Times at which a run is stopped: anywhere, and on the grid on which faults lie. */
const moments = fc.array(
  fc.oneof(
    fc.integer({ min: 1, max: 140 }).map((half) => half * seconds(0.5)),
    fc.integer({ min: 1, max: seconds(100) }),
  ),
  { minLength: 1, maxLength: 5 },
);

const endOf = ({ duration_micros: duration, settle_micros: settle }: Plan): number => duration + settle;

/** Fingerprint and result of a run without observers' cost. */
function bareFingerprint(plan: Plan, batched: boolean, stops: readonly number[] = []): string {
  const simulation = new Simulation(plan, { batched, observed: false });
  for (const stop of stops) if (stop < endOf(plan)) simulation.runTo(stop);
  simulation.runTo(endOf(plan));
  return simulation.world.trace.fingerprint();
}

test('batched = event by event: the same records', () => {
  fc.assert(
    fc.property(plans, (plan) => {
      if (bareFingerprint(plan, true) === bareFingerprint(plan, false)) return;
      // Only now is it worth keeping the records: where do they part?
      expect(firstDifference(runLogged(plan, true).lines, runLogged(plan, false).lines)).toBeNull();
      throw new Error('equal records, but not equal fingerprints');
    }),
    { numRuns: runs(60) },
  );
}, 300_000);

test('batched = event by event: the same result, series and time line', () => {
  fc.assert(
    fc.property(plans, (plan) => {
      expect(JSON.stringify(run(plan, { mode: 'events' }))).toBe(JSON.stringify(run(plan)));
    }),
    { numRuns: runs(12) },
  );
}, 300_000);

test('a run is a function of its plan', () => {
  fc.assert(
    fc.property(plans, (plan) => {
      const again = JSON.parse(JSON.stringify(plan)) as Plan;
      expect(JSON.stringify(run(again))).toBe(JSON.stringify(run(plan)));
    }),
    { numRuns: runs(4) },
  );
}, 300_000);

test('a run may be stopped at any time, in both modes', () => {
  fc.assert(
    fc.property(plans, moments, fc.boolean(), (plan, stops, batched) => {
      const ascending = [...stops].sort((left, right) => left - right);
      expect(bareFingerprint(plan, batched, ascending)).toBe(bareFingerprint(plan, true));
    }),
    { numRuns: runs(25) },
  );
}, 300_000);

test('saved and restored = straight; forks do not touch each other or what they came from', () => {
  fc.assert(
    fc.property(plans, fc.tuple(moments, fc.boolean()), (plan, [[at], batched]) => {
      const end = endOf(plan);
      const straight = JSON.stringify(run(plan, { mode: batched ? 'batched' : 'events' }));
      const first = new Simulation(plan, { batched });
      first.runTo(Math.min(at, end));
      const state = first.save();
      const [left, right] = [new Simulation(plan, { batched }), new Simulation(plan, { batched })];
      left.load(state);
      left.runTo(Math.min(end, at + seconds(3)));
      right.load(state);
      for (const simulation of [right, left, first]) {
        simulation.runTo(end);
        expect(JSON.stringify(simulation.finish())).toBe(straight);
      }
    }),
    { numRuns: runs(8) },
  );
}, 300_000);
