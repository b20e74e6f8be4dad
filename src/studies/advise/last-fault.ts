/** The moment at which advice is asked for where nobody says another: the last fault is over, and people look at it. */
import type { Plan } from '../../scenario/plan.ts';

/** The end of the run where there is no fault, or one of them outlasts it. */
export function lastFault(plan: Plan): { micros: number; called: string | null } {
  const { entries, duration_micros: duration, settle_micros: settle } = plan;
  const end = { micros: duration + settle, called: null };
  let last: { micros: number; called: string | null } | null = null;
  for (const entry of entries) {
    if (!entry.id.startsWith('faults.')) continue;
    const lasts = 'for_micros' in entry ? entry.for_micros : 0;
    const micros = lasts === null ? Infinity : entry.at_micros + lasts;
    if (last === null || micros > last.micros)
      last = { micros, called: `${entry.id}.${lasts === 0 ? 'start' : 'end'}` };
  }
  return last === null || last.micros > end.micros ? end : last;
}
