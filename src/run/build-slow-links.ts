/** The slow links of a plan: when which pairs of nodes are slow, and the pipes that their transfers go through. */
import { SlowLinks, type SlowStretch } from '../replica/slow-links.ts';
import type { Plan, PlanEntry } from '../scenario/plan.ts';

export type SlowLinkEntry = Extract<PlanEntry, { kind: 'slowLink' }>;

/** Null where no message of the plan is slowed. */
export function buildSlowLinks(plan: Plan): SlowLinks | null {
  const stretches = plan.entries.flatMap((entry): SlowStretch[] => {
    if (entry.kind !== 'slowLink' || entry.latency_times === 1) return [];
    const { at_micros: fromMicros, latency_times: times, for_micros: lasts } = entry;
    const pairs = pairsOf(plan, entry, 'forth');
    if (entry.two_way) pairsOf(plan, entry, 'back').forEach((is, pair) => (pairs[pair] |= is));
    return [{ fromMicros, untilMicros: lasts === null ? Infinity : fromMicros + lasts, times, pairs }];
  });
  return stretches.length === 0 ? null : new SlowLinks(stretches);
}

/** 1 for each pair from * nodes + to. */
export function pairsOf(plan: Plan, { from, to }: SlowLinkEntry, way: 'forth' | 'back'): Uint8Array {
  const numbers = new Map(plan.nodes.map(({ id }, index) => [id, index]));
  const count = plan.nodes.length;
  const pairs = new Uint8Array(count * count);
  for (const left of from) {
    for (const right of to) {
      const one = numbers.get(left) ?? 0;
      const other = numbers.get(right) ?? 0;
      if (one !== other) pairs[way === 'forth' ? one * count + other : other * count + one] = 1;
    }
  }
  return pairs;
}
