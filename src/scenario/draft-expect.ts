/**
 * Expectations: what is measured, within which window, against which bounds. Refuses what could never fail or never
 * hold: a green line must mean something.
 */
import { RECORD, RECORD_NAMES } from '../data/records.ts';
import { boundsOf } from './expect-bounds.ts';
import type { MetricFacts } from './expect-bounds.ts';
import { checkSense, rangeOf } from './expect-sense.ts';
import { draftSeeds } from './expect-seeds.ts';
import { draftWhere } from './expect-where.ts';
import { addUnknown } from './drafting.ts';
import { otherFile } from './file-path.ts';
import type { Drafting } from './drafting.ts';
import type { Path } from './places.ts';
import type { PlanExpectation } from './plan.ts';
import type { ScenarioExpectation } from './schema/scenario.ts';
import type { TimeExpression } from './time-text.ts';
import { durationText } from './units.ts';

export interface ExpectOptions {
  /** Null: names are not checked. */
  metrics: readonly MetricFacts[] | null;
  laws: readonly string[] | null;
}

export function draftExpectations(drafting: Drafting, options: ExpectOptions): Record<string, PlanExpectation> {
  const expectations: Record<string, PlanExpectation> = {};
  for (const [id, expectation] of Object.entries(drafting.scenario.expect ?? {})) {
    const drafted = draftExpectation(drafting, { expectation, path: ['expect', id] }, options);
    if (drafted !== null) expectations[id] = drafted;
  }
  return expectations;
}

interface Input<E extends ScenarioExpectation = ScenarioExpectation> {
  expectation: E;
  path: Path;
}

function draftExpectation(drafting: Drafting, input: Input, options: ExpectOptions): PlanExpectation | null {
  const { expectation, path } = input;
  const window = draftWindow(drafting, input);
  const place = drafting.list.places.at(path, 'key');
  const over = draftSeeds(drafting, { expectation, path });
  if (window === null || over === null) return null;
  const blank: PlanExpectation = {
    check: expectation.check,
    metric: null,
    where: {},
    bounds: {},
    at_micros: null,
    within_micros: null,
    events: [],
    law: null,
    ...window,
    ...over,
    line: place.line,
    column: place.column,
    ...otherFile(drafting.list.places.file, place),
  };
  if (expectation.check === 'order') return draftOrder(drafting, { expectation, path }, { blank, options });
  if (expectation.check === 'always' && expectation.law !== undefined)
    return draftLaw(drafting, { expectation, path }, { blank, options });
  return draftMeasured(drafting, { expectation, path }, { blank, options });
}

type Measured = Exclude<ScenarioExpectation, { check: 'order' }>;
interface Frame {
  blank: PlanExpectation;
  options: ExpectOptions;
}

function draftMeasured(
  drafting: Drafting,
  { expectation, path }: Input<Measured>,
  { blank, options }: Frame,
): PlanExpectation | null {
  const { list } = drafting;
  if (expectation.metric === undefined) {
    list.add(path, {
      code: 'S111',
      message: 'missing key "metric" in an expectation of type always',
      expected: 'metric: a metric, or law: a named law',
    });
    return null;
  }
  const metric = findMetric(drafting, { name: expectation.metric, path: [...path, 'metric'] }, options);
  const where = draftWhere(drafting, { where: expectation.where ?? {}, metric, path: [...path, 'where'] });
  const bounds = metric === null ? null : boundsOf(drafting, { expectation, metric, path });
  if (metric === null || where === null || bounds === null) return null;
  const within = expectation.check === 'eventually' ? deadline(drafting, { expectation, path }, blank) : null;
  if (within === undefined || !isSound(drafting, { check: expectation.check, bounds, metric, path })) return null;
  return {
    ...blank,
    metric: metric.name,
    where,
    bounds,
    within_micros: within,
    at_micros: expectation.check === 'at' ? blank.from_micros : null,
  };
}

/** Whatever the scenario: are there values of the metric that break the bounds, and some that meet them? */
function isSound(
  { list }: Drafting,
  { check, bounds, metric, path }: Pick<PlanExpectation, 'check' | 'bounds'> & { metric: MetricFacts; path: Path },
): boolean {
  const finding = checkSense({ check, bounds }, rangeOf(metric));
  if (finding !== null) list.add([...path, finding.bound], finding.says);
  return finding === null;
}

function findMetric(
  { list }: Drafting,
  { name, path }: { name: string; path: Path },
  { metrics }: ExpectOptions,
): MetricFacts | null {
  const metric = metrics === null ? { name } : metrics.find((each) => each.name === name);
  if (metric === undefined)
    addUnknown(list, path, { code: 'S145', kind: 'metric', name, names: (metrics ?? []).map((each) => each.name) });
  return metric ?? null;
}

/** µs after the window's start; undefined after a mistake. */
function deadline(
  { list, times }: Drafting,
  { expectation, path }: Input<Measured>,
  { from_micros: from }: PlanExpectation,
): number | null | undefined {
  const { within } = expectation;
  if (within === undefined || 'share' in within) return null;
  if (within.micros === 0) {
    list.add([...path, 'within'], {
      code: 'S141',
      message: 'a deadline of 0 leaves no time',
      expected: 'a duration above 0',
    });
    return undefined;
  }
  if (from + within.micros > times.endMicros)
    list.warn([...path, 'within'], {
      code: 'S206',
      message: 'the deadline lies after the end of the run; it is judged there',
      expected: `at most ${durationText(times.endMicros - from)}`,
    });
  return within.micros;
}

interface Window {
  from_micros: number;
  to_micros: number;
}

/** Null after a mistake. */
function draftWindow(drafting: Drafting, { expectation, path }: Input): Window | null {
  if (expectation.check === 'at') return draftMoment(drafting, expectation.at, [...path, 'at']);
  const { during, from, until, after } = expectation;
  const starts = Object.entries({ during: during?.from, from, after }).filter(([, time]) => time !== undefined);
  if (starts.length > 1 || (during !== undefined && until !== undefined)) {
    drafting.list.add(path, {
      code: 'S119',
      message: 'during, from and after exclude each other, and during excludes until',
      expected: 'one of during, from, after',
    });
    return null;
  }
  const [startKey, startTime] = starts[0] ?? ['from', undefined];
  const [endKey, endTime] = until === undefined ? ([startKey, during?.to] as const) : (['until', until] as const);
  const start = startTime === undefined ? 0 : drafting.times.resolve(startTime, [...path, startKey]);
  const end = endTime === undefined ? drafting.times.endMicros : drafting.times.resolve(endTime, [...path, endKey]);
  return start === null || end === null
    ? null
    : checkWindow(drafting, { from: start, to: end, path: [...path, endKey] });
}

function draftMoment({ times, list }: Drafting, time: TimeExpression, path: Path): Window | null {
  const at = times.resolve(time, path);
  if (at === null) return null;
  if (at <= times.endMicros) return { from_micros: at, to_micros: at };
  list.add(path, {
    code: 'S141',
    message: 'the moment lies after the end of the run',
    expected: `at most ${durationText(times.endMicros)}`,
  });
  return null;
}

function checkWindow(
  { list, times }: Drafting,
  { from, to, path }: { from: number; to: number; path: Path },
): Window | null {
  const refuse = (message: string): null => {
    list.add(path, { code: 'S141', message, expected: `a window within 0 and ${durationText(times.endMicros)}` });
    return null;
  };
  if (from >= times.endMicros) return refuse('the window begins after the end of the run: it could never fail');
  if (to > times.endMicros) return refuse('the window ends after the end of the run');
  if (to === from) return refuse('the window has no length: it could never fail');
  return to < from ? refuse('the window ends before it begins') : { from_micros: from, to_micros: to };
}

function draftLaw(
  { list }: Drafting,
  { expectation, path }: Input<Measured>,
  { blank, options: { laws } }: Frame,
): PlanExpectation | null {
  const law = 'law' in expectation ? (expectation.law ?? '') : '';
  if (laws === null || laws.includes(law)) return { ...blank, law };
  addUnknown(list, [...path, 'law'], { code: 'S145', kind: 'law', name: law, names: laws });
  return null;
}

function draftOrder(
  drafting: Drafting,
  { expectation, path }: Input<Extract<ScenarioExpectation, { check: 'order' }>>,
  { blank, options }: Frame,
): PlanExpectation | null {
  const sound = expectation.events.map((event, index) =>
    isKnownEvent(drafting, { event, path: [...path, 'events', index] }, options),
  );
  return sound.every(Boolean) ? { ...blank, events: expectation.events } : null;
}

export const CONDITION = /^([a-z_]+)\s*[<>=]\s*\d[\d_]*(?:\.\d+)?\s*[kMGT]?$/;
/** Records of which the time line keeps the moments; those of each write and answer it does not. */
const EVENT_NAMES = RECORD_NAMES.filter((name, kind) => name !== undefined && kind >= RECORD.rejected);
const ENTRY = /^(faults|operations|repairs)\.([A-Za-z0-9-]+)(?:\.(?:start|end))?$/;

function isKnownEvent(
  drafting: Drafting,
  { event, path }: { event: string; path: Path },
  options: ExpectOptions,
): boolean {
  const condition = CONDITION.exec(event);
  if (condition !== null) return findMetric(drafting, { name: condition[1], path }, options) !== null;
  if (EVENT_NAMES.includes(event)) return true;
  const entry = ENTRY.exec(event);
  if (entry !== null && drafting.times.exists(entry[1], entry[2])) return true;
  const { faults = {}, operations = {}, repairs = {} } = drafting.scenario;
  const entries = [
    ...Object.keys(faults).map((id) => `faults.${id}`),
    ...Object.keys(operations).map((id) => `operations.${id}`),
    ...Object.keys(repairs).map((id) => `repairs.${id}`),
  ];
  addUnknown(drafting.list, path, {
    code: 'S145',
    kind: 'event',
    name: event,
    names: [...entries, ...EVENT_NAMES],
  });
  return false;
}
