/**
 * What each version does where versions differ and no setting says so: tables of values that the mechanisms of repair read
 * (`repair/behaviour.ts`), and values for settings that a version does not have yet and acts by all the same. Data only.
 * Sources: tables a8, d and g of the reference, and the facts named beside the values.
 */
import { MEMORY_BOUND_DEPTH } from '../../data/tree-depth.ts';
import type { RepairBehaviour } from '../../repair/behaviour.ts';
import type { ReadBehaviour } from '../../replica/reads/read-types.ts';
import type { SettingValue } from '../../scenario/plan.ts';
import { CASSANDRA_LINES, isAtLeast, versionOf } from './versions.ts';
import type { CassandraLine } from './versions.ts';

export interface CassandraBehaviour {
  repair: RepairBehaviour;
  hints: HintBehaviour;
  reads: ReadBehaviour;
  /** cassandra.f3: how often a periodic commit log marks what a crash of the process may replay; null = only when it syncs. */
  logMarkerMicros: number | null;
  /** Settings that the version does not have, with the value by which it acts. */
  fixed: Readonly<Record<string, SettingValue>>;
}

/** How hints are kept and sent, where no setting says it. */
export interface HintBehaviour {
  /** cassandra.e12, e9: rows of system.hints, or files. */
  store: 'table' | 'files';
  /** cassandra.e15: what one target has of the throttle is rounded down to whole KiB. */
  throttleInKib: boolean;
}

const SECOND = 1_000_000;
const HOUR = 3600 * SECOND;
const LOG_MARKER_MICROS = 100_000;
const MANY = 2_147_483_647;

/** What a line changes against the one before it. */
type Change = Partial<RepairBehaviour>;

/** 2.0, and what later lines changed. */
const OLDEST: RepairBehaviour = {
  tree: { levels: 'cap', cap: { of: 'tree', depth: 15 } },
  purgeMoment: 'snapshots',
  sessionPer: 'range',
  holdsJobThreads: false,
  throttlesValidation: true,
  prepareMicros: HOUR,
  snapshotMicros: HOUR,
  snapshotsFirstTableOnly: false,
  refusesUnknownDataCenters: false,
  refusesEqualTokens: false,
  refusesUnreplicatedRanges: false,
  abortsStreams: false,
  awaitsAcknowledgements: false,
  anticompaction: { afterFailure: 'nothing', groupSize: 1 },
};

const CHANGES: Readonly<Partial<Record<CassandraLine, Change>>> = {
  '2.1': { tree: { levels: 'floor_ln', cap: { of: 'tree', depth: 20 } } },
  // CASSANDRA-12580; c16.
  '2.2': {
    tree: { levels: 'ceil_log2', cap: { of: 'tree', depth: 20 } },
    anticompaction: { afterFailure: 'successful_ranges', groupSize: 2 },
  },
  // CASSANDRA-5220, 11390, 14096, 14332.
  '3.0': {
    tree: { levels: 'ceil_log2', cap: { of: 'leaves' } },
    sessionPer: 'neighbours',
    holdsJobThreads: true,
    refusesEqualTokens: true,
  },
  '3.11': { refusesUnreplicatedRanges: true },
  '4.0': {
    tree: MEMORY_BOUND_DEPTH,
    purgeMoment: 'coordinators',
    holdsJobThreads: false,
    throttlesValidation: false,
    prepareMicros: null,
    snapshotMicros: null,
    refusesUnknownDataCenters: true,
    // CASSANDRA-17613, since 4.0.7.
    awaitsAcknowledgements: true,
  },
  // CASSANDRA-18816.
  '5.0': { snapshotsFirstTableOnly: true, abortsStreams: true },
};

/** CASSANDRA-10726 and 13910, both 4.0. */
const READS_BEFORE_4_0: ReadBehaviour = {
  repairAwaits: 'all',
  dataAwaits: 'all',
  widensRepair: false,
  hasChances: true,
  chunkBytes: 65_536,
};
/** Chunks: CASSANDRA-13241. */
const READS: ReadBehaviour = {
  repairAwaits: 'level',
  dataAwaits: 'level',
  widensRepair: true,
  hasChances: false,
  chunkBytes: 16_384,
};

/** From which line on the setting exists, and what holds before. */
const FIXED: readonly { name: string; since: CassandraLine; before: SettingValue }[] = [
  { name: 'hinted_handoff_disabled_datacenters', since: '3.0', before: [] },
  { name: 'hints_flush_period', since: '3.0', before: 10 * SECOND },
  { name: 'max_hints_file_size', since: '3.0', before: 128 * 1_048_576 },
  { name: 'hint_window_persistent_enabled', since: '4.1', before: false },
  { name: 'max_hints_size_per_host', since: '4.1', before: 0 },
  // cassandra.b6: no bound on validations that run together.
  { name: 'concurrent_validations', since: '4.0', before: MANY },
  { name: 'use_offheap_merkle_trees', since: '4.0', before: false },
  { name: 'concurrent_merkle_tree_requests', since: '4.0', before: 0 },
  { name: 'auto_optimise_full_repair_streams', since: '4.0', before: false },
  { name: 'auto_optimise_inc_repair_streams', since: '4.0', before: false },
  { name: 'auto_optimise_preview_repair_streams', since: '4.0', before: false },
];

const BEHAVIOURS = Object.fromEntries(CASSANDRA_LINES.map((line) => [line, changedUpTo(line)])) as Record<
  CassandraLine,
  CassandraBehaviour
>;

/** Of a resolved database such as `cassandra@4.1.7`. */
export function behaviourOfDatabase(database: string): CassandraBehaviour {
  const version = versionOf(database);
  if (version === null) throw new RangeError(`there is no database ${database}`);
  return BEHAVIOURS[version.line];
}

function changedUpTo(line: CassandraLine): CassandraBehaviour {
  let repair = OLDEST;
  for (const since of CASSANDRA_LINES) if (isAtLeast(line, since)) repair = { ...repair, ...CHANGES[since] };
  const absent = FIXED.filter(({ since }) => !isAtLeast(line, since));
  const logMarkerMicros = isAtLeast(line, '3.0') ? LOG_MARKER_MICROS : null;
  const inFiles = isAtLeast(line, '3.0');
  const hints: HintBehaviour = { store: inFiles ? 'files' : 'table', throttleInKib: !inFiles };
  const reads = isAtLeast(line, '4.0') ? READS : READS_BEFORE_4_0;
  return {
    repair,
    hints,
    reads,
    logMarkerMicros,
    fixed: Object.fromEntries(absent.map(({ name, before }) => [name, before])),
  };
}
