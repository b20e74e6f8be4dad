/**
 * Max-min fair rates by progressive filling: the rates of a set of jobs rise together until a resource is full or a job
 * has reached its own cap; those jobs stay at that rate and the others rise on. The result is the one allocation in
 * which no job can get more without taking from a job that has no more than it. Pure arithmetic (+ - * / and
 * comparisons); knows no time. `fluid.ts` calls it with one connected set of jobs.
 */

/** One job's demand: the resources it uses, all at one rate, and its own cap (Infinity = none). */
export interface Demand {
  readonly resources: readonly number[];
  readonly cap: number;
  /** Result: bytes per second. */
  rate: number;
}

/** Sets `rate` of every demand. `capacityOf` is bytes per second by resource number; demands are in a fixed order. */
export function shareFairly(demands: readonly Demand[], capacityOf: ArrayLike<number>): void {
  const left = new Map<number, { capacity: number; users: number }>();
  for (const demand of demands) {
    for (const resource of demand.resources) {
      const entry = left.get(resource);
      if (entry === undefined) left.set(resource, { capacity: capacityOf[resource], users: 1 });
      else entry.users += 1;
    }
  }
  let open = [...demands];
  while (open.length > 0) {
    const level = nextLevel(open, left);
    // `level` is the least of these very numbers, so it fixes at least one job and the loop ends.
    const isFixed = (demand: Demand): boolean =>
      demand.cap <= level || demand.resources.some((resource) => shareOf(left, resource) <= level);
    const fixed = open.filter(isFixed);
    open = open.filter((demand) => !isFixed(demand));
    for (const demand of fixed) {
      demand.rate = level;
      take(left, demand, level);
    }
  }
}

interface Remaining {
  capacity: number;
  users: number;
}

function shareOf(left: ReadonlyMap<number, Remaining>, resource: number): number {
  const entry = left.get(resource);
  return entry === undefined ? Infinity : entry.capacity / entry.users;
}

/** The rate at which the first open demand stops rising. */
function nextLevel(open: readonly Demand[], left: ReadonlyMap<number, Remaining>): number {
  let level = Infinity;
  for (const demand of open) {
    if (demand.cap < level) level = demand.cap;
    for (const resource of demand.resources) level = Math.min(level, shareOf(left, resource));
  }
  return level;
}

function take(left: Map<number, Remaining>, demand: Demand, rate: number): void {
  for (const resource of demand.resources) {
    const entry = left.get(resource);
    if (entry === undefined) continue;
    entry.users -= 1;
    // Infinity - Infinity would be NaN; an unlimited resource stays unlimited. Rounding must not leave it negative.
    if (entry.capacity !== Infinity) entry.capacity = Math.max(0, entry.capacity - rate);
  }
}
