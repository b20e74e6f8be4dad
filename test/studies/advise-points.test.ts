/** Advice about shards: what an operator of InfluxDB Enterprise would type, found by running it. */
import { describe, expect, it } from 'vitest';
import type { Plan, PlanEntry } from '../../src/scenario/plan.ts';
import { concludeAdvice, firstJobs, prepareAdvice, runFuture } from '../../src/studies/advise/advise.ts';
import type { Advice, FutureRun } from '../../src/studies/advise/advice.ts';
import type { FutureJob } from '../../src/studies/advise/advise.ts';
import { situationOf } from '../../src/studies/advise/situation.ts';
import { momentAsked } from '../../src/studies/explain/watched-run.ts';
import { renderAdvice } from '../../src/report/advise.ts';
import { seconds } from '../run/plain-plan.ts';
import { pointPlan } from '../run/point-plan.ts';

const AWAY: PlanEntry = {
  ...{ id: 'faults.away', kind: 'crashNode', nodes: ['n3'], mode: 'power-loss' },
  ...{ at_micros: seconds(100), for_micros: seconds(90) },
};
const DROP: PlanEntry = {
  ...{ id: 'operations.drop', kind: 'deletePoints', nodes: ['n1'], at_micros: seconds(150), command: 'DROP SERIES' },
  ...{ series: [{ writer: 'agents', from: 0, to: 10 }], from_micros: null, until_micros: null },
};
const SETTINGS = {
  ...{ 'data.cache-snapshot-write-cold-duration': seconds(20), 'data.compact-full-write-cold-duration': seconds(60) },
  ...{ 'anti-entropy.enabled': true, 'anti-entropy.check-interval': seconds(20), 'hinted-handoff.max-size': 400 },
};

function planOf(entries: PlanEntry[], settings: Plan['settings'] = SETTINGS): Plan {
  return pointPlan(
    { duration_micros: seconds(900), settle_micros: seconds(120), entries, settings },
    { agents: { until_micros: seconds(250) } },
    { groupSeconds: 900 },
  );
}

const reader = { compose: () => ({ why: '' }), read: () => ({ why: '' }) };

function advised(plan: Plan, at = seconds(190)): Advice {
  const options = { atMicros: at, moment: null, aheadMicros: null, futures: ['1', '2'], only: null, reader };
  const prepared = prepareAdvice(plan, situationOf(plan, momentAsked(plan, at).until, null), options);
  return concludeAdvice(prepared, firstJobs(prepared, plan, 1).flatMap(ran), []);
}

function ran(job: FutureJob): FutureRun[] {
  const steps = runFuture(job);
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}

const textOf = (advice: Advice): string => renderAdvice(advice, { columns: 100, color: false, windows: [] });
const whyNot = (advice: Advice, id: string): string => advice.not_offered.find((one) => one.id === id)?.why ?? '';

describe('advice about points', () => {
  it('is what influxd-ctl takes: what a full queue lost anti-entropy brings back', () => {
    const advice = advised(planOf([AWAY]));
    const entropy = advice.candidates.find(({ id }) => id === 'entropy');
    expect(advice.advised?.leave_least).toEqual(expect.arrayContaining(['entropy', 'remove-copy']));
    expect(entropy?.means).toMatchObject({ latent_copies: 0, wrong_copies: 0, failed: 0, running: 0 });
    expect(entropy?.commands[0].command).toMatch(/^influxd-ctl entropy repair \d+$/);
    expect(advice.candidates[0]).toMatchObject({ id: 'nothing', commands: [] });
    expect(advice.candidates[0].means.latent_copies).toBeGreaterThan(0);
    expect(whyNot(advice, 'drop-again')).toBe('no copy has missed a delete');
    const text = textOf(advice);
    expect(text).not.toMatch(/token|gc_grace|nodetool|tombstone|not in this version/);
  });

  it('after a missed delete is not to repair by anti-entropy, which brings it back everywhere', () => {
    const advice = advised(planOf([AWAY, DROP]));
    const wrong = (id: string): number => advice.candidates.find((one) => one.id === id)?.means.wrong_copies ?? -1;
    expect(wrong('entropy')).toBeGreaterThan(0);
    expect(wrong('remove-copy')).toBe(0);
    expect(wrong('drop-again-entropy')).toBe(0);
    expect(['remove-copy', 'drop-again-entropy']).toContain(advice.advised?.id);
    expect(textOf(advice)).not.toMatch(/heals by itself|gc_grace|tombstone/);
  });

  it('says what is not offered, and why', () => {
    const off = advised(planOf([AWAY], { ...SETTINGS, 'anti-entropy.enabled': false }));
    expect(whyNot(off, 'entropy')).toMatch(/anti-entropy is off here/);
    expect(off.advised?.id).toMatch(/copy/);
    const down = advised(planOf([AWAY]), seconds(180));
    expect(whyNot(down, 'remove-copy')).toBe('n3 does not run');
  });
});
