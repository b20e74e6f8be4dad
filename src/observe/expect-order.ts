/**
 * Expectations of order: things that must first happen in the order given. A thing is a trace record's name
 * (`validationStarted`), a plan entry (`faults.rack-r2`, its `.start` or `.end`), or a condition on a metric
 * (`zombie_copies > 0`), which happens at the first instant at which it is true.
 */
import type { PlanBounds } from '../scenario/plan.ts';
import type { Watch } from './expect-watch.ts';
import type { Moment, Timeline } from './timeline.ts';

export interface OrderCondition {
  metric: string;
  bounds: PlanBounds;
}

const CONDITION = /^\s*([a-z_]+)\s*(>|<|=)\s*([0-9][0-9_]*(?:\.[0-9]+)?)\s*([kMGT]?)\s*$/;
const SCALE: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/** `zombie_copies > 0` as a condition; null where the text is none. */
export function parseOrderCondition(text: string): OrderCondition | null {
  const match = CONDITION.exec(text);
  if (match === null) return null;
  const [, metric = '', sign, digits = '', unit = ''] = match;
  const value = Number(digits.replaceAll('_', '')) * SCALE[unit];
  return { metric, bounds: sign === '>' ? { above: value } : sign === '<' ? { below: value } : { is: value } };
}

/** First moment of one of the events; null if it never happened. `watches` by the text of the condition. */
export function firstMoment(text: string, timeline: Timeline, watches: ReadonlyMap<string, Watch>): Moment | null {
  const watch = watches.get(text);
  if (watch !== undefined)
    return watch.seen.firstMet === null ? null : { micros: watch.seen.firstMet.micros, order: Infinity };
  return timeline.first(text) ?? timeline.first(`${text}.start`);
}

export interface OrderFinding {
  holds: boolean;
  /** Index of the first event that is missing or too early; -1 where all are in order. */
  at: number;
  moments: (Moment | null)[];
}

/** Each must come after the one before it: later, or in the same microsecond but recorded later. */
export function judgeOrder(moments: (Moment | null)[]): OrderFinding {
  for (let index = 0; index < moments.length; index++) {
    const moment = moments[index];
    if (moment === null) return { holds: false, at: index, moments };
    const before = index === 0 ? null : moments[index - 1];
    if (before !== null && before !== undefined && !isAfter(moment, before))
      return { holds: false, at: index, moments };
  }
  return { holds: true, at: -1, moments };
}

function isAfter(moment: Moment, before: Moment): boolean {
  return moment.micros > before.micros || (moment.micros === before.micros && moment.order >= before.order);
}
