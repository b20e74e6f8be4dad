/** Whether a distribution of latencies makes sense: by the limits under which the kernel can draw from it. */
import { DURATION_MAX_MICROS } from '../kernel/distributions.ts';
import { percent, sumsToOne } from './draft-shares.ts';
import type { Path } from './places.ts';
import type { PlanDistribution } from './plan.ts';

export interface Nonsense {
  code?: 'S156';
  /** The member of the distribution as a plan names it. */
  member: Path;
  message: string;
  expected: string;
}

/** Null where it makes sense. */
export function nonsenseOf(given: PlanDistribution): Nonsense | null {
  if (given.kind === 'mixture') return nonsenseOfMixture(given);
  for (const [name, value] of Object.entries(given)) {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    const index = name === 'shape' ? -1 : values.findIndex((each) => typeof each === 'number' && !isDuration(each));
    if (index >= 0) {
      const member = Array.isArray(value) ? [name, index] : [name];
      return { member, message: 'a latency that cannot be', expected: 'from 0 to 8.9 years' };
    }
  }
  if (given.kind === 'uniform' && given.min > given.max)
    return { member: ['max'], message: 'the least lies above the most', expected: 'the least first' };
  if (given.kind === 'pareto' && !(given.shape > 0 && 1 / given.shape <= DURATION_MAX_MICROS))
    return {
      member: ['shape'],
      message: 'the shape of a Pareto distribution is above 0',
      expected: 'a number above 0',
    };
  return null;
}

function nonsenseOfMixture({ offset = 0, parts }: Extract<PlanDistribution, { kind: 'mixture' }>): Nonsense | null {
  if (!isDuration(offset))
    return { member: ['offset'], message: 'a latency that cannot be', expected: 'from 0 to 8.9 years' };
  for (const [index, { share, of }] of parts.entries()) {
    if (!(share >= 0 && share <= 1))
      return { member: ['parts', index, 'share'], message: 'a share that is none', expected: 'from 0 to 1' };
    const wrong = nonsenseOf(of);
    if (wrong !== null) return { ...wrong, member: ['parts', index, 'of', ...wrong.member] };
  }
  const sum = parts.reduce((total, { share }) => total + share, 0);
  if (sumsToOne(sum)) return null;
  const message = `the shares of a mixture sum to ${percent(sum)}`;
  return { code: 'S156', member: ['parts'], message, expected: 'shares that sum to 100 %' };
}

function isDuration(micros: number): boolean {
  return micros >= 0 && micros <= DURATION_MAX_MICROS;
}
