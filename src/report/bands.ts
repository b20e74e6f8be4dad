/**
 * Bands under the chart: when faults held and repairs ran, each with its id, packed into few lines. The label stands
 * behind its band, before it, or within it, wherever there is room.
 */
import type { VirtualClock } from '../base/virtual-clock.ts';
import type { RepairLedger, TimelineEvent } from '../observe/result.ts';
import type { Plan, PlanEntry } from '../scenario/plan.ts';
import { columnOf } from './chart.ts';
import type { TimeScale } from './chart.ts';
import { span } from './lines.ts';
import type { Line, Style } from './lines.ts';
import { clip, displayWidth, escapeControls, padEnd, takeColumns } from './width.ts';

export interface Band {
  label: string;
  startMicros: number;
  endMicros: number;
}

const LINES_MAX = 4;

export interface BandOptions {
  endMicros: number;
  clock: VirtualClock;
  /** Says when the faults were that wait for data. */
  timeline: readonly TimelineEvent[];
}

/** Faults of the plan within the run; entries that are one fault of the scenario are one band. */
export function faultBands(plan: Plan, { endMicros, clock, timeline }: BandOptions): Band[] {
  const bands = new Map<string, Band>();
  for (const entry of plan.entries) {
    const start = isRepair(entry) ? null : entryStart(entry, timeline);
    if (start === null || start > endMicros) continue;
    const end = endFrom(entry, start);
    const name = entry.id.replace(/^faults\./, '');
    const label = end !== null && end > start && end <= endMicros ? `${name} to ${clock.moment(end)}` : name;
    const band = { label, startMicros: start, endMicros: Math.min(end ?? endMicros, endMicros) };
    bands.set(`${entry.id} ${start} ${end ?? ''}`, band);
  }
  return sorted([...bands.values()]);
}

/** Of any database: they have bands of their own, as they ran. */
export function isRepair({ id }: Pick<PlanEntry, 'id'>): boolean {
  return id.startsWith('repairs.');
}

/** Null where it never was: a batch is cut when it comes, which the time line knows. */
export function entryStart(entry: PlanEntry, timeline: readonly TimelineEvent[]): number | null {
  if (entry.kind !== 'cutBatch') return entry.at_micros;
  return timeline.find(({ name, entry: id }) => name === 'batchCut' && id === entry.id)?.at_micros ?? null;
}

/** Repairs that started. */
export function repairBands(repairs: readonly RepairLedger[], endMicros: number): Band[] {
  const started = repairs.filter((ledger) => ledger.outcome !== 'not_started');
  return sorted(
    started.map((ledger) => {
      const name = ledger.id.replace(/^repairs\./, '');
      const label = ledger.outcome === 'finished' ? name : `${name} (${ledger.outcome})`;
      return { label, startMicros: ledger.started_micros, endMicros: ledger.finished_micros ?? endMicros };
    }),
  );
}

/** Null: for ever. Things that happen at a moment end where they start. */
export function entryEnd(entry: PlanEntry): number | null {
  return endFrom(entry, entry.at_micros);
}

export function endFrom(entry: PlanEntry, start: number): number | null {
  if (!('for_micros' in entry)) return start;
  return entry.for_micros === null ? null : start + entry.for_micros;
}

/** Lines of at most left + width + 1 columns, titled in the columns of the axis. */
export function drawBands(title: string, bands: readonly Band[], options: { scale: TimeScale; style: Style }): Line[] {
  const { scale, style } = options;
  const rows: string[] = [];
  let hidden = 0;
  for (const band of bands) {
    const drawn = drawBand(band, scale);
    const row = rows.findIndex((text) => displayWidth(text) + 1 <= drawn.start || text === '');
    if (row >= 0) rows[row] = padEnd(rows[row], drawn.start) + drawn.text;
    else if (rows.length < LINES_MAX) rows.push(' '.repeat(drawn.start) + drawn.text);
    else hidden++;
  }
  const lines = rows.map((text, index): Line => [
    span(padEnd(index === 0 ? ` ${title}` : '', scale.left), 'dim'),
    span(text, style),
  ]);
  if (hidden > 0) lines.push([span(`${padEnd('', scale.left)}and ${hidden} more`, 'dim')]);
  return lines;
}

/** The band with its label, and the column at which it starts. */
function drawBand(band: Band, scale: TimeScale): { start: number; text: string } {
  const from = columnOf(scale, band.startMicros);
  const to = Math.max(from, columnOf(scale, band.endMicros));
  const bar = from === to ? '▏' : `▕${'▔'.repeat(to - from - 1)}▏`;
  const label = escapeControls(band.label);
  const width = displayWidth(label);
  const behind = scale.width - to - 1;
  if (width <= behind) return { start: from, text: bar + label };
  if (width + 1 <= from) return { start: from - width - 1, text: `${label} ${bar}` };
  if (width + 4 <= displayWidth(bar))
    return { start: from, text: `▕▔ ${label} ${'▔'.repeat(displayWidth(bar) - width - 5)}▏` };
  if (behind >= from) return { start: from, text: bar + clip(label, behind) };
  return {
    start: 0,
    text: `${padEnd(clip(label, Math.max(0, from - 1)), from)}${takeColumns(bar, scale.width - from)}`,
  };
}

function sorted(bands: readonly Band[]): Band[] {
  return [...bands].sort((left, right) => left.startMicros - right.startMicros || (left.label < right.label ? -1 : 1));
}
