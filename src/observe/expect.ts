/**
 * Judges a plan's expectations. Before the run `watchExpectations` puts a watch on each value that changes with time;
 * after it `judgeExpectations` gives three-valued verdicts: held, violated, or undecided where the metric never had a
 * value (the repair did not run, the window lies beyond the end). Over time, within the window from..to:
 *   at          the value at that moment, after everything that happened in its microsecond
 *   always      no instant at which the bounds were not met          never        no instant at which they were
 *   sometimes   an instant at which they were                        eventually   the same, before a deadline
 *   order       first moments of things, in the order given
 * A metric that is only known at the end (clients' answers, costs of repairs) is judged there, whatever the check.
 */
import { VirtualClock } from '../base/virtual-clock.ts';
import { formatDuration } from '../base/human.ts';
import type { Plan, PlanBounds, PlanExpectation } from '../scenario/plan.ts';
import { attentionFor } from './attention.ts';
import { namesEntry } from './counters-reader.ts';
import { finalValue } from './expect-final.ts';
import type { Measured } from './expect-final.ts';
import { judgeLaw } from './expect-laws.ts';
import { firstMoment, judgeOrder, parseOrderCondition } from './expect-order.ts';
import { describeExpectation, formatMetric } from './expect-text.ts';
import { Watch, meets } from './expect-watch.ts';
import type { Sighting } from './expect-watch.ts';
import { findMetric } from './metrics.ts';
import type { ExpectationVerdict } from './result.ts';
import type { Recorder } from './series.ts';
import type { Timeline } from './timeline.ts';

/** Watches by expectation; of one expectation by metric (its own) or by the text of a condition of order. */
export type ExpectationWatches = ReadonlyMap<string, ReadonlyMap<string, Watch>>;

/** Levels that fall with time where nothing happens. */
const RUNS_OUT: readonly string[] = ['resurrection_margin'];

/** What one check finds, before it is told with its sentence and place. */
interface Finding {
  verdict: ExpectationVerdict['verdict'];
  detail: string;
  measured: number | null;
  at_micros: number | null;
}

interface Case {
  expectation: PlanExpectation;
  watches: ReadonlyMap<string, Watch>;
  result: Measured;
  timeline: Timeline;
  clock: VirtualClock;
}

/** Before the run: follow every value that an expectation is about. */
export function watchExpectations(plan: Plan, recorder: Recorder): ExpectationWatches {
  const all = new Map<string, ReadonlyMap<string, Watch>>();
  for (const [id, expectation] of Object.entries(plan.expect)) {
    const watches = watchesOf(expectation, recorder);
    for (const watch of watches.values()) recorder.watch(watch);
    all.set(id, watches);
  }
  return all;
}

/** After the run. */
export function judgeExpectations(
  plan: Plan,
  options: { watches: ExpectationWatches; result: Measured; timeline: Timeline },
): Record<string, ExpectationVerdict> {
  const endMicros = plan.duration_micros + plan.settle_micros;
  const clock = new VirtualClock(plan.start, endMicros);
  const verdicts: Record<string, ExpectationVerdict> = {};
  for (const [id, expectation] of Object.entries(plan.expect)) {
    const watches = options.watches.get(id) ?? new Map<string, Watch>();
    const finding = find({ expectation, watches, result: options.result, timeline: options.timeline, clock });
    verdicts[id] = {
      verdict: finding.verdict,
      held: finding.verdict === 'held',
      expected: describeExpectation(expectation, clock, endMicros),
      detail: finding.detail,
      measured: finding.measured,
      at_micros: finding.at_micros,
      line: expectation.line,
      column: expectation.column,
      ...(expectation.file === undefined ? {} : { file: expectation.file }),
    };
  }
  return verdicts;
}

function watchesOf(expectation: PlanExpectation, recorder: Recorder): Map<string, Watch> {
  const watches = new Map<string, Watch>();
  const window = windowOf(expectation, recorder.endMicros);
  if (expectation.check === 'order') {
    for (const text of expectation.events) {
      const condition = parseOrderCondition(text);
      const read = condition === null ? null : recorder.reader(condition.metric, expectation.where);
      if (condition === null || read === null) continue;
      const attention = attentionFor(condition.metric, expectation.where);
      const runsOut = RUNS_OUT.includes(condition.metric);
      watches.set(text, new Watch(read, condition.bounds, { ...window, attention, runsOut }));
    }
  } else if (expectation.metric !== null) {
    const read = recorder.reader(expectation.metric, expectation.where);
    const attention = attentionFor(expectation.metric, expectation.where);
    const runsOut = RUNS_OUT.includes(expectation.metric);
    if (read !== null)
      watches.set(expectation.metric, new Watch(read, expectation.bounds, { ...window, attention, runsOut }));
  }
  return watches;
}

function windowOf(expectation: PlanExpectation, endMicros: number): { from: number; to: number } {
  const { check, at_micros, from_micros, to_micros, within_micros } = expectation;
  if (check === 'at') {
    const at = Math.min(at_micros ?? endMicros, endMicros);
    return { from: at, to: at };
  }
  const to =
    check === 'eventually' && within_micros !== null ? Math.min(to_micros, from_micros + within_micros) : to_micros;
  return { from: from_micros, to: Math.min(to, endMicros) };
}

function find(input: Case): Finding {
  const { expectation, watches } = input;
  if (expectation.law !== null) return findLaw(expectation.law, input.result);
  if (expectation.check === 'order') return findOrder(input);
  const metric = expectation.metric ?? '';
  if ((findMetric(metric)?.kind ?? 'final') === 'final') return findFinal(metric, input);
  const watch = watches.get(metric);
  if (watch === undefined || watch.seen.last === null) return undecided(`${metric} had no value in its window`);
  return findWatched(watch, input);
}

function findLaw(law: string, result: Measured): Finding {
  const finding = judgeLaw(law, result);
  if (finding === null) return undecided(`there is no law "${law}"`);
  if (!finding.applies) return undecided(finding.detail);
  return { verdict: finding.holds ? 'held' : 'violated', detail: finding.detail, measured: null, at_micros: null };
}

function findOrder({ expectation, watches, timeline, clock }: Case): Finding {
  const moments = expectation.events.map((text) => firstMoment(text, timeline, watches));
  const { holds, at } = judgeOrder(moments);
  const said = expectation.events.map((text, index) => {
    const moment = moments[index] ?? null;
    return moment === null ? `${text} never` : `${text} ${momentAmong(moment.micros, moments, clock)}`;
  });
  const micros = at < 0 ? null : (moments[at]?.micros ?? null);
  return { verdict: holds ? 'held' : 'violated', detail: said.join(', '), measured: null, at_micros: micros };
}

/** A moment, and what sets it apart from an earlier one that would read the same. */
function momentAmong(micros: number, moments: readonly ({ micros: number } | null)[], clock: VirtualClock): string {
  const text = clock.moment(micros);
  const alike = moments.flatMap((other) =>
    other !== null && clock.moment(other.micros) === text ? [other.micros] : [],
  );
  const after = micros - Math.min(micros, ...alike);
  return after === 0 ? text : `${text} + ${formatDuration(after)}`;
}

/** Known only at the end: one value, and `never` asks that it does not meet the bounds. */
function findFinal(metric: string, { expectation, result }: Case): Finding {
  const value = finalValue(metric, expectation.where, result);
  if (Number.isNaN(value)) return undecided(whyNoValue(metric, expectation.where.repair, result));
  const met = meets(value, expectation.bounds);
  const holds = expectation.check === 'never' ? !met : met;
  return {
    verdict: holds ? 'held' : 'violated',
    detail: `was ${measuredText(metric, value, expectation.bounds)}`,
    measured: value,
    at_micros: result.virtual_micros,
  };
}

/** A repair has no costs before it starts, and no duration before it ends. */
function whyNoValue(metric: string, repair: string | undefined, { repairs }: Measured): string {
  if (repair === undefined) return `${metric} had no value`;
  const hasStarted = Object.values(repairs).some(
    ({ id, outcome }) => outcome !== 'not_started' && namesEntry(repair, id),
  );
  return hasStarted ? `${repair} had not ended` : `${repair} did not run`;
}

function findWatched(watch: Watch, input: Case): Finding {
  switch (input.expectation.check) {
    case 'at':
      return findAt(watch, input);
    case 'always':
      return findThroughout(watch.seen.firstUnmet, watch, input);
    case 'never':
      return findThroughout(watch.seen.firstMet, watch, input);
    default:
      return findOnce(watch, input);
  }
}

function findAt(watch: Watch, input: Case): Finding {
  const last = watch.seen.last ?? { micros: 0, value: NaN };
  const holds = meets(last.value, input.expectation.bounds);
  const { metric, bounds } = input.expectation;
  const text = `${measuredText(metric, last.value, bounds)} at ${input.clock.moment(last.micros)}`;
  return finding(holds, `was ${text}`, last);
}

/** The value, to the last digit where it would read like the bound that it misses. */
function measuredText(metric: string | null, value: number, bounds: PlanBounds): string {
  const text = formatMetric(metric, value);
  const limits = Object.values(bounds)
    .flat()
    .filter((limit): limit is number => typeof limit === 'number');
  const isAlike = !meets(value, bounds) && limits.some((limit) => formatMetric(metric, limit) === text);
  return isAlike ? `${text} (${value})` : text;
}

/** always and never: broken by the first instant that says otherwise. */
function findThroughout(breach: Sighting | null, watch: Watch, input: Case): Finding {
  const worst = worstOf(watch, breach, input);
  if (breach === null) return finding(true, extremes(watch, input), worst);
  const more = worst.micros === breach.micros || worst.value === breach.value ? '' : `, worst ${say(worst, input)}`;
  return { ...finding(false, `broke ${say(breach, input)}${more}`, worst), at_micros: breach.micros };
}

/** sometimes and eventually: held by the first instant that says so. */
function findOnce(watch: Watch, input: Case): Finding {
  const met = watch.seen.firstMet;
  if (met === null)
    return finding(false, `never; ${extremes(watch, input)}`, watch.seen.last ?? { micros: 0, value: NaN });
  const after = input.expectation.check === 'eventually' ? `, after ${formatDuration(met.micros - watch.from)}` : '';
  return finding(true, `first ${say(met, input)}${after}`, met);
}

/** The extreme on the side that the bounds forbid: the highest for an upper bound, else the lowest; the breach where there is no side. */
function worstOf(watch: Watch, breach: Sighting | null, { expectation }: Case): Sighting {
  const { bounds, check } = expectation;
  const oneSided = bounds.above !== undefined || bounds.below !== undefined || bounds.is !== undefined;
  if (breach !== null && !oneSided) return breach;
  const upper = bounds.below !== undefined || bounds.is !== undefined;
  const wantsHighest = check === 'never' ? bounds.above !== undefined || !upper : upper;
  return (wantsHighest ? watch.seen.highest : watch.seen.lowest) ?? { micros: 0, value: NaN };
}

function extremes(watch: Watch, input: Case): string {
  const { lowest, highest } = watch.seen;
  if (lowest === null || highest === null) return 'no value';
  if (lowest.value === highest.value) return `always ${formatMetric(input.expectation.metric, lowest.value)}`;
  return `lowest ${say(lowest, input)}, highest ${say(highest, input)}`;
}

/** `36 700 000 at 06:51`. */
function say({ micros, value }: Sighting, { expectation, clock }: Case): string {
  return `${formatMetric(expectation.metric, value)} at ${clock.moment(micros)}`;
}

function finding(holds: boolean, detail: string, { value, micros }: Sighting): Finding {
  return {
    verdict: holds ? 'held' : 'violated',
    detail,
    measured: Number.isNaN(value) ? null : value,
    at_micros: micros,
  };
}

function undecided(detail: string): Finding {
  return { verdict: 'undecided', detail, measured: null, at_micros: null };
}
