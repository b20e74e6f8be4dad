/** Repairs of shards are strategies as others are: one history, one snapshot, and each measures what it measures alone. */
import { describe, expect, it } from 'vitest';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan, PlanEntry } from '../../src/scenario/plan.ts';
import { judge, runSeed } from '../../src/studies/compare/compare.ts';
import type { StrategyRun } from '../../src/studies/compare/compare.ts';
import { measuresOf } from '../../src/studies/compare/measures.ts';
import type { Measures } from '../../src/studies/compare/measures.ts';
import { calmMicros } from '../../src/studies/compare/union-plan.ts';
import { seconds } from '../run/plain-plan.ts';
import { pointPlan } from '../run/point-plan.ts';

const AWAY: PlanEntry = {
  ...{ id: 'faults.away', kind: 'crashNode', nodes: ['n3'], mode: 'power-loss' },
  ...{ at_micros: seconds(100), for_micros: seconds(90) },
};

function planWith(repairs: PlanEntry[]): Plan {
  const settings = {
    ...{ 'data.cache-snapshot-write-cold-duration': seconds(20), 'data.compact-full-write-cold-duration': seconds(60) },
    ...{ 'anti-entropy.enabled': true, 'anti-entropy.check-interval': seconds(20), 'hinted-handoff.max-size': 400 },
  };
  const entries = [AWAY, ...repairs];
  return pointPlan(
    { duration_micros: seconds(600), settle_micros: seconds(120), entries, settings },
    { agents: { until_micros: seconds(250) } },
  );
}

const entropy: PlanEntry = {
  ...{ id: 'repairs.own', kind: 'repairShards', nodes: ['n1'], at_micros: seconds(450), shards: null },
  command: 'influxd-ctl entropy repair of all that differ',
};

/** The shard that n3 owns with the node before it. */
function byHand(plan: Plan): PlanEntry {
  const table = plan.tables.find(({ owners = [] }) => owners.includes('n3')) ?? plan.tables[0];
  const from = table.owners?.find((node) => node !== 'n3') ?? 'n1';
  return {
    ...{ id: 'repairs.own', kind: 'repairByHand', nodes: ['n1'], at_micros: seconds(400) },
    steps: [
      { do: 'removeShard', node: 'n3', table: table.id },
      { do: 'copyShard', from, to: 'n3', table: table.id },
    ],
    command: 'influxd-ctl remove-shard, copy-shard',
  };
}

function runAll(strategies: { id: string; plan: Plan }[]): StrategyRun[] {
  const steps = runSeed('1', strategies);
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}

function alone(plan: Plan): Measures {
  const simulation = new Simulation(plan, { batched: true });
  simulation.runTo(simulation.world.endMicros);
  return measuresOf(simulation.finish(), calmMicros(plan));
}

describe('repairs of shards as strategies', () => {
  const none = planWith([]);
  const strategies = [
    { id: 'none', plan: none },
    { id: 'entropy', plan: planWith([entropy]) },
    { id: 'by-hand', plan: planWith([byHand(none)]) },
  ];

  it('go on from one snapshot and measure what they measure alone', () => {
    const compared = runAll(strategies);
    expect(compared.map(({ forkedMicros }) => forkedMicros)).toEqual(new Array(3).fill(seconds(400)));
    compared.forEach(({ measures }, index) => expect(measures).toEqual(alone(strategies[index].plan)));
    expect(compared[0].measures.latent_copies).toBeGreaterThan(0);
    expect(compared[1].measures.latent_copies).toBe(0);
  });

  it('tell one history: none of them is another one', () => {
    const { strategies: judged } = judge(
      strategies.map(({ id }) => id),
      [runAll(strategies)],
    );
    expect(judged.map(({ otherHistory }) => otherHistory === true)).toEqual([false, false, false]);
  });
});
