import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { scenarioFiles } from '../../src/cli/discover.ts';
import { readInput } from '../../src/cli/input.ts';
import { judge } from '../../src/cli/judge.ts';
import { ROOT, terminal } from './support.ts';

const FILES = scenarioFiles(terminal, ['scenarios']);
/** Wall time of a scenario with all its variants, with much room for a busy machine. */
const BUDGET_MILLISECONDS = 120_000;

describe('every scenario', () => {
  it.each(FILES)(
    '%s holds, and each of its expectations can be broken',
    (file) => {
      const { status, complaints, mistakes, bug, expectations } = judge(file, terminal, { prove: true, quiet: true });
      expect({ status, complaints, mistakes, bug }).toEqual({
        status: 'held',
        complaints: [],
        mistakes: [],
        bug: null,
      });
      expect(expectations).toBeGreaterThan(0);
    },
    BUDGET_MILLISECONDS,
  );

  it.each(FILES)('%s has a story and no warnings', (file) => {
    const { plan, warnings } = readInput(file, terminal);
    expect(warnings).toEqual([]);
    expect(plan.story.length).toBeGreaterThan(50);
  });
});

describe('the index', () => {
  const index = readFileSync(`${ROOT}scenarios/README.md`, 'utf8');

  it.each(FILES)('names %s', (file) => {
    expect(index).toContain(`(${file.replace('scenarios/', '')})`);
  });

  it('names no file that does not exist', () => {
    const named = [...index.matchAll(/\(([^()]+[.]yaml)\)/g)].map(([, path]) => `scenarios/${path}`);
    expect(named.filter((path) => !FILES.includes(path))).toEqual([]);
  });
});

describe('the claims of version 0.1', () => {
  const CLAIMS = 'c01 c02 c03 c05 c07 c08 c09 c10 c13 c22 c26 c27 c28 c29 c35 c39'.split(' ');

  it.each(CLAIMS)('%s has its scenario', (claim) => {
    expect(FILES.filter((file) => file.startsWith(`scenarios/claims/${claim}-`))).toHaveLength(1);
  });
});
