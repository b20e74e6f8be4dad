/** What the page shows of a cluster at a moment, against the cluster itself at that moment. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LinkFaults } from '../../src/observe/view/fold-record.ts';
import { TimeTravel } from '../../src/observe/view/time-travel.ts';
import { ViewRecorder } from '../../src/observe/view/view-recorder.ts';
import type { ViewHistory } from '../../src/observe/view/view-recorder.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan } from '../../src/scenario/plan.ts';
import { pointPlan } from './point-plan.ts';
import { plainPlan, plainWorkload, seconds } from './plain-plan.ts';
import { plans, runs } from './plans.ts';
import { crash } from './silos.ts';

function historyOf(plan: Plan, untilMicros: number | null = null): { history: ViewHistory; simulation: Simulation } {
  const recorder = new ViewRecorder(plan);
  const simulation = new Simulation(plan, { batched: true, observers: [recorder] });
  simulation.runTo(untilMicros ?? simulation.world.endMicros);
  simulation.world.trace.flush();
  return { history: recorder.finish(), simulation };
}

function nodeStates({ world: { cluster } }: Simulation): string[] {
  return Array.from(cluster.running, (running, node) =>
    running === 0 ? 'down' : cluster.paused[node] === 1 ? 'paused' : 'up',
  );
}

describe('the view state', () => {
  test('says of every node what it is, at any moment, whichever way it was reached', () => {
    fc.assert(
      fc.property(plans, fc.double({ min: 0, max: 1, noNaN: true }), (plan, share) => {
        const { history } = historyOf(plan);
        const moment = Math.floor((plan.duration_micros + plan.settle_micros) * share);
        const travel = new TimeTravel(history.timeline);
        travel.seek(plan.duration_micros + plan.settle_micros);
        const { nodes } = travel.seek(moment);
        const { simulation } = historyOf(plan, moment + 1);
        const shown = nodes.map(({ state }) => (state === 'absent' ? 'down' : state));
        expect(shown).toEqual(nodeStates(simulation));
      }),
      { numRuns: runs(12) },
    );
  });

  test('counts the hints that wait as the coordinators do', () => {
    const plan = plainPlan({
      duration_micros: seconds(200),
      workload: { writes: plainWorkload({ until_micros: seconds(120) }) },
      entries: [crash(seconds(20), 'n3', seconds(170)), { ...crash(seconds(50), 'n1', seconds(10)), id: 'faults.n1' }],
    });
    const { history, simulation } = historyOf(plan, seconds(150));
    const { levels } = history;
    const last = Array.from(levels.hintsFor.subarray(-levels.nodeCount));
    const pending = simulation.world.hints.pendingCount();
    expect(last).toEqual(plan.nodes.map((_, node) => simulation.oracle.hintsPending(node)));
    expect(pending).toBeGreaterThan(100);
    expect(levels.hintsAt.subarray(-levels.nodeCount).reduce((sum, hints) => sum + hints, 0)).toBe(pending);
    // Every write that reached a copy by itself came over a link.
    const arrived = levels.writes?.reduce((sum, writes) => sum + writes, 0) ?? 0;
    expect(arrived).toBeGreaterThan(pending);
  });

  test('of shards of points: queues of an owner that is away', () => {
    const plan = pointPlan({ duration_micros: seconds(200), entries: [crash(seconds(20), 'n3', null)] });
    const { history, simulation } = historyOf(plan);
    expect(simulation.world.hints.pendingCount()).toBeGreaterThan(100);
    expect(history.levels.hintsFor.subarray(-history.levels.nodeCount).reduce((sum, hints) => sum + hints, 0)).toBe(
      simulation.world.hints.pendingCount(),
    );
    const state = new TimeTravel(history.timeline).seek(seconds(21));
    expect(state.nodes.map((node) => node.state)).toContain('down');
  });

  test('knows which links an entry is about at its beginning and its end', () => {
    const plan = plainPlan({
      entries: [
        ...([0, 1] as const).map((which) => ({
          id: 'faults.cut',
          kind: 'cutLink' as const,
          at_micros: seconds(10 + 20 * which),
          from: ['n1'],
          to: [which === 0 ? 'n2' : 'n3'],
          two_way: which === 1,
          for_micros: seconds(5),
        })),
      ],
    });
    const links = new LinkFaults(plan);
    expect(links.linksOf(1, seconds(10))).toEqual(['0>1']);
    expect(links.linksOf(1, seconds(15))).toEqual(['0>1']);
    expect(links.linksOf(1, seconds(30))).toEqual(['0>2', '2>0']);
    expect(links.linksOf(1, seconds(35))).toEqual(['0>2', '2>0']);
  });
});
