/**
 * The settings of influxdb.conf that the model knows, by version: `section.key`, type, default from each version on
 * (influxdb.3.1, 6.1, 13), bounds, and the rules of the ledger they matter for; none: read, and it changes nothing yet. Under
 * `model.` stand values that no version lets anybody set, or publishes: assumptions that a scenario may change.
 */
import type { SettingSpec, SettingType } from '../../scenario/dialect-rules.ts';
import type { SettingValue } from '../../scenario/plan.ts';
import { readWritten } from './settings-notation.ts';
import { isAtLeast, versionOf } from './versions.ts';
import type { InfluxVersion } from './versions.ts';

interface SettingRow {
  type: SettingType;
  /** Default from a version on, oldest first; null: the version does not have the setting. */
  from: readonly (readonly [since: string, value: SettingValue])[];
  min?: number;
  max?: number;
  /** Another name of it in some versions' documents. */
  alias?: string;
  values?: readonly string[];
  rules?: readonly string[];
}

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const MIB = 1024 * 1024;
const OLDEST = '1.5.0';

function always(value: SettingValue): SettingRow['from'] {
  return [[OLDEST, value]];
}

const ROWS: Readonly<Record<string, SettingRow>> = {
  'hinted-handoff.enabled': { type: 'boolean', from: always(true), rules: ['influxdb.3.1-enabled'] },
  'hinted-handoff.max-size': { type: 'size', from: always(10_240 * MIB), rules: ['influxdb.3.3-max-size'] },
  'hinted-handoff.max-age': { type: 'duration', from: always(168 * HOUR), rules: ['influxdb.3.4-max-age'] },
  'hinted-handoff.retry-concurrency': {
    ...{ type: 'integer', from: always(20), min: 1, max: 10_000 },
    rules: ['influxdb.3.5-draining'],
  },
  // Before 1.7.7 it is in the file and does nothing (influxdb.3.1).
  'hinted-handoff.retry-rate-limit': {
    ...{ type: 'size', from: [['1.7.7', 0]] },
    rules: ['influxdb.3.5-draining'],
  },
  'hinted-handoff.retry-interval': {
    ...{ type: 'duration', from: always(SECOND), min: 1000 },
    rules: ['influxdb.3.5-draining'],
  },
  'hinted-handoff.retry-max-interval': {
    type: 'duration',
    from: [
      [OLDEST, 10 * SECOND],
      ['1.9.0', 200 * SECOND],
    ],
    min: 1000,
    rules: ['influxdb.3.5-draining'],
  },
  'hinted-handoff.purge-interval': {
    ...{ type: 'duration', from: always(MINUTE), min: 1000 },
    rules: ['influxdb.3.4-max-age'],
  },
  'hinted-handoff.batch-size': {
    ...{ type: 'size', from: always(512_000), min: 1 },
    rules: ['influxdb.3.5-draining'],
  },
  // Fixed before 1.8.2; called max-pending-writes in documents of 1.8 and 1.9 (influxdb.3.1).
  'hinted-handoff.max-writes-pending': {
    ...{ type: 'integer', from: [['1.8.2', 1024]], min: 1, alias: 'hinted-handoff.max-pending-writes' },
    rules: ['influxdb.3.1-pending'],
  },
  'cluster.write-timeout': {
    ...{ type: 'duration', from: always(10 * SECOND), min: 1000 },
    rules: ['influxdb.2-write-timeout'],
  },
  'cluster.dial-timeout': {
    ...{ type: 'duration', from: always(SECOND), min: 1000 },
    rules: ['influxdb.2-remote'],
  },
  // 1.7.11 has it, the first two patches of 1.8 do not (influxdb.3.1).
  'cluster.allow-out-of-order-writes': {
    type: 'boolean',
    from: [
      ['1.7.11', false],
      ['1.8.0', null],
      ['1.8.2', false],
    ],
    rules: ['influxdb.2-queue-first'],
  },
  // 0: no limit.
  'data.cache-max-memory-size': { type: 'size', from: always(1024 * MIB), rules: ['influxdb.1-cache-full'] },
  'data.cache-snapshot-memory-size': { type: 'size', from: always(25 * MIB), min: 1, rules: ['influxdb.1-cache'] },
  'data.cache-snapshot-write-cold-duration': {
    ...{ type: 'duration', from: always(10 * MINUTE), min: 1000 },
    rules: ['influxdb.1-cache'],
  },
  'data.compact-full-write-cold-duration': {
    ...{ type: 'duration', from: always(4 * HOUR), min: 1000 },
    rules: ['influxdb.6.3-idle'],
  },
  'retention.enabled': { type: 'boolean', from: always(true), rules: ['influxdb.4-retention'] },
  'retention.check-interval': {
    ...{ type: 'duration', from: always(30 * MINUTE), min: 1000 },
    rules: ['influxdb.4-retention'],
  },
  'data.compact-throughput': { type: 'size', from: always(48 * MIB), rules: ['influxdb.1-compaction'] },
  'data.compact-throughput-burst': { type: 'size', from: always(48 * MIB), rules: ['influxdb.1-compaction'] },
  // 0: half the cores.
  'data.max-concurrent-compactions': { type: 'integer', from: always(0), min: 0, rules: ['influxdb.1-compaction'] },
  'anti-entropy.enabled': {
    type: 'boolean',
    from: [
      [OLDEST, true],
      ['1.7.3', false],
    ],
    rules: ['influxdb.6.2-check'],
  },
  'anti-entropy.check-interval': {
    type: 'duration',
    from: [
      [OLDEST, 30 * SECOND],
      ['1.6.0', 5 * MINUTE],
    ],
    min: 1000,
    rules: ['influxdb.6.2-check'],
  },
  'anti-entropy.max-fetch': { type: 'integer', from: always(10), min: 1, rules: ['influxdb.6.5-repair'] },
  'anti-entropy.max-sync': { type: 'integer', from: [['1.6.0', 1]], min: 1, rules: ['influxdb.6.4-digest'] },
  'anti-entropy.auto-repair-missing': { type: 'boolean', from: [['1.6.0', true]], rules: ['influxdb.6.2-missing'] },
  // Which version compares content first is read from notes only (influxdb.6.1).
  'model.compares-content': {
    type: 'boolean',
    from: [
      [OLDEST, false],
      ['1.6.2', true],
    ],
    rules: ['influxdb.6.2-check'],
  },
  // Whether a repair goes round once or until nothing differs is not documented (influxdb.6.5).
  'model.repair-until-equal': { type: 'boolean', from: always(false), rules: ['influxdb.6.5-repair'] },
  // "Always forward repair to the next node": notes of 1.7.7 and 1.8.5 (influxdb.6.1).
  'model.forwards-repairs': {
    type: 'boolean',
    from: [
      [OLDEST, false],
      ['1.7.7', true],
      ['1.8.0', false],
      ['1.8.5', true],
    ],
    rules: ['influxdb.6.5-repair'],
  },
  // Mended in 1.8.6 and, after a fall back, in 1.9.2 (influxdb.6.1).
  'model.copies-empty-again': {
    type: 'boolean',
    from: [
      [OLDEST, true],
      ['1.8.6', false],
      ['1.9.0', true],
      ['1.9.2', false],
    ],
    rules: ['influxdb.6.2-missing'],
  },
  // Set inside the program since 1.2.2, its value unpublished (influxdb.12, 1).
  'model.remote-timeout': {
    ...{ type: 'duration', from: always(5 * SECOND), min: 1000 },
    rules: ['influxdb.2-remote'],
  },
  // Notes of 1.9.7 and 1.9.8 name a short, growing period and no lengths (influxdb.2).
  'model.throttle-interval': {
    type: 'duration',
    from: [
      [OLDEST, 0],
      ['1.9.7', SECOND],
    ],
    rules: ['influxdb.2-throttle'],
  },
  'model.throttle-max-interval': {
    ...{ type: 'duration', from: always(10 * SECOND), min: 1000 },
    rules: ['influxdb.2-throttle'],
  },
  'model.cores': { type: 'integer', from: always(8), min: 1, rules: ['influxdb.1-compaction'] },
  // What a torn segment costs: all of it before segments are checked at the start (influxdb.3.7).
  'model.torn-segment': {
    type: 'text',
    from: [
      [OLDEST, 'segment'],
      ['1.8.2', 'block'],
    ],
    values: ['segment', 'block', 'stuck'],
    rules: ['influxdb.3.7-torn'],
  },
  'model.loses-after-purge': {
    type: 'boolean',
    from: [
      [OLDEST, true],
      ['1.9.5', false],
    ],
    rules: ['influxdb.3.4-short-purge'],
  },
  'model.poison-blocks-queue': {
    type: 'boolean',
    from: [
      [OLDEST, false],
      ['1.9.7', true],
      ['1.9.8', false],
    ],
    rules: ['influxdb.3.5-poison'],
  },
  'model.any-behind-queue': { type: 'boolean', from: always(true), rules: ['influxdb.2-levels'] },
  'model.size-per-shard': {
    type: 'boolean',
    from: [
      [OLDEST, true],
      ['1.5.3', false],
    ],
    rules: ['influxdb.3.3-max-size'],
  },
};

const TABLES = new Map<string, Readonly<Record<string, SettingSpec>>>();

/** Of a resolved database such as `influxdb@1.8.10`. */
export function settingsOf(database: string): Readonly<Record<string, SettingSpec>> {
  const known = TABLES.get(database);
  if (known !== undefined) return known;
  const table: Record<string, SettingSpec> = {};
  for (const [name, row] of Object.entries(ROWS)) {
    const fallback = fallbackOf(row, versionOf(database));
    if (fallback !== null) table[name] = specOf(row, fallback);
  }
  TABLES.set(database, table);
  return table;
}

/** Is it a setting of some version? */
export function isSettingOfAnyVersion(name: string): boolean {
  return Object.hasOwn(ROWS, name);
}

/** Null where the version does not have the setting. */
function fallbackOf({ from }: SettingRow, version: InfluxVersion): SettingValue {
  let fallback: SettingValue = null;
  for (const [since, value] of from) if (isAtLeast(version, since)) fallback = value;
  return fallback;
}

function specOf({ type, min, max, values, alias, rules = [] }: SettingRow, fallback: SettingValue): SettingSpec {
  return {
    ...{ type, fallback, aliases: alias === undefined ? [] : [{ name: alias, scale: 1 }], rules: [...rules] },
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(values === undefined ? {} : { values }),
    read: (value) =>
      values === undefined || values.includes(String(value))
        ? readWritten(type, value)
        : { code: 'S120', message: `"${String(value)}" is none of its words`, expected: values.join(' | ') },
  };
}
