/**
 * A plan as people read it before it runs: how large it is, what happens when, the latencies it draws from, what was
 * assumed and what is not modelled. A pure function of the plan; it runs nothing.
 */
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatExact,
  formatShare,
  formatSpan,
  plural,
} from '../base/human.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import type {
  Plan,
  PlanDistribution,
  PlanEntry,
  PlanLatencies,
  PlanProbe,
  PlanSegments,
  PlanWorkload,
} from '../scenario/plan.ts';
import { editedLines } from './edited.ts';
import { hintWindowsOfOthers, windowText } from './hint-windows.ts';
import { COLUMNS_MIN, justify, renderLines, span } from './lines.ts';
import type { Line, TextOptions } from './lines.ts';
import { clusterText, pointLines, policyLines, pointProbeText } from './plan-points.ts';
import { copiesPerRow, expectedArrivals, planSize } from './plan-size.ts';
import { databaseText, sentences, separated } from './run.ts';
import { settingsTogether } from './settings-together.ts';
import { labelled, renderTable, renderWrapped } from './table.ts';
import { escapeControls } from './width.ts';
import { shardEntryText } from './plan-shards.ts';

/** Entries beyond these are counted. */
const ENTRIES_SHOWN = 60;
const NODES_SHOWN = 4;

export function renderPlan(plan: Plan, options: TextOptions): string {
  const columns = Math.max(options.columns, COLUMNS_MIN);
  const clock = new VirtualClock(plan.start, plan.duration_micros + plan.settle_micros);
  const blocks: Line[][] = [
    [
      justify(
        [span(escapeControls(plan.name), 'bold')],
        [span(escapeControls(databaseText(plan, plan)), 'dim')],
        columns,
      ),
      ...editedLines(plan, columns),
    ],
    sizeLines(plan, clock, columns),
    workloadLines(plan, clock, columns),
    entryLines(plan, clock, columns),
    latencyLines(plan, columns),
    addressLines(plan, columns),
    caveats(plan, columns),
    [[span(' nothing was run', 'dim')]],
  ];
  return renderLines(separated(blocks), { ...options, columns });
}

function sizeLines(plan: Plan, clock: VirtualClock, columns: number): Line[] {
  const size = planSize(plan);
  const members = plan.nodes.filter((node) => node.joins === undefined);
  const dcs = [...new Set(members.map((node) => node.dc))];
  const inDcs = dcs.map((dc) => `${dc} ${members.filter((node) => node.dc === dc).length}`).join(', ');
  const tokens = members.reduce((sum, node) => sum + node.tokens.length, 0);
  const reads = size.reads === 0 ? '' : `${plural(size.reads, 'read')} · `;
  const writes =
    size.mutations === size.writes
      ? plural(size.writes, 'write')
      : `${plural(size.writes, 'write')}, ${plural(size.mutations, 'mutation')}`;
  const joining = plan.nodes.length - members.length;
  const later = joining === 0 ? '' : `; ${joining} more to come`;
  const ring = `${plural(members.length, 'node')} (${inDcs}), ${plural(tokens, 'token')}${later}`;
  const day = clock.startDay();
  const settle = plan.settle_micros > 0 ? `, then ${formatSpan(plan.settle_micros)} to settle` : '';
  return [
    ...labelled('cluster', plan.points === undefined ? ring : clusterText(plan), columns),
    ...labelled('length', formatSpan(plan.duration_micros) + settle + (day === '' ? '' : `, from ${day}`), columns),
    ...policyLines(plan, columns),
    ...plan.tables.flatMap((table) => {
      if (table.shard !== undefined) return [];
      const rows = table.partitions * table.rows_per_partition;
      const text = `${plural(rows, 'row')} of ${formatBytes(table.row_bytes)}, ${plural(copiesPerRow(table, plan), 'copy', 'copies')} each, loaded ${table.loaded}${strategyText(table)}`;
      return labelled(`table ${table.id}`, text, columns);
    }),
    ...labelled(
      'size',
      `${reads}${writes} · ${plural(size.rows, 'row')} · ${plural(size.copies, 'copy', 'copies')} · about ${formatBytes(size.memoryBytes)} of memory`,
      columns,
    ),
    ...labelled('settings', writtenSettings(plan), columns),
    ...labelled('seed', plan.seed, columns),
  ];
}

/** Size-tiered is what a table has that says nothing. */
function strategyText({ compaction }: Plan['tables'][number]): string {
  const name = compaction.class === 'SizeTieredCompactionStrategy' ? '' : `, ${compaction.class}`;
  return compaction.enabled ? name : `${name}, compaction off`;
}

/** Those that the scenario writes, as it writes them; the others are the version's or the imported file's. */
function writtenSettings({ source: { scenario } }: Plan): string {
  const { cluster } = (scenario ?? {}) as { cluster?: { settings?: Record<string, unknown> } };
  return settingTexts(cluster?.settings).join(', ');
}

function settingTexts(settings: Readonly<Record<string, unknown>> | undefined): string[] {
  return Object.entries(settings ?? {}).map(
    ([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
  );
}

function workloadLines(plan: Plan, clock: VirtualClock, columns: number): Line[] {
  // A statement stands in the time line.
  const written = Object.entries(plan.workload).filter(([id]) => !plan.entries.some((entry) => entry.id === id));
  return [
    ...written.flatMap(([id, workload]) => labelled(`workload ${id}`, workloadText(workload, plan, clock), columns)),
    ...pointLines(plan, clock, columns),
  ];
}

function workloadText(workload: PlanWorkload, plan: Plan, clock: VirtualClock): string {
  const { arrivals, keys, mix } = workload;
  const rate =
    arrivals.kind === 'trace'
      ? 'from a trace'
      : `${formatCount(arrivals.per_second)}/s${arrivals.kind === 'poisson' ? ' (Poisson)' : ''}`;
  const parts = Object.entries(mix).filter(([, share]) => share > 0);
  const operations = parts
    .map(([name, share]) => (share === 1 ? name : `${name} ${formatShare(share)}`).replace('_', ' '))
    .join(', ');
  const batch =
    workload.batch === null
      ? ''
      : `, ${workload.batch.logged ? 'logged' : 'unlogged'} batches of ${workload.batch.size}`;
  const whole = workload.from_micros === 0 && workload.until_micros >= plan.duration_micros;
  const window = whole ? '' : `, ${clock.moment(workload.from_micros)} to ${clock.moment(workload.until_micros)}`;
  const count = formatCount(expectedArrivals(workload), 1e9);
  return `${count} into ${workload.table}, ${rate}, ${operations}${batch}, ${keys.kind} keys, ${workload.consistency}${window}`;
}

/** What happens when, in order of time; with it the moments that follow from it. */
function entryLines(plan: Plan, clock: VirtualClock, columns: number): Line[] {
  if (plan.entries.length === 0) return labelled('time line', 'no fault and no repair', columns);
  const moments: Moment[] = plan.entries.flatMap((entry) => [
    { at: entry.at_micros, cells: [whenText(entry, clock), entry.id, entryText(entry, plan, clock)] },
    ...consequences(entry, plan, clock),
  ]);
  moments.push(endOf(plan, clock));
  const sorted = moments
    .map((moment, index) => ({ ...moment, index }))
    .sort((left, right) => left.at - right.at || left.index - right.index);
  const shown = sorted.slice(0, ENTRIES_SHOWN);
  const table = renderWrapped(
    ['at', 'entry', 'what'],
    shown.map(({ cells }) => cells),
    columns,
  );
  return sorted.length > shown.length ? [...table, [span(` and ${sorted.length - shown.length} more`, 'dim')]] : table;
}

interface Moment {
  at: number;
  cells: [when: string, id: string, what: string];
}

/** An outage longer than the hint window: from then on only repair brings what the node misses. */
function consequences(entry: PlanEntry, plan: Plan, clock: VirtualClock): Moment[] {
  if (entry.kind !== 'crashNode' && entry.kind !== 'stopNode') return [];
  const windows = hintWindowsOfOthers(plan, entry.nodes);
  if (windows === null) return [];
  const closes = entry.at_micros + windows.longest;
  const ends = Math.min(entry.at_micros + (entry.for_micros ?? Infinity), plan.duration_micros);
  if (closes >= ends) return [];
  const what = `about now no more hints are kept for ${some(entry.nodes)} (${windowText(windows)})`;
  return [{ at: closes, cells: [clock.moment(closes), '', what] }];
}

function endOf({ duration_micros: duration, settle_micros: settle }: Plan, clock: VirtualClock): Moment {
  const what = settle > 0 ? `clients stop; messages in flight land until ${clock.moment(duration + settle)}` : 'end';
  return { at: duration, cells: [clock.moment(duration), '', what] };
}

function whenText(entry: PlanEntry, clock: VirtualClock): string {
  return entry.kind === 'cutBatch' ? 'by data' : clock.moment(entry.at_micros);
}

const VERBS = { crashNode: 'crash', stopNode: 'stop', pauseNode: 'pause' } as const;

/** `, for 5 h, to 07:10`; nothing where a thing only happens. */
function lengthText(entry: PlanEntry, clock: VirtualClock): string {
  if (!('for_micros' in entry)) return '';
  if (entry.for_micros === null) return ', for good';
  const to = entry.kind === 'cutBatch' ? '' : `, to ${clock.moment(entry.at_micros + entry.for_micros)}`;
  return `, for ${formatSpan(entry.for_micros)}${to}`;
}

function pairText({ from, to, two_way: twoWay }: { from: string[]; to: string[]; two_way: boolean }): string {
  return `${some(from)} ${twoWay ? '↔' : '→'} ${some(to)}`;
}

/** What an entry of the plan does, in words. */
export function entryText(entry: PlanEntry, plan: Plan, clock: VirtualClock): string {
  const length = lengthText(entry, clock);
  switch (entry.kind) {
    case 'crashNode':
    case 'stopNode':
    case 'pauseNode':
      return `${VERBS[entry.kind]} ${some(entry.nodes)}${entry.kind === 'crashNode' ? ` (${entry.mode})` : ''}${length}`;
    case 'cutLink':
      return `cut ${pairText(entry)}${length}`;
    case 'loseMessages':
      return `lose ${formatShare(entry.share)} of ${pairText(entry)}${length}`;
    case 'slowLink':
      return `slow ${pairText(entry)}: ${slowLinkText(entry)}${length}`;
    case 'slowDisk':
      return `slow disk of ${some(entry.nodes)}: ${slowDiskText(entry)}${length}`;
    case 'loseHints':
      return `lose all hints that ${some(entry.nodes)} ${entry.nodes.length === 1 ? 'keeps' : 'keep'}${entry.targets === undefined ? '' : ` for ${some(entry.targets)}`}`;
    case 'panicNode':
    case 'fillDisk':
    case 'fakeSyncs':
    case 'tearQueues':
    case 'repairByHand':
      return `${shardEntryText(entry)}${length}`;
    case 'skewClock':
      return `clock of ${some(entry.nodes)} off by ${formatDuration(entry.by_micros)}${length}`;
    case 'cutBatch':
      return `crash the coordinator of ${entry.workload}'s batch ${entry.batch} after ${plural(entry.mutations, 'mutation')}${length}`;
    case 'damageCopy':
      return `${entry.what === 'missing' ? 'lose' : 'corrupt'} ${plural(entry.keys.length, 'key')} of ${entry.table} on ${entry.node}`;
    case 'alterKeyspace':
      return entry.through === undefined ? entry.command : `${entry.command} through ${entry.through}`;
    case 'addNode':
    case 'replaceNode':
    case 'removeNode':
      return entry.command;
    case 'decommissionNode':
      return `${entry.command} on ${entry.node}`;
    case 'compactTables':
    case 'flushTables':
      return `${entry.command} on ${some(entry.nodes)}${everyText(entry.every_micros)}`;
    case 'changeSettings':
      return `${commandText(entry, plan)} on ${some(entry.nodes)}${length}`;
    case 'pauseHandoff':
    case 'switchCompaction':
      return `${entry.command} on ${some(entry.nodes)}${length}`;
    case 'resumeHandoff':
    case 'truncateHints':
    case 'deletePoints':
    case 'repairShards':
    case 'dropShard':
    case 'dropPolicy':
    case 'runStatement':
    case 'alterTable':
      return `${entry.command} on ${some(entry.nodes)}`;
    case 'restartNode':
      return `restart ${some(entry.nodes)}${settingsOf(entry.id, plan).replace(/^(?=.)/, ' with ')}${length}`;
    case 'loseSstables':
      return `lose ${plural(entry.count, 'SSTable')} (${entry.which}) of ${entry.table} on ${entry.node}`;
    case 'restoreSnapshot':
      return `${entry.table} on ${entry.node} goes back to its snapshot of ${clock.moment(entry.taken_micros)}`;
    case 'divergeLoaded':
      return `${formatShare(entry.share)} of the loaded rows of ${entry.table} ${entry.copy} on ${entry.nodes === null ? 'a drawn copy' : some(entry.nodes)}`;
    case 'repair':
      if (entry.algorithm !== undefined) return `${entry.command}, until ${clock.moment(entry.algorithm.until_micros)}`;
      return entry.segments === undefined
        ? `${entry.command} on ${some(entry.nodes)}${repetition(entry)}`
        : `${segmentsText(entry.segments)}: ${entry.command}${repetition({ ...entry, nodes: [] })}`;
  }
}

/** `set max_hint_window 1h (nodetool setmaxhintwindow)`: the values as the scenario writes them; nodetool's own text has them. */
function commandText({ id, command }: PlanEntry & { kind: 'changeSettings' }, plan: Plan): string {
  const written = settingsOf(id, plan);
  return command.startsWith('set ') && written !== '' ? `set ${written}${command.replace(/^[^(]*/, ' ')}` : command;
}

function settingsOf(id: string, { source: { scenario } }: Plan): string {
  const { operations } = (scenario ?? {}) as { operations?: Record<string, { settings?: Record<string, unknown> }> };
  return settingTexts(operations?.[id.replace('operations.', '')]?.settings).join(', ');
}

function slowLinkText({ latency_times: times, bytes_per_second: rate }: PlanEntry & { kind: 'slowLink' }): string {
  const parts = [
    ...(times === 1 ? [] : [`messages take ${times} times as long`]),
    ...(rate === null ? [] : [`${formatBytes(rate)}/s at most`]),
  ];
  return parts.join(', ');
}

function slowDiskText({ speed_share: speed, fsync_micros: fsync }: PlanEntry & { kind: 'slowDisk' }): string {
  const parts = [
    ...(speed === 1 ? [] : [`${formatShare(speed)} of its speed`]),
    ...(fsync === null ? [] : [`an fsync takes ${formatDuration(fsync)}`]),
  ];
  return parts.join(', ');
}

function repetition(entry: PlanEntry & { kind: 'repair' }): string {
  const turns = entry.nodes.length < 2 ? '' : entry.one_after_another ? ', one after another' : ', all at once';
  const again = entry.again_micros?.length ?? 0;
  const calendar = again === 0 ? '' : `, and ${plural(again, 'time')} more by the calendar`;
  return turns + calendar + everyText(entry.every_micros);
}

function everyText(every: number | null): string {
  return every === null ? '' : `, every ${formatSpan(every)}`;
}

function segmentsText({ by, per_node: perNode, due_again_micros: again }: PlanSegments): string {
  if (by === 'auto_repair') return `auto-repair, each node again after ${formatSpan(again ?? 0)}`;
  return perNode === null ? 'Reaper, node by node' : `Reaper, ${plural(perNode, 'segment')} a node`;
}

function some(names: readonly string[]): string {
  if (names.length <= NODES_SHOWN) return names.join(', ');
  return `${names.slice(0, 2).join(', ')} … ${names[names.length - 1]} (${names.length})`;
}

const LEGS = ['write', 'ack', 'read', 'response'] as const;

/** Only the classes of links that this cluster has. */
function latencyLines(plan: Plan, columns: number): Line[] {
  const classes: [name: string, latencies: PlanLatencies][] = [['same node', plan.links.local]];
  const racks = new Set(plan.nodes.map((node) => `${node.dc}/${node.rack}`));
  const dcs = new Set(plan.nodes.map((node) => node.dc));
  if (plan.nodes.length > racks.size) classes.push(['same rack', plan.links.rack]);
  if (racks.size > dcs.size) classes.push(['same dc', plan.links.dc]);
  if (dcs.size > 1) classes.push(['between dcs', plan.links.wan]);
  classes.push(...Object.entries(plan.links.between));
  const rows = classes.map(([name, latencies]) => ({
    cells: [name, ...LEGS.map((leg) => distributionText(latencies[leg]))],
  }));
  const titles = LEGS.map((title) => ({ title, align: 'left' as const }));
  const table = renderTable([{ title: 'latency', align: 'left', least: 10 }, ...titles], rows, columns);
  return [...table, [span(' ~ exponential beyond the least · ± normal · ^ Pareto with its shape', 'dim')]];
}

/** Short: `500 µs`, `150 + ~100 µs` (an exponential beyond the least), `1–2 ms`. */
export function distributionText(distribution: PlanDistribution): string {
  switch (distribution.kind) {
    case 'constant':
      return formatDuration(distribution.value);
    case 'uniform':
      return joined(distribution.min, '–', distribution.max);
    case 'exponential':
      return distribution.offset === 0
        ? `~${formatDuration(distribution.mean)}`
        : joined(distribution.offset, ' + ~', distribution.mean);
    case 'pareto':
      return `${formatDuration(distribution.scale)} ^${formatCount(distribution.shape)}`;
    case 'normal':
      return joined(distribution.mean, ' ± ', distribution.deviation);
    case 'empirical':
      return `${formatExact(distribution.values.length)} measured`;
    case 'mixture':
      return mixtureText(distribution);
  }
}

function mixtureText({ offset = 0, parts }: Extract<PlanDistribution, { kind: 'mixture' }>): string {
  const said = parts.map((part) => `${formatShare(part.share)} ${distributionText(part.of)}`).join(' | ');
  return offset === 0 ? said : `${formatSpan(offset)} + (${said})`;
}

/** Two durations of one unit name it once. */
function joined(first: number, between: string, second: number): string {
  const [value = '', unit] = formatDuration(first).split(' ');
  const other = formatDuration(second);
  return other.endsWith(` ${unit}`) ? `${value}${between}${other}` : `${formatDuration(first)}${between}${other}`;
}

/** Which node is which, where the operator knows them by address; a line each, so that one can be searched for. */
function addressLines(plan: Plan, columns: number): Line[] {
  if (plan.nodes.every(({ address }) => address === undefined)) return [];
  // Who owns shards has no place in a ring.
  const isRing = plan.nodes.some(({ tokens }) => tokens.length > 0);
  const rows = plan.nodes.map(({ id, address = '', dc, rack, tokens }) => ({
    cells: isRing ? [id, address, dc, rack, formatExact(tokens.length)] : [id, address],
  }));
  const titles = ['node', 'address', ...(isRing ? ['dc', 'rack', 'tokens'] : [])].map((title) => ({
    title,
    align: title === 'tokens' ? ('right' as const) : ('left' as const),
  }));
  return [
    ...renderTable(titles, rows, columns),
    [span(' numbered by address, octet by octet; a scenario may name a node by either', 'dim')],
  ];
}

function probesText({ probes }: Plan): string {
  const said = Object.entries(probes).map(([id, probe]) => `${id} (${probeText(probe)})`);
  return said.length === 0 ? '' : ` · probes ${said.join(', ')}`;
}

function probeText(probe: PlanProbe): string {
  if (!('consistency' in probe)) return pointProbeText(probe);
  const { consistency } = probe;
  if (probe.kind === 'read')
    return `${plural(probe.reads, 'read')} at ${consistency} every ${formatSpan(probe.every_micros)}`;
  const sampled = `${probe.share === 1 ? '' : `${formatShare(probe.share)} of `}the writes of ${probe.workload}`;
  const when =
    probe.kind === 't-visibility'
      ? `${plural(probe.times_micros.length, 'time')} up to ${formatSpan(probe.times_micros[probe.times_micros.length - 1])}`
      : formatSpan(probe.after_micros);
  return `${probe.kind} of ${sampled} at ${consistency}, ${when} after each`;
}

function caveats(plan: Plan, columns: number): Line[] {
  const expectations = Object.keys(plan.expect);
  return [
    ...labelled('observes', `every ${formatSpan(plan.observe.every_micros)}${probesText(plan)}`, columns),
    ...labelled('expects', expectations.join(', ') || 'nothing', columns),
    ...labelled('variants', Object.keys(plan.source.variants).join(', '), columns),
    ...sentences('assumed', plan.assumptions, columns),
    ...sentences('not modelled', settingsTogether(plan.not_modelled), columns),
  ];
}
