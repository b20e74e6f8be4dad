/** What a claim says over many seeds, or of an order that no single expectation can name. */
import { describe, expect, it } from 'vitest';
import { readInput } from '../../src/cli/input.ts';
import { run } from '../../src/run/run.ts';
import { jsonOf, terminal } from './support.ts';

const BUDGET_MILLISECONDS = 300_000;

describe('C05 over seeds', () => {
  it(
    'streams 31.5 distinct partitions in the mean at depth 15',
    async () => {
      const streamed = await distinctPartitions('10');
      expect(streamed).toHaveLength(10);
      // 1 + 999 999 / 32 768, three deviations of the mean either way.
      expect(Math.abs(mean(streamed) - 31.5)).toBeLessThan((3 * 5.5) / Math.sqrt(10));
      const deviation = Math.sqrt(mean(streamed.map((count) => (count - 31.5) * (count - 31.5))));
      expect(deviation).toBeGreaterThan(3);
      expect(deviation).toBeLessThan(9);
    },
    BUDGET_MILLISECONDS,
  );

  it(
    'streams about two at depth 20',
    async () => {
      const streamed = await distinctPartitions('5', 'depth-20');
      // 1 + 999 999 / 1 048 576, with the deviation 0.98 of a leaf.
      expect(Math.abs(mean(streamed) - 1.95)).toBeLessThan((3 * 0.98) / Math.sqrt(5));
    },
    BUDGET_MILLISECONDS,
  );
});

describe('C08 in the trace', () => {
  it('finds ranges from left to right', () => {
    const file = 'scenarios/claims/c08-from-the-top-left-before-right.yaml';
    const { timeline } = run(readInput(file, terminal, { variant: 'five-missing' }).plan);
    const found = timeline.filter(({ name }) => name === 'rangeDiffered');
    const ordinals = found.map(({ detail }) => Number(/from partition (\d+)/.exec(detail)?.[1]));
    expect(ordinals).toHaveLength(5);
    expect(ordinals).toEqual([...ordinals].sort((left, right) => left - right));
  });
});

function distinctPartitions(...words: string[]): Promise<number[]> {
  return jsonOf('test/scenarios/many-seeds.ts', words);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
