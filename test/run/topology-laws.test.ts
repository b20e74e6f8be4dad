/**
 * Laws of runs whose placement changes: batched = event by event = saved and restored; records and storage agree; born = healed
 * + left; and a repair of all nodes after the last change converges.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { run } from '../../src/run/run.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan } from '../../src/scenario/plan.ts';
import { withoutRepairs } from './extra.ts';
import { assertHeldEqualsStorage, WatchedSimulation } from './held.ts';
import { repairEntry, seconds } from './plain-plan.ts';
import { runs } from './plans.ts';
import { changingPlans } from './topology-recipes.ts';
import { firstDifference, runLogged } from './twins.ts';

const endOf = ({ duration_micros: duration, settle_micros: settle }: Plan): number => duration + settle;

test('batched = event by event, and changes do come through', () => {
  let finished = 0;
  fc.assert(
    fc.property(changingPlans, (plan) => {
      const [left, right] = [runLogged(plan, true), runLogged(plan, false)];
      expect(firstDifference(left.lines, right.lines)).toBeNull();
      expect(JSON.stringify(right.output)).toBe(JSON.stringify(left.output));
      finished += left.lines.filter((line) => line.includes(' topologyFinished ')).length;
    }),
    { numRuns: runs(12) },
  );
  expect(finished).toBeGreaterThan(3);
}, 300_000);

test('saved and restored = straight', () => {
  fc.assert(
    fc.property(changingPlans, fc.integer({ min: 1, max: seconds(120) }), fc.boolean(), (plan, at, batched) => {
      const straight = JSON.stringify(run(plan, { mode: batched ? 'batched' : 'events' }));
      const first = new Simulation(plan, { batched });
      first.runTo(Math.min(at, endOf(plan)));
      const second = new Simulation(plan, { batched });
      second.load(first.save());
      second.runTo(endOf(plan));
      expect(JSON.stringify(second.finish())).toBe(straight);
    }),
    { numRuns: runs(8) },
  );
}, 300_000);

test('records say what storage holds; copies that began to differ healed or are left', () => {
  fc.assert(
    fc.property(
      changingPlans,
      fc.array(fc.integer({ min: 1, max: seconds(120) }), { maxLength: 3 }),
      (plan, moments) => {
        const watched = new WatchedSimulation(plan, true);
        const end = watched.world.endMicros;
        for (const moment of [...moments.sort((left, right) => left - right), end]) {
          watched.runTo(Math.min(moment, end));
          assertHeldEqualsStorage(watched.world, watched.oracle);
          watched.oracle.check();
        }
        const { final, hints } = watched.simulation.finish().result;
        for (const { born, healed, left } of Object.values(final.by_cause)) expect(born).toBe(healed + left);
        expect(hints['enqueued'] + hints['repeated']).toBe(
          hints['delivered'] + hints['expired'] + hints['lost'] + hints['pending'],
        );
      },
    ),
    { numRuns: runs(15) },
  );
}, 300_000);

test('a repair of all nodes after the last change leaves no visible difference', () => {
  fc.assert(
    fc.property(changingPlans, (given) => {
      const plan = withoutRepairs(given);
      const options = { nodes: plan.nodes.map(({ id }) => id), tables: plan.tables.map(({ id }) => id) };
      const entries = [...plan.entries, repairEntry({ at: seconds(300), ...options, force: true })];
      const watched = new WatchedSimulation({ ...plan, entries, settle_micros: seconds(500) }, true);
      watched.runTo(watched.world.endMicros);
      assertHeldEqualsStorage(watched.world, watched.oracle);
      expect(watched.simulation.finish().result.final.visible_divergent_copies).toBe(0);
    }),
    { numRuns: runs(10) },
  );
}, 300_000);
