/**
 * What each repair cost, in one currency: time, rows hashed, trees, ranges out of sync, bytes sent, those for nothing,
 * and the least that any strategy would have had to send. Failures stand below the table in full.
 */
import { formatBytes, formatCount, formatDuration, plural } from '../base/human.ts';
import type { RepairLedger, Result } from '../observe/result.ts';
import { span } from './lines.ts';
import type { Line } from './lines.ts';
import { labelled, renderTable } from './table.ts';
import type { Row } from './table.ts';
import { clip, wrap } from './width.ts';

export function repairTable(result: Result, columns: number): Line[] {
  const ledgers = Object.values(result.repairs);
  if (ledgers.length === 0) return [];
  const table = renderTable(
    [
      { title: 'repair', align: 'left', least: 12 },
      { title: 'took', align: 'right', least: 7 },
      { title: 'hashed', align: 'right', optional: true },
      { title: 'trees', align: 'right', least: 7, optional: true },
      { title: 'ranges', align: 'right', optional: true },
      { title: 'sent', align: 'right', least: 7 },
      { title: 'for nothing', align: 'right' },
      { title: 'least', align: 'right', least: 7, optional: true },
    ],
    ledgers.map(repairRow),
    columns,
  );
  const legend = 'hashed: rows · ranges: out of sync · least: what any strategy must send';
  // A narrow table has left these columns out.
  const notes = columns < 80 ? [] : wrap(legend, columns - 1).map((text): Line => [span(` ${text}`, 'dim')]);
  const runs = ledgers.flatMap((ledger) => runLines(ledger, columns));
  return [...table, ...notes, ...runs, ...ledgers.flatMap((ledger) => endLines(ledger, columns))];
}

function repairRow(ledger: RepairLedger): Row {
  const name = ledger.id.replace(/^repairs\./, '');
  if (ledger.outcome === 'not_started')
    return { cells: [name, 'not run', ...new Array<string>(6).fill('–')], style: 'yellow' };
  const took =
    ledger.finished_micros === null ? 'running' : formatDuration(ledger.finished_micros - ledger.started_micros);
  return {
    cells: [
      name,
      took,
      formatCount(ledger.hashed_rows),
      formatBytes(ledger.tree_bytes),
      formatCount(ledger.differing_ranges),
      formatBytes(ledger.sent_bytes),
      formatBytes(ledger.sent_for_nothing_bytes),
      formatBytes(ledger.floor_bytes),
    ],
    style: ledger.outcome === 'failed' ? 'red' : ledger.outcome === 'running' ? 'yellow' : 'plain',
  };
}

/** How often it ran, and how its segments went. */
function runLines({ id, runs = [] }: RepairLedger, columns: number): Line[] {
  if (runs.length === 0) return [];
  const sumOf = (count: RunCount): number => runs.reduce((sum, run) => sum + run[count], 0);
  const ended = runs.flatMap(({ started_micros: from, finished_micros: to }) => (to === null ? [] : [to - from]));
  const parts = [plural(runs.length, 'run')];
  if (ended.length > 0) parts.push(`the longest ${formatDuration(Math.max(...ended))}`);
  const failed = runs.filter(({ outcome }) => outcome === 'failed').length;
  if (failed > 0) parts.push(`${failed} failed`);
  if (sumOf('segments') > 0)
    parts.push(`${formatCount(sumOf('segments_done'))} of ${plural(sumOf('segments'), 'segment')}`);
  for (const [count, text] of RUN_COUNTS) if (sumOf(count) > 0) parts.push(`${formatCount(sumOf(count))} ${text}`);
  return labelled(clip(id.replace(/^repairs\./, ''), 11), parts.join(', '), columns);
}

type RunCount = 'segments' | 'segments_done' | 'segments_retried' | 'segments_postponed' | 'segments_timed_out';
const RUN_COUNTS: readonly (readonly [RunCount, string])[] = [
  ['segments_retried', 'tried again'],
  ['segments_postponed', 'times put off'],
  ['segments_timed_out', 'took too long'],
];

const FAILURES_SHOWN = 3;

/** Repairs that waited to the end say for what (influxdb.6.3-idle). */
function endLines(ledger: RepairLedger, columns: number): Line[] {
  if (ledger.outcome !== 'running' || ledger.strategy !== 'entropy-repair') return failureLines(ledger, columns);
  const why =
    'waits still: only an idle shard is repaired, compact-full-write-cold-duration after its last write, and only between owners that run';
  return labelled(clip(ledger.id.replace(/^repairs\./, ''), 11), why, columns, 'yellow');
}

function failureLines(ledger: RepairLedger, columns: number): Line[] {
  if (ledger.outcome !== 'failed' && ledger.failures.length === 0) return [];
  const shown = ledger.failures.slice(0, FAILURES_SHOWN);
  if (ledger.failures.length > shown.length) shown.push(`and ${ledger.failures.length - shown.length} more`);
  return labelled(
    `${clip(ledger.id.replace(/^repairs\./, ''), 11)} ${ledger.outcome === 'finished' ? 'in part' : 'failed'}`,
    shown.join('; ') || 'without a word',
    columns,
    ledger.outcome === 'finished' ? 'yellow' : 'red',
  );
}
