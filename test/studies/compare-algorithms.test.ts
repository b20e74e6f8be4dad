/** A foreign algorithm draws when its nodes tick and how old its trees are: beside others it draws what it draws alone. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RepairLedger } from '../../src/observe/result.ts';
import type { Plan } from '../../src/scenario/plan.ts';
import { calmMicros } from '../../src/studies/compare/union-plan.ts';
import { measuresOf } from '../../src/studies/compare/measures.ts';
import { runForked, runGroup, type GroupRun } from '../../src/studies/compare/run-group.ts';
import { algorithm, algorithmEntry, type AlgorithmRecipe } from '../run/algorithm-recipes.ts';
import { withoutRepairs } from '../run/extra.ts';
import { repairEntry, seconds } from '../run/plain-plan.ts';
import { plans, runs } from '../run/plans.ts';

const AT = seconds(20);

function withAlgorithm(plan: Plan, recipe: AlgorithmRecipe, at = AT): Plan {
  const calm = withoutRepairs(plan);
  const entry = algorithmEntry(plan, recipe, { id: 'repairs.own', at, until: seconds(200) });
  return { ...calm, entries: [...calm.entries, entry], settle_micros: seconds(200), expect: {} };
}

function withNodetool(plan: Plan): Plan {
  const calm = withoutRepairs(plan);
  const own = { nodes: plan.nodes.map(({ id }) => id), tables: plan.tables.map(({ id }) => id) };
  const entry = repairEntry({ id: 'repairs.own', at: AT, strategy: 'full-parallel', ...own });
  return { ...calm, entries: [...calm.entries, entry], settle_micros: seconds(200), expect: {} };
}

function alone(plan: Plan): GroupRun {
  return [...runGroup([{ id: 'alone', plan }])][0];
}

/** What one run says of itself, whatever its entries are called. */
function told({ output }: GroupRun, plan: Plan): unknown {
  const repairs = Object.values(output.result.repairs).filter(({ outcome }) => outcome !== 'not_started');
  const named = repairs.map(({ id, ...ledger }): Omit<RepairLedger, 'id'> & { id: string } => ({
    ...ledger,
    id: id.split('/')[0],
  }));
  return { measures: measuresOf(output, calmMicros(plan)), final: output.result.final, repairs: named };
}

describe('a strategy beside others', () => {
  it('leaves the records, and costs, that its own plan has alone; an equal one of another name the same', () => {
    fc.assert(
      fc.property(plans, algorithm, algorithm, (plan, recipe, other) => {
        const strategies = [
          { id: 'other', plan: withAlgorithm(plan, other, seconds(13)) },
          { id: 'one', plan: withAlgorithm(plan, recipe) },
          { id: 'two', plan: withAlgorithm(plan, recipe) },
          { id: 'nodetool', plan: withNodetool(plan) },
        ];
        const compared = [...runGroup(strategies)];
        expect(compared.map(({ forkedMicros }) => forkedMicros)).toEqual(new Array(4).fill(seconds(13)));
        for (const [index, run] of compared.entries()) {
          const own = alone(strategies[index].plan);
          expect(run.print.differenceFrom(own.print).identicalMicros, run.id).toBeNull();
          expect(told(run, strategies[index].plan), run.id).toEqual(told(own, strategies[index].plan));
        }
        expect(compared[2].print.differenceFrom(compared[1].print).identicalMicros).toBeNull();
        expect(told(compared[2], plan)).toEqual(told(compared[1], plan));
      }),
      { numRuns: runs(6) },
    );
  }, 300_000);

  it('so does one that goes on from a later moment', () => {
    fc.assert(
      fc.property(plans, algorithm, (plan, recipe) => {
        const own = withAlgorithm(plan, recipe, seconds(40));
        const [forked] = [...runForked([{ id: 'wait', plan: own }], seconds(25))];
        expect(forked.print.differenceFrom(alone(own).print).identicalMicros).toBeNull();
        expect(told(forked, own)).toEqual(told(alone(own), own));
      }),
      { numRuns: runs(3) },
    );
  }, 300_000);
});
