/** Advice compares candidates in futures that share one past, and by a rule of which every step decides something. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan, PlanEntry } from '../../src/scenario/plan.ts';
import { firstJobs, prepareAdvice, runFuture } from '../../src/studies/advise/advise.ts';
import type { Prepared } from '../../src/studies/advise/advise.ts';
import type { FutureRun } from '../../src/studies/advise/advice.ts';
import type { Offered } from '../../src/studies/advise/candidates.ts';
import {
  algorithmsAt,
  dividedRepairs,
  fixedWorkloads,
  futurePlan,
  isOfFuture,
} from '../../src/studies/advise/futures.ts';
import { choose, contenders, meansOf } from '../../src/studies/advise/recommend.ts';
import type { Rated } from '../../src/studies/advise/recommend.ts';
import { situationOf } from '../../src/studies/advise/situation.ts';
import { HistoryPrint } from '../../src/studies/compare/history-print.ts';
import { measuresOf } from '../../src/studies/compare/measures.ts';
import { DYNAMO, foreign, missedBy, world } from '../repair/algorithm-worlds.ts';
import { momentAsked } from '../../src/studies/explain/watched-run.ts';
import { withoutRepairs } from '../run/extra.ts';
import { repairEntry, seconds } from '../run/plain-plan.ts';
import { plans, runs } from '../run/plans.ts';

type RepairEntry = Extract<PlanEntry, { kind: 'repair' }>;

const FROM = seconds(30) + 1;
/** All of it is compared slice by slice: the same length for all. */
const END = seconds(60);

function printUntil(plan: Plan, micros: number): HistoryPrint {
  const print = new HistoryPrint(END, 1024);
  const simulation = new Simulation(plan, { batched: true, observers: [print], observed: false });
  simulation.runTo(micros);
  simulation.save();
  return print;
}

function futureOf(plan: Plan, seed: string): Plan {
  return futurePlan(plan, { fromMicros: FROM, clientsUntilMicros: plan.duration_micros, seed });
}

const SAME = { identicalMicros: null, writes: 0, faults: 0, answersShare: 0 };

describe('futures', () => {
  it('have the past of the plan, record for record', () => {
    fc.assert(
      fc.property(plans, (drawn) => {
        // Readers of probes are numbered behind those of workloads, and their records name these numbers.
        const plan = { ...drawn, probes: {} };
        const past = printUntil(plan, FROM);
        for (const seed of ['1', '2'])
          expect(printUntil(futureOf(plan, seed), FROM).differenceFrom(past)).toEqual(SAME);
      }),
      { numRuns: runs(25) },
    );
  }, 120_000);

  it('differ from then on where clients can be drawn anew', () => {
    let differing = 0;
    fc.assert(
      fc.property(plans, (plan) => {
        const [one, two] = ['1', '2'].map((seed) => futureOf(plan, seed));
        const { writes } = printUntil(one, END).differenceFrom(printUntil(two, END));
        if (Object.keys(one.workload).every((id) => !isOfFuture(id))) expect(writes).toBe(0);
        else differing += writes;
        expect(fixedWorkloads(plan).every((id) => one.workload[id] === plan.workload[id])).toBe(true);
      }),
      { numRuns: runs(10), seed: 1 },
    );
    expect(differing).toBeGreaterThan(0);
  }, 120_000);

  it('divide a repair that repeats into what has begun and what is ahead', () => {
    const [plan] = fc.sample(plans, { numRuns: 1, seed: 3 });
    const of = (id: string, more: Partial<RepairEntry>): PlanEntry =>
      ({ ...repairEntry({ id, at: seconds(10), nodes: ['n1'] }), ...more }) as PlanEntry;
    const entries = [
      of('repairs.once', {}),
      of('repairs.later', { at_micros: seconds(31) }),
      of('repairs.round', { every_micros: seconds(8) }),
      of('repairs.calendar', { again_micros: [seconds(20), seconds(40), seconds(50)] }),
    ];
    const { past, ahead } = dividedRepairs({ ...withoutRepairs(plan), entries }, FROM);
    expect(past.map(({ id }) => id)).toEqual(['repairs.once', 'repairs.round', 'repairs.calendar']);
    expect(past[1]).toMatchObject({ every_micros: null, again_micros: [seconds(18), seconds(26)] });
    expect(past[2]).toMatchObject({ again_micros: [seconds(20)] });
    expect(ahead.map(({ id, at_micros: at }) => [id, at / 1e6])).toEqual([
      ['repairs.later', 31],
      ['repairs.round', 34],
      ['repairs.calendar', 40],
    ]);
  });
});

function runsOf(job: Parameters<typeof runFuture>[0]): FutureRun[] {
  const steps = runFuture(job);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

describe('candidates of one future', () => {
  it('come to the same in as many parts as one likes', () => {
    fc.assert(
      fc.property(plans, fc.integer({ min: 2, max: 4 }), (drawn, parts) => {
        const plan = withoutRepairs(drawn);
        const all = { nodes: plan.nodes.map(({ id }) => id), tables: plan.tables.map(({ id }) => id) };
        const offered = [31, 35, 40].map((at, index): Offered => ({
          ...{ id: `c${index}`, about: '', commands: [], keepsSchedule: true },
          entries: [repairEntry({ id: 'advised.1', at: seconds(at), ...all }) as RepairEntry],
        }));
        const rest = { fromMicros: FROM, clientsUntilMicros: plan.duration_micros };
        const whole = runsOf({ plan, ...rest, offered, future: '5' });
        const prepared = { ...rest, offered, advice: { futures: ['5'] } } as unknown as Prepared;
        expect(firstJobs(prepared, plan, parts).flatMap(runsOf)).toEqual(whole);
      }),
      { numRuns: runs(4) },
    );
  }, 120_000);

  it('go on from one snapshot, and come to what a run of their own comes to', () => {
    fc.assert(
      fc.property(plans, (drawn) => {
        const plan = { ...withoutRepairs(drawn), settle_micros: seconds(400), expect: {} };
        const options = { nodes: plan.nodes.map(({ id }) => id), tables: plan.tables.map(({ id }) => id) };
        const repair = repairEntry({ id: 'advised.1', at: seconds(40), ...options }) as RepairEntry;
        const offered: Offered[] = [
          { id: 'nothing', about: '', commands: [], entries: [], keepsSchedule: false },
          { id: 'all', about: '', commands: [], entries: [repair], keepsSchedule: true },
        ];
        const job = { plan, offered, fromMicros: FROM, clientsUntilMicros: plan.duration_micros, future: '7' };
        runsOf(job).forEach((run, index) => {
          const future = futureOf(plan, '7');
          const alone = new Simulation(
            { ...future, entries: [...future.entries, ...offered[index].entries] },
            { batched: true },
          );
          alone.runTo(alone.world.endMicros);
          const { sent_bytes, latent_copies, wrong_copies, converge_micros } = measuresOf(alone.finish(), FROM);
          expect(run).toMatchObject({ sent_bytes, latent_copies, wrong_copies, ready_micros: converge_micros });
        });
      }),
      { numRuns: runs(6) },
    );
  }, 120_000);
});

describe('an algorithm that began before the moment', () => {
  /** n3 misses rows until 50 s; nothing of the database brings them. */
  function busy(given: Partial<typeof DYNAMO> = {}): Plan {
    const how = { ...DYNAMO, tick_micros: seconds(20), until_micros: seconds(600), ...given };
    return world([1, 2, 3, 4, 5, 6, 7], [missedBy('n3'), foreign(how, 25)], { settle_micros: seconds(60) });
  }
  const candidates = (...ids: string[]): Offered[] =>
    ids.map((id) => ({ id, about: '', commands: [], entries: [], keepsSchedule: id !== 'nothing' }));
  const AT = seconds(52);

  it('ends where nothing is done, and is what waiting waits for', () => {
    const plan = busy();
    expect(algorithmsAt(plan, AT)).toEqual(['repairs.x']);
    const offered = candidates('nothing', 'wait');
    const [nothing, wait] = runsOf({ plan, offered, fromMicros: AT, clientsUntilMicros: 0, future: '1' });
    expect(nothing).toMatchObject({ latent_copies: 7, ready_micros: null, sent_bytes: 0 });
    expect(wait).toMatchObject({ latent_copies: 0 });
    expect(wait.sent_bytes).toBeGreaterThanOrEqual(700);
  });

  it('goes on in a candidate as it does in the plan', () => {
    const plan = busy();
    const simulation = new Simulation(plan, { batched: true });
    simulation.runTo(simulation.world.endMicros);
    const alone = simulation.finish();
    const [wait] = runsOf({ plan, offered: candidates('wait'), fromMicros: AT, clientsUntilMicros: 0, future: '1' });
    const { read_bytes, sent_bytes, latent_copies, converge_micros } = measuresOf(alone, AT);
    expect(wait).toMatchObject({ latent_copies, ready_micros: converge_micros });
    // What it cost before the moment is nobody's: there was nothing to send then.
    expect(wait).toMatchObject({ sent_bytes });
    expect(wait.read_bytes).toBeLessThanOrEqual(read_bytes);
  });

  it('goes on for as long as is looked ahead, where nothing ends it before the plan does', () => {
    const untilOf = ({ entries }: Plan): number[] =>
      entries.flatMap((entry) => (entry.kind === 'repair' ? [entry.algorithm?.until_micros ?? 0] : []));
    const ahead = { fromMicros: AT, clientsUntilMicros: seconds(900), seed: '1' };
    expect(untilOf(futurePlan(busy(), ahead))).toEqual([seconds(900)]);
    expect(untilOf(futurePlan(busy({ until_micros: seconds(300) }), ahead))).toEqual([seconds(300)]);
    expect(algorithmsAt(busy({ until_micros: seconds(40) }), AT)).toEqual([]);
    // It looks for the first time after the end of the plan.
    const late = busy({ tick_micros: seconds(1700) });
    const job = { plan: late, offered: candidates('wait'), fromMicros: AT, future: '1' };
    expect(runsOf({ ...job, clientsUntilMicros: 0 })[0].latent_copies).toBe(7);
    expect(runsOf({ ...job, clientsUntilMicros: seconds(3600) })[0].latent_copies).toBe(0);
  });

  it('is offered as what the plan has', () => {
    const reader = { compose: () => ({ why: 'no' }), read: () => ({ why: 'no' }) };
    const options = {
      atMicros: AT,
      moment: null,
      aheadMicros: null,
      futures: ['1'],
      only: ['nothing', 'wait'],
      reader,
    };
    const offeredTo = (plan: Plan): string[] => {
      const situation = situationOf(plan, momentAsked(plan, AT).until, null);
      return prepareAdvice(plan, situation, options).offered.map(({ id }) => id);
    };
    expect(offeredTo(busy())).toEqual(['nothing', 'wait']);
    expect(offeredTo(busy({ until_micros: seconds(40) }))).toEqual(['nothing']);
  });
});

const rated = (id: string, given: Partial<Rated['figures']>): Rated => ({
  id,
  figures: {
    ...{ latent_copies: 0, wrong_copies: 0, wrong_row_hours: 100, ready_micros: 10, read_bytes: 0, sent_bytes: 0 },
    ...{ failed: 0, running: 0 },
    ...given,
  },
});
const CALM = { fromMicros: 1000, amissCopies: 5000, deadlines: [] };

describe('the rule', () => {
  it.each([
    ['a repair that failed', [rated('a', { failed: 1 }), rated('b', { sent_bytes: 9 })], 'b'],
    ['one that had not ended', [rated('a', { running: 1 }), rated('b', { sent_bytes: 9 })], 'b'],
    ['one that leaves more', [rated('a', { latent_copies: 6 }), rated('b', { sent_bytes: 9 })], 'b'],
    ['a few more copies are the same', [rated('a', { wrong_copies: 5 }), rated('b', { sent_bytes: 9 })], 'a'],
    ['more wrong row-hours', [rated('a', { wrong_row_hours: 111 }), rated('b', { sent_bytes: 9 })], 'b'],
    ['a few more hours are the same', [rated('a', { wrong_row_hours: 110 }), rated('b', { sent_bytes: 9 })], 'a'],
    ['reading counts as sending does', [rated('a', { read_bytes: 10 }), rated('b', { sent_bytes: 9 })], 'b'],
    ['of equal ones the first', [rated('a', {}), rated('b', {})], 'a'],
    ['hardly more bytes are the same', [rated('a', { sent_bytes: 109 }), rated('b', { sent_bytes: 100 })], 'a'],
    [
      'where all failed, the least bad',
      [rated('a', { failed: 1, wrong_row_hours: 200 }), rated('b', { failed: 1 })],
      'b',
    ],
  ])('%s', (_what, candidates, advised) => {
    expect(choose(candidates, CALM)?.id).toBe(advised);
  });

  it('keeps to the first deadline, where any candidate does', () => {
    const candidates = [rated('slow', { ready_micros: 600 }), rated('fast', { ready_micros: 400, sent_bytes: 1e9 })];
    const deadlines = [2000, 1500].map((at) => ({ kind: 'repair' as const, table: 'ks.t', at_micros: at, rows: 1 }));
    expect(choose(candidates, CALM)?.id).toBe('slow');
    expect(choose(candidates, { ...CALM, deadlines })).toMatchObject({ id: 'fast', in_time: ['fast'] });
    expect(choose([candidates[0]], { ...CALM, deadlines })).toMatchObject({ id: 'slow', in_time: [] });
    expect(choose([], CALM)).toBeNull();
  });

  it('lets four candidates into the other futures, the chosen one among them', () => {
    const hours = [900, 500, 100, 300, 109, 200];
    const candidates = hours.map((wrong_row_hours, index) =>
      rated(`c${index}`, { wrong_row_hours, sent_bytes: 500 - 100 * index }),
    );
    expect(choose(candidates, CALM)?.id).toBe('c4');
    expect(contenders(candidates, CALM)).toEqual(['c2', 'c3', 'c4', 'c5']);
    expect(contenders([...candidates, rated('bad', { latent_copies: 5000, wrong_row_hours: 1 })], CALM)).not.toContain(
      'bad',
    );
  });

  it('a mean is of all futures; ready is the latest, and never is never', () => {
    const run = (wrong_copies: number, ready_micros: number | null): FutureRun => ({
      ...rated('x', { wrong_copies, ready_micros }).figures,
      ...{ future: '1', divergent_row_hours: 0, zombie_copies: 0, lost_acknowledged: 0, read_p99_micros: null },
    });
    expect(meansOf([run(2, 5), run(4, 9)])).toMatchObject({ wrong_copies: 3, ready_micros: 9, read_p99_micros: null });
    expect(meansOf([run(2, 5), run(4, null)]).ready_micros).toBeNull();
  });
});
