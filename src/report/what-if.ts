/**
 * What an edit changes, as people read it: the edit, until when the two worlds were the same, the ledger by cause, what
 * is left and wrong, costs and verdicts, each as `before → after`, and the commands that run either again.
 */
import { formatBytes, formatCount, formatDuration, formatShare, formatSummand, plural } from '../base/human.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import type { CauseChange, Pair, RepairChange, Verdict, WhatIf } from '../studies/what-if.ts';
import { causeLabel } from './chart-groups.ts';
import { editLines } from './edited.ts';
import { COLUMNS_MIN, justify, renderLines, span } from './lines.ts';
import type { Line, Style, TextOptions } from './lines.ts';
import { MARKS } from './run-expectations.ts';
import { commandLines } from './command-lines.ts';
import { separated } from './run.ts';
import { labelled, renderTable } from './table.ts';
import type { Row } from './table.ts';
import { escapeControls, wrap } from './width.ts';

export function renderWhatIf(study: WhatIf, options: TextOptions): string {
  const columns = Math.max(options.columns, COLUMNS_MIN);
  const clock = new VirtualClock(study.start, Math.max(study.virtual_micros.base, study.virtual_micros.edited));
  const blocks: Line[][] = [
    [...titleLines(study, columns), ...partingLines(study, clock, columns)],
    ...(study.same_history
      ? []
      : [causeTable(study, columns), figureLines(study, clock, columns), repairTable(study, columns)]),
    verdictLines(study, columns),
    [
      ...commandLines('before', study.replay.base, columns),
      ...commandLines('what if', study.replay.edited, columns),
      ...wrap(fingerprintText(study), columns - 1).map((text): Line => [` ${text}`]),
    ],
  ];
  return renderLines(separated(blocks), { ...options, columns });
}

function titleLines({ name, database, edits }: WhatIf, columns: number): Line[] {
  const title = justify(
    [span(escapeControls(`What if: ${name}`), 'bold')],
    [span(escapeControls(database.replace('@', ' ')), 'dim')],
    columns,
  );
  const none: Line[] = [[span('edited  nothing: every value was already so', 'yellow')]];
  return [title, ...(edits.length === 0 ? none : editLines(edits, columns))];
}

function partingLines({ parts, fingerprint, plan_hash: hash }: WhatIf, clock: VirtualClock, columns: number): Line[] {
  if (parts === null) {
    const why = hash.base === hash.edited ? 'the plan is the same' : 'the plan is another, its history is not';
    const same =
      fingerprint.base === fingerprint.edited ? `fingerprint ${fingerprint.base}` : 'every record is the same';
    return said(`no effect: ${why}; ${same}`, columns, 'green');
  }
  const before =
    parts.record === 0
      ? 'different from the first record on'
      : `identical until ${clock.moment(parts.at_micros)}, for ${plural(parts.record, 'record')}`;
  return [
    ...said(before, columns, 'plain'),
    ...partingSide('before', parts.base, columns),
    ...partingSide('what if', parts.edited, columns),
  ];
}

/** The first record that differs. */
function partingSide(label: string, text: string | null, columns: number): Line[] {
  return said(`  ${label.padEnd(7)}  ${text ?? 'nothing more happens'}`, columns, 'dim');
}

function said(text: string, columns: number, style: Style): Line[] {
  return wrap(escapeControls(text), columns - 1).map((line): Line => [span(line, style)]);
}

// ---------------------------------------------------------------- causes

/** `130 974 → 0`, or one number where nothing changed. */
function change({ base, edited }: Pair, format: (value: number) => string = formatSummand): string {
  const [before, after] = [format(base), format(edited)];
  return base === edited ? before : `${before} → ${after}`;
}

function causeTable({ causes }: WhatIf, columns: number): Line[] {
  const all = Object.entries(causes).sort(byChange);
  if (all.length === 0) return [];
  const rows = all.map(([cause, one]): Row => ({
    cells: [causeLabel(cause), change(one.born), change(one.healed), change(one.left)],
    ...style(one.left),
  }));
  const total = (figure: keyof CauseChange): Pair => sumOf(all.map(([, one]) => one[figure]));
  const sum: Row = {
    cells: ['total', change(total('born')), change(total('healed')), change(total('left'))],
    style: 'bold',
  };
  const titles = ['cause', 'born', 'healed', 'left'].map((title, index) => ({
    title,
    align: index === 0 ? ('left' as const) : ('right' as const),
  }));
  return renderTable(titles, [...rows, sum], columns);
}

function sumOf(pairs: readonly Pair[]): Pair {
  return pairs.reduce((sum, one) => ({ base: sum.base + one.base, edited: sum.edited + one.edited }), {
    base: 0,
    edited: 0,
  });
}

function style({ base, edited }: Pair): { style?: Style } {
  return edited === base ? {} : { style: edited < base ? 'green' : 'yellow' };
}

/** What changed most first; copies in flight are the normal way of things and stand last. */
function byChange([left, a]: [string, CauseChange], [right, b]: [string, CauseChange]): number {
  const inFlight = Number(left === 'in_flight') - Number(right === 'in_flight');
  const moved = ({ base, edited }: Pair): number => Math.abs(edited - base);
  return inFlight || moved(b.left) - moved(a.left) || moved(b.born) - moved(a.born) || (left < right ? -1 : 1);
}

// ---------------------------------------------------------------- figures

/** At the end of the run, in this order; a metric that is 0 in both is left out. */
const FINAL: readonly (readonly [label: string, metric: string, unit: string])[] = [
  ['latent', 'latent_copies', 'copies'],
  ['hint pending', 'hint_pending_copies', 'copies'],
  ['wrong for clients', 'wrong_copies', 'copies'],
  ['zombies', 'zombie_copies', 'copies'],
  ['lost for good', 'lost_acknowledged', 'acknowledged writes'],
];
const ALWAYS: readonly string[] = ['latent_copies', 'wrong_copies', 'lost_acknowledged'];

function figureLines(study: WhatIf, clock: VirtualClock, columns: number): Line[] {
  const { final, totals, hints, writes } = study;
  const shown = FINAL.filter(([, metric]) => ALWAYS.includes(metric) || !isNothing(final[metric]));
  const lines = shown.flatMap(([label, metric, unit]) =>
    labelled(label, `${change(final[metric])} ${unit} at the end`, columns, style(final[metric]).style),
  );
  const hours = `divergent ${relative(totals.divergent_row_hours)} · wrong ${relative(totals.wrong_row_hours)}`;
  return [
    ...lines,
    ...labelled('most at once', `${change(study.peak_divergent_copies)} copies that differ`, columns),
    ...labelled('row-hours', hours, columns),
    ...labelled('converged', convergedText(study, clock), columns),
    ...labelled('hints', hintText(hints), columns),
    ...labelled('writes', writeText(writes), columns),
  ];
}

function isNothing({ base, edited }: Pair): boolean {
  return base === 0 && edited === 0;
}

/** `240 → 260 (+8 %)` */
function relative(pair: Pair): string {
  const { base, edited } = pair;
  if (base === edited || base === 0) return change(pair, formatCount);
  const share = formatShare(Math.abs(edited - base) / base);
  // A minus before it would read as an arrow.
  if (share.startsWith('>')) return `${change(pair, formatCount)} (by ${share})`;
  return `${change(pair, formatCount)} (${edited < base ? '−' : '+'}${share})`;
}

/** Empty where no copy was ever latent or waited for a hint. */
function convergedText({ converged_micros: { base, edited } }: WhatIf, clock: VirtualClock): string {
  if (base === 0 && edited === 0) return '';
  const text = (micros: number | null): string =>
    micros === null ? 'not by the end' : micros === 0 ? 'never apart' : clock.moment(micros);
  return base === edited ? `${text(base)}, as before` : `${text(base)} → ${text(edited)}`;
}

function hintText(hints: WhatIf['hints']): string {
  const parts = (['enqueued', 'delivered', 'expired', 'lost', 'pending'] as const).filter(
    (name) => hints[name] !== undefined && !isNothing(hints[name]),
  );
  const bytes = hints['delivered_bytes'];
  const carried = bytes === undefined || isNothing(bytes) ? [] : [`bytes ${change(bytes, formatBytes)}`];
  return [...parts.map((name) => `${name} ${change(hints[name])}`), ...carried].join(' · ');
}

/** What clients were told, where the edit changes it. */
function writeText(writes: WhatIf['writes']): string {
  const changed = Object.entries(writes).filter(([, { base, edited }]) => base !== edited);
  return changed.map(([name, pair]) => `${name.replaceAll('_', ' ')} ${change(pair)}`).join(' · ');
}

// ---------------------------------------------------------------- repairs, verdicts, commands

function repairTable({ repairs }: WhatIf, columns: number): Line[] {
  const all = Object.entries(repairs);
  if (all.length === 0) return [];
  const titles = ['repair', 'took', 'healed', 'sent', 'for nothing', 'read'];
  return renderTable(
    titles.map((title, index) => ({
      title,
      align: index === 0 ? ('left' as const) : ('right' as const),
      ...(index === 5 || index === 4 ? { optional: true } : {}),
    })),
    all.map(([id, one]) => ({ cells: [id.replace(/^repairs\./, ''), ...repairCells(one)] })),
    columns,
  );
}

function repairCells(one: RepairChange): string[] {
  return [
    tookText(one),
    change(one.healed_copies),
    change(one.sent_bytes, formatBytes),
    change(one.sent_for_nothing_bytes, formatBytes),
    change(one.read_bytes, formatBytes),
  ];
}

function tookText({ took_micros: took, outcome }: RepairChange): string {
  const text = (micros: number | null, ended: RepairChange['outcome']['base']): string =>
    micros !== null ? formatDuration(micros) : ended === null ? 'none' : ended.replaceAll('_', ' ');
  const [before, after] = [text(took.base, outcome.base), text(took.edited, outcome.edited)];
  return before === after ? before : `${before} → ${after}`;
}

/** Those that changed; the others are counted. */
function verdictLines({ expectations }: WhatIf, columns: number): Line[] {
  const all = Object.entries(expectations);
  if (all.length === 0) return [];
  const changed = all.filter(([, { base, edited }]) => base !== edited);
  const rest = all.length - changed.length;
  const lines = changed.flatMap(([id, { base, edited }]) => {
    const text = `${id}  ${verdictText(base)} → ${verdictText(edited)}`;
    const mark = MARKS[edited ?? 'undecided'];
    return wrap(escapeControls(`${mark.sign} ${text}`), columns - 1).map((line): Line => [
      span(` ${line}`, mark.style),
    ]);
  });
  const same = `${changed.length === 0 ? 'no verdict changes' : `${plural(rest, 'verdict')} as before`} (${plural(all.length, 'expectation')})`;
  return [...lines, [span(` ${same}`, 'dim')]];
}

function verdictText(verdict: Verdict | null): string {
  return verdict ?? 'not expected';
}

function fingerprintText({ fingerprint: { base, edited } }: WhatIf): string {
  return base === edited ? `fingerprint ${base}, of both` : `fingerprint ${base} → ${edited}`;
}
