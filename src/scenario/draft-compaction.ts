/**
 * The compaction of a table: options of its class with their defaults (cassandra.g-compaction), which class the version
 * has, and which options the class does not know.
 */
import type { Drafting } from './drafting.ts';
import type { Path } from './places.ts';
import type { CompactionClass, PlanCompaction } from './plan.ts';
import type { ScenarioTable } from './schema/scenario.ts';

type Given = NonNullable<ScenarioTable['compaction']>;
type Option = Exclude<keyof Given, 'class'>;

const MIB = 1024 * 1024;
const SECOND_MICROS = 1_000_000;
const DAY_MICROS = 86_400 * SECOND_MICROS;
const UNITS = { MINUTES: 60 * SECOND_MICROS, HOURS: 3600 * SECOND_MICROS, DAYS: DAY_MICROS };

const OF_ALL: readonly Option[] = ['enabled', 'only_purge_repaired_tombstones'];
const BUCKETS: readonly Option[] = ['min_threshold', 'max_threshold', 'min_sstable_size', 'bucket_low', 'bucket_high'];
const OPTIONS: Readonly<Record<CompactionClass, readonly Option[]>> = {
  SizeTieredCompactionStrategy: BUCKETS,
  LeveledCompactionStrategy: [...BUCKETS, 'sstable_size_in_mb', 'fanout_size'],
  TimeWindowCompactionStrategy: [
    ...BUCKETS,
    'compaction_window_unit',
    'compaction_window_size',
    'unsafe_aggressive_sstable_expiration',
  ],
  DateTieredCompactionStrategy: [...BUCKETS, 'base_time_seconds', 'max_window_size_seconds', 'max_sstable_age_days'],
  UnifiedCompactionStrategy: [
    'min_sstable_size',
    'scaling_parameters',
    'base_shard_count',
    'target_sstable_size',
    'sstable_growth',
    'flush_size_override',
  ],
};

export function draftCompaction(drafting: Drafting, given: Given, path: Path): PlanCompaction {
  const className = given.class ?? 'SizeTieredCompactionStrategy';
  checkClass(drafting, className, path);
  checkOptions(drafting, given, className, path);
  checkSense(drafting, given, path);
  const isUnified = className === 'UnifiedCompactionStrategy';
  return {
    class: className,
    min_threshold: given.min_threshold ?? 4,
    max_threshold: given.max_threshold ?? 32,
    min_sstable_bytes: given.min_sstable_size ?? (isUnified ? 100 : 50) * MIB,
    bucket_low: given.bucket_low ?? 0.5,
    bucket_high: given.bucket_high ?? 1.5,
    enabled: given.enabled ?? true,
    ...(given.only_purge_repaired_tombstones === undefined
      ? {}
      : { only_purge_repaired_tombstones: given.only_purge_repaired_tombstones }),
    ...ownOptions(drafting, given, className, path),
  };
}

function ownOptions(drafting: Drafting, given: Given, className: CompactionClass, path: Path): Partial<PlanCompaction> {
  switch (className) {
    case 'SizeTieredCompactionStrategy':
      return {};
    case 'LeveledCompactionStrategy':
      return { sstable_bytes: (given.sstable_size_in_mb ?? 160) * MIB, fanout_size: given.fanout_size ?? 10 };
    case 'TimeWindowCompactionStrategy':
      return {
        window_micros: UNITS[given.compaction_window_unit ?? 'DAYS'] * (given.compaction_window_size ?? 1),
        unsafe_aggressive_sstable_expiration: given.unsafe_aggressive_sstable_expiration ?? false,
      };
    case 'DateTieredCompactionStrategy':
      return {
        base_time_micros: (given.base_time_seconds ?? 60) * SECOND_MICROS,
        max_window_micros: (given.max_window_size_seconds ?? 86_400) * SECOND_MICROS,
        max_age_micros: (given.max_sstable_age_days ?? 365) * DAY_MICROS,
      };
    case 'UnifiedCompactionStrategy':
      return {
        scaling: readScaling(drafting, given.scaling_parameters ?? 'T4', path),
        base_shard_count: given.base_shard_count ?? 4,
        target_bytes: given.target_sstable_size ?? 1024 * MIB,
        sstable_growth: given.sstable_growth ?? 0.333,
        ...(given.flush_size_override === undefined ? {} : { flush_size_bytes: given.flush_size_override }),
      };
  }
}

/** `T8, T4, N` → w of each level: T8 = 6, L8 = -6, N = 0, a whole number itself. */
function readScaling({ list }: Drafting, text: string, path: Path): number[] {
  const parts = text.split(',').map((part) => part.trim());
  const read = parts.map((part) => {
    const match = /^(?:([TL])(\d+)|(N)|([+-]?\d+))$/.exec(part);
    if (match === null) return null;
    const [, letter, fanout, none, plain] = match;
    if (none !== undefined) return 0;
    if (letter === undefined) return Number(plain);
    const w = Number(fanout) - 2;
    return w < 0 ? null : letter === 'T' ? w : -w;
  });
  const wrong = read.indexOf(null);
  if (wrong < 0) return read.filter((w) => w !== null);
  list.add([...path, 'scaling_parameters'], {
    code: 'S118',
    message: `"${parts[wrong]}" is not a scaling parameter`,
    expected: 'T or L with a number from 2 on, N, or a whole number, such as "T4" or "T8, T4, N"',
    found: text,
  });
  return [2];
}

function checkClass({ rules, database, list }: Drafting, className: CompactionClass, path: Path): void {
  const classes = rules.compactionClasses(database);
  if (classes.includes(className)) return;
  list.add([...path, 'class'], {
    code: 'D141',
    message: `${database} has no ${className}`,
    expected: classes.join(' | '),
    found: className,
    notes: [
      `the database says: Unable to find compaction strategy class 'org.apache.cassandra.db.compaction.${className}'`,
    ],
  });
}

function checkOptions({ list }: Drafting, given: Given, className: CompactionClass, path: Path): void {
  const known = [...OF_ALL, ...OPTIONS[className]];
  for (const option of Object.keys(given) as (keyof Given)[]) {
    if (option === 'class' || known.includes(option)) continue;
    list.add([...path, option], {
      code: 'D142',
      message: `${className} has no option ${option}`,
      expected: known.join(', '),
      notes: [`the database says: Properties specified [${option}] are not understood by ${className}`],
    });
  }
}

function checkSense({ list }: Drafting, given: Given, path: Path): void {
  const refuse = (option: Option, expected: string): void =>
    list.add([...path, option], { code: 'S117', message: `${option} is out of range`, expected });
  if (given.min_threshold !== undefined && given.min_threshold < 2) refuse('min_threshold', 'at least 2');
  if ((given.max_threshold ?? 32) < (given.min_threshold ?? 4)) refuse('max_threshold', 'at least min_threshold');
  if (given.fanout_size !== undefined && given.fanout_size < 2) refuse('fanout_size', 'at least 2');
  if ((given.bucket_high ?? 1.5) <= (given.bucket_low ?? 0.5))
    refuse(given.bucket_high === undefined ? 'bucket_low' : 'bucket_high', 'bucket_high above bucket_low');
  const sizes: readonly Option[] = [
    'sstable_size_in_mb',
    'compaction_window_size',
    'base_time_seconds',
    'max_window_size_seconds',
    'base_shard_count',
    'target_sstable_size',
    'flush_size_override',
  ];
  for (const option of sizes) if (given[option] === 0) refuse(option, 'above 0');
}
