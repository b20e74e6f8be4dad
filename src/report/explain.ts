/**
 * The stories behind all copies that differ or are wrong, as people read them: for each group how it came to be, where it
 * is, what heals it next, what happens if nobody acts, what would have prevented it. A pure function of the document.
 */
import { formatBytes, formatSummand, plural } from '../base/human.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import type { Explained, Explanation, Remedy, Story } from '../studies/explain/explanation.ts';
import { causeLabel } from './chart-groups.ts';
import {
  aftermathText,
  eventLines,
  farText,
  headLines,
  notesLines,
  repairTexts,
  rulesText,
  secondText,
} from './explain-parts.ts';
import { COLUMNS_MIN, justify, renderLines, span } from './lines.ts';
import type { Line, TextOptions } from './lines.ts';
import { commandLines } from './command-lines.ts';
import { deletesMissedText, healsDeletesText } from './no-tombstones.ts';
import { separated } from './run.ts';
import { escapeControls, wrap } from './width.ts';

export interface ExplainTextOptions extends TextOptions {
  /** Only this story, with all its nodes. */
  group: number | null;
  /** How the run is named in commands to paste. */
  run: string;
  /** Most that ever differed, and what looks at it; said where there is nothing else to tell. */
  healed?: { divergent_copies: number; at_micros: number; command: string } | null;
}

const NODES_SHOWN = 6;

export function renderExplanation(explanation: Explanation, options: ExplainTextOptions): string {
  const columns = Math.max(options.columns, COLUMNS_MIN);
  const clock = clockOf(explanation);
  const { stories } = explanation;
  const shown = options.group === null ? stories : stories.filter(({ number }) => number === options.group);
  const told = shown.filter(isTold);
  const blocks: Line[][] = [
    [...titleLines(explanation, clock, columns), ...summaryLines(explanation, columns)],
    ...told.map((story) => storyLines(story, { explanation, clock, columns, whole: options.group !== null })),
    restLines(
      shown.filter((story) => !isTold(story)),
      columns,
    ),
    stories.length === 0 ? healedLines(options, clock, columns) : moreLines(options, columns),
  ];
  return renderLines(separated(blocks), { ...options, columns });
}

export function clockOf({ start, end_micros: end }: Explained): VirtualClock {
  return new VirtualClock(start, end);
}

export function titleLines(run: Explained, clock: VirtualClock, columns: number): Line[] {
  const when = run.at_micros === run.end_micros ? 'the end of the run' : 'how things stood then';
  return [
    justify(
      [span(escapeControls(run.name), 'bold')],
      [span(escapeControls(run.database.replace('@', ' ')), 'dim')],
      columns,
    ),
    ...wrap(escapeControls(`at ${secondText(clock, run.at_micros)}, ${when} · seed ${run.seed}`), columns).map(
      (text): Line => [text],
    ),
  ];
}

/** What a message on its way will bring at once, and nobody was promised yet, is no story. */
function isTold({ state, wrong }: Story): boolean {
  return state !== 'in_flight' || Object.values(wrong).some((count) => count > 0);
}

function summaryLines({ final, stories }: Explanation, columns: number): Line[] {
  const told = stories.filter(isTold).length;
  if (stories.length === 0) return [[span('no copy differs and none is wrong: there is nothing to explain', 'green')]];
  const states = [
    `${formatSummand(final.latent_copies)} latent`,
    `${formatSummand(final.hint_pending_copies)} hint pending`,
    `${formatSummand(final.in_flight_copies)} in flight`,
  ];
  const kinds = (['stale', 'missing', 'zombie', 'lost'] as const).filter((kind) => final[`${kind}_copies`] > 0);
  const wrong = kinds.map((kind) => `${formatSummand(final[`${kind}_copies`])} ${kind}`).join(', ');
  const stands =
    told === 0
      ? 'Nothing else is amiss.'
      : told === 1
        ? 'One story covers all of them.'
        : `${told} stories cover all of them.`;
  const text = `${plural(final.divergent_copies, 'copy differs', 'copies differ')} (${states.join(', ')}); ${formatSummand(final.wrong_copies)} wrong for clients${wrong === '' ? '' : ` (${wrong})`}. ${stands}`;
  return [
    [],
    ...wrap(text, columns).map((line): Line => [
      span(line, final.latent_copies + final.wrong_copies > 0 ? 'yellow' : 'plain'),
    ]),
  ];
}

function healedLines({ healed }: ExplainTextOptions, clock: VirtualClock, columns: number): Line[] {
  if (healed === undefined || healed === null) return [];
  if (healed.divergent_copies === 0) return [['no copy differed at any time']];
  const most = plural(healed.divergent_copies, 'copy differed', 'copies differed');
  return [
    ...wrap(`most at ${secondText(clock, healed.at_micros)}: ${most}`, columns).map((text): Line => [text]),
    ...commandLines('how they came', healed.command, columns),
  ];
}

interface Context {
  explanation: Explanation;
  clock: VirtualClock;
  columns: number;
  /** All nodes. */
  whole: boolean;
}

function storyLines(story: Story, context: Context): Line[] {
  const { clock, columns, explanation } = context;
  const head = `${plural(story.copies, 'copy', 'copies')} of ${plural(story.rows, 'row')} · ${causeText(story)} · from ${story.origin}`;
  return [
    ...headLines(String(story.number), head, columns),
    ...eventLines(story.events, clock, columns),
    ...notesLines('state', [stateText(story)], columns),
    ...notesLines('on', [placeText(story, context.whole)], columns),
    ...notesLines('heals next', healTexts(story, explanation, clock), columns),
    ...notesLines('if nobody', deadlineTexts(story, explanation, clock), columns, 'yellow'),
    ...notesLines('prevented', story.prevented_by.map(remedyText), columns, 'green'),
  ];
}

function causeText({ cause }: Pick<Story, 'cause'>): string {
  return cause === 'none' ? 'its fate is not kept' : causeLabel(cause);
}

const STATE_TEXTS: Readonly<Record<Story['state'], string>> = {
  latent: 'latent: nothing under way will heal it',
  hint_pending: 'hint pending',
  in_flight: 'in flight',
  agreed: 'all copies agree, on what clients were not promised',
  spreading: 'these hold what can still spread, and clients were not promised it; other copies differ',
};

function stateText({ state, wrong, rules }: Story): string {
  const kinds = (['stale', 'missing', 'zombie', 'lost'] as const).filter((kind) => wrong[kind] > 0);
  const amiss =
    kinds.length === 0
      ? 'none wrong for clients'
      : `wrong: ${kinds.map((kind) => `${formatSummand(wrong[kind])} ${kind}`).join(', ')}`;
  return `${STATE_TEXTS[state]} · ${amiss}${rules.length === 0 ? '' : ` · rules ${rulesText(rules)}`}`;
}

function placeText({ by_node: nodes, by_table: tables }: Story, whole: boolean): string {
  const all = Object.entries(nodes).sort(([, a], [, b]) => b - a);
  const shown = whole ? all : all.slice(0, NODES_SHOWN);
  const more = all.length - shown.length;
  const text =
    shown.map(([id, copies]) => `${id} ${formatSummand(copies)}`).join(', ') +
    (more > 0 ? ` and ${more} more nodes` : '');
  const names = Object.entries(tables);
  return `${text} · ${names.length === 1 ? names[0][0] : names.map(([id, copies]) => `${id} ${formatSummand(copies)}`).join(', ')}`;
}

function healTexts(story: Story, run: Explanation, clock: VirtualClock): string[] {
  const after = aftermathText(story.afterwards, run, clock);
  const seen = after === '' ? [] : [after];
  if (story.afterwards.left === 0) return seen;
  if (story.state === 'agreed' || story.state === 'spreading') return [...seen, agreedText(story)];
  const ahead = story.next_repairs.filter(({ at_micros: at }) => at >= run.seen_until_micros || after === '');
  const repairs = repairTexts(ahead, story.copies, clock);
  const lackDelete = run.by_arrival === true && story.missed_deletes !== null;
  if (lackDelete) return [...seen, ...repairs, healsDeletesText(after)];
  if (repairs.length > 0) return [...seen, ...repairs];
  const left = after === '' ? 'nothing' : 'those left by nothing';
  return [...seen, `${left}: no repair of the plan is ahead; only a repair that reaches them or a newer write`];
}

function agreedText({ wrong, state }: Story): string {
  if (state === 'spreading') return 'no repair does: a repair brings the other copies the same';
  return wrong.zombie > 0 && wrong.lost === 0
    ? 'no repair does: the data is back on all copies; only a new delete'
    : 'no repair does: no copy has what was promised; only a client that writes it again';
}

function deadlineTexts(
  { missed_deletes: deletes, afterwards, state }: Story,
  run: Explanation,
  clock: VirtualClock,
): string[] {
  if (deletes === null || state === 'agreed' || state === 'spreading' || afterwards.left === 0) return [];
  const { copies, first_purge_micros: first, last_purge_micros: last } = deletes;
  if (run.by_arrival === true) return [deletesMissedText(copies)];
  const what = `${formatSummand(copies)} of them lack a delete`;
  const then = 'what was deleted wins on the next repair (h3)';
  if (last <= run.at_micros) return [`${what}: since ${farText(clock, last)} the tombstones may go, and ${then}`];
  const span =
    last > first ? `between ${farText(clock, first)} and ${farText(clock, last)}` : `from ${farText(clock, first)} on`;
  return [`${what}: ${span} the tombstones may go; after that ${then}`];
}

/** `with cluster.settings.max_hint_window=3h 12 of these; 3 are amiss then too: hint queue full (a run showed it: …)` */
function remedyText(remedy: Remedy): string {
  const { edits, latent_copies: latent, wrong_copies: wrong, hint_bytes: hints } = remedy;
  const parts = [
    `latent ${formatSummand(latent.base)} → ${formatSummand(latent.edited)}`,
    `wrong ${formatSummand(wrong.base)} → ${formatSummand(wrong.edited)}`,
  ];
  const more = hints.edited - hints.base;
  if (more !== 0) parts.push(`hints ${more < 0 ? '−' : '+'}${formatBytes(Math.abs(more))}`);
  return `with ${edits.map(([, value]) => value).join(' and ')} ${preventedText(remedy)} (a run showed it: ${parts.join(', ')})`;
}

function preventedText({ prevented_copies: prevented, left_copies: left, left_causes: causes }: Remedy): string {
  if (left === 0) return 'all of these';
  const whys = (Object.entries(causes) as [Story['cause'], number][]).map(([cause, copies]) =>
    Object.keys(causes).length === 1 ? causeText({ cause }) : `${formatSummand(copies)} ${causeText({ cause })}`,
  );
  return `${formatSummand(prevented)} of these; ${formatSummand(left)} ${left === 1 ? 'is' : 'are'} amiss then too: ${whys.join(', ')}`;
}

/** Copies that a message will reach within moments. */
function restLines(stories: readonly Story[], columns: number): Line[] {
  const copies = stories.reduce((sum, story) => sum + story.copies, 0);
  if (copies === 0) return [];
  return wrap(` ${plural(copies, 'copy', 'copies')} more: messages are on their way`, columns).map((text): Line => [
    span(text, 'dim'),
  ]);
}

function moreLines({ group, run }: ExplainTextOptions, columns: number): Line[] {
  return commandLines('one row', `reconverge explain ${run} --group ${group ?? 1} --one`, columns);
}
