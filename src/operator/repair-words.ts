/**
 * How the versions word a repair command (cassandra.j6, j7): its options, its progress, the lines at its end. Facts of
 * `repair/RepairRunnable` (2.2 to 4.1), `repair/RepairCoordinator` (5.0), `repair/messages/RepairOption#toString`,
 * `service/StorageService#forceRepairAsync` (2.0, 2.1) and `tools/RepairRunner`. Pure text.
 */
import type { RangeHolders } from '../data/layout.ts';
import { rangeText } from '../data/tokens.ts';
import type { TokenRange } from '../data/tokens.ts';
import { isAtLeast } from '../dialect/cassandra/versions.ts';
import type { CassandraLine } from '../dialect/cassandra/versions.ts';
import { localRangesOf } from '../repair/neighbours.ts';
import type { Command } from '../repair/state.ts';
import { isIncremental } from '../scenario/entry-kinds.ts';
import type { Plan, PlanRepairOptions, RepairPreview } from '../scenario/plan.ts';
import { javaList } from './java-text.ts';

export interface StartWords {
  plan: Plan;
  line: CassandraLine;
  command: Command;
  layout: RangeHolders;
  keyspace: string;
  number: number;
  uuid: string;
}

export function startText({ plan, line, command, layout, keyspace, number, uuid }: StartWords): string {
  const { options, text } = command.asked.value;
  const ranges = rangesAsked(command, layout);
  if (!isAtLeast(line, '2.2')) {
    const of = `Starting repair command #${number}, repairing ${ranges} ranges for keyspace ${keyspace}`;
    if (line === '2.0') return of;
    return `${of} (parallelism=${PARALLELISM_ENUM[parallelismOf(options)]}, full=${!isIncremental(options)})`;
  }
  const named = isAtLeast(line, '3.11') ? ` (${uuid})` : '';
  const members = optionsOf({ plan, line, command, ranges, text });
  return `Starting repair command #${number}${named}, repairing keyspace ${keyspace} with repair options (${members})`;
}

interface OptionWords {
  plan: Plan;
  line: CassandraLine;
  command: Command;
  ranges: number;
  text: string;
}

function optionsOf({ plan, line, command, ranges, text }: OptionWords): string {
  const { options } = command.asked.value;
  const words = text.split(/\s+/);
  const named = plan.tables.filter(({ id, name }) => options.tables.includes(id) && words.includes(name));
  const { dc } = plan.nodes[command.node];
  const members: [string, unknown][] = [
    ['parallelism', parallelismOf(options)],
    ['primary range', options.primary_range],
    ['incremental', isIncremental(options)],
    ['job threads', options.job_threads ?? 1],
    ['ColumnFamilies', javaList(named.map(({ name }) => name))],
    ['dataCenters', javaList(options.local_dc ? [dc] : options.data_centers)],
    ['hosts', javaList(options.hosts)],
  ];
  if (isAtLeast(line, '4.0')) members.push(['previewKind', options.preview.toUpperCase()]);
  members.push(['# of ranges', ranges]);
  if (isAtLeast(line, '3.11')) members.push(['pull repair', options.pull]);
  if (isAtLeast(line, '4.0'))
    members.push(['force repair', options.force], ['optimise streams', options.optimise_streams]);
  if (isAtLeast(line, '3.11')) members.push(['ignore unreplicated keyspaces', options.ignore_unreplicated]);
  if (isAtLeast(line, '4.1')) members.push(['repairPaxos', true], ['paxosOnly', false]);
  return members.map(([name, value]) => `${name}: ${String(value)}`).join(', ');
}

const PARALLELISM_ENUM = { sequential: 'SEQUENTIAL', parallel: 'PARALLEL', dc_parallel: 'DATACENTER_AWARE' } as const;

function parallelismOf({ strategy }: PlanRepairOptions): keyof typeof PARALLELISM_ENUM {
  if (strategy.endsWith('dc-parallel')) return 'dc_parallel';
  return strategy.includes('sequential') ? 'sequential' : 'parallel';
}

/** cassandra.b2. */
function rangesAsked({ node, asked }: Command, layout: RangeHolders): number {
  const { options, ranges } = asked.value;
  if (ranges !== undefined) return ranges.length;
  if (options.start_token !== null) return 1;
  const local = localRangesOf(layout, node);
  if (!options.primary_range) return local.length;
  return local.filter((index) => layout.replicas[index * layout.copies] === node).length;
}

/** A session is of one range before 3.0, and of a list since (cassandra.b3). */
export function rangesText(line: CassandraLine, ranges: readonly TokenRange[]): string {
  if (!isAtLeast(line, '3.0') && ranges.length > 0) return rangeText(ranges[0]);
  return javaList(ranges.map(rangeText));
}

/**
 * Of 4 steps of preparation and one for each range (2.2 to 4.0), of which a session that ends makes one; since 4.1 of the seven
 * states of a command, of which repairing is the fifth.
 */
export function progressPercent(line: CassandraLine, sessionsEnded: number, ranges: number): number | null {
  if (!isAtLeast(line, '2.2')) return null;
  if (isAtLeast(line, '4.1')) return Math.floor((4 * 100) / 7);
  return Math.floor(((4 + sessionsEnded) * 100) / (4 + ranges));
}

/** In what is printed at the end. */
export interface EndWords {
  line: CassandraLine;
  number: number;
  preview: RepairPreview;
  duration: string;
}

/** Well ended: notes, the success, the completion, and since 4.0 what nodetool asks for once more. */
export function successLines({ line, number, preview, duration }: EndWords): string[] {
  if (!isAtLeast(line, '2.2')) return [`Repair command #${number} finished`];
  const success = preview === 'none' ? 'Repair completed successfully' : 'Repair preview completed successfully';
  const lines = [success, `Repair command #${number} finished in ${duration}`];
  if (!isAtLeast(line, '4.0')) return lines;
  return [...lines, 'condition satisfied queried for parent session status and discovered repair completed.', success];
}

/** Badly ended: `reason` where the command failed before its sessions began, null where some of them did. */
export function failureLines({ line, number, duration }: EndWords, reason: string | null): string[] {
  if (!isAtLeast(line, '2.2')) return [...(reason === null ? [] : [reason]), `Repair command #${number} finished`];
  const withError = `Repair command #${number} finished with error`;
  if (reason === null) {
    if (isAtLeast(line, '4.0')) return [withError];
    return ['Some repair failed', `Repair command #${number} finished in ${duration}`];
  }
  const error = isAtLeast(line, '3.11') ? `Repair command #${number} failed with error ${reason}` : reason;
  return [error, withError];
}

/** A session that failed, as nodetool prints it; since 4.0 as an error of the command. */
export function sessionFailedText(line: CassandraLine, number: number, text: string): string {
  return isAtLeast(line, '4.0') ? `Repair command #${number} failed with error ${text}` : text;
}

/** What lines of system.log about one session begin with. */
export function logPrefix(preview: RepairPreview, uuid: string): string {
  return preview === 'none' ? `[repair #${uuid}]` : `[preview repair #${uuid}]`;
}
