/**
 * Repairs by a foreign algorithm: Dynamo's exchange of Merkle trees, and Riak's active anti-entropy, old and new. What is not
 * said is as the real system has it; of Dynamo, which publishes no figures, as written here (strategies.1-tree to 2b-bound).
 */
import { HASH_BYTES, LOOPS_MAX, PASSES_MAX, SEGMENTS_MAX, TIME_MAX_MICROS } from './algorithm-bounds.ts';
import type { Drafting } from './drafting.ts';
import { keyspaceOf, tableNames } from './draft-schedulers.ts';
import type { Path } from './places.ts';
import type { PlanAlgorithm, PlanEntry, PlanRepairOptions } from './plan.ts';
import { changesPlacement } from './repair-commands.ts';
import type { ScenarioRepairOf } from './schema/scenario.ts';
import { durationText } from './units.ts';

type Algorithm = ScenarioRepairOf<'algorithm'>;
type Name = Algorithm['algorithm'];
type Key = keyof Algorithm;

const MILLISECOND = 1000;
const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const TREE_SIZES = { small: 256, medium: 512, large: 1024, xlarge: 2048 } as const;
const COMMON: readonly Key[] = ['repair', 'algorithm', 'keyspace', 'tables', 'at', 'until', 'built'];
const BUILDING: readonly Key[] = ['build_every', 'build_pause', 'expiry', 'expiry_spread', 'answer_timeout'];
/** The parameters that each of them has. */
const KEYS: Record<Name, readonly Key[]> = {
  dynamo: ['period', 'fan_out', 'depth', 'hash', 'concurrency', ...BUILDING],
  'riak-aae': ['tick', 'segments', 'width', 'concurrency', 'lock_timeout', 'repair_throttle', ...BUILDING],
  tictac: [
    'tick',
    'tree',
    'max_results',
    'repair_loops',
    'range_boost',
    'pause',
    'passes',
    'repair_throttle',
    ...BUILDING,
  ],
};

export function draftAlgorithm(drafting: Drafting, id: string, repair: Algorithm): PlanEntry | null {
  const path = ['repairs', id];
  const isRefused = refusesPlacement(drafting, path);
  const areKnown = checkKeys(drafting, repair, path);
  const areRight = checkValues(drafting, repair, path);
  const levels = levelsOf(drafting, repair, path);
  const at = drafting.times.edge('repairs', id, 'start');
  const until = untilOf(drafting, repair, path, at);
  const keyspace = keyspaceOf(drafting, repair.keyspace, path);
  const tables = keyspace === null ? null : tableNames(drafting, repair.tables ?? [], { keyspace, path });
  if (!areKnown || !areRight || levels === null || at === null || until === null) return null;
  if (isRefused) return null;
  if (keyspace === null || tables === null || drafting.nodes.length === 0) return null;
  say(drafting, repair);
  return {
    id: `repairs.${id}`,
    kind: 'repair',
    nodes: drafting.nodes.map((node) => node.id),
    one_after_another: false,
    at_micros: at,
    every_micros: null,
    options: optionsOf(drafting, { name: repair.algorithm, keyspace, tables }),
    command: [repair.algorithm, keyspace, ...tables].join(' '),
    algorithm: { ...parameters(repair), levels, until_micros: until },
  };
}

function parameters(repair: Algorithm): Omit<PlanAlgorithm, 'levels' | 'until_micros'> {
  const { algorithm: name } = repair;
  const written = {
    hash_bytes: repair.hash,
    tick_micros: repair.tick ?? repair.period,
    concurrency: repair.concurrency,
    lock_timeout_micros: repair.lock_timeout,
    answer_timeout_micros: repair.answer_timeout,
    built: repair.built,
    build_every_micros: repair.build_every,
    build_pause_micros: repair.build_pause,
    expiry_micros: repair.expiry,
    // Days upon an expiry of minutes would be a surprise: who says one says both.
    expiry_spread_micros: repair.expiry_spread ?? (repair.expiry === undefined ? undefined : 0),
    key_pause_micros: repair.repair_throttle,
    results_max: repair.max_results,
    loops_max: repair.repair_loops,
    results_boost: repair.range_boost,
    passes: repair.passes,
    pause_micros: repair.pause,
  };
  const given = Object.entries(written).filter(([, value]) => value !== undefined);
  return { name, ...DEFAULTS[name], ...(Object.fromEntries(given) as Partial<Defaults>) };
}

type Defaults = Omit<PlanAlgorithm, 'name' | 'levels' | 'until_micros'>;

const ALWAYS = {
  ...{ built: true, lock_timeout_micros: MINUTE, answer_timeout_micros: 10 * MINUTE },
  ...{ expiry_spread_micros: 0, key_pause_micros: 0, results_boost: 2 },
} as const;
const ONE_PASS = { ...ALWAYS, results_max: null, loops_max: 0, passes: 1, pause_micros: 0 } as const;
const DEFAULTS: Record<Name, Defaults> = {
  dynamo: {
    ...{ hash_bytes: 16, tick_micros: 10 * MINUTE, concurrency: 1 },
    ...{ build_every_micros: 0, build_pause_micros: 0, expiry_micros: null },
    ...ONE_PASS,
  },
  'riak-aae': {
    ...{ hash_bytes: 20, tick_micros: 15 * SECOND, concurrency: 2 },
    ...{ build_every_micros: HOUR, build_pause_micros: 100 * MILLISECOND, expiry_micros: 7 * DAY },
    ...ONE_PASS,
  },
  tictac: {
    ...{ hash_bytes: 4, tick_micros: 8 * MINUTE, concurrency: null },
    ...{ build_every_micros: HOUR, build_pause_micros: 0, expiry_micros: 14 * DAY },
    ...{
      ...ALWAYS,
      expiry_spread_micros: 4 * DAY,
      results_max: 64,
      loops_max: 4,
      passes: 2,
      pause_micros: 500 * MILLISECOND,
    },
  },
};

/** Null after a mistake. */
function levelsOf(drafting: Drafting, repair: Algorithm, path: Path): number[] | null {
  switch (repair.algorithm) {
    case 'dynamo':
      return powers(drafting, path, { of: repair.fan_out ?? 16, times: repair.depth ?? 4 });
    case 'riak-aae':
      return riakLevels(drafting, repair, path);
    case 'tictac': {
      const size = TREE_SIZES[repair.tree ?? 'large'];
      return [size, size * size];
    }
  }
}

function powers({ list }: Drafting, path: Path, { of, times }: { of: number; times: number }): number[] | null {
  const levels = [1];
  for (let level = 0; level < times && levels[level] <= SEGMENTS_MAX && of >= 2; level += 1)
    levels.push(levels[level] * of);
  if (of >= 2 && times >= 1 && levels[levels.length - 1] <= SEGMENTS_MAX) return levels;
  list.add(path, {
    code: 'S194',
    message: `a tree of fan_out ${of} and depth ${times} cannot be`,
    expected: `fan_out of at least 2 and depth of at least 1, together at most ${SEGMENTS_MAX} leaves`,
  });
  return null;
}

/** As many levels as it takes for a bucket to have `width` children at most; all have as many. */
function riakLevels({ list }: Drafting, { segments = 1 << 20, width = 1024 }: Algorithm, path: Path): number[] | null {
  const levels = [1];
  while (width >= 2 && levels[levels.length - 1] < segments) levels.push(levels[levels.length - 1] * width);
  if (levels.length > 1 && levels[levels.length - 1] === segments && segments <= SEGMENTS_MAX) return levels;
  list.add(path, {
    code: 'S194',
    message: `a tree of ${segments} segments cannot have buckets of ${width}`,
    expected: `segments that are ${width}, or ${width} times itself as often as you like, at most ${SEGMENTS_MAX}`,
    suggestion: 'segments: 1048576, width: 1024',
  });
  return null;
}

function untilOf(
  { times, list, scenario }: Drafting,
  { until }: Algorithm,
  path: Path,
  at: number | null,
): number | null {
  if (at === null) return null;
  if (at >= times.endMicros)
    list.warn(path, {
      code: 'S203',
      message: `the repair begins after the end of the run (${durationText(at)})`,
      expected: `before ${durationText(times.endMicros)}`,
    });
  if (until === undefined) return scenario.duration;
  const end = times.resolve(until, [...path, 'until']);
  if (end === null || end > at) return end === null ? null : Math.min(end, scenario.duration);
  list.add([...path, 'until'], {
    code: 'S141',
    message: 'the repair ends when it begins, or before',
    expected: 'an end after its start',
  });
  return null;
}

/** Parameters of another algorithm. */
function checkKeys({ list }: Drafting, repair: Algorithm, path: Path): boolean {
  const name = repair.algorithm;
  const names = [...COMMON, ...KEYS[name]];
  const wrong = (Object.keys(repair) as Key[]).filter((key) => repair[key] !== undefined && !names.includes(key));
  for (const key of wrong) {
    const others = (Object.keys(KEYS) as Name[]).filter((other) => KEYS[other].includes(key));
    list.add([...path, key], {
      code: 'S193',
      message: `${name} has no parameter ${key}: that is one of ${others.join(' and ')}`,
      expected: KEYS[name].join(', '),
      part: 'key',
    });
  }
  return wrong.length === 0;
}

const ABOVE_ZERO: readonly Key[] = [
  'tick',
  'period',
  'expiry',
  'lock_timeout',
  'answer_timeout',
  'concurrency',
  'max_results',
  'passes',
  'range_boost',
];
const TIMES: readonly Key[] = [
  'tick',
  'period',
  'pause',
  'expiry',
  'expiry_spread',
  'lock_timeout',
  'answer_timeout',
  'build_every',
  'build_pause',
  'repair_throttle',
];

function checkValues({ list }: Drafting, repair: Algorithm, path: Path): boolean {
  const wrong: { key: Key; expected: string; found?: string }[] = [
    ...ABOVE_ZERO.filter((key) => repair[key] === 0).map((key) => ({ key, expected: 'above 0' })),
    ...TIMES.filter((key) => Number(repair[key] ?? 0) > TIME_MAX_MICROS).map((key) => ({
      key,
      expected: `at most ${durationText(TIME_MAX_MICROS)}`,
    })),
  ];
  const { hash = HASH_BYTES.least, passes = 1, repair_loops: loops = 0 } = repair;
  if (hash < HASH_BYTES.least || hash > HASH_BYTES.most)
    wrong.push({ key: 'hash', expected: `${HASH_BYTES.least} B to ${HASH_BYTES.most} B`, found: `${hash} B` });
  if (passes > PASSES_MAX) wrong.push({ key: 'passes', expected: `1 to ${PASSES_MAX}` });
  if (loops > LOOPS_MAX) wrong.push({ key: 'repair_loops', expected: `at most ${LOOPS_MAX}` });
  for (const { key, ...bounds } of wrong)
    list.add([...path, key], { code: 'S117', message: `${key} is out of range`, ...bounds });
  return wrong.length === 0;
}

/** Trees belong to the ranges of a ring: where these change they would have to be made anew, which is not built. */
function refusesPlacement(drafting: Drafting, path: Path): boolean {
  if (!changesPlacement(drafting)) return false;
  drafting.list.add([...path, 'repair'], {
    code: 'S195',
    message: 'an algorithm with trees of its own and a change of topology or replication in one run are not modelled',
    expected: 'a scenario whose operations change neither nodes nor replication, or another repair',
  });
  return true;
}

function optionsOf(
  drafting: Drafting,
  { name, keyspace, tables }: { name: Name; keyspace: string; tables: readonly string[] },
): PlanRepairOptions {
  const own = drafting.tables.filter((table) => table.keyspace === keyspace);
  const chosen = tables.length === 0 ? own : own.filter((table) => tables.includes(table.name));
  return {
    keyspace,
    tables: chosen.map(({ id }) => id),
    strategy: name,
    ...{ primary_range: false, start_token: null, end_token: null, local_dc: false, data_centers: [], hosts: [] },
    ...{ force: false, pull: false, optimise_streams: false, preview: 'none', ignore_unreplicated: true },
    further_keyspaces: [],
  };
}

/** What is assumed of it, and what it leaves out, stands beside every result. */
function say({ assumptions, notModelled }: Drafting, { algorithm, built = true }: Algorithm): void {
  const name = TITLES[algorithm];
  assumptions.push(
    `${name} repairs Cassandra’s data: of two cells the newer timestamp wins, as the database decides it, not a version vector`,
  );
  if (built) assumptions.push(`the trees of ${name} are there when it begins, made of what each replica held then`);
  if (algorithm === 'dynamo')
    assumptions.push(
      'of Dynamo’s trees no figures are published: fan-out, depth, width of hashes and period are chosen here',
    );
  notModelled.push(...LEFT_OUT.all, ...LEFT_OUT[algorithm]);
}

const TITLES: Record<Name, string> = {
  dynamo: 'Dynamo-style exchange',
  'riak-aae': 'Riak’s active anti-entropy',
  tictac: 'tictac anti-entropy',
};

const LEFT_OUT = {
  all: [
    'Of a foreign algorithm: what its index is written takes bytes in the ledger and no time of the disk; the bytes of a message are hashes, keys and rows without framing; a key is a partition, and one tree is of one token range of one table.',
    'Of a foreign algorithm: an exchange whose partner ends is given up at once, without a time-out; a tree of two lanes stands for hashes of 8 bytes and more, one of 32 bits for those of 4.',
  ],
  dynamo: [
    'Admission control of Dynamo’s background tasks by the latency of the foreground; trees in memory are lost with their process and read anew from the data.',
  ],
  'riak-aae': [
    'The throttle of Riak’s repairs by the length of the largest mailbox (repair_throttle is one pause for every key), the token bucket of 90 puts, and tiers of its build throttle.',
  ],
  tictac: [
    'Of tictac: trees of several partitions merged into one, exchanges between clusters, limits of a further round to buckets or times, and its separate store of keys: a tree lost with its process is read anew from the data.',
  ],
} as const;
