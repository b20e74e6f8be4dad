/**
 * In the story of copies that lack a delete, or took back what was deleted: who deleted, and when. Only entries of the plan are
 * named; a client's own deletes are told by the row (`row-events.ts`).
 */
import type { CauseName } from '../../data/causes.ts';
import type { Plan } from '../../scenario/plan.ts';
import type { StoryEvent } from './explanation.ts';
import type { Group } from './groups.ts';

const TOLD_MAX = 3;

interface DeleteContext {
  plan: Plan;
  deletedAt: (version: number) => number | null;
  rulesOf: (cause: CauseName) => readonly string[];
}

export function deleteEvents(group: Group, { plan, deletedAt, rulesOf }: DeleteContext): StoryEvent[] {
  const times = new Set(group.memberVersions.map((version) => deletedAt(version)));
  const entries = plan.entries.filter(({ kind, at_micros: at }) => {
    const deletes = kind === 'deletePoints' || kind === 'dropShard';
    return deletes && times.has(at);
  });
  return entries.slice(0, TOLD_MAX).flatMap((entry) => {
    if (entry.kind !== 'deletePoints' && entry.kind !== 'dropShard') return [];
    const text = `${entry.nodes[0]} is asked to delete them: ${entry.command} (${entry.id})`;
    return [{ at_micros: entry.at_micros, text, rules: [...rulesOf('delete_missed')] }];
  });
}
