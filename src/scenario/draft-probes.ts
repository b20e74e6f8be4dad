/** Probes: readers that look on, and those that read what a workload has written. */
import { MAX_PROBE_VERSIONS } from './schema/limits.ts';
import { inRange } from './draft-tables.ts';
import { consistency } from './draft-shares.ts';
import { addUnknown, findTable } from './drafting.ts';
import { tableWorkloads } from './table-workloads.ts';
import type { Drafting } from './drafting.ts';
import type { Path } from './places.ts';
import type { ConsistencyLevel, PlanProbe, PlanReadProbe, PlanStalenessProbe, PlanVisibilityProbe } from './plan.ts';
import type { ScenarioProbe } from './schema/scenario.ts';

const DEFAULT_PROBE_READS = 100;
/** Of a probe that lists none: 0, 1, 5, 10, 50, 100 ms. */
const DEFAULT_TIMES = [0, 1000, 5000, 10_000, 50_000, 100_000];
const DEFAULT_VERSIONS = 10;

type Given<K extends ScenarioProbe['probe']> = Extract<ScenarioProbe, { probe: K }>;

export function draftProbes(drafting: Drafting, everyMicros: number): Record<string, PlanProbe> {
  const probes: Record<string, PlanProbe> = {};
  for (const [id, probe] of Object.entries(drafting.scenario.probes ?? {})) {
    const drafted = draftProbe(drafting, probe, { path: ['probes', id], everyMicros });
    if (drafted !== null) probes[id] = drafted;
  }
  return probes;
}

function draftProbe(
  drafting: Drafting,
  probe: ScenarioProbe,
  { path, everyMicros }: { path: Path; everyMicros: number },
): PlanProbe | null {
  if (probe.probe === 't-visibility') return draftVisibility(drafting, probe, path);
  if (probe.probe === 'k-staleness') return draftStaleness(drafting, probe, path);
  if (probe.probe === 'read') return draftReads(drafting, probe, { path, everyMicros });
  // Refused in words by whoever tells the databases apart.
  return null;
}

function draftReads(
  drafting: Drafting,
  probe: Given<'read'>,
  { path, everyMicros }: { path: Path; everyMicros: number },
): PlanReadProbe | null {
  const table = findTable(drafting, probe.table, [...path, 'table']);
  const level = consistency(drafting, probe.consistency, path);
  const every = probe.every ?? everyMicros;
  const sound =
    inRange(drafting, [...path, 'every'], every, [1, drafting.times.endMicros]) &&
    inRange(drafting, [...path, 'reads'], probe.reads ?? DEFAULT_PROBE_READS, [1, 1_000_000]);
  if (table === null || level === null || !sound) return null;
  return {
    kind: 'read',
    table: table.id,
    consistency: level,
    every_micros: every,
    reads: probe.reads ?? DEFAULT_PROBE_READS,
  };
}

function draftVisibility(drafting: Drafting, probe: Given<'t-visibility'>, path: Path): PlanVisibilityProbe | null {
  const common = draftCommon(drafting, probe, path);
  const times = probe.times ?? DEFAULT_TIMES;
  if (probe.times === undefined)
    drafting.assumptions.push(`times of ${path.join('.')} not given: 0, 1, 5, 10, 50 and 100 ms`);
  const wrong = times.findIndex((time, index) => index > 0 && time <= times[index - 1]);
  if (wrong >= 0)
    drafting.list.add([...path, 'times', wrong], {
      code: 'S157',
      message: 'the times of a probe must rise',
      expected: 'each later than the one before',
    });
  const late = times.findIndex((time) => time >= drafting.times.endMicros);
  if (late >= 0) addTooLate(drafting, [...path, 'times', late]);
  return common === null || wrong >= 0 || late >= 0
    ? null
    : { kind: 't-visibility', ...common, times_micros: [...times] };
}

function draftStaleness(drafting: Drafting, probe: Given<'k-staleness'>, path: Path): PlanStalenessProbe | null {
  const common = draftCommon(drafting, probe, path);
  const versions = probe.versions ?? DEFAULT_VERSIONS;
  const after = probe.after ?? 0;
  const sound = inRange(drafting, [...path, 'versions'], versions, [1, MAX_PROBE_VERSIONS]);
  const isLate = after >= drafting.times.endMicros;
  if (isLate) addTooLate(drafting, [...path, 'after']);
  return common === null || !sound || isLate ? null : { kind: 'k-staleness', ...common, after_micros: after, versions };
}

function addTooLate({ list }: Drafting, path: Path): void {
  list.add(path, {
    code: 'S141',
    message: 'no read begins before the end of the run',
    expected: 'a time within the duration and what follows it',
  });
}

interface OfWorkload {
  workload: string;
  consistency: ConsistencyLevel;
  share: number;
}

function draftCommon(
  drafting: Drafting,
  probe: Given<'t-visibility'> | Given<'k-staleness'>,
  path: Path,
): OfWorkload | null {
  const isFound = checkWorkload(drafting, probe.workload, [...path, 'workload']);
  const level = probeLevel(drafting, probe.consistency, path);
  const { share = 1 } = probe;
  if (share === 0)
    drafting.list.add([...path, 'share'], {
      code: 'S117',
      message: 'a probe that samples no write',
      expected: 'a share above 0',
    });
  return isFound && level !== null && share > 0 ? { workload: probe.workload, consistency: level, share } : null;
}

function probeLevel(drafting: Drafting, given: string | undefined, path: Path): ConsistencyLevel | null {
  if (given === undefined) {
    drafting.assumptions.push(`consistency of ${path.join('.')} not given: ONE`);
    return 'ONE';
  }
  const names = drafting.rules.readLevels(drafting.database);
  const found = names.find((name) => name === given);
  if (found !== undefined) return found;
  const kind = 'consistency level for reads';
  addUnknown(drafting.list, [...path, 'consistency'], { code: 'S112', kind, name: given, names });
  return null;
}

/** What a batch or a delete leaves cannot be told from what it found. */
function checkWorkload({ scenario, list }: Drafting, id: string, path: Path): boolean {
  const workload = tableWorkloads(scenario)[id];
  if (workload === undefined) {
    addUnknown(list, path, { code: 'S137', kind: 'workload', name: id, names: Object.keys(scenario.workload ?? {}) });
    return false;
  }
  const { mix = {}, rate } = workload;
  const writes = Object.keys(mix).length === 0 || (mix.insert ?? 0) + (mix.update ?? 0) > 0 || rate.kind === 'trace';
  if (workload.batch === undefined && writes) return true;
  list.add(path, {
    code: 'S158',
    message:
      workload.batch === undefined
        ? `${id} inserts and updates nothing`
        : `${id} writes batches, which no probe samples`,
    expected: 'a workload with inserts or updates of single rows',
    found: id,
  });
  return false;
}
