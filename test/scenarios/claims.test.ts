/** What a claim says over many seeds, or of an order that no single expectation can name. */
import { describe, expect, it } from 'vitest';
import { runScenario } from './support.ts';

const C05 = 'scenarios/claims/c05-one-damaged-partition-of-a-million.yaml';
const C08 = 'scenarios/claims/c08-from-the-top-left-before-right.yaml';

describe('C05 over seeds', () => {
  it('streams 31.5 distinct partitions in the mean at depth 15', () => {
    const streamed = seeds(20).map((seed) => distinctPartitions({ seed }));
    // 1 + 999 999 / 32 768, three deviations of the mean either way.
    expect(Math.abs(mean(streamed) - 31.5)).toBeLessThan((3 * 5.5) / Math.sqrt(20));
    const deviation = Math.sqrt(mean(streamed.map((count) => (count - 31.5) ** 2)));
    expect(deviation).toBeGreaterThan(3);
    expect(deviation).toBeLessThan(9);
  }, 300_000);

  it('streams about two at depth 20', () => {
    const streamed = seeds(8).map((seed) => distinctPartitions({ seed, variant: 'depth-20' }));
    // 1 + 999 999 / 1 048 576, with the deviation 0.98 of a leaf.
    expect(Math.abs(mean(streamed) - 1.95)).toBeLessThan((3 * 0.98) / Math.sqrt(8));
  }, 300_000);
});

describe('C08 in the trace', () => {
  it('finds ranges from left to right, after a walk from the top', () => {
    const { timeline } = runScenario(C08, { variant: 'five-missing' });
    const found = timeline.filter(({ name }) => name === 'rangeDiffered');
    const ordinals = found.map(({ detail }) => Number(/from partition (\d+)/.exec(detail)?.[1]));
    expect(ordinals).toHaveLength(5);
    expect(ordinals).toEqual([...ordinals].sort((left, right) => left - right));
  });
});

function seeds(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `seed ${index + 1}`);
}

function distinctPartitions(options: { seed: string; variant?: string }): number {
  return runScenario(C05, options).result.repairs['repairs.subrange'].distinct_partitions;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
