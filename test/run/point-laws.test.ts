/**
 * Laws of worlds of points, over drawn plans: run in two ways a plan says the same of itself; nothing that is queued goes
 * missing; records say what storage holds; and a repair of the service is a union that invents nothing and, once done,
 * finds nothing more to do.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOTHING } from '../../src/data/versions.ts';
import { PointWorld } from '../../src/run/point-world.ts';
import { run } from '../../src/run/run.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan } from '../../src/scenario/plan.ts';
import { assertHeldEqualsStorage, oracleOf } from './held.ts';
import { seconds } from './plain-plan.ts';
import { runs } from './plans.ts';
import { divergedPlans, DURATION, pointPlans, repairAt } from './point-recipes.ts';
import { firstDifference, runLogged } from './twins.ts';

const moments = fc.array(fc.integer({ min: 1, max: seconds(DURATION) }), { minLength: 1, maxLength: 3 });

/** What thirty drawn plans come across. */
const VARIETY = [
  ...['1-cache-full', '1-compaction', '2-coordinator-crash', '2-local-error', '2-panic', '2-queue-first', '2-throttle'],
  ...['2-write-timeout', '3.1-enabled', '3.3-max-size', '3.4-max-age', '3.5-draining', '3-queue-lost'],
  ...['4-everywhere', '4-no-hand-off', '6.2-check', '6.2-missing', '6.3-idle', '6.5-repair', '7-copy', '7-remove'],
].map((slug) => `influxdb.${slug}`);

describe('a drawn plan of points', () => {
  it('is the same batched, event by event, and once more', () => {
    const exercised = new Set<string>();
    fc.assert(
      fc.property(pointPlans, (plan) => {
        const batched = runLogged(plan, true);
        const events = runLogged(plan, false);
        expect(firstDifference(batched.lines, events.lines)).toBeNull();
        expect(events.output).toEqual(batched.output);
        expect(run(JSON.parse(JSON.stringify(plan)) as Plan)).toEqual(batched.output);
        for (const rule of batched.output.result.rules_exercised) exercised.add(rule);
      }),
      { numRuns: runs(30) },
    );
    // Otherwise the plans were all alike.
    expect([...exercised].sort((left, right) => (left < right ? -1 : 1))).toEqual(expect.arrayContaining([...VARIETY]));
  }, 300_000);

  it('goes on from a saved state as if nothing had been', () => {
    fc.assert(
      fc.property(pointPlans, moments, (plan, stops) => {
        const straight = run(plan);
        let simulation = new Simulation(plan, { batched: true });
        for (const stop of [...stops].sort((left, right) => left - right)) {
          simulation.runTo(stop);
          const next = new Simulation(plan, { batched: true });
          next.load(simulation.save());
          // What it came from goes on, and does not touch it.
          simulation.runTo(simulation.world.endMicros);
          simulation = next;
        }
        simulation.runTo(simulation.world.endMicros);
        expect(simulation.finish()).toEqual(straight);
      }),
      { numRuns: runs(20) },
    );
  }, 300_000);

  it('loses nothing that it queued without saying so, and its records say what storage holds', () => {
    fc.assert(
      fc.property(pointPlans, moments, (plan, stops) => {
        const simulation = new Simulation(plan, {
          batched: true,
          observers: [{ fold: (words, count) => oracle.fold(words, count) }],
        });
        const oracle = oracleOf(simulation.world, 'arrival');
        for (const stop of [...stops.sort((left, right) => left - right), simulation.world.endMicros]) {
          simulation.runTo(stop);
          simulation.world.trace.flush();
          assertHeldEqualsStorage(simulation.world, oracle);
        }
        const { hints, final } = simulation.finish().result;
        expect(hints.enqueued).toBe(hints.delivered + hints.expired + hints.lost + hints.pending);
        const copies = Object.values(final.by_cause).reduce((sum, cause) => sum + (cause?.copies ?? 0), 0);
        expect(copies).toBe(final.divergent_copies);
      }),
      { numRuns: runs(20) },
    );
  }, 300_000);
});

/** By slot: what each owner shows, in the order of owners. */
function shownAt(plan: Plan, micros: number): number[][] {
  const simulation = new Simulation(plan, { batched: true, observed: false });
  simulation.runTo(micros);
  const { world } = simulation;
  if (!(world instanceof PointWorld)) throw new Error('a world of points is wanted');
  return world.tables.flatMap((table) =>
    Array.from({ length: table.slotCount }, (_, at) =>
      [...table.replicas].slice(0, table.copies).map((node) => contentOf(world, node, table.slotBase + at)),
    ),
  );
}

/** A deletion hides as nothing does. */
function contentOf({ storage, versions }: PointWorld, node: number, slot: number): number {
  const held = storage.heldVersion(node, slot);
  return held !== NOTHING && versions.isTombstone(held) ? NOTHING : held;
}

describe('a repair of the service', () => {
  it('is a union: it takes nothing away, invents nothing, and leaves all owners alike', () => {
    let differed = 0;
    fc.assert(
      fc.property(divergedPlans, (plan) => {
        const repaired = { ...plan, entries: [...plan.entries, repairAt('first', 250)] };
        const before = shownAt(repaired, seconds(250) - 1);
        const after = shownAt(repaired, seconds(DURATION));
        before.forEach((shown, slot) => {
          const some = shown.filter((version) => version !== NOTHING);
          if (new Set(shown).size > 1) differed += 1;
          expect(new Set(after[slot]).size).toBe(1);
          if (some.length === 0) expect(after[slot][0]).toBe(NOTHING);
          else expect(some).toContain(after[slot][0]);
        });
      }),
      { numRuns: runs(25) },
    );
    // Otherwise it was no trial.
    expect(differed).toBeGreaterThan(100);
  }, 300_000);

  it('finds nothing to do where one has just been', () => {
    let sent = 0;
    fc.assert(
      fc.property(divergedPlans, (plan) => {
        const entries = [...plan.entries, repairAt('first', 250), repairAt('second', 280)];
        const { repairs } = run({ ...plan, entries }).result;
        expect(repairs['repairs.first'].outcome).toBe('finished');
        expect(repairs['repairs.second']).toMatchObject({ outcome: 'finished', sent_rows: 0, healed_copies: 0 });
        sent += repairs['repairs.first'].sent_rows;
      }),
      { numRuns: runs(20) },
    );
    expect(sent).toBeGreaterThan(100);
  }, 300_000);
});
