/** The operator's indicators: dashboards, alerts on them, counts on each owner, sizes of shards. */
import { stepsIn } from '../../base/point-count.ts';
import { inRange } from '../draft-tables.ts';
import { addUnknown, addUnknownNode, nodeNamed } from '../drafting.ts';
import type { Drafting } from '../drafting.ts';
import type { PointRules } from '../dialect-rules.ts';
import type { Path } from '../places.ts';
import type { PlanPointProbe, PlanPoints, PlanProbe, PlanQuery } from '../plan.ts';
import type { ScenarioProbe } from '../schema/scenario.ts';
import { areSound, seriesMatching } from './series-names.ts';

type Given<K extends ScenarioProbe['probe']> = Extract<ScenarioProbe, { probe: K }>;
type Points = Readonly<Record<string, PlanPoints>>;

interface Input {
  rules: PointRules;
  points: Points;
  everyMicros: number;
}

/** Number of a probe in a record. */
const MAX_PROBES = 64;
/** Points that all queries of one probe may look at. */
const MAX_LOOKUPS = 1_000_000_000;
const DEFAULT_OVER_MICROS = 300e6;
const DEFAULT_TOLERANCE = 0.1;

export function draftPointProbes(drafting: Drafting, input: Input): Record<string, PlanProbe> {
  const probes: Record<string, PlanProbe> = {};
  const given = Object.entries(drafting.scenario.probes ?? {});
  for (const [id, probe] of given) {
    const drafted = draftProbe(drafting, { id, probe }, input);
    if (drafted !== null) probes[id] = drafted;
  }
  if (given.length > MAX_PROBES)
    drafting.list.add(['probes'], {
      code: 'S117',
      message: `${given.length} probes`,
      expected: `at most ${MAX_PROBES}`,
    });
  return probes;
}

function draftProbe(
  drafting: Drafting,
  { id, probe }: { id: string; probe: ScenarioProbe },
  input: Input,
): PlanPointProbe | null {
  const path = ['probes', id];
  switch (probe.probe) {
    case 'dashboard':
      return draftDashboard(drafting, { probe, path }, input);
    case 'count': {
      const queried = draftQuery(drafting, { probe, path }, input);
      return queried === null ? null : { kind: 'count', ...queried };
    }
    case 'size': {
      const every = everyOf(drafting, probe, path, input);
      return every === null ? null : { kind: 'size', every_micros: every };
    }
    case 'alert':
      return draftAlert(drafting, probe, path);
    default:
      // Refused in words by whoever tells the databases apart.
      return null;
  }
}

function draftDashboard(
  drafting: Drafting,
  { probe, path }: { probe: Given<'dashboard'>; path: Path },
  input: Input,
): PlanPointProbe | null {
  const queried = draftQuery(drafting, { probe, path }, input);
  const { through } = probe;
  const node = typeof through === 'string' ? nodeNamed(drafting.nodes, through) : undefined;
  if (node === null && drafting.nodes.length > 0)
    addUnknownNode(drafting.list, drafting.nodes, { name: through ?? '', path: [...path, 'through', 'node'] });
  if (queried === null || node === null) return null;
  const tolerance = probe.tolerance ?? DEFAULT_TOLERANCE;
  return { kind: 'dashboard', ...queried, ...(node === undefined ? {} : { through: node }), tolerance };
}

function draftAlert({ scenario, list }: Drafting, probe: Given<'alert'>, path: Path): PlanPointProbe | null {
  const { on, above = null, below = null } = probe;
  if (scenario.probes?.[on]?.probe !== 'dashboard') {
    const names = Object.entries(scenario.probes ?? {}).flatMap(([id, { probe: kind }]) =>
      kind === 'dashboard' ? [id] : [],
    );
    addUnknown(list, [...path, 'on'], { code: 'S139', kind: 'dashboard', name: on, names });
    return null;
  }
  if ((above === null) === (below === null)) {
    const message = above === null ? 'an alert needs a threshold' : 'above and below exclude each other';
    list.add(path, {
      code: above === null ? 'S111' : 'S119',
      message,
      expected: 'above: a number, or below: a number',
    });
    return null;
  }
  return { kind: 'alert', dashboard: on, above, below, for_micros: probe.for ?? 0 };
}

function everyOf(
  drafting: Drafting,
  { every }: { every?: number | undefined },
  path: Path,
  { everyMicros }: Input,
): number | null {
  const micros = every ?? everyMicros;
  return inRange(drafting, [...path, 'every'], micros, [1000, drafting.times.endMicros]) ? micros : null;
}

function draftQuery(
  drafting: Drafting,
  { probe, path }: { probe: Given<'dashboard' | 'count'>; path: Path },
  input: Input,
): { query: PlanQuery; every_micros: number } | null {
  const { list } = drafting;
  const at = [...path, 'query'];
  const every = everyOf(drafting, probe, path, input);
  const window = windowOf(drafting, probe, path);
  const read = input.rules.readQuery(probe.query);
  if ('mistakes' in read) {
    for (const mistake of read.mistakes) list.add(at, mistake, probe.query);
    return null;
  }
  if (every === null || window === null) return null;
  const { aggregate, matches } = read.query;
  const series = seriesMatching(input.points, matches, () => true);
  const policies = [...new Set(series.map(({ writer }) => input.points[writer].policy))];
  if (series.length === 0 && areSound(list) && Object.keys(input.points).length > 0)
    list.add(at, {
      code: 'S212',
      message: 'no agents write such series',
      expected: 'a measurement and tags of a workload',
    });
  if (policies.length > 1)
    list.add(at, {
      code: 'S212',
      message: `a query reads one retention policy; such series lie in ${policies.join(' and ')}`,
      expected: 'a measurement, or tags, of one of them only',
    });
  const lookups = lookupsOf(drafting, input.points, { aggregate, series, window }) * (drafting.times.endMicros / every);
  if (lookups > MAX_LOOKUPS)
    list.add(at, {
      code: 'S212',
      message: `the probe would look at about ${Math.round(lookups)} points`,
      expected: `at most ${MAX_LOOKUPS}: less often, a shorter stretch of time, or fewer series`,
    });
  return { query: { aggregate, series, window }, every_micros: every };
}

function lookupsOf({ times }: Drafting, points: Points, { series, window }: PlanQuery): number {
  const length = Math.min(window.until_micros - window.from_micros, times.endMicros);
  return series.reduce((sum, { writer, from, to }) => {
    const { from_micros: begin } = points[writer];
    return sum + (to - from) * stepsIn(points[writer], begin, begin + length);
  }, 0);
}

/** `during` stands still, `over` and `ago` go with the query. Null after a mistake. */
function windowOf(
  { times, list }: Drafting,
  { during, over, ago }: Given<'dashboard' | 'count'>,
  path: Path,
): PlanQuery['window'] | null {
  if (during === undefined) {
    const until = -(ago ?? 0);
    const length = over ?? DEFAULT_OVER_MICROS;
    if (length > 0) return { from_micros: until - length, until_micros: until, now: true };
    list.add([...path, 'over'], { code: 'S117', message: 'over is out of range', expected: 'a duration above 0' });
    return null;
  }
  if (over !== undefined || ago !== undefined) {
    const key = over === undefined ? 'ago' : 'over';
    const message = `${key} and during exclude each other`;
    list.add([...path, key], { code: 'S119', message, expected: 'one of them', part: 'key' });
    return null;
  }
  const from = times.resolve(during.from, [...path, 'during']);
  const until = times.resolve(during.to, [...path, 'during']);
  if (from === null || until === null) return null;
  if (from < until) return { from_micros: from, until_micros: until, now: false };
  list.add([...path, 'during'], {
    code: 'S141',
    message: 'the stretch of time is empty',
    expected: 'an end after its start',
  });
  return null;
}
