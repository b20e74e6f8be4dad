/**
 * The versions of InfluxDB Enterprise that Reconverge knows: each line and the last patch of it that the ledger's sources
 * speak of. Any earlier patch of a line may be named, because facts turn on patches; the line alone stands for its last.
 */
import type { PlacelessMistake } from '../../scenario/dialect-rules.ts';

/** Lines from the oldest to the newest, each with its last patch. */
const LAST_PATCHES: Readonly<Record<string, number>> = {
  '1.5': 4,
  '1.6': 6,
  '1.7': 11,
  '1.8': 10,
  '1.9': 8,
  '1.10': 0,
  '1.11': 1,
};

export const INFLUXDB_LINES: readonly string[] = Object.keys(LAST_PATCHES);
/** What is proposed to whoever names no version that there is. */
const MOST_USED = '1.8';
const NAME = 'influxdb';

/** `1.8.10` as numbers. */
export type InfluxVersion = readonly [major: number, minor: number, patch: number];

/** Of a resolved database such as `influxdb@1.8.10`. */
export function versionOf(database: string): InfluxVersion {
  const [major = 1, minor = 8, patch = 0] = (database.split('@')[1] ?? '').split('.').map(Number);
  return [major, minor, patch];
}

/** Is `version` the same as `other`, such as `1.8.2`, or newer? */
export function isAtLeast(version: InfluxVersion, other: string): boolean {
  const wanted = other.split('.').map(Number);
  for (const [index, part] of version.entries()) {
    const least = wanted[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}

/** `influxdb@1.8` → `influxdb@1.8.10`. */
export function resolveDatabase(requested: string): { database: string } | { mistake: PlacelessMistake } {
  const [name, ...rest] = requested.split('@');
  const version = rest.join('@');
  const [, line, patch] = /^(\d+\.\d+)(?:\.(\d+))?$/.exec(version) ?? [];
  const last = line === undefined ? undefined : LAST_PATCHES[line];
  if (name === NAME && last !== undefined && (patch === undefined || Number(patch) <= last))
    return { database: `${NAME}@${line}.${patch === undefined ? last : Number(patch)}` };
  return {
    mistake: {
      code: 'D310',
      message: messageOf(version, line, last),
      expected: INFLUXDB_LINES.map((each) => `${NAME}@${each}`).join(' | '),
      found: requested,
      suggestion: `database: ${NAME}@${last === undefined ? nearestLine(version) : line}`,
    },
  };
}

function nearestLine(version: string): string {
  const minor = Number(/^1\.(\d+)/.exec(version)?.[1] ?? NaN);
  const newest = INFLUXDB_LINES[INFLUXDB_LINES.length - 1];
  return minor > 11 ? newest : minor < 5 ? INFLUXDB_LINES[0] : MOST_USED;
}

function messageOf(version: string, line: string | undefined, last: number | undefined): string {
  if (version === '') return 'the database needs a version, because facts turn on it';
  if (line === undefined || last === undefined) return `there is no influxdb ${version} here`;
  return `of influxdb ${line} the patches up to ${line}.${last} are known, not ${version}`;
}
