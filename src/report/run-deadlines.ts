/**
 * What must happen after the end of a run, and by when: sentences with a time, from the plan and the final state alone.
 * Nothing is said where nothing is pending. Sources: the hint window ends that long after a node was seen down
 * (cassandra.e4); a tombstone may go gc_grace after its delete, and a copy that missed it then comes back (cassandra.h3).
 */
import { formatSpan } from '../base/human.ts';
import type { VirtualClock } from '../base/virtual-clock.ts';
import type { Result } from '../observe/result.ts';
import type { Plan, PlanTable, PlanWorkload } from '../scenario/plan.ts';
import type { Line } from './lines.ts';
import { labelled } from './table.ts';

const NODES_SHOWN = 4;

export function deadlineLines(plan: Plan, result: Result, clock: VirtualClock, columns: number): Line[] {
  return [
    ...sentenceLines('deadline', repairDeadlines(plan, result, clock), columns),
    ...sentenceLines('watch out', hintWindows(plan, result, clock), columns),
  ];
}

function sentenceLines(label: string, texts: readonly string[], columns: number): Line[] {
  return texts.flatMap((text, index) => labelled(index === 0 ? label : '', text, columns, 'yellow'));
}

/** A table with deletes, while copies are left that only repair heals: its tombstones must be there until then. */
function repairDeadlines(plan: Plan, { final, virtual_micros: end }: Result, clock: VirtualClock): string[] {
  if (final.latent_copies === 0) return [];
  const since = firstOrigin(plan, Object.keys(final.by_origin));
  return plan.tables.flatMap((table) => {
    const deletes = firstDelete(plan, table);
    if (deletes === null) return [];
    const missed = Math.max(deletes, since);
    if (missed >= end) return [];
    const deadline = missed + table.gc_grace_micros;
    const grace = `gc_grace is ${formatSpan(table.gc_grace_micros)}, and a latent copy may have missed deletes since ${clock.moment(missed)}`;
    return deadline > end
      ? [`${table.id} must be repaired before ${momentText(clock, deadline)}: ${grace}`]
      : [
          `${table.id} should have been repaired before ${momentText(clock, deadline)}: ${grace}; what was deleted may come back`,
        ];
  });
}

/** Far moments with their day; without a clock from the start of the run. */
function momentText(clock: VirtualClock, micros: number): string {
  return clock.epochMicros === null ? `${clock.moment(micros)} after the start` : clock.deadline(micros);
}

/** When the first of the entries began that left something behind; 0 where something else did. */
function firstOrigin(plan: Plan, origins: readonly string[]): number {
  const starts = origins.map((origin) =>
    Math.min(...plan.entries.filter(({ id }) => id === origin).map(({ at_micros: at }) => at)),
  );
  const first = Math.min(...starts);
  return starts.some((start) => start === Infinity) || starts.length === 0 ? 0 : first;
}

/** When clients may first delete from the table; null where nobody does. */
function firstDelete(plan: Plan, { id }: PlanTable): number | null {
  const starts = Object.values(plan.workload)
    .filter(({ table }) => table === id)
    .map(deletesFrom)
    .filter((micros) => micros !== null);
  return starts.length === 0 ? null : Math.min(...starts);
}

function deletesFrom({ arrivals, mix, from_micros: from }: PlanWorkload): number | null {
  if (arrivals.kind === 'trace') {
    const first = arrivals.operations.indexOf('delete');
    return first < 0 ? null : from + arrivals.times_micros[first];
  }
  return mix.delete_cell + mix.delete_row + mix.delete_range + mix.delete_partition > 0 ? from : null;
}

/** Nodes that are still down at the end, by the moment at which the others stop keeping hints for them. */
function hintWindows(plan: Plan, { virtual_micros: end }: Result, clock: VirtualClock): string[] {
  const { max_hint_window: window, hinted_handoff_enabled: isEnabled } = plan.settings;
  if (typeof window !== 'number' || isEnabled === false) return [];
  const byStart = new Map<number, string[]>();
  for (const [node, start] of downAtEnd(plan, end)) byStart.set(start, [...(byStart.get(start) ?? []), node]);
  return [...byStart.keys()]
    .sort((left, right) => left - right)
    .map((start) => {
      const nodes = byStart.get(start) ?? [];
      const names =
        nodes.length <= NODES_SHOWN ? nodes.join(', ') : `${nodes.slice(0, 2).join(', ')} … (${nodes.length})`;
      const still = `${names} ${nodes.length === 1 ? 'is' : 'are'} still down at the end`;
      const closes = `${momentText(clock, start + window)} (max_hint_window ${formatSpan(window)})`;
      return start + window > end
        ? `${still}: hints are kept until about ${closes}; what is written later only repair brings`
        : `${still}: no hints are kept since about ${closes}; what is written only repair brings`;
    });
}

/** Node to the start of the outage that reaches over the end, in the cluster's order. */
function downAtEnd(plan: Plan, end: number): Map<string, number> {
  const down = new Map<string, number>();
  for (const { id } of plan.nodes) {
    const starts = plan.entries.flatMap((entry) => {
      if (entry.kind !== 'crashNode' && entry.kind !== 'stopNode') return [];
      const isOut = entry.at_micros < end && (entry.for_micros === null || entry.at_micros + entry.for_micros >= end);
      return isOut && entry.nodes.includes(id) ? [entry.at_micros] : [];
    });
    if (starts.length > 0) down.set(id, Math.min(...starts));
  }
  return down;
}
