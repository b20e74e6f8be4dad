/** What may pass a queue and what waits behind it, by hand: corrections of points that wait, at every level, with the rule and
 * without it (influxdb.2-queue-first). */
import { describe, expect, it } from 'vitest';
import type { Result } from '../../src/observe/result.ts';
import { run } from '../../src/run/run.ts';
import type { Plan, PlanEntry, PlanPoints, SettingValue } from '../../src/scenario/plan.ts';
import { seconds } from './plain-plan.ts';
import { pointPlan } from './point-plan.ts';

/** n3 is back after 100 s; the queue for it is tried a minute later. */
const away: PlanEntry = {
  ...{ id: 'faults.away', kind: 'crashNode', nodes: ['n3'], mode: 'power-loss' },
  ...{ at_micros: seconds(100), for_micros: seconds(100) },
};

/** Every value is corrected 20 s after it was written, through the same node or another. */
function pointsOf(consistency: PlanPoints['consistency'], through: string): Record<string, Partial<PlanPoints>> {
  const common = { consistency, series: 30, until_micros: seconds(400), through: 'n1' };
  const late = { from: 0, to: 30, by_micros: -seconds(20) };
  return {
    agents: common,
    corrections: { ...common, from_micros: seconds(20), until_micros: seconds(420), through, shifted: [late] },
  };
}

interface Story {
  outOfOrder?: boolean;
  level?: PlanPoints['consistency'];
  through?: string;
  off?: string[];
  settings?: Record<string, SettingValue>;
}

function planOf({ outOfOrder = false, level = 'one', through = 'n1', off = [], settings = {} }: Story): Plan {
  return pointPlan(
    {
      ...{ duration_micros: seconds(600), settle_micros: seconds(120), entries: [away], model: { off } },
      settings: {
        ...{ 'cluster.allow-out-of-order-writes': outOfOrder, 'hinted-handoff.retry-interval': seconds(60) },
        ...{ 'hinted-handoff.retry-max-interval': seconds(60), ...settings },
      },
    },
    pointsOf(level, through),
    { nodes: 3, replication: 3 },
  );
}

const tell = (story: Story): Result => run(planOf(story)).result;

const older = (result: Result): number => result.final.by_cause.arrival_order?.left ?? 0;
const LEVELS = ['any', 'one', 'quorum', 'all'] as const;

describe('what waits behind a queue', () => {
  it.each(LEVELS)('lands in the order in which it was written, at level %s', (level) => {
    const result = tell({ level });
    expect(result.hints.enqueued).toBeGreaterThan(0);
    expect(older(result)).toBe(0);
    expect(result.final).toMatchObject({ divergent_copies: 0, wrong_copies: 0 });
    expect(result.rules_exercised).toContain('influxdb.2-queue-first');
  });

  it('is told to be an error where a level needs the owner', () => {
    const failed = (level: PlanPoints['consistency']): number => tell({ level }).writes.failed;
    // Two of three answer.
    expect(LEVELS.map(failed)).toEqual([0, 0, 0, failed('all')]);
    expect(failed('all')).toBeGreaterThan(0);
  });
});

describe('what passes a queue', () => {
  it.each(LEVELS)('is beaten by what it corrects, at level %s', (level) => {
    const result = tell({ level, outOfOrder: true });
    expect(older(result)).toBeGreaterThan(0);
    expect(result.final.by_node.n3?.copies).toBe(result.final.divergent_copies);
    expect(result.final).toMatchObject({ stale_copies: older(result), missing_copies: 0, lost_acknowledged: 0 });
    expect(result.hints.delivered).toBe(result.hints.enqueued);
    expect(result.rules_exercised).not.toContain('influxdb.2-queue-first');
  });

  it('waits shorter: fewer are queued, and fewer are told of an error', () => {
    const [waits, passes] = [false, true].map((outOfOrder) => tell({ level: 'all', outOfOrder }));
    expect(passes.hints.enqueued).toBeLessThan(waits.hints.enqueued);
    expect(passes.writes.failed).toBeLessThan(waits.writes.failed);
    expect(passes.writes.acknowledged).toBeGreaterThan(waits.writes.acknowledged);
  });

  it('does so with the rule off, too', () => {
    const off = tell({ off: ['influxdb.2-queue-first'] });
    expect(off.fingerprint).toBe(tell({ outOfOrder: true }).fingerprint);
    expect(off.fingerprint).not.toBe(tell({}).fingerprint);
  });

  it('passes nothing where the queue is tried before anything is corrected', () => {
    const settings = { 'hinted-handoff.retry-max-interval': 100_000, 'hinted-handoff.retry-interval': 100_000 };
    expect(older(tell({ outOfOrder: true, settings }))).toBe(0);
  });
});

describe('two coordinators', () => {
  it('keep no order among their queues', () => {
    const of = (through: string): Result => {
      const plan = planOf({ through });
      // n2 tries its queue soon, n1 once a minute.
      const own = { 'hinted-handoff.retry-interval': seconds(2), 'hinted-handoff.retry-max-interval': seconds(2) };
      return run({ ...plan, nodes: plan.nodes.map((node) => (node.id === 'n2' ? { ...node, settings: own } : node)) })
        .result;
    };
    expect(older(of('n1'))).toBe(0);
    const apart = of('n2');
    expect(older(apart)).toBeGreaterThan(0);
    expect(apart.rules_exercised).toContain('influxdb.2-queue-first');
  });
});
