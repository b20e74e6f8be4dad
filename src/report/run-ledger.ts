/**
 * The ledger by cause as a table (born = healed + left, what healed, what will heal the rest), and the lines on what is
 * left: by state, origin and node; what is wrong for clients; what is lost; integrals, hints.
 */
import { LACKS_DELETE } from './no-tombstones.ts';
import { formatCount, formatDuration, formatShare, formatSummand, plural } from '../base/human.ts';
import type { VirtualClock } from '../base/virtual-clock.ts';
import type {
  CauseLedger,
  FinalState,
  ReadResult,
  Result,
  RunOutput,
  Series,
  TimelineEvent,
} from '../observe/result.ts';
import { causeLabel } from './chart-groups.ts';
import type { Line } from './lines.ts';
import { indicatorLines } from './run-probes.ts';
import { labelled, renderTable } from './table.ts';
import type { Row } from './table.ts';
import { displayWidth } from './width.ts';

const SHOWN_PARTS = 3;
const ENTROPY_COLUMN = /^entropy_bits\{cause=([a-z_]+)\}$/;
/** Empty where no copy ever differed. */
export function ledgerTable(final: FinalState, columns: number): Line[] {
  const causes = Object.entries(final.by_cause).filter(([, ledger]) => ledger.born > 0 || ledger.left > 0);
  if (causes.length === 0) return [];
  causes.sort(byWeight);
  const rows = causes.map(([cause, ledger]) => [causeLabel(cause), ...numbers(ledger)]);
  const sum = causes.reduce(
    (total, [, one]) => [total[0] + one.born, total[1] + one.healed, total[2] + one.left],
    [0, 0, 0],
  );
  const total = ['total', ...sum.map(formatSummand)];
  const room = columns - roomTaken([...rows, total]);
  const cells: Row[] = rows.map((row, index) => ({
    cells: [...row, remedy(causes[index][0], causes[index][1], room)],
  }));
  const titles = HEADINGS.map((title, index) => ({
    title,
    align: index === 0 || index === 4 ? ('left' as const) : ('right' as const),
  }));
  return renderTable(titles, [...cells, { cells: [...total, 'copies'], style: 'bold' }], columns);
}

const HEADINGS = ['cause', 'born', 'healed', 'left', 'healed by · heals next'];
const GAP = 2;

/** Columns that the table takes before its last column. */
function roomTaken(rows: readonly (readonly string[])[]): number {
  const widths = HEADINGS.slice(0, -1).map((title, column) =>
    rows.reduce((most, row) => Math.max(most, displayWidth(row[column])), displayWidth(title)),
  );
  return widths.reduce((sum, width) => sum + width + GAP, 1);
}

/** What is left first, then what was born; copies in flight are the normal way of things and stand last. */
function byWeight([left, a]: [string, CauseLedger], [right, b]: [string, CauseLedger]): number {
  const inFlight = Number(left === 'in_flight') - Number(right === 'in_flight');
  return inFlight || b.left - a.left || b.born - a.born || (left < right ? -1 : 1);
}

function numbers({ born, healed, left }: CauseLedger): string[] {
  return [born, healed, left].map(formatSummand);
}

/** What heals what is left; where nothing is left, what healed it. */
function remedy(cause: string, ledger: CauseLedger, room: number): string {
  if (ledger.left === 0) return healers(ledger, room);
  const state = ledger.left_by_state ?? (cause === 'in_flight' ? { in_flight: ledger.left } : undefined);
  if (state === undefined) return '';
  const waiting: string[] = [];
  if ((state['latent'] ?? 0) > 0) waiting.push(LACKS_DELETE.has(cause) ? 'only the delete again' : 'only repair');
  if ((state['hint_pending'] ?? 0) > 0)
    waiting.push(
      state['hint_pending'] === ledger.left ? 'hints' : `${formatCount(state['hint_pending'] ?? 0)} by hints`,
    );
  if ((state['in_flight'] ?? 0) > 0)
    waiting.push(
      state['in_flight'] === ledger.left ? 'under way' : `${formatCount(state['in_flight'] ?? 0)} under way`,
    );
  return waiting.join(', ');
}

function healerLabel(healer: string): string {
  return healer.startsWith('repairs.') ? healer.slice('repairs.'.length) : causeLabel(healer);
}

/** `hint 98 %, late delivery 2 %`, as many as there is room for; one healer alone needs no share. */
function healers({ healed_by: by, healed }: CauseLedger, room: number): string {
  const sorted = Object.entries(by)
    .filter(([, count]) => count > 0)
    .sort(([left, a], [right, b]) => b - a || (left < right ? -1 : 1));
  if (sorted.length <= 1) return sorted.length === 0 ? '' : healerLabel(sorted[0][0]);
  const said = sorted.map(([id, count]) => `${healerLabel(id)} ${wholeShare(count / healed)}`);
  let text = said.join(', ');
  for (let kept = said.length - 1; kept > 0 && displayWidth(text) > room; kept--)
    text = `${said.slice(0, kept).join(', ')}, …`;
  return displayWidth(text) > room ? `${healerLabel(sorted[0][0])}, …` : text;
}

function wholeShare(share: number): string {
  if (share < 0.01) return '< 1 %';
  return share > 0.99 && share < 1 ? '> 99 %' : `${Math.floor(share * 100 + 0.5)} %`;
}

/** What still differs at the end, along the other axes; empty where nothing does. */
export function leftLines(final: FinalState, columns: number): Line[] {
  if (final.divergent_copies === 0) return [];
  const states = [
    `${formatCount(final.in_flight_copies)} in flight`,
    `${formatCount(final.hint_pending_copies)} hint pending`,
    `${formatCount(final.latent_copies)} latent`,
  ];
  return [
    ...labelled('still differ', `${plural(final.divergent_rows, 'row')}; copies: ${states.join(' · ')}`, columns),
    ...labelled('because of', parts(final.by_origin), columns),
    ...labelled('on', parts(final.by_node), columns),
  ];
}

function parts(by: Readonly<Record<string, { copies: number }>>): string {
  const sorted = Object.entries(by)
    .filter(([, { copies }]) => copies > 0)
    .sort(([left, a], [right, b]) => b.copies - a.copies || (left < right ? -1 : 1));
  const shown = sorted.slice(0, SHOWN_PARTS).map(([id, { copies }]) => `${id} ${formatCount(copies)}`);
  const more = sorted.length - shown.length;
  return shown.join(' · ') + (more > 0 ? ` · ${more} more` : '');
}

/** What clients can see, what is gone, and the integrals. */
export function clientLines({ result, series, timeline }: RunOutput, clock: VirtualClock, columns: number): Line[] {
  const { final, totals } = result;
  const kinds = (['stale', 'missing', 'zombie', 'lost'] as const).filter((kind) => final[`${kind}_copies`] > 0);
  const detail =
    kinds.length === 0 ? '' : `: ${kinds.map((kind) => `${formatCount(final[`${kind}_copies`])} ${kind}`).join(', ')}`;
  const wrong = `${plural(final.wrong_copies, 'copy', 'copies')}${detail}`;
  const lost = `${plural(final.lost_acknowledged, 'acknowledged write')} · zombies now ${formatCount(final.zombie_copies)}`;
  return [
    ...labelled('wrong for clients', wrong, columns, final.wrong_copies > 0 ? 'yellow' : 'plain'),
    ...readLines(result, columns),
    ...probeLines(result, columns),
    ...indicatorLines(result, columns),
    ...labelled('lost for good', lost, columns, final.lost_acknowledged > 0 ? 'red' : 'plain'),
    ...spreadLines(result, { timeline, clock, columns }),
    ...labelled(
      'row-hours',
      `divergent ${formatCount(totals.divergent_row_hours)} · wrong ${formatCount(totals.wrong_row_hours)}`,
      columns,
    ),
    ...labelled('entropy', entropyText(series, final, clock), columns),
    ...hintLines(result, columns),
  ];
}

const ALARMS_SHOWN = 3;

/** What brought deleted or replaced data to further copies, and the first of these. */
function spreadLines(
  { zombies_spread: { copies, by } }: Result,
  { timeline, clock, columns }: { timeline: readonly TimelineEvent[]; clock: VirtualClock; columns: number },
): Line[] {
  if (copies === 0) return [];
  const bringers = Object.entries(by)
    .sort(([left, a], [right, b]) => b - a || (left < right ? -1 : 1))
    .map(([name, count]) => `${healerLabel(name)} ${formatCount(count)}`);
  const total = `${plural(copies, 'copy', 'copies')} took what was deleted or replaced: ${bringers.join(' · ')}`;
  const first = timeline
    .filter(({ name }) => name === 'zombieSpread')
    .slice(0, ALARMS_SHOWN)
    .flatMap(({ at_micros: at, node, detail }) => labelled('', `${clock.moment(at)} ${node}: ${detail}`, columns));
  return [...labelled('zombies spread', total, columns, 'red'), ...first];
}

/** The sample with the most entropy, and what it came from; then what is left of it. */
function entropyText(series: Series, final: FinalState, clock: VirtualClock): string {
  const end = `${formatCount(final.entropy_bits)} bits at the end`;
  const all = series.columns['entropy_bits'] ?? [];
  const row = all.reduce((best, bits, index) => (bits > all[best] ? index : best), 0);
  const bits = all[row] ?? 0;
  if (bits === 0) return end;
  const causes: [label: string, bits: number][] = [];
  for (const [column, values] of Object.entries(series.columns)) {
    const cause = ENTROPY_COLUMN.exec(column)?.[1];
    if (cause !== undefined && values[row] > 0) causes.push([causeLabel(cause), values[row]]);
  }
  causes.sort(([left, a], [right, b]) => b - a || (left < right ? -1 : 1));
  const from = causes.slice(0, SHOWN_PARTS).map(([label, part]) => `${label} ${formatShare(part / bits)}`);
  const because = from.length === 0 ? '' : ` (${from.join(', ')}${causes.length > SHOWN_PARTS ? ', …' : ''})`;
  return `most ${formatCount(bits)} bits at ${clock.moment(series.time_micros[row])}${because} · ${end}`;
}

/** What clients got from their reads: outcomes, broken promises, latencies. */
function readLines({ reads = {} }: Result, columns: number): Line[] {
  return Object.entries(reads).flatMap(([id, read]) => {
    const wrong = read.stale + read.missing + read.zombie + read.backward;
    return [
      ...labelled(`reads ${id}`, readOutcomes(read), columns, wrong > 0 ? 'yellow' : 'plain'),
      ...labelled('', readRepairs(read), columns),
      ...labelled('', readLatencies(read), columns),
    ];
  });
}

function readOutcomes(read: ReadResult): string {
  const { answered, timed_out, unavailable, unknown } = read;
  const others = [
    [unavailable, 'unavailable'],
    [timed_out, 'timed out'],
    [unknown, 'unknown'],
    [read.stale, 'stale'],
    [read.missing, 'missing'],
    [read.zombie, 'zombie'],
    [read.backward, 'backward'],
  ] as const;
  const said = others.filter(([count]) => count > 0).map(([count, name]) => `${formatCount(count)} ${name}`);
  return [`${formatCount(answered)} answered`, ...said].join(' · ');
}

function readRepairs(read: ReadResult): string {
  const { digest_mismatches: blocking, background_mismatches: background, read_repairs: repairs } = read;
  if (blocking + background === 0) return '';
  const behind = background > 0 ? `, ${formatCount(background)} in the background` : '';
  return `${plural(blocking, 'digest mismatch', 'digest mismatches')}${behind} · ${plural(repairs, 'read repair')}`;
}

function readLatencies({ latency_micros: latency }: ReadResult): string {
  if (latency === null) return '';
  const { mean, p50, p99, p999 } = latency;
  const parts = [
    ['mean', mean],
    ['p50', p50],
    ['p99', p99],
    ['p999', p999],
  ] as const;
  return `latency ${parts.map(([name, micros]) => `${name} ${formatDuration(micros)}`).join(' · ')}`;
}

function probeLines(result: Result, columns: number): Line[] {
  return Object.entries(result.probes).flatMap(([id, probe]) => {
    if ('kind' in probe) return [];
    const { reads, stale_reads, unavailable_reads = 0 } = probe;
    const share = reads === 0 ? 'no reads' : `${formatShare(stale_reads / reads)} of ${plural(reads, 'read')} stale`;
    const refused = unavailable_reads > 0 ? `, ${formatCount(unavailable_reads)} unavailable` : '';
    return labelled(`probe ${id}`, share + refused, columns, stale_reads > 0 ? 'yellow' : 'plain');
  });
}

const HINT_PARTS = ['enqueued', 'delivered', 'expired', 'lost', 'pending'] as const;

function hintLines({ hints }: Result, columns: number): Line[] {
  const shown = HINT_PARTS.filter((part) => (hints[part] ?? 0) > 0);
  return labelled('hints', shown.map((part) => `${part} ${formatCount(hints[part] ?? 0)}`).join(' · '), columns);
}
