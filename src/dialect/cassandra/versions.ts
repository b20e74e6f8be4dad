/**
 * The versions of Cassandra that Reconverge knows by name, the patch that each line stands for, and what `nodetool
 * repair` does there by default (table d of the reference: `tools/nodetool/Repair`, `repair/messages/RepairOption`).
 * What a line does differently while it runs is in `behaviours.ts`.
 */
import type { PlacelessMistake } from '../../scenario/dialect-rules.ts';

/** What is proposed to whoever names no version that there is. */
const MOST_USED = '4.1';

/** Lines from the oldest to the newest. */
export const CASSANDRA_LINES = ['2.0', '2.1', '2.2', '3.0', '3.11', '4.0', '4.1', '5.0'] as const;
export type CassandraLine = (typeof CASSANDRA_LINES)[number];

export interface RepairDefaults {
  kind: 'full' | 'incremental';
  parallelism: 'sequential' | 'parallel';
  /** How the names of its strategies begin, and how that of one replica at a time ends. */
  strategies: { full: string; incremental: string; sequential: 'sequential' | 'sequential-in-turn' };
}

export interface CassandraVersion {
  line: CassandraLine;
  patch: string;
  repair: RepairDefaults;
}

/** cassandra.c15, c16: what is marked after the repair; C23: the only line whose exchanges follow one another. */
const MARKS_LATE = { incremental: 'incremental-then-mark', sequential: 'sequential' } as const;
const REPAIR_2_0: RepairDefaults = {
  kind: 'full',
  parallelism: 'sequential',
  strategies: { full: 'full', incremental: 'incremental-then-mark', sequential: 'sequential-in-turn' },
};
const REPAIR_2_1: RepairDefaults = {
  kind: 'full',
  parallelism: 'sequential',
  strategies: { full: 'full', ...MARKS_LATE },
};
const REPAIR_2_2: RepairDefaults = {
  kind: 'incremental',
  parallelism: 'parallel',
  strategies: { full: 'full-then-mark', ...MARKS_LATE },
};
const REPAIR_4_0: RepairDefaults = {
  kind: 'incremental',
  parallelism: 'parallel',
  strategies: { full: 'full', incremental: 'incremental', sequential: 'sequential' },
};

/** The patch is the one that the ledger's sources were read at. */
export const CASSANDRA_VERSIONS: Readonly<Record<CassandraLine, CassandraVersion>> = {
  '2.0': { line: '2.0', patch: '2.0.17', repair: REPAIR_2_0 },
  '2.1': { line: '2.1', patch: '2.1.22', repair: REPAIR_2_1 },
  '2.2': { line: '2.2', patch: '2.2.19', repair: REPAIR_2_2 },
  '3.0': { line: '3.0', patch: '3.0.30', repair: REPAIR_2_2 },
  '3.11': { line: '3.11', patch: '3.11.17', repair: REPAIR_2_2 },
  '4.0': { line: '4.0', patch: '4.0.14', repair: REPAIR_4_0 },
  '4.1': { line: '4.1', patch: '4.1.7', repair: REPAIR_4_0 },
  '5.0': { line: '5.0', patch: '5.0.1', repair: REPAIR_4_0 },
};

/** The line of a requested (`4.1`, `cassandra@4.1`) or resolved (`cassandra@4.1.7`) version; null where there is none. */
export function versionOf(requested: string): CassandraVersion | null {
  const text = requested.startsWith('cassandra@') ? requested.slice('cassandra@'.length) : requested;
  return Object.values(CASSANDRA_VERSIONS).find(({ line, patch }) => text === line || text === patch) ?? null;
}

/** Is `line` the same as `other` or newer? */
export function isAtLeast(line: CassandraLine, other: CassandraLine): boolean {
  return CASSANDRA_LINES.indexOf(line) >= CASSANDRA_LINES.indexOf(other);
}

/** `cassandra@4.1` → `cassandra@4.1.7`. */
export function resolveDatabase(requested: string): { database: string } | { mistake: PlacelessMistake } {
  const version = versionOf(requested);
  if (version === null || !requested.startsWith('cassandra@')) return { mistake: unknownVersion(requested) };
  return { database: `cassandra@${version.patch}` };
}

function unknownVersion(requested: string): PlacelessMistake {
  const [name, ...rest] = requested.split('@');
  const version = rest.join('@');
  const line = CASSANDRA_LINES.find((candidate) => version.startsWith(`${candidate}.`));
  return {
    code: 'D110',
    message: messageOf(name, version, line),
    expected: CASSANDRA_LINES.map((candidate) => `cassandra@${candidate}`).join(' | '),
    found: requested,
    suggestion: `database: cassandra@${line ?? nearestLine(version)}`,
  };
}

/** The newest line to whoever asks for a newer one. */
function nearestLine(version: string): CassandraLine {
  const newest = CASSANDRA_LINES[CASSANDRA_LINES.length - 1];
  return parseFloat(version) > parseFloat(newest) ? newest : MOST_USED;
}

function messageOf(name: string, version: string, line: CassandraLine | undefined): string {
  if (name !== 'cassandra') return `there is no database "${name}"`;
  if (version === '') return 'the database needs a version, because facts turn on it';
  if (line === undefined) return `there is no cassandra ${version}`;
  return `of cassandra ${line} the patch ${CASSANDRA_VERSIONS[line].patch} is known, not ${version}`;
}
