import { describe, expect, it } from 'vitest';
import { load, scenarioText } from './fake-dialect.ts';

describe('a sound scenario', () => {
  const { plan, mistakes, warnings } = load(scenarioText());

  it('gives a plan and nothing else', () => {
    expect(mistakes).toEqual([]);
    expect(warnings).toEqual([]);
    expect(plan).not.toBeNull();
  });
});
