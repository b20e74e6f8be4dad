import * as fc from 'fast-check';
import { Watch } from '../../src/observe/expect-watch.ts';
import { describe, expect, it } from 'vitest';
import { RECORD } from '../../src/data/records.ts';
import { finalValue, validationsOverlapping } from '../../src/observe/expect-final.ts';
import { judgeLaw, lawNames } from '../../src/observe/expect-laws.ts';
import { parseOrderCondition } from '../../src/observe/expect-order.ts';
import { meets } from '../../src/observe/expect-watch.ts';
import { judgeExpectations, watchExpectations } from '../../src/observe/expect.ts';
import { METRICS, findMetric, metricNames } from '../../src/observe/metrics.ts';
import type { RepairPhase } from '../../src/observe/result.ts';
import { Recorder } from '../../src/observe/series.ts';
import type { PlanBounds, PlanExpectation } from '../../src/scenario/plan.ts';
import { ScriptedOracle, block, expectation, smallPlan } from './small-plan.ts';
import { WRITE_PROBES, smallChange, smallFinal, smallLedger, smallResult } from './small-result.ts';

/** Divergent copies: 0, then 4 from 100, 9 from 150, 2 from 400, 0 from 600; node 3 crashes at 100, repair 500 to 700. */
const HISTORY = [
  { at: 100, a: 0, kind: RECORD.nodeCrashed, node: 2 },
  { at: 100, a: 4 },
  { at: 150, a: 9 },
  { at: 400, a: 2 },
  { at: 500, a: 2, b: 2, kind: RECORD.repairStarted },
  { at: 600, a: 0 },
  { at: 700, a: 0, b: 2, kind: RECORD.repairFinished },
];

function judge(one: PlanExpectation, start: string | null = smallPlan().start) {
  const plan = smallPlan({ expect: { one }, start });
  const oracle = new ScriptedOracle();
  const recorder = new Recorder({ plan, live: oracle, fold: oracle });
  const watches = watchExpectations(plan, recorder);
  recorder.fold(block(HISTORY), HISTORY.length);
  recorder.finish(1000);
  const result = smallResult({
    repairs: { 'repairs.by-hand': smallLedger() },
    hints: { enqueued: 5, delivered: 3, pending: 2 },
  });
  const verdict = judgeExpectations(plan, { watches, result, timeline: recorder.timeline })['one'];
  if (verdict === undefined) throw new Error('no verdict');
  return verdict;
}

type Row = [verdict: string, expectation: Partial<PlanExpectation>];

const TABLE: readonly Row[] = [
  ['held', { check: 'at', at_micros: 150, bounds: { is: 9 } }],
  ['violated', { check: 'at', at_micros: 149, bounds: { is: 9 } }],
  ['held', { check: 'at', at_micros: null, bounds: { is: 0 } }],
  ['held', { check: 'at', at_micros: 399, bounds: { between: [9, 10] } }],
  ['held', { check: 'at', at_micros: 410, bounds: { near: 2.1, within_share: 0.05 } }],
  ['violated', { check: 'at', at_micros: 410, bounds: { near: 2.2, within_share: 0.05 } }],
  ['held', { check: 'always', bounds: { below: 10 } }],
  ['violated', { check: 'always', bounds: { below: 9 } }],
  ['held', { check: 'always', bounds: { below: 3 }, from_micros: 400 }],
  ['violated', { check: 'always', bounds: { below: 3 }, from_micros: 399 }],
  ['held', { check: 'always', bounds: { below: 5 }, to_micros: 149 }],
  ['held', { check: 'never', bounds: { above: 9 } }],
  ['violated', { check: 'never', bounds: { above: 8 } }],
  ['violated', { check: 'never', bounds: { is: 4 } }],
  ['held', { check: 'sometimes', bounds: { is: 4 } }],
  ['violated', { check: 'sometimes', bounds: { is: 5 } }],
  ['violated', { check: 'sometimes', bounds: { is: 4 }, from_micros: 150 }],
  ['held', { check: 'eventually', bounds: { is: 0 }, from_micros: 500, within_micros: 100 }],
  ['violated', { check: 'eventually', bounds: { is: 0 }, from_micros: 500, within_micros: 99 }],
  ['held', { check: 'eventually', bounds: { is: 0 }, from_micros: 100 }],
  ['held', { check: 'always', bounds: { not: 5 } }],
  ['violated', { check: 'always', bounds: { not: 4 } }],
  ['held', { check: 'always', where: { node: 'n1' }, bounds: { is: 0 } }],
  ['violated', { check: 'always', where: { node: 'n3' }, bounds: { is: 0 } }],
  ['undecided', { check: 'always', where: { node: 'n9' }, bounds: { is: 0 } }],
  ['undecided', { check: 'always', bounds: { is: 0 }, from_micros: 2000 }],
  ['undecided', { check: 'never', metric: 'lost_acknowledged', bounds: { above: 0 } }],
  ['held', { check: 'sometimes', metric: 'latent_copies', where: { cause: 'node_down' }, bounds: { above: 8 } }],
  ['violated', { check: 'sometimes', metric: 'in_flight_copies', bounds: { above: 0 } }],
  ['held', { metric: 'sent_bytes', where: { repair: 'by-hand' }, bounds: { is: 400 } }],
  ['held', { metric: 'sent_bytes', where: { repair: 'repairs.by-hand' }, bounds: { is: 400 } }],
  ['violated', { check: 'never', metric: 'sent_bytes', bounds: { above: 300 } }],
  ['undecided', { metric: 'sent_bytes', where: { repair: 'weekly' }, bounds: { is: 0 } }],
  ['held', { metric: 'differing_ranges', where: { between: ['n3', 'n1'] }, bounds: { is: 1 } }],
  ['held', { metric: 'differing_ranges', where: { between: ['n1', 'n2'] }, bounds: { is: 0 } }],
  ['held', { metric: 'hashed_rows', where: { node: 'n2' }, bounds: { is: 10 } }],
  ['held', { metric: 'writes_timed_out', bounds: { is: 1 } }],
  [
    'held',
    {
      check: 'order',
      events: ['faults.away', 'nodeCrashed', 'divergent_copies > 8', 'repairStarted', 'repairs.by-hand.end'],
    },
  ],
  ['violated', { check: 'order', events: ['repairs.by-hand', 'divergent_copies > 8'] }],
  ['violated', { check: 'order', events: ['repairs.by-hand', 'zombie_copies > 0'] }],
  ['held', { check: 'order', events: ['nodeCrashed', 'faults.away.end', 'repairs.by-hand'] }],
  ['held', { check: 'always', metric: null, law: 'hints enqueued = delivered + expired + lost + pending' }],
  ['held', { check: 'always', metric: null, law: 'causes = total' }],
  ['undecided', { check: 'always', metric: null, law: 'e = mc2' }],
];

describe('a watch on time that runs out', () => {
  it('finds the very moment between two checks, and the least value before it is set anew', () => {
    let value = 100;
    const watch = new Watch(() => value, { above: 40 }, { from: 0, to: 1000, runsOut: true });
    watch.check(10);
    // Falls to 11 at 99; then somebody repairs.
    value = Infinity;
    watch.check(100);
    expect(watch.seen.firstUnmet).toEqual({ micros: 70, value: 40 });
    expect(watch.seen.lowest).toEqual({ micros: 99, value: 11 });
    expect(watch.seen.last).toEqual({ micros: 100, value: Infinity });
  });
});

describe('expectations', () => {
  it.each(TABLE)('%s: %j', (verdict, changes) => {
    const found = judge(expectation(changes));
    expect({ verdict: found.verdict, detail: found.detail }).toMatchObject({ verdict });
    expect(found.held).toBe(verdict === 'held');
  });

  it('tells what was measured and where it broke', () => {
    const broken = judge(expectation({ check: 'always', bounds: { below: 3 } }));
    expect(broken.expected).toBe('always divergent_copies below 3');
    expect(broken.detail).toBe('broke 4 at 100 µs, worst 9 at 150 µs');
    expect([broken.measured, broken.at_micros]).toEqual([9, 100]);
    const late = judge(expectation({ check: 'eventually', bounds: { is: 0 }, from_micros: 500, within_micros: 200 }));
    expect(late.expected).toBe('eventually divergent_copies is 0 within 200 µs');
    expect(late.detail).toBe('first 0 at 600 µs, after 100 µs');
    const cost = judge(
      expectation({ metric: 'sent_bytes', where: { repair: 'by-hand' }, bounds: { near: 1e6, within_share: 0.05 } }),
    );
    expect(cost.expected).toContain('sent_bytes{repair=by-hand} within 5 % of 1 MB');
    expect(cost.detail).toBe('was 400 B');
    const close = judge(expectation({ metric: 'hints_enqueued', bounds: { is: 5.0001 } }));
    expect(close.detail).toBe('was 5 (5)');
    const never = judge(expectation({ metric: 'sent_bytes', where: { repair: 'weekly' }, bounds: { is: 0 } }));
    expect(never.detail).toBe('weekly did not run');
  });

  it('tells events of one second apart', () => {
    const order = expectation({ check: 'order', events: ['nodeCrashed', 'divergent_copies > 8'] });
    expect(judge(order, '2026-03-02T00:00:00Z').detail).toMatch(
      /^nodeCrashed (\S+), divergent_copies > 8 \1 \+ 50 µs$/,
    );
  });

  it('always is the opposite of sometimes-not, never of sometimes', () => {
    const bounds: fc.Arbitrary<PlanBounds> = fc.oneof(
      fc.nat(10).map((above) => ({ above })),
      fc.nat(10).map((below) => ({ below })),
      fc.nat(10).map((is) => ({ is })),
    );
    fc.assert(
      fc.property(bounds, fc.nat(900), fc.nat(1000), (bound, from, length) => {
        const window = { bounds: bound, from_micros: from, to_micros: from + length };
        const sometimes = judge(expectation({ check: 'sometimes', ...window })).held;
        const never = judge(expectation({ check: 'never', ...window })).held;
        const always = judge(expectation({ check: 'always', ...window })).held;
        expect(never).toBe(!sometimes);
        if (always) expect(sometimes).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('bounds are strict, ranges are not, and all must be met', () => {
    expect(meets(1, { above: 1 })).toBe(false);
    expect(meets(1, { below: 1 })).toBe(false);
    expect(meets(1, { between: [1, 1] })).toBe(true);
    expect(meets(5, { above: 1, below: 5 })).toBe(false);
    expect(meets(95, { near: 100, within_share: 0.05 })).toBe(true);
    expect(meets(94.9, { near: 100, within_share: 0.05 })).toBe(false);
    expect(meets(0, {})).toBe(true);
  });
});

describe('order events', () => {
  it('are conditions on a metric, or names', () => {
    expect(parseOrderCondition('zombie_copies > 0')).toEqual({ metric: 'zombie_copies', bounds: { above: 0 } });
    expect(parseOrderCondition('latent_copies > 1.5M')).toEqual({
      metric: 'latent_copies',
      bounds: { above: 1_500_000 },
    });
    expect(parseOrderCondition('repairStarted')).toBeNull();
  });
});

describe('metrics', () => {
  it('every name is known once, has a sentence, and is read live or at the end', () => {
    expect(new Set(metricNames()).size).toBe(METRICS.length);
    const oracle = new ScriptedOracle();
    const recorder = new Recorder({ plan: smallPlan(), live: oracle, fold: oracle });
    const phases: RepairPhase[] = [];
    const result = smallResult({
      topology: { 'operations.grow': smallChange() },
      repairs: { 'repairs.by-hand': smallLedger({ phases }) },
      hints: {
        enqueued: 1,
        pending: 0,
        pending_bytes: 0,
        delivered: 1,
        expired: 0,
        lost: 0,
        refused_window: 0,
        refused_size: 0,
        refused_off: 0,
        in_progress_most: 0,
        // Only where queues have segments.
        ...{ expired_bytes: 0, delivered_bytes: 0 },
      },
      storage: {
        ...{ sstables: 3, repaired_sstables: 2, pending_sstables: 1, sstable_bytes: 900, repaired_bytes: 300 },
        ...{ level0_sstables: 1, levelled_sstables: 2, largest_sstable_bytes: 500, sstables_mixing_days: 0 },
        ...{ compactions: 4, compacted_bytes: 2000, purged_tombstones: 5, expired_sstables: 1 },
      },
      probes: WRITE_PROBES,
    });
    expect(finalValue('repaired_share', {}, result)).toBeCloseTo(1 / 3, 12);
    for (const metric of METRICS) {
      expect(metric.meaning).toMatch(/^[A-Z].*\.$/);
      expect(findMetric(metric.name)).toBe(metric);
      const live = recorder.reader(metric.name, {});
      if (metric.kind === 'final') {
        expect([metric.name, live]).toEqual([metric.name, null]);
        expect([metric.name, finalValue(metric.name, {}, result)]).toEqual([metric.name, expect.any(Number)]);
        expect([metric.name, Number.isNaN(finalValue(metric.name, {}, result))]).toEqual([metric.name, false]);
      } else {
        expect([metric.name, typeof live]).toEqual([metric.name, 'function']);
      }
    }
  });

  it('validations overlap only within one session and while both run', () => {
    const validate = (session: number, start_micros: number, end_micros: number): RepairPhase => ({
      phase: 'validate',
      session,
      table: 't',
      node: null,
      peer: null,
      start_micros,
      end_micros,
    });
    const overlapping = (...phases: RepairPhase[]) => validationsOverlapping(smallLedger({ phases }));
    expect(overlapping()).toBe(0);
    expect(overlapping(validate(1, 0, 10), validate(1, 10, 20), validate(1, 20, 30))).toBe(1);
    expect(overlapping(validate(1, 0, 11), validate(1, 10, 20), validate(1, 5, 30))).toBe(3);
    expect(overlapping(validate(1, 0, 10), validate(2, 0, 10))).toBe(1);
  });
});

describe('laws', () => {
  it('hold on an empty result and break when a number is off', () => {
    const result = smallResult({ hints: { enqueued: 0 } });
    for (const name of lawNames()) expect([name, judgeLaw(name, result)?.holds]).toEqual([name, true]);
    const final = smallFinal({
      divergent_copies: 3,
      by_cause: { node_down: { copies: 2, bits: 1, born: 5, healed: 3, left: 1, healed_by: { hint: 3 } } },
    });
    const broken = smallResult({ final, hints: { enqueued: 2, delivered: 1 } });
    for (const name of lawNames()) expect([name, judgeLaw(name, broken)?.holds]).toEqual([name, false]);
    expect(judgeLaw('born = healed + left', broken)?.detail).toBe('node_down: born 5, healed 3 (by healer 3), left 1');
  });
});
