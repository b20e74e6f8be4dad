/**
 * The last operand of records about copies, taken apart and put together: fates (cause | state << 6 | origin << 8), arrivals
 * (via | origin << 8) and what a client was told (outcome | attempt << 8). Which record has which is said in records.ts.
 */
import { STATE } from './causes.ts';
import { APPLIED_ONE_SLOT } from './records.ts';

const CAUSE_MASK = 63;
const STATE_SHIFT = 6;
const STATE_MASK = 3;
const ORIGIN_SHIFT = 8;
const OUTCOME_MASK = 255;
const VIA_MASK = APPLIED_ONE_SLOT - 1;
/** Cause and state of a fate, or all of an arrival but its origin. */
const BELOW_ORIGIN = (1 << ORIGIN_SHIFT) - 1;

export function causeOf(fate: number): number {
  return fate & CAUSE_MASK;
}

export function stateOf(fate: number): number {
  return (fate >> STATE_SHIFT) & STATE_MASK;
}

/** Of a fate or an arrival: the plan entry behind it, 0 where there is none. */
export function originOf(detail: number): number {
  return detail >>> ORIGIN_SHIFT;
}

/** How an arrival came. */
export function viaOf(detail: number): number {
  return detail & VIA_MASK;
}

export function outcomeOf(detail: number): number {
  return detail & OUTCOME_MASK;
}

/** The fate of a copy that nothing will heal by itself. */
export function latentFate(cause: number, origin = 0): number {
  return cause | (STATE.latent << STATE_SHIFT) | (origin << ORIGIN_SHIFT);
}

export function withoutState(fate: number): number {
  return fate & ~(STATE_MASK << STATE_SHIFT);
}

export function withOrigin(detail: number, origin: number): number {
  return (detail & BELOW_ORIGIN) | (origin << ORIGIN_SHIFT);
}
