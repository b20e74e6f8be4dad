/** Bounds of an expectation: their numbers in the metric's unit. Whether they could fail and could hold: expect-sense.ts. */
import type { Drafting } from './drafting.ts';
import type { Path } from './places.ts';
import type { PlanBounds } from './plan.ts';
import type { ScenarioExpectation } from './schema/scenario.ts';
import type { Dimension } from './units.ts';

/** What the reader needs to know of a metric. */
export interface MetricFacts {
  name: string;
  unit?: string;
  /** A level has a value at every moment, a total rises with time, a final is known at the end. */
  kind?: string;
  /** Read from the ledgers of repairs: no value while none has started. */
  ofRepair?: boolean;
  /** Read from the ledgers of changes of topology, likewise. */
  ofTopology?: boolean;
  /** Members of `where` that it accepts. */
  where?: readonly string[];
}

type Measured = Exclude<ScenarioExpectation, { check: 'order' }>;
type Quantity = { value: number; dimension: Dimension };

export const BOUND_NAMES = ['above', 'below', 'is', 'not', 'between', 'near'] as const;

/** Null after a mistake. */
export function boundsOf(
  drafting: Drafting,
  { expectation, metric, path }: { expectation: Measured; metric: MetricFacts; path: Path },
): PlanBounds | null {
  const { list } = drafting;
  const given = BOUND_NAMES.filter((name) => expectation[name] !== undefined);
  if (given.length === 0) {
    list.add(path, {
      code: 'S144',
      message: 'an expectation needs a bound',
      expected: `one of ${BOUND_NAMES.join(', ')}`,
    });
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
        : unit === 'seconds' || unit === 'micros'
          ? 'a duration such as 12h, or a number'
          : unit === 'share'
            ? 'a share such as 50% or 0.5'
            : 'a number such as 0 or 1M',
  });
  return null;
}
