/**
 * Could an expectation of order fail, and could it hold? Faults begin when the plan says, if they do at all, and end then or
 * later (another fault may still hold the node); everything else only the run decides.
 */
import type { PlacelessMistake } from './dialect-rules.ts';
import { isWithin } from './impossible-causes.ts';
import type { PlanParts } from './impossible-causes.ts';
import type { Path } from './places.ts';
import type { PlanEntry } from './plan.ts';

interface Known {
  /** Not before. */
  earliest: number;
  /** The moment, if it happens. */
  exact: number | null;
}

/** What can be said before the run; null where it may go either way. */
export function checkOrderSense(
  plan: PlanParts,
  events: readonly string[],
): { says: PlacelessMistake; at: Path; canFail: boolean } | null {
  const known = events.map((event) => knownOf(plan, event));
  const endMicros = plan.duration_micros + plan.settle_micros;
  for (const [index, event] of known.entries()) {
    const isLate = event !== null && event.earliest > endMicros;
    const isEarly = known.slice(0, index).some((other) => isAfter(other, event));
    if (!isLate && !isEarly) continue;
    const why = isLate ? 'lies after the end of the run' : 'comes before what stands before it';
    const message = `this expectation can never hold: ${events[index]} ${why}`;
    const expected = 'events in an order in which they can happen';
    return { says: { code: 'S143', message, expected }, at: ['events', index], canFail: true };
  }
  // One fault alone begins and ends as it is written, whatever happens.
  const isAlone = plan.entries.length === 1 && plan.entries.every((entry) => isWithin(plan, entry));
  if (!isAlone || !known.every((event) => event !== null && event.earliest < endMicros)) return null;
  const message = 'this expectation can never fail: the scenario itself puts its events in this order';
  const expected = 'at least one event that the run decides';
  return { says: { code: 'S142', message, expected }, at: ['events'], canFail: false };
}

function isAfter(other: Known | null, event: Known | null): boolean {
  return other !== null && event !== null && event.exact !== null && event.exact < other.earliest;
}

/** Of a fault whose time is in the plan; null for all else. */
function knownOf({ entries }: PlanParts, event: string): Known | null {
  const [, id = '', edge = 'start'] = /^(faults\.[a-z0-9-]+)(?:\.(start|end))?$/.exec(event) ?? [];
  const named = entries.filter((entry) => entry.id === id);
  if (named.length === 0 || named.some(({ kind }) => kind === 'cutBatch')) return null;
  const start = Math.min(...named.map(({ at_micros: at }) => at));
  if (edge === 'start') return { earliest: start, exact: start };
  const ends = named.map(endOf);
  return ends.includes(null) ? null : { earliest: Math.min(...ends.map(Number)), exact: null };
}

function endOf(entry: PlanEntry): number | null {
  return 'for_micros' in entry && entry.for_micros !== null ? entry.at_micros + entry.for_micros : null;
}
