/** Strategies compared from one snapshot must measure what each of them measures alone. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan, PlanEntry } from '../../src/scenario/plan.ts';
import { judge, runSeed } from '../../src/studies/compare/compare.ts';
import type { StrategyRun } from '../../src/studies/compare/compare.ts';
import { measuresOf } from '../../src/studies/compare/measures.ts';
import { calmMicros, shareHistory, unionPlan } from '../../src/studies/compare/union-plan.ts';
import { withoutRepairs } from '../run/extra.ts';
import { plainPlan, repairEntry, seconds } from '../run/plain-plan.ts';
import { plans, runs } from '../run/plans.ts';

function withRepair(plan: Plan, strategy: string, atSeconds: number): Plan {
  const calm = withoutRepairs(plan);
  const options = { nodes: plan.nodes.map(({ id }) => id), tables: plan.tables.map(({ id }) => id), strategy };
  const repair = repairEntry({ id: 'repairs.own', at: seconds(atSeconds), ...options });
  return { ...calm, entries: [...calm.entries, repair], settle_micros: seconds(400), expect: {} };
}

function withNone(plan: Plan): Plan {
  return { ...withoutRepairs(plan), settle_micros: seconds(400), expect: {} };
}

function strategiesOf(plan: Plan): { id: string; plan: Plan }[] {
  return [
    { id: 'parallel', plan: withRepair(plan, 'full-parallel', 40) },
    { id: 'none', plan: withNone(plan) },
    { id: 'sequential', plan: withRepair(plan, 'full-sequential', 90) },
  ];
}

function runAll(strategies: { id: string; plan: Plan }[]): StrategyRun[] {
  const steps = runSeed('1', strategies);
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}

function alone(plan: Plan): ReturnType<typeof measuresOf> {
  const simulation = new Simulation(plan, { batched: true });
  simulation.runTo(simulation.world.endMicros);
  return measuresOf(simulation.finish(), calmMicros(plan));
}

describe('the end of the last fault', () => {
  const fault = (id: string, micros: number | null): PlanEntry => ({
    ...{ id, at_micros: seconds(10), kind: 'stopNode', nodes: ['n1'] },
    for_micros: micros,
  });

  it('is the end of the clients where a fault has none, however that is written', () => {
    const plan = plainPlan({ duration_micros: seconds(60), settle_micros: seconds(30) });
    const calm = (...entries: PlanEntry[]): number => calmMicros({ ...plan, entries });
    expect(calm(fault('faults.a', seconds(20)))).toBe(seconds(30));
    expect(calm(fault('faults.a', seconds(20)), fault('faults.b', null))).toBe(seconds(60));
    expect(calm(fault('faults.b', seconds(50)))).toBe(seconds(60));
  });
});

describe('strategies on one history', () => {
  it('go on from one snapshot, and measure what they measure alone', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const strategies = strategiesOf(plan);
        const compared = runAll(strategies);
        expect(compared.map(({ forkedMicros }) => forkedMicros)).toEqual(new Array(3).fill(seconds(40)));
        compared.forEach(({ measures }, index) => expect(measures).toEqual(alone(strategies[index].plan)));
      }),
      { numRuns: runs(12) },
    );
  }, 120_000);

  it('have the same writes and faults; before the first repair everything is the same', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const [base, none] = runAll(strategiesOf(plan));
        expect(base.difference).toEqual({ identicalMicros: null, writes: 0, faults: 0, answersShare: 0 });
        expect([none.difference.writes, none.difference.faults]).toEqual([0, 0]);
        const { identicalMicros } = none.difference;
        // The slice that the first difference lies in may begin a little before the repair.
        if (identicalMicros !== null) expect(identicalMicros).toBeGreaterThan(seconds(39));
      }),
      { numRuns: runs(8) },
    );
  }, 120_000);

  it('a change that is not a repair is run whole, and what it changed is counted', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const none = withNone(plan);
        const later = { ...none, nodes: none.nodes.map((node) => ({ ...node })), settings: { ...none.settings } };
        later.settings.hinted_handoff_enabled = none.settings.hinted_handoff_enabled !== true;
        expect(shareHistory(none, later)).toBe(false);
        const [base, other] = runAll([
          { id: 'hints', plan: none },
          { id: 'no-hints', plan: later },
        ]);
        expect([base.forkedMicros, other.forkedMicros]).toEqual([null, null]);
        expect([base.otherHistory, other.otherHistory]).toEqual([undefined, true]);
        expect(other.measures).toEqual(alone(later));
        expect([other.difference.writes, other.difference.faults]).toEqual([0, 0]);
      }),
      { numRuns: runs(4) },
    );
  }, 120_000);

  it('the union holds the repairs of all, and where the first begins', () => {
    const [plan] = fc.sample(plans, { numRuns: 1, seed: 3 });
    const { plan: union, firstRepair, own, forkMicros } = unionPlan(strategiesOf(plan));
    expect(own.map(({ first, end }) => end - first)).toEqual([1, 0, 1]);
    expect(union.entries.slice(firstRepair).map(({ id }) => id)).toEqual([
      'repairs.own/parallel',
      'repairs.own/sequential',
    ]);
    expect(forkMicros).toBe(seconds(40));
  });
});

describe('the verdict over seeds', () => {
  const run = (hours: number, latent = 0): StrategyRun => ({
    seed: String(hours),
    measures: {
      divergent_row_hours: hours,
      wrong_row_hours: hours,
      converge_micros: latent > 0 ? null : hours,
      read_bytes: 0,
      sent_bytes: 2 * hours,
      floor_bytes: hours,
      latent_copies: latent,
      wrong_copies: 0,
      zombie_copies: 0,
      lost_acknowledged: 0,
      unfinished: 0,
      read_p99_micros: null,
    },
    difference: { identicalMicros: null, writes: 0, faults: 0, answersShare: 0 },
    least: hours / 4,
    forkedMicros: 0,
  });

  it('tells a large difference from chance, and equal ones not', () => {
    const seeds = [10, 12, 11, 13, 9, 10].map((base, index) => [
      run(base),
      run(base * 3),
      run(base + (index % 2) - 0.5, 1),
    ]);
    const { differences, least, strategies, base } = judge(['a', 'b', 'c'], seeds);
    expect(base).toBe('a');
    const told = differences.filter(({ measure }) => measure === 'divergent_row_hours');
    expect(told.map(({ strategy, isTold }) => [strategy, isTold])).toEqual([
      ['b', true],
      ['c', false],
    ]);
    expect(told.every(({ p, adjusted }) => (adjusted ?? 0) >= (p ?? 1))).toBe(true);
    expect(strategies[0].convergeP95Micros).toBe(13);
    expect(strategies[2].convergeP95Micros).toBeNull();
    // Only those that healed everything bound what must be sent.
    expect(least.sent_bytes).toBeCloseTo(65 / 6, 9);
    expect(least.divergent_row_hours).toBeCloseTo((3 * 65) / 6 / 4, 9);
  });

  it('takes what is least possible from no strategy with other settings', () => {
    // Hints are on: nothing was left to repair, so the least of its own history is nothing.
    const hinted = { ...run(40), measures: { ...run(40).measures, floor_bytes: 0 }, otherHistory: true as const };
    const { least } = judge(['a', 'hints-on'], [[run(40), hinted]]);
    expect(least).toEqual({ divergent_row_hours: 10, sent_bytes: 40 });
  });

  it('takes what is least possible from the history of the base alone', () => {
    const other = { ...run(400), difference: { identicalMicros: 0, writes: 3, faults: 2, answersShare: 0 } };
    const { least } = judge(['a', 'longer', 'b'], [[run(40), other, run(44)]]);
    expect(least).toEqual({ divergent_row_hours: 11, sent_bytes: 40 });
  });

  it('a difference that is the same in all seeds is not in the family, and is not told from chance', () => {
    const seeds = [10, 12, 11, 13, 9, 10].map((base, index) => [
      run(base),
      run(base + 1),
      run(base + 1.2 + (index % 2) / 5),
      run(base * 3),
    ]);
    const { differences } = judge(['a', 'later', 'b', 'c'], seeds);
    const [later, b] = differences;
    expect(later).toMatchObject({ strategy: 'later', mean: 1, isSame: true, isTold: false, p: null, adjusted: null });
    // Two hypotheses, not three.
    expect(b.adjusted).toBe(Math.min(1, 2 * Number(b.p)));
  });

  it('gives no interval below five seeds', () => {
    const { differences } = judge(['a', 'b'], [[run(1), run(2)]]);
    expect(differences.every(({ t, p, isTold }) => t === null && p === null && !isTold)).toBe(true);
  });
});
