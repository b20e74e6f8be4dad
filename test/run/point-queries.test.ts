/** Queries of points: one owner a shard, indicators of operators, what they show while copies differ and once they do not. */
import { describe, expect, it } from 'vitest';
import type { PointProbeResult, Result } from '../../src/observe/result.ts';
import { run } from '../../src/run/run.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan, PlanEntry, PlanPointProbe, PlanQuery, SettingValue } from '../../src/scenario/plan.ts';
import { seconds } from './plain-plan.ts';
import { pointPlan } from './point-plan.ts';

const SETTINGS: Record<string, SettingValue> = {
  'data.cache-snapshot-write-cold-duration': seconds(20),
  'data.compact-full-write-cold-duration': seconds(60),
  'anti-entropy.enabled': true,
  'anti-entropy.check-interval': seconds(20),
  'hinted-handoff.enabled': false,
};

/** n3 misses what comes from 50 s to 100 s; agents write for 150 s. */
const away: PlanEntry = {
  ...{ id: 'faults.away', kind: 'crashNode', nodes: ['n3'], mode: 'power-loss' },
  ...{ at_micros: seconds(50), for_micros: seconds(50) },
};
const repair: PlanEntry = {
  ...{ id: 'repairs.ae', kind: 'repairShards', nodes: ['n1'], at_micros: seconds(400), shards: null },
  command: 'entropy repair',
};

/** Points of 60 s to 90 s. */
const query = (aggregate: PlanQuery['aggregate'], more: Partial<PlanQuery> = {}): PlanQuery => ({
  aggregate,
  series: [{ writer: 'agents', from: 0, to: 30 }],
  window: { from_micros: seconds(60), until_micros: seconds(90), now: false },
  ...more,
});
const dashboard = (of: PlanQuery, through?: string): PlanPointProbe => ({
  ...{ kind: 'dashboard', query: of, every_micros: seconds(5), tolerance: 0.1 },
  ...(through === undefined ? {} : { through }),
});

function planOf(probes: Record<string, PlanPointProbe>, entries: PlanEntry[]): Plan {
  return pointPlan(
    { ...{ duration_micros: seconds(600), settle_micros: seconds(60), entries, settings: SETTINGS, probes } },
    { agents: { until_micros: seconds(150), values: [90, 100] } },
  );
}

const tell = (probes: Record<string, PlanPointProbe>, entries: PlanEntry[] = [away, repair]): Result =>
  run(planOf(probes, entries)).result;

function probeOf<K extends PointProbeResult['kind']>(
  result: Result,
  id: string,
  kind: K,
): Extract<PointProbeResult, { kind: K }> {
  const found = result.probes[id];
  if (!('kind' in found) || found.kind !== kind) throw new Error(`${id} is no ${kind}`);
  return found as Extract<PointProbeResult, { kind: K }>;
}

describe('a dashboard', () => {
  it('flaps while copies differ, through a balancer, and not before or after', () => {
    const result = tell({ flap: dashboard(query('count')) });
    const flap = probeOf(result, 'flap', 'dashboard');
    expect(flap.answers).toBeGreaterThan(120);
    expect(flap.flaps).toBeGreaterThan(20);
    expect(flap.flaps_per_minute_most).toBeLessThanOrEqual(12);
    expect(flap.values).toEqual({ least: 0, most: 90 });
    // Without the outage the points appear, and stay.
    expect(probeOf(tell({ flap: dashboard(query('count')) }, []), 'flap', 'dashboard').flaps).toBeLessThan(20);
    const flapsAt = (at: number): number => {
      const simulation = new Simulation(planOf({ flap: dashboard(query('count')) }, [away, repair]), { batched: true });
      simulation.runTo(seconds(at));
      simulation.world.trace.flush();
      return simulation.queries?.value('flaps', 'flap', { node: -1, table: -1 }) ?? NaN;
    };
    const before = flapsAt(399);
    expect(before).toBeGreaterThan(20);
    // The repair takes a moment; from then on all owners say the same.
    expect(flapsAt(660) - flapsAt(430)).toBe(0);
  });

  it('answers from the copy of the node that is asked, where it has one', () => {
    // n1 owns the first and the second shard, so only the third is drawn, of which n3 has a copy.
    const own = tell({ one: dashboard(query('count'), 'n1'), other: dashboard(query('count'), 'n3') }, [away]);
    expect(probeOf(own, 'other', 'dashboard').values?.most).toBeLessThan(90);
    expect(probeOf(own, 'one', 'dashboard').values?.most).toBe(90);
    expect(own.rules_exercised).toContain('influxdb.8-one-owner');
  });

  it('knows other aggregates, and answers 0 where there are no points', () => {
    const result = tell(
      {
        mean: dashboard(query('mean')),
        min: dashboard(query('min')),
        max: dashboard(query('max')),
        none: dashboard(
          query('sum', { window: { from_micros: seconds(400), until_micros: seconds(500), now: false } }),
        ),
        moving: dashboard(query('count', { window: { from_micros: seconds(-20), until_micros: 0, now: true } })),
      },
      [],
    );
    const of = (id: string): { least: number; most: number } =>
      probeOf(result, id, 'dashboard').values ?? { least: NaN, most: NaN };
    expect(of('mean').most).toBeGreaterThan(93);
    expect(of('mean').most).toBeLessThan(97);
    expect(of('max').most).toBeGreaterThan(of('mean').most);
    expect(of('max').most).toBeLessThan(100);
    expect(of('none')).toEqual({ least: 0, most: 0 });
    // The points of the last twenty seconds of thirty series, but for those that are under way.
    expect(of('moving').most).toBe(60);
    expect(of('moving').least).toBe(0);
  });

  it('waits for a node that does not answer, and fails where no owner does', () => {
    const both: PlanEntry = { ...away, id: 'faults.both', nodes: ['n2', 'n3'] } as PlanEntry;
    const result = tell({ one: dashboard(query('count'), 'n1') }, [both]);
    // The third shard is of n2 and n3.
    expect(probeOf(result, 'one', 'dashboard').failed).toBe(10);
    const { latency_micros: latency } = probeOf(tell({ one: dashboard(query('count'), 'n1') }), 'one', 'dashboard');
    expect(latency?.p999).toBeGreaterThan(1_000_000);
    expect(latency?.p50).toBeLessThan(10_000);
  });
});

describe('an alert', () => {
  it('fires and clears with its dashboard, once the threshold was passed for long enough', () => {
    const alert = (for_micros: number): PlanPointProbe => ({
      ...{ kind: 'alert', dashboard: 'one', above: null, below: 80, for_micros },
    });
    // n3 has nothing of this series in that stretch.
    const series = [{ writer: 'agents', from: 0, to: 30 }];
    const probes = { one: dashboard(query('count', { series })), quick: alert(0), slow: alert(seconds(60)) };
    const result = tell(probes);
    const { fired, cleared } = probeOf(result, 'quick', 'alert');
    expect(fired).toBeGreaterThan(10);
    expect(fired - cleared).toBeLessThanOrEqual(1);
    expect(probeOf(result, 'slow', 'alert').fired).toBeLessThan(3);
    expect(probeOf(tell(probes, []), 'quick', 'alert').fired).toBe(1);
  });
});

describe('owners', () => {
  const probes: Record<string, PlanPointProbe> = {
    counts: {
      kind: 'count',
      query: query('count', { window: { from_micros: 0, until_micros: seconds(200), now: false } }),
      every_micros: seconds(10),
    },
    sizes: { kind: 'size', every_micros: seconds(10) },
  };

  it('count the same once a repair has made copies equal', () => {
    const differing = probeOf(tell(probes, [away]), 'counts', 'count');
    const { n1, n3 } = differing.owners['shop.s2'];
    expect(n3).toBeLessThan(n1);
    expect(differing.most_spread).toBeGreaterThan(0.2);
    const repaired = probeOf(tell(probes), 'counts', 'count').owners['shop.s2'];
    expect(repaired.n3).toBe(repaired.n1);
    // In a healthy run what is under way is all.
    expect(probeOf(tell(probes, []), 'counts', 'count').most_spread).toBeLessThan(0.2);
  });

  it('have files of other sizes while they differ', () => {
    const sizes = (entries: PlanEntry[]): Record<string, number> =>
      probeOf(tell(probes, entries), 'sizes', 'size').owners['shop.s2'];
    const differing = sizes([away]);
    expect(differing.n3).toBeLessThan(differing.n1);
    const repaired = sizes([away, repair]);
    expect(repaired.n3).toBe(repaired.n1);
  });
});

describe('queries', () => {
  const probes: Record<string, PlanPointProbe> = {
    flap: dashboard(query('count')),
    alarm: { kind: 'alert', dashboard: 'flap', above: null, below: 50, for_micros: 0 },
    sizes: { kind: 'size', every_micros: seconds(10) },
  };

  it('go on from a saved state as if nothing had been', () => {
    const plan = planOf(probes, [away, repair]);
    const straight = run(plan).result;
    for (const at of [75, 333, 410]) {
      const first = new Simulation(plan, { batched: true });
      first.runTo(seconds(at));
      const second = new Simulation(plan, { batched: true });
      second.load(first.save());
      second.runTo(second.world.endMicros);
      expect(second.finish().result).toEqual(straight);
    }
  });

  it('change nothing of what they look at', () => {
    const without = tell({});
    const { final, writes, hints, storage, repairs } = tell(probes);
    expect({ final, writes, hints, storage, repairs }).toEqual({
      ...{ final: without.final, writes: without.writes, hints: without.hints },
      ...{ storage: without.storage, repairs: without.repairs },
    });
  });
});
