/**
 * What became of each change of topology, and what it cost: time, rows, bytes, hints handed over. Why one was refused, or
 * stopped half-way, stands below the table in full.
 */
import { formatBytes, formatCount, formatDuration } from '../base/human.ts';
import type { Result, TopologyResult } from '../observe/result.ts';
import type { Line } from './lines.ts';
import { labelled, renderTable } from './table.ts';
import type { Row } from './table.ts';

export function topologyTable(result: Result, columns: number): Line[] {
  const changes = Object.entries(result.topology ?? {});
  if (changes.length === 0) return [];
  const table = renderTable(
    [
      { title: 'topology', align: 'left', least: 12 },
      { title: 'took', align: 'right', least: 7 },
      { title: 'rows', align: 'right' },
      { title: 'sent', align: 'right', least: 7 },
      { title: 'for nothing', align: 'right', optional: true },
      { title: 'hints', align: 'right', optional: true },
    ],
    changes.map(changeRow),
    columns,
  );
  const failures = changes.flatMap(([id, { outcome, failures: texts }]) =>
    texts.flatMap((text) => labelled(outcome, `${nameOf(id)}: ${text}`, columns, 'red')),
  );
  return [...table, ...failures];
}

function changeRow([id, change]: [string, TopologyResult]): Row {
  const { outcome } = change;
  if (outcome === 'not_started' || outcome === 'refused') {
    const text = outcome === 'refused' ? outcome : 'not run';
    return { cells: [nameOf(id), text, '–', '–', '–', '–'], style: outcome === 'refused' ? 'red' : 'yellow' };
  }
  const { started_micros: started, finished_micros: finished } = change;
  const took = started === null || finished === null ? 'running' : formatDuration(finished - started);
  return {
    cells: [
      nameOf(id),
      outcome === 'failed' ? 'failed' : took,
      formatCount(change.sent_rows),
      formatBytes(change.sent_bytes),
      formatBytes(change.sent_for_nothing_bytes),
      formatCount(change.hints_transferred),
    ],
    style: outcome === 'failed' ? 'red' : outcome === 'running' ? 'yellow' : 'plain',
  };
}

function nameOf(id: string): string {
  return id.replace(/^operations\./, '');
}
