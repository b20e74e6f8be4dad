/** Two values for one point: writers of the same series, and which value each copy keeps (influxdb.1, "Point identity"). */
import { describe, expect, it } from 'vitest';
import type { Result } from '../../src/observe/result.ts';
import { run } from '../../src/run/run.ts';
import { PointWorld } from '../../src/run/point-world.ts';
import { Simulation } from '../../src/run/simulation.ts';
import { seriesMatching } from '../../src/scenario/points/series-names.ts';
import { commonSeries } from '../../src/scenario/points/same-series.ts';
import type { Plan, PlanEntry, PlanPoints, SettingValue } from '../../src/scenario/plan.ts';
import { assertHeldEqualsStorage, oracleOf } from './held.ts';
import { seconds } from './plain-plan.ts';
import { pointPlan } from './point-plan.ts';

/** Two owners of everything. What `late` writes are the points of a minute ago. */
function planOf({ entries, through = 'n2', settings = {}, end = 900 }: Story): Plan {
  const minute = { from: 0, to: 30, by_micros: -seconds(60) };
  const agents: Partial<PlanPoints> = { through: 'n1', until_micros: seconds(480) };
  const late = { through, from_micros: seconds(180), until_micros: seconds(300), shifted: [minute] };
  return pointPlan(
    { duration_micros: seconds(end), settle_micros: seconds(60), entries, settings },
    { agents, late },
    { nodes: 2, replication: 2 },
  );
}

interface Story {
  entries: PlanEntry[];
  /** Where the corrections are sent. */
  through?: string;
  settings?: Record<string, SettingValue>;
  end?: number;
}

const CUT: PlanEntry = {
  ...{ id: 'faults.cut', kind: 'cutLink', from: ['n1'], to: ['n2'], two_way: true },
  ...{ at_micros: seconds(120), for_micros: seconds(240) },
};

const tell = (story: Story): Result => run(planOf(story)).result;
const overtaken = ({ final }: Result): number => final.by_cause.arrival_order?.left ?? 0;

describe('two writers of the same points', () => {
  it('leave the later value everywhere where nothing fails', () => {
    const result = tell({ entries: [] });
    expect(result.final.divergent_copies + result.final.wrong_copies).toBe(0);
    // Every point of two minutes twice: no place more.
    expect(result.writes.acknowledged).toBe(30 * 48 + 30 * 12);
  });

  it('through two nodes that are cut: hints bring the old value over the new one', () => {
    const result = tell({ entries: [CUT] });
    // The corrections went to n2 and waited for n1; the first values waited for n2.
    expect(overtaken(result)).toBe(30 * 12);
    expect(result.final.by_node.n2.copies).toBe(30 * 12);
    expect(result.final.stale_copies).toBe(30 * 12);
  });

  it('through one node in its order: the queue keeps it', () => {
    const result = tell({ entries: [CUT], through: 'n1' });
    expect(result.hints.enqueued).toBeGreaterThan(0);
    expect(result.final.divergent_copies + result.final.wrong_copies).toBe(0);
  });

  it('past a queue that is not empty: only where writes may be out of order', () => {
    // n2 is back before the corrections are sent, and its queue waits for its next try.
    const away: PlanEntry = {
      ...{ id: 'faults.away', kind: 'crashNode', nodes: ['n2'], mode: 'process' },
      ...{ at_micros: seconds(110), for_micros: seconds(60) },
    };
    const of = (outOfOrder: boolean): Result =>
      tell({
        ...{ entries: [away], through: 'n1' },
        settings: {
          'cluster.allow-out-of-order-writes': outOfOrder,
          'hinted-handoff.retry-interval': seconds(100),
          'hinted-handoff.retry-max-interval': seconds(100),
        },
      });
    expect(overtaken(of(true))).toBeGreaterThan(0);
    expect(of(false).final.divergent_copies + of(false).final.wrong_copies).toBe(0);
  });

  it('are one place for a delete and for a count', () => {
    const drop: PlanEntry = {
      ...{ id: 'operations.drop', kind: 'deletePoints', nodes: ['n1'], at_micros: seconds(700) },
      ...{ series: [{ writer: 'agents', from: 0, to: 30 }], from_micros: null, until_micros: null },
      command: 'DROP MEASUREMENT cpu',
    };
    const result = tell({ entries: [drop] });
    expect(result.final.divergent_copies + result.final.wrong_copies + result.final.zombie_copies).toBe(0);
    // The same series through the other writer would be a statement that is carried out twice.
    expect(
      seriesMatching(
        planOf({ entries: [] }).points ?? {},
        () => true,
        () => true,
      ),
    ).toEqual([{ writer: 'agents', from: 0, to: 30 }]);
  });

  it('go on from a snapshot as if nothing had been', () => {
    const plan = planOf({ entries: [CUT], settings: { 'data.cache-snapshot-memory-size': 2000 } });
    const whole = run(plan).result.fingerprint;
    for (const at of [130, 290, 365, 500]) {
      const first = new Simulation(plan, { batched: true });
      first.runTo(seconds(at));
      const second = new Simulation(plan, { batched: true });
      second.load(first.save());
      second.runTo(second.world.endMicros);
      expect(second.finish().result.fingerprint).toBe(whole);
    }
  });

  it('are held as the records say', () => {
    const simulation = new Simulation(planOf({ entries: [CUT] }), {
      batched: true,
      observers: [{ fold: (words, count) => oracle.fold(words, count) }],
    });
    if (!(simulation.world instanceof PointWorld)) throw new Error('a world of points is wanted');
    const oracle = oracleOf(simulation.world, 'arrival');
    for (let at = 50; at <= 900; at += 50) {
      simulation.runTo(seconds(at));
      simulation.world.trace.flush();
      assertHeldEqualsStorage(simulation.world, oracle);
    }
  });
});

describe('series that coincide', () => {
  const writer = (series_key: string, series: number): PlanPoints =>
    ({ policy: 'a.b', series_key, series, interval_micros: 1, from_micros: 0 }) as PlanPoints;

  it.each<[string, number, string, number, common: string | null]>([
    ['cpu,host=web-{n}', 10, 'cpu,host=web-1', 1, 'cpu,host=web-1'],
    ['cpu,host=web-{n}', 10, 'cpu,host=web-10', 1, null],
    ['cpu,host=web-{n}', 10, 'cpu,host=web-01', 1, null],
    ['cpu,host=w{n}1', 5, 'cpu,host=w{n}', 40, 'cpu,host=w11'],
    ['cpu,host={n},rack={n}', 5, 'cpu,host={n},rack=3', 5, 'cpu,host=3,rack=3'],
    ['cpu,host={n}', 5, 'mem,host={n}', 5, null],
  ])('%s (%i) and %s (%i): %s', (left, many, right, few, common) => {
    expect(commonSeries(writer(left, many), writer(right, few))).toBe(common);
    expect(commonSeries(writer(right, few), writer(left, many))).toBe(common);
  });
});
