/**
 * `nodetool compactionstats` (`tools/nodetool/CompactionStats`, cassandra.j9): what waits by table, and what runs with its
 * progress in bytes: compactions, validations, anticompactions. 5.0 prints one table with counters above it, of which
 * those that the model does not keep read "?".
 */
import { isAtLeast } from '../../dialect/cassandra/versions.ts';
import { Settings } from '../../run/settings.ts';
import { fixedHalfEven, javaDouble, table, UNKNOWN } from '../java-text.ts';
import type { Moment } from '../moment.ts';
import type { NodetoolCommand } from './view.ts';

export const compactionstats: NodetoolCommand = {
  name: 'compactionstats',
  usage: 'nodetool compactionstats',
  since: '2.0',
  words: 'nothing',
  wordsMin: 0,
  wordsMax: 0,
  options: [],
  view: (moment, { node }) => statsLines(moment, node),
};

/** A row of what runs. */
export interface RunningCompaction {
  id: string;
  type: string;
  /** Index of the table. */
  table: number;
  completed: number;
  total: number;
}

const MIB = 1_048_576;
const COLUMNS = ['id', 'compaction type', 'keyspace', 'table', 'completed', 'total', 'unit', 'progress'];

function statsLines(moment: Moment, node: number): string[] {
  const { plan, line } = moment;
  const pending = plan.tables.map((_table, index) => moment.world.compaction.pendingTasksOf(node, index));
  const total = pending.reduce((sum, count) => sum + count, 0);
  const running = runningOn(moment, node);
  const rows = running.map((row) => cellsOf(moment, row));
  const remaining = remainingText(moment, node, running);
  if (isAtLeast(line, '5.0')) return newLines(moment, node, { pending, total, rows, remaining });
  const tables = plan.tables.flatMap(({ id }, index) => (pending[index] > 0 ? [`- ${id}: ${pending[index]}`] : []));
  const lines = [`pending tasks: ${total}`, ...(isAtLeast(line, '3.0') ? [...tables, ''] : [])];
  if (rows.length === 0) return lines;
  return [...lines, ...tableLines(moment, rows), `${'Active compaction remaining time : '}${remaining.padStart(10)}`];
}

/** Since 3.0 to the left and as wide as they must be; before, to the right with three blanks, and the number only from 2.1 on. */
function tableLines({ line }: Moment, rows: readonly (readonly string[])[]): string[] {
  if (isAtLeast(line, '3.0')) return table([COLUMNS, ...rows]);
  const all = [COLUMNS, ...rows].map((row) => (line === '2.0' ? row.slice(1) : row));
  const widths = all[0].map((_cell, column) => all.reduce((most, row) => Math.max(most, row[column].length), 0));
  return all.map((row) => row.map((cell, column) => cell.padStart(widths[column] + 3)).join(''));
}

interface NewParts {
  pending: readonly number[];
  total: number;
  rows: readonly (readonly string[])[];
  remaining: string;
}

function newLines(
  { plan, world, journal }: Moment,
  node: number,
  { pending, total, rows, remaining }: NewParts,
): string[] {
  const settings = new Settings(plan, plan.nodes[node]);
  const { completed, bytes } = journal.compactions[node];
  const upMicros = world.kernel.now - world.cluster.startedAt[node];
  const perHour = upMicros > 0 ? fixedHalfEven((completed * 3600e6) / upMicros, 2) : '0.00';
  const throughput = settings.number('compaction_throughput', 64 * MIB);
  const cells: string[][] = [
    ['concurrent compactors', String(settings.number('concurrent_compactors', 2))],
    ['pending tasks', String(total)],
    ...plan.tables.flatMap(({ keyspace, name }, index) =>
      pending[index] > 0 ? [[keyspace, name, String(pending[index])]] : [],
    ),
    ['compactions completed', String(completed)],
    ['data compacted', String(bytes)],
    ['compactions aborted', UNKNOWN],
    ['compactions reduced', UNKNOWN],
    ['sstables dropped from compaction', UNKNOWN],
    ['15 minute rate', `${UNKNOWN}/minute`],
    ['mean rate', `${perHour}/hour`],
    ['compaction throughput (MiB/s)', throughput === 0 ? 'throttling disabled (0)' : javaDouble(throughput / MIB)],
  ];
  if (rows.length > 0)
    cells.push(COLUMNS, ...rows.map((row) => [...row]), ['active compaction remaining time', remaining]);
  return table(cells);
}

function cellsOf({ plan }: Moment, { id, type, table: index, completed, total }: RunningCompaction): string[] {
  const { keyspace, name } = plan.tables[index];
  const progress = total === 0 ? 'n/a' : `${fixedHalfEven((completed / total) * 100, 2)}%`;
  return [id, type, keyspace, name, String(completed), String(total), 'bytes', progress];
}

/** What the node has under way, in the order of their kinds. */
export function runningOn(moment: Moment, node: number): RunningCompaction[] {
  const { world, names, journal } = moment;
  const { devices } = world.devices;
  const compactions = world.compaction.underWay(node).map(({ id, table: index, job, bytes }) => ({
    id: names.timeUuid(journal.compactionBegan.get(id) ?? 0, id, node),
    ...{ type: 'Compaction', table: index, completed: devices.doneBytes(job), total: bytes },
  }));
  const antiCompactions = world.compaction.antiCompactions
    .underWay(node)
    .filter(({ job }) => job !== 0)
    .map(({ id, session, table: index, groups, job }) => ({
      id: names.timeUuid(journal.repairs.trails.get(session)?.preparedMicros ?? 0, id, node),
      ...{ type: 'Anticompaction after repair', table: index, completed: devices.doneBytes(job) },
      total: groups[0].reduce((sum, run) => sum + run.bytes, 0),
    }));
  const validations = [...world.repairs.state.validations.values()]
    .filter((validation) => validation.node === node && validation.diskJob !== 0)
    .map(({ id, table: index, diskJob, readBytes, readMicros }) => ({
      id: names.timeUuid(readMicros, id, node),
      ...{ type: 'Validation', table: index, completed: devices.doneBytes(diskJob), total: readBytes },
    }));
  return [...compactions, ...antiCompactions, ...validations];
}

function remainingText({ plan }: Moment, node: number, running: readonly RunningCompaction[]): string {
  const throughput = new Settings(plan, plan.nodes[node]).number('compaction_throughput', 64 * MIB);
  if (throughput === 0) return 'n/a';
  const left = running.reduce((sum, { completed, total }) => sum + total - completed, 0);
  const seconds = Math.floor(left / throughput);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}h${two(Math.floor((seconds % 3600) / 60))}m${two(seconds % 60)}s`;
}
