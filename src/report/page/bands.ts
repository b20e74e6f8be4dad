/** Faults and repairs of a run as stretches of virtual time, for charts of a page. */
import type { VirtualClock } from '../../base/virtual-clock.ts';
import type { Result, TimelineEvent } from '../../observe/result.ts';
import type { Plan, PlanEntry } from '../../scenario/plan.ts';
import { endFrom, entryStart, isRepair } from '../bands.ts';
import { entryText } from '../plan.ts';
import type { PageBand } from './page-data.ts';

interface BandContext {
  timeline: readonly TimelineEvent[];
  clock: VirtualClock;
  endMicros: number;
}

/** Entries that are one fault of the scenario, at one time, are one band. */
export function faultBands(plan: Plan, { timeline, clock, endMicros }: BandContext): PageBand[] {
  const bands = new Map<string, PageBand>();
  for (const entry of plan.entries) {
    const start = isRepair(entry) ? null : entryStart(entry, timeline);
    if (start === null || start > endMicros) continue;
    const end = endFrom(entry, start);
    const key = `${entry.id} ${start} ${end ?? ''}`;
    if (!bands.has(key))
      bands.set(key, bandOf(entry, { start, end, endMicros, detail: entryText(entry, plan, clock) }));
  }
  return sorted([...bands.values()]);
}

export function bandOf(
  { id, kind }: Pick<PlanEntry, 'id' | 'kind'>,
  { start, end, endMicros, detail }: { start: number; end: number | null; endMicros: number; detail: string },
): PageBand {
  return {
    id,
    label: id.slice(id.indexOf('.') + 1),
    kind,
    detail,
    fromMicros: start,
    toMicros: Math.min(end ?? endMicros, endMicros),
    isOpen: end === null || end > endMicros,
  };
}

/** Repairs that started; one that repeats is a band for each of its runs. */
export function repairBands(
  plan: Plan,
  { repairs, virtual_micros: endMicros }: Result,
  clock: VirtualClock,
): PageBand[] {
  const bands = Object.values(repairs).flatMap((ledger) => {
    if (ledger.outcome === 'not_started') return [];
    const entry = plan.entries.find(({ id }) => id === ledger.id);
    const detail = entry === undefined ? ledger.command : entryText(entry, plan, clock);
    const runs = ledger.runs !== undefined && ledger.runs.length > 0 ? ledger.runs : [ledger];
    return runs.map(({ started_micros: start, finished_micros: end, outcome }) =>
      bandOf(
        { id: ledger.id, kind: 'repair' },
        { start, end, endMicros, detail: outcome === 'finished' ? detail : `${detail} (${outcome})` },
      ),
    );
  });
  return sorted(bands);
}

export function sorted(bands: readonly PageBand[]): PageBand[] {
  return [...bands].sort((left, right) => left.fromMicros - right.fromMicros || (left.id < right.id ? -1 : 1));
}
