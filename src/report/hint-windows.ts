/**
 * Until when the others keep hints for nodes that are away (cassandra.e4): each coordinator has its own window, from its own
 * settings, so that there may be a first and a last moment. Nothing where no other node keeps hints.
 */
import { formatSpan } from '../base/human.ts';
import type { Plan } from '../scenario/plan.ts';

/** The shortest and the longest window of those that stay, µs. */
export interface HintWindows {
  shortest: number;
  longest: number;
}

export function hintWindowsOfOthers(plan: Plan, away: readonly string[]): HintWindows | null {
  let shortest = Infinity;
  let longest = -Infinity;
  for (const { id, settings: own = {} } of plan.nodes) {
    if (away.includes(id)) continue;
    const { max_hint_window: window, hinted_handoff_enabled: isEnabled } = { ...plan.settings, ...own };
    if (typeof window !== 'number' || isEnabled === false) continue;
    shortest = Math.min(shortest, window);
    longest = Math.max(longest, window);
  }
  return longest < 0 ? null : { shortest, longest };
}

/** `max_hint_window 3 h`, or `max_hint_window 1 h to 3 h, by node`. */
export function windowText({ shortest, longest }: HintWindows): string {
  const span =
    shortest === longest ? formatSpan(longest) : `${formatSpan(shortest)} to ${formatSpan(longest)}, by node`;
  return `max_hint_window ${span}`;
}
