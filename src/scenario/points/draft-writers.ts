/** Workloads that write points: which series, how often, in what requests, through which nodes. */
import { inRange } from '../draft-tables.ts';
import { MAX_WRITES, checkWindow } from '../draft-workload.ts';
import { addUnknown, addUnknownNode, complete, nodeNamed } from '../drafting.ts';
import type { Drafting } from '../drafting.ts';
import type { PointRules } from '../dialect-rules.ts';
import type { Path } from '../places.ts';
import type { PlanPoints, PointLevel } from '../plan.ts';
import type { ScenarioPoints } from '../schema/scenario.ts';
import { findPolicy } from './policies.ts';
import type { Policy } from './policies.ts';
import { commonSeries, haveSameMoments, writeSameSeries } from './same-series.ts';
import { durationText } from '../units.ts';
import { DEFAULT_BATCH, pointsOf } from '../../base/point-count.ts';

/** A writer's number is 4 bits in the address of what it draws. */
const MAX_WRITERS = 16;
const MAX_SERIES = 10_000_000;
const MAX_BATCH = 1_000_000;
const DEFAULT_BYTES = 50;
const DEFAULT_ATTEMPTS = 3;
/** What an attempt draws has 6 bits of its address for it, and other messages have the last ones. */
const MAX_ATTEMPTS = 60;

export interface DraftedWriter {
  writer: PlanPoints;
  bytesPerPoint: number;
}

export function draftWriters(
  drafting: Drafting,
  rules: PointRules,
  policies: ReadonlyMap<string, Policy>,
): Map<string, DraftedWriter> {
  const { scenario, list } = drafting;
  const writers = new Map<string, DraftedWriter>();
  let points = 0;
  for (const [id, workload] of Object.entries(scenario.workload ?? {})) {
    const path = ['workload', id];
    if ('table' in workload) {
      list.add([...path, 'table'], {
        code: 'S119',
        message: 'this database has no tables: a workload writes into a retention policy',
        expected: 'into: database.policy, with rate, series, batch',
        part: 'key',
      });
      continue;
    }
    const drafted = draftWriter(drafting, { id, workload, path }, { rules, policies });
    if (drafted === null) continue;
    checkSeries(drafting, writers, drafted.writer, path);
    writers.set(id, drafted);
    points += pointsOf(drafted.writer);
    if (points > MAX_WRITES) {
      const message = `about ${points} points up to this workload`;
      const expected = `at most ${MAX_WRITES} points in a run: a shorter duration, or a lower rate`;
      list.add([...path, 'rate'], { code: 'S150', message, expected });
      points = -Infinity;
    }
  }
  if (writers.size > MAX_WRITERS)
    list.add(['workload'], {
      code: 'S117',
      message: `${writers.size} workloads write points`,
      expected: `at most ${MAX_WRITERS}`,
    });
  return writers;
}

interface Input {
  id: string;
  workload: ScenarioPoints;
  path: Path;
}

function draftWriter(
  drafting: Drafting,
  { id, workload, path }: Input,
  { rules, policies }: { rules: PointRules; policies: ReadonlyMap<string, Policy> },
): DraftedWriter | null {
  const { assumptions } = drafting;
  const { series, batch = DEFAULT_BATCH, bytes_per_point: bytes = DEFAULT_BYTES } = workload;
  if (workload.batch === undefined) assumptions.push(`batch of ${id} not given: ${DEFAULT_BATCH} points in a request`);
  if (workload.bytes_per_point === undefined)
    assumptions.push(`bytes_per_point of ${id} not given: ${DEFAULT_BYTES} bytes`);
  const window = complete({
    from: drafting.times.edge('workload', id, 'start'),
    until: drafting.times.edge('workload', id, 'end'),
  });
  const parts = complete({
    policy: findPolicy(drafting, policies, { into: workload.into, path: [...path, 'into'] }),
    level: levelOf(drafting, rules, { id, workload, path }),
    seriesKey: seriesKeyOf(drafting, workload, path),
    through: throughOf(drafting, workload, path),
    interval: intervalOf(drafting, workload, path),
  });
  const sized =
    inRange(drafting, [...path, 'series'], series, [1, MAX_SERIES]) &&
    inRange(drafting, [...path, 'batch'], batch, [1, MAX_BATCH]) &&
    inRange(drafting, [...path, 'bytes_per_point'], bytes, [1, 1_000_000]);
  const retry = retryOf(drafting, { id, workload, path });
  if (window === null || !checkWindow(drafting, window, path) || parts === null || !sized) return null;
  const writer: PlanPoints = {
    ...{ policy: parts.policy.id, series_key: parts.seriesKey, series, interval_micros: parts.interval, batch },
    ...{ from_micros: window.from, until_micros: window.until, consistency: parts.level },
    ...valuesOf(drafting, workload, path),
    ...shiftedOf(drafting, { id, workload, path }, parts.interval),
    ...repeatOf(drafting, { workload, path }, window),
    ...(parts.through === '' ? {} : { through: parts.through }),
    retry,
    ...(workload.value === undefined ? {} : { value: workload.value }),
  };
  return { writer, bytesPerPoint: bytes };
}

/** From one point of a series to its next: `rate` is of all series together. */
function intervalOf({ list }: Drafting, { rate, series }: ScenarioPoints, path: Path): number | null {
  const micros = rate === 0 ? 0 : Math.round((series * 1e6) / rate);
  if (micros >= 1) return micros;
  list.add([...path, 'rate'], {
    code: 'S117',
    message: rate === 0 ? 'a rate of 0 writes nothing' : 'each series would have more than a point a microsecond',
    expected: 'a rate above 0, of all series together',
  });
  return null;
}

function levelOf(
  { list, assumptions }: Drafting,
  { levels }: PointRules,
  { id, workload: { consistency }, path }: Input,
): PointLevel | null {
  if (consistency === undefined) {
    assumptions.push(`consistency of workload.${id} not given: one`);
    return 'one';
  }
  const level = levels.find((name) => name === consistency);
  if (level !== undefined) return level;
  const at = [...path, 'consistency'];
  addUnknown(list, at, { code: 'S112', kind: 'consistency level', name: consistency, names: levels });
  return null;
}

/** Measurement and tags in the order of their names, as line protocol has them. */
function seriesKeyOf({ list }: Drafting, workload: ScenarioPoints, path: Path): string | null {
  const { measurement = 'cpu', tag = 'host=web-{n}', series } = workload;
  const refuse = (key: string, message: string, expected: string): null => {
    list.add([...path, key], { code: 'S118', message, expected });
    return null;
  };
  if (!/^[^\s,=]+$/.test(measurement))
    return refuse('measurement', `"${measurement}" is not a measurement`, 'a name without blanks, commas and =');
  const tags = tag.split(',');
  if (!tags.every((each) => /^[^\s=]+=[^\s=]+$/.test(each)))
    return refuse('tag', `"${tag}" is not a tag`, 'name=value, such as host=web-{n}; several with commas between');
  if (series > 1 && !tag.includes('{n}'))
    return refuse('tag', `all ${series} series would be the same`, 'a tag with {n}, the number of the series');
  return [measurement, ...tags.sort((left, right) => (left < right ? -1 : left > right ? 1 : 0))].join(',');
}

function valuesOf({ list }: Drafting, { values }: ScenarioPoints, path: Path): Pick<PlanPoints, 'values'> {
  if (values === undefined) return {};
  if (values[0] > values[1])
    list.add([...path, 'values'], {
      code: 'S117',
      message: 'the least value lies above the most',
      expected: '[least, most]',
    });
  return { values };
}

/** The last series are late, the first ones ahead, by whole intervals. */
function shiftedOf(
  drafting: Drafting,
  { id, workload: { late, future, series }, path }: Input,
  interval: number,
): Pick<PlanPoints, 'shifted'> {
  const { list, assumptions } = drafting;
  const counts = [late, future].map((given) => (given === undefined ? 0 : Math.round(given.share * series)));
  if (counts[0] + counts[1] > series)
    list.add([...path, 'future', 'share'], { code: 'S210', message: 'more series are late and ahead than there are' });
  const shifted = [late, future].flatMap((given, index) => {
    const key = index === 0 ? 'late' : 'future';
    const steps = given === undefined ? 0 : Math.round(given.by / interval);
    if (given === undefined) return [];
    if (counts[index] === 0 || steps === 0) {
      const expected =
        'a share that is at least one series, and at least the time from one point of a series to its next';
      list.add([...path, key], { code: 'S210', message: `no point is ${key}`, expected, part: 'key' });
      return [];
    }
    const whole = steps * interval;
    const [from, to] = index === 0 ? [series - counts[0], series] : [0, counts[1]];
    assumptions.push(`${key} of ${id}: all points of ${to - from} of its series, by ${durationText(whole)}`);
    return [{ from, to, by_micros: index === 0 ? -whole : whole }];
  });
  shifted.sort((left, right) => left.from - right.from);
  return shifted.length === 0 ? {} : { shifted };
}

function repeatOf(
  { list, scenario }: Drafting,
  { workload: { repeat_after: after }, path }: Pick<Input, 'workload' | 'path'>,
  { from, until }: { from: number; until: number },
): Pick<PlanPoints, 'repeat_after_micros'> {
  if (after === undefined) return {};
  const most = scenario.duration - until;
  if (after < until - from || after > most)
    list.add([...path, 'repeat_after'], {
      code: 'S230',
      message: `what is sent from ${durationText(from)} to ${durationText(until)} cannot be sent again ${durationText(after)} later`,
      expected: `from ${durationText(until - from)}, the length of the window, to ${durationText(most)}, the end of the run`,
    });
  return { repeat_after_micros: after };
}

/** '' for a balancer, null after a mistake. */
function throughOf({ nodes, list }: Drafting, { through }: ScenarioPoints, path: Path): string | null {
  if (through === undefined || through === null) return '';
  const id = nodeNamed(nodes, through);
  if (id === null && nodes.length > 0)
    addUnknownNode(list, nodes, { name: through, path: [...path, 'through', 'node'] });
  return id;
}

function retryOf(drafting: Drafting, { id, workload, path }: Input): PlanPoints['retry'] {
  const { retry_on: on, retry_attempts: attempts } = workload;
  if (on === undefined || on.length === 0) {
    if (attempts !== undefined)
      drafting.list.add([...path, 'retry_attempts'], {
        code: 'S119',
        message: 'nothing is said of what the client tries again',
        expected: 'retry_on: [timeout, error] beside it',
        part: 'key',
      });
    return null;
  }
  if (attempts === undefined)
    drafting.assumptions.push(`retry_attempts of ${id} not given: a request is tried again ${DEFAULT_ATTEMPTS} times`);
  inRange(drafting, [...path, 'retry_attempts'], attempts ?? DEFAULT_ATTEMPTS, [1, MAX_ATTEMPTS]);
  const times = attempts ?? DEFAULT_ATTEMPTS;
  return { attempts: times, on_timeout: on.includes('timeout'), on_error: on.includes('error') };
}

/** Two workloads may write the same series: then the same points. */
function checkSeries(
  { list, assumptions }: Drafting,
  writers: ReadonlyMap<string, DraftedWriter>,
  own: PlanPoints,
  path: Path,
): void {
  for (const [other, { writer }] of writers) {
    const common = commonSeries(writer, own);
    if (common !== null)
      list.add(path, {
        code: 'S118',
        message: `workload ${other} writes the series ${common} into ${own.policy} too`,
        expected: 'the same measurement and tag as there, or none of its series',
        part: 'key',
      });
    if (!writeSameSeries(writer, own)) continue;
    if (haveSameMoments(writer, own)) {
      assumptions.push(`${path[1]} writes the same points as ${other}: of two values the one that arrives last stays`);
      continue;
    }
    list.add(path, {
      code: 'S118',
      message: `workload ${other} writes the series ${own.series_key} into ${own.policy} too, at other moments`,
      expected: `series ${writer.series}, a rate that gives each a point every ${durationText(writer.interval_micros)}, and a begin that is whole such intervals away from ${durationText(writer.from_micros)}: then both write the same points; or another measurement or tag`,
      part: 'key',
    });
  }
}
