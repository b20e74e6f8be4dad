/**
 * Repairs that somebody else than an operator asks for: Reaper, segment by segment, and the database's own auto-repair, node
 * by node. Their defaults are those of their packaged configuration (cassandra.r-segments to r-runs, m-auto).
 */
import { addUnknown, distinct } from './drafting.ts';
import type { Drafting } from './drafting.ts';
import type { ScheduledRepair } from './dialect-rules.ts';
import type { Path } from './places.ts';
import type { PlanEntry, PlanRepairOptions, PlanSegments } from './plan.ts';
import { readCommands } from './repair-commands.ts';
import { repairTimes } from './repair-times.ts';
import { SEGMENTS_PER_NODE_MAX } from './schema/faults.ts';
import type { ScenarioRepairOf } from './schema/scenario.ts';

type Reaper = ScenarioRepairOf<'reaper'>;
type AutoRepair = ScenarioRepairOf<'auto'>;

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const PARALLELISM = { SEQUENTIAL: 'sequential', PARALLEL: 'parallel', DATACENTER_AWARE: 'dc_parallel' } as const;
/** cassandra.r-timeout: an incremental run asks for a whole node at once. */
const NODE_WIDE_PATIENCE = 10;
/** cassandra.r-runs: threads of the runner. */
const REAPER_SEGMENTS_MAX = 15;

export function draftReaper(drafting: Drafting, id: string, repair: Reaper): PlanEntry | null {
  const path = ['repairs', id];
  const isIncremental = repair.incremental ?? false;
  checkReaper(drafting, repair, path);
  const parallelism = repair.parallelism ?? (isIncremental ? 'PARALLEL' : 'DATACENTER_AWARE');
  const kind = isIncremental ? 'incremental' : 'full';
  const asked = { by: 'reaper', kind, parallelism: PARALLELISM[parallelism] } as const;
  const times = repairTimes(drafting, id, repair);
  const repaired = readScheduled(drafting, path, { ...repair, ...asked });
  if (times === null || repaired === null) return null;
  const timeout = repair.segment_timeout ?? 30 * MINUTE;
  const segments: PlanSegments = {
    by: 'reaper',
    cut: isIncremental ? 'local_ranges' : 'ring',
    per_node: isIncremental ? null : (repair.segments_per_node ?? 64),
    intensity: repair.intensity ?? 0.9,
    poll_micros: repair.poll ?? 10 * SECOND,
    timeout_micros: isIncremental ? timeout * NODE_WIDE_PATIENCE : timeout,
    timeout_grows: true,
    retry_micros: 10 * SECOND,
    attempts_max: null,
    pending_compactions_max: repair.max_pending_compactions ?? 20,
    segments_max: REAPER_SEGMENTS_MAX,
    runs_max: repair.max_parallel_repairs ?? 2,
    due_again_micros: null,
  };
  return newEntry(drafting, id, { times, ...repaired, segments });
}

export function draftAutoRepair(drafting: Drafting, id: string, repair: AutoRepair): PlanEntry | null {
  const path = ['repairs', id];
  const kinds = { FULL: 'full', INCREMENTAL: 'incremental', PREVIEW_REPAIRED: 'preview_repaired' } as const;
  const times = repairTimes(drafting, id, repair);
  checkAutoRepair(drafting, repair, path);
  const asked = { by: 'auto_repair', kind: kinds[repair.type ?? 'FULL'], parallelism: 'parallel' } as const;
  const repaired = readScheduled(drafting, path, { ...repair, ...asked });
  if (times === null || repaired === null) return null;
  const share = Math.floor((repair.parallel_repair_percentage ?? 0.03) * drafting.nodes.length);
  const segments: PlanSegments = {
    by: 'auto_repair',
    cut: 'primary_ranges',
    per_node: null,
    intensity: 1,
    poll_micros: repair.check_interval ?? 5 * MINUTE,
    timeout_micros: repair.session_timeout ?? 3 * HOUR,
    timeout_grows: false,
    retry_micros: repair.retry_backoff ?? 30 * SECOND,
    attempts_max: (repair.retries ?? 3) + 1,
    pending_compactions_max: null,
    segments_max: Math.max(repair.parallel_repair_count ?? 3, share),
    runs_max: 1,
    due_again_micros: repair.min_repair_interval ?? 24 * HOUR,
  };
  if (!drafting.assumptions.includes(AUTO_REPAIR_IS_ON)) drafting.assumptions.push(AUTO_REPAIR_IS_ON);
  return newEntry(drafting, id, { times, ...repaired, segments });
}

const AUTO_REPAIR_IS_ON =
  'auto-repair is on: it came with a patch of 5.0 that is later than the one modelled, and needs -Dcassandra.autorepair.enable=true';

interface EntryParts {
  times: NonNullable<ReturnType<typeof repairTimes>>;
  options: PlanRepairOptions;
  command: string;
  segments: PlanSegments;
}

function newEntry({ nodes }: Drafting, id: string, { times, ...parts }: EntryParts): PlanEntry {
  const all = nodes.map((node) => node.id);
  return { id: `repairs.${id}`, kind: 'repair', nodes: all, one_after_another: true, ...times, ...parts };
}

type Asked = Omit<ScheduledRepair, 'keyspace' | 'tables'> & {
  keyspace?: string | undefined;
  tables?: readonly string[] | undefined;
};

/** The command of the version for this keyspace and these tables, read as an operator's would be. */
function readScheduled(
  drafting: Drafting,
  path: Path,
  { by, kind, parallelism, ...names }: Asked,
): { options: PlanRepairOptions; command: string } | null {
  const { rules, database, list, nodes } = drafting;
  const keyspace = keyspaceOf(drafting, names.keyspace, path);
  const tables = keyspace === null ? null : tableNames(drafting, names.tables ?? [], { keyspace, path });
  if (keyspace === null || tables === null || nodes.length === 0) return null;
  const composed = rules.scheduledCommand(database, { by, kind, parallelism, keyspace, tables });
  if ('mistake' in composed) {
    list.add([...path, 'repair'], composed.mistake);
    return null;
  }
  const { command } = composed;
  const ids = nodes.map(({ id }) => id);
  const options = readCommands(drafting, { command, nodes: ids, path: [...path, 'repair'], isWritten: false });
  return options === null ? null : { options, command };
}

/** One keyspace; it may stay unsaid where there is only one. */
export function keyspaceOf(
  { tables, tableCount, list }: Drafting,
  wanted: string | undefined,
  path: Path,
): string | null {
  // A table that was refused would make its keyspace unknown.
  if (tables.length < tableCount) return null;
  const names = distinct(tables.map(({ keyspace }) => keyspace));
  if (wanted === undefined) {
    if (names.length === 1) return names[0];
    list.add(path, {
      code: 'S111',
      message: 'missing key "keyspace": there are several',
      expected: `keyspace: one of ${names.join(', ')}`,
    });
    return null;
  }
  if (names.includes(wanted)) return wanted;
  addUnknown(list, [...path, 'keyspace'], { code: 'S132', kind: 'keyspace', name: wanted, names });
  return null;
}

/** Names within the keyspace, also where they stand with it; null where one is unknown. */
export function tableNames(
  { tables, list }: Drafting,
  wanted: readonly string[],
  { keyspace, path }: { keyspace: string; path: Path },
): string[] | null {
  const names = tables.filter((table) => table.keyspace === keyspace).map(({ name }) => name);
  const read: string[] = [];
  for (const [index, text] of wanted.entries()) {
    const name = text.startsWith(`${keyspace}.`) ? text.slice(keyspace.length + 1) : text;
    if (names.includes(name)) read.push(name);
    else addUnknown(list, [...path, 'tables', index], { code: 'S131', kind: 'table', name, names, also: [] });
  }
  return read.length < wanted.length ? null : read;
}

function checkReaper(drafting: Drafting, repair: Reaper, path: Path): void {
  const { list } = drafting;
  const isWithin = rangeCheck(drafting, path);
  isWithin('segments_per_node', repair.segments_per_node, [1, SEGMENTS_PER_NODE_MAX], '64');
  isWithin('max_parallel_repairs', repair.max_parallel_repairs, [1, 1000], '2');
  if (repair.intensity === 0)
    list.add([...path, 'intensity'], {
      code: 'S117',
      message: 'an intensity of 0 would rest for ever after the first segment',
      expected: 'above 0, at most 1',
      suggestion: '0.9',
    });
  isAboveZero(drafting, path, { segment_timeout: repair.segment_timeout, poll: repair.poll });
  if (repair.incremental !== true) return;
  for (const key of ['parallelism', 'segments_per_node'] as const) {
    if (repair[key] === undefined || repair[key] === 'PARALLEL') continue;
    list.add([...path, key], {
      code: 'S119',
      message:
        key === 'parallelism'
          ? 'an incremental repair of Reaper is always PARALLEL'
          : 'an incremental repair of Reaper takes a whole node at a time, not segments',
      expected: key === 'parallelism' ? 'parallelism: PARALLEL' : 'without segments_per_node, or incremental: false',
      part: 'key',
    });
  }
}

function checkAutoRepair(drafting: Drafting, repair: AutoRepair, path: Path): void {
  rangeCheck(drafting, path)('parallel_repair_count', repair.parallel_repair_count, [1, 1000], '3');
  const { check_interval, min_repair_interval, session_timeout, retry_backoff } = repair;
  isAboveZero(drafting, path, { check_interval, min_repair_interval, session_timeout, retry_backoff });
}

function isAboveZero({ list }: Drafting, path: Path, durations: Record<string, number | undefined>): void {
  for (const [key, value] of Object.entries(durations))
    if (value === 0)
      list.add([...path, key], { code: 'S117', message: `${key} is out of range`, expected: 'a duration above 0' });
}

function rangeCheck({ list }: Drafting, path: Path) {
  return (key: string, value: number | undefined, [least, most]: [number, number], suggestion: string): void => {
    if (value === undefined || (value >= least && value <= most)) return;
    const expected = `${least} to ${most}`;
    list.add([...path, key], {
      code: 'S117',
      message: `${key} is out of range`,
      expected,
      found: String(value),
      suggestion,
    });
  };
}
