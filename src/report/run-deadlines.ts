/**
 * What must happen after the end of a run, and by when: sentences with a time, from the plan and the final state alone.
 * Nothing is said where nothing is pending. Sources: the hint window ends that long after a node was seen down
 * (cassandra.e4); a tombstone may go gc_grace after its delete, and a copy that missed it then comes back (cassandra.h3).
 */
import { plural } from '../base/human.ts';
import type { VirtualClock } from '../base/virtual-clock.ts';
import type { Result } from '../observe/result.ts';
import type { Plan } from '../scenario/plan.ts';
import { hintWindowsOfOthers, windowText } from './hint-windows.ts';
import type { Line } from './lines.ts';
import { deletesMissedSentence } from './no-tombstones.ts';
import { labelled } from './table.ts';

const NODES_SHOWN = 4;

/** What is needed of a result, or of a run that stands at a moment. */
type Ended = Pick<Result, 'virtual_micros' | 'topology'>;

export interface DeadlineSentences {
  deadlines: string[];
  warnings: string[];
}

export function deadlineSentences(plan: Plan, result: Result, clock: VirtualClock): DeadlineSentences {
  if (plan.points !== undefined) return { deadlines: [], warnings: missedDeletes(plan, result) };
  return { deadlines: repairDeadlines(plan, result, clock), warnings: hintWindows(plan, result, clock) };
}

export function deadlineLines(plan: Plan, result: Result, clock: VirtualClock, columns: number): Line[] {
  const { deadlines, warnings } = deadlineSentences(plan, result, clock);
  return [...sentenceLines('deadline', deadlines, columns), ...sentenceLines('watch out', warnings, columns)];
}

function sentenceLines(label: string, texts: readonly string[], columns: number): Line[] {
  return texts.flatMap((text, index) => labelled(index === 0 ? label : '', text, columns, 'yellow'));
}

/** Tables of which a copy has missed deletes: the tombstones must be there until a repair has brought them. */
function repairDeadlines(plan: Plan, { final, virtual_micros: end }: Result, clock: VirtualClock): string[] {
  return plan.tables.flatMap(({ id }) => {
    const risk = final.resurrection[id];
    if (risk === undefined) return [];
    const deadline = end + risk.margin_micros;
    const missed = `${plural(risk.rows, 'row')} with a copy that has missed a delete`;
    return risk.margin_micros > 0
      ? [
          `${id} must be repaired before ${momentText(clock, deadline)}: ${missed}, and the first of these may be purged elsewhere from then on`,
        ]
      : [
          `${id} should have been repaired before ${momentText(clock, deadline)}: ${missed}, and the first of these may be purged elsewhere since then; ${final.zombie_copies > 0 ? 'what was deleted has come back' : 'what was deleted may come back'}`,
        ];
  });
}

/** Where no tombstone lasts there is no date by which a repair has to come: it is too late already. */
function missedDeletes(plan: Plan, { final }: Result): string[] {
  return plan.tables.flatMap(({ id }) => {
    const risk = final.resurrection[id];
    return risk === undefined ? [] : [deletesMissedSentence(id, risk.rows)];
  });
}

/** Far moments with their day; without a clock from the start of the run. */
function momentText(clock: VirtualClock, micros: number): string {
  return clock.epochMicros === null ? `${clock.moment(micros)} after the start` : clock.deadline(micros);
}

/** Nodes that are still down at the end, by the moment at which the others stop keeping hints for them. */
export function hintWindows(plan: Plan, result: Ended, clock: VirtualClock, when = 'at the end'): string[] {
  const { virtual_micros: end } = result;
  const byStart = new Map<number, string[]>();
  for (const [node, start] of downAtEnd(plan, result)) byStart.set(start, [...(byStart.get(start) ?? []), node]);
  return [...byStart.keys()]
    .sort((left, right) => left - right)
    .flatMap((start) => {
      const nodes = byStart.get(start) ?? [];
      const windows = hintWindowsOfOthers(plan, nodes);
      if (windows === null) return [];
      const last = start + windows.longest;
      const names =
        nodes.length <= NODES_SHOWN ? nodes.join(', ') : `${nodes.slice(0, 2).join(', ')} … (${nodes.length})`;
      const still = `${names} ${nodes.length === 1 ? 'is' : 'are'} still down ${when}`;
      const closes = `${momentText(clock, last)} (${windowText(windows)})`;
      return last > end
        ? `${still}: hints are kept until about ${closes}; what is written later only repair brings`
        : `${still}: no hints are kept since about ${closes}; what is written only repair brings`;
    });
}

/** Node to the start of the outage that reaches over the end, in the cluster's order; without those that are gone. */
function downAtEnd(plan: Plan, result: Ended): Map<string, number> {
  const { virtual_micros: end } = result;
  const gone = goneNodes(plan, result);
  const down = new Map<string, number>();
  for (const { id } of plan.nodes) {
    if (gone.has(id)) continue;
    const starts = plan.entries.flatMap((entry) => {
      if (entry.kind !== 'crashNode' && entry.kind !== 'stopNode') return [];
      const isOut = entry.at_micros < end && (entry.for_micros === null || entry.at_micros + entry.for_micros >= end);
      return isOut && entry.nodes.includes(id) ? [entry.at_micros] : [];
    });
    if (starts.length > 0) down.set(id, Math.min(...starts));
  }
  return down;
}

/** Nodes that are in the cluster no more: nobody keeps hints for them, and nothing is awaited of them. */
function goneNodes({ entries }: Plan, { topology = {} }: Ended): Set<string> {
  const gone = new Set<string>();
  for (const entry of entries) {
    const isGoing = entry.kind === 'replaceNode' || entry.kind === 'removeNode' || entry.kind === 'decommissionNode';
    if (isGoing && topology[entry.id]?.outcome === 'finished') gone.add(entry.node);
  }
  return gone;
}
