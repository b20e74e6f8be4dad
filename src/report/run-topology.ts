/**
 * What each change of topology cost: time, bytes and rows streamed, by whom, and the hints that moved because of it. Why one
 * was refused or failed stands below the table in full.
 */
import { formatBytes, formatCount, formatDuration } from '../base/human.ts';
import type { Result, TopologyChange } from '../observe/result.ts';
import { span } from './lines.ts';
import type { Line } from './lines.ts';
import { labelled, renderTable } from './table.ts';
import type { Row } from './table.ts';
import { clip, wrap } from './width.ts';

const SOURCES_SHOWN = 3;
const NAME_MOST = 11;

export function topologyTable({ topology = {} }: Result, columns: number): Line[] {
  const changes = Object.entries(topology).map(([id, change]) => ({ name: id.replace(/^operations\./, ''), change }));
  if (changes.length === 0) return [];
  const table = renderTable(
    [
      { title: 'topology', align: 'left', least: 12 },
      { title: 'change', align: 'left', optional: true },
      { title: 'took', align: 'right', least: 7 },
      { title: 'streamed', align: 'right' },
      { title: 'rows', align: 'right', optional: true },
      { title: 'from', align: 'left', optional: true },
      { title: 'hints', align: 'right', optional: true },
    ],
    changes.map(changeRow),
    columns,
  );
  const hasHints = changes.some(({ change }) => hintsOf(change) !== NO_HINTS);
  const legend = 'hints: handed over / dropped / written anew for who replicates the row now';
  const notes =
    columns < 80 || !hasHints ? [] : wrap(legend, columns - 1).map((text): Line => [span(` ${text}`, 'dim')]);
  return [...table, ...notes, ...changes.flatMap((named) => failureLines(named, columns))];
}

interface Named {
  name: string;
  change: TopologyChange;
}

function changeRow({ name, change }: Named): Row {
  return {
    cells: [
      name,
      changeText(change),
      tookText(change),
      change.outcome === 'not_started' ? '–' : formatBytes(change.streamed_bytes),
      change.outcome === 'not_started' ? '–' : formatCount(change.streamed_rows),
      sourcesText(Object.keys(change.sources)),
      hintsOf(change),
    ],
    style: STYLES[change.outcome],
  };
}

function changeText({ kind, node }: TopologyChange): string {
  if (node === null) return kind;
  return kind === 'replace' ? `replace: ${node}` : `${kind === 'decommission' ? 'leave' : kind} ${node}`;
}

const STYLES = {
  finished: 'plain',
  failed: 'red',
  refused: 'red',
  running: 'yellow',
  not_started: 'yellow',
} as const;

function tookText({ outcome, started_micros: from, finished_micros: to }: TopologyChange): string {
  if (outcome === 'finished' && from !== null && to !== null) return formatDuration(to - from);
  return outcome === 'not_started' ? 'not run' : outcome;
}

function sourcesText(names: readonly string[]): string {
  if (names.length === 0) return '–';
  return names.length <= SOURCES_SHOWN ? names.join(', ') : `${names.slice(0, 2).join(', ')} … (${names.length})`;
}

const NO_HINTS = '–';

function hintsOf({ hints_handed_over: over, hints_dropped: dropped, hints_rehinted: anew }: TopologyChange): string {
  return over + dropped + anew === 0 ? NO_HINTS : [over, dropped, anew].map((count) => formatCount(count)).join(' / ');
}

function failureLines({ name, change }: Named, columns: number): Line[] {
  const { outcome, failures, streamed_in_vain_bytes: inVain } = change;
  if (failures.length === 0) return [];
  const lost = inVain === 0 ? [] : [`${formatBytes(inVain)} streamed in vain`];
  return labelled(`${clip(name, NAME_MOST)} ${outcome}`, [...failures, ...lost].join('; '), columns, 'red');
}
