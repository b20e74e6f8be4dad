/** Bounds of an expectation: their numbers in the metric's unit, and whether they could fail and could hold. */
import type { Drafting } from './drafting.ts';
import type { Path } from './places.ts';
import type { PlanBounds } from './plan.ts';
import type { ScenarioExpectation } from './schema/scenario.ts';
import type { Dimension } from './units.ts';

/** What the reader needs to know of a metric. */
export interface MetricFacts {
  name: string;
  unit?: string;
  /** Members of `where` that it accepts. */
  where?: readonly string[];
}

type Measured = Exclude<ScenarioExpectation, { check: 'order' }>;
type Quantity = { value: number; dimension: Dimension };

const NAMES = ['above', 'below', 'is', 'not', 'between', 'near'] as const;

/** Null after a mistake. */
export function boundsOf(
  drafting: Drafting,
  { expectation, metric, path }: { expectation: Measured; metric: MetricFacts; path: Path },
): PlanBounds | null {
  const { list } = drafting;
  const given = NAMES.filter((name) => expectation[name] !== undefined);
  if (given.length === 0) {
    list.add(path, { code: 'S144', message: 'an expectation needs a bound', expected: `one of ${NAMES.join(', ')}` });
    return null;
  }
  const bounds: PlanBounds = {};
  let sound = true;
  for (const name of given) {
    const value = expectation[name];
    const pair = Array.isArray(value) ? value : [value as Quantity];
    const numbers = pair.map((quantity) => inUnitOf(drafting, { quantity, metric, path: [...path, name] }));
    sound &&= numbers.every((number) => number !== null);
    if (name === 'between') bounds.between = [numbers[0] ?? 0, numbers[1] ?? 0];
    else bounds[name] = numbers[0] ?? 0;
  }
  if (bounds.between !== undefined && bounds.between[0] > bounds.between[1]) {
    list.add([...path, 'between'], {
      code: 'S117',
      message: 'the least lies above the most',
      expected: '[least, most]',
    });
    sound = false;
  }
  return sound ? withTolerance(drafting, { bounds, expectation, path }) : null;
}

function withTolerance(
  { list }: Drafting,
  { bounds, expectation, path }: { bounds: PlanBounds; expectation: Measured; path: Path },
): PlanBounds | null {
  const { within, check } = expectation;
  const share = within !== undefined && 'share' in within ? within.share : undefined;
  if (bounds.near !== undefined && share === undefined) {
    list.add(path, {
      code: 'S144',
      message: 'near needs a tolerance',
      expected: check === 'eventually' ? 'between: [least, most], since within is the deadline here' : 'within: 5%',
    });
    return null;
  }
  if (bounds.near === undefined && share !== undefined) {
    list.add([...path, 'within'], { code: 'S144', message: 'a tolerance needs near', expected: 'near: the value' });
    return null;
  }
  if (within !== undefined && 'micros' in within && check !== 'eventually') {
    list.add([...path, 'within'], {
      code: 'S144',
      message: `a deadline stands only with check: eventually`,
      expected: 'check: eventually, or a percentage with near',
    });
    return null;
  }
  return share === undefined ? bounds : { ...bounds, within_share: share };
}

/** The number in the metric's unit: durations are seconds for a metric of seconds, µs elsewhere. */
function inUnitOf(
  { list }: Drafting,
  { quantity, metric, path }: { quantity: Quantity; metric: MetricFacts; path: Path },
): number | null {
  const { value, dimension } = quantity;
  const { unit } = metric;
  const fits: Record<Dimension, readonly string[]> = {
    number: [],
    bytes: ['bytes'],
    micros: ['seconds', 'micros'],
    share: ['share', 'ratio'],
  };
  if (dimension === 'number' || value === 0 || unit === undefined || fits[dimension].includes(unit))
    return unit === 'seconds' && dimension === 'micros' ? value / 1e6 : value;
  list.add(path, {
    code: 'S127',
    message: `${metric.name} is measured in ${unit}`,
    expected:
      unit === 'bytes'
        ? 'a size such as 400GB, or a number'
        : unit === 'seconds'
          ? 'a duration such as 12h, or a number'
          : 'a number such as 0 or 1M',
  });
  return null;
}

/** Refuses bounds that every value meets (it cannot fail) or that none does (it cannot hold). */
export function checkSense(
  { list }: Drafting,
  { check, bounds, metric, path }: { check: Measured['check']; bounds: PlanBounds; metric: MetricFacts; path: Path },
): boolean {
  const least = metric.name.includes('margin') ? -Infinity : 0;
  const most = metric.unit === 'share' ? 1 : Infinity;
  const always = meetsAll(bounds, least, most);
  const never = meetsNone(bounds, least, most);
  const cannotFail = check === 'never' ? never : always;
  const cannotHold = check === 'never' ? always : never;
  const bound = [...path, NAMES.find((name) => name in bounds) ?? 'above'];
  if (cannotFail)
    list.add(bound, {
      code: 'S142',
      message: `this expectation can never fail: ${metric.name} is ${check === 'never' ? 'never' : 'always'} so`,
      expected: 'a bound that some run would break',
    });
  else if (cannotHold)
    list.add(bound, {
      code: 'S143',
      message: `this expectation can never hold: ${metric.name} is ${check === 'never' ? 'always' : 'never'} so`,
      expected: 'a bound that some run would meet',
    });
  return !cannotFail && !cannotHold;
}

/** Does every value from `least` to `most` meet all bounds? */
function meetsAll({ above, below, is, not, between, near }: PlanBounds, least: number, most: number): boolean {
  if (above !== undefined && !(least > above)) return false;
  if (below !== undefined && !(most < below) && below !== Infinity) return false;
  if (is !== undefined || near !== undefined) return false;
  if (not !== undefined && not >= least && not <= most) return false;
  return between === undefined || (between[0] <= least && between[1] >= most);
}

/** Does no value from `least` to `most` meet all bounds? */
function meetsNone({ above, below, is, between, near }: PlanBounds, least: number, most: number): boolean {
  const [low, high] = between ?? [least, most];
  if (high < least || low > most) return true;
  // Strict bounds exclude their own value.
  if (above !== undefined && above >= Math.min(most, high)) return true;
  if (below !== undefined && below <= Math.max(least, low, above ?? least)) return true;
  const outside = is !== undefined && (is < least || is > most);
  return outside || (near !== undefined && near < least);
}
