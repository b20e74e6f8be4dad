/**
 * The advice as people read it: how things stand, what heals by itself, by when something has to be done, a line for each
 * candidate, and the command to paste with the reason for it. A pure function of the document.
 */
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatSummand,
  formatShare,
  formatSpan,
  plural,
} from '../base/human.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import type { Advice, AdvisedCommand, Candidate, Deadline } from '../studies/advise/advice.ts';
import { aftermathText, farText, secondText } from './explain-parts.ts';
import { COLUMNS_MIN, justify, renderLines, span } from './lines.ts';
import type { Line, Style, TextOptions } from './lines.ts';
import { commandLines } from './command-lines.ts';
import { separated } from './run.ts';
import { labelled, renderTable } from './table.ts';
import type { Column } from './table.ts';
import { escapeControls, wrap } from './width.ts';

export interface AdviseTextOptions extends TextOptions {
  /** Nodes that are still down, in sentences (run-deadlines.ts). */
  windows: readonly string[];
}

const NODES_SHOWN = 6;
const NOTHING = '–';

export function renderAdvice(advice: Advice, options: AdviseTextOptions): string {
  const columns = Math.max(options.columns, COLUMNS_MIN);
  const clock = new VirtualClock(advice.start, Math.max(advice.end_micros, advice.until_micros));
  const blocks: Line[][] = [
    titleLines(advice, clock, columns),
    standingLines(advice, options, { clock, columns }),
    advice.candidates.length === 0 ? [] : [...tableLines(advice, columns), ...futureLines(advice, clock, columns)],
    advisedLines(advice, clock, columns),
    otherLines(advice, columns),
  ];
  return renderLines(separated(blocks), { ...options, columns });
}

interface Place {
  clock: VirtualClock;
  columns: number;
}

function titleLines(advice: Advice, clock: VirtualClock, columns: number): Line[] {
  const { name, database, at_micros: at, end_micros: end, moment, seed } = advice;
  const called = moment ?? (at === end ? 'the end of the run' : null);
  const when = called === null ? '' : `, ${called}`;
  return [
    justify([span(escapeControls(name), 'bold')], [span(escapeControls(database.replace('@', ' ')), 'dim')], columns),
    ...textLines(`at ${secondText(clock, at)}${when} · seed ${seed}`, columns),
  ];
}

function textLines(text: string, columns: number, style: Style = 'plain'): Line[] {
  return wrap(escapeControls(text), columns).map((line): Line => [span(line, style)]);
}

// ---------------------------------------------------------------- how things stand

function standingLines(advice: Advice, { windows }: AdviseTextOptions, { clock, columns }: Place): Line[] {
  const { final, amiss_copies: amiss } = advice;
  if (amiss === 0) return textLines(nothingAmiss(advice), columns, final.wrong_copies > 0 ? 'yellow' : 'green');
  const kinds = (['stale', 'missing', 'zombie', 'lost'] as const).filter((kind) => final[`${kind}_copies`] > 0);
  const wrong = kinds.map((kind) => `${formatSummand(final[`${kind}_copies`])} ${kind}`).join(', ');
  const head = `${plural(amiss, 'copy differs', 'copies differ')} (${formatSummand(final.latent_copies)} latent, ${formatSummand(final.hint_pending_copies)} hint pending); ${formatSummand(final.wrong_copies)} wrong for clients${wrong === '' ? '' : ` (${wrong})`}`;
  return [
    ...textLines(head, columns, 'yellow'),
    ...labelled('where', whereText(advice), columns),
    ...labelled('heals alone', healsText(advice, clock), columns),
    ...advice.deadlines.flatMap((deadline) =>
      labelled('deadline', deadlineText(deadline, advice, clock), columns, 'yellow'),
    ),
    ...windows.flatMap((text) => labelled('watch out', text, columns, 'yellow')),
  ];
}

function nothingAmiss({ final, at_micros: at, end_micros: end }: Advice): string {
  const when = at === end ? 'at the end of the run' : 'at this moment';
  if (final.wrong_copies === 0) return `nothing is amiss ${when}: no copy is latent or waits for a hint`;
  return `no copy is latent or waits for a hint ${when}, so no repair finds anything; ${plural(final.wrong_copies, 'copy is', 'copies are')} wrong for clients all the same (explain tells why)`;
}

function whereText({ amiss_nodes: nodes, amiss_tables: tables, amiss_ranges: ranges }: Advice): string {
  const names = nodes.length <= NODES_SHOWN ? nodes.join(', ') : `${plural(nodes.length, 'node')}`;
  const inRanges = ranges === 0 ? '' : ` · ${plural(ranges, 'token range')}`;
  return `${names} · ${tables.join(', ')}${inRanges}`;
}

/** What the run shows when it goes on as it is planned, its own repairs included. */
function healsText(advice: Advice, clock: VirtualClock): string {
  const text = aftermathText(advice.afterwards, advice, clock);
  const missed =
    advice.by_arrival === true && advice.final.zombie_copies > 0 ? ', and a delete only the statement again' : '';
  return text === ''
    ? `nothing until ${secondText(clock, advice.seen_until_micros)}: only a repair or a newer write will${missed}`
    : text;
}

function deadlineText({ kind, table, at_micros: by, rows }: Deadline, advice: Advice, clock: VirtualClock): string {
  const when = farText(clock, by);
  const isPast = by <= advice.at_micros;
  if (kind === 'hint_expiry') {
    return `hints for ${table} that are not delivered before ${when} ${isPast ? 'have' : 'will have'} expired (gc_grace after their write): then only a repair brings them`;
  }
  const missed = `${plural(rows, 'row')} with a copy that has missed a delete`;
  return isPast
    ? `${table} should have been repaired before ${when}: ${missed}; what was deleted may come back since then, also by a repair`
    : `${table} must be repaired before ${when}: ${missed}, and the first of these may be purged elsewhere from then on`;
}

// ---------------------------------------------------------------- the candidates

const TABLE: readonly Column[] = [
  { title: '', align: 'left' },
  { title: 'left', align: 'right' },
  { title: 'wrong', align: 'right' },
  { title: 'ready in', align: 'right' },
  { title: 'wrong row-h', align: 'right' },
  { title: 'read', align: 'right' },
  { title: 'sent', align: 'right' },
];
const READ_P99: Column = { title: 'read p99', align: 'right' };

function tableLines({ candidates, advised }: Advice, columns: number): Line[] {
  const reads = candidates.some(({ means }) => means.read_p99_micros !== null);
  const rows = candidates.map(({ id, means }) => ({
    cells: [
      `${id === advised?.id ? '▸' : ' '} ${id}`,
      count(means.latent_copies),
      count(means.wrong_copies),
      means.failed > 0
        ? 'failed'
        : means.running > 0
          ? 'not ended'
          : means.ready_micros === null
            ? 'not yet'
            : formatDuration(means.ready_micros),
      formatCount(rounded(means.wrong_row_hours)),
      formatBytes(means.read_bytes),
      formatBytes(means.sent_bytes),
      ...(reads ? [means.read_p99_micros === null ? NOTHING : formatDuration(means.read_p99_micros)] : []),
    ],
    ...(id === advised?.id ? { style: 'bold' as const } : {}),
  }));
  return renderTable(reads ? [...TABLE, READ_P99] : TABLE, rows, columns);
}

/** A mean of counts. */
function count(mean: number): string {
  return formatCount(mean < 10 ? rounded(mean) : Math.round(mean));
}

function rounded(value: number): number {
  return value < 10 ? Math.round(value * 100) / 100 : value < 1000 ? Math.round(value * 10) / 10 : Math.round(value);
}

function futureLines(advice: Advice, clock: VirtualClock, columns: number): Line[] {
  const {
    futures,
    fixed_workloads: fixed,
    ahead,
    at_micros: at,
    until_micros: until,
    begins_micros: begins,
    advised,
    candidates,
  } = advice;
  const compared = advised?.compared ?? [];
  const whole = compared.length === candidates.length;
  const means =
    futures.length === 1
      ? ''
      : `; clients do other things in each of ${futures.length} futures: ${whole ? 'means of all' : `means of all for ${compared.join(', ')}; the others fell behind in the first`}`;
  const notes = [
    `until ${secondText(clock, until)}, ${formatSpan(until - at)} on; commands are typed at ${secondText(clock, begins)}${means}`,
    ...(fixed.length === 0 ? [] : [`as planned in all futures: ${fixed.join(', ')}`]),
    ...(ahead.length === 0 ? [] : [`still ahead in all of them: ${ahead.join(', ')}`]),
  ];
  return notes.flatMap((text) => wrap(escapeControls(text), columns - 1).map((line): Line => [' ', span(line, 'dim')]));
}

// ---------------------------------------------------------------- what is advised

function advisedLines(advice: Advice, clock: VirtualClock, columns: number): Line[] {
  const { advised, candidates } = advice;
  const chosen = candidates.find(({ id }) => id === advised?.id);
  if (advised === null || chosen === undefined) return [];
  return [
    ...labelled('advised', `${chosen.id}: ${chosen.about}`, columns, 'green'),
    ...labelled('because', reasonText(advice, chosen), columns),
    ...chosen.commands.flatMap((command) => pasteLines(command, { advice, clock, columns })),
    ...(chosen.commands.length === 0 ? labelled('to type', waitText(chosen, advice), columns) : []),
  ];
}

function waitText({ id, means }: Candidate, { by_arrival: byArrival }: Advice): string {
  const left = Math.max(means.latent_copies, means.wrong_copies);
  if (id === 'nothing' && left > 0) {
    const next = byArrival === true ? 'explain tells what does' : 'only newer writes, or another repair than these, do';
    return `nothing of these mends it: ${count(left)} copies stay amiss; ${next}`;
  }
  return id === 'wait' ? 'nothing: the repairs of the plan do it' : 'nothing: it heals by itself';
}

/** The rule of src/studies/advise/recommend.ts, step by step, as far as a step decided anything. */
function reasonText(advice: Advice, { id }: Candidate): string {
  const { advised, futures } = advice;
  if (advised === null) return '';
  const { leave_least: least, in_time: timely, as_good: good } = advised;
  const kept = timely.length === 0 ? least : timely;
  const share = formatShare(advised.as_good_share);
  const hours =
    good.length > 1
      ? `${good.length === kept.length ? 'these' : `of these ${good.length}`} are within ${share} of the fewest wrong row-hours; ${id} reads and sends the least of them, or hardly more with less to do`
      : kept.length > 1
        ? `of these ${id} has the fewest wrong row-hours by more than ${share}`
        : '';
  const agreed = futures.length === 1 ? '' : `. Each future alone: in ${advised.futures_agreed} of ${futures.length}`;
  return `${[leftText(advice, id), timeText(advice, id), hours].filter(Boolean).join('; ')}${agreed}`;
}

function leftText({ advised, candidates }: Advice, id: string): string {
  if (advised === null) return '';
  const { compared, leave_no_more: leaving, left_at_most: most } = advised;
  const who =
    leaving.length <= 1
      ? `of ${candidates.length} only ${id} leaves`
      : `${leaving.length} of ${candidates.length} leave`;
  const what = most === 0 ? 'nothing amiss' : `the fewest copies amiss (${count(most)} at most)`;
  return `${who} ${what}${compared.length < candidates.length ? ` (the best ${compared.length} were run in all futures)` : ''}`;
}

function timeText({ advised, deadlines }: Advice, id: string): string {
  if (advised === null) return '';
  const { leave_least: least, in_time: timely } = advised;
  const inTime = deadlines.length > 0 ? 'before the first deadline' : 'in this time';
  if (timely.length === least.length) return '';
  if (timely.length === 0) return `${least.length === 1 ? 'it is not' : 'none of these is'} ready ${inTime}`;
  return `of these ${timely.length === 1 ? `only ${id} is` : `${timely.length} are`} ready ${inTime}`;
}

function pasteLines(
  { command, nodes, at_micros: at, at_once: atOnce }: AdvisedCommand,
  { advice, clock, columns }: Place & { advice: Advice },
): Line[] {
  const later = at > advice.begins_micros ? `, at ${secondText(clock, at)}` : '';
  const turn = nodes.length === 1 ? '' : atOnce ? ', all at once' : ', the next one when it has ended';
  return [
    ...labelled('to type', `on ${nodes.join(', ')}${turn}${later}`, columns),
    ...commandLines('', command, columns),
  ];
}

/** What each of the others would type, and which were not tried. */
function otherLines({ candidates, not_offered: not, advised }: Advice, columns: number): Line[] {
  const others = candidates.filter(({ id, commands }) => id !== advised?.id && commands.length > 0);
  return [
    ...others.flatMap(({ id, commands }) =>
      labelled(
        id,
        `${shortText(commands[0])}${commands.length > 1 ? `, and ${commands.length - 1} more` : ''}`,
        columns,
        'dim',
      ),
    ),
    ...(candidates.length === 0
      ? []
      : not.flatMap(({ id, why }) => labelled(id, `not offered: ${why}`, columns, 'dim'))),
  ];
}

function shortText({ command, nodes, at_once: atOnce }: AdvisedCommand): string {
  const where = nodes.length <= NODES_SHOWN ? nodes.join(', ') : plural(nodes.length, 'node');
  return `${command} (${where}${atOnce ? ', at once' : ''})`;
}
