/**
 * Could an expectation fail, and could it hold? Bounds are taken as one span of values and laid over those that the metric
 * can have: where all of them meet the bounds it can never fail, where none does it can never hold. A green line must mean
 * something. Which values a metric can have in a scenario: expect-range.ts.
 */
import type { PlacelessMistake } from './dialect-rules.ts';
import { BOUND_NAMES } from './expect-bounds.ts';
import type { MetricFacts } from './expect-bounds.ts';
import type { PlanBounds, PlanExpectation } from './plan.ts';

/** The values that a metric can have, both ends included. */
export interface ValueRange {
  metric: string;
  least: number;
  most: number;
  /** Only whole numbers. */
  isWhole: boolean;
  /** Why not more, as the end of a sentence; empty where its unit says it. */
  why: string;
}

export interface SenseFinding {
  bound: (typeof BOUND_NAMES)[number];
  says: PlacelessMistake;
  canFail: boolean;
}

/** Units of which there are only whole ones. */
const WHOLE_UNITS = ['copies', 'rows', 'count'];

/** What the unit alone says. */
export function rangeOf({ name, unit = '' }: MetricFacts): ValueRange {
  const least = name.includes('margin') ? -Infinity : 0;
  const most = unit === 'share' ? 1 : Infinity;
  return { metric: name, least, most, isWhole: WHOLE_UNITS.includes(unit), why: '' };
}

/** Null where some values of the range hold it and some break it. */
export function checkSense(
  { check, bounds }: Pick<PlanExpectation, 'check' | 'bounds'>,
  range: ValueRange,
): SenseFinding | null {
  const span = spanOf(bounds, range.isWhole);
  const always = meetsAll(span, bounds, range);
  if (!always && !meetsNone(span, bounds, range)) return null;
  const canFail = always === (check === 'never');
  const values = valuesText(range, isContradiction(span) ? 'no value meets all of its bounds' : null);
  const says = canFail
    ? {
        code: 'S143',
        message: `this expectation can never hold: ${values}`,
        expected: 'a bound that some run would meet',
      }
    : {
        code: 'S142',
        message: `this expectation can never fail: ${values}`,
        expected: 'a bound that some run would break',
      };
  return { bound: BOUND_NAMES.find((name) => name in bounds) ?? 'above', says, canFail };
}

function valuesText({ metric, least, most, why }: ValueRange, contradiction: string | null): string {
  if (contradiction !== null) return contradiction;
  const because = why === '' ? '' : `: ${why}`;
  if (least === most) return `${metric} is always ${least} here${because}`;
  if (most === Infinity) return `${metric} is never below ${least}${because}`;
  return `${metric} is always from ${least} to ${rounded(most)}${because}`;
}

function rounded(value: number): number {
  return value > 1 ? Math.round(value * 1000) / 1000 : value;
}

/** The values that meet the bounds, but for `not`. */
interface Span {
  low: number;
  high: number;
  /** Is the end itself left out? */
  isLowOpen: boolean;
  isHighOpen: boolean;
}

function spanOf({ above, below, is, between, near, within_share: share = 0 }: PlanBounds, isWhole: boolean): Span {
  const span: Span = { low: -Infinity, high: Infinity, isLowOpen: false, isHighOpen: false };
  if (between !== undefined) narrow(span, { from: between[0], to: between[1] });
  if (is !== undefined) narrow(span, { from: is, to: is });
  if (near !== undefined) narrow(span, { from: near - Math.abs(near) * share, to: near + Math.abs(near) * share });
  // Strict bounds leave their own value out.
  if (above !== undefined && above >= span.low) Object.assign(span, { low: above, isLowOpen: true });
  if (below !== undefined && below <= span.high) Object.assign(span, { high: below, isHighOpen: true });
  return isWhole ? wholeSpan(span) : span;
}

function narrow(span: Span, { from, to }: { from: number; to: number }): void {
  span.low = Math.max(span.low, from);
  span.high = Math.min(span.high, to);
}

/** From the first whole number to the last: `above: 3, below: 4` leaves none. */
function wholeSpan({ low, high, isLowOpen, isHighOpen }: Span): Span {
  const first = isLowOpen ? Math.floor(low) + 1 : Math.ceil(low);
  const last = isHighOpen ? Math.ceil(high) - 1 : Math.floor(high);
  return { low: first, high: last, isLowOpen: false, isHighOpen: false };
}

function isContradiction({ low, high, isLowOpen, isHighOpen }: Span): boolean {
  return low > high || (low === high && (isLowOpen || isHighOpen));
}

function meetsAll(span: Span, { not }: PlanBounds, { least, most }: ValueRange): boolean {
  if (not !== undefined && not >= least && not <= most) return false;
  return !isBelow(least, span) && !isAbove(most, span);
}

function meetsNone(span: Span, { not }: PlanBounds, { least, most }: ValueRange): boolean {
  const shared: Span = {
    low: Math.max(span.low, least),
    high: Math.min(span.high, most),
    isLowOpen: span.isLowOpen && span.low >= least,
    isHighOpen: span.isHighOpen && span.high <= most,
  };
  return isContradiction(shared) || (shared.low === shared.high && not === shared.low);
}

function isBelow(value: number, { low, isLowOpen }: Span): boolean {
  return value < low || (value === low && isLowOpen);
}

function isAbove(value: number, { high, isHighOpen }: Span): boolean {
  return value > high || (value === high && isHighOpen);
}
