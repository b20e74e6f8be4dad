/**
 * How Reaper's and auto-repair's requests read as a nodetool command of a version: the same options, with the flags that its
 * defaults call for (table d of the reference). Versions without auto-repair refuse it here.
 */
import type { PlacelessMistake, ScheduledRepair } from '../../scenario/dialect-rules.ts';
import { isAtLeast, versionOf } from './versions.ts';
import type { CassandraVersion } from './versions.ts';

export function scheduledCommand(
  database: string,
  asked: ScheduledRepair,
): { command: string } | { mistake: PlacelessMistake } {
  const version = versionOf(database);
  if (version === null) return { mistake: { code: 'D110', message: `there is no database ${database}` } };
  if (asked.by === 'auto_repair' && !isAtLeast(version.line, '5.0')) return { mistake: noAutoRepair(version) };
  const { keyspace, tables } = asked;
  return { command: ['nodetool repair', ...flagsOf(asked, version), keyspace, ...tables].join(' ') };
}

function flagsOf({ by, kind, parallelism }: ScheduledRepair, { repair }: CassandraVersion): string[] {
  const flags: string[] = [];
  if (kind === 'preview_repaired') flags.push('--validate');
  else if (kind !== repair.kind) flags.push(kind === 'full' ? '-full' : '-inc');
  if (by === 'auto_repair') flags.push('-pr');
  if (parallelism === 'dc_parallel') flags.push('-dcpar');
  else if (parallelism !== repair.parallelism) flags.push(parallelism === 'parallel' ? '-par' : '-seq');
  return flags;
}

function noAutoRepair({ line }: CassandraVersion): PlacelessMistake {
  return {
    code: 'D216',
    message: `cassandra ${line} has no auto-repair`,
    expected: 'cassandra@5.0, whose later patches have it',
    suggestion: 'repair: reaper',
  };
}
