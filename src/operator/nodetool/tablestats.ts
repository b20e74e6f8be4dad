/**
 * `nodetool tablestats` (`cfstats` before 3.0; cassandra.j4, `tools/nodetool/stats/TableStatsPrinter`): the lines of the version
 * in their order. What the model has is printed from its SSTables and memtables; what it has not (heap, filters, latencies,
 * reads) reads "?". Lines that stand only where something is off heap are left out.
 */
import type { Run } from '../../data/run.ts';
import { isAtLeast } from '../../dialect/cassandra/versions.ts';
import { fixedHalfEven, javaDouble, memorySize, UNKNOWN } from '../java-text.ts';
import { keyspacesOf } from '../moment.ts';
import type { Moment } from '../moment.ts';
import { droppableRatio, partitionsEstimate, sumBytes } from './table-figures.ts';
import type { Asked, NodetoolCommand } from './view.ts';

const SHAPE = {
  since: '2.0',
  words: 'tables',
  wordsMin: 0,
  wordsMax: 20,
  options: [],
  view: tableLines,
} as const;

export const tablestats: NodetoolCommand = {
  ...SHAPE,
  name: 'tablestats',
  usage: 'nodetool tablestats [KEYSPACE[.TABLE]…]',
  since: '3.0',
};
export const cfstats: NodetoolCommand = { ...SHAPE, name: 'cfstats', usage: 'nodetool cfstats [KEYSPACE[.TABLE]…]' };

const RULE = '----------------';

function tableLines(moment: Moment, { node, words }: Asked): string[] {
  const { plan, line } = moment;
  const isShown = (id: string, keyspace: string): boolean =>
    words.length === 0 || words.includes(id) || words.includes(keyspace);
  const lines = isAtLeast(line, '2.2') ? [`Total number of tables: ${plan.tables.length}`, RULE] : [];
  for (const keyspace of keyspacesOf(plan)) {
    const tables = plan.tables.flatMap((table, index) =>
      table.keyspace === keyspace && isShown(table.id, keyspace) ? [index] : [],
    );
    if (tables.length === 0) continue;
    lines.push(`${isAtLeast(line, '5.0') ? 'Keyspace' : 'Keyspace '}: ${keyspace}`);
    for (const name of ['Read Count', 'Read Latency', 'Write Count', 'Write Latency'])
      lines.push(`\t${name}: ${UNKNOWN}${name.endsWith('Latency') ? ' ms' : ''}`);
    lines.push(`\tPending Flushes: ${pendingFlushes(moment, node, tables)}`);
    for (const table of tables) lines.push(...linesOf(moment, node, table).map((text) => `\t\t${text}`), '');
    lines.push(RULE);
  }
  return lines;
}

function pendingFlushes({ world }: Moment, node: number, tables: readonly number[]): number {
  return tables.reduce((sum, table) => sum + world.storage.of(node, table).flushes.length, 0);
}

function linesOf(moment: Moment, node: number, table: number): string[] {
  const { plan, world, line, journal } = moment;
  const place = world.storage.of(node, table);
  const { runs, memtable } = place;
  const snapshots = world.storage.snapshotBytes(node, table, ownSnapshots(moment, node, table));
  const live = sumBytes(runs);
  let memtableBytes = 0;
  for (let entry = 0; entry < memtable.count; entry += 1)
    memtableBytes += world.storage.bytesOfEntry(memtable.slots[entry], memtable.versions[entry]);
  const since = (first: Parameters<typeof isAtLeast>[1], ...lines: string[]): string[] =>
    isAtLeast(line, first) ? lines : [];
  return [
    `Table: ${plan.tables[table].name}`,
    `SSTable count: ${runs.length}`,
    ...since('4.0', 'Old SSTable count: 0'),
    ...since(
      '5.0',
      `Max SSTable size: ${memorySize(
        runs.reduce((most, { bytes }) => Math.max(most, bytes), 0),
        true,
      )}`,
    ),
    ...levelLines(moment, table, runs),
    `Space used (live): ${live}`,
    `Space used (total): ${live}`,
    `Space used by snapshots (total): ${snapshots}`,
    `SSTable Compression Ratio: ${UNKNOWN}`,
    `Number of ${isAtLeast(line, '3.0') ? 'partitions' : 'keys'} (estimate): ${partitionsEstimate(world.tables[table], place, node)}`,
    `Memtable cell count: ${memtable.count}`,
    `Memtable data size: ${memtableBytes}`,
    `Memtable switch count: ${journal.flushes[node][table]}`,
    ...since('5.0', `Speculative retries: ${UNKNOWN}`),
    `Local read count: ${UNKNOWN}`,
    `Local read latency: ${UNKNOWN} ms`,
    `Local write count: ${UNKNOWN}`,
    `Local write latency: ${UNKNOWN} ms`,
    ...since('5.0', `Local read/write ratio: ${UNKNOWN}`),
    `Pending flushes: ${place.flushes.length}`,
    ...repairedLines(moment, runs),
    ...restLines(moment, droppableRatio(world, place, world.kernel.now)),
  ];
}

/** Snapshots that repairs keep of the table. */
function ownSnapshots({ world }: Moment, node: number, table: number): number[] {
  return [...world.repairs.state.snapshots.values()]
    .filter((snapshot) => snapshot.node === node && snapshot.table === table && snapshot.hostSnapshot !== 0)
    .map(({ hostSnapshot }) => hostSnapshot);
}

/** Of leveled compaction, nine levels; a level above its size says so. */
function levelLines({ plan, line }: Moment, table: number, runs: readonly Run[]): string[] {
  if (plan.tables[table].compaction.class !== 'LeveledCompactionStrategy') return [];
  const levels = Array.from({ length: 9 }, (_none, level) => runs.filter((run) => run.level === level));
  const counts = levels.map((own, level) => {
    const most = level === 0 ? 4 : tenTo(level);
    return own.length > most ? `${own.length}/${most}` : String(own.length);
  });
  const lines = [`SSTables in each level: [${counts.join(', ')}]`];
  if (isAtLeast(line, '4.1'))
    lines.push(
      `SSTable bytes in each level: [${levels.map((own) => memorySize(sumBytes(own), isAtLeast(line, '5.0'))).join(', ')}]`,
    );
  return lines;
}

function tenTo(exponent: number): number {
  let power = 1;
  for (let step = 0; step < exponent; step += 1) power *= 10;
  return power;
}

/** Of all bytes those in SSTables with a time of repair: what an incremental repair has only set apart is not among them. */
function repairedLines({ line }: Moment, runs: readonly Run[]): string[] {
  if (!isAtLeast(line, '3.11')) return [];
  const total = sumBytes(runs);
  const repaired = sumBytes(runs.filter(({ repairedAt }) => repairedAt > 0));
  const pending = sumBytes(runs.filter(({ repairedAt, pendingRepair }) => repairedAt === 0 && pendingRepair > 0));
  const percent = total === 0 ? 100 : Math.floor((repaired / total) * 10_000 + 0.5) / 100;
  const lines = [`Percent repaired: ${javaDouble(percent)}`];
  if (!isAtLeast(line, '4.0')) return lines;
  const size = (bytes: number): string => memorySize(bytes, isAtLeast(line, '5.0'));
  return [
    ...lines,
    `Bytes repaired: ${size(repaired)}`,
    `Bytes unrepaired: ${size(total - repaired - pending)}`,
    `Bytes pending repair: ${size(pending)}`,
  ];
}

function restLines({ line }: Moment, droppable: number): string[] {
  const unknown = [
    ...['Bloom filter false positives', 'Bloom filter false ratio', 'Bloom filter space used'],
    ...['Compacted partition minimum bytes', 'Compacted partition maximum bytes', 'Compacted partition mean bytes'],
    ...['Average live cells per slice (last five minutes)', 'Maximum live cells per slice (last five minutes)'],
    ...['Average tombstones per slice (last five minutes)', 'Maximum tombstones per slice (last five minutes)'],
  ].map((name) => `${name}: ${UNKNOWN}`);
  if (isAtLeast(line, '3.0') && !isAtLeast(line, '5.0')) unknown.push(`Dropped Mutations: ${UNKNOWN}`);
  return isAtLeast(line, '4.0') ? [...unknown, `Droppable tombstone ratio: ${fixedHalfEven(droppable, 5)}`] : unknown;
}
