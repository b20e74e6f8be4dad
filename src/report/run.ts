/**
 * A run as people read it on a terminal: title, facts, chart with bands, ledger by cause, what clients saw, costs of
 * repairs and changes of topology, verdicts, assumptions, where the files are, how to replay it. A pure function of the result.
 */
import { formatCount, formatDuration, formatSpan, plural } from '../base/human.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import type { Result, RunOutput } from '../observe/result.ts';
import type { Plan } from '../scenario/plan.ts';
import { drawBands, faultBands, repairBands } from './bands.ts';
import { drawChart } from './chart.ts';
import { commandLines } from './command-lines.ts';
import { editedLines } from './edited.ts';
import { COLUMNS_MIN, justify, renderLines, span } from './lines.ts';
import type { Line, TextOptions } from './lines.ts';
import { settingsTogether } from './settings-together.ts';
import { labelled } from './table.ts';
import { writeProbeTables } from './run-probes.ts';
import { deadlineLines } from './run-deadlines.ts';
import { expectationLines } from './run-expectations.ts';
import { clientLines, leftLines, ledgerTable } from './run-ledger.ts';
import { repairTable } from './run-repairs.ts';
import { topologyTable } from './run-topology.ts';
import { escapeControls, wrap } from './width.ts';

export interface RunTextOptions extends TextOptions {
  /** Print the assumptions and what is not modelled instead of counting them. */
  details: boolean;
  /** Where the result was written, and what was written there. */
  files?: string;
  /** Commands that look further. */
  next?: readonly string[];
  /** The command that runs this again. */
  replay?: string;
  /** Of the wall clock; the only number here that is not a function of the plan. */
  elapsedSeconds?: number;
}

export function renderRun(output: RunOutput, plan: Plan, options: RunTextOptions): string {
  const columns = Math.max(options.columns, COLUMNS_MIN);
  const { result } = output;
  const clock = new VirtualClock(plan.start, result.virtual_micros);
  const blocks: Line[][] = [
    [...titleLines(plan, result, columns), ...editedLines(plan, columns), ...factLines(plan, result, clock, columns)],
    chartLines(output, plan, clock, columns),
    ledgerTable(result.final, columns),
    [
      ...leftLines(result.final, columns),
      ...clientLines(output, clock, columns),
      ...deadlineLines(plan, result, clock, columns),
    ],
    repairTable(result, columns),
    topologyTable(result, columns),
    writeProbeTables(plan, result, columns),
    [
      ...expectationLines(result, { columns, file: plan.source.file }),
      ...caveatLines(result, options.details, columns),
    ],
    footLines(result, options, columns),
  ];
  return renderLines(separated(blocks), { columns, color: options.color });
}

/** `Rack r2 loses power                    cassandra 4.1 → 4.1.7` */
function titleLines(plan: Plan, result: Result, columns: number): Line[] {
  return [
    justify(
      [span(escapeControls(plan.name), 'bold')],
      [span(escapeControls(databaseText(plan, result)), 'dim')],
      columns,
    ),
  ];
}

export function databaseText(plan: Plan, result: Pick<Result, 'database'>): string {
  const resolved = result.database.replace('@', ' ');
  const requested = plan.requested_database.replace('@', ' ');
  const version = resolved.split(' ')[1] ?? resolved;
  return requested === resolved || requested === '' ? resolved : `${requested} → ${version}`;
}

function factLines(plan: Plan, result: Result, clock: VirtualClock, columns: number): Line[] {
  const dcs = new Set(plan.nodes.map((node) => node.dc)).size;
  const day = clock.startDay();
  const facts = [
    dcs > 1 ? `${plural(plan.nodes.length, 'node')} in ${dcs} data centres` : plural(plan.nodes.length, 'node'),
    day === '' ? formatSpan(result.virtual_micros) : `${formatSpan(result.virtual_micros)} from ${day}`,
    `seed ${plan.seed}`,
    writesText(result),
  ];
  return wrap(escapeControls(facts.join(' · ')), columns).map((text): Line => [text]);
}

function writesText({ writes }: Result): string {
  const troubles = (['timed_out', 'unavailable', 'failed', 'unknown'] as const).filter(
    (outcome) => writes[outcome] > 0,
  );
  const said = troubles.map((outcome) => `${formatCount(writes[outcome])} ${outcome.replace('_', ' ')}`);
  return [`${formatCount(writes.issued, 1e9)} ${writes.issued === 1 ? 'write' : 'writes'}`, ...said].join(', ');
}

function chartLines(output: RunOutput, plan: Plan, clock: VirtualClock, columns: number): Line[] {
  const { peak, virtual_micros: endMicros } = output.result;
  const chart = drawChart(output.series, endMicros, { columns, clock });
  if (chart === null) {
    const reason = endMicros <= 0 ? 'the run has no length' : 'no copy differed at any time that was sampled';
    return [[span(' copies that differ', 'bold'), `   ${reason}`]];
  }
  const title = justify(
    [span(' copies that differ', 'bold')],
    [`peak ${formatCount(peak.divergent_copies)} at ${clock.moment(peak.at_micros)} `],
    columns,
  );
  const { scale } = chart;
  return [
    title,
    ...chart.lines,
    ...drawBands('faults', faultBands(plan, { endMicros, clock, timeline: output.timeline }), {
      scale,
      style: 'yellow',
    }),
    ...drawBands('repairs', repairBands(Object.values(output.result.repairs), endMicros), { scale, style: 'green' }),
    ...chart.legend,
  ];
}

/** What was assumed and what is not modelled: counted, or in full. */
function caveatLines(result: Result, details: boolean, columns: number): Line[] {
  const { assumptions } = result;
  const notModelled = settingsTogether(result.not_modelled);
  if (assumptions.length === 0 && notModelled.length === 0) return [];
  if (!details) {
    const parts: string[] = [];
    if (assumptions.length > 0) parts.push(plural(assumptions.length, 'assumption'));
    if (notModelled.length > 0) parts.push(`${plural(notModelled.length, 'thing')} not modelled`);
    return wrap(`${parts.join(', ')}: --details`, columns - 1).map((text): Line => [span(` ${text}`, 'dim')]);
  }
  return [...sentences('assumed', assumptions, columns), ...sentences('not modelled', notModelled, columns)];
}

export function sentences(label: string, texts: readonly string[], columns: number): Line[] {
  return texts.flatMap((text, index) => labelled(index === 0 ? label : '', text, columns));
}

function footLines(result: Result, options: RunTextOptions, columns: number): Line[] {
  const lines: Line[] = [];
  for (const [index, command] of (options.next ?? []).entries())
    lines.push(...commandLines(index === 0 ? 'next' : '', command, columns));
  if (options.files !== undefined) lines.push(...pathLines('files', options.files, columns));
  if (options.replay !== undefined) lines.push(...commandLines('replay', options.replay, columns));
  const seconds =
    options.elapsedSeconds === undefined ? '' : ` in ${formatDuration(Math.floor(options.elapsedSeconds * 1e6))}`;
  const last = `${plural(result.events, 'event')}${seconds} · fingerprint ${result.fingerprint}`;
  lines.push(...wrap(last, columns - 1).map((text): Line => [` ${text}`]));
  return lines;
}

const FOOT_LABEL = 9;

function pathLines(label: string, text: string, columns: number): Line[] {
  return wrap(escapeControls(text), columns - FOOT_LABEL).map((line, index): Line => [
    span(footLabel(index === 0 ? label : ''), 'dim'),
    line,
  ]);
}

function footLabel(label: string): string {
  return ` ${label}`.padEnd(FOOT_LABEL);
}

/** Blocks with one empty line between those that are not empty. */
export function separated(blocks: readonly (readonly Line[])[]): Line[] {
  return blocks
    .filter((block) => block.length > 0)
    .flatMap((block, index): Line[] => (index === 0 ? [...block] : [[], ...block]));
}
