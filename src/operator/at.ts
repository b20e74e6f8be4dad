/**
 * Which moment a person means: an offset, an ISO instant, `end`, or a reference to an entry's start or end, each with
 * `+ 5m` or `- 5m` behind it, as in scenarios. The plan has resolved all times but the ends of repairs: these are known from
 * a run only, which the caller is asked for.
 */
import { nearestName } from '../base/nearest.ts';
import { formatSpan } from '../base/human.ts';
import { parseInstant } from '../base/virtual-clock.ts';
import type { Result } from '../observe/result.ts';
import type { Plan } from '../scenario/plan.ts';
import { parseTime } from '../scenario/time-text.ts';
import type { TimeBase } from '../scenario/time-text.ts';
import { isUnitProblem } from '../scenario/units.ts';
import type { Refusal } from './ask.ts';
import { operatorMistake } from './mistake-codes.ts';

/**
 * The moment in µs; what happens at that microsecond belongs to it. `ran` runs the plan to its end.
 * @throws MistakeError O101 where there is no such moment
 */
export function momentMicros(plan: Plan, text: string, ran: () => Pick<Result, 'repairs'>): number {
  const micros = microsOrRefusal(plan, text, ran);
  if (typeof micros !== 'number') throw operatorMistake('O101', micros);
  return micros;
}

function microsOrRefusal(plan: Plan, text: string, ran: () => Pick<Result, 'repairs'>): number | Refusal {
  const expression = parseTime(text);
  if (isUnitProblem(expression)) return { message: expression.message, expected: expression.expected, found: text };
  if (expression.kind === 'draw') return { message: `"${text}" is not a moment`, expected: EXPECTED, found: text };
  const base = baseMicros(plan, expression.base, ran);
  if (typeof base !== 'number') return { ...base, found: text };
  const micros = base + expression.plus;
  const endMicros = plan.duration_micros + plan.settle_micros;
  if (micros >= 0 && micros <= endMicros) return micros;
  const message = micros < 0 ? `${text} is before the run` : `${text} is after the end of the run`;
  return {
    message,
    expected: `a moment from 0 to ${formatSpan(endMicros)}`,
    found: text,
    suggestion: micros < 0 ? '0s' : 'end',
  };
}

const EXPECTED = 'an offset such as 14m7s, an ISO instant, a reference such as repairs.by-hand.start + 5m, or end';

function baseMicros(plan: Plan, base: TimeBase, ran: () => Pick<Result, 'repairs'>): number | Refusal {
  if (base.kind === 'offset') return base.micros;
  if (base.kind === 'end') return plan.duration_micros + plan.settle_micros;
  if (base.kind === 'reference') return referenceMicros(plan, base, ran);
  const start = plan.start === null ? null : parseInstant(plan.start);
  if (start !== null) return base.epochMicros - start;
  return {
    message: 'an instant of a run that has no start',
    expected: 'an offset, or start: in the scenario',
    found: '',
  };
}

function referenceMicros(
  plan: Plan,
  { section, id, edge }: Extract<TimeBase, { kind: 'reference' }>,
  ran: () => Pick<Result, 'repairs'>,
): number | Refusal {
  if (section === 'workload') return workloadMicros(plan, id, edge);
  const full = `${section}.${id}`;
  const entries = plan.entries.filter((entry) => entry.id === full);
  if (entries.length === 0)
    return noEntry(
      `${full}.${edge}`,
      plan.entries.map((entry) => `${entry.id}.${edge}`),
    );
  const [entry] = entries;
  if (edge === 'start') return entry.at_micros;
  if (entry.kind === 'repair' || entry.kind === 'repairShards' || entry.kind === 'repairByHand') {
    const finished = ran().repairs[full]?.finished_micros;
    return finished ?? { message: `${full} does not end in this run`, expected: `${full}.start`, found: '' };
  }
  const lasts = 'for_micros' in entry ? entry.for_micros : 0;
  if (lasts !== null) return entry.at_micros + lasts;
  return { message: `${full} has no end`, expected: `${full}.start`, found: '' };
}

function workloadMicros(plan: Plan, id: string, edge: 'start' | 'end'): number | Refusal {
  const workloads = { ...plan.workload, ...plan.points };
  if (!Object.hasOwn(workloads, id))
    return noEntry(
      `workload.${id}.${edge}`,
      Object.keys(workloads).map((known) => `workload.${known}.${edge}`),
    );
  const { from_micros, until_micros } = workloads[id];
  return edge === 'start' ? from_micros : until_micros;
}

function noEntry(written: string, known: readonly string[]): Refusal {
  const nearest = nearestName(written, known);
  const expected =
    known.length === 0 ? 'an offset: the plan has no entries' : [...new Set(known)].slice(0, 8).join(' | ');
  return {
    message: `there is no ${written}`,
    expected,
    found: written,
    ...(nearest === null ? {} : { suggestion: nearest }),
  };
}
