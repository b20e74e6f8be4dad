/**
 * One row as people read it: what it should be, what each copy has and since when, the events that led there, the chances
 * that were missed, what heals it next, what happens if nobody acts. A pure function of the document.
 */
import { plural } from '../base/human.ts';
import type { VirtualClock } from '../base/virtual-clock.ts';
import type { CopyShown, RowExplanation, VersionShown } from '../studies/explain/explanation.ts';
import { causeLabel } from './chart-groups.ts';
import { aftermathText, eventLines, farText, notesLines, repairTexts, secondText } from './explain-parts.ts';
import { clockOf, titleLines } from './explain.ts';
import { COLUMNS_MIN, renderLines, span } from './lines.ts';
import type { Line, TextOptions } from './lines.ts';
import { deletesMissedText, healsDeletesText } from './no-tombstones.ts';
import { separated } from './run.ts';
import { renderTable } from './table.ts';
import { escapeControls, wrap } from './width.ts';

export function renderRow(row: RowExplanation, options: TextOptions): string {
  const columns = Math.max(options.columns, COLUMNS_MIN);
  const clock = clockOf(row);
  const blocks: Line[][] = [
    [...titleLines(row, clock, columns), ...rowLines(row, columns)],
    [
      ...notesLines('should be', [shouldText(row.promised, clock)], columns),
      ...notesLines('can spread', spreadTexts(row, clock), columns, row.lost ? 'red' : 'yellow'),
    ],
    copyTable(row, clock, columns),
    [...eventLines(row.events, clock, columns), ...otherLines(row, columns)],
    [
      ...notesLines(
        'missed',
        row.missed_chances.map(({ at_micros: at, text }) => `${secondText(clock, at)}  ${text}`),
        columns,
      ),
      ...notesLines('heals next', healTexts(row, clock), columns),
      ...notesLines('if nobody', deadlineTexts(row, clock), columns, 'yellow'),
    ],
  ];
  return renderLines(separated(blocks), { ...options, columns });
}

function rowLines({ table, key, row, token, copies, by_arrival: isPoint }: RowExplanation, columns: number): Line[] {
  const amiss = copies.filter(isAmiss).length;
  const place = isPoint === true ? ` · point ${row + 1} of it` : `${row > 0 ? `, row ${row}` : ''} · token ${token}`;
  const text = `${table}:${key}${place} · ${amiss === 0 ? 'all copies are right' : `${plural(amiss, 'copy', 'copies')} of ${copies.length} amiss`}`;
  return wrap(escapeControls(text), columns).map((line): Line => [span(line, amiss === 0 ? 'green' : 'yellow')]);
}

function isAmiss({ divergent, wrong }: CopyShown): boolean {
  return divergent || wrong !== 'right';
}

const KIND_TEXTS: Readonly<Record<VersionShown['kind'], string>> = {
  nothing: 'nothing',
  loaded: 'as loaded',
  write: 'written',
  delete_cell: 'cell deleted',
  delete_row: 'deleted',
  delete_range: 'deleted (range)',
  delete_partition: 'deleted (partition)',
  damaged: 'damaged',
};

/** `v2 written 04:02:55`; what has no time is told by its kind. */
function versionText({ name, kind, at_micros: at }: VersionShown, clock: VirtualClock): string {
  return at === null ? KIND_TEXTS[kind] : `${name} ${KIND_TEXTS[kind]} ${secondText(clock, at)}`;
}

function shouldText(version: VersionShown, clock: VirtualClock): string {
  const by =
    version.workload === null ? '' : ` by ${version.workload} through ${version.coordinator ?? '?'}, acknowledged`;
  return versionText(version, clock) + by;
}

/** Only where it is another than what was promised. */
function spreadTexts({ expected, promised, lost }: RowExplanation, clock: VirtualClock): string[] {
  if (expected.name === promised.name) return [];
  if (lost) return [`only ${versionText(expected, clock)}: what was promised is lost for good`];
  const told = expected.told === null ? '' : `, of which no client was told a success (${causeLabel(expected.told)})`;
  return [`${versionText(expected, clock)}${expected.told === 'success' ? '' : told}`];
}

function copyTable({ copies, by_arrival: isPoint }: RowExplanation, clock: VirtualClock, columns: number): Line[] {
  const titles = ['copy', 'has', 'since', 'state'].map((title) => ({ title, align: 'left' as const }));
  const rows = copies.map((copy) => ({
    cells: [
      isPoint === true ? copy.node : `${copy.node}  ${copy.dc} ${copy.rack}`,
      versionText(copy.holds, clock).replace(isPoint === true ? ' (range)' : /^$/, ''),
      copy.since_micros === null ? '–' : secondText(clock, copy.since_micros),
      stateText(copy),
    ],
    style: isAmiss(copy) ? ('yellow' as const) : ('plain' as const),
  }));
  return renderTable(titles, rows, columns);
}

/** `stale, latent: hint window passed` */
function stateText(copy: CopyShown): string {
  if (!isAmiss(copy)) return 'right';
  const { wrong, divergent, state, cause } = copy;
  const said = [...(wrong === 'right' ? [] : [wrong]), ...(divergent && state !== null ? [causeLabel(state)] : [])];
  return `${said.join(', ')}${cause === null || cause === state ? '' : `: ${causeLabel(cause)}`}`;
}

function otherLines({ other_versions: others }: RowExplanation, columns: number): Line[] {
  if (others === 0) return [];
  const text = `and ${plural(others, 'version')} of which no copy has anything left`;
  return wrap(`   ${text}`, columns).map((line): Line => [span(line, 'dim')]);
}

function healTexts(row: RowExplanation, clock: VirtualClock): string[] {
  const amiss = row.copies.filter(isAmiss);
  if (amiss.length === 0) return [];
  const after = aftermathText(row.afterwards, row, clock);
  const seen = after === '' ? [] : [after];
  if (row.afterwards.left === 0) return seen;
  if (!amiss.some(({ divergent }) => divergent)) {
    return [...seen, 'no repair does: all copies agree, on what clients were not promised'];
  }
  const ahead = row.next_repairs.filter(({ at_micros: at }) => at >= row.seen_until_micros || after === '');
  const repairs = repairTexts(ahead, amiss.length, clock);
  if (row.by_arrival === true && row.purge_micros !== null) return [...seen, ...repairs, healsDeletesText(after)];
  return repairs.length > 0
    ? [...seen, ...repairs]
    : [...seen, 'nothing: no repair of the plan is ahead; only a repair that reaches it or a newer write'];
}

function deadlineTexts(
  { purge_micros: purge, afterwards, at_micros: at, by_arrival: byArrival }: RowExplanation,
  clock: VirtualClock,
): string[] {
  if (purge === null || afterwards.left === 0) return [];
  if (byArrival === true) return [deletesMissedText(1, true)];
  const then = 'its tombstone may go; then what the copy still has wins on the next repair (h3)';
  return purge <= at ? [`since ${farText(clock, purge)} ${then}`] : [`from ${farText(clock, purge)} on ${then}`];
}
