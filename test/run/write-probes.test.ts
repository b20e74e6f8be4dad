/** Probes of writes: the twin laws hold with them, they agree with a calculation of their own, and they disturb nothing. */
import { describe, expect, it } from 'vitest';
import type { StalenessResult, VisibilityResult } from '../../src/observe/result.ts';
import { run } from '../../src/run/run.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { ConsistencyLevel, Plan, PlanDistribution, PlanEntry, PlanProbe } from '../../src/scenario/plan.ts';
import { constantLinks, plainPlan, plainTable, plainWorkload, seconds } from './plain-plan.ts';
import { firstDifference, runLogged } from './twins.ts';

const MS = 1000;
const TIMES = [0, MS, 5 * MS, 20 * MS];
/** Longer than `CRASH` lasts. */
const LATER = 2500 * MS;
/** Exponential, with two ways alike: what a write needs on average 2 ms for. */
const LEG: PlanDistribution = { kind: 'exponential', offset: 0, mean: MS };
const LATE: PlanDistribution = { kind: 'exponential', offset: 0, mean: 8 * MS };
const LINKS = { write: LATE, ack: LEG, read: LEG, response: LEG };

function visibility(consistency: ConsistencyLevel, share = 1): PlanProbe {
  return { kind: 't-visibility', workload: 'w', consistency, times_micros: TIMES, share };
}

function staleness(consistency: ConsistencyLevel, versions = 4): PlanProbe & { kind: 'k-staleness' } {
  return { kind: 'k-staleness', workload: 'w', consistency, after_micros: 0, versions, share: 1 };
}

function planOf({ probes, keys = 5000, level = 'ONE', ...given }: Given): Plan {
  return plainPlan({
    duration_micros: seconds(10),
    links: { ...constantLinks(MS), local: LINKS, rack: LINKS, dc: LINKS },
    tables: [plainTable({ partitions: keys })],
    workload: {
      w: plainWorkload({
        arrivals: { kind: 'poisson', per_second: 500 },
        until_micros: seconds(10),
        keys: { kind: 'sequential', from: 0, to: keys },
        consistency: level,
      }),
    },
    probes,
    ...given,
  });
}

type Given = Partial<Plan> & { probes: Record<string, PlanProbe>; keys?: number; level?: ConsistencyLevel };

function visibilityOf(plan: Plan, id = 'p'): VisibilityResult {
  return run(plan).result.probes[id] as VisibilityResult;
}

function stalenessOf(plan: Plan, id = 'p'): StalenessResult {
  return run(plan).result.probes[id] as StalenessResult;
}

const CRASH: PlanEntry & { kind: 'crashNode' } = {
  id: 'faults.away',
  at_micros: seconds(3),
  kind: 'crashNode',
  nodes: ['n2'],
  mode: 'process',
  for_micros: seconds(2),
};

describe('the twin laws hold with probes', () => {
  const probes = { a: visibility('ONE'), b: visibility('QUORUM', 0.5), c: staleness('ONE') };
  const plain = planOf({ probes, keys: 40 });
  const troubled = { ...plain, entries: [CRASH] };

  it.each([
    ['where nothing fails', plain],
    ['where a node is away', troubled],
  ])('batched = event by event, %s', (_name, plan) => {
    const [batched, events] = [runLogged(plan, true), runLogged(plan, false)];
    expect(firstDifference(batched.lines, events.lines)).toBeNull();
    expect(batched.output.result).toEqual(events.output.result);
    expect(batched.lines.some((line) => line.includes('readStarted'))).toBe(true);
  });

  it('saved and restored = straight', () => {
    const straight = run(troubled).result;
    const first = new Simulation(troubled, { batched: true });
    first.runTo(seconds(3) + 700);
    const second = new Simulation(troubled, { batched: true });
    second.load(first.save());
    second.runTo(second.world.endMicros);
    first.runTo(first.world.endMicros);
    expect(second.finish().result).toEqual(straight);
    expect(first.finish().result).toEqual(straight);
  });

  it('what a workload without probes writes is as it was', () => {
    const other = plainWorkload({ arrivals: { kind: 'poisson', per_second: 100 }, until_micros: seconds(10) });
    const applied = (plan: Plan): string[] =>
      runLogged(plan, true).lines.filter((line) => / (issued|applied|answered) /.test(line));
    const quiet = { ...plain, workload: { ...plain.workload, x: other }, probes: {} };
    expect(applied({ ...quiet, probes })).toEqual(applied(quiet));
  });
});

/** Numbers of its own, so that the calculation owes nothing to what it judges. */
class Chance {
  #state = 0x2545f491;

  unit(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    const high = this.#state >>> 5;
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return (high * 67_108_864 + (this.#state >>> 6)) / 9_007_199_254_740_992;
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.unit());
  }
}

/** Bailis et al., section 4: when the first `reads` answers include a replica that has the write. */
function calculated(writes: number, reads: number, rounds: number) {
  const chance = new Chance();
  const thresholds: number[] = [];
  const latencies: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const legs = Array.from({ length: 3 }, () => {
      const way = chance.exponential(8 * MS);
      const asked = chance.exponential(MS);
      return { way, acked: way + chance.exponential(MS), asked, answered: asked + chance.exponential(MS) };
    });
    const acked = legs.map(({ acked: at }) => at).sort((left, right) => left - right)[writes - 1];
    const first = [...legs].sort((left, right) => left.answered - right.answered).slice(0, reads);
    thresholds.push(Math.min(...first.map(({ way, asked }) => way - asked)) - acked);
    latencies.push(first[reads - 1].answered);
  }
  const share = (micros: number): number => thresholds.filter((at) => at <= micros).length / rounds;
  const p999 = (all: number[]): number => all.sort((left, right) => left - right)[Math.ceil(rounds * 0.999) - 1];
  return { shares: TIMES.map(share), visible: Math.max(0, p999(thresholds)), latency: p999(latencies) };
}

describe('t-visibility', () => {
  const LEVELS = ['ONE', 'TWO', 'ALL'] as const;

  it.each([
    [1, 1],
    [1, 2],
    [2, 1],
    [2, 2],
    [3, 1],
  ])('with W = %i and R = %i is what a calculation gives', (writes, reads) => {
    const plan = planOf({ probes: { p: visibility(LEVELS[reads - 1]) }, level: LEVELS[writes - 1] });
    const found = visibilityOf(plan);
    const { shares, visible, latency } = calculated(writes, reads, 100_000);
    expect(found.samples).toBeGreaterThan(4500);
    expect(found.failed_reads).toBe(0);
    // Four standard deviations of 5 000 samples; of the 99.9th percentile the largest five lie beyond it.
    found.current.forEach(({ share }, index) => expect(Math.abs((share ?? NaN) - shares[index])).toBeLessThan(0.03));
    expect(Math.abs((found.t_visible_p999_micros ?? NaN) - visible)).toBeLessThanOrEqual(0.35 * visible);
    expect(Math.abs((found.read_latency_micros?.p999 ?? NaN) / latency - 1)).toBeLessThan(0.3);
    expect(found.current.map(({ t_micros }) => t_micros)).toEqual(TIMES);
  });

  it('of quorums that meet is certain at once', () => {
    const { current, t_visible_p999_micros: at } = visibilityOf(
      planOf({ probes: { p: visibility('TWO') }, level: 'TWO' }),
    );
    expect(current.map(({ share }) => share)).toEqual([1, 1, 1, 1]);
    expect(at).toBe(0);
  });

  it('grows with time, and with the number of answers', () => {
    const { probes } = run(planOf({ probes: { one: visibility('ONE'), two: visibility('TWO') } })).result;
    const [one, two] = ['one', 'two'].map((id) =>
      (probes[id] as VisibilityResult).current.map(({ share }) => share ?? 0),
    );
    one.forEach((share, index) => expect(share).toBeLessThan(two[index]));
    expect([...one].sort((left, right) => left - right)).toEqual(one);
  });

  it('samples the share that it is told, and the latency of writes as clients had it', () => {
    const { probes, writes } = run(planOf({ probes: { p: visibility('ONE', 0.2) } })).result;
    const { samples, write_latency_micros: latency } = probes['p'] as VisibilityResult;
    expect(samples / writes.acknowledged).toBeCloseTo(0.2, 1);
    expect(latency?.p50).toBeGreaterThan(MS);
    expect(latency?.p999).toBeGreaterThan(latency?.p50 ?? NaN);
  });

  it('leaves no trace on the copies: it repairs nothing', () => {
    const { rules_exercised: rules } = run(planOf({ probes: { p: visibility('ALL') } })).result;
    expect(rules.filter((rule) => rule.includes('read-repair'))).toEqual([]);
    const lines = runLogged(planOf({ probes: { p: visibility('ALL') } }), true).lines;
    expect(lines.filter((line) => /digestMismatched|readRepairSent/.test(line))).toEqual([]);
  });
});

describe('k-staleness', () => {
  it('of quorums that meet is 1 at once', () => {
    const { within } = stalenessOf(planOf({ probes: { p: staleness('TWO') }, level: 'TWO', keys: 3 }));
    expect(within.map(({ share }) => share)).toEqual([1, 1, 1, 1]);
  });

  it('rises with k where they do not', () => {
    const { within, reads } = stalenessOf(planOf({ probes: { p: staleness('ONE', 8) }, keys: 1 }));
    const shares = within.map(({ share }) => share ?? 0);
    expect(reads).toBeGreaterThan(4000);
    expect(shares[0]).toBeLessThan(0.8);
    expect(shares[1]).toBeGreaterThan(shares[0]);
    expect(shares[7]).toBeGreaterThan(0.99);
  });

  it('counts what a node that was away has not got', () => {
    const late: PlanProbe = { ...staleness('ONE', 1), after_micros: LATER };
    const plan = planOf({ probes: { p: late } });
    const { within, reads } = stalenessOf({ ...plan, entries: [CRASH] });
    expect(stalenessOf(plan).within).toMatchObject([{ share: 1 }]);
    expect(reads).toBeGreaterThan(4000);
    // A fifth of the writes missed it, and it answers first in a third of their reads, before its hints have come. Four
    // standard deviations are 0.014.
    expect(Math.abs(1 - (within[0].share ?? NaN) - 1 / 15)).toBeLessThan(0.014);
  });

  it('of rows written once is the t-visibility at that time', () => {
    const plan = planOf({ probes: { k: staleness('ONE', 1), t: visibility('ONE') } });
    const { probes } = run(plan).result;
    const current = (probes['t'] as VisibilityResult).current[0].share ?? NaN;
    expect(Math.abs(((probes['k'] as StalenessResult).within[0].share ?? NaN) - current)).toBeLessThan(0.03);
  });
});
