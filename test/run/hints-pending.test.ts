/** How many hints wait, as observers count them from the trace: at every moment what the coordinators have. */
import { describe, expect, test } from 'vitest';
import { ANY } from '../../src/observe/counters.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan } from '../../src/scenario/plan.ts';
import { plainPlan, plainWorkload, seconds } from './plain-plan.ts';
import { crash } from './silos.ts';

/** n3 is away from 20 s to 80 s; one of its coordinators dies on the way, another is lossy while it delivers. */
function troubled(): Plan {
  return plainPlan({
    duration_micros: seconds(200),
    workload: { writes: plainWorkload({ until_micros: seconds(120) }) },
    entries: [
      crash(seconds(20), 'n3', seconds(60)),
      { ...crash(seconds(50), 'n1', seconds(10)), id: 'faults.n1' },
      {
        id: 'faults.loss',
        kind: 'loseMessages',
        at_micros: seconds(80),
        from: ['n2'],
        to: ['n3'],
        two_way: true,
        share: 0.01,
        for_micros: seconds(40),
      },
    ],
  });
}

describe('hints_pending', () => {
  test('is at every moment what the coordinators have stored', () => {
    const simulation = new Simulation(troubled(), { batched: true });
    const seen: number[] = [];
    for (let at = 10; at <= 200; at += 10) {
      // A sample comes after all that happens at its moment.
      simulation.runTo(seconds(at) + 1);
      seen.push(simulation.world.hints.pendingCount());
    }
    const { series } = simulation.finish();
    const column = series.columns['hints_pending'];
    const times = [...new Set(series.time_micros)];
    for (const [index, pending] of seen.entries()) {
      const at = seconds((index + 1) * 10);
      if (!times.includes(at)) continue;
      expect({ at, pending: column[series.time_micros.lastIndexOf(at)] }).toEqual({ at, pending });
    }
    expect(Math.max(...seen)).toBeGreaterThan(100);
    expect(simulation.oracle.hintsPending(ANY)).toBe(simulation.world.hints.pendingCount());
    expect(simulation.oracle.hintsPending(2)).toBeLessThanOrEqual(simulation.oracle.hintsPending(ANY));
  });
});
