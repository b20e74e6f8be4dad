/** A trace record in words, with the names of its plan: when, what, on which node, and why or how. */
import { VirtualClock } from '../base/virtual-clock.ts';
import { CAUSES, OUTCOMES, STATES, VIAS } from '../data/causes.ts';
import { causeOf, originOf, outcomeOf, stateOf, viaOf, withoutState } from '../data/fate.ts';
import type { PlanNames } from '../observe/counters-reader.ts';
import type { Plan } from '../scenario/plan.ts';
import type { RecordShown } from './first-difference.ts';

/** The clock that a run of the plan is told by. */
export function clockOf(plan: Plan): VirtualClock {
  return new VirtualClock(plan.start, plan.duration_micros + plan.settle_micros);
}

/** `01:30:18  missed on n6: hint window passed, latent, from faults.n6-away` */
export function recordText(record: RecordShown, names: PlanNames, clock: VirtualClock): string {
  const { at_micros: at, name, node } = record;
  const detail = DETAILS.get(name)?.(record.operands, names) ?? '';
  const second = Math.floor(at / 1e6) * 1e6;
  const on = names.nodes[node] ?? `node ${node}`;
  return `${clock.moment(second)}  ${wordsOf(name)} on ${on}${detail === '' ? '' : `: ${detail}`}`;
}

type Operands = RecordShown['operands'];

const DETAILS: ReadonlyMap<string, (operands: Operands, names: PlanNames) => string> = new Map([
  ['missed', ([, , detail], names) => fateText(detail, names)],
  ['reverted', ([, , detail], names) => fateText(withoutState(detail), names)],
  ['applied', ([, , detail]) => `by ${wordsOf(VIAS[viaOf(detail)] ?? '')}`],
  ['answered', ([, , detail]) => wordsOf(OUTCOMES[outcomeOf(detail)] ?? '')],
  ['rejected', ([, , detail]) => wordsOf(OUTCOMES[outcomeOf(detail)] ?? '')],
]);

/** A fate in words. */
export function fateText(fate: number, names: PlanNames): string {
  const state = stateOf(fate);
  const origin = originOf(fate);
  const parts = [wordsOf(CAUSES[causeOf(fate)] ?? 'unknown')];
  if (state > 0) parts.push(wordsOf(STATES[state]));
  if (origin > 0) parts.push(`from ${names.origins[origin] ?? origin}`);
  return parts.join(', ');
}

/** `hint_window_passed` and `hintStored` as words. */
export function wordsOf(name: string): string {
  return name.replaceAll('_', ' ').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
